"""What the embedded model offers at a cursor."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.marked import marked

from firsthand.core.text import Edit, Position, Range, Text
from firsthand.embedded import EmbeddedModel, ProjectTier, build_tier
from firsthand.embedded.lexer import CLOSE, OPEN, lex, rules_for

URI = "file:///w/new.py"
EXECUTE = "    self.connection.execute(statement, parameters)\n"


def learned(text: Text, language: str = "python", path: str = "/w/new.py") -> EmbeddedModel:
    model = EmbeddedModel()
    for _ in model.learning(URI, path, language, text):
        pass
    return model


def check(drawing: str, offered: str, language: str = "python") -> None:
    """The best text at the cursor of a freshly opened document; empty for none."""
    text, position = marked(drawing)
    found = learned(text, language).suggest(URI, text, position)
    assert (found[0].text if found else "") == offered


def test_what_stands_above_is_offered_again() -> None:
    above = "def f(self):\n" + 3 * EXECUTE
    check(above + "    self.conn║\n", "ection.execute")
    text, position = marked(above + "    self.connection.execute║\n")
    model = learned(text)
    model.suggest(URI, text, position)  # weighs as much as one key may; the next one goes on
    assert model.suggest(URI, text, position)[0].text == "(statement, parameters)"


def test_a_statement_is_copied_with_its_names_changed() -> None:
    known = "".join(f"        self.{name} = {name}\n" for name in ("alpha", "beta", "gamma"))
    drawing = "class A:\n    def __init__(self, alpha, beta, gamma, delta):\n" + known
    check(drawing + "        self.delta = ║\n", "delta")


def test_what_stands_right_of_the_cursor_is_not_said_again() -> None:
    check(
        "def f(self):\n" + 3 * EXECUTE + "    self.connection.execute(stat║)\n", "ement, parameters"
    )


def test_a_word_of_comments_is_not_offered_in_code() -> None:
    comment = "# whatever the perimeterization says\n"
    check(3 * comment + "# whatever the perim║\n", "eterization says")
    check(3 * comment + "perim║\n", "")
    check(3 * comment + "perimeterization = 1\nperim║\n", "eterization")


def test_a_mark_of_comments_in_a_string_begins_none() -> None:
    above = 3 * 'show("100 % # of; http://it", frame, canvas)\n'
    check(above + 'show("100 % # of; http://it", fr║\n', "ame, canvas)")


def test_nothing_before_a_word() -> None:
    check("def f(self):\n" + 3 * EXECUTE + "    self.conn║x\n", "")


@pytest.mark.parametrize("language", ["typescript", "go", "rust", "c", "plaintext"])
def test_any_language_is_learned(language: str) -> None:
    line = "registry.lookup(identifier, fallback);\n"
    text, position = marked(4 * line + "registry.look║\n")
    found = learned(text, language).suggest(URI, text, position)
    assert found[0].text.startswith("up")


def offers(model: EmbeddedModel, text: Text, position: Position, part: str) -> bool:
    """Whether a part of a text is in anything that could be shown."""
    return any(part in guess.text for guess in model.suggest(URI, text, position))


def test_the_project_is_offered_but_not_to_other_folders(tmp_path: Path) -> None:
    code = "from firsthand import assembly\n\nassembly.register_everything(now=True)\n"
    build_tier([(f"{name}.py", "python", code) for name in "abc"], tmp_path)
    text, position = marked("x = 1\nassembly.reg║")
    for root, offered in (("/w", True), ("/v", False)):
        model = learned(text)
        model.attach(root, ProjectTier.load(tmp_path))
        found = model.suggest(URI, text, position)
        assert bool(found and found[0].text.startswith("ister_everything")) == offered


def test_the_file_as_it_was_on_disk_is_not_offered(tmp_path: Path) -> None:
    build_tier([("new.py", "python", "assembly.register_everything(now=True)\n")], tmp_path)
    text, position = marked("assembly.reg║")
    model = learned(text)
    model.attach("/w", ProjectTier.load(tmp_path))
    assert not offers(model, text, position, "ister")


def test_other_open_files_of_the_folder_are_asked() -> None:
    text, position = marked("self.conn║")
    model = learned(text)
    model.attach("/w", None)
    for _ in model.learning("file:///w/b.py", "/w/b.py", "python", Text.of(4 * EXECUTE)):
        pass
    assert model.suggest(URI, text, position)[0].text.startswith("ection")
    model.forget("file:///w/b.py")
    assert not offers(model, text, position, "ection")


def test_what_stands_apart_serves_itself_alone() -> None:
    text, position = marked("self.conn║")
    other, inside = marked(4 * EXECUTE + "self.conn║")
    model = learned(text)
    model.attach("/w", None)
    for _ in model.learning("file:///w/b.py", "/w/b.py", "python", other, apart=True):
        pass
    assert not offers(model, text, position, "ection")
    assert model.suggest("file:///w/b.py", other, inside)[0].text.startswith("ection")
    model.admit("file:///w/b.py")
    assert model.suggest(URI, text, position)[0].text.startswith("ection")


def test_candidates_are_different_and_the_surest_is_first() -> None:
    lines = "self.left = 1\nself.right = 2\nself.left = 3\nself.up = 4\n"
    text, position = marked(lines * 3 + "self.║")
    found = learned(text).suggest(URI, text, position, limit=3)
    assert len({guess.text for guess in found}) == len(found) > 1
    assert sorted(found, key=lambda guess: -guess.confidence) == list(found)


def test_an_unknown_document_gets_nothing() -> None:
    assert EmbeddedModel().suggest("file:///x", Text.of("a"), Position(0, 1)) == ()


@pytest.mark.parametrize(
    "content",
    ["", "x" * 5_000_000, "\ud800 = '\udfff'\n", "\0\x01\x02\x03\n" * 9, "\t  a\r\n" * 50],
)
def test_odd_texts_are_no_harm(content: str) -> None:
    text = Text.of(content + "\nab")
    model = learned(text)
    for line in (0, len(text.lines) - 1):
        model.suggest(URI, text, Position(line, len(text.line(line))))


NAMES = ("start", "stop", "pause", "close", "open", "read", "write", "flush")
HANDLER = """    def on_{0}(self, event):
        self.log.debug("handling", event)
        self.registry.notify(event, source=self)
        return self.registry.pending(event)
