"""The settings in force as the person would write them, and where each value came from."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

from firsthand.settings.values import Loaded, Model, Origin


@dataclass(frozen=True, slots=True)
class Entry:
    """One key in force.

    Attributes:
        key: its dotted name.
        value: as TOML writes it; words in round brackets where no value stands for the meaning.
        origin: where it came from.
    """

    key: str
    value: str
    origin: Origin


def entries(loaded: Loaded) -> tuple[Entry, ...]:
    """Every setting in force, in the order of the documentation.

    There are no secrets among them: of an API key only the name of its place is a setting.
    """
    settings = loaded.settings
    tuning = {field.name: getattr(settings.tuning, field.name) for field in fields(settings.tuning)}
    values: dict[str, object] = {f"inline.{key}": value for key, value in tuning.items()}
    values |= {"inline.models": settings.inline_models, "inline.discover": settings.discover}
    for model in settings.models:
        values |= {f"models.{model.name}.{key}": value for key, value in _set(model).items()}
    values["escalation.models"] = settings.escalation_models
    values |= {"escalation.strategy": settings.strategy, "escalation.check": dict(settings.checks)}
    for name, table in (
        ("pace", settings.pace),
        ("budget", settings.budget),
        ("privacy", settings.privacy),
    ):
        values |= {f"{name}.{field.name}": getattr(table, field.name) for field in fields(table)}
    values["local_only"] = settings.local_only
    return tuple(
        Entry(key, _toml(value), loaded.origins.get(key, "default"))
        for key, value in values.items()
    )


def show(loaded: Loaded) -> str:
    """The settings in force, one a line, each with its source behind it."""
    lines = [(f"{each.key} = {each.value}", each.origin) for each in entries(loaded)]
    width = min(60, max(len(line) for line, _ in lines))
    return "".join(f"{line:<{width}}  # {origin}\n" for line, origin in lines)


def _set(model: Model) -> dict[str, object]:
    values = {field.name: getattr(model, field.name) for field in fields(model)}
    values["url"] = values.pop("urls") or model.url
    return {
        key: value for key, value in values.items() if key != "name" and value not in ("", None)
    }


def _toml(value: object) -> str:
    if value is None:  # only inline.models
        return "(what is found on this machine)"
    if isinstance(value, frozenset):
        value = sorted(value)
    return json.dumps(value, ensure_ascii=False)
