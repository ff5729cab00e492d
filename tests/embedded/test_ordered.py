"""Numbers in order."""

from bisect import bisect_left, insort

from hypothesis import given
from hypothesis import strategies as st

from firsthand.embedded.ordered import Ordered

CHANGES = st.lists(st.tuples(st.booleans(), st.integers(0, 60)), max_size=200)


def check(changes: list[tuple[bool, int]], asked: list[int]) -> None:
    """Do the same to a plain sorted list, and compare what is around some numbers."""
    ordered, plain = Ordered(), list[int]()
    for add, number in changes:
        if add:
            ordered.add(number)
            insort(plain, number)
        else:
            ordered.remove(number)
            if number in plain:
                plain.remove(number)
    assert len(ordered) == len(plain)
    for number in asked:
        at = bisect_left(plain, number)
        below, above = map(list, ordered.around(number, 5))
        assert below == plain[max(0, at - 5) : at][::-1]
        assert above == plain[at : at + 5]


@given(CHANGES)
def test_it_is_as_a_sorted_list(changes: list[tuple[bool, int]]) -> None:
    check(changes, list(range(-1, 62)))


def test_very_many_are_cut_and_joined_again() -> None:
    numbers = [number * 7919 % 10_007 for number in range(5000)]
    adding = [(True, number) for number in numbers]
    taking = [(False, number) for number in numbers[::2]]
    check(adding + taking, numbers[:200])
    check(adding + taking + [(False, number) for number in numbers], [0, 5000])
