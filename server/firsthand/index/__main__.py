"""The process that builds a workspace's tier: `python -m firsthand.index ROOT`.

It is driven through pipes by `firsthand.index.client`. The first line of its input is a JSON array
of ignore patterns; then its input stays open for as long as anyone wants the result, and its end
ends the process. Its output is a JSON object on each line: {"done": 12, "total": 345} while files
are read, {"waiting": true} once while another process builds the same tier, and at last the result.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

_EVERY = 0.1  # seconds between two reports of progress


def main() -> None:
    """Build, and report to whoever holds the other ends of the pipes."""
    # A terminal sends Ctrl-C to parent and child alike; the parent's end is what counts.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.excepthook = _report_fault
    if hasattr(os, "nice"):
        # On Windows the priority is given when the process is made.
        os.nice(10)
    # What others write for this process is private as well.
    os.umask(0o077)
    parent = os.getppid()
    ignore = json.loads(sys.stdin.buffer.readline() or b"null")
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if ignore is not None:
        _build(Path(sys.argv[1]), ignore)


def _build(root: Path, ignore: list[str]) -> None:
    # Imported after the watch began: numpy and the embedded model take a while to load.
    from firsthand.index.build import build
    from firsthand.index.git import Git
    from firsthand.index.state import Result
    from firsthand.paths import StateError

    reported = 0.0
    waiting = False

    def on_progress(done: int, total: int) -> None:
        nonlocal reported
        now = time.monotonic()
        if now - reported >= _EVERY or done == total:
            reported = now
            _report({"done": done, "total": total})

    def on_wait() -> None:
        nonlocal waiting
        if not waiting:
            waiting = True
            _report({"waiting": True})
        time.sleep(0.1)

    try:
        result = build(root, ignore, git=Git.found(), on_progress=on_progress, on_wait=on_wait)
    except StateError as error:
        result = Result("failed", None, str(error))
    _report(asdict(result))


def _end_with(parent: int) -> None:
    """End this process when its input ends or its parent is another than it was."""
    if os.name == "posix":
        while os.getppid() == parent:
            if select.select([0], [], [], 0.5)[0] and not os.read(0, 4096):
                break
    else:
        while os.read(0, 4096):
            continue
    os._exit(1)


def _report(message: dict[str, object]) -> None:
    try:
        sys.stdout.write(f"{json.dumps(message)}\n")
        sys.stdout.flush()
    except OSError:
        # Nobody listens any more.
        os._exit(1)


def _report_fault(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say what failed and where, without the message: it could quote what was being read."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None:
        name = os.path.basename(trace.tb_frame.f_code.co_filename)
        place = f" in {name}, line {trace.tb_lineno}"
    note = f"The index could not be built ({kind.__name__}{place}); completion goes on without it."
    _report({"outcome": "failed", "status": None, "note": note})


if __name__ == "__main__":
    main()
