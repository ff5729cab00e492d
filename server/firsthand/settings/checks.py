"""How a table that others wrote is read: bounded, each bad key alone, every fault in words."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import ValidationError

from firsthand.core.snapshot import Tuning
from firsthand.settings import fields, wire
from firsthand.settings.values import LARGEST_FILE, Fault, too_large

Wired = wire.Table
_T = TypeVar("_T", bound=wire.Table)

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
KEY_LIKE = re.compile(r"key|token|secret|password|auth|credential|header", re.IGNORECASE)

# The time to read a dotted key grows with the square of its parts; each unknown key is compared
# with all known ones.
MOST_DOTS = 128
MOST_KEYS = 500
MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a source something is read, and how what is wrong there is said.

    Attributes:
        key: the dotted key of the table; empty for the top of the source.
        faults: the list that faults are added to.
        unknown: makes the fault of a key that has no place here, from the keys that have.
        remote_off: whether a fault here turns every tier but the embedded one off.
    """

    source: str
    key: str
    faults: list[Fault]
    unknown: Callable[[Place, str, tuple[str, ...]], Fault]
    remote_off: bool = False

    def under(self, name: str, remote_off: bool = False) -> Place:
        """A table at this place."""
        return replace(self, key=self._dotted(name), remote_off=remote_off)

    def fault(self, key: str, message: str, mend: str, remote_off: bool = False) -> Fault:
        """A fault of a key of this place."""
        return Fault(self.source, self._dotted(shown(key)), message, mend, remote_off)

    def report(self, fault: Fault) -> None:
        """Add a fault that was not yet said."""
        if fault not in self.faults:
            self.faults.append(fault)

    def reported(self, key: str) -> bool:
        """Whether a key of this place has a fault already."""
        return any(fault.key == self._dotted(key) for fault in self.faults)

    def _dotted(self, key: str) -> str:
        return f"{self.key}.{key}".strip(".")


