from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp
from tests.marked import marked

from firsthand import convert
from firsthand.core.completion import Completion
from firsthand.core.text import Encoding, Position, Range, Text

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
LINES = st.text(alphabet="a é😀e\u0301\ud800", max_size=12)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(lines=st.lists(LINES, min_size=1, max_size=4), data=st.data())
def test_positions_round_trip(encoding: Encoding, lines: list[str], data: st.DataObject) -> None:
    text = Text.of("\n".join(lines))
    line = data.draw(st.integers(0, len(lines) - 1))
    position = Position(line, data.draw(st.integers(0, len(lines[line]))))
    wire = convert.to_position(position, text, encoding)
    assert convert.from_position(wire, text, encoding) == position


@pytest.mark.parametrize(
    ("line", "character", "expected"),
    [
        (0, 99, Position(0, 2)),
        (9, 0, Position(1, 1)),
        (2**31 - 1, 2**31 - 1, Position(1, 1)),
        (1, 0, Position(1, 0)),
    ],
)
def test_positions_outside_become_the_nearest_inside(
    line: int, character: int, expected: Position
) -> None:
    text = Text.of("ab\nc")
    assert convert.from_position(lsp.Position(line, character), text, "utf-16") == expected


def test_items_carry_their_range_and_the_accept_command() -> None:
    text, position = marked("é😀x = ║)\r\n")
    completion = Completion(
        3, Range(position, Position(0, position.character + 1)), "f(\n1)", "inline", id=7
    )
    (item,) = convert.to_items([completion], text, "utf-16")
    assert item.insert_text == "f(\r\n1)"  # the document's line ends
    assert item.range == lsp.Range(lsp.Position(0, 7), lsp.Position(0, 8))
    assert item.command is not None
    assert item.command.command == "firsthand.accepted"
    assert item.command.arguments == [{"id": 7, "characters": 5}]


def test_changes_apply_in_order() -> None:
    text = Text.of("one\ntwo\n")
    changes = [
        lsp.TextDocumentContentChangePartial(
            lsp.Range(lsp.Position(0, 0), lsp.Position(0, 3)), "1"
        ),
        lsp.TextDocumentContentChangePartial(
            lsp.Range(lsp.Position(0, 1), lsp.Position(1, 0)), "\n\n"
        ),
    ]
    assert [after.string for _, after in convert.to_edits(changes, text, "utf-16")] == [
        "1\ntwo\n",
        "1\n\ntwo\n",
    ]


def test_a_whole_document_becomes_its_smallest_edit() -> None:
    text = Text.of("one\ntwo\nthree\n")
    change = lsp.TextDocumentContentChangeWholeDocument("one\ntwelve\nthree\n")
    ((edit, after),) = convert.to_edits([change], text, "utf-16")
    assert after.string == "one\ntwelve\nthree\n"
    assert edit.range == Range(Position(1, 2), Position(1, 3))
    assert edit.new_text == "elve"


def menu_entry(drawing: str, new_text: str, end: int = 0) -> Sequence[lsp.CompletionItem]:
    text, position = marked(drawing)
    range_ = Range(position, Position(position.line, position.character + end))
    completion = Completion(1, range_, new_text, "embedded", id=5)
    return convert.to_menu([completion], text, "utf-16").items


@pytest.mark.parametrize(
    ("drawing", "new_text", "label", "start", "whole"),
    [
        ("é😀 = Val║", "ueError", "ValueError", 6, "ValueError"),
        ("x = ║", "f(1)", "f(1)", 4, "f(1)"),
        ("if x:║\r\n", "\n    go()", "go() …", 5, "\r\n    go()"),
        ("größe║)", "n(1)", "größen(1)", 0, "größen(1)"),
    ],
)
def test_a_menu_entry_takes_the_place_of_the_word(
    drawing: str, new_text: str, label: str, start: int, whole: str
) -> None:
    (item,) = menu_entry(drawing, new_text)
    assert item.label == label
    assert isinstance(item.text_edit, lsp.TextEdit)
    assert item.text_edit.range.start.character == start
    assert item.text_edit.new_text == whole
    assert item.command is not None
    assert item.command.arguments == [{"id": 5, "characters": len(new_text)}]


def test_a_menu_entry_changes_one_line_only() -> None:
    text, position = marked("a║\nb")
    completion = Completion(1, Range(position, Position(1, 1)), "c", "embedded")
    assert not convert.to_menu([completion], text, "utf-16").items


@pytest.mark.parametrize(
    ("document", "options", "wanted"),
    [
        (None, None, True),
        (lsp.TextDocumentClientCapabilities(), {"client": "none"}, True),
        (
            lsp.TextDocumentClientCapabilities(
                inline_completion=lsp.InlineCompletionClientCapabilities()
            ),
            None,
            False,
        ),
        (
            lsp.TextDocumentClientCapabilities(
                inline_completion=lsp.InlineCompletionClientCapabilities()
            ),
            {"client": {"menu": True}},
            True,
        ),
    ],
)
def test_a_menu_is_for_editors_without_inline_completion(
    document: lsp.TextDocumentClientCapabilities | None, options: object, wanted: bool
) -> None:
    capabilities = lsp.ClientCapabilities(text_document=document)
    params = lsp.InitializeParams(capabilities, initialization_options=options)
    assert convert.wants_menu(params) is wanted
