"""Workspace folders' indexes: taken up, brought up to date, and kept so while the editor runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from firsthand import adapting, judging
from firsthand.context import Codebase
from firsthand.paths import uri_to_path, workspace_folder, write_file
from firsthand.session import Session
from firsthand.withdrawing import withdraw

if TYPE_CHECKING:
    from firsthand.embedded import ProjectTier
    from firsthand.embedded.calibration import Experience
    from firsthand.embedded.online import Corrections
    from firsthand.embedded.rehearsal import Rehearsed
    from firsthand.index.state import Result

# Files told of at once that are looked at; of more, some will matter.
_MANY = 100

Tell = Callable[[Iterable[str]], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """When folders are learned again, in seconds.

    Attributes:
        look: between two looks at what changed; a look costs nothing while nothing did.
        settled: after the last change of a file. A switch of branches takes a while, and what was
            just saved is known from the open document.
        untold: after which a folder is looked through though nothing told of a change.
        later: after a folder's own tier was learned, until its base tier is.
    """

    look: float = 2.0
    settled: float = 5.0
    untold: float = 600.0
    later: float = 10.0


@dataclass(frozen=True, slots=True)
class Learned:
    """When a folder was last learned, and how its repository then stood.

    Attributes:
        since: when what was learned of the person was forgotten last, as was known then.
    """

    at: float
    mark: object
    since: object = None


async def learn(session: Session, folder: str, tell: Tell) -> None:
    """Take the tiers of a folder as they were left, bring its own up to date, and take it again.

    Args:
        session: whose embedded model takes them.
        folder: the folder's path.
        tell: is given sentences for the person.
    """
    from firsthand.index.git import mark
    from firsthand.index.jobs import TIER

    since = await session.worker.run(adapting.Since.read)
    known = session.learned.get(folder)
    if known is not None and known.since == since:
        await _keep(session, folder)
    elif known is not None and session.embedded is not None:
        session.embedded.unlearn(folder)  # by a command, since
        await _attach(session, folder)
    else:
        await _attach(session, folder)
        await _recall(session, folder)
    await adapting.refresh(session)
    before = await session.worker.run(mark, Path(folder))
    session.stale.pop(folder, None)
    await _work(session, folder, TIER, tell)
    session.learned[folder] = Learned(session.clock(), before, since)


async def keep_learned(session: Session, tell: Tell, pace: Pace = Pace()) -> None:
    """Learn again what changed on the disk, and once each folder's base tier."""
    await session.worker.run(import_module, "firsthand.index.jobs")  # it takes as long as a key may
    from firsthand.index.git import mark
    from firsthand.index.jobs import LIBRARY

    based: set[str] = set()
    while True:
        await asyncio.sleep(pace.look)
        await judging.judge_anew(session)
        idle = session.idle(pace.look)
        for folder, learned in list(session.learned.items()):
            if folder not in session.folders:
                del session.learned[folder]
                continue
            if idle and await session.worker.run(mark, Path(folder)) != learned.mark:
                session.stale.setdefault(folder, session.clock())
                await session.provenance.moved(tuple(session.documents.values()), folder)
            now = session.clock()
            if now - session.stale.get(folder, now + 1) >= pace.settled:
                await learn(session, folder, tell)
            elif idle and now - learned.at >= pace.untold:
                await learn(session, folder, tell)
                based.discard(folder)
            elif folder not in based and now - learned.at >= pace.later:
                based.add(folder)
                await _work(session, folder, LIBRARY, tell)


def touched(session: Session, uris: Collection[str]) -> None:
    """Note that files on the disk may have changed, for `keep_learned` and for who wrote them."""
    from firsthand.index.files import may_matter
    from firsthand.index.ignore import GIT_FILES, OWN_FILES

    session.provenance.touched(session.documents, uris)
    paths = [path for uri in islice(uris, _MANY) if (path := uri_to_path(uri))]
    if any(path.name in (*GIT_FILES, *OWN_FILES) for path in paths):
        session.spawn(judging.judge_anew(session))
    for folder in session.folders:
        root = Path(folder)
        inside = (path.relative_to(root) for path in paths if path.is_relative_to(root))
        if len(uris) > _MANY or any(map(may_matter, inside)):
            session.stale[folder] = session.clock()


