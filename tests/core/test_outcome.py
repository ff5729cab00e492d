from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.outcome import worth_showing

CHANCES = st.floats(0, 1)
LENGTHS = st.integers(1, 200)


def test_the_usual_threshold() -> None:
    assert worth_showing(0.65, 10, 0.5)
    assert not worth_showing(0.55, 10, 0.5)
    assert not worth_showing(0.65, 2, 0.5)


@given(CHANCES, LENGTHS)
def test_no_aggression_is_silence(confidence: float, characters: int) -> None:
    assert not worth_showing(confidence, characters, 0.0)


@given(CHANCES, LENGTHS, CHANCES, CHANCES)
def test_more_of_anything_good_shows_no_less(
    confidence: float, characters: int, aggression: float, more: float
) -> None:
    if worth_showing(confidence, characters, aggression):
        assert worth_showing(max(confidence, more), characters, aggression)
        assert worth_showing(confidence, characters + 1, aggression)
        assert worth_showing(confidence, characters, max(aggression, more))
