"""Asking by a strategy, and which of the answers is proposed.

`first` asks the first model that works; `panel` up to three at once, or the best one twice; `auto`
the cheapest that is likely to do, then dearer ones as long as what comes back does not pass. What
models write is chosen by verification; a model judges only between answers that are equal by it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from firsthand import verifying
from firsthand.core import briefing, routing
from firsthand.core.choosing import Candidate, Choice, choose
from firsthand.core.differing import differences
from firsthand.core.proposal import Disagreement, disagreements
from firsthand.preparing import Nothing
from firsthand.verifying import Verified

if TYPE_CHECKING:
    from firsthand.backends.base import Endpoint
    from firsthand.backends.frontier import Question
    from firsthand.preparing import Brief
    from firsthand.router.frontier import Answered
    from firsthand.session import Session
    from firsthand.telling import Telling

_MOST = 3  # models in a panel
_WITHIN = 600.0  # seconds for all that is asked
_CHOSEN = re.compile(r"\s*CHOOSE\s+(\d)\b.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of asking one model.

    Attributes:
        label: who; a model that is asked twice is numbered.
        answered: its last answer; None where there was none.
        verified: what that is worth; None likewise.
        reason: why there was no answer.
        refused: a cap, or the ledger, did not let the question pass.
        costs_usd: what each of its answers cost; None where that is not known.
    """

    label: str
    answered: Answered | None = None
    verified: Verified | None = None
    reason: str = ""
    refused: bool = False
    costs_usd: tuple[float | None, ...] = ()

    @property
    def candidate(self) -> Candidate:
        """What it is chosen by."""
        return self.verified.candidate if self.verified else Candidate("", self.reason)

    @property
    def passes(self) -> bool:
        """Whether nothing speaks against it."""
        found = self.candidate
        return not found.fault and found.passed is not False and not found.undefined


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer that is proposed.

    Attributes:
        answered: what the model said, and who it is.
        verified: what that makes of the range.
        reason: why it is this one, where there were several.
        disagreements: where the others differ.
        cost_usd: what all requests cost; None where that is not known.
    """

    answered: Answered
    verified: Verified
    reason: str = ""
    disagreements: tuple[Disagreement, ...] = ()
    cost_usd: float | None = None


def begins_with(brief: Brief) -> tuple[Endpoint, ...]:
    """Whom a strategy asks at once, or first."""
    if brief.strategy == "panel":
        return brief.endpoints[:_MOST] if len(brief.endpoints) > 1 else brief.endpoints * 2
    return (_ladder(brief) if brief.strategy == "auto" else brief.endpoints)[:1]


async def decide(session: Session, brief: Brief, telling: Telling) -> Decided | Nothing:
    """The answer to propose, or why there is none."""
    ask = {"first": _first, "panel": _together, "auto": _rising}[brief.strategy]
    try:
        async with asyncio.timeout(_WITHIN):
            attempts = await ask(session, brief, telling)
    except TimeoutError:
        return Nothing(f"No model gave a whole answer in {_WITHIN / 60:.0f} minutes: ask for less.")
    candidates = [each.candidate for each in attempts]
    choice = await session.looker.run(choose, candidates, brief.document.language)
    if choice.index is None:
        return Nothing(choice.reason, all(each.refused for each in attempts))
    if brief.strategy == "panel" and choice.tied and not candidates[choice.index].passed:
        attempts, choice = await _judged(session, brief, attempts, choice, telling)
    chosen = attempts[choice.index or 0]
    if chosen.answered is None or chosen.verified is None:
        return Nothing(chosen.reason)
    return Decided(
        chosen.answered,
        chosen.verified,
        choice.reason,
        await session.looker.run(_differing, brief, attempts, chosen),
        _total(attempts),
    )


def _differing(
    brief: Brief, attempts: Sequence[Attempt], chosen: Attempt
) -> tuple[Disagreement, ...]:
    """Where usable answers differ from the chosen one."""
    usable = [each for each in attempts if not each.candidate.fault]
    found = differences(
        brief.text.slice(brief.range),
        [each.candidate.text for each in usable],
        usable.index(chosen),
        brief.document.language,
    )
    return disagreements(brief.text, brief.range, found, [each.label for each in usable])


# Strategies.


async def _first(session: Session, brief: Brief, telling: Telling) -> list[Attempt]:
    """A model that fails leaves its turn to the next one; an answer that is no good does not."""
    attempts: list[Attempt] = []
    for endpoint in brief.endpoints:
        attempt = await _attempt(session, brief, endpoint, telling, "escalate")
        if attempt.answered is not None:
            return await _checked(brief, [attempt], telling)
        attempts.append(attempt)
    return attempts


async def _together(session: Session, brief: Brief, telling: Telling) -> list[Attempt]:
    asked = begins_with(brief)
    names = [each.label for each in asked]
    labels = [
        f"{name} ({names[: number + 1].count(name)})" if names.count(name) > 1 else name
        for number, name in enumerate(names)
    ]
    attempts = await asyncio.gather(
        *(_attempt(session, brief, each, telling, "panel") for each in asked)
    )
    named = [replace(each, label=name) for each, name in zip(attempts, labels, strict=True)]
    return await _checked(brief, named, telling)


async def _rising(session: Session, brief: Brief, telling: Telling) -> list[Attempt]:
    """The best come first: of answers that are equal the dearest model's is proposed."""
    attempts: list[Attempt] = []
    order = _ladder(brief)
    for endpoint in order:
        last = endpoint is order[-1]
        attempt = await _attempt(session, brief, endpoint, telling, "auto", twice=last)
        (attempt,) = await _checked(brief, [attempt], telling)
        attempts.insert(0, attempt)
        if attempt.passes:
            break
    return attempts


