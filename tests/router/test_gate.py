"""No more requests at a server than it has slots, and who goes next."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.router.gate import Gate, Superseded

pytestmark = pytest.mark.asyncio


class Yard:
    """Requests before a gate; each stays inside until it is let out."""

    def __init__(self, slots: int) -> None:
        self.gate = Gate(slots)
        self.inside: list[int] = []
        self.superseded: list[int] = []
        self.outs: dict[int, asyncio.Event] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}

    async def come(self, number: int, *, explicit: bool = False) -> None:
        self.outs[number] = asyncio.Event()

        async def visit() -> None:
            try:
                async with self.gate.slot(explicit):
                    self.inside.append(number)
                    try:
                        await self.outs[number].wait()
                    finally:
                        self.inside.remove(number)
            except Superseded:
                self.superseded.append(number)

        self.tasks[number] = asyncio.ensure_future(visit())
        await self.settle()

    async def leave(self, number: int) -> None:
        self.outs[number].set()
        await self.settle()

    async def cancel(self, number: int) -> None:
        self.tasks[number].cancel()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(4):
            await asyncio.sleep(0)

    async def close(self) -> None:
        for task in self.tasks.values():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert self.gate.inside == 0


async def test_the_newest_automatic_request_waits_alone() -> None:
    yard = Yard(1)
    for number in (1, 2, 3):
        await yard.come(number)
    assert (yard.inside, yard.superseded) == ([1], [2])
    await yard.leave(1)
    assert yard.inside == [3]
    await yard.close()


async def test_explicit_requests_go_first_and_in_their_order() -> None:
    yard = Yard(1)
    await yard.come(1)
    await yard.come(2)
    await yard.come(3, explicit=True)
    await yard.come(4, explicit=True)
    order = []
    for _ in range(4):
        order += yard.inside
        await yard.leave(yard.inside[0])
    assert order == [1, 3, 4, 2]
    assert yard.superseded == []
    await yard.close()


async def test_who_gives_up_makes_place() -> None:
    yard = Yard(2)
    for number in (1, 2, 3):
        await yard.come(number)
    await yard.come(4, explicit=True)
    await yard.cancel(4)
    await yard.cancel(2)
    assert yard.inside == [1, 3]
    await yard.close()


async def test_who_gives_up_when_let_in_passes_the_slot_on() -> None:
    yard = Yard(1)
    await yard.come(1)
    await yard.come(2, explicit=True)
    await yard.come(3, explicit=True)
    yard.outs[1].set()
    await asyncio.sleep(0)  # 1 leaves, and lets 2 in
    yard.tasks[2].cancel()
    await yard.settle()
    assert yard.inside == [3]
    await yard.close()


steps = st.lists(
    st.tuples(st.sampled_from(["automatic", "explicit", "leave", "cancel"]), st.integers(0, 9)),
    max_size=25,
)


@given(steps=steps, slots=st.integers(1, 3))
async def test_never_more_than_slots_and_nobody_is_lost(
    steps: list[tuple[str, int]], slots: int
) -> None:
    yard = Yard(slots)
    acts: dict[str, Callable[[int], Awaitable[None]]] = {
        "leave": yard.leave,
        "cancel": yard.cancel,
    }
    for number, (act, which) in enumerate(steps):
        if act in acts and yard.tasks:
            await acts[act](list(yard.tasks)[which % len(yard.tasks)])
        elif act not in acts:
            await yard.come(number, explicit=act == "explicit")
        assert len(yard.inside) == yard.gate.inside <= slots
        waiting = [each for each in yard.tasks if not yard.tasks[each].done()]
        assert len(yard.inside) == min(slots, len(waiting))
    await yard.close()
