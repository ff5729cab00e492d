"""A frontier model's reply as a new text for the range that it was asked about.

Three forms are understood: blocks of search and replace (the form that is asked for), a unified
diff, and one fenced block with the whole range written anew. A reply either says without doubt what
is meant, inside the range, or it is refused with the reason, which the model is told once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from firsthand.core.redact import PLACEHOLDER

_LONGEST = 1_000_000

_SEARCH = re.compile(r"\s*<{5,9} ?SEARCH\s*")
_DIVIDER = re.compile(r"\s*={5,9}\s*")
_REPLACE = re.compile(r"\s*>{5,9} ?REPLACE\s*")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})[\w+#.-]*\s*")
_HUNK = re.compile(r"@@ [^@]*@@.*|@@\s*")
_FILE = re.compile(r"(?:---|\+\+\+) .*|diff --git .*|index [0-9a-f]+\.\..*|\\ No newline.*")
_CHECK = re.compile(r"\s*(?:[-*] +)?CHECK\s+(?P<quote>`.+?`|\".+?\")\s*:\s*(?P<why>.+)")
# What a lazy model writes in place of code that it would have left as it was.
_ELISION = re.compile(
    r"\s*(?:#|//|--|;|/\*|<!--)\s*(?:\.\.\.|…).*"
    r"|\s*(?:#|//|--|;|/\*|<!--).*\b(?:rest of|remaining|existing|other)\b.*"
    r"(?:\bunchanged|\bas before|\bsame|\.\.\.|…).*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at: a piece of a line of the new text, and why."""

    quote: str
    why: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply makes of the range.

    Attributes:
        new_text: all of the range's new text, with its own line ends.
        summary: what the model says of it.
        checks: what it says is to be looked at.
    """

    new_text: str
    summary: str = ""
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Malformed:
    """A reply that is not understood; the reason is a sentence for the person and the model."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines to be found, and those that take their place."""

    search: tuple[str, ...]
    replace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """Where a block was found, and its new lines as they fit there."""

    first: int
    end: int
    lines: tuple[str, ...]


# Compares a block with as many lines of the range: its new lines, None where they differ.
_Loose = Callable[[_Block, tuple[str, ...]], tuple[str, ...] | None]


class _Refused(Exception):
    """A reply can't be used; its text is the reason."""


def parse_reply(reply: str, target: str) -> Reply | Malformed:
    """What a reply makes of a range.

    Args:
        reply: all that the model said.
        target: the text of the range: whole lines, or nothing where something is to be inserted.
    """
    if len(reply) > _LONGEST:
        return Malformed("The reply is far too long for an edit.")
    lines = tuple(line.rstrip("\r") for line in reply.split("\n"))
    old = _lines(target)
    try:
        prose, new = _edited(lines, old)
        _look_for_elisions(new, old)
    except _Refused as refused:
        return Malformed(str(refused))
    said = [line for line in prose if not _FENCE.fullmatch(line)]
    found = [(line, _CHECK.fullmatch(line)) for line in said]
    return Reply(
        _written(new, target),
        "\n".join(line for line, check in found if not check).strip(),
        tuple(Check(each["quote"][1:-1].strip(), each["why"].strip()) for _, each in found if each),
    )


def parse_insertion(reply: str, target: str) -> Reply | Malformed:
    """What a reply writes at a cursor: its one fenced block.

    Args:
        reply: all that the model said.
        target: the text of the range, which is empty.
    """
    if len(reply) > _LONGEST:
        return Malformed("The reply is far too long for an insertion.")
    lines = tuple(line.rstrip("\r") for line in reply.split("\n"))
    try:
        prose, new = _fenced(lines)
        _look_for_elisions(new, ())
    except _Refused as refused:
        return Malformed(str(refused))
    return Reply("\n".join(new) or target, "\n".join(prose).strip())


