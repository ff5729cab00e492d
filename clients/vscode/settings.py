"""Writes the settings of VS Code's extension into its package.json, from the server's schema.

`python -m clients.vscode.settings`, with the package firsthand installed. A test says when it has
to be run again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from firsthand.settings.schema import editor_schema

PACKAGE = Path(__file__).with_name("package.json")


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema's keys as VS Code wants them: each is set for a person or for a workspace."""
    return {
        f"firsthand.{name}": {**_known(each), "scope": "window", "order": order}
        for order, (name, each) in enumerate(schema["properties"].items())
    }


def written(package: dict[str, Any]) -> str:
    """The package.json with its settings as they have to be."""
    tuned = package["contributes"]["configuration"][0]
    tuned["properties"] = properties(editor_schema())
    return json.dumps(package, indent="\t", ensure_ascii=False) + "\n"


def _known(schema: dict[str, Any]) -> dict[str, Any]:
    """A key's schema, with the default that VS Code would show otherwise too."""
    return schema if "default" in schema else {**schema, "default": []}


if __name__ == "__main__":
    PACKAGE.write_text(written(json.loads(PACKAGE.read_text("utf-8"))), encoding="utf-8")
