"""The decoders and the early stop: what they give does not depend on how the stream was cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.marked import CURSOR

from firsthand.core.stream import (
    Ended,
    Event,
    EventDecoder,
    LineTooLong,
    RecordDecoder,
    Stopper,
)

cuts = st.lists(st.integers(0, 200), max_size=12).map(sorted)
texts = st.text(max_size=12)
codes = st.lists(
    st.sampled_from(
        ["x = 1", "foo(a", ")", "(", "}", "{", '"', "'", "\n", "\n    ", "return y", " ", "\r", ":"]
    ),
    max_size=14,
).map("".join)


def pieces(whole: str, at: list[int]) -> list[str]:
    bounds = [0, *(min(cut, len(whole)) for cut in at), len(whole)]
    return [whole[a:b] for a, b in pairwise(bounds)]


def byte_pieces(whole: bytes, at: list[int]) -> list[bytes]:
    return [each.encode("latin-1") for each in pieces(whole.decode("latin-1"), at)]


# Events and records


def events(*pieces: bytes, limit: int = 1000) -> list[Event]:
    decoder = EventDecoder(limit)
    return [*(event for piece in pieces for event in decoder.decode(piece)), *decoder.flush()]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_events(end: str) -> None:
    stream = "\ufeff: a comment|data: {}||event: ping|data:a|data: b|id: 7||data| |data: rest"
    assert events(stream.replace("|", end).encode()) == [
        Event("message", "{}"),
        Event("ping", "a\nb"),
        Event("message", "\nrest"),
    ]


def test_an_error_line_is_an_event() -> None:
    assert events(b'error: {"code": 500}\n\n') == [Event("error", '{"code": 500}')]


def test_half_a_character_at_the_end() -> None:
    assert events("data: é".encode()[:-1]) == [Event("message", "\ufffd")]


def test_other_line_ends_of_unicode_are_text() -> None:
    assert events("data: a\x0b\x85\u2028b\n\n".encode()) == [Event("message", "a\x0b\x85\u2028b")]


def test_a_line_without_end() -> None:
    with pytest.raises(LineTooLong):
        events(*[b"data: " + b"x" * 100] * 11)
    records = RecordDecoder(limit=10)
    with pytest.raises(LineTooLong):
        records.decode(b"x" * 11 + b"\n")


@given(data=st.lists(texts, max_size=4), end=st.sampled_from(["\n", "\r\n", "\r"]), at=cuts)
def test_events_do_not_depend_on_the_cuts(data: list[str], end: str, at: list[int]) -> None:
    stream = "".join(f"data: {each}{end}{end}" for each in data).encode()
    assert events(*byte_pieces(stream, at)) == events(stream)


@given(stream=st.binary(max_size=60), at=cuts)
def test_no_bytes_confuse_the_decoders(stream: bytes, at: list[int]) -> None:
    assert events(*byte_pieces(stream, at)) == events(stream)
    one, many = RecordDecoder(), RecordDecoder()
    cut = [record for piece in byte_pieces(stream, at) for record in many.decode(piece)]
    assert one.decode(stream) + one.flush() == cut + many.flush()


def test_records() -> None:
    decoder = RecordDecoder()
    assert decoder.decode('{"a": "é"}\r\n\n {"b"'.encode()) == ['{"a": "é"}']
    assert decoder.decode(b": 1}") == []
    assert decoder.flush() == [' {"b": 1}']
    assert decoder.flush() == []


# The early stop


def stopped(
    drawing: str, answer: list[str], stops: tuple[str, ...] = (), max_lines: int = 8
) -> tuple[str, Ended]:
    before, _, after = drawing.partition(CURSOR)
    stopper = Stopper(before, after, stops, max_lines)
    text = "".join(stopper.feed(piece) for piece in answer) + stopper.flush()
    assert stopper.done == bool(stopper.reason)
    return text, stopper.reason


def check(
    drawing: str,
    answer: str,
    expected: str,
    reason: Ended = "",
    stops: tuple[str, ...] = (),
    max_lines: int = 8,
) -> None:
    for each in ([answer], list(answer)):
        assert stopped(drawing, each, stops, max_lines) == (expected, reason)


def test_an_answer_that_ends_by_itself() -> None:
    check("x = ║", "1\ny = 2", "1\ny = 2")
    check("x = ║", "", "")
    check("x = ║", "1\r\ny = 2\r\n", "1\ny = 2\n")


def test_stop_strings() -> None:
    check("║", "a<|end|>b", "a", "stop", ("<|end|>", "<|e2|>"))
    check("║", "a<|en", "a<|en", "", ("<|end|>",))
    check("║", "a < b", "a < b", "", ("<|end|>",))
    check("║", "ab", "", "stop", ("b", "ab"))


def test_max_lines() -> None:
    check("║", "a = 1\nb = 2\nc = 3\n", "a = 1\nb = 2", "lines", max_lines=2)
    check("def f():║", "\n    a = 1\n    b = 2\n    c", "\n    a = 1\n    b = 2", "lines", (), 2)
    check("║", "a = 1\n\nb = 2\nc = 3\n", "a = 1\n\nb = 2", "lines", max_lines=3)
    check("║", "\n" * 50, "", "lines")
    check("║", "a = 1" + "\n  " * 50, "a = 1", "lines")


def test_the_line_below() -> None:
    check("    x = 1║\n    return x\n", "\n    y = 2\n    return x\n    z", "\n    y = 2", "below")
    check("    x = 1║\n\n    return x\n", "\n\n    return x", "", "below")
    check("    ║\n    return x\n", "return x\n", "", "below")
    check("    x = 1║\n    return x\n", "\n    return xy\n", "\n    return xy\n")
    check("    x = 1║\n    return x\n", "\n        return x\n", "\n        return x\n")
    check("    x = 1║\n    return x\n", "\n    return", "\n    return")


def test_the_rest_of_the_line() -> None:
    check("if ║:\n    pass", "x > 0:\n    y", "x > 0", "suffix")
    check("if ║:\n    pass", "x > 0:", "x > 0", "suffix")
    check("if ║:\n    pass", "x[1:2]", "x[1:2]")
    check("x║ = 5\n", "y = 5\nz", "y", "suffix")


def test_a_quote_that_stands_in_the_suffix() -> None:
    check('print("║")\n', 'hello")\nx', "hello", "suffix")
    check('print("║")\n', "it's", "it's")
    check('print("║")\n', 'a\\"b"', 'a\\"b', "suffix")
    check('print(║, "x")\n', '"hello"', '"hello"')
    check('    "║"\n', '""Says."""', '""Says.""', "suffix")


