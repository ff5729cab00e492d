"""Which texts are copies of others."""

import pytest

from firsthand.index.copies import Originals, digest, sketch

LINES = [f"value_{number} = compute(argument_{number})" for number in range(100)]
TEXT = "\n".join(LINES)


def check(text: str, path: str = "b.py") -> str:
    """Of what a text is a copy where there is TEXT in a.py."""
    originals = Originals()
    originals.add("a.py", digest(TEXT), sketch(TEXT))
    return originals.of(path, digest(text), sketch(text))


@pytest.mark.parametrize(
    ("text", "original"),
    [
        (TEXT, "a.py"),
        ("\n".join(["# Copied from elsewhere.", *LINES]), "a.py"),
        ("\n".join(f"    {line}" for line in LINES), "a.py"),
        ("\n".join(LINES[:98]), "a.py"),
        ("\n".join(LINES[:50]), ""),
        ("\n".join(line.replace("value", "other") for line in LINES), ""),
        ("", ""),
        ("x = 1", ""),
    ],
)
def test_copies_and_what_is_none(text: str, original: str) -> None:
    assert check(text) == original


def test_a_file_is_no_copy_of_itself() -> None:
    assert check(TEXT, "a.py") == ""


def test_short_texts_are_copies_only_when_they_are_equal() -> None:
    originals = Originals()
    short = "from package import *\n"
    originals.add("a.py", digest(short), sketch(short))
    assert originals.of("b.py", digest(short), sketch(short)) == "a.py"
    other = short + "# and nothing more\n"
    assert originals.of("b.py", digest(other), sketch(other)) == ""


def test_lines_that_every_file_has_make_no_copies() -> None:
    originals = Originals()
    header = "\n".join(f"// licence, line {number}" for number in range(8))
    for number in range(100):
        text = header + "\n".join(f"call_{number}({line})" for line in range(50))
        assert originals.of(f"{number}.js", digest(text), sketch(text)) == ""
        originals.add(f"{number}.js", digest(text), sketch(text))
