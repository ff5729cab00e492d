"""A completion: an edit that is offered, and what is left of it as the person types."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from firsthand.core import text as texts
from firsthand.core.snapshot import Selected
from firsthand.core.text import Edit, Position, Range, Text

Tier = Literal["embedded", "inline", "frontier"]

# What an editor may have put right of the cursor by itself when an opening character was typed.
_CLOSERS = frozenset(")]}>\"'`")
_MOST_CLOSERS = 4


@dataclass(frozen=True, slots=True)
class Completion:
    """An edit offered for one version of a document.

    Attributes:
        version: the version of the document that the range belongs to.
        range: what the edit replaces; empty at the cursor for an insertion, the common case.
        new_text: what it puts there, lines ended by a line feed.
        tier: what made it.
        model: the model's name; empty for the embedded model.
        confidence: the estimated probability that all of it is what the person wants, 0 to 1.
        id: names it to the editor, which sends it back when it is accepted; 0 until it was offered.
    """

    version: int
    range: Range
    new_text: str
    tier: Tier
    model: str = ""
    confidence: float = 0.0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A completion together with the text it was made for.

    Attributes:
        text: the document at the completion's version.
        completion: the edit; of a model's answer all that it wrote, however little is shown.
        more: the model had more to say when its answer was cut.
    """

    text: Text
    completion: Completion
    more: bool = False

    @property
    def accepted(self) -> Text:
        """The text after all of it was accepted."""
        edit = Edit(self.completion.range, _as_written(self.completion.new_text, self.text))
        return self.text.apply(edit)


def advance(offer: Offer, text: Text, position: Position, version: int) -> Completion | None:
    """What is left of an offer at a cursor in a later text, or None where the two disagree.

    They agree when the text before the cursor is the offered text cut somewhere, across lines too
    and also when a part of the word left of the offer was deleted, and when the text after the
    cursor is what it was, but for closing characters that an editor adds by itself; those are
    replaced. Typed + rest == what was shown.
    """
    start = offer.completion.range.start
    # Most of what is kept was for other lines: that is found out before anything is put together.
    down = position.line - start.line
    if not 0 <= down <= offer.completion.new_text.count("\n") or position.line >= _end(offer, text):
        return None
    body = _body(offer, text)
    if body is None:
        return None
    before = _plain(text.slice(Range(Position(start.line, 0), position)))
    shown = body.head + offer.completion.new_text
    if not shown.startswith(before):
        return None
    if len(before) < len(body.head) and not _inside_word(body.head, len(before)):
        return None
    rest = shown[len(before) :]
    right = body.string[len(before) :]
    if not rest or not _stands_right(right, body.replaced, rest):
        return None
    if not _unchanged_around(offer, text):
        return None
    left = Range(position, texts.advance(position, right))
    return replace(offer.completion, version=version, range=left, new_text=rest)


def consumed(offer: Offer, text: Text) -> int | None:
    """How many characters of an offer a later text holds already, wherever the cursor is.

    Negative when part of the word left of the offer was deleted; None where the two disagree.
    """
    body = _body(offer, text)
    count = None if body is None else _consumed(offer, body)
    return None if count is None or not _unchanged_around(offer, text) else count


def _consumed(offer: Offer, body: _Body) -> int | None:
    shown = body.head + offer.completion.new_text
    if body.string == shown:
        return len(offer.completion.new_text)
    if not body.string.endswith(body.replaced):
        return None
    written = body.string[: len(body.string) - len(body.replaced)]
    for closers in range(_MOST_CLOSERS + 1):
        typed = written[: len(written) - closers] if closers else written
        if not set(written[len(typed) :]) <= _CLOSERS or len(typed) < len(written) - closers:
            return None
        if shown.startswith(typed):
            if len(typed) < len(body.head) and not _inside_word(body.head, len(typed)):
                return None
            return len(typed) - len(body.head)
    return None


def extend_selected(selected: Selected, text: Text, position: Position) -> str | None:
    """What the item selected in a menu would still insert at the cursor; None where it can't."""
    if selected.range.start > position:
        return None
    typed = text.slice(Range(selected.range.start, position))
    return selected.text[len(typed) :] if selected.text.startswith(typed) else None


def agree(offer: Offer, text: Text, *, growing: bool = False) -> bool:
    """Whether a later text can still become what is offered.

    A growing offer is the beginning of what a stream will say: the person may be ahead of it.
    """
    return consumed(offer, text) is not None or (growing and all_written(offer, text))


def all_written(offer: Offer, text: Text) -> bool:
    """Whether all of an offer stands in a later text, with or without more behind it."""
    body = _body(offer, text)
    if body is None or not body.string.startswith(body.head + offer.completion.new_text):
        return False
    return _unchanged_around(offer, text)


@dataclass(frozen=True, slots=True)
class _Body:
    """The lines of a text that an offer touches, if those around it stayed the same."""

    string: str  # from the start of the offer's first line up to what followed its range
    head: str  # what stood left of the offer in its first line
    replaced: str  # what stood in the offer's range


def _end(offer: Offer, text: Text) -> int:
    """The line after those that an offer touches, if the ones below it stayed the same."""
    return len(text.lines) - (len(offer.text.lines) - offer.completion.range.end.line - 1)


def _body(offer: Offer, text: Text) -> _Body | None:
    base, range_ = offer.text, offer.completion.range
    first, last = range_.start.line, range_.end.line
    end = _end(offer, text)
    if end <= first or text.lines[end : end + 1] != base.lines[last + 1 : last + 2]:
        return None
    string = _plain("".join(text.lines[first:end]))
    tail = _plain(base.lines[last][range_.end.character :])
    if not string.endswith(tail):
        return None
    return _Body(
        string=string[: len(string) - len(tail)],
        head=base.before(range_.start),
        replaced=_plain(base.slice(range_)),
    )


def _unchanged_around(offer: Offer, text: Text) -> bool:
    """Whether the lines above and below those that an offer touches stayed the same.

    It takes a walk over the whole text, so what stands close to the offer is looked at before.
    """
    range_ = offer.completion.range
    return _same_around(offer.text, text, range_.start.line, range_.end.line, _end(offer, text))


# An offer is asked about several times a key, and others were made for the same text.
@lru_cache(maxsize=8)
def _same_around(base: Text, text: Text, first: int, last: int, end: int) -> bool:
    """Whether a text is its base but for the lines from first to last, which now end before end."""
    return text.lines[:first] == base.lines[:first] and text.lines[end:] == base.lines[last + 1 :]


def _stands_right(right: str, replaced: str, rest: str) -> bool:
    """Whether the text right of the cursor is what the offer replaces, or closers before it."""
    if not right.endswith(replaced):
        return False
    closers = right[: len(right) - len(replaced)]
    if len(closers) > _MOST_CLOSERS or not set(closers) <= _CLOSERS:
        return False
    wanted = iter(rest)
    return all(closer in wanted for closer in closers)


def _inside_word(head: str, cut: int) -> bool:
    """Whether only characters of one word lie in head from cut on."""
    return all(character.isalnum() or character == "_" for character in head[cut:])


def _plain(string: str) -> str:
    return string.replace("\r\n", "\n") if "\r" in string else string


def _as_written(new_text: str, text: Text) -> str:
    """A completion's text with the line ends of the text it goes into."""
    return new_text.replace("\n", "\r\n") if text.lines[0].endswith("\r\n") else new_text