def _edited(lines: Sequence[str], old: tuple[str, ...]) -> tuple[list[str], tuple[str, ...]]:
    """The prose of a reply, and the range's new lines."""
    if any(map(_SEARCH.fullmatch, lines)):
        prose, blocks = _blocks(lines)
        return prose, _replaced([_found(each, old) for each in blocks], old)
    if any(map(_HUNK.fullmatch, lines)):
        prose, hunks = _hunks(lines)
        return prose, _replaced([_found((each,), old) for each in hunks], old)
    prose, whole = _fenced(lines)
    return prose, _shifted(whole, old)


# Blocks of search and replace.


def _blocks(lines: Sequence[str]) -> tuple[list[str], list[tuple[_Block, ...]]]:
    """The prose, and each block in every way that it can be read.

    A line of equals signs may belong to the code: then there are several ways.
    """
    prose: list[str] = []
    blocks: list[tuple[_Block, ...]] = []
    inside: list[str] | None = None
    for line in lines:
        if _SEARCH.fullmatch(line):
            if inside is not None:
                raise _Refused("A SEARCH block begins inside another one.")
            inside = []
        elif inside is None:
            prose.append(line)
        elif _REPLACE.fullmatch(line):
            blocks.append(_readings(inside))
            inside = None
        else:
            inside.append(line)
    if inside is not None:
        raise _Refused("A SEARCH block is not closed by a line >>>>>>> REPLACE.")
    return prose, blocks


def _readings(inside: list[str]) -> tuple[_Block, ...]:
    dividers = [number for number, line in enumerate(inside) if _DIVIDER.fullmatch(line)]
    if not dividers:
        raise _Refused("A SEARCH block has no line ======= between its two parts.")
    # What finds more of the range is more likely to be meant.
    return tuple(_Block(tuple(inside[:at]), tuple(inside[at + 1 :])) for at in reversed(dividers))


# Unified diffs.


def _hunks(lines: Sequence[str]) -> tuple[list[str], list[_Block]]:
    """The prose of a unified diff, and its hunks without their line numbers."""
    prose: list[str] = []
    hunks: list[_Block] = []
    if len({line.split("\t")[0] for line in lines if line.startswith("+++ ")}) > 1:
        raise _Refused("The diff is for more than one file.")
    search: list[str] = []
    new: list[str] = []
    inside = False

    def close() -> None:
        if search or new:
            hunks.append(_Block(tuple(search), tuple(new)))
        search.clear()
        new.clear()

    for line in lines:
        if _HUNK.fullmatch(line):
            close()
            inside = True
        elif _FILE.fullmatch(line):
            continue
        elif inside and (line[:1] in ("+", "-", " ") or not line):
            if line[:1] != "+":
                search.append(line[1:])
            if line[:1] != "-":
                new.append(line[1:])
        else:
            close()
            inside = False
            prose.append(line)
    close()
    return prose, [_without_blank_ends(each) for each in hunks]


def _without_blank_ends(block: _Block) -> _Block:
    """A hunk without the empty lines that follow it in the reply and are none of its own."""
    search, new = list(block.search), list(block.replace)
    while search and new and not search[-1] and not new[-1]:
        search.pop()
        new.pop()
    return _Block(tuple(search), tuple(new))


# The whole range.


