"""How good the embedded model is: next tokens, rests of lines, keys saved, calibration, time."""
