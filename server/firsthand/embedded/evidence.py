"""The numbers that speak for each candidate for the next token."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import log

import numpy as np

from firsthand.embedded.calls import Call
from firsthand.embedded.candidates import allowed, further, told
from firsthand.embedded.facts import FACTS, Floats
from firsthand.embedded.kinds import KEYWORDS, OTHER, is_name, kind, parts
from firsthand.embedded.layer import DEPTH
from firsthand.embedded.lexer import END, is_word
from firsthand.embedded.scope import ITSELF
from firsthand.embedded.sources import CELLS, Context, Counts, Sources

PLACED = 14  # numbers of a candidate that hold for its place in the line
EXACT = 15  # numbers of a candidate by what stood after the same one or two tokens
SEQUEL = 4  # numbers of a candidate by the names before it
CALLED = 5  # numbers of a candidate by the call it lies in
WIDTH = 2 * CELLS + FACTS + PLACED + EXACT + SEQUEL + CALLED
_ENDS = accumulate((FACTS, PLACED, EXACT, SEQUEL, CALLED), initial=2 * CELLS)
_GROUPS = [slice(first, end) for first, end in pairwise(_ENDS)]
GLOBAL = CELLS + 7  # numbers of the context
MOST = 128  # candidates
_PAIRED = 14  # words that begin like a stem whose pairs are counted
LAST = 12  # tokens before that are in the trail
TRAIL = LAST + 6
FAR = 2 * DEPTH + 1 - LAST  # tokens before those
# Of the EXACT numbers, by file, project and base: logarithms of the counts after two tokens and
# one, the shares of both, and the share of the word's own places.
_TIMES, _SHARES, _OWN = [0, 2, 5, 7, 10, 12], [1, 3, 6, 8, 11, 13], [4, 9, 14]
_NO_SUBJECT = KEYWORDS | ITSELF


@dataclass(frozen=True, slots=True)
class Evidence:
    """Candidates for the next token, as the mixer reads them.

    Attributes:
        keys: the candidates; the first is empty and stands for none of the others.
        rows: (candidates, WIDTH) numbers of each.
        kinds: the kind of each.
        context: (GLOBAL,) numbers of the context.
        before: the kinds of the two tokens before.
        trail: the tokens that say most of what comes, `TRAIL` of them, and the `FAR` before them.
        asked: the context as a number (`sources.Context.file`), and the part that is typed.
    """

    keys: list[str]
    rows: Floats
    kinds: list[int]
    context: Floats
    before: tuple[int, int]
    trail: list[str]
    asked: tuple[int, str]


def weigh(
    context: Context, sources: Sources, stem: str, spaced: bool, most: int = MOST
) -> Evidence:
    """The candidates for the next token.

    Args:
        context: what stands before it.
        sources: the tiers.
        stem: the part of the token that is typed already.
        spaced: whether white space is typed after the token before it.
        most: how many candidates are weighed.
    """
    seen = sources.seen(context)
    keys, heard = allowed(seen, stem, spaced, context.prose, most)
    lost = len(seen.keys) - len(keys)
    places = dict(zip(keys, range(len(keys)), strict=True))
    exact, sequels, call, expected = told(context, sources, spaced)
    line = context.keys[-context.line :] if context.line else []
    words = [key for key in line if is_word(key)]
    for key in further(words, expected, sources, stem):
        if key not in places:
            if len(keys) >= most:
                break
            places[key] = len(keys)
            keys.append(key)
    total = heard.sum(axis=0)
    rows = np.zeros((len(keys), WIDTH), np.float32)
    rows[: len(heard), :CELLS] = np.log(heard + 1)
    rows[: len(heard), CELLS : 2 * CELLS] = heard / (total + 0.5)
    facts, placed, counted, followed, called = (rows[:, group] for group in _GROUPS)
    facts[:] = sources.facts.of(keys)
    _place(placed, places, line, words, stem)
    _repeat(placed[:, 6:8], places, line)
    if stem:
        _pair(placed[:, 8:], keys, context, sources)
    _count(counted, places, exact, facts)
    _follow(followed, places, sequels)
    if call is not None:
        _argue(called, places, call, sources)
    before = context.keys[-2:]
    return Evidence(
        keys,
        rows,
        list(map(kind, keys)),
        _numbers(context, total, stem, spaced, lost),
        (kind(before[-1]), kind(before[0]) if len(before) > 1 else OTHER),
        trail_of(context.keys, line, call, sources.begun),
        (context.file, stem),
    )


def _numbers(context: Context, total: Floats, stem: str, spaced: bool, lost: int) -> Floats:
    """(GLOBAL,) numbers of a context; `lost` is how many of what followed it do not fit."""
    numbers = np.empty(GLOBAL, np.float32)
    np.log(total + 1, out=numbers[:CELLS])
    numbers[CELLS:] = (
        min(len(stem), 8) / 4,
        bool(stem),
        spaced,
        context.prose,
        log(1 + context.line) / 2,
        context.line == 0,
        log(1 + lost) / 2,
    )
    return numbers


def trail_of(keys: list[str], line: list[str], call: Call | None, begun: list[str]) -> list[str]:
    """The last tokens, how the line begins, what is called, how the two lines above begin.

    Then those before the last ones.

    Args:
        keys: all tokens before.
        line: those of them that stand in the line itself.
        call: the call that it lies in.
        begun: the first token of each of the two lines above.
    """
    last = keys[-LAST:]
    far = keys[-LAST - FAR : -LAST]
    first = [key for key in line[:3] if key[0] != END][:2]
    return [
        *[""] * (LAST - len(last)),
        *last,
        *first,
        *[""] * (2 - len(first)),
        call.callee if call is not None else "",
        str(call.place) if call is not None else "",
        *begun,
        *[""] * (FAR - len(far)),
        *far,
    ]


def _count(cells: Floats, places: dict[str, int], exact: list[Counts], facts: Floats) -> None:
    """Fill in the exact counts after two tokens and one, their shares, and the words' own."""
    size = len(places)
    at: list[int] = []
    times: list[int] = []
    totals: list[float] = []
    for number, counts in enumerate(exact):
        few = counts if len(counts) < size else places
        keys = [key for key in few if key in counts and key in places]
        at += [number * size + places[key] for key in keys]
        times += [counts[key] for key in keys]
        totals.append(sum(counts.values()) + 0.5)
    found = np.zeros((len(exact), size), np.float32)
    found.reshape(-1)[at] = times
    cells[:, _TIMES] = np.log(found + 1).T
    cells[:, _SHARES] = found.T / np.array(totals, np.float32)
    # Of all the places where the word stands, how many follow the last token.
    own = np.exp(facts[:, (1, 6, 7)] * np.array((1, 4, 4), np.float32))
    cells[:, _OWN] = np.minimum(found[1::2].T / own, 1)


