"""Tokens of a line, and the line again from its tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.embedded.lexer import CLOSE, OPEN, PROSE, lex, rules_for, words_of_code, written

LANGUAGES = ["python", "typescript", "go", "rust", "c", "shellscript", "markdown", "nosuch"]
PIECES = st.sampled_from(
    [*"\"'`#/*(){}[]=:.,\\ \t\x00\x01\x02\x03\x1f\u2028", '"""', "/*", "*/", "//", "->", "f'", "é"]
)


def check(line: str, keys: list[str], language: str = "python", state: str = "") -> None:
    lexed = lex(line, state, rules_for(language))
    assert [*lexed.keys[:-1]] == keys
    assert lexed.text == line


def test_operators_keep_their_habit_of_space() -> None:
    check("f(a=1, b: int = 2)", ["f", "(", "a", "=", "1", ",", "b", ":", "int", " =", "2", ")"])


def test_strings_are_words_between_quotes() -> None:
    check('f"a {b}"', [OPEN + 'f"', "a", f" {PROSE}{{", "b", PROSE + "}", CLOSE + '"'])


def test_a_comment_runs_to_the_end() -> None:
    check("x # it's (", ["x", f" {PROSE}#", "it", PROSE + "'", "s", f" {PROSE}("])


def test_a_docstring_goes_on_below() -> None:
    assert lex('    """Say.', "", rules_for("python")).state == '"""'
    check('more"""', ["more", CLOSE + '"""'], state='"""')


@pytest.mark.parametrize(
    ("line", "language", "state", "words"),
    [
        ('a = f(b, "no", c)  # nor this', "python", "", ["a", "f", "b", "c"]),
        ('no""" + yes', "python", '"""', ["yes"]),
        ("x := y // no", "go", "", ["x", "y"]),
        ("select a -- no", "sql", "", ["select", "a"]),
        ("no */ yes", "c", "*/", ["yes"]),
        ("all of it # too", "markdown", "", ["all", "of", "it", "too"]),
    ],
)
def test_words_of_code(line: str, language: str, state: str, words: list[str]) -> None:
    assert list(words_of_code(lex(line, state, rules_for(language)).keys, state)) == words


def test_a_lifetime_opens_no_string() -> None:
    check("&'a str, 'x'", ["&", "'", "a", "str", ",", "'x'"], "rust")


@pytest.mark.parametrize("language", LANGUAGES)
@given(st.lists(st.text(max_size=8) | PIECES).map("".join), st.sampled_from(["", '"""', "*/"]))
def test_tokens_joined_are_the_line(language: str, line: str, state: str) -> None:
    line = line.replace("\n", "").replace("\r", "")
    lexed = lex(line, state, rules_for(language))
    assert lexed.text == line
    assert all(written(key) for key in lexed.keys)


def test_a_very_long_line_is_one_token() -> None:
    lexed = lex("x" * 5_000_000, "", rules_for("python"))
    assert len(lexed.keys) == 2
    assert len(lexed.text) == 5_000_000
