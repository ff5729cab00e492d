"""What a chat model says around its code: fences and sentences."""

from __future__ import annotations

import re

from firsthand.core.lexical import LEXICONS, MARKUP, tokens
from firsthand.core.postprocess.place import Place

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*[\w+#.-]*[ \t]*$", re.MULTILINE)
_TICKS = re.compile(r"\s*`([^`\n]+)`\s*")
_OPENER = re.compile(
    r"\s*(?:Sure|Certainly|Of course|Absolutely|Okay|OK|Here(?:'s|’s| is| are)|Below (?:is|are)"
    r"|The (?:completed?|completion|following|missing|updated|code|answer|function)\b"
    r"|To (?:complete|fill|implement|finish)|This (?:code|function|will|is|completes|returns)"
    r"|I(?:'ll|’ll|'ve|’ve| will| have| would| am|'m|’m| can)|Let me|Let's|You (?:can|should|could)"
    r"|As an AI|Sorry|Based on|Explanation:|Note:|Note that|Answer:|Completion:|Output:)(?!\w)"
)
_SENTENCE = re.compile(r"\s*[A-Z][\w'’]*(?:,? [\w'’`\"().,/:-]+){3,}[.:!?]\s*")
_LABEL = re.compile(r"\s*(?:\*\*)?(?:Explanation|Note|Output|Usage|Example)s?:?(?:\*\*)?:?\s*")
_COMMON = re.compile(r"\b(?:the|a|an|is|are|this|that|it|of|in|with|will|you|for|from|to|and)\b")
_CODE = re.compile(r"[=;{}\[\]<>]|\w\(|\w\.\w")
_DATA = frozenset(("json", "jsonc", "yaml", "toml", "ini", "sql", "csv", "properties"))


def without_fences(middle: str, place: Place) -> str:
    """What stands within fences, or before a fence that only closes."""
    if not _speaks_code(place) or _fenced(place):
        return middle
    ticks = _TICKS.fullmatch(middle)
    if ticks and ("`", "`") not in LEXICONS[place.language].long_quotes:
        return ticks[1]
    fence = _FENCE.search(middle)
    if fence is None or _inside_string(fence.start(), middle, place):
        return middle
    said = middle[: fence.start()]
    if said.strip() and not all(_is_prose(line) for line in said.splitlines() if line.strip()):
        return said.rstrip()
    body = middle[fence.end() :].removeprefix("\n")
    closing = _FENCE.search(body)
    return body[: closing.start()].rstrip() if closing else body


def without_prose(middle: str, place: Place) -> str:
    """The text without sentences in front of it or behind it."""
    if not _speaks_code(place):
        return middle
    lines = middle.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if _OPENER.match(lines[first]) and _is_prose(lines[first]):
        while first < len(lines) and (not lines[first].strip() or _is_prose(lines[first])):
            first += 1
        lines = lines[first:]
        middle = "\n".join(lines)
    offset = len(lines[0]) + 1 if lines else 0
    for index, line in enumerate(lines[1:], start=1):
        if _says(line) and not _inside_string(offset, middle, place):
            return "\n".join(lines[:index]).rstrip()
        offset += len(line) + 1
    return middle


def _speaks_code(place: Place) -> bool:
    return (
        place.kind == "code"
        and place.language in LEXICONS
        and place.language not in MARKUP
        and place.language not in _DATA
    )


def _fenced(place: Place) -> bool:
    """Whether the document itself holds fences here, in its comments or strings."""
    return any("```" in line for line in (*place.above, *place.below))


def _is_prose(line: str) -> bool:
    return bool(_LABEL.fullmatch(line)) or (
        bool(_OPENER.match(line) or _SENTENCE.fullmatch(line))
        and (len(line.split()) >= 3 or line.rstrip().endswith("!"))
        and not _CODE.search(re.sub(r"`[^`]*`", "", line))
    )


def _says(line: str) -> bool:
    """Whether a line behind code is a sentence of the English language."""
    return bool(
        _SENTENCE.fullmatch(line)
        and len(_COMMON.findall(line)) >= 2
        and not _CODE.search(re.sub(r"`[^`]*`", "", line))
    ) or bool(re.match(r"\s*(?:\*\*)?Explanation(?:\*\*)?:", line))


def _inside_string(offset: int, middle: str, place: Place) -> bool:
    """Whether a comment or string of the model's own text surrounds an offset in it."""
    start = len(place.before) + offset
    return any(
        token.kind != "bracket" and token.start < start < token.end
        for token in tokens(place.before + middle, place.language)
    )
