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

from firsthand.embedded.evidence import Context, Floats, Sources, weigh
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE, is_word, written
from firsthand.embedded.mixer import Mixer

_MOST_STEPS = 24
_MOST_CHARACTERS = 120
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
    """

    context: Context
    stem: str
    spaced: bool
    right: str
    brackets: list[str]
    quote: str


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
    for path in _first(start, sources, mixer, limit):
        best = _best(_grow(path, start, sources, mixer, bar), mixer, bar)
        if best is not None and best.text not in found:
            found[best.text] = best
    ranked = sorted(found.values(), key=lambda each: each.confidence, reverse=True)
    return tuple(ranked[:limit])


def _best(paths: Iterator[Draft], mixer: Mixer, bar: float) -> Guess | None:
    best: Guess | None = None
    gain = -1.0
    for path in paths:
        if not path.text.strip():
            continue
        sure = confidence(path, mixer.calibration)
        # Below the bar only the surest text counts, above it the expected number of keys saved.
        worth = sure * (len(path.text) - 1) + 1 if sure >= bar else sure - 1
        if worth > gain:
            best, gain = Guess(path.text, sure), worth
    return best


def confidence(path: Draft, calibration: Floats) -> float:
    """The probability that all of a path's text is right, fitted on replays of other projects."""
    return 1 / (1 + exp(-float(calibration @ measures(path))))


def measures(path: Draft) -> Floats:
    """What the calibration of a path rests on."""
    chance = min(max(exp(path.chance), 1e-4), 1 - 1e-4)
    return np.array(
        (
            1.0,
            log(chance / (1 - chance)),
            path.chance,
            path.weakest,
            log(path.steps),
            log(1 + len(path.text)),
        ),
        np.float32,
    )


def _first(start: Start, sources: Sources, mixer: Mixer, limit: int) -> list[Draft]:
    """The paths after one token."""
    origin = Draft(start.context, start.brackets, start.quote)
    paths: list[Draft] = []
    for key, chance in _ranked(origin, start, sources, mixer):
        path = _step(origin, key, chance, start, sources)
        if path is not None:
            paths.append(path)
        if len(paths) >= limit:
            break
    return paths


def _grow(path: Draft, start: Start, sources: Sources, mixer: Mixer, bar: float) -> Iterator[Draft]:
    """A path and its likeliest continuations that may be shown."""
    least = log(max(bar, 0.05)) - 0.9
    while True:
        if not path.quoted and (not path.own or path.ended):
            yield path
        if (
            path.ended
            or path.steps >= _MOST_STEPS
            or len(path.text) > _MOST_CHARACTERS
            or path.chance < least
        ):
            return
        for key, chance in _ranked(path, start, sources, mixer):
            further = _step(path, key, chance, start, sources)
            if further is not None:
                path = further
                break
        else:
            return


def _ranked(
    path: Draft, start: Start, sources: Sources, mixer: Mixer
) -> Iterator[tuple[str, float]]:
    """Candidates for a path's next token with the logarithms of their probabilities."""
    first = path.steps == 0
    evidence = weigh(
        path.context, sources, start.stem if first else "", start.spaced if first else False
    )
    chances = mixer.probabilities(evidence)
    for row in np.argsort(-chances)[:8].tolist():
        if row:
            yield evidence.keys[row], log(max(float(chances[row]), 1e-9))


def _step(path: Draft, key: str, chance: float, start: Start, sources: Sources) -> Draft | None:
    """A path with one more token; None if the token can't stand there."""
    first = path.steps == 0
    further = Draft(
        path.context, path.brackets, path.quote, path.text, path.own, path.quoted,
        path.chance + chance, min(path.weakest, chance), path.steps + 1,
    )  # fmt: skip
    body = written(key)
    if key == END or (start.right.startswith(body) and not path.own and not path.quoted):
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
        further.text += _space(path.context.keys[-1], key, sources) + body
    further.context = path.context.then(key, sources)
    return further


def _fits(path: Draft, key: str, body: str) -> bool:
    """Whether a token may follow by brackets and quotes; keeps their account."""
    mark = key.lstrip(" ")
    if mark[0] == CLOSE:
        if body != path.quote:
            return False
        path.quote, path.quoted = "", False
        return True
    if path.quote:
        return mark[0] == PROSE or is_word(key)
    if mark[0] == OPEN:
        path.quote, path.quoted = body.lstrip("rRbBuUfFtT"), True
        return True
    if path.context.prose != (mark[0] == PROSE) and not is_word(key) and mark[1:] != "#":
        return False
    if body in {"(", "[", "{"}:
        path.own = [*path.own, body]
    elif body in _PAIRS:
        if path.own:
            if path.own[-1] != _PAIRS[body]:
                return False
            path.own = path.own[:-1]
        elif path.brackets and path.brackets[-1] == _PAIRS[body]:
            path.brackets = path.brackets[:-1]
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