"""


def lines_offered(drawing: str, most_lines: int) -> str:
    text, position = marked(drawing)
    model = learned(text)
    for _ in range(6):  # each key goes on from what the one before found out
        found = model.candidates(URI, text, position, most_lines=most_lines)
    return max((text for each in found for text in each.texts), key=len)


def test_a_long_copy_goes_on_over_several_lines() -> None:
    known = "class A:\n" + "\n".join(map(HANDLER.format, NAMES))
    drawing = known + '\n    def on_resume(self, event):\n        self.log.debug("║\n'
    rest = 'handling", event)\n        self.registry.notify(event, source=self)'
    assert lines_offered(drawing, 8).startswith(rest)
    assert lines_offered(drawing, 2) == rest
    assert "\n" not in lines_offered(drawing, 1)


def test_lines_that_stand_below_are_not_said_again() -> None:
    known = "class A:\n" + "\n".join(map(HANDLER.format, NAMES))
    below = "        self.registry.notify(event, source=self)\n"
    drawing = known + '\n    def on_resume(self, event):\n        self.log.debug("║\n' + below
    assert lines_offered(drawing, 8) == 'handling", event)'
    drawing = known + "\n    def on_resume(self, event):\n        self.regi║\n" + below
    assert not lines_offered(drawing, 8).endswith("source=self)")


def test_a_text_that_was_contradicted_makes_the_next_one_dearer() -> None:
    text, position = marked("def f(self):\n" + 3 * EXECUTE + "    self.c║\n")
    later = text.apply(Edit(Range.at(position), "urrent = self.conn"))
    place = Position(position.line, len(later.line(position.line)))
    gains = []
    for asked_before in (False, True):
        model = learned(text)
        if asked_before:
            assert model.suggest(URI, text, position)[0].gain > 0
        model.edit(URI, later, position.line, 1, 1)
        gains.append(model.suggest(URI, later, place)[0].gain)
    assert gains[1] < gains[0]


WORDS = st.sampled_from(
    ["self", ".", "(", ")", "x", " = ", '"', "\n", "    ", "if ", ":", ", ", "y"]
)
SOURCE = st.lists(WORDS, max_size=60).map("".join)


def at_last(model: EmbeddedModel, text: Text, position: Position) -> list[str]:
    """What is offered once nothing more is to be weighed: each key goes on where the last ended."""
    for _ in range(8):
        found = model.suggest(URI, text, position)
    return [guess.text for guess in found]


@settings(max_examples=40)
@example(" = ", [('self\n."', 0.0, 0.0), ('" =  = ', 0.0, 0.0)])
@given(SOURCE, st.lists(st.tuples(SOURCE, st.floats(0, 1), st.floats(0, 1)), max_size=3))
def test_edits_teach_what_opening_teaches(
    source: str, edits: list[tuple[str, float, float]]
) -> None:
    text = Text.of(source)
    model = learned(text)
    for new, first, last in edits:
        start, end = sorted(int(at * (len(text.lines) - 1)) for at in (first, last))
        edit = Edit(Range(Position(start, 0), Position(end, 0)), new)
        after = text.apply(edit)
        count = len(after.lines) - len(text.lines) + end - start + 1
        model.edit(URI, after, start, end - start + 1, count)
        text = after
    position = text.end
    model.suggest(URI, text, position)
    for _ in model.pending(URI):
        pass
    assert at_last(model, text, position) == at_last(learned(text), text, position)


@settings(max_examples=60)
@given(SOURCE, SOURCE)
def test_brackets_and_quotes_are_balanced(source: str, last: str) -> None:
    text = Text.of(source * 2 + last)
    for guess in learned(text).suggest(URI, text, text.end, limit=3):
        assert "\n" not in guess.text
        before = text.before(text.end)
        whole = lex(before + guess.text, "", rules_for("python")).keys
        known = lex(before, "", rules_for("python")).keys
        opened = [key for key in whole if key[0] == OPEN]
        closed = [key for key in whole if CLOSE in key[:2]]
        if len([key for key in known if key[0] == OPEN]) == len(
            [key for key in known if CLOSE in key[:2]]
        ):
            assert len(opened) == len(closed)
