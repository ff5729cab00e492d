"""What makes it doubtful that a reply means the text that it seems to: then it is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

from firsthand.core.redact import PLACEHOLDER

_OPENER = r"\s*(?:#|//|--|;|%|/\*+|<!--|\"\"\"|''')\s*"
_THERE = r"(?:code|function|method|class|file|body|implementation|logic|imports?|markup|tests?)"
_STAYS = (
    r"(?:(?:remains?|stays?|is|are|kept)\s+)?(?:exactly\s+)?"
    r"(?:unchanged|the same|same|as (?:it )?(?:is|was|before)|as-is)"
)
# What a lazy model writes in place of code that it would have left as it was.
_ELISION = re.compile(
    rf"{_OPENER}[\[(]?(?:\.\.\.|…).*"
    rf"|{_OPENER}.*\b(?:rest of|remaining|existing|other|previous)\b.*"
    r"(?:\bunchanged|\bas before|\bsame|\.\.\.|…).*"
    rf"|{_OPENER}\W*(?:keep |the |your )*(?:rest|remainder|remaining|existing|other|previous)"
    rf"(?: (?:of|the|this|your|part|as))*(?: {_THERE}s?)+(?: (?:goes|stays|is|remains))?"
    rf"(?: here)?(?:\s*{_STAYS})?\W*"
    rf"|{_OPENER}\W*(?:{_THERE}\s+)?{_STAYS}(?: as)?(?: (?:above|before|in the original))?\W*"
    rf"|{_OPENER}\W*no changes?(?: here| needed)?\W*",
    re.IGNORECASE,
)
_WORDY = 200  # characters that such a comment has at the most
_BARE_ELISION = re.compile(r"\s*(?:\.\.\.|…|\[\.\.\.\])\s*")
_MARKER = re.compile(r"\s*(?:<{5,9}|>{5,9})(?:\s.*|[A-Z]{3,}.*)?")
_DIVIDER = re.compile(r"\s*={5,9}\s*")
_NUMBER = re.compile(r"\s*(\d+)\s*(?:[|:│→]|\t)")
_ALTERNATIVE = re.compile(
    r"^\W*(?:or|alternatively|alternative|instead|another (?:option|way|version)"
    r"|(?:option|version|alternative|approach|solution) (?:b|2|two))\b",
    re.IGNORECASE,
)
# Languages of fences in which models write what is no code of the range.
_BESIDE = re.compile(
    r"bash|sh|shell|zsh|fish|console|terminal|cmd|bat|powershell|ps1|jsonc?|ya?ml|xml|te?xt"
    r"|plaintext|output|log",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"for|foreach|while|if|unless|switch|match|with|try|do|loop|select")
_WORD = re.compile(r"[^\W\d]\w+")


class Doubt(Exception):
    """A reply can't be used; its text is the reason, a sentence for the person and the model."""


def look_for_leftovers(new: Sequence[str], old: Sequence[str]) -> None:
    """Refuse a text that stands for another one: it would delete code, or a secret.

    Args:
        new: the new lines of the range.
        old: its lines as they are.
    """
    known = {line.strip() for line in old}
    before = ""
    for line in new:
        bare = line.strip()
        if bare not in known:
            if PLACEHOLDER.search(line):
                raise Doubt("The reply writes a line anew whose secret was blanked out.")
            if len(line) < _WORDY and _ELISION.fullmatch(line):
                raise Doubt("The reply leaves code out by a comment: write all of it.")
            if _BARE_ELISION.fullmatch(line) and not _begun(before, known):
                raise Doubt("The reply leaves code out by an ellipsis: write all of it.")
            if _MARKER.fullmatch(line):
                raise Doubt("The reply has a marker of a block among its code.")
        before = bare or before


def _begun(before: str, known: set[str]) -> bool:
    """Whether a new definition began in the line before: an ellipsis is a body of its own there."""
    return before.endswith(":") and before not in known


