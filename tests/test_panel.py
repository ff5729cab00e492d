"""Strategies: several models over real wire formats, a real ledger, and what is chosen of it."""

import asyncio
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.backends.fakes import transport
from tests.fakes import make_session
from tests.index.trees import git
from tests.router.world import at_once

from firsthand import panel
from firsthand.backends.base import Endpoint
from firsthand.core.text import Position, Range
from firsthand.ledger import Entry, Ledger, Sent
from firsthand.panel import Decided
from firsthand.paths import path_to_uri
from firsthand.preparing import Brief, Nothing, Wanted, prepare
from firsthand.router.frontier import Frontier
from firsthand.router.toll import Toll
from firsthand.settings import Budget, Privacy, Settings, Strategy
from firsthand.telling import Telling

pytestmark = pytest.mark.asyncio

SHOP = "def total(prices):\n    return 0\n"
LINE = Range(Position(1, 0), Position(2, 0))
PRICES = {"best": 5.0, "middle": 1.0, "cheap": 0.1}


def endpoint(name: str) -> Endpoint:
    price = PRICES[name]
    url = f"https://{name}.example.com/v1"
    return Endpoint(
        name,
        "openai",
        url,
        name,
        remote=True,
        price_in=price,
        price_cached_in=price,
        price_out=price,
    )


def writes(code: str) -> str:
    return f"```python\n    {code}\n```\nIt is {code}."


