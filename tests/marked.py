"""Texts with a cursor drawn in them, as tests write them."""

from firsthand.core.text import Position, Text, advance

CURSOR = "║"


def marked(drawing: str) -> tuple[Text, Position]:
    """The text without the cursor mark, and where the mark stood."""
    before, mark, after = drawing.partition(CURSOR)
    assert mark, "no cursor in the drawing"
    return Text.of(before + after), advance(Position(0, 0), before)


def drawn(text: Text, position: Position) -> str:
    """The inverse of marked, for readable failures."""
    lines = list(text.lines)
    line = lines[position.line]
    lines[position.line] = line[: position.character] + CURSOR + line[position.character :]
    return "".join(lines)
