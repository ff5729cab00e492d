"""`firsthand serve` with a watch on its event loop: which callbacks held it, and for how long.

The loop's own debug mode slows every callback down and counts the time that the machine gave to
others. Here a callback costs a microsecond more, and what counts is the CPU time that the whole
process took meanwhile: while the loop waits for another thread to let go of the interpreter, that
thread is at work. What a callback waits for the disk is not in it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from firsthand.server import serve

# Milliseconds from which on a callback is noted, in a file of the state folder: a JSON object a
# line, {"ms": how long it held the loop, "name": whose it was}.
NOTED = 5.0
FILE = "callbacks.jsonl"


def watch(file: Path) -> None:
    """Note every callback that holds a loop of this process for long."""
    run, clock = asyncio.Handle._run, time.process_time

    def watched(self: asyncio.Handle) -> None:
        began = clock()
        run(self)
        held = (clock() - began) * 1000
        if held >= NOTED:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"ms": round(held, 1), "name": _name(self)}) + "\n")

    asyncio.Handle._run = watched  # type: ignore[method-assign]


def _name(handle: Any) -> str:
    """Whose a callback is: the coroutine of a task, else the function."""
    owner = getattr(handle._callback, "__self__", None)
    called = owner.get_coro() if isinstance(owner, asyncio.Task) else handle._callback
    return str(getattr(called, "__qualname__", called))


if __name__ == "__main__":
    gc.disable()  # as `firsthand serve` begins
    watch(Path(os.environ["FIRSTHAND_HOME"]) / FILE)
    sys.exit(serve())
