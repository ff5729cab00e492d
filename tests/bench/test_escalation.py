"""The tasks of `bench.escalation`, and what its simulation does with them."""

import ast
import random

import pytest
from bench.escalation import panel
from bench.escalation.mutants import mutants
from bench.escalation.tasks import Judged, functions, judged, replies, tasks

from firsthand.core.choosing import Candidate
from firsthand.core.patch import Reply, parse_reply

CODE = "def f(a, b):\n    if a < b and b:\n        a += 1\n        return a\n    return b - 1\n"


def test_mutants_parse_and_differ() -> None:
    found = list(mutants(CODE))
    assert len(set(found)) == len(found) >= 8
    assert ast.unparse(ast.parse(CODE)) + "\n" not in found
    for each in found:
        compile(each, "mutant", "exec")


def test_tests_tell_right_from_wrong() -> None:
    clamp = next(each for each in functions() if each.name == "clamp")
    assert judged(clamp, clamp.code) == Judged(True, True, True)
    assert judged(clamp, clamp.code.replace("return low", "return high")) == Judged()
    sly = clamp.code.replace("low > high", "low >= high")
    assert judged(clamp, sly) == Judged(examples=True)


def test_stored_replies_are_edits_of_their_tasks() -> None:
    by_name = {each.name: each for each in tasks()}
    assert len(by_name) >= 60
    stored = replies()
    assert {each.task for each in stored} == by_name.keys()
    for each in stored:
        task = by_name[each.task]
        target = task.text.slice(task.range)
        reply = parse_reply(each.reply, target)
        assert isinstance(reply, Reply), (each, reply)
        assert reply.new_text != target


GOOD = panel.Verified(Candidate("good"), Judged(True, True, True))
BAD = panel.Verified(Candidate("bad"), Judged(examples=True))


def test_what_is_solved() -> None:
    def solved(*drawn: panel.Verified | None) -> set[str]:
        return set(panel.solvers(drawn))

    assert solved(BAD, GOOD, None) == {"second", "oracle", "panel_with_suite", "picked_by_suite"}
    assert "panel" in solved(None, GOOD, BAD)
    assert solved(BAD, BAD, BAD) == set()
    assert solved(None, None, None) == set()


@pytest.mark.parametrize("correlation", panel.CORRELATIONS)
def test_draws_have_the_rates_that_are_asked_for(correlation: float) -> None:
    draw = random.Random(1)
    drawn = [panel.draw_answers(draw, correlation, [GOOD], [BAD]) for _ in range(20_000)]
    for at, model in enumerate(panel.MODELS):
        answers = [each[at] for each in drawn if each[at]]
        right = sum(each is GOOD for each in answers) / len(answers)
        assert right == pytest.approx(model.right, abs=0.02)
        assert 1 - len(answers) / len(drawn) == pytest.approx(model.fails, abs=0.01)