def _ladder(brief: Brief) -> tuple[Endpoint, ...]:
    prices = [
        (0.0, 0.0)
        if not each.remote
        else None
        if each.price_in is None or each.price_out is None
        else (each.price_in, each.price_out)
        for each in brief.endpoints
    ]
    return tuple(brief.endpoints[number] for number in routing.ladder(prices, brief.bounded))


# One model.


async def _attempt(
    session: Session,
    brief: Brief,
    endpoint: Endpoint,
    telling: Telling,
    feature: str,
    *,
    twice: bool = True,
) -> Attempt:
    """A model's answer; one that can't be used it is told the reason of, once where wanted."""
    from firsthand.backends.base import BackendError
    from firsthand.backends.frontier import Message
    from firsthand.ledger import Refused

    question = brief.question
    costs: tuple[float | None, ...] = ()
    for last in (False, True) if twice else (True,):
        try:
            answered = await asked(session, brief, endpoint, question, telling, feature)
        except (BackendError, Refused) as error:
            refused, reason, wait = isinstance(error, Refused), str(error), _wait(error)
            if wait:
                reason = f"{reason.removesuffix('.')}; ask again in {wait:.0f} seconds."
            return Attempt(endpoint.label, None, None, reason, refused, costs)
        costs = (*costs, answered.cost_usd)
        verified = await verifying.verify(session, brief, answered.text, answered.cut)
        fault = verified.candidate.fault
        if not fault or last or verifying.used_up(answered.text, answered.cut):
            break  # who thought for too long would think as long again
        await _keep(session, brief, answered)
        said = answered.text if answered.text.strip() else "(nothing)"  # some refuse an empty turn
        turns = (Message("assistant", said), Message("user", briefing.again(fault)))
        question = replace(question, messages=(*question.messages, *turns))
    if fault:
        kept = await _keep(session, brief, answered)
        named = f"{endpoint.label} gave no usable answer: {fault.removesuffix('.')}.{kept}"
        verified = replace(verified, candidate=replace(verified.candidate, fault=named))
    return Attempt(endpoint.label, answered, verified, costs_usd=costs)


