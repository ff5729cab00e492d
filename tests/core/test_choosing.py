"""Which candidate is proposed, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.choosing import Candidate, Choice, choose

GOOD, BAD, OPEN = (
    Candidate("a = 1\n", passed=True),
    Candidate("a = 2\n", passed=False),
    Candidate("a = 3\n"),
)
BROKEN = Candidate("a = (\n", fault="Line 1 does not parse.")
LOST = Candidate("a = b\n", undefined=("b",))
CHANGED = Candidate("a = 4\n", changed=("f is gone.",))
CASES = [
    ((GOOD,), Choice(0)),
    ((BROKEN,), Choice(None, "Line 1 does not parse.")),
    ((BROKEN, BROKEN), Choice(None, "Line 1 does not parse.")),
    ((BROKEN, OPEN), Choice(1, "1 of 2 candidates can be used.")),
    ((BAD, GOOD), Choice(1, "1 of 2 candidates passes the check.")),
    ((BAD, BAD, GOOD), Choice(2, "1 of 3 candidates passes the check.")),
    ((LOST, OPEN), Choice(1, "It has the fewest warnings.")),
    ((LOST, CHANGED), Choice(1, "It has the fewest warnings.")),
    ((OPEN, Candidate("a=3")), Choice(0, "All 2 candidates agree.")),
    ((BAD, Candidate("a=2", passed=False)), None),
]


@pytest.mark.parametrize(("candidates", "choice"), CASES)
def test_what_verification_says_decides(
    candidates: tuple[Candidate, ...], choice: Choice | None
) -> None:
    expected = choice or Choice(0, "No candidate passes the check. All 2 candidates agree.")
    assert choose(candidates, "python") == expected


def test_candidates_that_are_equal_by_all_checks_are_a_tie() -> None:
    other, same = Candidate("a = 5\n"), Candidate("a  =  5\n")
    assert choose((LOST, OPEN, other, same), "python") == Choice(
        1,
        "It has the fewest warnings. 2 candidates that differ are equal by all checks.",
        (1, 2),
    )


CANDIDATES = st.builds(
    Candidate,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["", "", "broken"]),
    st.sampled_from([True, False, None]),
    st.sampled_from([(), ("x",)]),
    st.sampled_from([(), ("f is gone.",)]),
)


@given(st.lists(CANDIDATES, min_size=1, max_size=4), st.data())
def test_how_many_agree_counts_for_nothing(
    candidates: list[Candidate], data: st.DataObject
) -> None:
    chosen = choose(candidates, "python")
    more = data.draw(st.sampled_from(candidates))
    again = choose([*candidates, more, more], "python")
    assert again.index == chosen.index
    if chosen.index is not None:
        assert not candidates[chosen.index].fault
        if any(each.passed for each in candidates if not each.fault):
            assert candidates[chosen.index].passed
