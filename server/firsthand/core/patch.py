"""A frontier model's reply as a new text for the range that it was asked about.

Three forms are understood: blocks of search and replace (the form that is asked for), a unified
diff, and one fenced block with the whole range written anew. A reply either says without doubt what
is meant, inside the range, or it is refused with the reason, which the model is told once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from firsthand.core.doubts import (
    Doubt,
    look_for_alternatives,
    look_for_leftovers,
    of_the_range,
)
from firsthand.core.placing import Block, found, replaced, shifted

_LONGEST = 1_000_000
_READINGS = 16  # ways to read one block that are tried

_THOUGHT = re.compile(r"\s*<(think|thinking|thought|reasoning)>(?:.*?(</\1>)|.*)", re.DOTALL)
_SEARCH = re.compile(r"\s*<{5,9} ?SEARCH\b:?(?:\s.*)?", re.IGNORECASE)
_DIVIDER = re.compile(r"\s*={5,9}\s*")
_REPLACE = re.compile(r"\s*>{5,9} ?REPLACE\b:?(?:\s.*)?", re.IGNORECASE)
_FENCE = re.compile(r"(?P<indent>\s*)(?P<mark>`{3,}|~{3,})\s*(?P<tag>[\w+#.-]*)[^`]*")
_HUNK = re.compile(r"@@(?:\s.*)?")
_BESIDE_HUNKS = re.compile(
    r"diff --git .*|index [0-9a-f]+\.\..*|(?:new|deleted) file mode .*|\\ No newline.*"
    r"|\*\*\* (?:Begin|End) Patch\s*|\*\*\* (?:Update|Add|Delete) File: .*"
)
_NAMED = re.compile(r"(?:\+\+\+ |\*\*\* (?:Update|Add|Delete) File: )(?P<name>[^\t]+)")
_STRAY = re.compile(r"[-+](?:\S| {2,}\S).*")
_TAGS = re.compile(r"\s*</?(?:range|code|file|answer|replacement|output)\b[^<>]*>\s*")
_CHECK = re.compile(r"\s*(?:[-*] +)?CHECK\s+(?P<quote>`.+?`|\".+?\")\s*:\s*(?P<why>.+)")


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


def parse_reply(reply: str, target: str, before: str = "", after: str = "") -> Reply | Malformed:
    """What a reply makes of a range.

    Args:
        reply: all that the model said.
        target: the text of the range: whole lines, or nothing where something is to be inserted.
        before: the document's text before the range; with it a reply that repeats it is understood.
        after: and after it.
    """
    if len(reply) > _LONGEST:
        return Malformed("The reply is far too long for an edit.")
    old = _lines(target)
    try:
        prose, new = _edited(_said(reply), old, before, after)
        look_for_leftovers(new, old)
    except Doubt as doubt:
        return Malformed(str(doubt))
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
    try:
        prose, _, new = _fenced(_said(reply))
        look_for_leftovers(new, ())
    except Doubt as doubt:
        return Malformed(str(doubt))
    return Reply("\n".join(new) or target, "\n".join(prose).strip())


def _said(reply: str) -> tuple[str, ...]:
    """The lines of a reply, without the thoughts that some servers put before it."""
    reply = reply.removeprefix("\ufeff")
    thought = _THOUGHT.match(reply)
    if thought:
        if not thought[2]:
            raise Doubt("The reply ends among the model's thoughts.")
        reply = reply[thought.end() :]
    return tuple(line.rstrip("\r") for line in reply.split("\n"))


def _edited(
    lines: Sequence[str], old: tuple[str, ...], before: str, after: str
) -> tuple[list[str], tuple[str, ...]]:
    """The prose of a reply, and the range's new lines."""
    if any(map(_SEARCH.fullmatch, lines)):
        prose, blocks = _blocks(lines)
        return prose, replaced([found(each, old) for each in blocks], old)
    if any(map(_HUNK.fullmatch, lines)) or any(_file_heads(lines)):
        prose, hunks = _hunks(lines)
        return prose, replaced([found((each,), old) for each in hunks], old)
    prose, tag, whole = _fenced(lines)
    if tag.lower() in ("diff", "patch") or _like_a_diff(whole, old):
        _, hunks = _hunks(("@@", *whole))
        return prose, replaced([found((each,), old) for each in hunks], old)
    return prose, shifted(of_the_range(tag, whole, old, before, after), old)


# Blocks of search and replace.


def _blocks(lines: Sequence[str]) -> tuple[list[str], list[tuple[Block, ...]]]:
    """The prose, and each block in every way that it can be read.

    A line of equals signs may belong to the code: then there are several ways.
    """
    prose: list[str] = []
    blocks: list[tuple[Block, ...]] = []
    inside: list[str] | None = None
    said = 0  # lines of prose before the last block's end
    for line in lines:
        if _SEARCH.fullmatch(line):
            if inside is not None:
                raise Doubt("A SEARCH block begins inside another one.")
            if blocks:
                look_for_alternatives(prose[said:])
            inside = []
        elif inside is None:
            prose.append(line)
        elif _REPLACE.fullmatch(line):
            blocks.append(_readings(inside))
            inside, said = None, len(prose)
        else:
            inside.append(line)
    if inside is not None:
        raise Doubt("A SEARCH block is not closed by a line >>>>>>> REPLACE.")
    return prose, blocks


