"""Multiplying with numpy, in parts too small for the threads of its library."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# A product of more multiplications than this makes OpenBLAS wake its threads, which costs more than
# it saves, most of all on a busy machine.
_ALONE = 250_000


def product(rows: Floats, weights: Floats) -> Floats:
    """(rows, outside) Rows times weights.

    Args:
        rows: (rows, inside).
        weights: (inside, outside).
    """
    made = np.empty((len(rows), weights.shape[1]), np.float32)
    block = max(1, _ALONE // weights.size)
    for at in range(0, len(rows), block):
        np.matmul(rows[at : at + block], weights, made[at : at + block])
    return made
