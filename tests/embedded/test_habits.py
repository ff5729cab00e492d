"""The exact counts of one file."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from tests.embedded.documents import document_of, settled

from firsthand.embedded.habits import Habits, named
from firsthand.embedded.lexer import lex, rules_for


def keys_of(line: str) -> tuple[str, ...]:
    return lex(line, "", rules_for("python")).keys


def check(line: str, two: str, one: str) -> None:
    """The last two names of a line."""
    assert named(reversed(keys_of(line))) == (two, one)


def test_the_last_two_names() -> None:
    check("def f(alpha: int, beta: str = None, ", "alpha", "beta")
    check("self.alpha = alpha", "", "alpha")
    check("self.alpha = alpha; self.", "", "alpha")
    check("f(alpha, alpha, beta, beta", "alpha", "beta")
    check("if True: pass", "", "")
    check("Shape(3)", "", "")


def test_names_follow_one_another_in_the_order_of_a_signature() -> None:
    signature = "def f(\n    alpha: int,\n    beta: str,\n    gamma,\n):\n"
    sequels = document_of(signature).habits.sequels
    assert sequels["alpha"] == {"beta": 1}
    assert sequels["alpha", "beta"] == {"gamma": 1}


def test_words_of_strings_and_comments_follow_no_names() -> None:
    sequels = document_of('alpha = "omega psi"  # chi\nbeta = 1\n').habits.sequels
    assert {word for counts in sequels.values() for word in counts} == {"alpha", "beta"}


LINES = [
    *("x = y", "def f(a, b):", "    self.a = a", "    # note", "", "f(b, x)", '"""', "import b"),
]
EDITS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.sampled_from(LINES)))


@given(EDITS)
@example([(0, 0, ""), (0, 0, "x = y"), (0, 2, "def f(a, b):")])  # a line not learned between
def test_what_edits_leave_is_what_the_text_teaches(edits: list[tuple[int, int, str]]) -> None:
    lines = LINES[:4]
    document = document_of("\n".join(lines))
    for first, old, line in edits:
        first, old = min(first, len(lines) - 1), max(1, min(old, len(lines) - first))
        old = min(old, len(lines) - first)
        lines[first : first + old] = [line, line]
        document.replace(first, old, [line, line])
    anew = document_of("\n".join(lines))
    for each in (document, anew):
        each.heat(len(lines) - 1)
        settled(each)
    for table in ("words", "follows", "arguments", "coded", "sequels"):
        assert getattr(document.habits, table) == getattr(anew.habits, table)


def test_counts_come_and_go() -> None:
    habits = Habits()
    for times in (1, -1):
        habits.add(keys_of("alpha = beta(gamma, 1)"), "", ("", "delta"), times)
    assert habits.sequels == habits.words == habits.follows == habits.coded == {}
