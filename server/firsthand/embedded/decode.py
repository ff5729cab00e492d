"""From probabilities of tokens to a text that may be shown: the rest of a line, or a part of it.

The likeliest tokens are taken one by one; where the text may end (no bracket or quote of its own
left open, nothing that the line already holds) it is a candidate. The one with the greatest
expected gain (probability times keys saved) is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import exp, log

import numpy as np

from firsthand.embedded.evidence import weigh
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE, is_word, written
from firsthand.embedded.mixer import Mixer
from firsthand.embedded.sources import Context, Floats, Sources

_MOST_STEPS = 24
_MOST_CHARACTERS = 120
_FRESH = 10  # contexts weighed in one call; the next key goes on from there
_FRESH_OTHERS = 2  # of these for each text after the first
_TOLL = 2.0  # what it costs to look at a text and accept it, in keys
_PAIRS = {")": "(", "]": "[", "}": "{"}
_UNARY = frozenset({" -", " !", " &", " *", " ~", " @", " **", " ..", " ...", " <", " $", " #"})


@dataclass(frozen=True, slots=True)
class Guess:
    """A scored middle.

    Attributes:
        text: what to insert at the cursor; one line, without an end of line.
        confidence: the probability that all of it is what the person wants, 0 to 1.
    """

    text: str
    confidence: float


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
        fresh: how many contexts may still be weighed.
    """

    context: Context
    stem: str
    spaced: bool
    right: str
    brackets: list[str]
    quote: str
    fresh: int = _FRESH


@dataclass(slots=True)
class Draft:
    """A text grown token by token.

    Attributes:
        own: brackets the text itself opened; quoted: whether it opened a string not closed yet.
        chance: the logarithm of the product of the tokens' probabilities.
        weakest: the logarithm of the least of them.
    """

    context: Context
    brackets: list[str]
    quote: str
    text: str = ""
    own: list[str] = field(default_factory=list)
    quoted: bool = False
    chance: float = 0.0
    weakest: float = 0.0
    steps: int = 0
    ended: bool = False


def guesses(
    start: Start, sources: Sources, mixer: Mixer, limit: int, bar: float
) -> tuple[Guess, ...]:
    """The best texts, at most `limit`, each begun by another token; the most useful first.

    Args:
        start: where to begin.
        sources: the tiers.
        mixer: weighs them.
        limit: how many texts.
        bar: the confidence below which a longer text is not wanted for its length.
    """
    found: dict[str, Guess] = {}
    for draft in begin(start, sources, mixer, limit):
        best = _best(grow(draft, start, sources, mixer, bar), mixer, bar)
        if best is not None and best.text not in found:
            found[best.text] = best
        start.fresh = min(start.fresh, _FRESH_OTHERS)
    ranked = sorted(found.values(), key=lambda each: each.confidence, reverse=True)
    return tuple(ranked[:limit])


def _best(drafts: Iterator[Draft], mixer: Mixer, bar: float) -> Guess | None:
    """The text to show: the likeliest one if none reaches the bar, else that of the most value.

    The value of a text is the number of keys it saves, times its probability, less the toll of
    looking at it and accepting it; what is left of the line is worth as much as its own best text.
    """
    cuts: list[Guess] = []
    for draft in drafts:
        if draft.text.strip() and not (cuts and cuts[-1].text == draft.text):
            sure = confidence(draft, mixer.calibration)
            cuts.append(Guess(draft.text, min(sure, cuts[-1].confidence) if cuts else sure))
    if not cuts:
        return None
    rest = [0.0] * len(cuts)
    for at in range(len(cuts) - 2, -1, -1):
        here = cuts[at]
        rest[at] = max(
            0.0,
            *(
                later.confidence / here.confidence * (len(later.text) - len(here.text) + beyond)
                - _TOLL
                for later, beyond in zip(cuts[at + 1 :], rest[at + 1 :], strict=True)
            ),
        )
    values = [
        cut.confidence * (len(cut.text) + beyond) if cut.confidence >= bar else cut.confidence - 1
        for cut, beyond in zip(cuts, rest, strict=True)
    ]
    return cuts[values.index(max(values))]


def confidence(draft: Draft, calibration: Floats) -> float:
    """The probability that all of a draft's text is right, fitted on replays of other projects."""
    return 1 / (1 + exp(-float(calibration @ measures(draft))))


def measures(draft: Draft) -> Floats:
    """What the calibration of a draft rests on."""
    chance = min(max(exp(draft.chance), 1e-4), 1 - 1e-4)
    return np.array(
        (
            1.0,
            log(chance / (1 - chance)),
            draft.chance,
            draft.weakest,
            log(draft.steps),
            log(1 + len(draft.text)),
        ),
        np.float32,
    )


def begin(start: Start, sources: Sources, mixer: Mixer, limit: int) -> list[Draft]:
    """The drafts of one token."""
    origin = Draft(start.context, start.brackets, start.quote)
    drafts: list[Draft] = []
    for key, chance in _ranked(origin, start, sources, mixer):
        draft = _step(origin, key, chance, start, sources)
        if draft is not None:
            drafts.append(draft)
        if len(drafts) >= limit:
            break
    return drafts


def grow(draft: Draft, start: Start, sources: Sources, mixer: Mixer, bar: float) -> Iterator[Draft]:
    """A draft and its likeliest continuations that may be shown."""
    least = log(max(bar, 0.05)) - 0.9
    while True:
        if not draft.quoted and (not draft.own or draft.ended):
            yield draft
        if (
            draft.ended
            or draft.steps >= _MOST_STEPS
            or len(draft.text) > _MOST_CHARACTERS
            or start.fresh <= 0
            or draft.chance < least
        ):
            return
        for key, chance in _ranked(draft, start, sources, mixer):
            further = _step(draft, key, chance, start, sources)
            if further is not None:
                draft = further
                break
        else:
            return


def _ranked(draft: Draft, start: Start, sources: Sources, mixer: Mixer) -> list[tuple[str, float]]:
    """Candidates for a draft's next token with the logarithms of their probabilities."""
    stem, spaced = (start.stem, start.spaced) if draft.steps == 0 else ("", False)
    context = draft.context
    known = (context.file, context.line, context.prose)
    if not stem and not spaced:
        found = sources.ranked.get(known)
        if found is not None:
            return found
    start.fresh -= 1
    evidence = weigh(context, sources, stem, spaced)
    chances = mixer.probabilities(evidence)
    found = [
        (evidence.keys[row], log(max(float(chances[row]), 1e-9)))
        for row in np.argsort(-chances)[:8].tolist()
        if row
    ]
    if not stem and not spaced:
        sources.ranked[known] = found
    return found


def _step(draft: Draft, key: str, chance: float, start: Start, sources: Sources) -> Draft | None:
    """A draft with one more token; None if the token can't stand there."""
    first = draft.steps == 0
    further = Draft(
        draft.context, draft.brackets, draft.quote, draft.text, draft.own, draft.quoted,
        draft.chance + chance, min(draft.weakest, chance), draft.steps + 1,
    )  # fmt: skip
    body = written(key)
    if key == END or (start.right.startswith(body) and not draft.own and not draft.quoted):
        if first and start.stem:
            return None
        further.ended = True
        return further
    if key[0] == END or not _fits(further, key, body):
        return None
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
