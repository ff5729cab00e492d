import asyncio
from dataclasses import replace
from typing import cast

import pytest
from lsprotocol import types as lsp
from tests.fakes import URI, asking, make_session, tuned

from firsthand.client import Client
from firsthand.complete import anew, complete
from firsthand.core.leaning import Decided, Leanings
from firsthand.core.outcome import Answer, Silence
from firsthand.core.snapshot import Selected, Snapshot
from firsthand.core.text import Position, Range
from firsthand.embedded import Guess
from firsthand.session import Session

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("ended")]

SURE = Guess("foo(bar)", 0.95)
UNSURE = Guess("foo(bar)", 0.05)


async def ask(session: Session, params: lsp.InlineCompletionParams) -> Answer:
    """What the server does with a request, but for its JSON."""
    snapshot = session.snapshot(params)
    assert isinstance(snapshot, Snapshot)
    return session.answered(snapshot, await complete(session, snapshot), session.clock())


def texts(answer: Answer) -> list[str]:
    return [each.new_text for each in answer.completions]


def type_(session: Session, string: str, at: Position) -> lsp.InlineCompletionParams:
    """Type a string as one change; the request right behind it."""
    place = lsp.Position(at.line, at.character)
    change = lsp.TextDocumentContentChangePartial(lsp.Range(place, place), string)
    session.change(URI, session.documents[URI].version + 1, [change])
    return asking(Position(at.line, at.character + len(string)))


async def test_a_sure_guess_is_shown() -> None:
    session, models, _, params = make_session("x = ║\n", SURE)
    models.endpoint = None
    assert texts(await ask(session, params)) == ["foo(bar)"]


async def test_an_unsure_guess_is_not() -> None:
    session, models, _, params = make_session("x = ║\n", UNSURE)
    models.endpoint = None
    answer = await ask(session, params)
    assert answer.completions == ()
    assert answer.silence is Silence.UNSURE


@pytest.mark.parametrize(
    ("line", "silence"),
    [("x = ║\n", None), ("# about ║\n", Silence.PROSE), ('x = "║"\n', Silence.PROSE)],
)
async def test_in_prose_a_model_is_trusted_less(line: str, silence: Silence | None) -> None:
    session, models, _, params = make_session(line)
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("bank")
    answer = await waiting
    assert (answer.silence, texts(answer)) == (silence, [] if silence else ["bank"])


@pytest.mark.parametrize("rejected", [0, 500])
async def test_where_much_was_rejected_less_is_shown(rejected: int) -> None:
    session, models, _, params = make_session("x = ║\n")
    decided = {("inline", session.documents[URI].language): Decided(rejected=rejected)}
    session.reception.leanings = Leanings(decided)
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("ban")
    assert texts(await waiting) == ([] if rejected else ["ban"])


async def test_an_explicit_request_shows_what_there_is() -> None:
    session, models, _, _ = make_session("x = ║\n", UNSURE, Guess("baz", 0.01))
    models.endpoint = None
    answer = await ask(session, asking(Position(0, 4), explicit=True))
    assert texts(answer) == ["foo(bar)", "baz"]


async def test_typed_through_without_a_new_guess() -> None:
    session, models, _, params = make_session("x = ║\n", SURE)
    models.endpoint = None
    first = await ask(session, params)
    session.embedded = None
    rest = await ask(session, type_(session, "fo", Position(0, 4)))
    assert texts(rest) == ["o(bar)"]
    assert rest.completions[0].id == first.completions[0].id
    assert texts(await ask(session, type_(session, "x", Position(0, 6)))) == []


async def test_a_model_in_time_is_shown() -> None:
    session, models, _, params = make_session("x = ║\n", SURE)
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("model(", "1)")
    answer = await waiting
    assert texts(answer) == ["model(1)", "foo(bar)"]
    assert [each.tier for each in answer.completions] == ["inline", "embedded"]


async def test_a_model_that_is_late_is_found_by_the_next_key() -> None:
    session, models, _, params = make_session("x = ║\n", SURE)
    session.settings[""] = tuned(session, patience_ms=0)
    assert texts(await ask(session, params)) == ["foo(bar)"]
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(1)")
    await until(lambda: session.documents[URI].generation is None)
    # It contradicts what is on screen, so it waits for the next key.
    assert texts(await ask(session, params))[0] == "foo(bar)"
    answer = await ask(session, type_(session, "f", Position(0, 4)))
    assert texts(answer) == ["oo(1)", "oo(bar)"]
    assert len(models.streams) == 1


