"""Stands for a process of Python that is forked from one with everything loaded.

    python ARGUMENTS...

`tests.loaded.python` writes this file, headed by its interpreter, beside the socket it connects to:
a shell between the two would add to the environment.

It gives away what makes a process: arguments, environment, folder, group, mask, priority, and the
three streams. It passes signals on and ends as the process does, by a status or by a signal; when
it is killed, so is the process. What takes a fresh interpreter, by the word of `forking.py`, it
becomes instead. It imports nothing that takes time, as `signal` and `socket` do.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import marshal
import os
import sys

_PASSED_ON = (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP, _signal.SIGUSR1, _signal.SIGUSR2)


def main() -> None:
    """Have the process forked, or become it."""
    address, arguments = os.path.join(os.path.dirname(sys.argv[0]), "socket"), sys.argv[1:]
    umask = os.umask(0)
    os.umask(umask)
    job = (arguments, dict(os.environb), os.getsid(0), os.getpgrp(), umask, os.nice(0))
    connection = _socket.socket(_socket.AF_UNIX)
    connection.connect(address)
    if not _taken(connection, marshal.dumps(job)):
        os.execv(sys.executable, [sys.executable, *arguments])
    for number in _PASSED_ON:
        _signal.signal(number, lambda number, _: connection.send(bytes((number,))))
    # The other ends are to see these end with the process.
    os.closerange(0, 3)
    status = os.waitstatus_to_exitcode(int.from_bytes(_read(connection, 4), "little"))
    if status < 0:
        _signal.signal(-status, _signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


def _taken(connection: _socket.socket, job: bytes) -> bool:
    folder = os.open(".", os.O_RDONLY)
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2, folder))
    try:
        connection.sendmsg(
            [len(job).to_bytes(4, "little")],
            [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)],
        )
    except OSError:  # one of the streams is closed
        return False
    connection.sendall(job)
    os.close(folder)
    return _read(connection, 1) == b"y"


def _read(connection: _socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        if not (read := connection.recv(size - len(found))):
            os._exit(70)  # the process that forks is gone
        found += read
    return found


if __name__ == "__main__":
    main()