async def _keep(session: Session, brief: Brief, answered: Answered) -> str:
    """Keep an answer that can't be used, for the person to read; says how to."""
    session.escalations.reply = answered.text
    if not answered.text.strip() or not await brief.frontier.keep_reply(answered):
        return ""
    return f" Read it by `{' '.join(('firsthand sent --reply', answered.sent_id)).rstrip()}`."


def _wait(error: Exception) -> float | None:
    """The seconds that a server asked to wait, if it did."""
    from firsthand.backends.base import Refused

    return error.retry_after if isinstance(error, Refused) else None


async def asked(
    session: Session,
    brief: Brief,
    endpoint: Endpoint,
    question: Question,
    telling: Telling,
    feature: str,
) -> Answered:
    """A model's answer, its price said before.

    Raises:
        BackendError: there is none.
        Refused: a cap, a price that nobody knows, or the ledger forbids to ask.
    """
    body, most = await brief.frontier.look(endpoint, question)
    session.escalations.asked = body.decode("utf-8", "replace")
    price = f", at most {most:.4f} USD" if endpoint.remote else ""
    telling.say(f"asking {endpoint.label}{price}")

    def second() -> None:
        price = f", at most {2 * most:.4f} USD in all" if endpoint.remote else ""
        telling.say(f"asking {endpoint.label} once more, as it is late{price}")

    return await brief.frontier.ask(endpoint, question, telling.heard, feature, second)


async def _checked(brief: Brief, attempts: Sequence[Attempt], telling: Telling) -> list[Attempt]:
    """Answers after the person's own check, run once for each text."""
    texts = {each.candidate.text: each for each in attempts if not each.candidate.fault}
    if brief.check is None or not texts:
        return list(attempts)
    telling.say(f"running {' '.join(brief.check.command)}")
    verified = [each.verified for each in texts.values() if each.verified]
    results = await asyncio.gather(*(verifying.check(brief, each) for each in verified))
    found = {each.candidate.text: each for each in results}
    return [
        replace(each, verified=replace(each.verified, candidate=result.candidate, said=result.said))
        if each.verified and (result := found.get(each.candidate.text))
        else each
        for each in attempts
    ]


def _total(attempts: Sequence[Attempt]) -> float | None:
    costs = [cost for each in attempts for cost in each.costs_usd]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


# Between equals.


async def _judged(
    session: Session,
    brief: Brief,
    attempts: list[Attempt],
    choice: Choice,
    telling: Telling,
) -> tuple[list[Attempt], Choice]:
    """What the first model says of answers that are equal: one of them, or a merge that passes.

    Where it says nothing of use, or may not be asked, the choice stays.
    """
    judge = brief.endpoints[0]
    tied = [attempts[number] for number in choice.tied]
    first, *_ = brief.question.messages
    told = briefing.judging(first.text, [each.candidate.text for each in tied])
    # The task and the context are the same, so that what the server keeps of them is used.
    judging = replace(
        brief, question=replace(brief.question, messages=(replace(first, text=told),))
    )
    verdict = await _attempt(session, judging, judge, telling, "judge", twice=False)
    named = _CHOSEN.match(verdict.answered.text) if verdict.answered else None
    paid = replace(verdict, verified=None, reason="It only judged.")
    if named and 0 < int(named[1]) <= len(tied):
        index = choice.tied[int(named[1]) - 1]
        reason = f"{choice.reason} {judge.label} judged between them."
        return [*attempts, paid], Choice(index, reason, choice.tied)
    (merged,) = await _checked(brief, [replace(verdict, label=f"{judge.label} (merged)")], telling)
    best = attempts[choice.index or 0]
    pair = [merged.candidate, best.candidate]
    better = await session.looker.run(choose, pair, brief.document.language)
    if better.index == 0:
        reason = f"{choice.reason} {judge.label} merged them, and the merge passes the same checks."
        return [*attempts, merged], Choice(len(attempts), reason, choice.tied)
    return [*attempts, paid], choice
