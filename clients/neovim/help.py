"""Writes the settings into the help of Neovim's plugin, from the server's schema.

`python -m clients.neovim.help`, with the package firsthand installed. A test says when it has to
be run again.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from firsthand.settings.schema import editor_schema

HELP = Path(__file__).parent / "doc/firsthand.txt"
# The section begins after the first of these and ends before the second.
BEGIN, END = "(`firsthand config path`).\n\n", "\n" + "=" * 78 + "\n5. Commands"
_LUA = {"True": "true", "False": "false", "[]": "{}"}
_COLUMN = 16


def settings(schema: dict[str, Any]) -> str:
    """Each key with its default, as Lua has it, and what it means."""
    entries = []
    for name, each in schema["properties"].items():
        default = repr(each.get("default", []))
        about = textwrap.fill(
            each["description"],
            width=78,
            initial_indent=" " * _COLUMN,
            subsequent_indent=" " * _COLUMN,
        )
        entries.append(f"{name:<{_COLUMN}}{_LUA.get(default, default)}\n{about}")
    return "\n".join(entries) + "\n"


def written(text: str) -> str:
    """The help with the settings as they have to be."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    return before + begin + settings(editor_schema()) + end + after


if __name__ == "__main__":
    HELP.write_text(written(HELP.read_text("utf-8")), encoding="utf-8")
