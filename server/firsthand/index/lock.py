"""One process at a time in a state folder, by a lock that dies with its holder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firsthand.paths import StateError, private_opener

if sys.platform == "win32":
    import msvcrt

    # A locked byte can't be read on Windows: this one lies far behind the number in the file.
    _FAR = 1 << 30

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def held(file: Path, wait: Callable[[], None]) -> Iterator[None]:
    """Hold a lock file, with this process's id in it, for as long as the context lasts.

    The operating system frees the lock when its holder ends in any way, so none is ever stale. The
    file stays: removing it would let two processes lock two files of one name.

    Args:
        file: the lock file; its folder exists.
        wait: called while another process holds it, until that ends; pauses a while.

    Raises:
        StateError: the file can't be made.
    """
    try:
        opened = open(file, "ab", opener=private_opener)  # noqa: SIM115 (closed below)
    except OSError as error:
        raise StateError(file, error) from error
    with opened:
        while True:
            try:
                _try_lock(opened.fileno())
                break
            except (BlockingIOError, PermissionError):
                wait()
            except OSError:
                # A file system without locks: what is built is put in place in one step anyway.
                break
        try:
            opened.truncate(0)
            opened.write(f"{os.getpid()}\n".encode())
            opened.flush()
        except OSError as error:
            raise StateError(file, error) from error
        yield
