"""Every awkward reply is understood or refused with its reason, and none is applied wrongly."""

from collections import Counter

from tests.replies import cases

from firsthand.core.patch import Reply, parse_reply

CASES = cases()


def test_there_are_enough_of_each_kind() -> None:
    assert len(CASES) >= 100
    assert min(Counter(case.kind for case in CASES).values()) >= 5
    assert len({(case.kind, case.name) for case in CASES}) == len(CASES)


def test_each_becomes_what_it_says_or_is_refused_with_its_reason() -> None:
    assert [wrong for case in CASES if (wrong := case.wrong())] == []


def test_a_very_long_line_is_no_comment_that_leaves_code_out() -> None:
    """It would take minutes to look for one there."""
    line = "    # " + "the rest of " * 80_000
    parsed = parse_reply(f"```\ndef f():\n{line}\n    return 1\n```", "def f():\n    return 0\n")
    assert isinstance(parsed, Reply)