class Scene:
    """A document, models by their names, and what each says, in order."""

    def __init__(self, folder: Path, cap: float = 2.0, **replies: list[str]) -> None:
        self.folder = folder
        self.replies = replies
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.ledger = Ledger(folder / "data", tell=pytest.fail)
        self.session, _, _, _ = make_session("║")
        self.file = folder / "shop" / "shop.py"
        self.uri = path_to_uri(self.file)
        self.session.open(self.uri, "python", 1, SHOP)
        self.session.documents[self.uri].private = False
        self.session.escalations.frontier = Frontier(
            tuple(map(endpoint, replies)),
            run=at_once,
            toll=Toll(self.ledger, Budget(cap, 20.0), Privacy()),
            keys=lambda _: "k",
            transport=transport(self.answer),
        )

    def answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host.partition(".")[0]
        self.asked.append((name, json.loads(request.content)))
        said = self.replies[name]
        reply = said.pop(0) if len(said) > 1 else said[0]
        if reply.isdigit():
            return httpx.Response(int(reply))
        usage = {"prompt_tokens": 100, "completion_tokens": 10}
        records: list[Mapping[str, Any]] = [
            {"choices": [{"delta": {"content": reply}}]},
            {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": usage},
        ]
        content = "".join(f"data: {json.dumps(each)}\n\n" for each in records)
        return httpx.Response(200, content=f"{content}data: [DONE]\n\n".encode())

    def make_repository(self) -> None:
        self.file.parent.mkdir()
        self.file.write_text(SHOP, encoding="utf-8")
        git(self.file.parent, "init", "-q")
        git(self.file.parent, "add", ".")

    async def brief(self, strategy: Strategy, check: str = "", instruction: str = "") -> Brief:
        """What is asked; the check is a program that reads `shop.py` in its folder."""
        if check:
            self.make_repository()
            loaded = self.session.settings[""]
            checks = ((str(self.file.parent), f"'{sys.executable}' -c \"{check}\""),)
            self.session.settings[""] = replace(loaded, settings=replace(Settings(), checks=checks))
        wanted = Wanted(self.uri, LINE, instruction, strategy=strategy)
        brief = await prepare(self.session, wanted)
        assert isinstance(brief, Brief)
        return brief

    async def decide(
        self, strategy: Strategy, check: str = "", instruction: str = ""
    ) -> Decided | Nothing:
        brief = await self.brief(strategy, check, instruction)
        decided = await panel.decide(self.session, brief, Telling())
        await brief.frontier.aclose()
        return decided

    def rows(self) -> list[Sent]:
        return list(reversed(self.ledger.sent(20) or ()))


def text(decided: Decided | Nothing) -> str:
    assert isinstance(decided, Decided), decided
    return decided.verified.reply.new_text.strip()


GOOD, OTHER, LOST = "return sum(prices)", "return max(prices)", "return add(prices)"
SUMS = "import shop; raise SystemExit(shop.total([1, 2]) != 3)"


async def test_the_first_that_works_is_asked(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=["529"], middle=[writes(GOOD)], cheap=[writes(OTHER)])
    decided = await scene.decide("first")
    assert text(decided) == GOOD
    assert [name for name, _ in scene.asked] == ["best", "middle"]
    assert isinstance(decided, Decided)
    assert (decided.reason, decided.disagreements) == ("", ())


async def test_a_reply_that_repeats_what_is_around_the_range_is_read(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=["```python\ndef total(prices):\n    return sum(prices)\n```"])
    decided = await scene.decide("first")
    assert isinstance(decided, Decided)
    assert decided.verified.reply.new_text == "    return sum(prices)\n"


async def test_a_panel_is_chosen_from_by_the_persons_check(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=[writes(OTHER)], middle=[writes(OTHER)], cheap=[writes(GOOD)])
    decided = await scene.decide("panel", SUMS)
    assert text(decided) == GOOD  # though two agree on the other one
    assert isinstance(decided, Decided)
    assert decided.reason == "1 of 3 candidates passes the check."
    (place,) = decided.disagreements
    assert place.range == LINE
    assert place.note == f"cheap writes `{GOOD}`; best and middle write `{OTHER}`."
    assert [each.chosen for each in place.options] == [True, False]
    assert decided.cost_usd == pytest.approx(110 * sum(PRICES.values()) / 1e6)
    assert {each.feature for each in scene.rows()} == {"panel"}
    assert len(scene.asked) == 3  # nobody has to judge


async def test_without_a_check_warnings_tell_candidates_apart(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=[writes(LOST)], cheap=[writes(GOOD)])
    decided = await scene.decide("panel")
    assert text(decided) == GOOD
    assert isinstance(decided, Decided)
    assert decided.reason == "It has the fewest warnings."
    assert decided.verified.warnings == ()


async def test_one_model_is_asked_twice_and_formatting_is_no_difference(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=[writes(GOOD), writes("return sum( prices )  # all")])
    decided = await scene.decide("panel")
    assert isinstance(decided, Decided)
    assert (decided.reason, decided.disagreements) == ("All 2 candidates agree.", ())
    assert [name for name, _ in scene.asked] == ["best", "best"]


@pytest.mark.parametrize(
    ("verdict", "expected", "reason"),
    [
        ("CHOOSE 2", OTHER, "best judged between them."),
        (writes("return sum(prices) or None"), "return sum(prices) or None", "best merged them"),
        (writes(LOST), GOOD, "are equal by all checks."),
        (writes("return ("), GOOD, "are equal by all checks."),
        ("CHOOSE 7", GOOD, "are equal by all checks."),
        ("529", GOOD, "are equal by all checks."),
    ],
)
async def test_a_judge_is_asked_between_equals_alone(
    tmp_path: Path, verdict: str, expected: str, reason: str
) -> None:
    scene = Scene(tmp_path, best=[writes(GOOD), verdict], cheap=[writes(OTHER)])
    decided = await scene.decide("panel")
    assert text(decided) == expected
    assert isinstance(decided, Decided)
    assert reason in decided.reason
    assert decided.disagreements
    name, body = scene.asked[-1]
    assert name == "best"
    assert f'<answer number="2">\n    {OTHER}' in body["messages"][-1]["content"]
    assert [each.feature for each in scene.rows()] == ["panel", "panel", "judge"]


async def test_a_merge_must_pass_the_check_that_decided(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=[writes(GOOD), writes(OTHER)], cheap=[writes("return 3")])
    assert text(await scene.decide("panel", SUMS)) == GOOD
    assert len(scene.asked) == 2  # both pass: what is left is the person's to decide


async def test_auto_begins_with_the_cheapest_and_steps_up(tmp_path: Path) -> None:
    scene = Scene(
        tmp_path, best=[writes(GOOD)], middle=[writes(OTHER)], cheap=["Sure! I added it up."]
    )
    decided = await scene.decide("auto", SUMS)
    assert text(decided) == GOOD
    assert [(each.feature, each.model) for each in scene.rows()] == [
        ("auto", "cheap"),
        ("auto", "middle"),
        ("auto", "best"),
    ]
    assert isinstance(decided, Decided)
    assert decided.cost_usd == pytest.approx(110 * sum(PRICES.values()) / 1e6)


@pytest.mark.parametrize(("instruction", "asked"), [("", ["cheap"]), ("word " * 60, ["best"])])
async def test_auto_stops_where_an_answer_passes(
    tmp_path: Path, instruction: str, asked: list[str]
) -> None:
    scene = Scene(tmp_path, best=[writes(GOOD)], cheap=[writes(GOOD)])
    assert text(await scene.decide("auto", instruction=instruction)) == GOOD
    assert [name for name, _ in scene.asked] == asked


async def test_a_check_that_fails_is_a_warning(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=[writes(OTHER)])
    decided = await scene.decide("first", "import shop; assert shop.total([1, 2]) == 3, 'too low'")
    assert isinstance(decided, Decided)
    (warning,) = decided.verified.warnings
    assert warning.startswith("The check fails with it: ")
    assert warning.endswith("AssertionError: too low")


async def test_a_check_that_can_not_be_run_is_a_warning(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=[writes(GOOD)])
    brief = await scene.brief("first", SUMS)
    shutil.rmtree(scene.file.parent / ".git")
    decided = await panel.decide(scene.session, brief, Telling())
    await brief.frontier.aclose()
    assert isinstance(decided, Decided)
    (warning,) = decided.verified.warnings
    assert warning.startswith("The check was not run: ")
    assert decided.verified.candidate.passed is None


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_check_is_run_in_a_trusted_workspace_only(tmp_path: Path, trusted: bool) -> None:
    scene = Scene(tmp_path, best=[writes(OTHER)])
    frontier = scene.session.escalations.frontier
    assert frontier is not None
    # Elsewhere nothing of such a workspace is sent at all.
    frontier.endpoints = tuple(replace(each, remote=False) for each in frontier.endpoints)
    scene.session.client = replace(scene.session.client, trusted=trusted)
    decided = await scene.decide("first", SUMS)
    assert isinstance(decided, Decided)
    assert decided.verified.candidate.passed is (False if trusted else None)
    assert bool(decided.verified.warnings) is trusted


async def test_where_nobody_answers_all_reasons_are_said(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=["401"], cheap=["Sure!"])
    nothing = await scene.decide("panel")
    assert isinstance(nothing, Nothing)
    assert "did not accept the key" in nothing.reason
    assert "cheap gave no usable answer: The reply holds no edit." in nothing.reason
    assert not nothing.refused


async def test_a_reply_that_is_no_good_is_kept_without_secrets(tmp_path: Path) -> None:
    key = "sk-ant-api03-" + "Zk4" * 20
    scene = Scene(tmp_path, best=[f"Sure! Use {key}."])
    nothing = await scene.decide("first")
    assert isinstance(nothing, Nothing)
    last = scene.rows()[-1].id
    assert nothing.reason.endswith(f"Read it by `firsthand sent --reply {last}`.")
    for entry in (Entry(last), Entry("")):
        kept = scene.ledger.reply(entry)
        assert kept
        assert kept.startswith("Sure! Use [REDACTED:")
        assert key not in kept


async def test_caps_hold_for_a_panel(tmp_path: Path) -> None:
    scene = Scene(tmp_path, cap=0.003, best=[writes(GOOD)], cheap=[writes(GOOD)])
    assert text(await scene.decide("panel")) == GOOD
    assert [name for name, _ in scene.asked] == ["cheap"]
    scene = Scene(tmp_path / "b", cap=0.0001, best=[writes(GOOD)], cheap=[writes(GOOD)])
    nothing = await scene.decide("panel")
    assert isinstance(nothing, Nothing)
    assert nothing.refused
    assert not scene.asked


async def test_cancelling_ends_all(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=[writes(GOOD)], cheap=[writes(OTHER)])
    brief = await scene.brief("panel")
    deciding = asyncio.ensure_future(panel.decide(scene.session, brief, Telling()))
    await asyncio.sleep(0)
    deciding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await deciding
    await brief.frontier.aclose()
    assert all(each.outcome for each in scene.rows())
