"""Where a block of a reply belongs in the range that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from firsthand.core.doubts import Doubt, indent, look_for_a_stray_divider

_WIDTHS = (4, 2, 8, 3)  # of a tab, the likeliest first


@dataclass(frozen=True, slots=True)
class Block:
    """Lines to be found, and those that take their place."""

    search: tuple[str, ...]
    replace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Where a block was found, and its new lines as they fit there."""

    first: int
    end: int
    lines: tuple[str, ...]


# Compares a block with as many lines of the range: its new lines, None where they differ.
_Loose = Callable[[Block, tuple[str, ...]], tuple[str, ...] | None]


def found(readings: tuple[Block, ...], old: tuple[str, ...]) -> Match:
    """The only place where one of the readings of a block fits; the stricter the better."""
    places = 0
    for loose in (_exactly, _without_trailing_space, *_BY_TABS, _by_another_indent):
        for block in readings:
            matches = list(_matches(block, old, loose))
            if len(matches) == 1:
                look_for_a_stray_divider(block.replace, block.search)
                return matches[0]
            places = places or len(matches)
    if places:
        raise Doubt(
            f"The text of a SEARCH block stands {places} times in the range: give more lines."
        )
    raise Doubt("The text of a SEARCH block does not stand in the range.")


def _matches(block: Block, old: tuple[str, ...], loose: _Loose) -> Iterable[Match]:
    size = len(block.search)
    if not any(line.strip() for line in block.search):
        # Nothing to be found: only an empty range has nothing.
        if not any(line.strip() for line in old):
            yield Match(0, len(old), block.replace)
        return
    for first in range(len(old) - size + 1):
        lines = loose(block, old[first : first + size])
        if lines is not None:
            yield Match(first, first + size, lines)


def _exactly(block: Block, old: tuple[str, ...]) -> tuple[str, ...] | None:
    return block.replace if block.search == old else None


def _without_trailing_space(block: Block, old: tuple[str, ...]) -> tuple[str, ...] | None:
    same = all(one.rstrip() == other.rstrip() for one, other in zip(block.search, old, strict=True))
    return block.replace if same else None


def _by_another_indent(block: Block, old: tuple[str, ...]) -> tuple[str, ...] | None:
    if any(one.strip() != other.strip() for one, other in zip(block.search, old, strict=True)):
        return None
    pairs = [
        (indent(one), indent(other))
        for one, other in zip(block.search, old, strict=True)
        if one.strip()
    ]
    wanted, given = pairs[0][1], pairs[0][0]
    if wanted.endswith(given):
        more = wanted.removesuffix(given)
        if all(other == more + one for one, other in pairs):
            return _moved(block.replace, "", more)
    elif given.endswith(wanted):
        less = given.removesuffix(wanted)
        if all(one == less + other for one, other in pairs):
            return _moved(block.replace, less, "")
    return None


def _by_tabs(width: int, block: Block, old: tuple[str, ...]) -> tuple[str, ...] | None:
    """The same lines where one side has tabs of so many columns and the other side has spaces."""
    if _has_tabs(block.search) == _has_tabs(old):
        return None
    if _columns(block.search, width) != _columns(old, width):
        return None
    return _as_indented(block.replace, old, width)


_BY_TABS: tuple[_Loose, ...] = tuple(partial(_by_tabs, width) for width in _WIDTHS)


def _has_tabs(lines: Iterable[str]) -> bool:
    return any("\t" in indent(line) for line in lines)


def _columns(lines: Iterable[str], width: int) -> tuple[str, ...]:
    """Lines without trailing space, indented by spaces."""
    spaces = " " * width
    return tuple(indent(each).replace("\t", spaces) + each.strip() for each in lines)


def _as_indented(lines: tuple[str, ...], old: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Lines indented by what others are indented by: tabs of so many columns, or spaces."""
    spaced = _columns(lines, width)
    if not _has_tabs(old):
        return spaced
    levels = [divmod(len(indent(line)), width) for line in spaced]
    return tuple(
        "\t" * tabs + " " * rest + line.lstrip()
        for (tabs, rest), line in zip(levels, spaced, strict=True)
    )


def replaced(matches: list[Match], old: tuple[str, ...]) -> tuple[str, ...]:
    """The range's lines after all blocks."""
    matches.sort(key=lambda each: each.first)
    new: list[str] = []
    at = 0
    for each in matches:
        if each.first < at:
            raise Doubt("Two SEARCH blocks are for the same lines.")
        new += [*old[at : each.first], *each.lines]
        at = each.end
    return (*new, *old[at:])


def shifted(whole: tuple[str, ...], old: tuple[str, ...]) -> tuple[str, ...]:
    """A range that was written anew, at the indentation that the range has."""
    wanted, given = _least_indent(old), _least_indent(whole)
    if wanted == given or not any(line.strip() for line in old):
        return whole
    if wanted.endswith(given):
        return _moved(whole, "", wanted.removesuffix(given)) or whole
    if given.endswith(wanted):
        return _moved(whole, given.removesuffix(wanted), "") or whole
    for width in _WIDTHS:
        spaced = _as_indented(whole, old, width)
        if _least_indent(spaced) == wanted:
            return spaced
    raise Doubt("The fenced block is not indented as the range is.")


def _moved(lines: tuple[str, ...], less: str, more: str) -> tuple[str, ...] | None:
    """Lines with their indentation changed; None where a line has not so much of it."""
    if any(line.strip() and not line.startswith(less) for line in lines):
        return None
    return tuple(more + line[len(less) :] if line.strip() else line for line in lines)


def _least_indent(lines: tuple[str, ...]) -> str:
    return min((indent(line) for line in lines if line.strip()), key=len, default="")