def _follow(cells: Floats, places: dict[str, int], sequels: list[Counts]) -> None:
    """Fill in how often candidates came next after the last two names, and the last; and shares."""
    for number, counts in enumerate(sequels):
        total = sum(counts.values()) + 0.5
        for key in counts if len(counts) < len(places) else places:
            if key in counts and key in places:
                cells[places[key], number] = log(1 + counts[key])
                cells[places[key], number + 2] = counts[key] / total


def _argue(cells: Floats, places: dict[str, int], call: Call, sources: Sources) -> None:
    """Fill in what ties candidates to the argument that is being written."""
    if not call.begins:
        return
    names = sources.parameters(call.callee)
    counts = sources.document.habits.arguments.get((call.callee, call.place), {})
    total = sum(counts.values()) + 0.5
    own = call.place if isinstance(call.place, str) else ""
    if isinstance(call.place, int) and call.place < len(names):
        own = names[call.place]
    like = parts(own)
    for key, row in places.items():
        if key in names and not isinstance(call.place, str):
            cells[row, 0] = -1 if key in call.named else 1
        if key == own:
            cells[row, 1] = 1
        elif like:
            mine = parts(key)
            cells[row, 2] = len(mine & like) / (len(mine) or 1)
        if key in counts:
            cells[row, 3] = log(1 + counts[key])
            cells[row, 4] = counts[key] / total


def _place(
    cells: Floats, rows: dict[str, int], line: list[str], words: list[str], stem: str
) -> None:
    """Fill in what ties candidates to the line so far."""
    for key in set(line):
        row = rows.get(key)
        if row is not None:
            cells[row, 0] = line.count(key)
    if len(line) > 1 and line[-2] in rows:
        cells[rows[line[-2]], 1] = 1
    if stem in rows:
        cells[rows[stem], 2] = bool(stem)
    if not words:
        return
    if words[0] in rows:
        cells[rows[words[0]], 5] = 1
    last = parts(words[-1])
    every = frozenset().union(*map(parts, words))
    for key, row in rows.items():
        own = parts(key)
        if not own.isdisjoint(every):
            cells[row, 3] = len(own & last) / len(own)
            cells[row, 4] = len(own & every) / len(own)


def _repeat(cells: Floats, rows: dict[str, int], line: list[str]) -> None:
    """Fill in what the line wrote after the same token, and what it is about."""
    for before, key in pairwise(line):
        if before == line[-1] and key in rows:
            cells[rows[key], 0] = 1
    about = next((key for key in line if is_name(key) and key not in _NO_SUBJECT), None)
    if about is not None:
        bare = about.strip("_")
        for key, row in rows.items():
            if key.strip("_") == bare:
                cells[row, 1] = 1


def _pair(cells: Floats, keys: list[str], context: Context, sources: Sources) -> None:
    """Fill in how often the words that begin like the stem stand after the tokens before.

    What followed a common token is only sampled; here the candidates are few enough to count.
    """
    before = (context.keys[-1], context.keys[-2] if len(context.keys) > 1 else END)
    for row, key in enumerate(keys[: _PAIRED + 1]):
        if key:
            cells[row, :4] = sources.after(key, before)
    after_one, after_two = cells[:, 0] + cells[:, 2], cells[:, 1] + cells[:, 3]
    cells[:, 4] = after_one / (after_one.sum() + 0.5)
    cells[:, 5] = after_two / (after_two.sum() + 0.5)
    cells[:, :4] = np.log(cells[:, :4] + 1)
