"""A text grown token by token: the rest of a line, or a part of it.

What may not stand there is not written: a bracket or a quote that closes nothing, code in a
string, what the line already holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import log

import numpy as np

from firsthand.embedded.evidence import MOST, weigh
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE, is_word, written
from firsthand.embedded.mixer import Mixer
from firsthand.embedded.sources import Context, Sources

_MOST_STEPS = 24  # of a line
_MOST_CHARACTERS = 120
_FRESH = 5  # contexts weighed in one call; the next key goes on from there
_NEAR = 2  # tokens of a draft; further on it mostly copies, and fewer candidates are weighed
_MOST_FAR = 28
_TRIED = 8  # candidates of a context
_BRANCHES = 2  # of a draft that are gone on with, the second only where it is likely itself
_LEAST, _LEAST_BRANCH = log(0.24), log(0.35)  # the chances below which they are let go
_NONE = -9.0  # the logarithm of the chance of a token that is no candidate
_PAIRS = {")": "(", "]": "[", "}": "{"}
_UNARY = frozenset({" -", " !", " &", " *", " ~", " @", " **", " ..", " ...", " <", " $", " #"})


@dataclass(slots=True)
class Start:
    """Where decoding starts.

    Attributes:
        context: the whole tokens before the cursor.
        stem: the part of a word that stands right before the cursor.
        spaced: whether white space stands right before it.
        right: the text right of the cursor, bare of white space at its ends.
        brackets: the brackets open at the cursor, the innermost last.
        quote: what closes the string the cursor is in; empty outside.
        prefix: the line before the cursor.
        unit: one step of indentation.
        below: the next lines that are not blank, bare of white space at their ends.
        fresh: how many contexts may still be weighed.
    """

    context: Context
    stem: str
    spaced: bool
    right: str
    brackets: list[str]
    quote: str
    prefix: str = ""
    unit: str = "    "
    below: tuple[str, ...] = ()
    fresh: int = _FRESH


@dataclass(slots=True)
class Draft:
    """A text grown token by token.

    Attributes:
        context: what stands before its next token.
        brackets: those open at its end and before it, the innermost last; quote: what closes the
            string its end is in.
        text: what it inserts.
        own: brackets the text itself opened; quoted: whether it opened a string not closed yet.
        chance: the logarithm of the product of the tokens' probabilities.
        weakest: the logarithm of the least of them.
        first: that of its first token, and second: that of the next likeliest one there.
        steps: how many tokens it has.
        ended: whether its last line is whole.
        lines: how many ends of lines stand in its text.
        white: how much of the text is indentation, which an editor makes.
        before: the draft it was grown from.
    """

    context: Context
    brackets: list[str]
    quote: str
    text: str = ""
    own: list[str] = field(default_factory=list)
    quoted: bool = False
    chance: float = 0.0
    weakest: float = 0.0
    first: float = 0.0
    second: float = 0.0
    steps: int = 0
    ended: bool = False
    lines: int = 0
    white: int = 0
    before: Draft | None = None

    @property
    def may_end(self) -> bool:
        """Whether its text may be shown: it leaves nothing open that could be closed in its line.

        A text of several lines ends with a whole statement.
        """
        if self.lines:
            return self.ended and not self.own and not self.quoted
        return not self.quoted and (not self.own or self.ended) and bool(self.text.strip())


def search(begun: list[Draft], start: Start, sources: Sources, mixer: Mixer) -> list[Draft]:
    """Drafts grown from some of one token as far as they are likely, best first."""
    waiting: list[tuple[float, int, Draft]] = []
    for number, draft in enumerate(begun):
        if not number or draft.chance >= _LEAST_BRANCH:
            heappush(waiting, (-draft.chance, number, draft))
    grown: list[Draft] = []
    count = len(begun)
    while waiting:
        _, _, draft = heappop(waiting)
        branches = 0
        if _may_grow(draft, start, _LEAST):
            for further in _further(draft, start, sources, mixer):
                if branches and further.chance < _LEAST_BRANCH:
                    break
                count += 1
                heappush(waiting, (-further.chance, count, further))
                branches += 1
                if branches == _BRANCHES:
                    break
        if not branches:
            grown.append(draft)
    return grown


def chain(draft: Draft) -> list[Draft]:
    """The drafts that a draft was grown from and that may be shown, itself the last one."""
    found: list[Draft] = []
    each: Draft | None = draft
    while each is not None:
        if each.may_end:
            if found and found[-1].text == each.text:
                # The end of the line is no text of its own.
                found.pop()
            found.append(each)
        each = each.before
    return found[::-1]


def begin(start: Start, sources: Sources, mixer: Mixer, limit: int) -> list[Draft]:
    """The drafts of one token, the likeliest first."""
    origin = Draft(start.context, start.brackets, start.quote)
    found = ranked(origin, start, sources, mixer)
    drafts: list[Draft] = []
    for key, chance in found:
        draft = step(origin, key, chance, start, sources)
        if draft is None:
            continue
        draft.before, draft.first = None, chance
        draft.second = next((other for name, other in found if name != key), _NONE)
        drafts.append(draft)
        if len(drafts) >= limit:
            break
    return drafts


def grow(
    draft: Draft, start: Start, sources: Sources, mixer: Mixer, least: float = _LEAST
) -> Iterator[Draft]:
    """A draft and its likeliest continuations that may be shown.

    Args:
        draft: of one token at least.
        start: where it began.
        sources: the tiers.
        mixer: weighs them.
        least: the logarithm of the chance below which it is let go.
    """
    while True:
        if draft.may_end:
            yield draft
        if not _may_grow(draft, start, least):
            return
        further = next(_further(draft, start, sources, mixer), None)
        if further is None:
            return
        draft = further


def _may_grow(draft: Draft, start: Start, least: float) -> bool:
    return not (
        draft.ended
        or draft.steps >= _MOST_STEPS
        or len(draft.text) > _MOST_CHARACTERS
        or start.fresh <= 0
        or draft.chance < least
    )


def _further(draft: Draft, start: Start, sources: Sources, mixer: Mixer) -> Iterator[Draft]:
    """A draft with one more token, by each that can stand there, the likeliest first."""
    for key, chance in ranked(draft, start, sources, mixer):
        further = step(draft, key, chance, start, sources)
        if further is not None:
            yield further


def ranked(draft: Draft, start: Start, sources: Sources, mixer: Mixer) -> list[tuple[str, float]]:
    """Candidates for a draft's next token with the logarithms of their probabilities."""
    stem, spaced = (start.stem, start.spaced) if draft.steps == 0 else ("", False)
    context = draft.context
    known = (context.file, context.line, context.prose)
    if not stem and not spaced:
        found = sources.ranked.get(known)
        if found is not None:
            return found
    start.fresh -= 1
    most = MOST if draft.steps < _NEAR else _MOST_FAR
    evidence = weigh(context, sources, stem, spaced, most)
    chances = mixer.probabilities(evidence)
    found = [
        (evidence.keys[row], log(max(float(chances[row]), 1e-9)))
        for row in np.argsort(-chances)[:_TRIED].tolist()
        if row
    ]
    if not stem and not spaced:
        sources.ranked[known] = found
    return found