def look_for_a_stray_divider(replace: Sequence[str], search: Sequence[str]) -> None:
    """Refuse a block that ends with one divider too many."""
    wanted = search and _DIVIDER.fullmatch(search[-1])
    if replace and _DIVIDER.fullmatch(replace[-1]) and not wanted:
        raise Doubt("A SEARCH block has one line ======= too many.")


def look_for_alternatives(between: Sequence[str]) -> None:
    """Refuse blocks between which stands that only one of them is meant."""
    if any(map(_ALTERNATIVE.match, between)):
        raise Doubt("The reply gives alternatives: give one.")


def of_the_range(
    tag: str, whole: tuple[str, ...], old: tuple[str, ...], before: str, after: str
) -> tuple[str, ...]:
    """A fenced block as the range's new lines, if it can be nothing else.

    What it repeats of the text right before the range, and right after it, is left out.

    Args:
        tag: what its fence says it is written in.
        whole: its lines.
        old: the lines of the range.
        before: the document's text before the range.
        after: and after it.
    """
    known = {line.strip() for line in old} - {""}
    numbered = [bool(_NUMBER.match(line)) for line in whole if line.strip()]
    if len(numbered) > 1 and all(numbered) and not any(map(_NUMBER.match, old)):
        raise Doubt("The reply has line numbers before its code: write it without them.")
    if known and _BESIDE.fullmatch(tag) and not known & {line.strip() for line in whole}:
        raise Doubt(f"The fenced block is written in {tag}, and has no line of the range.")
    ahead = [line.rstrip() for line in before.splitlines()]
    behind = [line.rstrip() for line in after.splitlines()]
    whole = _cut(whole, ahead, old)
    whole = tuple(reversed(_cut(whole[::-1], behind[::-1], old[::-1])))
    if known and not any(map(str.strip, whole)):
        raise Doubt("The fenced block is empty: reply with SEARCH blocks.")
    if known and not _rewrites(whole, old):
        raise Doubt(
            "It is not clear that the fenced block is the whole range: reply with SEARCH blocks."
        )
    first = next(filter(str.strip, whole), "").rstrip()
    words = _WORD.findall(first)
    if len(words) > 1 and first.strip() not in known and first in {*ahead, *behind}:
        raise Doubt("The fenced block begins with a line from outside of the range.")
    return whole


def _cut(whole: tuple[str, ...], ahead: Sequence[str], old: Sequence[str]) -> tuple[str, ...]:
    """Lines without those at their beginning that end `ahead`: at least two with words in them."""
    first = next(filter(str.strip, old), "").strip()
    if first and next(filter(str.strip, whole), "").strip() == first:
        return whole
    for size in range(min(len(whole), len(ahead)), 0, -1):
        same = [line.rstrip() for line in whole[:size]]
        if same == list(ahead[len(ahead) - size :]):
            told = sum(bool(_WORD.search(line)) for line in same)
            return whole[size:] if told > 1 or (told and size == len(ahead)) else whole
    return whole


def _rewrites(whole: tuple[str, ...], old: tuple[str, ...]) -> bool:
    """Whether lines can be taken for all of the range, and not for a piece of it, or of another.

    A range with a head, as a function is, keeps its head. Statements keep their ends, or one end
    and half of their number.
    """
    was = [line for line in old if line.strip()]
    now = [line for line in whole if line.strip()]
    if len(was) < 2:
        return True
    first = _words(was[0])[:1] == _words(now[0])[:1]
    last = _words(was[-1])[:1] == _words(now[-1])[:1]
    if all(len(indent(line)) > len(indent(was[0])) for line in was[1:-1]):
        head, edge = _words(was[0])[:2], min(len(indent(line)) for line in now)
        outer = (_words(line) for line in now if len(indent(line)) == edge)
        kept = any(head == line[at : at + 2] for line in outer for at in range(len(line)))
        return kept or (first and bool(_CONTROL.fullmatch(head[0])))
    return (first and last) or ((first or last) and 2 * len(now) >= len(was))


def _words(line: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+|[^\w\s]", line))


def indent(line: str) -> str:
    """The white space that a line begins with."""
    return line[: len(line) - len(line.lstrip())]
