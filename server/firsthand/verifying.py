"""Whether a reply can be used, and what there is to say of it, before anybody sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from firsthand import scratch
from firsthand.core.choosing import Candidate
from firsthand.core.inserting import readings
from firsthand.core.patch import Malformed, Reply, parse_insertion, parse_reply
from firsthand.core.text import Edit, Position, Range, Text

if TYPE_CHECKING:
    from firsthand.preparing import Brief
    from firsthand.session import Session


@dataclass(frozen=True, slots=True)
class Verified:
    """A reply that was looked at.

    Attributes:
        reply: what it makes of the range; of one that can't be used what could be read.
        candidate: what it is chosen by.
        said: what the person's own check said, or why it was not run to its end; empty where it
            passed, or where there is none.
    """

    reply: Reply
    candidate: Candidate
    said: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed, each a sentence."""
        failed = self.candidate.passed is False
        checked = f"The check fails with it: {self.said}" if failed else self.said
        names = ", ".join(self.candidate.undefined)
        undefined = f"Nobody defines {names}." if names else ""
        return tuple(filter(None, (checked, undefined, *self.candidate.changed)))


async def verify(session: Session, brief: Brief, answer: str, cut: bool) -> Verified:
    """What a model's answer makes of the range, and whether that can be used.

    Args:
        session: whose thread for looking at code is used.
        brief: what was asked.
        answer: all that the model said.
        cut: whether it had more to say than it was allowed.
    """
    target = brief.text.slice(brief.range)
    if used_up(answer, cut):
        return _unusable(
            f"It used up the {brief.question.max_tokens:,} tokens that it may make before it said "
            "anything, by thinking: ask about fewer lines, or another model."
        )
    if brief.inserts:
        reply = await session.looker.run(parse_insertion, answer, target)
    else:
        before = brief.text.slice(Range(Position(0, 0), brief.range.start))
        after = brief.text.slice(Range(brief.range.end, brief.text.end))
        reply = await session.looker.run(parse_reply, answer, target, before, after)
    if isinstance(reply, Malformed):
        return _unusable(f"{reply.reason} It was cut off." if cut else reply.reason)
    if reply.new_text == target:
        return _unusable("The reply changes nothing.")
    look = _looked_at_insertion if brief.inserts else _looked_at
    return await session.looker.run(look, brief.document.language, brief, reply)


def used_up(answer: str, cut: bool) -> bool:
    """Whether a model thought for as long as it may and said nothing."""
    return cut and not answer.strip()


async def check(brief: Brief, verified: Verified) -> Verified:
    """A reply after the person's own check, where there is one for it."""
    if brief.check is None or verified.candidate.fault:
        return verified
    after = brief.text.apply(Edit(brief.range, verified.reply.new_text))
    content = after.string.encode("utf-8", "surrogatepass")
    found = await scratch.run(brief.check, brief.file, content)
    candidate = replace(verified.candidate, passed=found.passed)
    said = "" if found.passed else found.said or "it said nothing."
    return replace(verified, candidate=candidate, said=said)


def _looked_at_insertion(language: str, brief: Brief, reply: Reply) -> Verified:
    """What the grammar says of text at a cursor, in the way that fits there best."""
    read = readings(reply.new_text, brief.text, brief.range.start, language)
    found = [
        _looked_at(language, brief, replace(reply, new_text=new)) for new in read if new.strip()
    ]
    usable = [each for each in found if not each.candidate.fault]
    return next(iter(usable or found), _unusable("The reply only repeats what stands there."))


def _looked_at(language: str, brief: Brief, reply: Reply) -> Verified:
    """What the grammar says of a change."""
    from firsthand.syntax import changed_signatures, new_fault, undefined_names

    before, after = brief.text, brief.text.apply(Edit(brief.range, reply.new_text))
    line = new_fault(language, before, after)
    if line is not None:
        fault = _does_not_parse(after, line)
        return Verified(reply, Candidate(reply.new_text, fault))
    candidate = Candidate(
        reply.new_text,
        undefined=undefined_names(language, before, after),
        changed=changed_signatures(language, before, after),
    )
    return Verified(reply, candidate)


def _does_not_parse(after: Text, line: int) -> str:
    return f"Line {line + 1} does not parse after the change: {after.line(line).strip()[:80]!r}"


def _unusable(reason: str) -> Verified:
    return Verified(Reply(""), Candidate("", reason))
