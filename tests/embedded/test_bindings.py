"""Which line binds a name, as lines come and go."""

from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.text import Text
from firsthand.embedded.bindings import Bindings
from firsthand.embedded.document import Document
from firsthand.embedded.words import Numbers

STEPS = st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.integers(0, 3)))


@given(STEPS)
def test_the_last_line_that_is_left_counts(steps: list[tuple[bool, str, int]]) -> None:
    bindings, left = Bindings[int, str](), dict[tuple[str, int], None]()
    for comes, name, line in steps:
        if not comes:
            bindings.remove(name, line)
            left.pop((name, line), None)
        elif (name, line) not in left:  # a line is learned once
            bindings.add(name, line, f"{name}{line}")
            left[name, line] = None
    for name in "ab":
        lines = [line for each, line in left if each == name]
        assert bindings.get(name) == ((lines[-1], f"{name}{lines[-1]}") if lines else None)
        assert (name in bindings) is bool(lines)


def test_a_function_is_known_as_long_as_a_line_defines_it() -> None:
    text = Text.of("def load(a): ...\ndef load(a, b): ...\n\n")
    document = Document("a.py", "python", text, Numbers())
    for _ in document.pending():
        pass
    assert document.outline.parameters("load") == ("a", "b")
    document.replace(1, 1, ["pass", ""])
    assert document.outline.parameters("load") == ("a",)
    document.replace(0, 1, ["pass", ""])
    assert document.outline.parameters("load") is None
    assert not document.outline.defines("load")
