"""Standard input and output as the protocol's own, kept from everybody else."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from io import BufferedReader, RawIOBase
from typing import BinaryIO, cast

from pygls.io_ import StdinAsyncReader

from firsthand.resolving import Loop

# The longest header line that is read; a body may be of any length.
_LONGEST_LINE = 1 << 16
# Seconds that the end may take once the editor is gone.
_LINGER = 5.0
_CLOSED = (
    "`firsthand serve` speaks with an editor on standard input and output, and one of them is "
    "closed: let the editor start it, or give it a pipe."
)


def take() -> tuple[BinaryIO, BinaryIO]:
    """The streams of the protocol, out of reach of prints and of child processes.

    File descriptor 1 is duplicated and then pointed at standard error, 0 at the null device, so
    that a stray print does not break the protocol; duplicates are not inherited.

    Raises:
        SystemExit: one of them is closed, so that nobody can be spoken with.
    """
    if sys.stdin is None or sys.stdout is None:
        raise SystemExit(_CLOSED)
    null = os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:  # its number is free: nothing else may get it
        os.dup2(null, 2)
    stdin, stdout = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    os.dup2(null, 0)
    if null > 2:
        os.close(null)
    return open(stdin, "rb", buffering=0), open(stdout, "wb", buffering=0)


def run(
    talk: Coroutine[object, object, None],
    then: Callable[[], Coroutine[object, object, None]],
    seconds: float = _LINGER,
) -> None:
    """Run a conversation to its end, and then what ends all that it began; both however it ends.

    Whatever does not end has so many seconds left.

    A loop that ends waits for all it cancels, and asyncio waits for ever for a process whose start
    is cancelled before its pipes are connected: nobody would be there any more to end this one.
    What is kept survives that, as it survives a kill.
    """

    async def bounded() -> None:
        try:
            await talk
        finally:
            timer = threading.Timer(seconds, os._exit, (1,))
            timer.daemon = True
            timer.start()
            await then()

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(bounded())


class Reader:
    """Reads the protocol's messages without a thread where the platform can."""

    def __init__(self, stream: asyncio.StreamReader | StdinAsyncReader) -> None:
        self._stream = stream
        self._between = False  # whether a message was read, and nothing of the next one yet

    @classmethod
    async def of(cls, stdin: BinaryIO) -> Reader:
        """A reader of a pipe, a socket or a terminal; of anything else through a thread."""
        loop = asyncio.get_running_loop()
        stream = asyncio.StreamReader(limit=_LONGEST_LINE)
        if sys.platform != "win32":
            # Asked first: of a device that can't be waited for, as the null device, the transport
            # learns only when nobody can be told any more.
            try:
                loop.add_reader(stdin, int)
                loop.remove_reader(stdin)
                await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), stdin)
                return cls(stream)
            except (OSError, ValueError):  # a device, a regular file
                pass
        return cls(StdinAsyncReader(BufferedReader(cast(RawIOBase, stdin))))

    async def readline(self) -> bytes:
        """A header line; empty at the end of input."""
        if self._between:
            # What the message before started has to take its first step, its snapshot, before the
            # next message changes the document.
            self._between = False
            await asyncio.sleep(0)
        try:
            return await self._stream.readline()
        except ValueError:  # too long for a header: as good as an empty line
            return b"\n"

    async def readexactly(self, n: int) -> bytes:
        """A body of n bytes; empty when the input ends before."""
        self._between = True
        try:
            return await self._stream.readexactly(n)
        except asyncio.IncompleteReadError:
            return b""
