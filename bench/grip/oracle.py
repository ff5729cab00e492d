"""For how many characters the session knows whose they are, after acts by chance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.grip.person import Clock, Person

from firsthand.cache import Cache
from firsthand.ledger import Ledger
from firsthand.paths import path_to_uri
from firsthand.session import Session
from firsthand.stores import Stores

_PEOPLE, _ACTS = 40, 100


def measure() -> dict[str, Any]:
    """The share of characters, over all people and after each act."""
    people = [asyncio.run(_live(seed)) for seed in range(2_000, 2_000 + _PEOPLE)]
    shares = {
        name: round(100 * _share(each for each in people if each.plugin is plugin), 3)
        for name, plugin in (("neovim_plugin", True), ("vscode", False))
    }
    characters = sum(each.all for each in people)
    right = round(100 * _share(people), 3)
    return {"acts": _PEOPLE * _ACTS, "characters": characters, "right_percent": right, **shares}


def _share(people: Iterable[Person]) -> float:
    found = tuple(people)
    return sum(each.right for each in found) / sum(each.all for each in found)


async def _live(seed: int) -> Person:
    with TemporaryDirectory() as folder:
        root, state, clock = Path(folder), Path(folder, "state"), Clock()
        session = Session(tell=lambda _method, _params: None, clock=clock)
        session.start()
        session.add_folders([path_to_uri(root)])
        stores = Stores(
            session.worker, Cache(state / "completions", tell=print), Ledger(state, tell=print)
        )
        session.stores = stores
        session.provenance.begin(stores, state, print)
        person = Person(session, clock, root, seed)
        await person.live(_ACTS)
        session.shut_down()
        return person
