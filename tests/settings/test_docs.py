"""The documentation of the settings is whole and its examples are right."""

from __future__ import annotations

import re
from pathlib import Path

from firsthand.core.fim import TEMPLATES
from firsthand.settings import PRESETS, Loaded
from firsthand.settings.schema import schema
from firsthand.settings.show import entries
from firsthand.settings.sources import parse_user, with_workspace

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
USER, WORKSPACE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_have_no_fault() -> None:
    loaded = with_workspace(parse_user(USER, "f"), WORKSPACE, "w")
    assert loaded.faults == ()
    assert [model.name for model in loaded.inline_models] == ["local"]
    assert {entry.key for entry in entries(loaded) if entry.origin == "workspace"} == {
        "inline.enabled",
        "inline.trigger",
        "inline.aggression",
        "inline.max_lines",
        "inline.languages_off",
        "pace.learning",
        "pace.learning_pause_s",
        "pace.quiet_hours",
        "privacy.ignore",
        "budget.day_usd",
        "budget.month_usd",
        "local_only",
    }


def test_every_key_has_its_row_with_its_default() -> None:
    tables = schema()["$defs"]
    for table in (
        "InlineTable",
        "ModelTable",
        "EscalationTable",
        "PaceTable",
        "BudgetTable",
        "PrivacyTable",
    ):
        for key in tables[table]["properties"]:
            assert re.search(rf"^\| [^|]*`{key}`", PAGE, re.MULTILINE), key
    defaults = {entry.key.split(".")[-1]: entry.value for entry in entries(Loaded())}
    for key in tables["InlineTable"]["properties"].keys() - {"models"}:
        assert re.search(rf"^\| `{key}` \|[^|]*\| `{re.escape(defaults[key])}` \|", PAGE, re.M), key


def test_every_template_and_provider_is_named() -> None:
    providers = schema()["$defs"]["ModelTable"]["properties"]["provider"]["enum"]
    for name in (*TEMPLATES, *providers):
        assert f"`{name}`" in PAGE or f'`"{name}"`' in PAGE, name


def test_the_lines_for_each_provider_have_no_fault() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    asked = set()
    for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL):
        loaded = parse_user(block, "f")
        assert loaded.faults == ()
        (model,) = loaded.inline_models or loaded.escalation_models
        asked.add(model.provider)
    rest = {"sglang", "tgi", "max", "codestral", "gemini", "qwen", "moonshot", "zai", "xai"}
    rest |= {"groq", "cerebras", "together", "fireworks", "litellm"}
    assert asked | rest == set(PRESETS)
    for name in (*rest, *TEMPLATES):
        assert f'"{name}"' in page or f"| `{name}` |" in page, name
