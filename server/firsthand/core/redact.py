"""Blanking out secrets, so that they are neither learned nor sent.

A secret is known by its own format (the issuer's prefix and length), or by the name it is given and
by looking as if chance had made it. What replaces it says only of what kind it was.
"""

from __future__ import annotations

import hmac
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from operator import itemgetter

from firsthand.core.credentials import (
    BY_CHANCE,
    BY_ISSUER,
    BY_PLACE,
    LONG,
    LONG_AT_LEAST,
    NAMES,
    Rule,
)

PLACEHOLDER = re.compile(r"\[REDACTED:[a-z_]+(?::[0-9a-f]{6,64})?\]")

_LONGEST_PLACEHOLDER = 120
_SHORTEST_KNOWN = 8  # characters; shorter ones stand in code by chance

_LINE_ENDS = re.compile(r"\r\n|\r|\n")
# All that issuers' tokens are made of; none is shorter.
_RUN = re.compile(r"[A-Za-z0-9_+/=~.:@-]{15,}")
# Values that look random in so many places, none farther than a line from the next, are data.
_TABLE = 4
_DIGITS = re.compile(r"[0-9][^\n]*[0-9]")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A secret that was blanked out: the 0-based line it began on, and its kind."""

    line: int
    kind: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, line for line.

    Attributes:
        text: with a placeholder for each secret, and the ends of the lines it went over.
        found: what was blanked out.
        secrets: what was put in its place, and the secret; only where a salt was given.
    """

    text: str
    found: tuple[Finding, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()


def redact(text: str, salt: bytes = b"", known: Iterable[str] = ()) -> Redacted:
    """Blank out the secrets of a text. Redacting the result again changes nothing.

    Args:
        text: any text.
        known: secrets that are known by their values, whatever they look like.
        salt: makes placeholders that are a secret's own, so that a `Restorer` can undo them. Who
            does not know the salt learns nothing from them but which secrets are the same.
    """
    found: list[Finding] = []
    secrets: dict[str, str] = {}

    def named(kind: str, secret: str) -> str:
        if not salt:
            return f"[REDACTED:{kind}]"
        digest = hmac.new(salt, secret.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
        ends = "".join(_LINE_ENDS.findall(secret))
        for digits in range(6, 65):
            placeholder = f"[REDACTED:{kind}:{digest[:digits]}]"
            if secrets.setdefault(placeholder + ends, secret) == secret:
                break
        return placeholder

    for value in sorted({each for each in known if len(each) >= _SHORTEST_KNOWN}, key=len)[::-1]:
        while (at := text.find(value)) >= 0:
            found.append(Finding(text.count("\n", 0, at), "known_key"))
            text = text[:at] + named("known_key", value) + text[at + len(value) :]
    before, scans = None, _Scans("", {})
    # What was blanked out can be the neighbour that hid another secret. Each round leaves less
    # that is no placeholder, so this ends.
    while text != before:
        before = text
        for rule in _candidates(text):
            if scans.text != text:
                scans = _Scans(text, {})
            text = _blank(rule, scans, found, named)
    return Redacted(text, tuple(sorted(found)), tuple(secrets.items()))


def without_secrets(text: str) -> str:
    """A text without the lines that hold a secret, for what is to be learned.

    The whole line is left out, so that a placeholder is never suggested.
    """
    redacted = redact(text)
    if not redacted.found:
        return text
    return "\n".join(line for line in redacted.text.split("\n") if not PLACEHOLDER.search(line))


def holds_secret(line: str) -> bool:
    """Whether a secret stands in a line, told from the line alone; fast for one without any."""
    lower = line.lower()
    some = any(map(lower.__contains__, NAMES)) or any(map(line.__contains__, _MARKS))
    if not some:
        runs = _runs(line)
        if not _long(runs) and not _marked(runs):
            return False
    return bool(redact(line).found)


def opens_key(line: str) -> bool:
    """Whether the lines after this one are those of a private key."""
    return "-----BEGIN " in line and "-----END" not in line and "PRIVATE KEY" in line


def continues_key(line: str) -> bool:
    """Whether a line, after one of a private key, may be one of it too."""
    return _KEY_LINE.fullmatch(line) is not None


def _runs(text: str) -> list[str]:
    """What of a text is long enough for an issuer's token; other signs than ASCII stay in it."""
    return [each for each in text.translate(_APART).split() if len(each) >= _SHORTEST_RUN]


def _candidates(text: str) -> Iterator[Rule]:
    """The rules that may find something in a text."""
    runs = _runs(text)
    yield from _marked(runs)
    lower = text.lower()
    there = {name for name in NAMES if name in lower}
    for rule in BY_PLACE:
        if not rule.names or not there.isdisjoint(rule.names):
            yield rule
    if _long(runs):
        yield from BY_CHANCE


def _marked(runs: list[str]) -> list[Rule]:
    """The rules of issuers whose marks stand in some runs, each where a word begins."""
    joined = "\n".join(runs)
    heads = _HEADS.intersection(_HEAD.findall(joined))
    likely = [*_HEADLESS, *(each for head in heads for each in _BY_HEAD[head])]
    return [rule for _, mark, rule in sorted(likely, key=itemgetter(0)) if mark in joined]


def _long(runs: list[str]) -> bool:
    """Whether something is long enough for a secret that nothing is said of."""
    long = (each for each in runs if len(each) >= LONG_AT_LEAST)
    return any(_DIGITS.search(found) for each in long for found in LONG.findall(each))


@dataclass(frozen=True, slots=True)
class _Scans:
    """A text, and where patterns match in it: several rules share one."""

    text: str
    known: dict[re.Pattern[str], list[re.Match[str]]]

    def of(self, rule: Rule) -> list[re.Match[str]]:
        """Where a rule's pattern matches."""
        if rule.pattern not in self.known:
            chance = rule.kind in _KINDS_BY_CHANCE
            found = _by_chance(rule, self.text) if chance else rule.pattern.finditer(self.text)
            self.known[rule.pattern] = list(found)
        return self.known[rule.pattern]


def _blank(
    rule: Rule, scans: _Scans, found: list[Finding], named: Callable[[str, str], str]
) -> str:
    text = scans.text
    if not any(map(text.__contains__, rule.marks)):
        return text
    matches = [each for each in scans.of(rule) if _is_secret(rule, text, each)]
    if not matches:
        return text
    ends = [match.end() for match in _LINE_ENDS.finditer(text)]
    lines = [bisect_right(ends, match.start("secret")) for match in matches]
    crowded = _crowded(lines) if rule.alone else frozenset[int]()
    pieces, end = [], 0
    for line, match in zip(lines, matches, strict=True):
        if line in crowded:
            continue
        secret = match["secret"]
        pieces += [text[end : match.start("secret")], named(rule.kind, secret)]
        pieces += _LINE_ENDS.findall(secret)
        end = match.end("secret")
        found.append(Finding(line, rule.kind))
    return "".join((*pieces, text[end:])) if pieces else text


def _by_chance(rule: Rule, text: str) -> Iterator[re.Match[str]]:
    """Where a rule matches in what is long enough: looking everywhere takes ten times as long."""
    for run in _RUN.finditer(text):
        if _long([run[0]]):
            yield from rule.pattern.finditer(text, run.start(), min(run.end() + 1, len(text)))


def _is_secret(rule: Rule, text: str, match: re.Match[str]) -> bool:
    bare = PLACEHOLDER.sub("", match["secret"])
    if not bare or not rule.agrees(bare) or not _stands_behind(rule.before, text, match):
        return False
    return not _cuts_placeholder(text, *match.span("secret"))


def _cuts_placeholder(text: str, start: int, end: int) -> bool:
    """Whether a part of a text begins or ends inside a placeholder."""
    around = PLACEHOLDER.finditer(text, max(0, start - _LONGEST_PLACEHOLDER))
    for each in takewhile(lambda each: each.start() < end, around):
        if each.start() < start < each.end() or each.start() < end < each.end():
            return True
    return False


def _crowded(lines: list[int]) -> frozenset[int]:
    """Those of some lines, in order, that belong to a table: so many of them in a row."""
    crowded, row = set[int](), list[int]()
    for line in (*lines, -1):
        if row and not 0 <= line - row[-1] <= 1:
            if len(row) >= _TABLE:
                crowded.update(row)
            row = []
        row.append(line)
    return frozenset(crowded)


def _stands_behind(before: re.Pattern[str] | None, text: str, match: re.Match[str]) -> bool:
    if before is None:
        return True
    line = _LINE_ENDS.split(text[max(0, match.start() - 120) : match.start()])[-1]
    return before.search(line) is not None


# Base64 with what quotes and joins it in code, or a header (RFC 1421, 4.4), or nothing.
_KEY_LINE = re.compile(r"[\s\"'+,\\]*+(?:[A-Za-z0-9+/=]{4,}+[\s\"'+,;()\\nr]*+|[A-Z][\w-]*+: .*+)?")
_SHORTEST_RUN = 15
_APART = "".join(
    sign if _RUN.fullmatch(sign * _SHORTEST_RUN) else " " for sign in map(chr, range(128))
)
# No token is part of a longer word, so its mark begins with what begins one.
_HEAD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{2}")
_MARKED = tuple((at, rule.marks[0], rule) for at, rule in enumerate(BY_ISSUER))
_HEADLESS = tuple(each for each in _MARKED if not _HEAD.match(each[1]))
_BY_HEAD = {
    head: tuple(each for each in _MARKED if each[1].startswith(head))
    for head in {mark[:2] for _, mark, _ in _MARKED if _HEAD.match(mark)}
}
_HEADS = frozenset(_BY_HEAD)
_KINDS_BY_CHANCE = frozenset(rule.kind for rule in BY_CHANCE)
# One of these stands in every line with a secret that has no telling name: a format's own mark.
_MARKS = tuple({mark for rule in BY_PLACE for mark in rule.marks if len(mark) > 1})
