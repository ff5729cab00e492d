"""Accepted words against fast typing, on what real editors told (`record.py` makes the traces)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from firsthand import convert
from firsthand.core.completion import Completion, Offer
from firsthand.core.history import Act
from firsthand.core.text import Position, Range, Text
from firsthand.document import Shown, opened

FOLDER = Path(__file__).parent / "traces"


def measure() -> dict[str, Any]:
    """By trace: how many inferred acceptances were ones, and how many of those were inferred."""
    return {file.stem: replayed(file) for file in sorted(FOLDER.glob("*.jsonl"))}


def replayed(file: Path) -> dict[str, Any]:
    """The figures of one trace; words of one character are counted apart, as they can't be told."""
    rows = [json.loads(each) for each in file.read_text(encoding="utf-8").splitlines()]
    known, acts = rows[0]["known"], [each for each in rows[1:] if "act" in each]
    inferred = _inferred(rows[1:], known)
    spans = _spans(acts)
    words = [(start, end) for start, end, kind in spans if kind == "word" and end - start > 1]
    letters = [(start, end) for start, end, kind in spans if kind == "word" and end - start == 1]
    keys = sum(kind == "key" for *_, kind in spans)
    right = sum(any(_meet(each, word) for word in (*words, *letters)) for each in inferred)
    found = sum(any(_meet(each, word) for each in inferred) for word in words)
    return {
        "keys": keys,
        "words": len(words),
        "words_of_one_character": len(letters),
        "inferred": len(inferred),
        "precision_percent": round(100 * right / len(inferred), 2) if inferred else None,
        "recall_percent": round(100 * found / len(words), 2) if words else None,
    }


def _inferred(rows: list[dict[str, Any]], known: list[str]) -> list[tuple[int, int]]:
    """The spans of the text that were taken for accepted."""
    document = opened("file:///trace.py", "python", 0, "", ())
    found: list[tuple[int, int]] = []
    for row in rows:
        if "changes" not in row:
            continue
        line = len(document.text.lines) - 1
        _suggest(document, line, known)
        before = document.text
        events = [
            lsp.TextDocumentContentChangePartial(
                lsp.Range(
                    lsp.Position(**each["range"]["start"]), lsp.Position(**each["range"]["end"])
                ),
                each["text"],
            )
            for each in row["changes"]
        ]
        edits = tuple(convert.to_edits(tuple(events), before, "utf-32"))
        change = document.change(document.version + 1, edits[-1][1], row["at"], edits)
        if change.act is Act.ACCEPTED:
            end = len(document.text.string)
            found.append((end - change.characters, end))
    return found


def _suggest(document: Any, line: int, known: list[str]) -> None:
    """The rest of the line is on the screen."""
    text: Text = document.text
    place = Position(line, len(text.lines[line]))
    rest = known[line][place.character :] if line < len(known) else ""
    offer = Offer(text, Completion(document.version, Range.at(place), rest, "inline"))
    document.shown = Shown((offer,)) if rest else None


def _spans(acts: list[dict[str, Any]]) -> list[tuple[int, int, str]]:
    found, at = [], 0
    for each in acts:
        found.append((at, at + len(each["text"]), each["act"]))
        at += len(each["text"])
    return found


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
