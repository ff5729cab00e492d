"""What a drill found, as text for the person and for scripts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a drill.

    Attributes:
        name: all well, brownout, or back.
        level: what completed at its end: inline or embedded.
        model: which model that was; empty for the embedded one.
        keys: how many keys were typed.
        suggested: the share of them with a suggestion, 0 to 1.
        p50_ms, p99_ms: from a key to its answer.
    """

    name: str
    level: str
    model: str
    keys: int
    suggested: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Drilled:
    """A whole drill.

    Attributes:
        models: the models that complete, in order; stand-ins played them.
        out: those of them that stopped answering.
        phases: all well, brownout and back.
        failover_s: seconds until something else completed; None if that never happened.
        recovered_s: seconds until all was as before; None if it was not.
        escalates: the models that escalations ask.
        left: those of them that go on in such a brownout.
    """

    models: tuple[str, ...]
    out: tuple[str, ...]
    phases: tuple[Phase, ...]
    failover_s: float | None
    recovered_s: float | None
    escalates: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def escalating(self, escalates: tuple[str, ...], left: tuple[str, ...]) -> Drilled:
        """The same with what becomes of escalations."""
        return replace(self, escalates=escalates, left=left)

    def to_text(self) -> str:
        """A table, and what it means."""
        lines = [
            f"Stand-ins on this machine played {_listed(self.models)}: nothing was sent, nothing "
            "was spent.",
            f"In the brownout, {_listed(self.out)} did not answer."
            if self.out
            else "No model that completes was in the brownout.",
            "",
            f"{'':10} {'level':24} {'keys':>5} {'suggested':>10} {'p50':>8} {'p99':>8}",
        ]
        for each in self.phases:
            level = f"{each.level} ({each.model})" if each.model else each.level
            lines.append(
                f"{each.name:10} {level[:24]:24} {each.keys:5} {each.suggested:10.0%} "
                f"{each.p50_ms:5.0f} ms {each.p99_ms:5.0f} ms"
            )
        lines += ["", self._moves(), *self._escalations()]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return {
            "schema": 1,
            "models": list(self.models),
            "out": list(self.out),
            "phases": [
                {
                    "name": each.name,
                    "level": each.level,
                    "model": each.model,
                    "keys": each.keys,
                    "suggested": round(each.suggested, 3),
                    "p50_ms": round(each.p50_ms, 1),
                    "p99_ms": round(each.p99_ms, 1),
                }
                for each in self.phases
            ],
            "failover_s": None if self.failover_s is None else round(self.failover_s, 2),
            "recovered_s": None if self.recovered_s is None else round(self.recovered_s, 2),
            "escalation": {"models": list(self.escalates), "left": list(self.left)},
        }

    def _moves(self) -> str:
        if self.failover_s is None:
            return "What completes stayed the same all along."
        back = (
            "it was not back when the drill ended"
            if self.recovered_s is None
            else f"all was as before {self.recovered_s:.1f} s after the brownout"
        )
        return f"Something else completed after {self.failover_s:.1f} s; {back}."

    def _escalations(self) -> list[str]:
        if not self.escalates:
            return []
        if not self.left:
            return ["Escalations have no model left."]
        return [f"Escalations go on with {_listed(self.left)}."]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) if names else "no model"
