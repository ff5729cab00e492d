import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.alignment import matches, tokens

LINES = st.lists(st.sampled_from("abcdefgh"), max_size=30)


def check(old: str, new: str, common: str) -> None:
    assert (
        "".join(old[one + step] for one, _, n in matches(old, new) for step in range(n)) == common
    )


@pytest.mark.parametrize(
    ("old", "new", "common"),
    [
        ("", "", ""),
        ("abc", "abc", "abc"),
        ("abc", "axc", "ac"),
        ("abc", "bc", "bc"),
        ("ab", "", ""),
    ],
)
def test_what_is_common(old: str, new: str, common: str) -> None:
    check(old, new, common)


@given(LINES, LINES)
def test_pairs_are_equal_and_in_order(old: list[str], new: list[str]) -> None:
    at = (0, 0)
    for one, other, count in matches(old, new):
        assert (one, other) >= at
        assert one >= at[0]
        assert other >= at[1]
        assert old[one : one + count] == new[other : other + count]
        at = (one + count, other + count)


def test_long_sequences_are_paired_by_what_is_unique() -> None:
    old = [str(n) for n in range(2_000)]
    new = ["x", *old[:900], "y", "z", *old[1_000:], "w"]
    assert sum(count for *_, count in matches(old, new)) == 1_900


def test_tokens_lose_nothing() -> None:
    assert "".join(tokens("f(a,  größe_1)\n")) == "f(a,  größe_1)\n"
