"""What a model is shown of the codebase, found out ahead: no key ever waits for it.

While a person writes in a line, a thread of its own looks in the index for what the next lines may
need. A request takes what is there by then; nothing is a small loss. And it takes the same as the
request before, unless that no longer serves: a model's server has read it already, and would have
to read everything after it again.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firsthand.core.snapshot import Snapshot
    from firsthand.core.snippets import Chosen
    from firsthand.core.sources.place import Place
    from firsthand.core.text import Position, Text
    from firsthand.document import Document
    from firsthand.index.code.view import CodeReader
    from firsthand.relevance.choose import Known
    from firsthand.session import Session

# Tokens that all of it may take.
BUDGET = 1_024
# The share of what is likely now and was not shown from which on the model is shown anew.
NOVEL = 0.03
# Looks after which the file's relatives are asked again, for the files change too.
_LOOKS = 40
_OUTLINE_SHARE = 0.12
# Documents of which is kept what the looks have in common: some megabytes each.
_KNOWN = 8
# Other documents whose last change is shown, and seconds after which a change is forgotten.
_EDITED = 3
_FORGOTTEN = 600.0
# Seconds that a key's answer has to reach the editor: begun at once, a look would take the machine
# from it.
_MOMENT = 0.02
# Seconds that the first question about a document waits for a look: what is shown of the codebase
# stands first in a prompt, and a server that has read one without it reads all of the next one.
_FIRST = 0.1
# Lines below the cursor that the model sees at the least.
_SEEN_BELOW = 10


@dataclass(slots=True)
class Codebase:
    """What a model is shown around one document, and what is known for the next look.

    Attributes:
        shown: what requests carry now.
        carried: what the last one did.
        start: where the model's window began when that was taken.
        newest: what the last look chose.
        novel: whether that is worth the time that a server takes to read it.
        known: what the looks have in common; forgotten where one has long been elsewhere.
        looked: when it was looked last.
        basis: what `newest` goes by beside the lines at the cursor.
        line: the line of the last look; it is looked once in a line.
        looks: how often it was looked since `known` was found out.
        task: the look that is under way.
    """

    shown: Chosen | None = None
    carried: Chosen | None = None
    start: Position | None = None
    newest: Chosen | None = None
    novel: bool = False
    known: Known | None = None
    looked: float = 0.0
    basis: Basis | None = None
    line: int = -1
    looks: int = 0
    task: asyncio.Task[None] | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a choice goes by beside the lines at the cursor.

    Attributes:
        first: the first line of the model's window.
        edited: the paths of the documents edited last, with the texts before and after.
        problems: what the editor reports of lines near the cursor.
    """

    first: int
    edited: Sequence[tuple[str, Text, Text]]
    problems: str = ""

    def same(self, other: Basis | None, path: str) -> bool:
        """Whether another choice went by the same, but for edits of the document itself."""
        if other is None or (self.first, self.problems) != (other.first, other.problems):
            return False
        return self._elsewhere(path) == other._elsewhere(path)

    def _elsewhere(self, path: str) -> list[tuple[str, Text]]:
        return [(other, now) for other, _, now in self.edited if other != path]


def snippets(document: Document, start: Position) -> tuple[tuple[str, str], ...]:
    """What a request carries: paths and texts.

    Args:
        document: what it is about.
        start: where the model's window begins. Where that moves, nothing that a server has read
            serves any more, so the newest choice is free.
    """
    codebase = document.codebase
    shown, newest = codebase.shown, codebase.newest
    fresh = shown is None or start != codebase.start or codebase.novel
    if newest is not None and newest is not shown and fresh:
        codebase.shown = shown = newest
        codebase.start = start
    return shown.snippets if shown else ()


def look(session: Session, snapshot: Snapshot, wait: float = _MOMENT) -> None:
    """Look in a moment for what the next lines may need, unless that was done in this line."""
    document = session.documents.get(snapshot.uri)
    if document is None:
        return
    codebase, reader = document.codebase, session.code.get(document.folder)
    line = snapshot.position.line
    if reader is None or codebase.task is not None or codebase.line == line:
        return
    if document.private or session.endpoint_for(document) is None:
        return
    codebase.line = line
    codebase.task = asyncio.get_running_loop().create_task(
        _look(session, document, snapshot, reader, wait)
    )


async def ready(session: Session, snapshot: Snapshot, seconds: float) -> None:
    """Look, and wait for it so long: for those who asked and are in no hurry."""
    look(session, snapshot, 0.0)
    document = session.documents.get(snapshot.uri)
    if document is not None and document.codebase.task is not None:
        await asyncio.wait({document.codebase.task}, timeout=seconds)


async def first(session: Session, snapshot: Snapshot) -> None:
    """Before the first question about a document, wait a little for what goes with all of them."""
    document = session.documents.get(snapshot.uri)
    if document is None or document.generation is not None:  # it was put
        return
    if document.codebase.carried is None:
        await ready(session, snapshot, _FIRST)