def step(draft: Draft, key: str, chance: float, start: Start, sources: Sources) -> Draft | None:
    """A draft with one more token; None if the token can't stand there.

    Args:
        draft: what it follows.
        key: the token.
        chance: the logarithm of its probability.
        start: where the draft began.
        sources: know how the project writes white space.
    """
    first = draft.steps == 0
    body = written(key)
    whole = key == END or (start.right.startswith(body) and not draft.own and not draft.quoted)
    if (whole and first and start.stem) or (key[0] == END and not whole):
        return None
    further = Draft(  # `dataclasses.replace` would take three times as long
        context=draft.context,
        brackets=draft.brackets,
        quote=draft.quote,
        text=draft.text,
        own=draft.own,
        quoted=draft.quoted,
        chance=draft.chance + chance,
        weakest=min(draft.weakest, chance),
        first=draft.first,
        second=draft.second,
        steps=draft.steps + 1,
        ended=whole,
        lines=draft.lines,
        white=draft.white,
        before=draft,
    )
    if whole:
        return further
    if not _fits(further, key, body):
        return None
    if is_word(key) and not (draft.context.prose or draft.quote or sources.in_code(key)):
        return None  # it is talked about, but nothing is called so
    if first and start.stem:
        further.text = body[len(start.stem) :]
    elif first and start.spaced:
        further.text = body
    else:
        further.text += _space(draft.context.keys[-1], key, sources) + body
    further.context = draft.context.then(key, sources)
    return further


def _fits(draft: Draft, key: str, body: str) -> bool:
    """Whether a token may follow by brackets and quotes; keeps their account."""
    mark = key.lstrip(" ")
    if mark[0] == CLOSE:
        if body != draft.quote:
            return False
        draft.quote, draft.quoted = "", False
        return True
    if draft.quote:
        return mark[0] == PROSE or is_word(key)
    if mark[0] == OPEN:
        draft.quote, draft.quoted = body.lstrip("rRbBuUfFtT"), True
        return True
    if draft.context.prose != (mark[0] == PROSE) and not is_word(key) and mark[1:] != "#":
        return False
    if body in {"(", "[", "{"}:
        draft.own = [*draft.own, body]
    elif body in _PAIRS:
        if draft.own:
            if draft.own[-1] != _PAIRS[body]:
                return False
            draft.own = draft.own[:-1]
        elif draft.brackets and draft.brackets[-1] == _PAIRS[body]:
            draft.brackets = draft.brackets[:-1]
        else:
            return False
    return True


def _space(last: str, key: str, sources: Sources) -> str:
    """The white space between two tokens."""
    if key[0] == " ":
        return " "
    quote = key[0] == OPEN
    if not (quote or is_word(key)) or last[0] in {OPEN, END}:
        return ""
    if is_word(last) and not quote:
        return " "
    habit = sources.project.spaced(last, quote) if sources.project is not None else None
    if habit is None:
        mark = last.lstrip(" ")
        habit = (
            is_word(last)
            or mark[0] == CLOSE
            or mark[-1] in {",", ";", ":", ")", "]", "}"}
            or (last[0] == " " and last not in _UNARY and mark not in {"(", "[", "{"})
        )
        if mark == "::":
            habit = False
    return " " if habit else ""
