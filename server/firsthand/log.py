"""The log: a file that names what went wrong and where, and never holds source code."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from firsthand.paths import log_folder, make_folder, private_opener

_LARGEST = 2_000_000
# These libraries log what they handle: whole messages, prompts, headers.
_TALKATIVE = ("pygls", "httpx", "httpcore", "keyring")


def log_file() -> Path:
    """The file that `begin` writes to."""
    return log_folder() / "server.log"


def begin() -> None:
    """Log to the file; where it can't be written, to nowhere: typing goes on."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    logging.getLogger("asyncio").addFilter(_only_durations)
    handler: logging.Handler = logging.NullHandler()
    with suppress(OSError):  # StateError is one
        handler = _file_handler()
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    )
    root.addHandler(handler)


def _only_durations(record: logging.LogRecord) -> bool:
    """Of the event loop's own messages, how long a callback held it: the rest shows its arguments.

    The loop measures callbacks in debug mode only (PYTHONASYNCIODEBUG=1).
    """
    held = record.args[-1] if isinstance(record.args, tuple) and record.args else None
    if not isinstance(held, float):
        return False
    record.msg, record.args = "a callback held the event loop for %.0f ms", (held * 1000,)
    return True


def _file_handler() -> logging.Handler:
    file = log_file()
    make_folder(file.parent)
    if file.exists() and file.stat().st_size > _LARGEST:
        with suppress(OSError):  # another server may hold it open on Windows
            os.replace(file, file.with_suffix(".log.1"))
    os.close(private_opener(str(file), os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    return logging.FileHandler(file, encoding="utf-8")
