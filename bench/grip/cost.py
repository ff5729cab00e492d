"""What following a document of 100,000 lines costs: time a change, memory, bytes on disk."""

from __future__ import annotations

import random
import sys
import time
import tracemalloc
from collections import deque
from statistics import median
from typing import Any

from firsthand.core.attribution import typed
from firsthand.core.authorship import Authorship, Mark, Origin
from firsthand.core.text import Edit, Position, Range, Text
from firsthand.core.unread import edited
from firsthand.provenance.record import Record

_LINES = 100_000
_KEYS = 2_000


def measure() -> dict[str, Any]:
    """Each line was accepted at an indentation that was typed: three marks to a line."""
    text = Text.of("".join(f"    value_{n} = compute({n}, other)\n" for n in range(_LINES)))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    authorship = Authorship.of(text, _runs(text))
    tracked = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    # As a document keeps them for undo; eight for files of this length.
    earlier: deque[Authorship] = deque(maxlen=8)
    chance, times, again = random.Random(1), list[float](), list[float]()
    place = Position(0, 0)
    for key in range(_KEYS):
        if key % 20 == 0:
            place = Position(chance.randrange(_LINES - 1), 4)
        edit = Edit(Range.at(place), "x")
        after = text.apply(edit)
        for spent in (times, again):
            began = time.thread_time()
            changed = _changed(authorship, text, edit, after)
            spent.append((time.thread_time() - began) * 1000)
        earlier.appendleft(authorship)
        authorship, text = changed, after
        place = Position(place.line, place.character + 1)
    record = Record.of(text, authorship, {})
    began = time.thread_time()
    raw = record.encoded()
    writing = time.thread_time() - began
    return {
        "lines": _LINES,
        "runs": len(authorship.runs()),
        "ms_a_change_median": round(median(times), 4),
        "ms_a_change_p99": round(sorted(times)[int(0.99 * len(times))], 4),
        "ms_made_again_median": round(median(again), 4),
        "mb_tracked": round(tracked / 1e6, 2),
        "mb_with_undo": round((tracked + _own(earlier, authorship)) / 1e6, 2),
        "mb_on_disk": round(len(raw) / 1e6, 2),
        "ms_writing_off_the_loop": round(writing * 1000, 1),
    }


def _changed(authorship: Authorship, text: Text, edit: Edit, after: Text) -> Authorship:
    """What a session does for a change that was typed."""
    runs = typed(authorship, text, edit, 3_600_000 * 490_000)
    changed = authorship.splice(text, edit, after, runs)
    return edited(authorship, text, edit, changed, after)


def _runs(text: Text) -> list[tuple[int, int]]:
    runs = []
    for number, line in enumerate(text.lines):
        mark = Mark(Origin.INLINE, 1_760_000_000_000 + number // 3).packed
        own = Mark(Origin.TYPED, 1_760_000_000_000 // 3_600_000 * 3_600_000).packed
        if line:
            runs += [(4, own), (len(line) - 5, mark), (1, own)]
    return runs


def _own(earlier: deque[Authorship], now: Authorship) -> int:
    """Bytes that earlier states take beside those that they share with the one now."""
    shared = {id(each) for each in now.blocks}
    seen: set[int] = set()
    total = 0
    for state in earlier:
        total += sys.getsizeof(state.blocks) + sys.getsizeof(state.lines)
        for block in state.blocks:
            if id(block) not in shared and id(block) not in seen:
                seen.add(id(block))
                total += sum(map(sys.getsizeof, (block, *block)))
    return total
