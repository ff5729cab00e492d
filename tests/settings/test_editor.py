"""The editor's section: it tunes, and nothing it sends reaches further."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.settings.example import EXAMPLE, user

from firsthand.core.snapshot import Tuning
from firsthand.settings import Loaded
from firsthand.settings.sources import with_editor


def edited(options: object, text: str = EXAMPLE) -> Loaded:
    return with_editor(user(text), options)


TUNED = {
    "enabled": False,
    "trigger": "manual",
    "aggression": 1,
    "max_lines": 50,
    "patience_ms": 0,
    "languages_off": ["go", "c"],
    "embedded": False,
    "marks": True,
}


@pytest.mark.parametrize(
    "options",
    [TUNED, {"firsthand": TUNED}, {**TUNED, "client": {"name": "x"}}, {"firsthand": TUNED, "x": 1}],
)
def test_the_editor_tunes(options: object) -> None:
    loaded = edited(options)
    assert loaded.faults == ()
    assert loaded.settings.tuning == Tuning(
        False, "manual", 1.0, 50, 0, frozenset({"go", "c"}), False, True
    )
    assert loaded.settings.models == user(EXAMPLE).settings.models


@pytest.mark.parametrize("options", [None, {}, [], {"firsthand": None}, {"client": {"name": "x"}}])
def test_an_editor_that_says_nothing_changes_nothing(options: object) -> None:
    assert edited(options) == user(EXAMPLE)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", "http://evil"),
        ("models", {"m": {"provider": "openai", "url": "http://evil"}}),
        ("inline", {"models": ["x"]}),
        ("api_key", "sk-SECRET1"),
        ("api_key_env", "SECRET1"),
        ("command", ["rm"]),
        ("model", "x"),
        ("discover", True),
        ("budget", {"day_usd": 1e6}),
        ("day_usd", 1e6),
        ("redact", False),
        ("privacy", {"redact": False}),
        ("escalation", {}),
        ("local_only", False),
        ("__class__", 1),
    ],
)
def test_an_editor_may_set_nothing_else(key: str, value: object) -> None:
    loaded = edited({key: value, "max_lines": 3})
    (fault,) = loaded.faults
    assert str(fault).startswith(f"editor settings: firsthand.{key} is refused: an editor may not")
    assert "SECRET1" not in str(fault)
    assert loaded.remote_allowed
    before = user(EXAMPLE)
    assert loaded.settings.tuning.max_lines == 3
    assert loaded.settings.models == before.settings.models
    assert loaded.settings.budget == before.settings.budget
    assert loaded.settings.privacy == before.settings.privacy


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_lines": 0}, "editor settings: firsthand.max_lines must be a whole number from 1"),
        ({"max_lines": True}, "editor settings: firsthand.max_lines must be a whole number from 1"),
        ({"aggression": float("nan")}, "editor settings: firsthand.aggression must be a number"),
        ({"aggression": 10**400}, "editor settings: firsthand.aggression must be a number"),
        ({"agression": 0.1}, "editor settings: firsthand.agression is not a known key; write"),
        (5, "editor settings: firsthand must be a table, not 5;"),
        ({"firsthand": "x"}, "editor settings: firsthand must be a table, not text;"),
    ],
)
def test_a_bad_editor_setting_leaves_the_files(options: object, said: str) -> None:
    loaded = edited(options)
    (fault,) = loaded.faults
    assert str(fault).startswith(said)
    assert loaded.settings == user(EXAMPLE).settings
    assert loaded.remote_allowed


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_KEYS = st.sampled_from([*TUNED, "models", "url", "client", "firsthand"]) | st.text(max_size=8)


@given(_VALUES | st.dictionaries(_KEYS, _VALUES))
def test_no_editor_option_reaches_past_tuning(options: Any) -> None:
    before = user(EXAMPLE)
    after = with_editor(before, options)
    assert after.settings.models == before.settings.models
    assert after.settings.inline_models == before.settings.inline_models
    assert after.settings.budget == before.settings.budget
    assert after.settings.privacy == before.settings.privacy
    assert 0 <= after.settings.tuning.aggression <= 1
    assert 1 <= after.settings.tuning.max_lines <= 50
