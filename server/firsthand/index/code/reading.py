"""Reading many files at once, in processes: `python -m firsthand.index.code.reading ROOT`.

A process gets a JSON array a line, [path, language, digest], and answers each with a line. It ends
when its input does, so with whoever started it, in whatever way that ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import IO, Any, cast

from firsthand.index.code.content import NOTHING, Content, Piece, read
from firsthand.index.files import Skipped, SourceFile
from firsthand.syntax import Defined, Imported

Found = tuple[bytes, Content] | Skipped

_COMMAND = (sys.executable, "-P", "-m", "firsthand.index.code.reading")
_FLAGS = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(
    subprocess, "CREATE_NO_WINDOW", 0
)
_MANY = 64  # files that are worth the start of processes
_MOST_PROCESSES = 4
_AHEAD = 8  # files that a process is given before it has answered; they fit into a pipe


def read_files(
    root: Path,
    files: Sequence[SourceFile],
    digests: Mapping[str, bytes],
    command: Sequence[str] = _COMMAND,
) -> Iterator[tuple[SourceFile, Found]]:
    """What is written about each file, in their order; many are read by several processes.

    Args:
        root: the folder of the workspace.
        files: what to read.
        digests: those of the contents that were written last.
        command: what to run; the root is appended.
    """
    left = deque(files)
    if len(left) >= _MANY:
        yield from _by_processes(root, left, digests, command)
    # All of a few, and what is left when a process failed.
    while left:
        file = left.popleft()
        yield file, read(root, file.path, file.language, digests.get(file.path, b""))


def _by_processes(
    root: Path, left: deque[SourceFile], digests: Mapping[str, bytes], command: Sequence[str]
) -> Iterator[tuple[SourceFile, Found]]:
    """Read files until there are none left or a process fails; what is read is taken from them."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(max(1, min(_MOST_PROCESSES, os.cpu_count() or 1))):
            processes.append(_started(root, command))  # noqa: PERF401 (those before it are ended)
        unasked = iter(tuple(left))
        asked: deque[subprocess.Popen[bytes]] = deque()
        turns = cycle(processes)
        for process, file in zip(turns, islice(unasked, _AHEAD * len(processes)), strict=False):
            _ask(process, file, digests)
            asked.append(process)
        while asked:
            process = asked.popleft()
            found = _answer(process)
            yield left.popleft(), found
            for file in islice(unasked, 1):
                _ask(process, file, digests)
                asked.append(process)
    except (OSError, ValueError):
        return
    finally:
        for process in processes:
            _end(process)


def _started(root: Path, command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 (no shell; this interpreter)
        [*command, os.fspath(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=_FLAGS,
    )


def _ask(process: subprocess.Popen[bytes], file: SourceFile, digests: Mapping[str, bytes]) -> None:
    digest = digests.get(file.path, b"")
    question = cast(IO[bytes], process.stdin)
    question.write(f"{json.dumps([file.path, file.language, digest.hex()])}\n".encode())
    question.flush()


def _answer(process: subprocess.Popen[bytes]) -> Found:
    """What a process says of the file it was asked about first.

    Raises:
        ValueError: it said nothing.
    """
    return _loaded(json.loads(cast(IO[bytes], process.stdout).readline()))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            try:
                pipe.close()
            except OSError:
                continue  # it had more to say than anybody read


def _dumped(found: Found) -> list[Any]:
    if isinstance(found, Skipped):
        return [found.value]
    digest, content = found
    if content is NOTHING:
        return [digest.hex()]
    return [
        digest.hex(),
        [
            (it.name, it.kind, it.container, it.signature, it.first_line, it.last_line, it.doc)
            for it in content.definitions
        ],
        [(it.module, it.names) for it in content.imports],
        content.names,
        [(it.first, it.last, it.text, list(it.names)) for it in content.pieces],
    ]


def _loaded(answer: list[Any]) -> Found:
    if len(answer) == 1:
        try:
            return Skipped(answer[0])
        except ValueError:
            return bytes.fromhex(answer[0]), NOTHING
    digest, definitions, imports, names, pieces = answer
    return bytes.fromhex(digest), Content(
        tuple(Defined(*each) for each in definitions),
        tuple(Imported(module, tuple(taken)) for module, taken in imports),
        names,
        tuple(Piece(first, last, text, frozenset(held)) for first, last, text, held in pieces),
    )


def _main() -> None:
    root = Path(sys.argv[1])
    for line in sys.stdin.buffer:
        path, language, digest = json.loads(line)
        found = read(root, path, language, bytes.fromhex(digest))
        try:
            sys.stdout.write(f"{json.dumps(_dumped(found))}\n")
            sys.stdout.flush()
        except OSError:
            break  # nobody listens any more


if __name__ == "__main__":
    _main()
