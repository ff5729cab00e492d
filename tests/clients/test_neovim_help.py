"""The help of the Neovim plugin says of each setting what the server's schema says."""

import re
import textwrap
from pathlib import Path
from typing import Any

from firsthand.settings.schema import editor_schema

CLIENT = Path(__file__).resolve().parents[2] / "clients/neovim"
HELP = CLIENT / "doc/firsthand.txt"
_LUA = {"True": "true", "False": "false", "[]": "{}"}


def settings_section(schema: dict[str, Any]) -> str:
    """The section as it has to stand in the help."""
    entries = []
    for name, each in schema["properties"].items():
        default = repr(each.get("default", []))
        about = textwrap.fill(
            each["description"],
            width=78,
            initial_indent=" " * 16,
            subsequent_indent=" " * 16,
        )
        entries.append(f"{name:<16}{_LUA.get(default, default)}\n{about}")
    return "\n".join(entries) + "\n"


def test_the_help_lists_the_settings() -> None:
    wanted = settings_section(editor_schema())
    assert wanted in HELP.read_text("utf-8"), f"its section on settings should be:\n{wanted}"


def test_every_tag_is_where_a_reference_leads() -> None:
    text = HELP.read_text("utf-8")
    tags = set(re.findall(r"\*([^*\s|]+)\*", text))
    own = {each for each in re.findall(r"\|([^|\s]+)\|", text) if each.startswith("firsthand")}
    assert own <= tags
    assert max(map(len, text.splitlines())) <= 80


def test_lua_has_no_file_over_400_lines_and_says_what_it_is() -> None:
    files = sorted(CLIENT.rglob("*.lua"))
    assert files
    for file in files:
        lines = file.read_text("utf-8").splitlines()
        assert len(lines) <= 400, file.name
        assert lines[0].startswith("--"), f"{file.name} should say first what it is for"
