"""A proposal on a terminal: what changes, what to check, what to decide, and what it cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from firsthand.core.proposal import Hunk, Proposal, apply, lines_of, note_of
from firsthand.core.text import Position, Range, Text
from firsthand.offering import diff, to_check

if TYPE_CHECKING:
    from rich.console import Console

    from firsthand.escalate import Outgoing

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def told(console: Console, proposal: Proposal, path: str, text: Text) -> None:
    """Print all that there is to read of a proposal, the diff in colours."""
    for line in filter(None, (proposal.summary, *proposal.warnings)):
        _print(console, line, "yellow" if line in proposal.warnings else "")
    _diff(console, diff(path, text, apply(text, proposal.hunks)))
    for check in to_check(proposal.hunks):
        _print(console, check, "bold")
    for each in proposal.disagreements:
        _print(console, f"Decide {lines_of(each.range)}: {each.note}", "bold")
    price = "" if proposal.cost_usd is None else f", {proposal.cost_usd:.4f} USD"
    sent = f" `firsthand sent {proposal.sent_id}` prints what was sent." if proposal.sent_id else ""
    _print(console, f"By {proposal.model}{price}. {proposal.reason}".rstrip() + sent, "dim")


def hunk_told(console: Console, hunk: Hunk, count: int, path: str, text: Text) -> None:
    """Print one hunk that is to be decided."""
    _print(console, f"Hunk {hunk.id} of {count}, {lines_of(hunk.range)}:", "bold")
    _diff(console, diff(path, text, apply(text, (hunk,))))


def outgoing_told(console: Console, requests: Sequence[Outgoing]) -> None:
    """Print what would be sent, to whom, and the most that it can cost."""
    for each in requests:
        try:
            body = json.dumps(json.loads(each.body), indent=2, ensure_ascii=False)
        except ValueError:
            body = each.body
        _print(console, body)
        where = each.url if each.remote else f"{each.url}, on this machine"
        price = "no known price" if each.most_usd is None else f"at most {each.most_usd:.4f} USD"
        _print(console, f"To {each.model} at {where}: {price}.", "bold")


def to_json(proposal: Proposal, path: str, text: Text) -> dict[str, Any]:
    """A proposal for scripts; lines and columns count from 1."""
    return {
        "schema": 1,
        "hunks": [
            {
                "id": each.id,
                "range": _range(each.range),
                "text": each.new_text,
                "note": note_of(each),
                "check": each.check,
            }
            for each in proposal.hunks
        ],
        "diff": diff(path, text, apply(text, proposal.hunks)),
        "summary": proposal.summary,
        "reason": proposal.reason,
        "warnings": list(proposal.warnings),
        "disagreements": [
            {
                "range": _range(each.range),
                "note": each.note,
                "choices": [
                    {"models": list(one.models), "text": one.text, "chosen": one.chosen}
                    for one in each.options
                ],
            }
            for each in proposal.disagreements
        ],
        "model": proposal.model,
        "cost_usd": proposal.cost_usd,
        "sent_id": proposal.sent_id,
    }


def visible(text: str) -> str:
    """A text that others wrote, with what would steer a terminal or deceive the eye spelled out."""
    return "".join(
        each if each.isprintable() or each in "\n\t" else f"<U+{ord(each):04X}>"
        for each in text.replace("\r\n", "\n")
    )


def _range(range_: Range) -> dict[str, dict[str, int]]:
    def place(position: Position) -> dict[str, int]:
        return {"line": position.line + 1, "column": position.character + 1}

    return {"start": place(range_.start), "end": place(range_.end)}


def _diff(console: Console, told: str) -> None:
    for line in _lines(told):
        style = "bold" if line.startswith(("+++", "---")) else _STYLES.get(line[:1], "")
        _print(console, line, style)


def _lines(text: str) -> Iterator[str]:
    return (line.removesuffix("\r") for line in text.removesuffix("\n").split("\n"))


def _print(console: Console, text: str, style: str = "") -> None:
    console.print(visible(text), style=style or None, markup=False, highlight=False, soft_wrap=True)
