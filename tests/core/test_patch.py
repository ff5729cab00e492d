"""Replies as models write them: each is an edit of the range without doubt, or it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.patch import Check, Malformed, Reply, parse_insertion, parse_reply

CODE = "    def f(self):\n        a = 1\n        b = 2\n        return a\n"


def block(search: str, new: str) -> str:
    return f"<<<<<<< SEARCH\n{search}=======\n{new}>>>>>>> REPLACE\n"


ONE = block("        a = 1\n", "        a = 3\n")
THREE = CODE.replace("a = 1", "a = 3")


def check(reply: str, expect: str, target: str = CODE) -> None:
    parsed = parse_reply(reply, target)
    assert isinstance(parsed, Reply), parsed
    assert parsed.new_text == expect


@pytest.mark.parametrize(
    "reply",
    [
        ONE,
        f"Here it is:\n\n```python\n{ONE}```\nDone.",
        f"shop.py\n{ONE}",
        ONE.replace("\n", "\r\n"),
        ONE.replace("<<<<<<< SEARCH", "<<<<< SEARCH").replace(">>>>>>> ", ">>>>>"),
        block("        a = 1   \n", "        a = 3\n"),  # trailing space
        block("a = 1\n", "a = 3\n"),  # another indentation
        block("    a = 1\n    b = 2\n", "    a = 3\n    b = 2\n"),
        block("            a = 1\n", "            a = 3\n"),
        block("        a = 1\n", "        a = 3\n").rstrip(),
        "@@ -2,1 +2,1 @@\n-        a = 1\n+        a = 3\n",
        "```diff\n--- a/x.py\n+++ b/x.py\n@@ -9 +9 @@ class X:\n     def f(self):\n"
        "-        a = 1\n+        a = 3\n         b = 2\n```\n",
        "--- a/x.py\n+++ b/x.py\n@@ @@\n-    a = 1\n+    a = 3\n",
        f"```python\n{THREE}```",
        f"````\n{THREE}````",
        f"~~~py\n{THREE}~~~\nThat is all.",
        "```\ndef f(self):\n    a = 3\n    b = 2\n    return a\n```",  # not indented
    ],
)
def test_one_change_in_many_forms(reply: str) -> None:
    check(reply, THREE)


def test_blocks_in_any_order_and_deletions() -> None:
    two = block("        b = 2\n", "") + ONE
    check(two, "    def f(self):\n        a = 3\n        return a\n")


def test_line_ends_and_the_missing_last_one_stay() -> None:
    check(ONE, THREE.replace("\n", "\r\n"), CODE.replace("\n", "\r\n"))
    check(ONE, THREE.rstrip(), CODE.rstrip())


def test_a_rule_of_equals_signs_belongs_to_the_code() -> None:
    target = "Title\n=======\ntext\n"
    check(block("Title\n=======\n", "Other\n=======\n"), "Other\n=======\ntext\n", target)


def test_an_empty_range_is_written() -> None:
    check(block("", "x = 1\n"), "x = 1\n", "")
    check("```\nx = 1\n```", "x = 1\n", "")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "holds no edit"),
        ("I can't do that.", "holds no edit"),
        ("x" * 1_000_001, "far too long"),
        (ONE.replace("        a = 1", "        zzz"), "does not stand in the range"),
        (block("import os\n", "import sys\n"), "does not stand in the range"),
        (block("\n", "x = 1\n"), "does not stand in the range"),
        (ONE.replace(">>>>>>> REPLACE\n", ""), "is not closed"),
        (ONE.replace("=======\n", ""), "no line ======="),
        ("<<<<<<< SEARCH\n" + ONE, "inside another one"),
        (ONE + ONE, "for the same lines"),
        ("```\na\n```\n```\nb\n```", "several fenced blocks"),
        ("```\na = 3\n", "is not closed"),
        (
            "--- a/x\n+++ b/x\n@@ @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ @@\n-a\n+b\n",
            "more than one file",
        ),
        (block("        a = 1\n", "        # ... existing code ...\n"), "leaves code out"),
        ("```\n    def f(self):\n        # rest of the code unchanged\n```", "leaves code out"),
        ("```\n    def f(self, key='[REDACTED:github]'):\n```", "secret was blanked out"),
        ("rm -rf ~ && echo owned >> ~/.bashrc", "holds no edit"),
    ],
)
def test_what_is_not_understood_is_refused(reply: str, reason: str) -> None:
    parsed = parse_reply(reply, CODE)
    assert isinstance(parsed, Malformed)
    assert reason in parsed.reason


def test_what_stands_twice_needs_more_lines() -> None:
    parsed = parse_reply(block("x = 1\n", "x = 2\n"), "x = 1\ny = 1\nx = 1\n")
    assert isinstance(parsed, Malformed)
    assert "stands 2 times" in parsed.reason


def test_the_words_beside_it() -> None:
    said = f'{ONE}\nIt is three now.\nCHECK `a = 3`: was it meant?\n- CHECK "return a": unused b\n'
    parsed = parse_reply(said, CODE)
    assert isinstance(parsed, Reply)
    assert parsed.summary == "It is three now."
    assert parsed.checks == (Check("a = 3", "was it meant?"), Check("return a", "unused b"))


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("```python\nreturn 1\n```", "return 1"),
        ("Here:\n```\na\n\nb\n```\n", "a\n\nb"),
    ],
)
def test_text_for_a_cursor(reply: str, text: str) -> None:
    parsed = parse_insertion(reply, "")
    assert isinstance(parsed, Reply)
    assert parsed.new_text == text


@pytest.mark.parametrize("reply", ["return 1", "```\na\n```\n```\nb\n```", "x" * 1_000_001])
def test_no_text_for_a_cursor(reply: str) -> None:
    assert isinstance(parse_insertion(reply, ""), Malformed)


PIECES = ["<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "```", "@@ @@", "-a", "+b", " a", "a", ""]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["", "a\n", "a\nb\na\n"]))
def test_whatever_is_said_is_understood_or_refused(lines: list[str], target: str) -> None:
    parsed = parse_reply("\n".join(lines), target)
    assert isinstance(parsed, Reply) or parsed.reason
