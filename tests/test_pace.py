"""What the pace does to a session: it holds back, says so, and goes on."""

import asyncio
from dataclasses import replace

import pytest
from lsprotocol import types as lsp
from tests.fakes import URI, Clock, make_session
from tests.test_complete import SURE, ask

from firsthand.client import Client
from firsthand.core.outcome import Answer, Silence
from firsthand.core.pace import Pace
from firsthand.session import Session

pytestmark = pytest.mark.asyncio


def set_pace(session: Session, pace: Pace) -> None:
    loaded = session.settings[""]
    session.settings[""] = replace(loaded, settings=replace(loaded.settings, pace=pace))


def type_key(session: Session, version: int) -> None:
    place = lsp.Position(0, version)
    key = lsp.TextDocumentContentChangePartial(lsp.Range(place, place), "y")
    session.change(URI, version, [key])


async def test_a_learner_is_shown_something_after_a_pause() -> None:
    client = Client(name="test", refresh="empty")
    session, models, told, params = make_session("x║", SURE, client=client)
    models.endpoint = None
    set_pace(session, Pace(frozenset({"python"}), 0.05))
    assert isinstance(session.clock, Clock)
    type_key(session, 1)
    params.position = lsp.Position(0, 2)
    assert (await ask(session, params)).silence is Silence.RESTING
    session.clock.now += 1.0
    async with asyncio.timeout(5):
        while not told.of("firsthand/refresh"):
            await asyncio.sleep(0.01)
    assert (await ask(session, params)).completions
    session.shut_down()


async def test_quiet_hours_are_said_and_a_question_is_answered() -> None:
    session, models, _, params = make_session("x║", SURE)
    models.endpoint = None
    set_pace(session, Pace(quiet_hours=("00:00-24:00",)))
    assert (await ask(session, params)).silence is Silence.QUIET
    assert session.board.status.reason == Silence.QUIET.value
    assert session.reception.why(None)["reason"] == Silence.QUIET.value
    params.context.trigger_kind = lsp.InlineCompletionTriggerKind.Invoked
    assert (await ask(session, params)).completions
    session.shut_down()


async def test_rejections_lower_eagerness_in_that_document() -> None:
    session, _, _, _ = make_session("x║")
    document = session.documents[URI]
    document.changes.append(session.clock())
    before = session.snapshot_at(document, document.text.end, explicit=False)
    for _ in range(20):
        document.decide(right=False)
    after = session.snapshot_at(document, document.text.end, explicit=False)
    assert (before.calmed, after.calmed) == (False, True)
    assert after.tuning.aggression < before.tuning.aggression
    assert (before.pace, len(after.pace)) == ((), 1)
    session.answered(after, Answer(), session.clock())
    (said,) = session.reception.why(None)["pace"]
    assert f"aggression {after.tuning.aggression:.2f} in place of 0.50" in said
    assert isinstance(session.clock, Clock)
    session.clock.now += 3600
    assert not session.snapshot_at(document, document.text.end, explicit=False).calmed
    session.shut_down()
