"""Figures against those of before."""

from typing import Any

import pytest
from bench.evaluate import baseline

from firsthand.evaluate.baseline import regressions
from firsthand.fault import CommandFault


def figures(saved: float = 0.4, correct: float | None = 0.8, **more: Any) -> dict[str, Any]:
    model = {"lines": 10, "replay": {"saved": saved, "correct": correct, "shown": 3}}
    found = {"schema": 1, "seed": 1, "aggression": 0.5, "complete": True}
    return {**found, "models": {"embedded": model}, **more}


@pytest.mark.parametrize(
    ("now", "worse"),
    [
        (figures(), []),
        (figures(0.9, 0.9), []),
        (figures(0.385), []),
        (figures(0.37), ["keys saved by embedded 37.0 % after 40.0 %"]),
        (figures(0.4, None), ["right suggestions by embedded none after 80.0 %"]),
    ],
)
def test_a_regression_is_named(now: dict[str, Any], worse: list[str]) -> None:
    assert regressions(now, figures(), 0.02) == worse


@pytest.mark.parametrize(
    ("now", "before", "message"),
    [
        (figures(), {}, "holds no figures"),
        (figures(), [], "holds no figures"),
        (figures(), {"schema": 2, "models": {}}, "holds no figures"),
        (figures(seed=2), figures(), "seed 1, this with 2"),
        (figures(complete=False), figures(), "Not all was typed"),
        (figures(), figures(models={"other": {}}), "none of embedded"),
        (figures(), figures(models={"embedded": {"lines": 9}}), "other lines"),
    ],
)
def test_what_cannot_be_compared(now: dict[str, Any], before: object, message: str) -> None:
    with pytest.raises(CommandFault, match=message):
        regressions(now, before)


def test_the_embedded_model_is_no_worse_than_it_was(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m bench.evaluate baseline` writes the figures anew."""
    import json

    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path_factory.mktemp("home")))
    before = json.loads(baseline.BASELINE.read_text("utf-8"))
    assert regressions(baseline.measured(), before) == []
