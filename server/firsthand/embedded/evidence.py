"""Candidates for the next token, and the numbers that speak for each.

The candidates are all that followed the context anywhere, the words used last, and, once a part of
a word is typed, the words that begin with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from firsthand.embedded.calls import Call, call_of
from firsthand.embedded.kinds import KEYWORDS, OTHER, kind, parts
from firsthand.embedded.layer import DEPTH
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE, is_word
from firsthand.embedded.scope import DOTS, ITSELF
from firsthand.embedded.sources import CELLS, FACTS, Context, Counts, Floats, Seen, Sources, Told

PLACED = 12  # numbers of a candidate that hold for its place in the line
EXACT = 15  # numbers of a candidate by what stood after the same one or two tokens
CALLED = 5  # numbers of a candidate by the call it lies in
WIDTH = 2 * CELLS + FACTS + PLACED + EXACT + CALLED
GLOBAL = CELLS + 7  # numbers of the context
MOST = 64  # candidates

_NAMED = 12  # words that begin like a stem, of each source
_PAIRED = 14  # words that begin like a stem whose pairs are counted
LAST = 12  # tokens before that are in the trail
TRAIL = LAST + 6
FAR = 2 * DEPTH + 1 - LAST  # tokens before those
# Of the EXACT numbers, by file, project and base: logarithms of the counts after two tokens and
# one, the shares of both, and the share of the word's own places.
_TIMES, _SHARES, _OWN = [0, 2, 5, 7, 10, 12], [1, 3, 6, 8, 11, 13], [4, 9, 14]
_PROSE_MARKS = frozenset({PROSE, CLOSE})


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
    keys, heard = _fitting(seen, stem, spaced, context.prose, most)
    lost = len(seen.keys) - len(keys)
    places = dict(zip(keys, range(len(keys)), strict=True))
    exact, call, expected = _told(context, sources, spaced)
    line = context.keys[-context.line :] if context.line else []
    words = [key for key in line if is_word(key)]
    for key in _further(words, expected, sources, stem):
        if key not in places:
            if len(keys) >= most:
                break
            places[key] = len(keys)
            keys.append(key)
    size = len(keys)
    total = heard.sum(axis=0)
    rows = np.zeros((size, WIDTH), np.float32)
    rows[: len(heard), :CELLS] = np.log(heard + 1)
    rows[: len(heard), CELLS : 2 * CELLS] = heard / (total + 0.5)
    rows[:, 2 * CELLS : 2 * CELLS + FACTS] = sources.facts(keys)
    placed = 2 * CELLS + FACTS
    _place(rows[:, placed:], places, line, words, stem)
    if stem:
        _pair(rows[:, placed + PLACED - 6 : placed + PLACED], keys, context, sources)
    _count(rows[:, placed + PLACED : WIDTH - CALLED], places, exact, rows[:, 2 * CELLS :])
    if call is not None:
        _argue(rows[:, WIDTH - CALLED :], places, call, sources)
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
    before = context.keys[-2:]
    kinds = (kind(before[-1]), kind(before[0]) if len(before) > 1 else OTHER)
    trail = trail_of(context.keys, line, call, sources.begun)
    asked = context.file, stem
    return Evidence(keys, rows, list(map(kind, keys)), numbers, kinds, trail, asked)


def _further(words: list[str], expected: list[str], sources: Sources, stem: str) -> list[str]:
    """Candidates besides those that followed the context, the likelier first.

    Args:
        words: those of the line.
        expected: what the exact counts, the call and the scope speak for.
        sources: know the words used last, and those that begin like the stem.
        stem: the part of the token that is typed already.
    """
    if not stem:
        return [*(key for key in words if key not in KEYWORDS), *expected, *sources.recent]
    found = [key for key in (*words, *expected) if key.startswith(stem)]
    return [stem, *found, *sources.beginning(stem, _NAMED)]


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


def _told(context: Context, sources: Sources, spaced: bool) -> Told:
    """What holds for a place however much of its token is typed."""
    place = context.file, spaced, context.prose
    found = sources.told.get(place)
    if found is None:
        exact, call = _exact(context, sources), call_of(context.keys)
        expected = _expected(exact, call, sources, spaced, context)
        found = sources.told[place] = exact, call, expected
    return found


def _exact(context: Context, sources: Sources) -> list[Counts]:
    """How often keys stood after the last two tokens and the last: file, project, base."""
    one = context.keys[-1]
    two = context.keys[-2] if len(context.keys) > 1 else ""
    follows = sources.document.habits.follows
    wide, narrow = sources.followers((one,)), sources.followers((one, two))
    empty: Counts = {}
    return [
        follows.get((two, one), empty), follows.get(one, empty),
        narrow[0], wide[0], narrow[1], wide[1],
    ]  # fmt: skip


def _expected(
    exact: list[Counts], call: Call | None, sources: Sources, spaced: bool, context: Context
) -> list[str]:
    """Further candidates by what stood after the same tokens, by the call, and by scope."""
    found: list[str] = []
    if call is not None and call.begins:
        found += sources.parameters(call.callee)
        found += sources.document.habits.arguments.get((call.callee, call.place), ())
    last = context.keys[-1].lstrip(" ")
    if last in DOTS:
        found += sources.members if context.keys[-2:-1] and context.keys[-2] in ITSELF else ()
    elif not context.prose:
        found += sources.scoped
    for counts, most in zip(exact, (16, 12, 16, 12, 8, 6), strict=True):
        keys = sorted(counts, key=counts.__getitem__, reverse=True)[:most]
        found += [
            key
            for key in keys
            if (not spaced or _may_follow_space(key)) and not _is_foreign(key, context.prose)
        ]
    return found


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


def _fitting(
    seen: Seen, stem: str, spaced: bool, prose: bool, most: int
) -> tuple[list[str], Floats]:
    """The part of what followed a context that what is typed of the token leaves."""
    keys = seen.keys
    if stem:
        chosen = [row for row, key in enumerate(keys) if key.startswith(stem)]
    elif spaced:
        chosen = [
            row
            for row, key in enumerate(keys)
            if key and _may_follow_space(key) and not _is_foreign(key, prose)
        ]
    else:
        chosen = [row for row, key in enumerate(keys) if key and not _is_foreign(key, prose)]
    chosen = [0, *chosen[: most - 1]]
    return [keys[row] for row in chosen], seen.heard[chosen]


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


def _is_foreign(key: str, prose: bool) -> bool:
    """Whether a key of code meets a place in a string or a comment, or the reverse."""
    mark = key[1:2] if key[0] == " " else key[0]
    if prose:
        return not (mark in _PROSE_MARKS or is_word(key) or key[0] == END)
    return mark == CLOSE or (mark == PROSE and key[-1] != "#" and key[-1] != "/")


def _may_follow_space(key: str) -> bool:
    return key[0] == " " or key[0] == OPEN or is_word(key)
