"""What is printed about the settings: each value with its source, and the committed schemas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import firsthand
from firsthand.settings import Loaded
from firsthand.settings.schema import editor_schema, schema, text
from firsthand.settings.show import entries, show
from firsthand.settings.sources import parse_user, with_editor, with_workspace

FILE = """
[inline]
models = ["m"]
aggression = 0.25
[models.m]
provider = "openai"
url = "https://example.com/v1"
model = "a-model"
api_key_env = "EXAMPLE_KEY"
[privacy]
ignore = ["a"]
"""


def test_every_setting_has_its_value_and_source() -> None:
    loaded = parse_user(FILE, "f")
    loaded = with_editor(loaded, {"max_lines": 3, "trigger": "manual"})
    loaded = with_workspace(loaded, '[inline]\nmax_lines = 2\n[privacy]\nignore = ["b"]', "w")
    shown = show(loaded)
    assert [" ".join(line.split()) for line in shown.splitlines()] == [
        "inline.enabled = true # default",
        'inline.trigger = "manual" # editor',
        "inline.aggression = 0.25 # file",
        "inline.max_lines = 2 # workspace",
        'inline.patience_ms = "auto" # default',
        "inline.languages_off = [] # default",
        "inline.embedded = true # default",
        "inline.marks = false # default",
        'inline.models = ["m"] # file',
        "inline.discover = true # default",
        'models.m.provider = "openai" # file',
        'models.m.url = "https://example.com/v1" # file',
        'models.m.model = "a-model" # file',
        'models.m.fim = "auto" # default',
        'models.m.api_key_env = "EXAMPLE_KEY" # file',
        "escalation.models = [] # default",
        'escalation.strategy = "first" # default',
        "escalation.check = {} # default",
        "pace.learning = [] # default",
        "pace.learning_pause_s = 3.0 # default",
        "pace.quiet_hours = [] # default",
        "budget.day_usd = 2.0 # default",
        "budget.month_usd = 20.0 # default",
        'privacy.ignore = ["a", "b"] # workspace',
        "privacy.redact = true # default",
        "privacy.keep_sent_days = 7 # default",
        "local_only = false # default",
    ]


def test_without_a_list_of_models_it_says_what_is_asked() -> None:
    found = {entry.key: entry.value for entry in entries(Loaded())}
    assert found["inline.models"] == "(what is found on this machine)"


@pytest.mark.parametrize(("name", "made"), [("config", schema()), ("editor", editor_schema())])
def test_the_committed_schema_is_up_to_date(name: str, made: dict[str, Any]) -> None:
    committed = Path(firsthand.__file__).parent / "schemas" / f"{name}.schema.json"
    assert committed.read_text(encoding="utf-8") == text(made), (
        f"{committed.name} is stale: write it anew with `firsthand.settings.schema.text`"
    )


def test_every_key_is_described_and_no_other_is_allowed() -> None:
    tables = [schema(), *schema()["$defs"].values(), editor_schema()]
    for table in tables:
        assert table["additionalProperties"] is False
        for key, value in table["properties"].items():
            assert "$ref" in value or value["description"].endswith("."), key


def test_the_editor_knows_of_tuning_only() -> None:
    assert list(editor_schema()["properties"]) == [
        "enabled",
        "trigger",
        "aggression",
        "max_lines",
        "patience_ms",
        "languages_off",
        "embedded",
        "marks",
    ]
