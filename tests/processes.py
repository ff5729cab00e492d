"""What became of processes that a test had a hand in."""

from __future__ import annotations

import time
from collections.abc import Iterable

import psutil
from tests import loaded


def children(recursive: bool = False) -> list[psutil.Process]:
    """Those that tests started, and what these started if that is wanted."""
    return [
        each
        for each in psutil.Process().children(recursive=recursive)
        if each.pid not in loaded.KEPT
    ]


def left_running(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still run when at most `seconds` have passed.

    One that ended is not among them though nobody waited for it: where nothing reaps orphans, as
    in many containers, such a one stays in the table as a zombie.
    """
    end = time.monotonic() + seconds
    left = list(processes)
    while left := [each for each in left if _runs(each)]:
        if time.monotonic() > end:
            break
        time.sleep(0.01)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
