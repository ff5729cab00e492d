"""What two texts have in common, in order: by lines where much changed, by words within lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise

# Elements of the one times elements of the other that are compared exactly, in about a millisecond.
_COMPARED = 20_000
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")

# So many elements are the same from an index of the old sequence and one of the new sequence on.
Match = tuple[int, int, int]


def tokens(string: str) -> list[str]:
    """A text as its words, its runs of white space and its other characters."""
    return _TOKEN.findall(string)


def matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Match]:
    """Which elements two sequences share, in the order of both.

    What both begin and end with is the same. Between, short sequences are compared exactly; in long
    ones those elements are paired that stand once in both and in the same order, and then what
    lies between these, so that the time is that of a walk over both.
    (Source: "patience diff", Bram Cohen, 2010.)
    """
    found: list[Match] = []
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        head, end, start, stop = waiting.pop()
        same = 0
        while head + same < end and start + same < stop and old[head + same] == new[start + same]:
            same += 1
        if same:
            found.append((head, start, same))
            head, start = head + same, start + same
        same = 0
        while end > head and stop > start and old[end - 1] == new[stop - 1]:
            end, stop, same = end - 1, stop - 1, same + 1
        if same:
            found.append((end, stop, same))
        if head == end or start == stop:
            continue
        if (end - head) * (stop - start) <= _COMPARED:
            from difflib import SequenceMatcher  # loaded when it is needed

            matcher = SequenceMatcher(None, old[head:end], new[start:stop], autojunk=False)
            found += [
                (head + each.a, start + each.b, each.size)
                for each in matcher.get_matching_blocks()
                if each.size
            ]
        else:
            waiting += _between(old, new, (head, end, start, stop))
    return sorted(found)


def _between(
    old: Sequence[Hashable], new: Sequence[Hashable], within: tuple[int, int, int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """The parts of two sequences that are left to compare once what is unique in both is paired."""
    head, end, start, stop = within
    counts = Counter(old[head:end])
    places = {each: at for at, each in enumerate(old[head:end], head) if counts[each] == 1}
    again = Counter(new[start:stop])
    pairs = [
        (places[each], at)
        for at, each in enumerate(new[start:stop], start)
        if again[each] == 1 and each in places
    ]
    paired = _rising(pairs)
    if not paired:
        return
    for (one, other), (further, beyond) in pairwise([(head, start), *paired, (end, stop)]):
        if (one, other) != (further, beyond):
            yield one, further, other, beyond


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest selection of pairs, which come by their second member, that rises in the first.

    (Source: patience sorting, as in Aldous and Diaconis, 1999.)
    """
    tops: list[int] = []
    at_top: list[int] = []
    before: list[int] = []
    for number, (first, _) in enumerate(pairs):
        pile = bisect_left(tops, first)
        before.append(at_top[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(first)
            at_top.append(number)
        else:
            tops[pile], at_top[pile] = first, number
    chosen: list[tuple[int, int]] = []
    number = at_top[-1] if at_top else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = before[number]
    return chosen[::-1]
