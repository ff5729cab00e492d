"""What the status says of the place where the person works."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes import Models, make_session
from tests.test_complete import ask

from firsthand import level
from firsthand.backends.base import Endpoint
from firsthand.session import Session
from firsthand.settings import Fault

pytestmark = pytest.mark.asyncio

FAR = Endpoint("far", "openai", "https://far.example", "coder", remote=True)


def local_only(session: Session, folder: str = "") -> None:
    loaded = session.settings[""]
    settings = replace(loaded.settings, local_only=True)
    session.settings[folder] = replace(loaded, settings=settings)


def shown(session: Session) -> str:
    level.show(session)
    return session.board.status.level


def far(models: Models) -> None:
    models.endpoint, models.endpoints = FAR, (FAR,)


async def test_a_model_that_may_not_be_asked_here_is_not_what_completes() -> None:
    session, models, _, params = make_session("x = ║\n")
    far(models)
    await ask(session, params)
    status = session.board.status
    assert (status.level, status.model) == ("inline", FAR.label)
    local_only(session)
    await ask(session, params)
    status = session.board.status
    assert (status.level, status.model, status.reason) == ("embedded", "", "Only here.")
    models.endpoint = replace(FAR, remote=False)
    await ask(session, params)
    assert session.board.status.level == "inline"
    session.shut_down()


async def test_a_file_that_is_kept_from_models() -> None:
    session, _, _, params = make_session("x = ║\n")
    (document,) = session.documents.values()
    document.private = True
    await ask(session, params)
    assert session.board.status.level == "inline"  # it is being judged
    document.judged_by = ()
    await ask(session, params)
    status = session.board.status
    assert (status.level, status.model) == ("embedded", "")
    assert "keeps this file from models" in status.reason
    session.shut_down()


async def test_settings_with_a_fault() -> None:
    session, _, _, params = make_session("x = ║\n")
    fault = Fault("config.toml", "budget", "is wrong", "mend it", remote_off=True)
    session.settings[""] = replace(session.settings[""], faults=(fault,))
    await ask(session, params)
    assert session.board.status.level == "embedded"
    assert "fault in the settings" in session.board.status.reason
    session.close(params.text_document.uri)
    level.show(session)  # nothing is open
    assert "fault in the settings" in session.board.status.reason
    session.shut_down()


async def test_before_anything_was_asked_it_is_what_some_folder_allows(tmp_path: Path) -> None:
    session, models, _, _ = make_session("x = ║\n")
    far(models)
    local_only(session, str(tmp_path / "one"))
    assert shown(session) == "embedded"
    session.settings[str(tmp_path / "two")] = session.settings[""]
    assert shown(session) == "inline"
    session.client = replace(session.client, trusted=False)
    assert shown(session) == "embedded"
    session.shut_down()
