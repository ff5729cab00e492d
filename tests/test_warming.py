"""When a model is asked, and what it reads ahead while nobody types."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from tests.fakes import URI, Clock, Models, asking, make_session, tuned
from tests.router.world import at_once
from tests.test_complete import ask, texts, type_, until

from firsthand.core.outcome import Silence
from firsthand.core.snapshot import Snapshot
from firsthand.core.text import Position
from firsthand.ledger import Ledger
from firsthand.router import Latency
from firsthand.router.frontier import Frontier
from firsthand.router.toll import Toll
from firsthand.session import Session
from firsthand.settings import Budget, Privacy
from firsthand.warming import arrived, opened, read_ahead, reads

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("ended")]

ABOVE = "".join(f"name_{number} = one({number})\n" for number in range(8))
OTHER = "file:///w/b.py"
BELOW = ABOVE.replace("one", "two")


async def read(
    session: Session, params: lsp.InlineCompletionParams, anew: bool = False
) -> list[str]:
    """What was read ahead once there was a pause, as prefixes."""
    snapshot = session.snapshot(params)
    assert isinstance(snapshot, Snapshot)
    read_ahead(session, snapshot, anew=anew)
    await asyncio.sleep(0)
    models = session.router
    assert isinstance(models, Models)
    return [each.hole.prefix for each in models.warmed]


async def pause() -> None:
    """Wait until what waits for a pause in the typing had its turn."""
    over = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.35, over.set_result, None)
    await over


async def missed(usual: float, rhythm: float, remote: bool = False) -> tuple[Session, Models, bool]:
    """Have a model miss six times, then ask; whether it was asked at once."""
    session, models, _, params = make_session("║\n")
    session.settings[""] = tuned(session, patience_ms=0)
    assert models.endpoint is not None
    models.endpoint = replace(models.endpoint, remote=remote)
    models.measured = Latency((usual,) * 5)
    clock = session.clock
    assert isinstance(clock, Clock)
    for number in range(6):
        clock.now += rhythm
        params = type_(session, "q", Position(0, number))
    session.documents[URI].misses = 6
    await ask(session, params)
    generation = session.documents[URI].generation
    assert generation is not None
    for _ in range(5):
        await asyncio.sleep(0)
    return session, models, generation.asked


async def test_a_model_that_is_faster_than_the_keys_is_asked_at_once() -> None:
    _, models, at_once = await missed(usual=0.08, rhythm=0.12)
    assert at_once
    assert len(models.streams) == 1


@pytest.mark.parametrize(("usual", "remote"), [(0.5, False), (0.08, True)])
async def test_a_slow_or_paid_one_that_misses_is_asked_in_a_pause(
    usual: float, remote: bool
) -> None:
    session, models, at_once = await missed(usual, 0.12, remote)
    assert not at_once
    # A key in that time has it wait anew, and one question goes out.
    await ask(session, type_(session, "q", Position(0, 6)))
    assert models.streams == []
    await until(lambda: bool(models.streams))
    assert models.streams[0].request.hole.prefix == "q" * 7


async def test_a_model_that_waits_to_be_asked_reads_ahead() -> None:
    session, models, _, params = make_session(f"{ABOVE}x = ║\n")
    session.settings[""] = tuned(session, trigger="manual")
    assert (await ask(session, params)).silence is Silence.MANUAL
    await until(lambda: bool(models.warmed))
    assert models.warmed[0].hole.prefix == f"{ABOVE}x = "
    assert models.streams == []


async def test_in_a_pause_a_model_reads_what_was_written_since_it_was_asked() -> None:
    session, models, _, params = make_session("║\n")
    asked = asyncio.ensure_future(ask(session, params))
    await until(lambda: bool(models.streams))
    models.streams[0].say(ABOVE, BELOW)
    assert texts(await asked)
    assert await read(session, params) == []  # it has just read that
    type_(session, ABOVE, Position(0, 0))
    assert texts(await ask(session, asking(Position(8, 0))))
    await until(lambda: bool(models.warmed))
    assert [each.hole.prefix for each in models.warmed] == [ABOVE]
    # So little is not worth it.
    assert await read(session, type_(session, BELOW[:4], Position(8, 0))) == [ABOVE]
    assert len(models.streams) == 1
    # What it had read may be gone once another document was asked about.
    session.open(OTHER, "python", 1, "")
    reads(session, session.documents[OTHER], models.warmed[0])
    assert await read(session, asking(Position(8, 4))) == [ABOVE, ABOVE + BELOW[:4]]


async def test_beside_code_that_stands_there_a_model_reads_ahead() -> None:
    session, models, _, _ = make_session(f"{ABOVE}║x = 1\n")
    params = asking(Position(8, 0))
    assert (await ask(session, params)).silence is Silence.TEXT_RIGHT
    await until(lambda: bool(models.warmed))
    assert [each.hole.prefix for each in models.warmed] == [ABOVE]


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_server_that_writes_an_escalation_reads_nothing_ahead(
    elsewhere: bool, former: bool, tmp_path: Path
) -> None:
    session, models, _, params = make_session(f"{ABOVE}║\n")
    assert models.endpoint is not None
    strong = replace(models.endpoint, url="http://127.0.0.1:9") if elsewhere else models.endpoint
    toll = Toll(Ledger(tmp_path, tell=pytest.fail), Budget(2.0, 20.0), Privacy())
    escalations = session.escalations
    asked = Frontier((strong,), run=at_once, toll=toll)
    if former:
        escalations.former.append(asked)
    else:
        escalations.frontier = asked
    escalations.running["token"] = asyncio.get_running_loop().create_future()
    assert await read(session, params, anew=True) == ([ABOVE] if elsewhere else [])


@pytest.mark.parametrize("why", ["remote", "moved on", "busy", "closed", "no model"])
async def test_who_does_not_read_ahead(why: str) -> None:
    session, models, _, params = make_session(f"{ABOVE}║\n")
    snapshot = session.snapshot(params)
    assert isinstance(snapshot, Snapshot)
    assert models.endpoint is not None
    if why == "remote":
        models.endpoint = replace(models.endpoint, remote=True)
    elif why == "no model":
        models.endpoint = None
    elif why == "moved on":
        type_(session, "y", Position(0, 0))
    elif why == "closed":
        session.close(URI)
    elif why == "busy":
        session.open(OTHER, "python", 1, "")
        session.documents[OTHER].generation = session  # type: ignore[assignment]
    read_ahead(session, snapshot)
    assert models.warmed == []
    session.documents.pop(OTHER, None)


@pytest.mark.parametrize("why", [Silence.PAUSED, Silence.LANGUAGE_OFF, Silence.OFF])
async def test_where_nothing_may_be_shown_nothing_is_read(why: Silence) -> None:
    session, models, _, params = make_session(f"{ABOVE}║\n")
    if why is Silence.PAUSED:
        session.pause(None, None, None)
    off = frozenset({"python"} if why is Silence.LANGUAGE_OFF else ())
    session.settings[""] = tuned(session, languages_off=off, enabled=why is not Silence.OFF)
    assert (await ask(session, params)).silence is why
    await pause()
    assert models.warmed == []


async def test_what_is_shown_of_the_codebase_is_not_read_anew_in_each_pause() -> None:
    session, _, _, params = make_session(f"{ABOVE}║\n")
    await read(session, params)
    document = session.documents[URI]
    assert document.read is not None
    before = replace(document.read.hole, snippets=(("b.py", "b = 1"),))
    document.read = replace(document.read, hole=before)
    assert await read(session, params) == [ABOVE]
    assert await read(session, params, anew=True) == [ABOVE, ABOVE]


async def test_where_the_cursor_was_put_a_model_reads_ahead() -> None:
    session, models, _, _ = make_session(f"{ABOVE}{BELOW}║\n")
    document = session.documents[URI]
    arrived(session, document, Position(8, 0))
    await until(lambda: bool(models.warmed))
    assert [each.hole.prefix for each in models.warmed] == [ABOVE]
    assert models.streams == []


async def test_where_the_cursor_only_passed_nothing_is_read() -> None:
    session, models, _, _ = make_session(f"{ABOVE}{BELOW}║\n")
    document = session.documents[URI]
    for line in (8, 9, 16):
        arrived(session, document, Position(line, 0))
    await until(lambda: bool(models.warmed))
    assert [each.hole.prefix for each in models.warmed] == [ABOVE + BELOW]


async def test_a_cursor_that_came_by_typing_is_known() -> None:
    session, models, _, params = make_session(f"{ABOVE}║\n")
    session.settings[""] = tuned(session, trigger="manual")
    await ask(session, params)
    await until(lambda: bool(models.warmed))
    models.warmed.clear()
    session.documents[URI].read = None
    arrived(session, session.documents[URI], Position(8, 0))
    await pause()
    assert models.warmed == []


async def test_a_cursor_in_a_paused_document_is_passed_over() -> None:
    session, models, _, _ = make_session(f"{ABOVE}║\n")
    session.pause(None, None, None)
    arrived(session, session.documents[URI], Position(8, 0))
    await pause()
    assert models.warmed == []


async def test_where_the_cursor_was_put_before_the_file_was_judged() -> None:
    session, models, _, _ = make_session(f"{ABOVE}{BELOW}║\n")
    document = session.documents[URI]
    await session.settled()
    document.private = True
    arrived(session, document, Position(8, 0))
    await pause()
    assert models.warmed == []
    document.private = False
    opened(session, document)
    await until(lambda: bool(models.warmed))
    assert [each.hole.prefix for each in models.warmed] == [ABOVE]
    session.change(URI, 2, [lsp.TextDocumentContentChangeWholeDocument(text="x\n")])
    opened(session, document)  # the place is gone, and what is there now is not worth it
    await pause()
    assert len(models.warmed) == 1


async def test_where_nobody_knows_the_cursor_nothing_is_read() -> None:
    session, models, _, _ = make_session(f"{ABOVE}║\n")
    opened(session, session.documents[URI])
    await pause()
    assert models.warmed == []
