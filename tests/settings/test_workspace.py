"""The workspace's file: it tightens, and nothing it holds loosens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.settings.example import EXAMPLE, user

from firsthand.settings import Budget, Loaded
from firsthand.settings.sources import with_editor, with_workspace


def tightened(text: str) -> Loaded:
    return with_workspace(user(EXAMPLE), text, ".firsthand.toml")


def test_a_workspace_tightens() -> None:
    loaded = tightened(
        """
        local_only = true
        [inline]
        enabled = false
        trigger = "manual"
        aggression = 0.1
        max_lines = 1
        languages_off = ["c"]
        [privacy]
        ignore = ["private/**"]
        [budget]
        day_usd = 1
        month_usd = 0
        """
    )
    assert loaded.faults == ()
    tuning = loaded.settings.tuning
    assert (tuning.enabled, tuning.trigger) == (False, "manual")
    assert (tuning.aggression, tuning.max_lines) == (0.1, 1)
    assert tuning.languages_off == {"c", "markdown"}
    assert loaded.settings.privacy.ignore == ("secrets/**", "private/**")
    assert loaded.settings.budget == Budget(1.0, 0.0)
    assert [model.name for model in loaded.inline_models] == ["local"]
    assert loaded.remote_allowed


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[inline]\naggression = 0.9", "inline.aggression would loosen your own setting"),
        ("[inline]\nmax_lines = 7", "inline.max_lines would loosen your own setting"),
        ("[budget]\nday_usd = 2", "budget.day_usd would loosen your own setting"),
        ("[budget]\nmonth_usd = 16", "budget.month_usd would loosen your own setting"),
        ('[privacy]\nignore = ["!a"]', 'privacy.ignore holds a pattern with "!"'),
        ('[privacy]\nignore = [" !a"]', 'privacy.ignore holds a pattern with "!"'),
        ("[privacy]\nredact = false", "privacy.redact is refused: a workspace may not set it"),
        ("[privacy]\nkeep_sent_days = 0", "privacy.keep_sent_days is refused: a workspace may not"),
        ("[inline]\nmodels = []", "inline.models is refused: a workspace may not set it"),
        ("[inline]\ndiscover = true", "inline.discover is refused: a workspace may not set it"),
        ("[inline]\nembedded = false", "inline.embedded is refused: a workspace may not set it"),
        ("[inline]\npatience_ms = 9", "inline.patience_ms is refused: a workspace may not set it"),
        ('[models.x]\nurl = "http://e"', "models is refused: a workspace may not set it"),
        ("[escalation]", "escalation is refused: a workspace may not set it"),
        ("[inline]\nmax_lines = 99", "inline.max_lines must be a whole number from 1 to 50"),
    ],
)
def test_a_workspace_may_do_nothing_else(text: str, key: str) -> None:
    loaded = tightened(text)
    (fault,) = loaded.faults
    assert str(fault).startswith(f".firsthand.toml: {key}")
    assert loaded.settings == user(EXAMPLE).settings
    assert loaded.remote_allowed


def test_a_workspace_may_repeat_what_holds_already() -> None:
    same = tightened(
        'local_only = false\n[inline]\nenabled = true\ntrigger = "auto"\nmax_lines = 6'
    )
    assert same == user(EXAMPLE)


@pytest.mark.parametrize(
    "text",
    [
        "x = ",
        'local_only = "yes"',
        "[privacy]\nignore = 3",
        "[budget]\nday_usd = -1",
        "budget = 1",
        "[privacy]\nlocal_only = true",
        "[inline]\nlocal_only = true",
        "a = " + "[" * 20_000,
        "#" * 70_000,
    ],
)
def test_a_restriction_that_cannot_be_read_leaves_the_embedded_model(text: str) -> None:
    loaded = tightened(text)
    (fault,) = loaded.faults
    assert str(fault).endswith("; until then only the embedded model is used.")
    assert loaded.settings == user(EXAMPLE).settings
    assert loaded.inline_models == ()


_LINES = st.lists(
    st.sampled_from(
        [
            "[inline]",
            "[budget]",
            "[privacy]",
            "[models.m]",
            'models = ["m"]',
            'provider = "llamacpp"',
            'url = "http://evil"',
            "enabled = true",
            'trigger = "auto"',
            "aggression = 0.9",
            "aggression = 0.1",
            "max_lines = 50",
            "max_lines = 2",
            "day_usd = 100",
            "day_usd = 1",
            "month_usd = 100",
            'ignore = ["!secrets/**", "x"]',
            "redact = false",
            "local_only = false",
            "local_only = true",
            "languages_off = []",
        ]
    ),
    max_size=8,
)


@given(_LINES)
def test_a_workspace_never_loosens(lines: list[str]) -> None:
    before = with_editor(user(EXAMPLE), {"trigger": "manual", "enabled": False})
    after = with_workspace(before, "\n".join(lines), ".firsthand.toml")
    old, new = before.settings, after.settings
    assert not new.tuning.enabled
    assert new.tuning.trigger == "manual"
    assert new.tuning.aggression <= old.tuning.aggression
    assert new.tuning.max_lines <= old.tuning.max_lines
    assert new.tuning.languages_off >= old.tuning.languages_off
    assert new.budget.day_usd <= old.budget.day_usd
    assert new.budget.month_usd <= old.budget.month_usd
    assert new.privacy.ignore[: len(old.privacy.ignore)] == old.privacy.ignore
    assert not any(pattern.startswith("!") for pattern in new.privacy.ignore)
    assert new.privacy.redact
    assert (new.models, new.inline_models) == (old.models, old.inline_models)
