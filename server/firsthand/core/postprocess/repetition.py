"""Text that goes round in circles, as small models do when they have nothing more to say."""

from __future__ import annotations

import re

from firsthand.core.postprocess.place import Place, weighty

_LONGEST_LOOP = 4  # lines
_TIMES = 3
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SAME_WORD = re.compile(r"\b([^\W\d_]{2,}\s+)\1{4,}")
_SHORTEST_PHRASE = 8
_LONGEST_PHRASE = 100


def without_loops(middle: str, place: Place) -> str:
    """Up to the end of the first round, or nothing of a line that repeats a phrase."""
    lines = middle.split("\n")
    for index, line in enumerate(lines):
        if _phrase_repeats(line):
            return "\n".join(lines[:index])
    stripped = [line.rstrip() for line in lines]
    stripped[0] = (place.before + stripped[0]).rstrip()
    for index in range(len(stripped)):
        for size in range(1, _LONGEST_LOOP + 1):
            round_ = stripped[index : index + size]
            again = stripped[index : index + size * _TIMES]
            if again == round_ * _TIMES and any(map(weighty, round_)):
                return "\n".join(lines[: index + size])
    return middle


def _phrase_repeats(line: str) -> bool:
    """Whether a line ends in a phrase said over and over; rows of equal values are none."""
    if _SAME_WORD.search(line):
        return True
    for size in range(_SHORTEST_PHRASE, min(len(line) // _TIMES, _LONGEST_PHRASE) + 1):
        phrase = line[-size:]
        if not line.endswith(phrase * _TIMES):
            continue
        words = len(_WORDS.findall(phrase))
        if words >= 3 or (words >= 2 and line.endswith(phrase * (_TIMES + 2))):
            return True
    return False
