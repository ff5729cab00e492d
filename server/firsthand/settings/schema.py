"""The JSON schemas of the configuration file and of the editor's section, and their committed form.

`schemas/` in the package holds what `text` gives; a test says when it is stale.
(Dialect: JSON Schema draft 2020-12, https://json-schema.org/draft/2020-12.)
"""

from __future__ import annotations

import json
from typing import Any

from firsthand.settings import wire


def schema() -> dict[str, Any]:
    """The schema of config.toml."""
    return _schema(wire.ConfigFile)


def editor_schema() -> dict[str, Any]:
    """The schema of the section `firsthand` of an editor's settings."""
    return _schema(wire.EditorSection)


def text(schema: dict[str, Any]) -> str:
    """A schema as it is committed and printed."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _schema(model: type[wire.Table]) -> dict[str, Any]:
    made = _plain(model.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _plain(node: Any) -> Any:
    """A schema without what TOML can't say (null), titles, and defaults that mean "not set"."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _plain(each) for key, each in node.items() if not _noise(key, each)}
    choices = plain.get("anyOf", [])
    if {"type": "null"} in choices:
        rest = [each for each in choices if each != {"type": "null"}]
        del plain["anyOf"]
        plain = {**rest[0], **plain} if len(rest) == 1 else {**plain, "anyOf": rest}
    return plain


def _noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (
        key == "default" and (value is None or value in ("", [], {}) or isinstance(value, dict))
    )
