"""What strategies solve: simulated models whose errors go together more or less.

Three models of different worth draw from the stored replies: right ones as often as they are good,
wrong ones otherwise, both by a seeded normal copula with the asked correlation. Where models err
together they may make the same mistake, with the same chance. Everything after the draw is the real
thing: parsing, verification, the person's check in a process, and the choice.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist, median

from bench.escalation.tasks import Judged, Stored, Task, judged_all, replies, tasks

from firsthand.core.choosing import Candidate, choose
from firsthand.core.patch import Malformed, parse_reply
from firsthand.core.text import Edit
from firsthand.syntax import changed_signatures, new_fault, undefined_names

CORRELATIONS = (0.0, 0.5, 0.9)
_DRAWS = 200  # of each task
_SEED = 6
_CHECK_SECONDS = 1.5  # what a check takes


@dataclass(frozen=True, slots=True)
class Model:
    """A simulated model: how often it is right, and how long it takes (log-normal, seconds)."""

    name: str
    right: float
    median_s: float
    spread: float
    fails: float  # how often it gives no answer


# The order is the configured one: the best first.
MODELS = (
    Model("first", 0.72, 9.0, 0.45, 0.02),
    Model("second", 0.66, 6.0, 0.50, 0.02),
    Model("third", 0.60, 4.0, 0.60, 0.03),
)


@dataclass(frozen=True, slots=True)
class Verified:
    """A stored reply after parsing, verification and its tests."""

    candidate: Candidate
    judged: Judged


def verified_all() -> dict[str, tuple[list[Verified], list[Verified]]]:
    """By task: what its right and its wrong replies are worth.

    Raises:
        SystemExit: a stored reply is not what is said of it.
    """
    by_name = {each.name: each for each in tasks()}
    stored = replies()
    candidates = [_read(by_name[each.task], each) for each in stored]
    asked = [
        (by_name[each.task].function, _file(by_name[each.task], candidate.text))
        for each, candidate in zip(stored, candidates, strict=True)
    ]
    found: dict[str, tuple[list[Verified], list[Verified]]] = {}
    for each, candidate, result in zip(stored, candidates, judged_all(asked), strict=True):
        if candidate.fault or candidate.undefined or result.right is not each.right:
            raise SystemExit(f"{each.task}: a reply is not as stored: {candidate.fault} {result}")
        right, wrong = found.setdefault(each.task, ([], []))
        (right if each.right else wrong).append(Verified(candidate, result))
    return found


def figures() -> dict[str, object]:
    """All of them, by correlation."""
    by_task = verified_all()
    wrong = [each for _, others in by_task.values() for each in others]
    return {
        "tasks": len(by_task),
        "replies": sum(len(right) + len(others) for right, others in by_task.values()),
        "wrong_that_pass_examples": _share(sum(each.judged.examples for each in wrong), len(wrong)),
        "wrong_that_pass_suite": _share(sum(each.judged.suite for each in wrong), len(wrong)),
        "draws": _DRAWS * len(by_task),
        "models": {each.name: each.right for each in MODELS},
        "by_correlation": {
            str(each): _strategies(list(by_task.values()), each) for each in CORRELATIONS
        },
    }


def _strategies(
    by_task: Sequence[tuple[list[Verified], list[Verified]]], correlation: float
) -> dict[str, object]:
    draw = random.Random(f"{_SEED} {correlation}")
    solved: Counter[str] = Counter()
    errors: list[tuple[bool, bool]] = []
    waits: dict[str, list[float]] = {"first": [], "panel": [], "panel_with_check": []}
    for right, wrong in by_task:
        for _ in range(_DRAWS):
            drawn = draw_answers(draw, correlation, right, wrong)
            seconds = [draw.lognormvariate(math.log(each.median_s), each.spread) for each in MODELS]
            waits["first"].append(seconds[0] if drawn[0] else seconds[0] + seconds[1])
            waits["panel"].append(max(seconds))
            waits["panel_with_check"].append(max(seconds) + _CHECK_SECONDS)
            solved.update(solvers(drawn))
            if drawn[0] and drawn[1]:
                errors.append((not drawn[0].judged.right, not drawn[1].judged.right))
    draws, best = _DRAWS * len(by_task), max(solved[each.name] for each in MODELS)
    return {
        "measured_correlation": round(_phi(errors), 3),
        **{name: _share(solved[name], draws) for name in sorted(solved)},
        "best_single": _share(best, draws),
        "panel_with_examples_of_oracle": _share(solved["panel_with_examples"], solved["oracle"]),
        "panel_with_suite_of_oracle": _share(solved["panel_with_suite"], solved["oracle"]),
        "panel_against_best_single_points": round(100 * (solved["panel"] - best) / draws, 2),
        "seconds_p50_p95": {name: _quantiles(each) for name, each in waits.items()},
    }


def solvers(drawn: Sequence[Verified | None]) -> Iterator[str]:
    """Who, or which strategy, solves a task with what the models answered; and what tells them."""
    answers = [each for each in drawn if each]
    if not answers:
        return
    yield from (
        model.name for model, each in zip(MODELS, drawn, strict=True) if each and each.judged.right
    )
    if answers[0].judged.right:
        yield "first_strategy"
    if any(each.judged.right for each in answers):
        yield "oracle"
    for name, passed in (
        ("panel", None),
        ("panel_with_examples", [each.judged.examples for each in answers]),
        ("panel_with_suite", [each.judged.suite for each in answers]),
    ):
        if _chosen(answers, passed).judged.right:
            yield name
        if passed and len(set(passed)) > 1:
            yield f"picked_by_{name.removeprefix('panel_with_')}"


def draw_answers(
    draw: random.Random, correlation: float, right: list[Verified], wrong: list[Verified]
) -> list[Verified | None]:
    """An answer of each model; None where it gave none."""
    shared, normal = draw.gauss(0, 1), NormalDist()
    mistake = draw.choice(wrong)
    found: list[Verified | None] = []
    for model in MODELS:
        own = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * draw.gauss(0, 1)
        if draw.random() < model.fails:
            found.append(None)
        elif normal.cdf(own) < model.right:
            found.append(draw.choice(right))
        else:
            found.append(mistake if draw.random() < correlation else draw.choice(wrong))
    return found


def _chosen(answers: Sequence[Verified], passed: Sequence[bool] | None) -> Verified:
    """What the panel proposes; without a judge, equals go to the best model."""
    candidates = [
        replace(each.candidate, passed=passed[number] if passed else None)
        for number, each in enumerate(answers)
    ]
    return answers[choose(candidates, "python").index or 0]


def _read(task: Task, stored: Stored) -> Candidate:
    """A reply as an escalation reads it."""
    reply = parse_reply(stored.reply, task.text.slice(task.range))
    if isinstance(reply, Malformed):
        return Candidate("", reply.reason)
    after = task.text.apply(Edit(task.range, reply.new_text))
    if new_fault("python", task.text, after) is not None:
        return Candidate(reply.new_text, "It does not parse.")
    return Candidate(
        reply.new_text,
        undefined=undefined_names("python", task.text, after),
        changed=changed_signatures("python", task.text, after),
    )


def _file(task: Task, new_text: str) -> str:
    return task.text.apply(Edit(task.range, new_text)).string


def _phi(errors: Sequence[tuple[bool, bool]]) -> float:
    """How much the errors of the first two models go together."""
    count = len(errors)
    one, other = (sum(each[at] for each in errors) / count for at in (0, 1))
    both = sum(all(each) for each in errors) / count
    return (both - one * other) / math.sqrt(one * (1 - one) * other * (1 - other))


def _quantiles(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [round(median(ordered), 1), round(ordered[int(0.95 * len(ordered))], 1)]


def _share(part: int, whole: int) -> float:
    """In percent."""
    return round(100 * part / whole, 2)
