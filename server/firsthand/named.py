"""Files that a person names on the command line."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from firsthand.fault import CommandFault

# Bytes; in a larger file nothing is completed anyway.
_LARGEST = 16_000_000


def read(file: Path) -> bytes:
    """What a file of text holds.

    Raises:
        CommandFault: it is none, or can't be read: wrong usage.
    """
    try:
        about = file.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would block and a device never end
            raise CommandFault(f"{file} is not a file; name one.", 2)
        if about.st_size > _LARGEST:
            raise CommandFault(f"{file} is too large to be completed; name a smaller file.", 2)
        content = file.read_bytes()
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or "unusable path"
        raise CommandFault(f"{file} can't be read ({reason}); name a file that can.", 2) from fault
    if b"\0" in content:
        raise CommandFault(f"{file} is not a text file; name one that is.", 2)
    return content


def decoded(content: bytes) -> tuple[str, str]:
    """What bytes say, and the encoding by which they say it."""
    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def project(file: Path) -> Path:
    """The repository a file lies in, else its folder."""
    return next((each for each in file.parents if (each / ".git").exists()), file.parent)


def quoted(written: str) -> str:
    """What a person wrote, cut where it is long."""
    return repr(written if len(written) <= 200 else f"{written[:200]}...")
