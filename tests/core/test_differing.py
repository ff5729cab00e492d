"""Where candidates differ, and what is no difference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.differing import differences, normal, note

SAME = [
    ("python", "x = f(a, b)\n", "x=f( a,b )"),
    ("python", "x = f(a, b)\n", "x = f(\n    a,\n    b,\n)\n"),
    ("python", "x = 'a'\n", 'x = "a"\n'),
    ("python", "if a:\n    b\n", "if a:\n  # why\n\n  b  # so\n"),
    ("python", "    a\n    b\n", "a\nb\n"),
    ("python", "x = [\n  1,\n]", "x = [1]"),
    ("c", "if (a) { b; }", "if (a)\n{\n    b;\n}\n"),
    ("go", "f(a,\n\tb,\n)", "f(a, b)"),
]
OTHER = [
    ("python", "x = (a,)", "x = (a)"),
    ("python", "return (a,)", "return (a)"),
    ("python", "for a in b:\n    c\n    d\n", "for a in b:\n    c\nd\n"),
    ("python", "x = 'a  b'", "x = 'a b'"),
    ("python", "a\nb", "a b"),
    ("c", "x = 'a'", 'x = "a"'),
    ("python", "x = a", "x = b"),
]


@pytest.mark.parametrize(("language", "one", "other"), SAME)
def test_formatting_and_comments_are_no_difference(language: str, one: str, other: str) -> None:
    assert normal(one, language) == normal(other, language)
    assert differences("", (one, other), 0, language) == ()


@pytest.mark.parametrize(("language", "one", "other"), OTHER)
def test_what_means_something_is_one(language: str, one: str, other: str) -> None:
    assert normal(one, language) != normal(other, language)
    assert differences("", (one, other), 0, language)


def check(old: str, candidates: tuple[str, ...], chosen: int, *expected: str) -> None:
    """Each difference as `first-end | text by groups | ...`."""
    found = [
        " | ".join(
            (
                f"{each.first}-{each.end}",
                *(
                    f"{text.strip()} {','.join(map(str, group))}"
                    for text, group in zip(each.texts, each.groups, strict=True)
                ),
            )
        )
        for each in differences(old, candidates, chosen, "python")
    ]
    assert found == list(expected)


OLD = "def f(a):\n    x = a\n    y = 0\n    return y\n"


def test_each_place_is_a_decision() -> None:
    one = "def f(a):\n    x = a + 1\n    y = 0\n    return y\n"
    two = "def f(a):\n    x = a + 1\n\n    y = 0\n    return x\n"
    three = "def f(a):\n    x = a - 1\n    y = 0\n    return x\n"
    check(OLD, (one, two), 0, "3-4 | return y 0 | return x 1")
    check(
        OLD,
        (one, two, three),
        1,
        "1-2 | x = a + 1 0,1 | x = a - 1 2",
        "3-4 | return x 1,2 | return y 0",
    )


def test_what_only_one_adds_is_a_decision_where_it_stands() -> None:
    more = "def f(a):\n    x = a\n    log(x)\n    y = 0\n    return y\n"
    check(OLD, (OLD, more), 0, "2-2 |  0 | log(x) 1")
    check(OLD, (OLD, more), 1, "2-2 | log(x) 1 |  0")


def test_how_deep_a_line_stands_is_a_decision() -> None:
    inside = "for a in b:\n    c(a)\n    return d\n"
    behind = "for a in b:\n    c(a)\nreturn d\n"
    check("pass\n", (inside, behind), 0, "0-1 | return d 0 | return d 1")


def test_a_note_names_who_writes_what() -> None:
    one, two = "x = 1\n", "x = 2\ny = 3\nz = 4\n"
    (found,) = differences("x = 0\n", (one, two, one, ""), 0, "python")
    assert note(("A", "B", "C", "D"), found) == (
        "A and C write `x = 1`; B writes `x = 2` and 2 more lines; D writes nothing there."
    )


LINES = st.lists(
    st.sampled_from(["a = 1", "    b", "c(", "x)", "'s", '"""', "# n", ""]), max_size=8
)


@given(LINES, st.lists(LINES, min_size=1, max_size=4), st.data())
def test_what_is_said_to_differ_does(
    old: list[str], candidates: list[list[str]], data: st.DataObject
) -> None:
    texts = ["\n".join(each) for each in candidates]
    chosen = data.draw(st.integers(0, len(texts) - 1))
    for each in differences("\n".join(old), texts, chosen, "python"):
        assert 0 <= each.first <= each.end <= len(old)
        assert len(each.texts) == len(each.groups) > 1
        assert chosen in each.groups[0]
        assert sorted(number for group in each.groups for number in group) == [*range(len(texts))]
        assert note([*map(str, range(len(texts)))], each).endswith(".")
    assert differences("\n".join(old), [texts[0]] * 3, 1, "python") == ()
