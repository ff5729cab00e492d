"""Answers that are found again from any later point, and from no other."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.marked import marked

from firsthand.core.excerpt import excerpt
from firsthand.core.fim import Hole
from firsthand.core.recall import Answer, Place, added, places
from firsthand.core.text import Position, Text, advance

FILE = "".join(f"value_{n} = compute({n})\n" for n in range(200))


def hole(drawing: str) -> Hole:
    prefix, suffix = drawing.split("║")
    return Hole(prefix, suffix)


class Memory:
    """Answers by what is near their places."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[str, str], tuple[Answer, ...]] = {}

    def keep(self, at: Hole, middle: str) -> None:
        place = next(places(at))
        answer = place.keep(middle)
        self.nodes[place.near] = added(self.nodes.get(place.near, ()), answer)

    def find(self, at: Hole) -> str | None:
        found = (place.find(self.nodes.get(place.near, ())) for place in places(at))
        return next((each for each in found if each is not None), None)


def check(asked: str, middle: str, later: str, left: str | None) -> None:
    memory = Memory()
    memory.keep(hole(asked), middle)
    assert memory.find(hole(later)) == left


@pytest.mark.parametrize(
    ("later", "left"),
    [
        ("def f(a):\n    x = ║\n", "g(a)\n    return x"),
        ("def f(a):\n    x = g(║\n", "a)\n    return x"),
        ("def f(a):\n    x = g(║)\n", "a)\n    return x"),  # an editor closed the bracket
        ("def f(a):\n    x = g(a)\n    ret║\n", "urn x"),
        ("def f(a):\n    x = g(a)\n    return x║\n", None),
        ("def f(a):\n    x = h║\n", None),
        ("def f(a):\n    x =║\n", None),  # before it was asked for
        ("def g(a):\n    x = ║\n", None),
        ("def f(a):\n    x = ║\n\n\ny = 1\n", None),
        ("def f(a):\n    x = ║ + 1\n", None),
    ],
)
def test_from_any_later_point_that_agrees(later: str, left: str | None) -> None:
    check("def f(a):\n    x = ║\n", "g(a)\n    return x", later, left)


def test_nothing_to_say_is_an_answer_where_it_was_asked_alone() -> None:
    for later, left in (("x = ║\n", ""), ("x = 1║\n", None), ("x =║\n", None)):
        check("x = ║\n", "", later, left)


def test_the_answer_that_was_asked_for_closest_is_taken() -> None:
    memory = Memory()
    memory.keep(hole("x = ║\n"), "foo(1)")
    memory.keep(hole("x = fo║\n"), "o(2)")
    memory.keep(hole("x = b║\n"), "ar")
    assert memory.find(hole("x = ║\n")) == "foo(1)"
    assert memory.find(hole("x = foo(║\n")) == "2)"
    assert memory.find(hole("x = ba║\n")) == "r"
    memory.keep(hole("x = ║\n"), "newer")
    assert memory.find(hole("x = ║\n")) == "newer"


def test_a_place_keeps_few_answers() -> None:
    answers: tuple[Answer, ...] = ()
    for number in range(100):
        answers = added(answers, Answer(str(number), "x"))
    assert [each.head for each in answers] == [str(number) for number in range(99, 91, -1)]


@given(
    line=st.integers(30, 170),
    sizes=st.tuples(*(st.integers(1600, 6000),) * 2, *(st.integers(300, 900),) * 2),
    typed=st.integers(0, 30),
)
def test_windows_that_scrolled_show_the_same_place(
    line: int, sizes: tuple[int, int, int, int], typed: int
) -> None:
    text, position = Text.of(FILE), Position(line, 4)
    middle = "new = compute(3)\n    if new:\n        return"
    memory = Memory()
    asked = excerpt(text, position, sizes[0], sizes[2])
    memory.keep(Hole(asked.prefix, asked.suffix), middle)
    lines = FILE.splitlines(keepends=True)
    lines[line] = lines[line][:4] + middle[:typed] + lines[line][4:]
    later = Text.of("".join(lines))
    at = advance(position, middle[:typed])
    now = excerpt(later, at, sizes[1], sizes[3])
    assert memory.find(Hole(now.prefix, now.suffix)) == middle[typed:]


@given(changed=st.integers(1, 150))
def test_what_changed_within_both_windows_is_seen(changed: int) -> None:
    before = "".join(f"value_{n} = compute({n})\n" for n in range(150, 0, -1))
    memory = Memory()
    memory.keep(Hole(before + "x = ", "\n"), "foo")
    lines = before.splitlines(keepends=True)
    lines[-changed] = "import this\n"
    found = memory.find(Hole("".join(lines) + "x = ", "\n"))
    # The lines at the far end are less than a step.
    assert found is None or sum(map(len, lines[-changed:])) > len(before) - 400


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_found_where_it_was_kept(
    prefix: str, suffix: str, middle: str, typed: str
) -> None:
    memory, asked = Memory(), Hole(prefix, suffix)
    memory.keep(asked, middle)
    assert memory.find(asked) == middle
    found = memory.find(replace(asked, prefix=prefix + typed))
    assert found is None or typed + found == middle or typed == ""


def test_a_place_is_known_by_whole_lines_near_it() -> None:
    text, position = marked(FILE.replace("value_100 ", "║value_100 "))
    window = excerpt(text, position, 3000, 400)
    above, below = next(places(Hole(window.prefix, window.suffix))).near
    assert window.prefix.endswith("\n" + above)
    assert window.suffix.startswith(below)
    assert 600 <= len(above) < 650
    assert 100 <= len(below) < 150
    assert Place("a\nb", "", "c").near == ("a\nb", "c")
