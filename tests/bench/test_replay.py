"""The replay's model and its marks: what all figures rest on."""

import asyncio
import json

import httpx
import pytest
from bench.replay.__main__ import joined
from bench.replay.known import Known, answer, decaying, place, some_answers, tokens
from bench.replay.model_server import ModelServer
from bench.replay.screen import Screen, next_key, shares, whole_line, wrong_shown
from bench.replay.script import begins_line, bodies
from hypothesis import given
from hypothesis import strategies as st

SOURCE = '''\
import os


def first(path):
    """Say it."""
    name = os.path.basename(path)
    if not name:
        raise ValueError(path)
    return name.lower().replace("-", "_")


def second(values, limit):
    total = 0
    for value in values:
        total += min(value, limit)
        if total > limit:
            return limit
    return total
'''
FILE = Known("a.py", SOURCE, tuple(bodies(SOURCE)))
PLACES = st.sampled_from([at for hole in FILE.holes for at in range(*hole)])


def end_of(at: int) -> int:
    hole = FILE.hole(at)
    assert hole is not None
    return hole[1]


def test_bodies_begin_below_signature_and_docstring() -> None:
    assert [SOURCE[begin:end].split("\n")[1] for begin, end in FILE.holes] == [
        "    name = os.path.basename(path)",
        "    total = 0",
    ]
    assert [SOURCE[end - 3 : end + 1] for _, end in FILE.holes] == ['_")\n', "tal\n"]


@given(st.text(alphabet=" \n\tabc_(=<|fim_prefix|>9", max_size=60))
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_control_tokens_are_one_token() -> None:
    assert tokens("<|fim_prefix|>a = 1")[0] == "<|fim_prefix|>"


@given(PLACES)
def test_every_place_is_known_by_what_stands_before(at: int) -> None:
    assert place([FILE], SOURCE[:at]) == (FILE, at)
    assert place([FILE], SOURCE[max(0, at - 40) : at]) == (FILE, at)


def test_goes_on_below_a_strange_line() -> None:
    begin, end = FILE.holes[1]
    before = SOURCE[:begin] + "\n    total = 0\n    for strange in sight:"
    assert answer([FILE], before, right).startswith("\n        total += min")
    assert answer([FILE], "nothing like it", right) == ""
    assert answer([FILE], SOURCE[: end + 1], right) == ""


def right(_file: Known, _at: int, _end: int) -> None:
    return None


@given(PLACES)
def test_an_answer_is_right_up_to_its_turn(at: int) -> None:
    for wrong in (some_answers, decaying):
        turn = wrong(FILE, at, end_of(at))
        text = answer([FILE], SOURCE[:at], wrong)
        assert text == answer([FILE], SOURCE[:at], wrong)
        if turn is None or turn >= end_of(at):
            assert text == SOURCE[at : end_of(at)]
        else:
            kept = turn - at
            assert text[:kept] == SOURCE[at:turn]
            assert text[kept] != SOURCE[turn]


def test_a_quarter_of_the_answers_goes_wrong_soon() -> None:
    many = Known("b.py", "x" * 4000, ((0, 4000),))
    turns = [some_answers(many, at, 4000) for at in range(3900)]
    wrong = [turn - at for at, turn in enumerate(turns) if turn is not None]
    assert 0.22 < len(wrong) / len(turns) < 0.28
    assert set(wrong) == set(range(9))


def test_a_decaying_line_is_right_once_two_tokens_are_typed() -> None:
    code = "".join(f"    value_{n} = compute({n})\n" for n in range(400))
    file = Known("c.py", "def f():\n" + code, ((8, 8 + len(code)),))
    end = file.holes[0][1]
    starts = [at for at in range(*file.holes[0]) if begins_line(file.source, at)]
    bad = [at for at in starts if decaying(file, at, end) == at]
    assert 0.10 < len(bad) / len(starts) < 0.20
    for at in bad:
        assert decaying(file, at + 5, end) == at + 5  # "value" is one token
        assert (decaying(file, at + 6, end) or end) > at + 20  # "_" is the second


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_screen_keeps_what_agrees_and_is_judged_at_moments() -> None:
    clock = Clock()
    screen = Screen(clock)
    screen.type("a", "bc\nd", first=True)
    clock.now = 0.05
    screen.show("bc\nx")
    clock.now = 0.2
    screen.type("b", "c\nd")
    assert screen.ghost == "c\nx"
    clock.now = 0.21
    screen.type("c", "\nd")
    screen.show("x")
    clock.now = 0.4
    screen.type("\n", "d")
    assert screen.ghost == ""
    assert shares(screen.states, next_key) == {
        "at_once": 33.3,
        "within_100_ms": 66.7,
        "before_next_key": 66.7,
    }
    assert wrong_shown(screen.states) == 33.3


