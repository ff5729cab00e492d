"""The share of faults that are caught, and of good text that is left alone."""

import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.marked import marked

from firsthand.core.postprocess import Cleaned, Context, run

CASES = tomllib.loads(
    Path(__file__).with_name("postprocess_cases.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Case:
    kind: str
    language: str
    at: str
    middle: str
    shows: str | None = None
    over: str = ""
    lines: int = 8

    def got(self) -> tuple[str, str]:
        text, position = marked(self.at)
        several = self.lines > 1
        context = Context(text, position, self.language, several, self.lines if several else 8)
        cleaned = run(self.middle, context)
        if not isinstance(cleaned, Cleaned):
            return "", ""
        return cleaned.new_text, text.slice(cleaned.range)

    def wanted(self) -> tuple[str, str]:
        return (self.middle if self.shows is None else self.shows), self.over

    def __str__(self) -> str:
        return f"{self.kind}\n{self.at}{self.middle!r}\ngot {self.got()}\nnot {self.wanted()}"


BAD = [Case(**case) for case in CASES["bad"]]
GOOD = [Case(**case) for case in CASES["good"]]


def share(cases: list[Case], say: Callable[[str], None]) -> float:
    wrong = [case for case in cases if case.got() != case.wanted()]
    for case in wrong:
        say(str(case))
    return 1 - len(wrong) / len(cases)


def test_there_are_enough_cases_of_each_kind() -> None:
    assert len(BAD) >= 75
    assert len(GOOD) >= 75
    assert len(BAD) + len(GOOD) >= 150
    assert {case.kind for case in BAD} == {case.kind for case in GOOD}


def test_what_is_shown_stays_as_it_is_when_cleaned_again() -> None:
    for case in BAD + GOOD:
        new_text, over = case.got()
        if new_text:
            assert replace(case, middle=new_text).got() == (new_text, over), str(case)


def test_faults_are_caught(capsys: pytest.CaptureFixture[str]) -> None:
    caught = share(BAD, print)
    with capsys.disabled():
        sys.stdout.write(f"\ncaught {caught:.1%} of {len(BAD)} faults")
    assert caught >= 0.95


def test_good_text_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    passed = share(GOOD, print)
    with capsys.disabled():
        sys.stdout.write(f"\nleft alone {passed:.1%} of {len(GOOD)} good texts")
    assert passed >= 0.99