def toml(text: str, source: str, faults: list[Fault]) -> dict[str, Any]:
    """The tables of a TOML text; empty, with a fault that turns remote tiers off, if it has none.

    Every hostile text is refused in bounded time: too long, too deep, too many dots or keys.
    """
    if len(text) > LARGEST_FILE:
        faults.append(too_large(source))
        return {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            message = f"has more than {MOST_DOTS} dots on line {number}"
            faults.append(Fault(source, "", message, "break that line up", True))
            return {}
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        faults.append(Fault(source, "", "is nested too deeply", "make it flat", True))
        return {}
    except ValueError as error:
        # The parser's own errors, and Python's for an integer of thousands of digits.
        message = f"is not valid TOML: {str(error).split(';')[0][:200]}"
        faults.append(Fault(source, "", message, "mend it or move it away", True))
        return {}
    if _keys(raw, 3) > MOST_KEYS:
        message = f"has more than {MOST_KEYS} keys"
        faults.append(Fault(source, "", message, "make it shorter", True))
        return {}
    return raw


def checked(model: type[_T], raw: object, place: Place) -> _T:
    """A table with each key that is wrong left at its default and reported."""
    if not isinstance(raw, dict):
        instead = "text" if isinstance(raw, str) else brief(raw)
        message = f"must be a table, not {instead}"
        place.report(place.fault("", message, "write it as a table", place.remote_off))
        return model()
    fields = tuple(model.model_fields)
    for name in raw:
        if name not in model.model_fields:
            place.report(place.unknown(place, str(name), fields))
    known = {name: raw[name] for name in fields if name in raw}
    try:
        return model.model_validate(known)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
    bad = {str(each["loc"][0]): each["loc"] for each in details}
    for name, location in bad.items():
        expect = expected(model, name)
        # Whatever stands in a model's table may be a key that was put in the wrong place.
        secret = place.key.startswith("models.") and isinstance(known[name], str)
        instead = "" if secret else f", not {_wrong(known[name], location)}"
        mend = _near(known[name], expect.values) or (
            f"correct it or remove it{_default(model, name)}"
        )
        place.report(place.fault(name, f"must be {expect.words}{instead}", mend, place.remote_off))
    return model.model_validate({name: known[name] for name in known if name not in bad})


def expected(model: type[wire.Table], name: str) -> fields.Expect:
    """What a key of a table takes."""
    metadata = model.model_fields[name].metadata
    return next(each for each in metadata if isinstance(each, fields.Expect))


def tuned(tuning: Tuning, table: wire.Table, keys: Iterable[str]) -> Tuning:
    """Tuning with some keys taken from a table."""
    values = {key: getattr(table, key) for key in keys}
    if "languages_off" in values:
        values["languages_off"] = frozenset(values["languages_off"])
    return replace(tuning, **values)


def meant(name: str, siblings: tuple[str, ...], table: str) -> str:
    """The key that was probably meant by one that has no place in a table; else empty.

    Args:
        name: what was written.
        siblings: the keys that have a place there.
        table: the dotted key of that table; empty for the top.
    """
    elsewhere = {
        key: f"{name}.{key}"
        for name, model in _ELSEWHERE.items()
        for key in model.model_fields
        if name != table
    }
    word = name[:64].lower().replace("-", "_")
    if word in elsewhere and word not in siblings:
        return elsewhere[word]
    for known in (siblings, tuple(elsewhere)):
        for match in difflib.get_close_matches(word, known, 1, 0.8):
            return match if known is siblings else elsewhere[match]
    return ""


_ELSEWHERE: dict[str, type[wire.Table]] = {
    "models.NAME": wire.ModelTable,
    "inline": wire.InlineTable,
    "escalation": wire.EscalationTable,
    "budget": wire.BudgetTable,
    "privacy": wire.PrivacyTable,
}


def few(faults: list[Fault], source: str) -> tuple[Fault, ...]:
    """The first faults of a source, and one more that counts the rest."""
    if len(faults) <= MOST_FAULTS:
        return tuple(faults)
    rest = faults[MOST_FAULTS:]
    off = any(fault.remote_off for fault in rest)
    message = f"has {len(rest)} more faults"
    return (*faults[:MOST_FAULTS], Fault(source, "", message, "mend these first", off))


def brief(value: object) -> str:
    """A value in few words, as it would be written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 10**15:
        return "a huge number"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 40 else f"{value[:40]}...", ensure_ascii=False)
    if isinstance(value, list | tuple):
        return "a list"
    return "a table" if isinstance(value, dict) else "a date or time"


def shown(key: str) -> str:
    """A key that others wrote, quoted where it is not a bare one, cut where it is long."""
    return key if re.fullmatch(r"[A-Za-z0-9_.-]{0,60}", key) else brief(key)


def strings(value: object) -> list[str]:
    """The strings of a list; empty for anything else."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _near(value: object, values: tuple[str, ...]) -> str:
    """The mend of a value that is almost one of a few; else empty."""
    word = value[:64].lower() if isinstance(value, str) else ""
    matches = difflib.get_close_matches(word.replace(".", ""), values, 1, 0.7)
    return f'write "{matches[0]}" if you meant that' if matches else ""


def _wrong(value: object, location: tuple[int | str, ...]) -> str:
    """What stands where something else is wanted, or what is wrong in a list."""
    inner = location[1] if len(location) > 1 else None
    if isinstance(value, list) and isinstance(inner, int):
        return f"a list with {brief(value[inner])}"
    return brief(value)


def _default(model: type[wire.Table], name: str) -> str:
    default = model.model_fields[name].default
    return "" if default is None or default in ("", []) else f" (the default is {brief(default)})"


def _keys(table: dict[str, Any], depth: int) -> int:
    """How many keys a table and those in it have, so deep."""
    inner = (each for each in table.values() if isinstance(each, dict) and depth > 1)
    return len(table) + sum(_keys(each, depth - 1) for each in inner)
