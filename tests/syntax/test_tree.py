import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.text import Edit, Position, Range, Text, advance
from firsthand.syntax import fault, heavy, parse
from firsthand.syntax.grammars import GRAMMARS, load
from firsthand.syntax.tree import Tree, point_of, position_of

PIECES = (
    *"abx1 \n\r\t.,:;=()[]{}\"'`#/",
    "\r\n",
    "def f(a):\n    return a\n",
    "if (x) {\n",
    "}\n",
    '"""',
    "é",
    "😀",
    "e\u0301",
    "\ud83d",
    "\udc00",
    "\0",
)
WRITTEN = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def nodes(tree: Tree | None) -> list[Any]:
    assert tree is not None
    found = [tree.root]
    for node in found:
        found.extend(node.children)
    return [(node.type, node.start_point, node.end_point) for node in found]


@pytest.mark.parametrize("language", sorted(GRAMMARS))
def test_every_grammar_loads(language: str) -> None:
    assert fault(language) == ""
    tree = parse(language, Text.of("x\n"))
    assert tree is not None
    assert (tree.language, tree.text) == (language, Text.of("x\n"))


def test_a_language_without_a_grammar() -> None:
    assert parse("plaintext", Text.of("x")) is None
    assert fault("plaintext") == ""


def test_a_grammar_that_fails_says_what_and_how_to_mend_it() -> None:
    for package, function in (("no_such_grammar", "language"), ("json", "language")):
        said = load(package, function)
        assert isinstance(said, str)
        assert f"The grammar in {package} does not load" in said
        assert "pip install --upgrade tree-sitter" in said


def test_texts_from_ten_thousand_characters_on_are_heavy() -> None:
    assert not heavy(Text.of("x = 1\n" * 1_600))
    assert heavy(Text.of("x = 1\n" * 1_700))


def test_a_parse_lets_other_threads_run() -> None:
    text = Text.of("def f(a):\n    return [a, (a, {a: a})]\n\n\n" * 8_000)
    parsing = threading.Thread(target=parse, args=("python", text))
    turns = 0
    parsing.start()
    while parsing.is_alive():
        parsing.join(0.001)
        turns += 1
    assert turns >= 5


@given(st.sampled_from(sorted(GRAMMARS)), WRITTEN, WRITTEN, st.data())
def test_an_edited_tree_is_the_tree_of_the_edited_text(
    language: str, source: str, new: str, data: st.DataObject
) -> None:
    text = Text.of(source)
    places = st.integers(0, len(text.lines) - 1).flatmap(
        lambda line: st.builds(Position, st.just(line), st.integers(0, len(text.line(line))))
    )
    start, end = sorted((data.draw(places), data.draw(places)))
    edit = Edit(Range(start, end), new)
    after = text.apply(edit)
    old = parse(language, text)
    before = nodes(old)
    known = parse(language, after, old, edit)
    assert nodes(parse(language, after, old)) == nodes(known)
    assert nodes(old) == before, "the old tree was changed"
    assert known is not None
    assert known.text == after
    if not known.root.has_error and old is not None and not old.root.has_error:
        assert nodes(known) == nodes(parse(language, after))


@given(WRITTEN)
def test_rows_are_lines(source: str) -> None:
    text = Text.of(source)
    tree = parse("python", text)
    assert tree is not None
    assert tree.root.end_point[0] == len(text.lines) - 1
    for line in range(len(text.lines)):
        for character in range(len(text.line(line)) + 1):
            position = Position(line, character)
            assert position_of(text, point_of(text, position)) == position


def test_nodes_stand_where_their_text_does() -> None:
    source = "a = '😀é\ud83d'; bb = 1\r\nc = '\u0301'; dd = 2\rff = 3\n"
    text = Text.of(source)
    tree = parse("python", text)
    assert tree is not None
    found = {}
    for node in tree.root.named_children:
        name = node.named_children[0].named_children[0]
        range_ = Range(position_of(text, name.start_point), position_of(text, name.end_point))
        found[text.slice(range_)] = range_.start
    assert sorted(found) == ["a", "bb", "c", "dd", "ff"]
    assert found["dd"] == Position(1, 9)


def test_typing_at_the_end_of_a_large_file() -> None:
    text = Text.of("def f(a):\n    return a\n\n\n" * 2_000)
    tree = parse("python", text)
    position = text.end
    for key in "def g(b):\n    return b":
        edit = Edit(Range.at(position), key)
        text = text.apply(edit)
        tree = parse("python", text, tree, edit)
        position = advance(position, key)
    assert nodes(tree)[-1] == nodes(parse("python", text))[-1]
