"""The code of the workspace folders: kept in databases by a process each, and read from there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from firsthand.session import Session

if TYPE_CHECKING:
    from firsthand.index.code.view import CodeReader
    from firsthand.index.state import Result

# Seconds between two looks at which folders there are; a look costs nothing.
_EVERY = 1.0
# Seconds before a process that ended is started again.
_AGAIN = 60.0

Tell = Callable[[Iterable[str]], None]


async def keep(session: Session, tell: Tell) -> None:
    """Keep the code of every folder indexed, until this is cancelled.

    Args:
        session: whose folders they are, and which is given what reads their code.
        tell: is given sentences for the person.
    """
    following: dict[str, tuple[tuple[str, ...], asyncio.Task[None]]] = {}
    try:
        while True:
            wanted = {
                folder: tuple(session.settings[folder].settings.privacy.ignore)
                for folder in session.folders
                if folder in session.settings
            }
            for folder, (ignore, task) in list(following.items()):
                # What is ignored has changed, or the folder was closed.
                if wanted.get(folder) != ignore:
                    task.cancel()
                    del following[folder]
            for folder in wanted.keys() - following.keys():
                task = asyncio.create_task(_follow(session, folder, wanted[folder], tell))
                following[folder] = wanted[folder], task
            await asyncio.sleep(_EVERY)
    finally:
        for _, task in following.values():
            task.cancel()


async def once(session: Session, folder: str) -> None:
    """Bring what is known of one folder's code up to date, and let it be read."""
    from firsthand.index import client
    from firsthand.index.jobs import CODE

    root = Path(folder)
    ignore = session.settings[folder].settings.privacy.ignore
    await client.build(root, lambda _done, _total: None, ignore=ignore, jobs=(CODE,))
    reader = await session.worker.run(_reader, root)
    if reader is not None:
        session.code[folder] = reader


async def _follow(session: Session, folder: str, ignore: tuple[str, ...], tell: Tell) -> None:
    """Have one folder's code indexed and watched; again when the process ends."""
    from firsthand.index import client
    from firsthand.index.jobs import CODE, WATCH

    root = Path(folder)
    reader = await session.worker.run(_reader, root)
    if reader is not None and folder in session.folders:
        session.code[folder] = reader

    def on_progress(done: int, total: int) -> None:
        session.board.update(indexing=(done, total) if done < total else None)

    def on_result(_job: str, result: Result) -> None:
        session.board.update(indexing=None)
        tell(filter(None, [result.note]))

    while True:
        try:
            result = await client.build(
                root,
                on_progress,
                on_result,
                ignore=ignore,
                jobs=(CODE, WATCH),
                git=session.client.trusted,
            )
        finally:
            session.board.update(indexing=None)
        tell(filter(None, [result.note]))
        await asyncio.sleep(_AGAIN)


def _reader(root: Path) -> CodeReader | None:
    from firsthand.index.code.database import code_file
    from firsthand.index.code.view import CodeReader
    from firsthand.paths import StateError

    try:
        return CodeReader(code_file(root))
    except StateError:
        return None  # the index process says so