def _fenced(lines: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The prose, and the one fenced block of a reply."""
    prose: list[str] = []
    blocks: list[list[str]] = []
    fence = ""
    for line in lines:
        mark = _FENCE.fullmatch(line)
        if not fence and mark:
            fence = mark[1]
            blocks.append([])
        elif fence and line.strip() and set(line.strip()) == {fence[0]}:
            if len(line.strip()) >= len(fence):
                fence = ""
            else:
                blocks[-1].append(line)
        elif fence:
            blocks[-1].append(line)
        else:
            prose.append(line)
    if fence:
        raise _Refused("A fenced block is not closed.")
    if not blocks:
        raise _Refused("The reply holds no edit.")
    if len(blocks) > 1:
        raise _Refused("The reply holds several fenced blocks, and none says where it belongs.")
    return prose, tuple(blocks[0])


# Where a block belongs.


def _found(readings: tuple[_Block, ...], old: tuple[str, ...]) -> _Match:
    """The only place where one of the readings of a block fits; the stricter the better."""
    places = 0
    for loose in (_exactly, _without_trailing_space, _by_another_indent):
        for block in readings:
            matches = list(_matches(block, old, loose))
            if len(matches) == 1:
                return matches[0]
            places = places or len(matches)
    if places:
        raise _Refused(
            f"The text of a SEARCH block stands {places} times in the range: give more lines."
        )
    raise _Refused("The text of a SEARCH block does not stand in the range.")


def _matches(block: _Block, old: tuple[str, ...], loose: _Loose) -> Iterable[_Match]:
    size = len(block.search)
    if not any(line.strip() for line in block.search):
        # Nothing to be found: only an empty range has nothing.
        if not any(line.strip() for line in old):
            yield _Match(0, len(old), block.replace)
        return
    for first in range(len(old) - size + 1):
        lines = loose(block, old[first : first + size])
        if lines is not None:
            yield _Match(first, first + size, lines)


def _exactly(block: _Block, old: tuple[str, ...]) -> tuple[str, ...] | None:
    return block.replace if block.search == old else None


def _without_trailing_space(block: _Block, old: tuple[str, ...]) -> tuple[str, ...] | None:
    same = all(one.rstrip() == other.rstrip() for one, other in zip(block.search, old, strict=True))
    return block.replace if same else None


def _by_another_indent(block: _Block, old: tuple[str, ...]) -> tuple[str, ...] | None:
    if any(one.strip() != other.strip() for one, other in zip(block.search, old, strict=True)):
        return None
    pairs = [
        (_indent(one), _indent(other))
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


def _replaced(matches: list[_Match], old: tuple[str, ...]) -> tuple[str, ...]:
    """The range's lines after all blocks."""
    matches.sort(key=lambda each: each.first)
    new: list[str] = []
    at = 0
    for each in matches:
        if each.first < at:
            raise _Refused("Two SEARCH blocks are for the same lines.")
        new += [*old[at : each.first], *each.lines]
        at = each.end
    return (*new, *old[at:])


def _shifted(whole: tuple[str, ...], old: tuple[str, ...]) -> tuple[str, ...]:
    """A range that was written anew, at the indentation that the range has."""
    wanted, given = _least_indent(old), _least_indent(whole)
    if wanted == given or not any(line.strip() for line in old):
        return whole
    if wanted.endswith(given):
        return _moved(whole, "", wanted.removesuffix(given)) or whole
    return _moved(whole, given.removesuffix(wanted), "") or whole


def _moved(lines: tuple[str, ...], less: str, more: str) -> tuple[str, ...] | None:
    """Lines with their indentation changed; None where a line has not so much of it."""
    if any(line.strip() and not line.startswith(less) for line in lines):
        return None
    return tuple(more + line[len(less) :] if line.strip() else line for line in lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _least_indent(lines: tuple[str, ...]) -> str:
    return min((_indent(line) for line in lines if line.strip()), key=len, default="")


def _look_for_elisions(new: tuple[str, ...], old: tuple[str, ...]) -> None:
    """Refuse a text that stands for another one: it would delete code, or a secret."""
    for line in new:
        if line in old:
            continue
        if PLACEHOLDER.search(line):
            raise _Refused("The reply writes a line anew whose secret was blanked out.")
        if _ELISION.fullmatch(line) and line.strip() not in map(str.strip, old):
            raise _Refused("The reply leaves code out by a comment: write all of it.")


# Lines of a text.


def _lines(text: str) -> tuple[str, ...]:
    """Lines without their ends; none for no text."""
    if not text:
        return ()
    return tuple(re.split(r"\r\n|\n|\r", re.sub(r"(?:\r\n|\n|\r)\Z", "", text)))


def _written(lines: tuple[str, ...], target: str) -> str:
    """Lines as the range writes them: with its line ends, the last one ended if its last one is."""
    end = next(iter(re.findall(r"\r\n|\n|\r", target)), "\n")
    text = end.join(lines)
    return text + end if lines and (target.endswith(("\n", "\r")) or not target) else text
