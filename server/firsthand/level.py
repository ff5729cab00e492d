"""Which level completes, why it is not a better one, and what today cost: told to the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firsthand import judging
from firsthand.core.outcome import Silence

if TYPE_CHECKING:
    from firsthand.router import Standing
    from firsthand.session import Session

_PRIVATE = "A rule or its name keeps this file from models, so only the embedded one completes it."
_FAULTY = "A fault in the settings keeps models off until it is mended: run `firsthand doctor`."


def show(session: Session) -> None:
    """Tell the editor what completes now, and why it is not better."""
    standing = session.router.standing() if session.router else None
    if standing and standing.reason and session.router and session.router.endpoints:
        _say_once(session, standing.reason)
    standing = _here(session)
    _tell(session, standing, standing.reason if standing and _on(session) else "")


def answered(session: Session, silence: Silence | None, latency_ms: float) -> None:
    """The same once a request was answered; a doubt says less of a silence than a fault."""
    standing = _here(session)
    reason = silence.value if silence else ""
    if standing and standing.reason and silence in (None, Silence.UNSURE, Silence.PROSE):
        reason = standing.reason
    _tell(session, standing, reason, latency_ms=latency_ms)


async def show_spent(session: Session) -> None:
    """Tell the editor what today's requests cost, and the cap."""
    if session.stores:
        cap = min(each.settings.budget.day_usd for each in session.settings.values())
        session.board.update(day_usd=await session.stores.spent_today(), cap_usd=cap)


def _tell(session: Session, standing: Standing | None, reason: str, **more: float) -> None:
    if not _on(session):
        session.board.update(level="off", model="", reason=reason, **more)
        return
    paused = session.pauses.hold("", "", session.clock())
    endpoint = standing.endpoint if standing else None
    session.board.update(
        level="paused" if paused else standing.level if standing else "embedded",
        model=endpoint.label if endpoint else "",
        reason=reason,
        **more,
    )


def _on(session: Session) -> bool:
    return session.ready and session.settings[""].settings.tuning.enabled


def _here(session: Session) -> Standing | None:
    """What completes where the person is, in the document that was answered last.

    Before there is one it is what completes in some folder.
    """
    router, document = session.router, session.last
    if router is None:
        return None
    # Loaded with the router.
    from firsthand.router import Standing

    if document is None or document.uri not in session.documents:
        folders = [each for each in session.settings if each] or [""]
        if not any(session.settings[each].remote_allowed for each in folders):
            return Standing("embedded", _FAULTY)
        limited = all(session.settings[each].settings.local_only for each in folders)
        return router.standing(local_only=limited or not session.client.trusted)
    if document.private and document.judged_by is not None:
        return Standing("embedded", _PRIVATE)
    if not judging.models_allowed(session, document):
        return Standing("embedded", _FAULTY)
    return router.standing(local_only=judging.local_only(session, document))


def _say_once(session: Session, reason: str) -> None:
    """Say why a model gives no answers, where no plugin shows the status."""
    if not session.client.name and not session.client.refresh and reason not in session.said:
        session.said.add(reason)
        session.say(reason)