def test_a_bracket_that_stands_in_the_suffix() -> None:
    check("foo(║)\n", "a, b)\nx", "a, b", "bracket")
    check("foo(║)\n", "a(b), [c])\nx", "a(b), [c]", "bracket")
    check("foo(bar(║)\n", "x))\n", "x)", "bracket")
    check("foo(bar(║\n", "x))\n", "x))\n")
    check("foo(║)\n", "\n    a,\n)\n", "\n    a,\n", "bracket")
    check("foo(║)\n", '")", a)', '")", a', "bracket")
    check("foo(║, b)\n", "a, b)\n", "a", "bracket")
    check("foo(║, b)\n", "a, c)\n", "a, c", "bracket")
    check("foo(║]\n", "a)", "a)")
    check("foo(\n    a,\n    b║)\n", ".c)\n", ".c", "bracket")
    check("foo(\n    (a,\n    b║)\n", ".c)", ".c)")


def test_a_bracket_below_at_the_same_depth() -> None:
    check("  if (x) {║\n  }\n", "\n    y();\n  }\n", "\n    y();", "bracket")
    check("  if (x) {║\n}\n", "\n    y();\n  }\n}\n", "\n    y();\n  }", "bracket")
    check("a = [\n    1,\n    ║\n]\n", "2,\n]\n", "2,", "bracket")
    check("a = f(\n    1,\n    ║\n)\n", "g(2),\n)\n", "g(2),", "bracket")


def test_repetition() -> None:
    check("║", "go on\n" * 9, "go on\ngo on", "repetition")
    check("║", "}\n" * 3, "}\n" * 3)
    text, reason = stopped("║", ["abc " * 100])
    assert reason == "repetition"
    assert 120 <= len(text) <= 136
    check("║", "a" * 100 + "b" * 100, "a" * 100 + "b" * 100)


def test_what_is_no_text() -> None:
    check("║", "ab\ufffdcd", "ab", "garbled")
    check("║", "ab\0cd", "ab", "garbled")


@pytest.mark.parametrize(
    ("drawing", "answer"),
    [
        ("def add(a, b):\n    ║\n\nprint(add(1, 2))\n", "return a + b"),
        ("for x in ║:\n    pass", "range(10)"),
        ("    return [║]\n", "f(x) for x in xs if x[0]"),
        ("fn main() {\n    ║\n}\n", 'let it = "s";\n    if it == "}" {\n        go(it);\n    }'),
        ("  if (a) {\n    ║\n  }\n", "while (b) {\n      c();\n    }"),
        ("x = ║\ny = 2", "1\ny = 3\ny = 4"),
        ("}\n\n║\n\nfunction b() {\n}\n", "function a() {\n  return 1;\n}"),
        ("# don't ║\n", "stop (here) or there"),
    ],
)
def test_good_text_passes_whole(drawing: str, answer: str) -> None:
    check(drawing, answer, answer)


@given(prefix=codes, suffix=codes, answer=codes, at=cuts, most=st.integers(1, 4))
def test_the_early_stop_does_not_depend_on_the_cuts(
    prefix: str, suffix: str, answer: str, at: list[int], most: int
) -> None:
    stops = ("x = 1)", "\n    x")

    def run(parts: list[str]) -> tuple[str, Ended]:
        return stopped(prefix + CURSOR + suffix, parts, stops, most)

    assert run(pieces(answer, at)) == run(list(answer)) == run([answer])
    text, _ = run([answer])
    assert answer.replace("\r", "").startswith(text)
    assert not any(stop in text for stop in stops)
    assert text.count("\n") <= most + 1


def test_nothing_comes_after_the_end() -> None:
    stopper = Stopper("", "", ("STOP",))
    assert stopper.feed("aSTOPb") == "a"
    assert (stopper.done, stopper.reason) == (True, "stop")
    assert stopper.feed("more") + stopper.flush() == ""


# An answer that begins with what stands before the cursor


@given(lead=st.text("ab \n", max_size=6), answer=codes, at=cuts)
def test_a_lead_is_taken_off(lead: str, answer: str, at: list[int]) -> None:
    def run(text: str, lead: str) -> tuple[str, Ended]:
        stopper = Stopper("x = " + lead, "\n", (), 4, lead)
        given = "".join(map(stopper.feed, pieces(text, at))) + stopper.flush()
        return given, stopper.reason

    plain = Stopper("x = " + lead, "\n", (), 4)
    assert run(lead + answer, lead) == (plain.feed(answer) + plain.flush(), plain.reason)


@pytest.mark.parametrize("answer", ["retrn", "x", "", "re", " return"])
def test_an_answer_without_its_lead_gives_nothing(answer: str) -> None:
    stopper = Stopper("    retu", "\n", lead="retu")
    assert stopper.feed(answer) + stopper.flush() == ""
    assert (stopper.done, stopper.reason) == (True, "lead")