def test_what_came_where_the_cursor_was_put_stands_at_the_first_key() -> None:
    screen = Screen(Clock())
    screen.show("old")
    screen.leave()
    assert screen.ghost == ""
    screen.show("return")
    screen.type("r", "eturn", first=True)
    assert (screen.ghost, screen.states) == ("eturn", [])


@pytest.mark.parametrize(
    ("ghost", "comes", "key", "line"),
    [
        ("", "a", False, False),
        ("ab", "abc\n", True, True),
        ("ab\n", "abc\n", True, False),
        ("ab\nx", "ab\ny", True, True),
        ("\n  ab\nx", "\n  ab\ny", True, True),
        ("\n  ax", "\n  ab\ny", True, False),
        ("x", "ab", False, False),
    ],
)
def test_right(ghost: str, comes: str, key: bool, line: bool) -> None:
    assert next_key(ghost, comes) is key
    assert whole_line(ghost, comes) is line


def asked(at: int, **more: object) -> dict[str, object]:
    prompt = f"<|fim_prefix|>{SOURCE[:at]}<|fim_suffix|>{SOURCE[end_of(at) :]}<|fim_middle|>"
    return {"prompt": prompt, "max_tokens": 99, "stream": True, **more}


def client(server: ModelServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.url, trust_env=False)


async def told(http: httpx.AsyncClient, body: dict[str, object]) -> str:
    response = await http.post("/v1/completions", json=body)
    events = [line[6:] for line in response.text.splitlines() if line.startswith("data: {")]
    return "".join(json.loads(event)["choices"][0]["text"] for event in events)


@pytest.mark.asyncio
async def test_the_price_is_what_the_cache_did_not_hold() -> None:
    begin, end = FILE.holes[0]
    async with ModelServer([FILE], right, 0.0).serving() as server, client(server) as http:
        assert await told(http, asked(begin)) == SOURCE[begin:end]
        whole = server.bill.computed
        assert whole == server.bill.prompt == len(tokens(str(asked(begin)["prompt"])))
        await told(http, asked(begin))
        assert server.bill.computed == whole + 1
        await told(http, asked(begin + 5, max_tokens=2, stop=["\n"]))
        after = len(tokens(SOURCE[end:])) + 3
        assert whole + 1 + after <= server.bill.computed <= whole + 1 + after + 2
        generated = 2 * len(tokens(SOURCE[begin:end])) + 2
        assert server.bill.generated == generated
        assert (server.bill.requests, server.bill.aborted) == (3, 0)


@pytest.mark.asyncio
async def test_a_closed_connection_frees_the_slot() -> None:
    begin, end = FILE.holes[0]
    async with ModelServer([FILE], right, 60.0).serving() as server, client(server) as http:
        first = asyncio.ensure_future(told(http, asked(begin)))
        while not server.bill.computed:
            await asyncio.sleep(0)
        queued = asyncio.ensure_future(told(http, asked(begin)))
        while server.bill.requests < 2:
            await asyncio.sleep(0)
        for each in (queued, first):
            each.cancel()
        await asyncio.gather(first, queued, return_exceptions=True)
        while server.bill.aborted < 2:
            await asyncio.sleep(0)
        server._first_token = 0.0
        assert await told(http, asked(begin)) == SOURCE[begin:end]


def test_parts_that_are_measured_alone_leave_the_others() -> None:
    earlier = {"runs": {"normal": 1, "late": 2}, "late": 3, "bench_seconds": 4}
    found = {"runs": {"normal": 5}, "real": 6, "bench_seconds": 7}
    assert joined(earlier, found) == {
        "runs": {"normal": 5, "late": 2},
        "late": 3,
        "real": 6,
        "bench_seconds": 11,
    }
