"""What is loaded after the editor got its answer to `initialize`, in the order of its worth.

All of it can be done again when settings or folders change; what stands already is kept.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from firsthand import adapting, codebase, folders, level, paths, settings
from firsthand.session import Session

if TYPE_CHECKING:
    from firsthand.backends.discovery import Found
    from firsthand.embedded import EmbeddedModel
    from firsthand.stores import Stores

# Seconds between two looks for a model server that was not there when the editor started.
_LOOK_AGAIN = 60.0
# So many faults are said one by one, each in so many characters; more are counted.
_SAID_APART, _LONGEST_SAID = 3, 500
# Seconds without a change after which a person is thought to do something else.
_IDLE = 5.0
_LOADED = 2.0  # seconds after which all has been loaded
# So many new objects are looked at together: each text of late is a tuple of lines, and a thousand
# keys' texts take 15 ms.
_NEW = 700
_TRIAL = "def first(value):\n    return value\ndef second(value):\n    ret\n"


class Say(Protocol):
    """Shows the person a message."""

    def __call__(self, message: str, *, warning: bool = True) -> None:
        """Send a warning or a plain message; it is on its way when this returns."""


async def prepare(session: Session, say: Say) -> None:
    """Load the settings, the embedded model, the stores, each folder's index and the models."""
    _house(say)
    async with session.preparing:  # the editor may send its settings while this runs
        await _load_settings(session, say)
        if session.embedded is None:
            session.embedded = await session.worker.run(_embedded_model)
            session.part_folders(session.folders)
        complete = await session.worker.run(import_module, "firsthand.complete")
        session.anew = partial(complete.anew, session)
        session.start()
        await _open_what_asks(session, say)
    await level.show_spent(session)
    tell = partial(_say_once, session, say)
    await asyncio.gather(
        find_models(session, say), *(folders.learn(session, each, tell) for each in session.folders)
    )


