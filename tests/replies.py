"""Replies of frontier models, well-formed and not, with what each is to become (`replies.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firsthand.core.patch import Malformed, parse_insertion, parse_reply
from firsthand.core.text import Edit, Position, Range, Text
from firsthand.syntax import new_fault

LANGUAGES = {"py": "python", "js": "javascript", "go": "go", "sql": "sql", "md": "markdown"}


@dataclass(frozen=True)
class Case:
    """A reply about lines of a document, and what becomes of it: a new text, or a refusal."""

    kind: str
    name: str
    text: Text
    range: Range
    reply: str = field(repr=False)
    language: str
    cursor: bool
    becomes: str | None
    refused: str

    def got(self) -> tuple[str | None, str]:
        """The range's new text, or None and why there is none: judged as an escalation does it."""
        target = self.text.slice(self.range)
        if self.cursor:
            reply = parse_insertion(self.reply, target)
        else:
            before = self.text.slice(Range(Position(0, 0), self.range.start))
            after = self.text.slice(Range(self.range.end, self.text.end))
            reply = parse_reply(self.reply, target, before, after)
        if isinstance(reply, Malformed):
            return None, reply.reason
        if reply.new_text == target:
            return None, "The reply changes nothing."
        after_it = self.text.apply(Edit(self.range, reply.new_text))
        if not self.cursor and new_fault(self.language, self.text, after_it) is not None:
            return None, "It does not parse after the change."
        return reply.new_text, ""

    def wrong(self) -> str:
        """What is wrong with what became of the reply; empty for nothing."""
        new, reason = self.got()
        if new == self.becomes and self.refused in reason:
            return ""
        return f"{self.kind}: {self.name}: became {new!r}, refused because {reason!r}"


def cases() -> list[Case]:
    """All replies."""
    stored = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return [_case(each, stored["documents"], stored["texts"]) for each in stored["reply"]]


def _case(given: dict[str, Any], documents: dict[str, str], texts: dict[str, str]) -> Case:
    becomes, refused = given.get("becomes"), given.get("refused", "")
    assert (becomes is None) == bool(refused), given["name"]
    if becomes and becomes.startswith("$"):
        becomes = texts[becomes[1:]]
    document, reply = documents[given["document"]], given["reply"] * given.get("times", 1)
    reply = given.get("before", "") + reply + given.get("after", "")
    if given.get("crlf"):
        reply = reply.replace("\n", "\r\n")
    if given.get("document_crlf"):
        document, becomes = (
            document.replace("\n", "\r\n"),
            becomes and becomes.replace("\n", "\r\n"),
        )
    text = Text.of(document)
    first, last = (*given["lines"], given["lines"][0] - 1)[:2]
    return Case(
        kind=given["kind"],
        name=given["name"],
        text=text,
        range=Range(Position(first - 1, 0), Position(last, 0)),
        reply=reply,
        language=LANGUAGES[given["document"].rsplit(".")[-1]],
        cursor=given.get("cursor", False),
        becomes=becomes,
        refused=refused,
    )
