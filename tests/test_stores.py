"""Answers of models in memory and on disk, as the event loop asks for them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.fakes import stores_in

from firsthand.backends.base import Endpoint, Request
from firsthand.cache import Cache
from firsthand.core.fim import Hole
from firsthand.stores import Stores
from firsthand.worker import Worker

pytestmark = pytest.mark.asyncio

LOCAL = Endpoint("local", "llamacpp", "http://127.0.0.1:1", "qwen", "qwen")
ASKED = Request(Hole("def f(a):\n    x = ", "\n", "a.py"))


@asynccontextmanager
async def stores(folder: Path) -> AsyncIterator[Stores]:
    worker = Worker()
    made = await worker.run(stores_in, folder, worker)
    yield made
    worker.close()


async def left(made: Stores, typed: str = "", endpoint: Endpoint = LOCAL) -> str | None:
    hole = replace(ASKED.hole, prefix=ASKED.hole.prefix + typed)
    return await made.recall(endpoint, replace(ASKED, hole=hole, heal=typed[-2:]))


@pytest.mark.parametrize("typed", ["", "g", "g(a)\n    ret"])
async def test_what_was_kept_is_found_later_also_after_a_restart(
    tmp_path: Path, typed: str
) -> None:
    middle = "g(a)\n    return x"
    async with stores(tmp_path) as made:
        made.keep(LOCAL, ASKED, middle)
        assert await left(made, typed) == middle[len(typed) :]
    async with stores(tmp_path) as made:
        assert await left(made, typed) == middle[len(typed) :]
        assert await left(made, "h") is None
        assert await left(made, typed, replace(LOCAL, model="other")) is None


async def test_two_processes_add_to_one_place(tmp_path: Path) -> None:
    async with stores(tmp_path) as two:
        async with stores(tmp_path) as one:
            one.keep(LOCAL, ASKED, "first")
        hole = replace(ASKED.hole, prefix=ASKED.hole.prefix + "se")
        two.keep(LOCAL, replace(ASKED, hole=hole), "cond")
    async with stores(tmp_path) as made:
        assert await left(made, "fi") == "rst"
        assert await left(made, "seco") == "nd"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"{}", b"3", b"[[]]", b'["a"]', b'[["", "evil", [], 1]]', b"[" * 99_999],
)
async def test_what_others_put_on_the_disk_is_a_miss(tmp_path: Path, content: bytes) -> None:
    async with stores(tmp_path) as made:
        made.keep(LOCAL, ASKED, "g(a)")
    await rewrite(tmp_path, lambda _: content)
    async with stores(tmp_path) as made:
        assert await left(made) is None
        made.keep(LOCAL, ASKED, "again")
        assert await left(made) == "again"


async def test_neither_the_file_nor_what_stands_around_it_is_in_the_cache(tmp_path: Path) -> None:
    seen: list[bytes] = []
    async with stores(tmp_path) as made:
        secret = replace(ASKED.hole, prefix="password = 'zebra'\n" * 99 + "x = ")
        made.keep(LOCAL, replace(ASKED, hole=secret), "g(a)")

    def look(content: bytes) -> bytes:
        seen.append(content)
        return content

    await rewrite(tmp_path, look)
    assert b"g(a)" in seen[0]
    assert b"zebra" not in seen[0]


@pytest.mark.parametrize("middle", ["password = 'Sesame99'", "x = '[REDACTED:secret:0a1b2c]'"])
async def test_what_holds_a_secret_or_its_placeholder_is_not_on_the_disk(
    tmp_path: Path, middle: str
) -> None:
    async with stores(tmp_path) as made:
        made.keep(LOCAL, ASKED, middle)
        assert await left(made) == middle
    async with stores(tmp_path) as made:
        assert await left(made) is None


async def test_memory_holds_the_last_ones_and_clear_forgets_all(tmp_path: Path) -> None:
    async with stores(tmp_path) as made:
        for number in range(600):
            hole = replace(ASKED.hole, path=f"{number}.py")
            made.keep(LOCAL, replace(ASKED, hole=hole), "g(a)")
        assert len(made._recent) == 512
        made.keep(LOCAL, ASKED, "g(a)")
        made.clear()
        assert await left(made) is None


async def test_what_was_kept_long_ago_is_found_on_the_disk(tmp_path: Path) -> None:
    async with stores(tmp_path) as made:
        made.keep(LOCAL, ASKED, "g(a)")
        for number in range(300):
            hole = replace(ASKED.hole, path=f"{number}.py")
            made.keep(LOCAL, replace(ASKED, hole=hole), "h(a)")
    async with stores(tmp_path) as made:
        assert len(made._recent) == 256
        assert await left(made) == "g(a)"


async def rewrite(folder: Path, change: Callable[[bytes], bytes]) -> None:
    """Let somebody change every value of the cache."""

    def work() -> None:
        cache = Cache(folder / "completions", tell=print)
        keys = cache.keys()
        for key in keys:
            cache.put(key, change(cache.get(key) or b""))
        cache.close()

    worker = Worker()
    await worker.run(work)
    worker.close()


async def test_no_more_places_on_disk_are_known_than_wanted(tmp_path: Path) -> None:
    def at(number: int) -> Request:
        return replace(ASKED, hole=replace(ASKED.hole, path=f"{number}.py"))

    worker = Worker()
    made = await worker.run(stores_in, tmp_path, worker)
    for number in range(5):
        made.keep(LOCAL, at(number), "first")
    few = await worker.run(partial(Stores, worker, made.cache, made.ledger, known=2))
    found = [await few.recall(LOCAL, at(number)) for number in range(5)]
    assert sorted(filter(None, found)) == ["first"] * 2
    worker.close()


async def test_snippets_count_for_what_was_written_in_this_run(tmp_path: Path) -> None:
    shown = replace(ASKED, hole=replace(ASKED.hole, snippets=(("b.py", "def g(a): ..."),)))
    others = replace(shown, hole=replace(shown.hole, snippets=(("c.py", "h = 1"),)))
    async with stores(tmp_path) as made:
        made.keep(LOCAL, shown, "g(a)")
        assert await left(made) == "g(a)"
        assert await made.recall(LOCAL, shown) == "g(a)"
        assert await made.recall(LOCAL, others) is None
    async with stores(tmp_path) as later:
        assert await later.recall(LOCAL, others) == "g(a)"
        assert await left(later) == "g(a)"
        assert await later.recall(LOCAL, shown) == "g(a)"
        later.keep(LOCAL, others, "h")
        assert await later.recall(LOCAL, others) == "h"
        assert await later.recall(LOCAL, shown) == "g(a)"
