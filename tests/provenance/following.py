"""A session that keeps who wrote what, in a folder of the test's."""

from collections.abc import Callable
from pathlib import Path

from tests.fakes import Told, stores_in

from firsthand.core.authorship import Mark
from firsthand.document import Document
from firsthand.paths import path_to_uri
from firsthand.session import Session

_SHORT = "?TPEIFC"


def following(
    folder: Path, clock: Callable[[], float], say: Callable[[str], None] = print
) -> Session:
    """A session for a folder, its state in `state` below it."""
    session = Session(tell=Told(), clock=clock)
    session.start()
    session.add_folders([path_to_uri(folder)])
    session.stores = stores_in(folder / "state", session.worker)
    session.provenance.begin(session.stores, folder / "state", say)
    return session


def origins(document: Document) -> str:
    """A letter for each character: typed, pasted, embedded, inline, frontier, changed, or ?."""
    assert document.authored is not None
    runs = document.authored.authorship.runs()
    return "".join(_SHORT[Mark.of(mark).origin] * length for length, mark in runs)
