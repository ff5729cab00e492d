"""The settings of `[pace]`, by a person and by a workspace."""

from __future__ import annotations

from tests.settings.example import user

from firsthand.core.pace import Pace
from firsthand.settings.sources import with_workspace


def test_a_pace_that_can_not_be_read_is_named() -> None:
    for text in (
        'quiet_hours = ["25:00-1:00"]',
        'learning = ["src/here"]',
        "learning_pause_s = -1",
    ):
        loaded = user(f"[pace]\n{text}")
        assert str(loaded.faults[0]).startswith("config.toml: pace.")
        assert loaded.settings.pace == Pace()
        assert loaded.remote_allowed


def test_a_workspace_slows_down() -> None:
    own = user('[pace]\nlearning = ["go"]\nlearning_pause_s = 5\nquiet_hours = ["22:00-07:00"]')
    text = '[pace]\nlearning = ["rust"]\nlearning_pause_s = 9\nquiet_hours = ["12:00-13:00"]'
    loaded = with_workspace(own, text, ".firsthand.toml")
    assert not loaded.faults
    assert loaded.settings.pace.learning == {"go", "rust"}
    assert loaded.settings.pace.learning_pause_s == 9
    assert loaded.settings.pace.quiet_hours == ("22:00-07:00", "12:00-13:00")
    asked = with_workspace(own, "[pace]\nlearning_pause_s = 0", ".firsthand.toml")
    assert asked.settings.pace.learning_pause_s == 0
    faster = with_workspace(own, "[pace]\nlearning_pause_s = 1", ".firsthand.toml")
    assert faster.settings.pace == own.settings.pace
    assert "pace.learning_pause_s would loosen your own setting" in str(faster.faults[0])
