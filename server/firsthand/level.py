"""Which level completes, why it is not a better one, and what today cost: told to the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firsthand.core.outcome import Silence

if TYPE_CHECKING:
    from firsthand.session import Session


def show(session: Session) -> None:
    """Tell the editor what completes now, and why it is not better."""
    tuning = session.settings[""].settings.tuning
    if not session.ready or not tuning.enabled:
        session.board.update(level="off", model="", reason="")
        return
    paused = session.pauses.hold("", "", session.clock())
    standing = session.router.standing() if session.router else None
    endpoint = standing.endpoint if standing else None
    if standing and standing.reason and session.router and session.router.endpoints:
        _say_once(session, standing.reason)
    session.board.update(
        level="paused" if paused else standing.level if standing else "embedded",
        model=endpoint.label if endpoint else "",
        reason=standing.reason if standing else "",
    )


def reason(session: Session, silence: Silence | None) -> str:
    """Why it is this level, or why there is nothing; a doubt says less than a fault."""
    standing = session.router.standing() if session.router else None
    if standing and standing.reason and silence in (None, Silence.UNSURE, Silence.PROSE):
        return standing.reason
    return silence.value if silence else ""


async def show_spent(session: Session) -> None:
    """Tell the editor what today's requests cost, and the cap."""
    if session.stores:
        cap = min(each.settings.budget.day_usd for each in session.settings.values())
        session.board.update(day_usd=await session.stores.spent_today(), cap_usd=cap)


def _say_once(session: Session, reason: str) -> None:
    """Say why a model gives no answers, where no plugin shows the status."""
    if not session.client.name and not session.client.refresh and reason not in session.said:
        session.said.add(reason)
        session.say(reason)