def saved(session: Session, uri: str) -> None:
    """Note that an editor wrote a document to its file."""
    touched(session, [uri])
    session.provenance.saved(session.documents.get(uri))


async def _work(session: Session, folder: str, job: str, tell: Tell) -> None:
    from firsthand.index import client

    def on_progress(done: int, total: int) -> None:
        session.board.update(indexing=(done, total))

    loaded = session.settings.get(folder) or session.settings[""]
    ignore = loaded.settings.privacy.ignore
    try:
        result: Result = await client.build(
            Path(folder), on_progress, ignore=ignore, jobs=(job,), git=session.client.trusted
        )
        if result.withdrawn:
            for document in session.documents.values():
                document.codebase = Codebase()  # what was chosen may be of those files
        if result.withdrawn and session.stores:
            session.stores.clear()
            ledger, store = session.stores.ledger, session.provenance.store
            if store is not None:
                session.worker.send(withdraw, ledger, store, Path(folder), result.withdrawn)
        if result.outcome == "built":
            await _attach(session, folder)
    finally:
        session.board.update(indexing=None)
    tell(filter(None, [result.note]))


async def _attach(session: Session, folder: str) -> None:
    tier, base, rehearsed = await session.worker.run(_load, Path(folder))
    if session.embedded is None or folder not in session.folders:
        return
    if rehearsed is None:
        session.embedded.attach(folder, tier, base)
    else:
        session.embedded.attach(folder, tier, base, rehearsed.experience, rehearsed.learned)


async def _recall(session: Session, folder: str) -> None:
    """Take up what the mixer learned in a folder before, and how texts turned out there."""
    raw, experience = await session.worker.run(_read, Path(folder))
    if session.embedded is not None and folder in session.folders:
        if experience is not None:
            session.embedded.resume(folder, experience)
        if raw:
            session.embedded.recall(folder, raw)


async def _keep(session: Session, folder: str) -> None:
    """Write down what the mixer learned in a folder, and how texts turned out there."""
    learned = session.embedded.learned(folder) if session.embedded is not None else None
    if learned is not None and session.embedded is not None:
        experience = session.embedded.experience(folder)
        await session.worker.run(_write, Path(folder), learned, experience)


def _read(root: Path) -> tuple[bytes, Experience | None]:
    from firsthand.embedded.calibration import Experience
    from firsthand.embedded.tier import EXPERIENCE

    try:
        path = workspace_folder(root)
        kept = Experience.read(path) if (path / EXPERIENCE).is_file() else None
        return (path / adapting.MIXER).read_bytes(), kept
    except OSError:
        return b"", None


def _write(root: Path, learned: Corrections, experience: Experience) -> None:
    try:
        path = workspace_folder(root) / adapting.MIXER
        if path.parent.is_dir():
            write_file(path, learned.raw())
            experience.write(path.parent)
    except OSError:
        return  # it is learned anew


def _load(root: Path) -> tuple[ProjectTier | None, ProjectTier | None, Rehearsed | None]:
    from firsthand.embedded.rehearsal import Rehearsed
    from firsthand.index.library import base_folder
    from firsthand.index.state import tier_folder

    try:
        folder = tier_folder(root)
        return _tier(folder), _tier(base_folder(root)), Rehearsed.read(folder)
    except OSError:
        return None, None, None


def _tier(folder: Path | None) -> ProjectTier | None:
    from firsthand.embedded import CorruptTier, ProjectTier

    try:
        return ProjectTier.load(folder) if folder else None
    except (CorruptTier, OSError, ValueError):
        return None  # the index process sees it too, and builds it again
