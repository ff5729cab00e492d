"""What a model wrote at a cursor, looked at before anybody sees it."""

from pathlib import Path

import pytest
from tests.marked import marked
from tests.test_panel import Scene

from firsthand import panel
from firsthand.core.text import Position, Range
from firsthand.panel import Decided
from firsthand.preparing import Brief, Nothing, Wanted, prepare
from firsthand.telling import Telling

pytestmark = pytest.mark.asyncio

METHOD = (
    "class Shop:\n    def total(self, prices):\n        ║\n\n    def end(self):\n        pass\n"
)


async def decided(
    folder: Path, drawing: str, *replies: str, language: str = "python"
) -> tuple[Scene, Decided | Nothing]:
    scene = Scene(folder, best=[f"```\n{each}\n```" for each in replies])
    text, position = marked(drawing)
    scene.session.open(scene.uri, language, 2, text.string)
    scene.session.documents[scene.uri].private = False
    brief = await prepare(scene.session, Wanted(scene.uri, Range(position, position)))
    assert isinstance(brief, Brief)
    found = await panel.decide(scene.session, brief, Telling())
    await brief.frontier.aclose()
    return scene, found


async def check(folder: Path, drawing: str, reply: str, expected: str, times: int = 1) -> None:
    """A reply, or the one after it, comes to a text; or to a reason, where it is no good."""
    scene, found = await decided(folder, drawing, *reply.split("\n---\n"))
    said = found.reason if isinstance(found, Nothing) else found.verified.reply.new_text
    assert expected in said if isinstance(found, Nothing) else said == expected
    assert len(scene.asked) == times


async def test_it_fits_where_it_is_put(tmp_path: Path) -> None:
    await check(
        tmp_path,
        METHOD,
        "found = sum(prices)\nreturn found",
        ("found = sum(prices)\n        return found"),
    )


async def test_of_two_ways_the_one_that_parses_is_taken(tmp_path: Path) -> None:
    await check(tmp_path, METHOD, "if prices:\n    return 1", ("if prices:\n            return 1"))


async def test_what_does_not_parse_is_asked_for_once_more(tmp_path: Path) -> None:
    await check(
        tmp_path,
        METHOD,
        "return sum(prices\n---\nreturn sum(prices)",
        ("return sum(prices)"),
        times=2,
    )


async def test_what_never_parses_is_refused(tmp_path: Path) -> None:
    await check(tmp_path, METHOD, "return sum(prices", "does not parse after the change", times=2)


async def test_what_stands_there_already_is_refused(tmp_path: Path) -> None:
    await check(
        tmp_path,
        "def f():\n    return 1║\n",
        "    return 1",
        ("only repeats what stands there"),
        times=2,
    )


async def test_what_was_broken_before_may_stay_so(tmp_path: Path) -> None:
    await check(tmp_path, "def f(:\n    pass\n\ntotal = ║\n", "1 + 2", "1 + 2")


async def test_another_signature_is_a_warning(tmp_path: Path) -> None:
    scene = Scene(tmp_path, best=["```\ndef total(prices, tax):\n    return sum(prices)\n```"])
    whole = Range(Position(0, 0), Position(2, 0))
    brief = await prepare(scene.session, Wanted(scene.uri, whole, "with a tax"))
    assert isinstance(brief, Brief)
    found = await panel.decide(scene.session, brief, Telling())
    await brief.frontier.aclose()
    assert isinstance(found, Decided)
    (warning,) = found.verified.warnings
    assert warning.startswith("total has another signature: ")


async def test_a_name_that_nobody_defines_is_a_warning(tmp_path: Path) -> None:
    _, found = await decided(tmp_path, METHOD, "return add(prices)")
    assert isinstance(found, Decided)
    assert found.verified.warnings == ("Nobody defines add.",)
