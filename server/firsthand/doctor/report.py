"""What `firsthand doctor` and `firsthand models` found, as text for the person and for scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from firsthand.backends.base import Endpoint
from firsthand.backends.discovery import Found, PassedOver
from firsthand.router.toll import unpriced

Level = Literal["ok", "note", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: a note is no fault, but something the person may want to know or change.
        subject: what was looked at.
        text: one sentence: what was found, and the mend if something is wrong.
    """

    level: Level
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Health:
    """What `firsthand doctor` found."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether there is no fault."""
        return all(each.level != "fault" for each in self.findings)

    def to_text(self) -> str:
        """A line for each finding."""
        return "\n".join(f"{each.level:5}  {each.subject}: {each.text}" for each in self.findings)

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        checks = [
            {"level": each.level, "subject": each.subject, "text": each.text}
            for each in self.findings
        ]
        return {"schema": 1, "healthy": self.healthy, "checks": checks}


@dataclass(frozen=True, slots=True)
class Models:
    """What `firsthand models` lists.

    Attributes:
        configured: the models of the configuration, in its order.
        asked: the names of those that are asked, in order; none where what is found is asked.
        escalated: the names of those that escalations ask, in order.
        found: models on this machine that can be used.
        passed_over: servers and models on this machine that are not used.
        faults: sentences on what is wrong with the configuration.
        notes: sentences on what was not looked at.
        mended_first: none is asked until the configuration is mended.
    """

    configured: tuple[Endpoint, ...] = ()
    asked: tuple[str, ...] = ()
    escalated: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    mended_first: bool = False

    def to_text(self) -> str:
        """A line for each model."""
        lines = [f"configured   {self._described(each)}" for each in self.configured]
        lines += [f"found        {each}, {_template(each.endpoint)}" for each in self.found]
        lines += [f"passed over  {each}" for each in self.passed_over]
        lines += [f"fault        {each}" for each in self.faults]
        lines += [f"note         {each}" for each in self.notes]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return {
            "schema": 1,
            "configured": [_as_json(each) for each in self.configured],
            "asked": list(self.asked),
            "escalated": list(self.escalated),
            "found": [{"server": each.server, **_as_json(each.endpoint)} for each in self.found],
            "passed_over": [{"url": each.url, "reason": each.reason} for each in self.passed_over],
            "faults": list(self.faults),
            "notes": list(self.notes),
        }

    def _described(self, endpoint: Endpoint) -> str:
        place = "not asked, as it is not in inline.models"
        if endpoint.name in self.escalated:
            place = f"asked by escalations as number {self.escalated.index(endpoint.name) + 1}"
        if self.mended_first:
            place = "not asked until the configuration is mended"
        if endpoint.name in self.asked:
            place = f"asked as number {self.asked.index(endpoint.name) + 1}"
        if unpriced(endpoint):
            place = "not asked until price_in and price_out are set, 0 if it is free"
        where = "on this machine"
        if endpoint.remote:
            where = f"leaves this machine, {_price(endpoint)}"
        model = f"{endpoint.model} at " if endpoint.model else ""
        return f"{endpoint.name}: {model}{endpoint.url} ({where}), {_template(endpoint)}, {place}"


def _price(endpoint: Endpoint) -> str:
    if endpoint.price_in is None or endpoint.price_out is None:
        return "no known price"
    return f"{endpoint.price_in:g} and {endpoint.price_out:g} USD a million tokens in and out"


def _template(endpoint: Endpoint) -> str:
    if endpoint.wire == "chat":
        return "asked as in a chat"
    if endpoint.template:
        return f"template {endpoint.template}"
    return "template not known" if endpoint.wire == "openai" else "the server's own template"


def _as_json(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "name": endpoint.name,
        "provider": endpoint.provider,
        "url": endpoint.url,
        "model": endpoint.model,
        "fim": endpoint.template,
        "remote": endpoint.remote,
        "price_in": endpoint.price_in,
        "price_cached_in": endpoint.price_cached_in,
        "price_out": endpoint.price_out,
    }
