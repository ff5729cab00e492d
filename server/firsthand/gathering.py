"""What an escalation shows of the codebase: looked up when it is asked, on the thread for that."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from firsthand import context
from firsthand.core.sources.pack import NOWHERE, Target, ordered, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firsthand.core.snippets import Piece
    from firsthand.core.text import Range, Text
    from firsthand.document import Document
    from firsthand.index.code.view import CodeReader
    from firsthand.session import Session


async def gathered(
    session: Session,
    document: Document,
    range_: Range,
    shown: tuple[int, int],
    instruction: str,
    seconds: float,
) -> tuple[Piece, ...]:
    """The pieces around a range, as far as they are found so soon.

    Args:
        session: knows the codebase, and what was edited in it.
        document: what is asked about.
        range_: whole lines of it, or a cursor.
        shown: the first line that the model sees of it, and the one behind the last.
        instruction: in the person's words.
        seconds: to look for them.
    """
    found: list[Piece] = list(_recent(session, document, range_))
    reader = session.code.get(document.folder)
    if reader is not None:
        ignore = session.settings_of(document).settings.privacy.ignore
        about = partial(_target, document, document.text, range_, shown, instruction)
        await session.looker.within(
            seconds, _look, reader, about, document.folder, ignore, found.append
        )
    return ordered(found)


def _recent(session: Session, document: Document, range_: Range) -> Iterator[Piece]:
    """What was changed a moment ago, and what the editor reports around the range."""
    from firsthand.core.snippets import piece
    from firsthand.core.sources.edits import diff
    from firsthand.core.sources.problems import near

    for path, before, after in context.edited(session, document):
        _, change = diff(before, after)
        yield piece("edited", path, change, "changed a moment ago")
    reported = near(document.problems, document.text, range_.start.line)
    yield piece("diagnostics", NOWHERE, reported, "the editor reports it near the range")


def _look(
    reader: CodeReader,
    about: Callable[[], Target],
    folder: str,
    ignore: tuple[str, ...],
    add: Callable[[Piece], None],
) -> None:
    """Add what the index and the tree say, piece by piece; it may take as long as parsing does."""
    target, may = about(), _rule(folder, ignore)
    with reader.view() as view:
        for each in pack(view, target, may):
            add(each)


def _target(
    document: Document, text: Text, range_: Range, shown: tuple[int, int], instruction: str
) -> Target:
    from firsthand import syntax
    from firsthand.core.codeview import Definition

    # As the index counts lines, whatever ends them.
    lines = [text.line(number) for number in range(len(text.lines))]
    outline = syntax.outline(document.language, "\n".join(lines))
    defined = [
        Definition(
            *(document.path, each.name, each.kind, each.container, each.signature),
            *(each.first_line, each.last_line),
        )
        for each in outline.definitions
    ]
    last = range_.end.line
    if last > range_.start.line and range_.end.character == 0:
        last -= 1
    return Target(
        document.path,
        lines,
        outline.code.split("\n"),
        sorted(defined, key=lambda it: (it.first_line, -it.last_line)),
        [(each.module, each.names) for each in outline.imports],
        range_.start.line,
        last,
        range_.empty,
        shown,
        instruction,
    )


def _rule(folder: str, ignore: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a file of a folder may be shown, by its path and the rules as they are now.

    The index leaves out what may not be; a rule may have been written a moment ago.
    """
    from firsthand.index.ignore import GIT_FILES, OWN_FILES, Rules, sensitive

    root = Path(os.path.realpath(folder))
    rules = Rules(root, OWN_FILES, ignore), Rules(root, GIT_FILES)

    def may(path: str) -> bool:
        return not sensitive(root / path) and not any(it.refuses(path) for it in rules)

    return may
