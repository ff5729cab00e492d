"""What a model is asked, when, and what is asked for ahead."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes import URI, asking, make_session, stores_in, tuned
from tests.test_complete import SURE, ask, inserted, texts, type_, until

from firsthand.complete import complete
from firsthand.core.text import Position
from firsthand.embedded import Guess
from firsthand.router import NoModel
from firsthand.router.toll import salted

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("ended")]


async def test_an_answer_is_kept_over_a_restart(tmp_path: Path) -> None:
    async def typed(drawing: str, middle: str = "") -> list[str]:
        session, models, _, params = make_session(drawing)
        session.stores = await session.worker.run(stores_in, tmp_path, session.worker)
        waiting = asyncio.ensure_future(ask(session, params))
        if middle:
            await until(lambda: bool(models.streams))
            models.streams[0].say(middle)
        shown = texts(await waiting)
        await until(lambda: len(models.streams) == bool(middle) + 1)
        asked = [each.request.hole.prefix for each in models.streams]
        assert asked.count(drawing.partition("║")[0]) == bool(middle)
        session.shut_down()
        return shown

    assert await typed("x = ║\n", middle="some_name(1)") == ["some_name(1)"]
    assert await typed("x = ║\n") == ["some_name(1)"]
    assert await typed("x = some_na║\n") == ["me(1)"]


async def test_a_secret_that_was_not_sent_stands_in_the_answer_again() -> None:
    text = 'password = "hunter22"\n'
    session, models, _, params = make_session(f"{text}login(║)\n")
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    placeholder = salted(text).secrets[0][0]
    models.streams[0].say(f'"{placeholder}"')
    assert texts(await waiting) == ['"hunter22"']


async def test_a_placeholder_that_nobody_knows_is_not_shown() -> None:
    session, models, _, params = make_session("login(║)\n")
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say('name, "[REDACTED:password:0a1b2c]"')
    assert not any("REDACTED" in each for each in texts(await waiting))


async def test_an_answer_that_nobody_heard_out_is_kept_in_whole_lines(tmp_path: Path) -> None:
    session, models, _, params = make_session("x = ║\n")
    session.stores = await session.worker.run(stores_in, tmp_path, session.worker)
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(1)\ny = bar(2)\nz", end=False)
    assert texts(await waiting) == ["foo(1)"]
    session.close(URI)
    await models.streams[0].closed.wait()
    session.open(URI, "python", 1, "x = foo(1)\ny =\n")
    session.documents[URI].private = False
    assert texts(await ask(session, asking(Position(1, 3)))) == [" bar(2)"]
    # The model had more to say: near the end of what is known it is asked for that.
    await until(lambda: len(models.streams) == 2)
    assert models.streams[1].request.hole.prefix == "x = foo(1)\ny = bar(2)"
    session.shut_down()


async def test_of_an_answer_that_breaks_off_the_whole_lines_are_shown() -> None:
    for said, shown in (("foo(1)\ny = ba", ["foo(1)"]), ("fo", [])):
        session, models, _, params = make_session("x = ║\n")
        waiting = asyncio.ensure_future(ask(session, params))
        await until(lambda models=models: bool(models.streams))
        models.streams[0].say(said, end=False)
        models.streams[0].pieces.put_nowait(NoModel("It broke off its answer."))
        assert texts(await waiting) == shown
        at = Position(0, 5 if shown else 4)
        type_(session, "!", at)  # what was begun says nothing of how well the model guesses
        assert session.documents[URI].misses == bool(shown)
        session.shut_down()


async def test_what_follows_an_answer_is_asked_for_while_it_is_shown() -> None:
    session, models, _, params = make_session("x = 1\n║\n")
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("a = 1\n", "b = 2\n")
    assert texts(await waiting) == ["a = 1"]
    await until(lambda: len(models.streams) == 2)
    assert models.streams[1].request.hole.prefix.endswith("x = 1\na = 1\nb = 2\n")
    session.change(URI, 2, inserted("a", Position(1, 0)))
    assert texts(await ask(session, asking(Position(1, 1)))) == [" = 1"]
    models.streams[1].say("c = 3")
    await until(lambda: session.documents[URI].generation is None)
    session.change(URI, 3, inserted(" = 1\nb = 2\n", Position(1, 1)))
    # It is there at the key that accepts the rest.
    assert texts(await ask(session, asking(Position(3, 0)))) == ["c = 3"]


async def test_a_model_with_nothing_to_add_is_asked_once() -> None:
    session, models, _, params = make_session("x = ║\n")
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(1)")
    await waiting
    await until(lambda: len(models.streams) == 2)
    models.streams[1].say()
    await until(lambda: session.documents[URI].generation is None)
    for typed, left in (("f", "oo(1)"), ("o", "o(1)")):
        at = Position(0, 4 + "foo".index(typed))
        assert texts(await ask(session, type_(session, typed, at))) == [left]
    assert len(models.streams) == 2


@pytest.mark.parametrize(
    ("remote", "spent", "right", "asked"),
    [
        (False, 0.0, True, 2),
        (False, 9.0, True, 2),
        (True, 0.4, True, 2),
        (True, 0.6, True, 1),
        (False, 0.0, False, 1),
    ],
)
async def test_it_is_asked_ahead_within_a_budget(
    remote: bool, spent: float, right: bool, asked: int
) -> None:
    session, models, _, params = make_session("x = ║\n", SURE)
    assert models.endpoint is not None
    models.endpoint = replace(models.endpoint, remote=remote)
    session.board.update(day_usd=spent, cap_usd=1.0)
    for _ in range(20):
        session.trust = session.trust.after(right, session.clock())
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(bar)")
    assert texts(await waiting) == ["foo(bar)"]
    document = session.documents[URI]
    await until(lambda: document.generation is None or document.generation.ahead)
    assert (document.generation is not None) == (asked == 2)
    session.shut_down()


async def test_who_asks_by_a_command_is_not_asked_ahead_for() -> None:
    session, models, _, _ = make_session("x = ║\n", SURE, Guess("baz", 0.5))
    waiting = asyncio.ensure_future(ask(session, asking(Position(0, 4), explicit=True)))
    for number in range(3):  # the likeliest text and two samples
        await until(lambda count=number: len(models.streams) > count)
        models.streams[number].say(f"foo({number})")
    assert texts(await waiting) == ["foo(0)", "foo(1)", "foo(2)"]
    assert session.documents[URI].generation is None
    assert {each.request.hole.prefix for each in models.streams} == {"x = "}


async def test_who_waits_in_another_document_has_the_slot() -> None:
    session, models, _, params = make_session("x = ║\n")
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(1)")
    await waiting
    await until(lambda: len(models.streams) == 2)
    session.open("untitled:b", "python", 1, "y = ")
    document = session.documents["untitled:b"]
    snapshot = session.snapshot_at(document, Position(0, 4), explicit=False)
    other = asyncio.ensure_future(complete(session, snapshot))
    await models.streams[1].closed.wait()
    await until(lambda: len(models.streams) == 3)
    models.streams[2].say("bar(2)")
    assert texts(await other) == ["bar(2)"]
    session.shut_down()


async def test_a_word_that_a_model_would_not_write_is_given_to_it() -> None:
    session, models, _, params = make_session("x = self.na║\n")
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    assert models.streams[0].request.freely == ".na"
    models.streams[0].say(cut="lead")  # it began with another word
    await until(lambda: len(models.streams) == 2)
    assert models.streams[1].request.heal == ""
    assert models.streams[1].request.hole == models.streams[0].request.hole
    models.streams[1].say("me(1)")
    assert texts(await waiting) == ["me(1)"]
    assert len(models.streams) == 2


@pytest.mark.parametrize("typed", ["se", "fu"])
async def test_a_model_that_said_another_word_there_is_told_how_it_begins(typed: str) -> None:
    session, models, _, params = make_session("x = ║\n")
    session.settings[""] = tuned(session, patience_ms=0)
    await ask(session, params)
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(1)")
    await until(lambda: session.documents[URI].generation is None)
    await ask(session, type_(session, typed, Position(0, 4)))
    await until(lambda: len(models.streams) == 2)
    request = models.streams[1].request
    assert (request.heal, request.free) == (f" {typed}", False)
