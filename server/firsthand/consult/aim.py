"""FILE:RANGE as a file's text and a range of it, and the file written anew."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from firsthand.core.text import Position, Range, Text
from firsthand.fault import CommandFault
from firsthand.named import decoded, quoted, read

# From the right, since a path may hold colons itself: C:\a.py:3-7
_PLACE = re.compile(
    r"(?P<file>.+?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?"
    r"(?:-(?P<last>\d{1,9})(?::(?P<end>\d{1,9}))?)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Aim:
    """A range of a file.

    Attributes:
        file: the file itself, links followed.
        content: its bytes.
        text: what they say.
        encoding: how they say it.
        range: what may be changed; empty at a cursor.
    """

    file: Path
    content: bytes
    text: Text
    encoding: str
    range: Range


def aim(place: str) -> Aim:
    """The range that a place names, lines and columns counting from 1.

    FILE:10-20 are whole lines, FILE:10 is one, FILE:10:5-12:1 is from one place to before another,
    and FILE:10:5 is a cursor.

    Raises:
        CommandFault: it is not written like that, or there is none such: wrong usage.
    """
    parsed = _PLACE.fullmatch(place)
    if parsed is None:
        raise CommandFault(f"{quoted(place)} is not FILE:RANGE; write src/app.py:10-20.", 2)
    file = Path(os.path.realpath(parsed["file"]))
    content = read(file)
    string, encoding = decoded(content)
    text, line = Text.of(string), int(parsed["line"]) - 1
    last = int(parsed["last"] or parsed["line"]) - 1
    start = Position(line, int(parsed["column"] or 1) - 1)
    if parsed["end"]:
        end = Position(last, int(parsed["end"]) - 1)
    elif parsed["column"] and not parsed["last"]:
        end = start
    else:
        end = Position(last, len(text.line(last))) if 0 <= last < len(text.lines) else start
    for each in (start, Position(last, 0), end):
        if text.clamp(each) != each:
            where = f"{each.line + 1}:{each.character + 1}"
            raise CommandFault(f"{file} has no place {where}; it has {len(text.lines)} lines.", 2)
    if end < start:
        raise CommandFault(f"The range of {quoted(place)} ends before it begins; turn it round.", 2)
    if not parsed["column"]:
        end = Position(last + 1, 0) if last + 1 < len(text.lines) else text.end
    return Aim(file, content, text, encoding, Range(start, end))


def write(aimed: Aim, text: Text) -> None:
    """Replace the file by another text in one step, with its encoding and its permissions.

    Raises:
        CommandFault: it was changed meanwhile, or can't be written; it is as it was then.
    """
    file = aimed.file
    try:
        content = text.string.encode(aimed.encoding)
    except UnicodeEncodeError as fault:
        mend = "save it as UTF-8 and ask again"
        raise CommandFault(f"{file} can't hold the change in its encoding; {mend}.") from fault
    fresh = file.with_name(f".{file.name}.{os.getpid()}.{os.urandom(4).hex()}.new")
    try:
        if file.read_bytes() != aimed.content:
            raise CommandFault(f"{file} was changed meanwhile, so it was left as it is; ask again.")
        if not os.access(file, os.W_OK):
            raise CommandFault(f"{file} may not be written; change its permissions and ask again.")
        with open(fresh, "xb") as written:
            os.chmod(fresh, stat.S_IMODE(file.stat().st_mode))
            written.write(content)
        os.replace(fresh, file)
    except OSError as fault:
        with suppress(OSError):
            fresh.unlink()
        raise CommandFault(f"{file} can't be written ({fault.strerror}); make room.") from fault