async def test_a_key_that_agrees_joins_the_running_generation() -> None:
    session, models, _, params = make_session("x = ║\n")
    session.settings[""] = tuned(session, patience_ms=0)
    assert texts(await ask(session, params)) == []
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(", end=False)
    waiting = asyncio.ensure_future(ask(session, type_(session, "fo", Position(0, 4))))
    models.streams[0].say("1)")
    await waiting
    await until(lambda: len(models.streams) == 2)
    assert texts(await ask(session, asking(Position(0, 6)))) == ["o(1)"]
    assert models.streams[1].request.hole.prefix == "x = foo(1)"


async def test_a_key_that_diverges_closes_the_generation() -> None:
    session, models, _, params = make_session("x = ║\n")
    session.settings[""] = tuned(session, patience_ms=0)
    await ask(session, params)
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(1\n", end=False)
    generation = session.documents[URI].generation
    assert generation is not None
    await until(lambda: generation.wrote)
    type_(session, "z", Position(0, 4))
    await models.streams[0].closed.wait()
    assert session.documents[URI].generation is None


async def test_a_long_answer_is_shown_line_by_line() -> None:
    session, models, _, params = make_session("def f(a, b):\n    ║\n")
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("c = a + b\n    d = c * 2\n    return d\n")
    assert texts(await waiting)[0].startswith("c = a + b")
    await until(lambda: len(models.streams) == 2)
    session.change(URI, 2, inserted("c = a + b", Position(1, 4)))
    assert texts(await ask(session, asking(Position(1, 13))))[0].startswith("\n    d = c * 2")
    session.change(URI, 3, inserted("\n    d", Position(1, 13)))
    # What is on the screen is not taken back.
    assert texts(await ask(session, asking(Position(2, 5)))) == [" = c * 2\n    return d"]
    assert len(models.streams) == 2
    assert models.streams[1].request.hole.prefix.endswith("    return d\n")


async def test_a_cancelled_request_leaves_the_generation_alone() -> None:
    session, models, _, params = make_session("x = ║\n")
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    waiting.cancel()
    await asyncio.wait({waiting})
    models.streams[0].say("foo(1)")
    await until(lambda: session.documents[URI].generation is None)
    assert texts(await ask(session, params)) == ["foo(1)"]


async def test_a_newer_request_supersedes_an_older_one() -> None:
    session, models, _, params = make_session("x = ║\n")
    older = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    newer = asyncio.ensure_future(ask(session, params))
    assert (await older).superseded
    models.streams[0].say("foo(1)")
    assert texts(await newer) == ["foo(1)"]


async def test_an_explicit_request_offers_three_different_texts() -> None:
    session, models, _, _ = make_session("x = ║\n", SURE)
    explicit = asyncio.ensure_future(ask(session, asking(Position(0, 4), explicit=True)))
    for said in ("first(1)", "second(2)", "third(3)"):
        await until(lambda: bool(models.streams) and not models.streams[-1].said)
        models.streams[-1].say(said)
    assert texts(await explicit) == ["first(1)", "second(2)", "third(3)"]
    assert [each.request.temperature > 0 for each in models.streams] == [False, True, True]


async def test_what_is_seconded_comes_first() -> None:
    session, models, _, _ = make_session("x = ║\n", Guess("second(7)", 0.6))
    explicit = asyncio.ensure_future(ask(session, asking(Position(0, 4), explicit=True)))
    for number, text in enumerate(("first(1)", "second(2)", "third(3)")):
        await until(lambda number=number: len(models.streams) > number)
        models.streams[number].say(text)
    assert texts(await explicit) == ["second(2)", "first(1)", "third(3)"]


async def test_an_automatic_request_leaves_an_explicit_one_alone() -> None:
    session, models, _, _ = make_session("x = ║\n")
    session.settings[""] = tuned(session, patience_ms=0)
    explicit = asyncio.ensure_future(ask(session, asking(Position(0, 4), explicit=True)))
    await until(lambda: bool(models.streams))
    assert texts(await ask(session, asking(Position(0, 4)))) == []
    models.streams[0].say("foo(1)")
    assert texts(await explicit) == ["foo(1)"]


async def test_refresh_where_nothing_is_shown() -> None:
    session, models, told, params = make_session("x = ║\n", client=Client("code", "empty"))
    session.settings[""] = tuned(session, patience_ms=0)
    assert texts(await ask(session, params)) == []
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(1)")
    await until(lambda: bool(told.of("firsthand/refresh")))
    wanted = {
        "textDocument": {"uri": URI, "version": 1},
        "position": {"line": 0, "character": 4},
    }
    assert told.of("firsthand/refresh") == [wanted]
    assert texts(await ask(session, params)) == ["foo(1)"]


@pytest.mark.parametrize("client", [Client("code", "empty"), Client("nvim", "extend")])
async def test_half_a_line_of_a_running_stream_is_not_shown(client: Client) -> None:
    session, models, told, params = make_session("x = ║\n", client=client)
    session.settings[""] = tuned(session, patience_ms=0)
    assert texts(await ask(session, params)) == []
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(", end=False)
    generation = session.documents[URI].generation
    assert generation is not None
    await until(lambda: generation.middle == "foo(")
    assert texts(await ask(session, params)) == []
    assert texts(await ask(session, type_(session, "fo", Position(0, 4)))) == []
    assert told.of("firsthand/refresh") == []
    models.streams[0].say("1)\nb", end=False)
    await until(lambda: bool(told.of("firsthand/refresh")))
    assert texts(await ask(session, asking(Position(0, 6)))) == ["o(1)"]


async def test_the_next_line_of_a_running_stream_is_waited_for() -> None:
    session, models, _, params = make_session("x = ║\n")
    waiting = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(1)\nb", end=False)
    assert texts(await waiting) == ["foo(1)"]
    session.change(URI, 2, inserted("foo(1)", Position(0, 4)))
    waiting = asyncio.ensure_future(ask(session, asking(Position(0, 10))))
    await until(lambda: session.documents[URI].waiting is not None)
    models.streams[0].say("ar(2)\n", end=False)
    assert texts(await waiting) == ["\nbar(2)"]
    assert len(models.streams) == 1


async def test_a_late_answer_that_is_contradicted_is_asked_for_again() -> None:
    session, models, told, params = make_session("x = ║\n", client=Client("code", "empty"))
    session.settings[""] = tuned(session, patience_ms=0)
    await ask(session, params)
    await until(lambda: bool(models.streams))
    assert texts(await ask(session, type_(session, "z", Position(0, 4)))) == []
    models.streams[0].say("foo(1)")
    await until(lambda: len(models.streams) == 2)
    assert models.streams[1].request.hole.prefix == "x = z"
    models.streams[1].say("ip(1)")
    await until(lambda: bool(told.of("firsthand/refresh")))
    assert texts(await ask(session, asking(Position(0, 5)))) == ["ip(1)"]


async def test_what_was_answered_with_nothing_is_answered_anew_where_more_is_allowed() -> None:
    session, models, told, params = make_session("x = ║\n", client=Client("code", "empty"))
    document, switched_on = session.documents[URI], session.settings[""]
    session.settings[""] = tuned(session, enabled=False)
    assert (await ask(session, params)).silence is Silence.OFF
    anew(session, document)
    await session.settled()
    assert not models.streams
    session.settings[""] = switched_on
    anew(session, document)
    await until(lambda: bool(models.streams))
    models.streams[0].say("foo(1)")
    await session.settled()
    assert len(told.of("firsthand/refresh")) == 1
    assert texts(await ask(session, params)) == ["foo(1)"]
    anew(session, document)
    await session.settled()
    assert len(told.of("firsthand/refresh")) == 1


@pytest.mark.parametrize("client", [Client("code", "empty"), Client("nvim", "extend"), Client()])
async def test_a_guess_that_was_not_allowed_before_is_told(client: Client) -> None:
    session, models, told, params = make_session("x = ║\n", SURE, client=client)
    models.endpoint, switched_on = None, session.settings[""]
    session.settings[""] = tuned(session, enabled=False)
    await ask(session, params)
    session.settings[""] = switched_on
    anew(session, session.documents[URI])
    await session.settled()
    assert bool(told.of("firsthand/refresh")) is (client.refresh is not None)


@pytest.mark.parametrize(
    ("client", "said", "refreshed"),
    [
        (Client("nvim", "extend"), "foo(bar) + 1", True),
        (Client("nvim", "extend"), "other()", False),
        (Client("code", "empty"), "foo(bar) + 1", False),
        (Client(), "foo(bar) + 1", False),
    ],
)
async def test_refresh_where_something_is_shown(client: Client, said: str, refreshed: bool) -> None:
    session, models, told, params = make_session("x = ║\n", SURE, client=client)
    session.settings[""] = tuned(session, patience_ms=0)
    assert texts(await ask(session, params)) == ["foo(bar)"]
    await until(lambda: bool(models.streams))
    models.streams[0].say(said)
    await until(lambda: session.documents[URI].generation is None)
    assert bool(told.of("firsthand/refresh")) is refreshed


async def test_a_menu_is_extended_or_nothing_is_shown() -> None:
    session, models, _, params = make_session("x = fo║\n", Guess("(bar)", 0.95))
    models.endpoint = None
    snapshot = cast(Snapshot, session.snapshot(params))
    menu = Range(Position(0, 4), Position(0, 6))
    extends = replace(snapshot, selected=Selected(menu, "foo_all"))
    assert texts(await complete(session, extends)) == ["o_all(bar)"]
    other = replace(snapshot, selected=Selected(menu, "bar"))
    assert (await complete(session, other)).silence is Silence.POPUP


async def test_private_documents_are_never_sent() -> None:
    session, models, _, params = make_session("x = ║\n", SURE)
    session.documents[URI].private = True
    assert texts(await ask(session, params)) == ["foo(bar)"]
    assert models.streams == []


@pytest.mark.parametrize(
    ("change", "silence"),
    [
        ({"enabled": False}, Silence.OFF),
        ({"trigger": "manual"}, Silence.MANUAL),
        ({"languages_off": frozenset({"python"})}, Silence.LANGUAGE_OFF),
    ],
)
async def test_settings_silence(change: dict[str, object], silence: Silence) -> None:
    session, models, _, params = make_session("x = ║\n", SURE)
    session.settings[""] = tuned(session, **change)
    assert (await ask(session, params)).silence is silence
    assert models.streams == []


def inserted(string: str, at: Position) -> list[lsp.TextDocumentContentChangeEvent]:
    place = lsp.Position(at.line, at.character)
    return [lsp.TextDocumentContentChangePartial(lsp.Range(place, place), string)]


async def until(happened) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(60):
        while not happened():
            await asyncio.sleep(0)
