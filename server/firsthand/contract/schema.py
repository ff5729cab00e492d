"""The JSON schema of the contract with editors, and its committed form.

`python -m firsthand.contract.schema` writes that; a test says when it is stale.
(Dialect: JSON Schema draft 2020-12, https://json-schema.org/draft/2020-12.)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from firsthand.contract import COMMANDS, MESSAGES
from firsthand.settings.schema import text

COMMITTED = Path(__file__).parents[1] / "schemas" / "protocol.schema.json"


def schema() -> dict[str, Any]:
    """All messages as one JSON schema.

    Its `$defs` are the types; `messages` and `commands` say which of them is where.
    """
    kinds: dict[str, type[Any]] = {each.__name__: each for each in MESSAGES.values()}
    for argument, answers in COMMANDS.values():
        kinds |= {each.__name__: each for each in (argument, *answers) if each}
    _, made = TypeAdapter.json_schemas(
        [(name, "validation", TypeAdapter(each)) for name, each in kinds.items()]
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": "What Firsthand and an editor tell one another beside LSP's own methods.",
        "messages": {name: _reference(each) for name, each in MESSAGES.items()},
        "commands": {
            name: {
                "argument": argument and _reference(argument),
                "answers": list(map(_reference, answers)),
            }
            for name, (argument, answers) in COMMANDS.items()
        },
        "$defs": _untitled(made["$defs"]),
    }


def _reference(named: type[Any]) -> dict[str, str]:
    return {"$ref": f"#/$defs/{named.__name__}"}


def _untitled(node: Any) -> Any:
    """A schema without the titles that only repeat names."""
    if isinstance(node, list):
        return [_untitled(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _untitled(each)
        for key, each in node.items()
        if not (key == "title" and isinstance(each, str))
    }


if __name__ == "__main__":
    COMMITTED.write_text(text(schema()), encoding="utf-8", newline="\n")
