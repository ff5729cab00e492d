"""The process that learns a workspace: `python -m firsthand.index ROOT`.

It is driven through pipes by `firsthand.index.client`. The first line of its input is a JSON
object, {"ignore": patterns, "jobs": names of `firsthand.index.jobs`}; then its input stays open for
as long as anyone wants the results, and its end ends the process. Its output is a JSON object on
each line, each with the name of its "job": {"done": 12, "total": 345} while files are read,
{"waiting": true} once while another process does the same, and the result when the job has ended.
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
    """Do the jobs, and report to whoever holds the other ends of the pipes."""
    # A terminal sends Ctrl-C to parent and child alike; the parent's end is what counts.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.excepthook = _report_fault
    if hasattr(os, "nice"):
        # On Windows the priority is given when the process is made.
        os.nice(10)
    # What others write for this process is private as well.
    os.umask(0o077)
    parent = os.getppid()
    order = json.loads(sys.stdin.buffer.readline() or b"null")
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if order is not None:
        _work(Path(sys.argv[1]), order["ignore"], order["jobs"], order["git"])


def _work(root: Path, ignore: list[str], names: list[str], run_git: bool) -> None:
    # Imported after the watch began: numpy and the embedded model take a while to load.
    from firsthand.index.git import Git
    from firsthand.index.jobs import JOBS, Work
    from firsthand.index.state import Result
    from firsthand.paths import StateError

    git = Git.found() if run_git else None
    for name in names:
        work = Work(root, ignore, git, _Progress(name), _Wait(name))
        try:
            result = JOBS[name](work)
        except StateError as error:
            result = Result("failed", None, str(error))
        _report({"job": name, **asdict(result)})


class _Progress:
    """Reports how far a job has come, not too often."""

    def __init__(self, job: str) -> None:
        self._job = job
        self._reported = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._reported >= _EVERY or done == total:
            self._reported = now
            _report({"job": self._job, "done": done, "total": total})


class _Wait:
    """Reports once that a job waits for another process, and pauses."""

    def __init__(self, job: str) -> None:
        self._job = job
        self._reported = False

    def __call__(self) -> None:
        if not self._reported:
            self._reported = True
            _report({"job": self._job, "waiting": True})
        time.sleep(0.1)


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
    _report({"job": None, "outcome": "failed", "status": None, "note": note})


if __name__ == "__main__":
    main()