def _readings(inside: list[str]) -> tuple[Block, ...]:
    dividers = [number for number, line in enumerate(inside) if _DIVIDER.fullmatch(line)]
    if not dividers:
        raise Doubt("A SEARCH block has no line ======= between its two parts.")
    if len(dividers) > _READINGS:
        raise Doubt("A SEARCH block has too many lines ======= to tell its two parts.")
    # What finds more of the range is more likely to be meant.
    return tuple(Block(tuple(inside[:at]), tuple(inside[at + 1 :])) for at in reversed(dividers))


# Unified diffs.


def _hunks(lines: Sequence[str]) -> tuple[list[str], list[Block]]:
    """The prose of a unified diff, and its hunks without their line numbers."""
    prose: list[str] = []
    hunks: list[Block] = []
    heads = _file_heads(lines)
    named = (
        _NAMED.match(line)
        for line, head in zip(lines, heads, strict=True)
        if head or line[:1] == "*"
    )
    if len({each["name"].strip() for each in named if each}) > 1:
        raise Doubt("The diff is for more than one file.")
    hunk: list[str] = []
    inside = fenced = False
    for line, head in zip(lines, heads, strict=True):
        if _HUNK.fullmatch(line) or head or _BESIDE_HUNKS.fullmatch(line):
            hunks += _closed(hunk)
            inside = inside or bool(_HUNK.fullmatch(line)) or line.startswith("+++ ")
        elif _FENCE.fullmatch(line) and not (inside and line.startswith(" ")):
            hunks += _closed(hunk)
            inside, fenced = False, not fenced
            prose.append(line)
        elif inside and not _CHECK.fullmatch(line) and (line[:1] in ("+", "-", " ") or not line):
            hunk.append(line)
        elif (inside and fenced) or (hunks and _STRAY.fullmatch(line)):
            raise Doubt("A line of the diff begins with none of + - and a space.")
        else:
            hunks += _closed(hunk)
            inside = False
            prose.append(line)
    if fenced:
        raise Doubt("A fenced block is not closed.")
    return prose, hunks + _closed(hunk)


def _file_heads(lines: Sequence[str]) -> list[bool]:
    """Which lines name a diff's files: two that belong together, as code may begin so too."""
    pairs = [one.startswith("--- ") and other.startswith("+++ ") for one, other in pairwise(lines)]
    return [one or other for one, other in zip([*pairs, False], [False, *pairs], strict=True)]


def _like_a_diff(whole: Sequence[str], old: Sequence[str]) -> bool:
    """Whether lines are a hunk without its head: all are marked, and some are the range's."""
    told = [line for line in whole if line]
    marked = all(line[0] in "+- " for line in told) and any(line[0] in "+-" for line in told)
    return marked and any(line[1:] in old and line not in old for line in told)


def _closed(hunk: list[str]) -> list[Block]:
    """A hunk's lines as a block, if there are any; the list is left empty."""
    search = [line[1:] for line in hunk if line[:1] != "+"]
    new = [line[1:] for line in hunk if line[:1] != "-"]
    hunk.clear()
    # Empty lines that follow a hunk in the reply are none of its own.
    while search and new and not search[-1] and not new[-1]:
        search.pop()
        new.pop()
    return [Block(tuple(search), tuple(new))] if search or new else []


# The whole range.


def _fenced(lines: Sequence[str]) -> tuple[list[str], str, tuple[str, ...]]:
    """The prose, and the one fenced block of a reply with what its fence says it is written in."""
    prose: list[str] = []
    blocks: list[list[str]] = []
    opened: re.Match[str] | None = None
    tag = ""
    for line in lines:
        mark = _FENCE.fullmatch(line)
        if not opened:
            if mark:
                opened, tag = mark, mark["tag"]
                blocks.append([])
            else:
                prose.append(line)
        elif mark and _closes(mark, opened):
            opened = None
        else:
            blocks[-1].append(line)
    if opened:
        raise Doubt("A fenced block is not closed.")
    if not blocks:
        raise Doubt("The reply holds no edit.")
    if len(blocks) > 1:
        raise Doubt("The reply holds several fenced blocks, and none says where it belongs.")
    (block,) = blocks
    if len(block) > 1 and all(_TAGS.fullmatch(block[at]) for at in (0, -1)):
        block = block[1:-1]  # the marks of a question, repeated
    return prose, tag, tuple(block)


def _closes(mark: re.Match[str], opened: re.Match[str]) -> bool:
    """Whether a fence ends a block: as long as the first one, bare, and not indented like code."""
    return (
        mark["mark"].startswith(opened["mark"])
        and mark[0].strip() == mark["mark"]
        and len(mark["indent"]) <= len(opened["indent"]) + 3
    )


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
