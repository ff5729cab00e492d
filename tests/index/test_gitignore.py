"""Single rules; whole files of them are compared with git in test_ignore."""

import time

import pytest

from firsthand.index.gitignore import parse, verdict


def check(rules: str, path: str, expect: bool | None) -> None:
    """A path that ends in "/" is a folder."""
    assert verdict(parse(rules), path.rstrip("/"), folder=path.endswith("/")) is expect


@pytest.mark.parametrize(
    ("rules", "path", "expect"),
    [
        ("a", "x/y/a", True),
        ("/a", "x/a", None),
        ("a/b", "x/a/b", None),
        ("a/", "a", None),
        ("a/", "x/a/", True),
        ("*.py\n!b.py", "b.py", False),
        ("!b.py\n*.py", "b.py", True),
        ("a/**", "a/", None),
        ("a/**", "a/b/c", True),
        ("**/a/b", "x/y/a/b", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/*/b", "a/x/y/b", None),
        ("# a", "# a", None),
        ("\\#a", "#a", True),
        ("\\!a", "!a", True),
        ("a  ", "a", True),
        ("a\\ ", "a ", True),
        ("a\r\nb\r\n", "b", True),
        ("[]-a]x", "]x", True),
        ("[^a-c]x", "dx", True),
        ("[!a-c]x", "bx", None),
        ("[[:digit:][:upper:]]", "7", True),
        ("[\\]]", "]", True),
        ("a?c", "abc", True),
        ("*a*b*c", "xaybzc", True),
        ("*a*b*c", "xaybzd", None),
        ("*ab", "aab", True),
        ("a*a", "a", None),
        ("new\nline", "line", True),
    ],
)
def test_a_rule_names_a_path(rules: str, path: str, expect: bool | None) -> None:
    check(rules, path, expect)


@pytest.mark.parametrize(
    "line", ["", " ", "/", "!", "\\", "a\\", "[", "a[", "[]", "[[:no:]]", "[!"]
)
def test_a_line_without_sense_matches_nothing(line: str) -> None:
    assert parse(line) == ()


@pytest.mark.parametrize(
    "line",
    ["*a*a*a*a*a*a*a*b", "**/a/**/a/**/a/**/a/**/b", "a*" * 5000, "[a-z]*" * 2000, "?*" * 2000],
)
def test_no_rule_costs_much(line: str) -> None:
    rules = parse(line)
    start = time.process_time()
    verdict(rules, "a" * 255, folder=False)
    verdict(rules, "a/" * 400 + "a" * 200, folder=False)
    assert time.process_time() - start < 2
