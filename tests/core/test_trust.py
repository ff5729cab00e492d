import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.trust import Record, Trust, agree, agreeing, sure


def test_nothing_known() -> None:
    assert Trust().share(now=1e6) == pytest.approx(0.8)


def test_what_was_seen_counts_and_fades() -> None:
    trust = Trust()
    for _ in range(20):
        trust = trust.after(right=False, now=100.0)
    assert trust.share(now=100.0) < 0.4
    assert trust.share(now=280.0) > trust.share(now=100.0)
    assert trust.share(now=1e6) == pytest.approx(0.8)


def test_prose_has_a_record_of_its_own() -> None:
    record = Record()
    assert record.share(0.0, prose=True) < record.share(0.0)
    for _ in range(20):
        record = record.after(False, 0.0, prose=True)
    assert record.share(0.0) == pytest.approx(0.8)
    assert record.share(0.0, prose=True) < 0.3
    assert record.after(False, 0.0).share(0.0) < 0.8


@given(st.lists(st.booleans(), max_size=30))
def test_a_share(outcomes: list[bool]) -> None:
    trust = Trust()
    for now, right in enumerate(outcomes):
        trust = trust.after(right, float(now))
    assert 0 < trust.share(30.0) < 1


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_second_opinion(confidence: float, other: float) -> None:
    assert 0 <= agreeing(confidence, other, agrees=False) <= confidence + 1e-9
    assert agreeing(confidence, other, agrees=True) >= max(confidence, other) - 1e-9
    assert agreeing(confidence, 0.0, agrees=False) == pytest.approx(confidence)


@given(st.floats(0, 1), st.floats(0, 1))
def test_an_unsure_model_is_trusted_less(trust: float, sureness: float) -> None:
    assert sure(trust, None) == trust
    assert 0 <= sure(trust, sureness) <= trust
    assert sure(trust, 0.95) == trust


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [
        ("foo(bar)", "foo(baz)", True),
        ("foo(bar)", "foo", True),
        ("(bar)", "(bar, 1)", True),
        ("foo(bar)", "food", False),
        (".append(x)", ".add(x)", False),
        ("self.a", " self.a", False),
        ("==", "= 1", False),
    ],
)
def test_whether_two_say_the_same(text: str, other: str, same: bool) -> None:
    assert agree(text, other) == agree(other, text) == same
