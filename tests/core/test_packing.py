from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.listing import Entry, render
from firsthand.core.packing import offer, packed
from firsthand.core.tokens import estimate


def entry_of(name: str, parameters: str = "", container: str = "") -> Entry:
    text = f"{name}({parameters})" if parameters else name
    kind = "function" if parameters else "variable"
    return Entry(name, text, container, kind, "a.py", estimate(text))


FUNCTIONS = [entry_of(f"{word}_it", "path, mode") for word in ("load", "save", "find", "drop")]


def listed(entries: list[Entry], budget: float) -> str:
    # Each is likelier than the next one.
    likely = [(offer(each), -0.5 * rank) for rank, each in enumerate(entries)]
    return render(packed(likely, budget)[0])


def test_the_likeliest_have_signatures_and_more_are_named() -> None:
    assert listed(FUNCTIONS, 100) == (
        "drop_it(path, mode) find_it(path, mode) load_it(path, mode) save_it(path, mode)\n"
    )
    assert listed(FUNCTIONS, 22) == "drop_it find_it load_it(path, mode) save_it\n"
    assert listed(FUNCTIONS, 9) == "load_it save_it\n"


def test_members_stand_behind_their_container_once_two_are_whole() -> None:
    members = [entry_of(name, "key", "Store") for name in ("get", "put", "pop")]
    assert listed(members, 100) == "Store: get(key) pop(key) put(key)\n"
    assert listed(members[:1], 100) == "get(key)\n"


def test_a_name_goes_behind_its_container_where_that_is_written_anyway() -> None:
    members = [entry_of(name, "key", "Store") for name in ("get", "put")]
    last = entry_of("close", "whatever_there_is, something_else_too", "Store")
    assert listed([*members, last], 23) == "Store: close get(key) put(key)\n"


@given(
    st.lists(
        st.builds(
            entry_of,
            st.sampled_from(["get", "put_it", "closeAll", "x", "Veryverylongname"]),
            st.sampled_from(["", "key", "first, second", "a, b, c, d=, e="]),
            st.sampled_from(["", "Store", "Shop"]),
        ),
        unique_by=lambda it: it.name,
    ),
    st.floats(0, 60),
)
def test_the_budget_is_kept(entries: list[Entry], budget: float) -> None:
    likely = [(offer(each), -0.5 * rank) for rank, each in enumerate(entries)]
    found, scores, tokens = packed(likely, budget)
    assert len(found) == len(scores) == len({each.name for each in found})
    assert not found or estimate(render(found)) <= tokens + 0.01 <= budget + 0.02


def test_nothing_fits_into_nothing() -> None:
    assert packed([(offer(each), 0.0) for each in FUNCTIONS], 0)[:2] == ([], [])