def told(session: Session) -> dict[str, Any]:
    """What the model was shown for the last answer, and the prompt; empty where it was not asked.

    Returns:
        `pieces`, each with its source, path, tokens, reason and text; `names`, for each source the
        names in the list that it speaks for most; and `prompt`, what the model's server was sent.
    """
    document, router = session.last, session.router
    if document is None or document.request is None or router is None:
        return {}
    chosen = document.codebase.carried
    names: dict[str, list[str]] = {}
    for name, (source, _) in chosen.reasons.items() if chosen else ():
        names.setdefault(source, []).append(name)
    ending = document.ending
    endpoint = ending.endpoint if ending else session.endpoint_for(document)
    body = router.body(document.request, endpoint) if endpoint else b""
    return {
        "pieces": [asdict(each) for each in chosen.pieces] if chosen else [],
        "names": names,
        "prompt": body.decode("utf-8", "replace"),
    }


async def _look(
    session: Session, document: Document, snapshot: Snapshot, reader: CodeReader, wait: float
) -> None:
    from firsthand.core.snippets import novelty
    from firsthand.core.sources.place import Place
    from firsthand.core.sources.problems import near

    await asyncio.sleep(wait)
    codebase = document.codebase
    place = Place.at(snapshot.path, snapshot.language, snapshot.text, snapshot.position)
    known = None if codebase.looks >= _LOOKS else codebase.known
    first = document.excerpt.start.line if document.excerpt else max(0, place.line - 60)
    problems = near(document.problems, snapshot.text, place.line)
    basis = Basis(first, edited(session, document), problems)
    before = codebase.newest if basis.same(codebase.basis, place.path) else None
    opened = [each.path for each in _recent(session, document)]
    try:
        found = await session.looker.run(
            _found, reader, place, snapshot.text, known, before, basis, opened
        )
    finally:
        codebase.task = None
    if found is None:
        return
    codebase.looks = codebase.looks + 1 if found[0] is known else 0
    codebase.known, codebase.newest = found
    codebase.looked = session.clock()
    _forget(session)
    shown = codebase.shown
    codebase.novel = shown is None or novelty(codebase.newest, shown) >= NOVEL
    codebase.basis = basis


def _found(
    reader: CodeReader,
    place: Place,
    text: Text,
    known: Known | None,
    before: Chosen | None,
    basis: Basis,
    opened: Sequence[str],
) -> tuple[Known, Chosen] | None:
    """What is known of a document, and what is chosen for a cursor in it; on a thread of its own.

    None where the line has nothing to do with the codebase.
    """
    from firsthand.core.snippets import PROBLEMS_PATH, piece, speaks
    from firsthand.core.sources.edits import diff
    from firsthand.core.sources.own import outside
    from firsthand.relevance.choose import choose, know, outdated, settled

    if not speaks(place):
        return None
    if known is not None and outdated(known, place):
        known = None
    if known is not None and before is not None and settled(before, place, known):
        return known, before
    with reader.view() as view:
        if known is None:
            known = know(view, place, text.string, opened)
        first, last = basis.first, place.line + _SEEN_BELOW
        names = known.candidates.kin.known
        budget = BUDGET * _OUTLINE_SHARE
        own = outside(view.outline(place.path), names, first, last, budget)
        pieces = [piece("own file", place.path, own, "what it defines outside of the window")]
        for path, earlier, later in basis.edited:
            line, change = diff(earlier, later)
            if path != place.path or not first <= line <= last:
                pieces.append(piece("edited", path, change, "changed a moment ago"))
        reported = "the editor reports it near the cursor"
        pieces.append(piece("diagnostics", PROBLEMS_PATH, basis.problems, reported))
        return known, choose(view, place, known, BUDGET, [it for it in pieces if it.text])


def _forget(session: Session) -> None:
    """Let go of what the looks in other documents had in common, but for the last ones'."""
    known = [each.codebase for each in session.documents.values() if each.codebase.known]
    known.sort(key=lambda each: -each.looked)
    for each in known[_KNOWN:]:
        each.known = None


def _recent(session: Session, document: Document) -> list[Document]:
    """The documents of the same folder that were changed, the last one first."""
    others = (each for each in session.documents.values() if each.folder == document.folder)
    return sorted((each for each in others if each.changes), key=lambda each: -each.changes[-1])


def edited(session: Session, document: Document) -> list[tuple[str, Text, Text]]:
    """The paths of what was edited last, with the texts before and after."""
    now = session.clock()
    changed = [
        (each.path, each.earlier[-1], each.text)
        for each in _recent(session, document)
        if not each.private and each.earlier and now - each.changes[-1] < _FORGOTTEN
    ]
    return changed[:_EDITED]
