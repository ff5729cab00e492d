"""Rules as .gitignore files write them, matched in a time that no rule can blow up.

Anyone can put a rule into a repository, so matching must stay cheap for any rule and any path:
stars commit to the first place that fits (what stands between two stars has a fixed length, so no
later place can fit better), and "**" is followed by the set of places it can end at.
(Source: gitignore(5), and POSIX 2.13 for brackets.)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

# Where file names usually differ by more than case, git compares without regard to it.
_FLAGS = re.DOTALL | (re.IGNORECASE if sys.platform in ("win32", "darwin") else 0)

_BRACKETS = re.compile(r"\[([!^]?)(\]?+(?:\\.|\[:\w+:\]|[^\]\\])*)\]", re.DOTALL)
_RANGE = re.compile(r"\[:(\w+):\]|\\?(.)(?:-\\?([^\]]))?", re.DOTALL)
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a rule file.

    Attributes:
        keeps: it begins with "!": what it matches is not ignored.
        folders_only: it ends with "/".
        segments: what its names match, one after the other; None is "**".
    """

    keeps: bool
    folders_only: bool
    segments: tuple[re.Pattern[str] | None, ...]

    def matches(self, names: Sequence[str], folder: bool) -> bool:
        """Whether it names a path itself (not merely a folder above it)."""
        if self.folders_only and not folder:
            return False
        if len(self.segments) == 2 and self.segments[0] is None and self.segments[1] is not None:
            return self.segments[1].fullmatch(names[-1]) is not None
        reached = {0}
        for segment in self.segments[:-1]:
            reached = _step(segment, names, reached)
            if not reached:
                return False
        last = self.segments[-1]
        if last is None:
            # At the end "**" is what lies inside, and at least one name.
            return min(reached) < len(names)
        return len(names) in _step(last, names, reached)


def parse(content: str) -> tuple[Rule, ...]:
    """The rules of a file's content, in order; lines that can match nothing are left out."""
    rules = (_rule(line.removesuffix("\r")) for line in content.split("\n"))
    return tuple(rule for rule in rules if rule is not None)


def verdict(rules: Sequence[Rule], path: str, *, folder: bool) -> bool | None:
    """Whether a file's rules ignore a path; None when no rule names it.

    The folders above the path are not looked at: a caller asks about each, from the top.

    Args:
        rules: of one rule file.
        path: relative to the rule file's folder, "/" between names.
        folder: it is a folder.
    """
    names = path.split("/")
    for rule in reversed(rules):
        if rule.matches(names, folder):
            return not rule.keeps
    return None


def _step(segment: re.Pattern[str] | None, names: Sequence[str], reached: set[int]) -> set[int]:
    if segment is None:
        return set(range(min(reached), len(names) + 1))
    return {at + 1 for at in reached if at < len(names) and segment.fullmatch(names[at])}


def _rule(line: str) -> Rule | None:
    while line.endswith(" ") and not line.endswith("\\ "):
        line = line[:-1]
    if not line or line.startswith("#"):
        return None
    keeps = line.startswith("!")
    line = line.removeprefix("!")
    folders_only = line.endswith("/")
    line = line.removesuffix("/")
    if not line:
        return None
    if "/" not in line:
        name = _segment(line)
        return None if name is None else Rule(keeps, folders_only, (None, name))
    segments: list[re.Pattern[str] | None] = []
    for glob in line.removeprefix("/").split("/"):
        segment = None if glob == "**" else _segment(glob)
        if segment is None and glob != "**":
            return None
        segments.append(segment)
    return Rule(keeps, folders_only, tuple(segments))


def _segment(glob: str) -> re.Pattern[str] | None:
    """A regex for one name; None when no name can match."""
    chunks = [""]
    at = 0
    while at < len(glob):
        character = glob[at]
        if character == "*":
            chunks.append("")
        elif character == "?":
            chunks[-1] += "."
        elif character == "[":
            brackets = _BRACKETS.match(glob, at)
            either = brackets and _either(brackets[1] != "", brackets[2])
            if brackets is None or either is None:
                return None
            chunks[-1] += either
            at = brackets.end() - 1
        elif character == "\\":
            at += 1
            if at == len(glob):
                return None
            chunks[-1] += re.escape(glob[at])
        else:
            chunks[-1] += re.escape(character)
        at += 1
    first, *rest = chunks
    if not rest:
        return re.compile(first, _FLAGS)
    middle = "".join(f"(?>.*?{chunk})" for chunk in rest[:-1] if chunk)
    return re.compile(f"{first}{middle}.*{rest[-1]}", _FLAGS)


def _either(negated: bool, body: str) -> str | None:
    """The regex of a bracket expression; None when it names a class that does not exist."""
    pieces = []
    for match in _RANGE.finditer(body):
        name, low, high = match.groups()
        if name:
            if name not in _CLASSES:
                return None
            pieces.append(_CLASSES[name])
        elif high is None:
            pieces.append(re.escape(low))
        elif low <= high:
            pieces.append(f"{re.escape(low)}-{re.escape(high)}")
    if not pieces:
        return "." if negated else "(?!)"
    return f"[{'^' if negated else ''}{''.join(pieces)}]"