def _house(say: Say) -> None:
    """Keep all in a folder that is gone afterwards, where the account has none to keep it in."""
    try:
        paths.cache_folder()
    except paths.StateError as error:
        import atexit
        import shutil
        import tempfile

        folder = tempfile.mkdtemp(prefix="firsthand-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["FIRSTHAND_HOME"] = folder  # for this process and for those that learn
        say(f"Nothing is kept, as {error.reason}: name one in FIRSTHAND_HOME.")


async def prepare_to_ask(session: Session, say: Say) -> None:
    """Load what an escalation needs: the settings, the stores, and whom to ask."""
    async with session.preparing:
        await _load_settings(session, say)
        session.start()
        await _open_what_asks(session, say)


async def keep_learned(session: Session, say: Say) -> None:
    """Keep each folder's index up to date."""
    await folders.keep_learned(session, partial(_say_once, session, say))


async def tidy_while_idle(session: Session, idle: float = _IDLE) -> None:
    """Collect all garbage only while nobody types: that takes longer than a key may wait.

    What survives it is set aside, so that the next time only what came since is looked at. New
    objects alone are looked at often, in a millisecond or two, once all has been loaded.

    Args:
        session: what is typed into.
        idle: seconds without a change that are taken for a pause.
    """
    await asyncio.sleep(min(idle, _LOADED))
    gc.freeze()
    gc.set_threshold(_NEW, 1_000_000, 1_000_000)
    gc.enable()
    whole = False
    while True:
        await asyncio.sleep(idle)
        if session.idle(idle):
            if not whole:  # some of what was set aside at first was garbage by then
                gc.unfreeze()
            gc.collect()
            gc.freeze()
            whole = True


async def find_models(session: Session, say: Say) -> None:
    """Make the router: of the models that are configured, else of those found on this machine."""
    router = await session.worker.run(import_module, "firsthand.router")
    loaded = session.settings[""]
    found = await _discover(session) if loaded.discovers else []
    endpoints = router.endpoints_from(loaded, found)
    made = router.Router(
        endpoints,
        run=session.worker.run,
        ledger=session.stores.ledger if session.stores else None,
        budget=_tightest(each.settings.budget for each in session.settings.values()),
        privacy=loaded.settings.privacy,
    )
    before = session.router
    if before is not None and (before.endpoints, before.toll) == (made.endpoints, made.toll):
        before.begin_anew()
        return
    if loaded.discovers and endpoints and (before is None or before.endpoints != endpoints):
        names = ", ".join(map(str, found))
        # Said before anything of the workspace is sent there.
        say(
            f"Firsthand completes with {names}, found on this machine; "
            f"inline.discover = false in {paths.config_file()} turns this off.",
            warning=False,
        )
    session.router = made
    level.show(session)
    session.spawn(made.get_ready())
    if before is not None:
        await before.aclose()


async def _open_what_asks(session: Session, say: Say) -> None:
    await asyncio.sleep(0)  # files are judged first: what is not judged is not sent
    if session.stores is None:
        session.stores = await session.worker.run(_open_stores, session, _from_a_thread(say))
        await adapting.refresh(session)
        session.provenance.begin(session.stores, paths.data_folder(), _from_a_thread(say))
        for document in session.documents.values():
            session.provenance.recall(document)
    await _find_frontier(session)


async def _find_frontier(session: Session) -> None:
    """Know whom an escalation asks; nothing is connected before somebody asks."""
    before, loaded = session.escalations.frontier, session.settings[""]
    if before is None and not loaded.escalation_models:
        return
    await session.worker.run(import_module, "firsthand.escalate")
    if before is None:
        from firsthand.offering import remove_stale

        session.worker.send(remove_stale, time.time())
    made = await session.worker.run(import_module, "firsthand.router.frontier")
    endpoints = made.endpoints_of(loaded)
    toll = made.Toll(
        session.stores.ledger if session.stores else None,
        _tightest(each.settings.budget for each in session.settings.values()),
        loaded.settings.privacy,
    )
    if before is not None and (before.endpoints, before.toll) == (endpoints, toll):
        before.begin_anew()
        return
    session.escalations.frontier = made.Frontier(endpoints, run=session.worker.run, toll=toll)
    if before is not None:
        session.spawn(session.escalations.retire(before))


async def keep_looking(session: Session, say: Say) -> None:
    """Look for a model server again and again while there is none to ask."""
    while True:
        await asyncio.sleep(_LOOK_AGAIN)
        if session.router is not None and not session.router.endpoints:
            await find_models(session, say)


async def keep_indexed(session: Session, say: Say) -> None:
    """Keep the code of each folder in its database."""
    await codebase.keep(session, partial(_say_once, session, say))


async def _load_settings(session: Session, say: Say) -> None:
    file, named = paths.config_file(), paths.config_named()
    faults: dict[str, list[str]] = {}
    for folder in ("", *session.folders):
        loaded = await session.worker.run(
            settings.load, file, session.options, Path(folder) if folder else None, named=named
        )
        session.settings[folder] = loaded
        for fault in loaded.faults:
            faults.setdefault(fault.source, []).append(str(fault))
    for sentences in faults.values():
        _say_once(session, say, sentences)
    session.provenance.redraw()


async def _discover(session: Session) -> list[Found]:
    # Loads httpx, which takes longer than a key may wait.
    discovery = await session.worker.run(import_module, "firsthand.backends.discovery")
    return [each for each in await discovery.discover() if isinstance(each, discovery.Found)]


def _tightest(budgets: Iterable[settings.Budget]) -> settings.Budget:
    """Every folder's caps hold for all that is spent, whichever folder it is spent in."""
    each = tuple(budgets)
    return settings.Budget(min(b.day_usd for b in each), min(b.month_usd for b in each))


def _open_stores(session: Session, tell: Callable[[str], None]) -> Stores:
    from firsthand.cache import Cache
    from firsthand.ledger import Ledger
    from firsthand.stores import Stores

    return Stores(
        session.worker,
        Cache(paths.completions_folder(), tell=tell),
        Ledger(paths.data_folder(), tell=tell),
    )


def _embedded_model() -> EmbeddedModel:
    """The model, and with it all that a first keystroke would have to wait for.

    What is opened next is loaded, too: a key that the model answers would meet it.
    """
    keystroke = ("complete", "core.postprocess", "core.snippets", "syntax")
    opened_next = ("index.client", "index.ignore", "index.jobs", "stores", "router", "provenance")
    for name in (*keystroke, *opened_next):
        import_module(f"firsthand.{name}")
    from firsthand.core.text import Position, Text
    from firsthand.embedded import EmbeddedModel

    # What is made at a first guess, patterns above all, is made here.
    trial, uri, text = EmbeddedModel(), "untitled:trial", Text.of(_TRIAL)
    deque(trial.learning(uri, "trial.py", "python", text), maxlen=0)
    trial.suggest(uri, text, Position(3, 7))
    return EmbeddedModel()


def _from_a_thread(say: Say) -> Callable[[str], None]:
    loop = asyncio.get_running_loop()

    def tell(sentence: str) -> None:
        loop.call_soon_threadsafe(say, sentence)

    return tell


def _say_once(session: Session, say: Say, sentences: Iterable[str]) -> None:
    """Say what was not said yet: in few messages, however many faults somebody put into a file."""
    new = [each for each in dict.fromkeys(sentences) if each not in session.said]
    session.said.update(new)
    if len(new) > _SAID_APART:
        rest = f"{len(new) - _SAID_APART} more: `firsthand config show` prints all of them."
        new = [" ".join((*(each[:_LONGEST_SAID] for each in new[:_SAID_APART]), rest))]
    for sentence in new:
        say(sentence[: 4 * _LONGEST_SAID])
