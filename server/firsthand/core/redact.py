"""Blanking out secrets, so that they are neither learned nor sent.

A secret is known by its own format (the issuer's prefix and length), or by the name it is given and
by looking as if chance had made it. What replaces it says only of what kind it was.

Every pattern begins with a literal and repeats within bounds or commits to what it took, so that no
text takes longer than in proportion to its length.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"\[REDACTED:[a-z_]+\]")

_LINE_ENDS = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A secret that was blanked out: the 0-based line it began on, and its kind."""

    line: int
    kind: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, line for line, and what was found in it."""

    text: str
    found: tuple[Finding, ...] = ()


def redact(text: str) -> Redacted:
    """Blank out the secrets of a text. Redacting the result again changes nothing."""
    found: list[Finding] = []
    before = None
    # What was blanked out can be the neighbour that hid another secret. Each round leaves less
    # that is no placeholder, so this ends.
    while text != before:
        before = text
        for rule in _RULES:
            text = _blank(rule, text, found)
    return Redacted(text, tuple(sorted(found)))


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
    if not any(map(lower.__contains__, _NAMES)) and not any(map(line.__contains__, _MARKS)):
        return False
    return bool(redact(line).found)


def opens_key(line: str) -> bool:
    """Whether the lines after this one are those of a private key."""
    return "-----BEGIN " in line and "-----END" not in line and "PRIVATE KEY" in line


def continues_key(line: str) -> bool:
    """Whether a line, after one of a private key, may be one of it too."""
    return _KEY_LINE.fullmatch(line) is not None


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a kind of secret looks like.

    Attributes:
        kind: what the placeholder says.
        marks: one of them stands in every text that has such a secret.
        pattern: its group "secret" is what is blanked out.
        agrees: whether such a value is a secret.
        before: what must stand on the line before the match.
    """

    kind: str
    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    agrees: Callable[[str], bool]
    before: re.Pattern[str] | None = None


def _blank(rule: _Rule, text: str, found: list[Finding]) -> str:
    if not any(mark in text for mark in rule.marks):
        return text
    pieces = []
    places = []
    end = 0
    for match in rule.pattern.finditer(text):
        secret = match["secret"]
        bare = PLACEHOLDER.sub("", secret)
        if not bare or not rule.agrees(bare) or not _stands_behind(rule.before, text, match):
            continue
        start = match.start("secret")
        pieces += [text[end:start], f"[REDACTED:{rule.kind}]", *_LINE_ENDS.findall(secret)]
        places.append(start)
        end = match.end("secret")
    if not places:
        return text
    lines = [match.end() for match in _LINE_ENDS.finditer(text)]
    found.extend(Finding(bisect_right(lines, place), rule.kind) for place in places)
    pieces.append(text[end:])
    return "".join(pieces)


def _stands_behind(before: re.Pattern[str] | None, text: str, match: re.Match[str]) -> bool:
    if before is None:
        return True
    line = _LINE_ENDS.split(text[max(0, match.start() - 120) : match.start()])[-1]
    return before.search(line) is not None


def _always(secret: str) -> bool:
    return True


def _entropy(secret: str) -> float:
    """Shannon's entropy of the characters, in bits for each."""
    counts = Counter(secret).values()
    return -sum(count / len(secret) * math.log2(count / len(secret)) for count in counts)


# Words, also joined as names are: "user_password", "oauth2-token", "/run/secrets/db".
_WORDS = re.compile(r"[A-Za-z]*+|[A-Za-z]*+\d{0,2}(?:[-_./: ]++[A-Za-z]*+\d{0,2})++")
# A place for a value rather than a value.
_TEMPLATE = re.compile(
    r"\$\w++|\$?\$?\{.*\}|\$\(.*\)|%\(?\w*\)?[sd]?%?|<.*>|\[.*\]|(.)\1*+|.*(?:\.\.\.|…).*"
)


def _password(secret: str) -> bool:
    """Whether a value named like a password is one, and not a word or a place for one."""
    return (
        len(secret) >= 6
        and not _WORDS.fullmatch(secret)
        and not _TEMPLATE.fullmatch(secret)
        and _entropy(secret) >= 2.0
    )


def _random(secret: str) -> bool:
    """Whether a value looks as if chance had made it."""
    return (
        len(secret) >= 16
        and any(map(str.isdigit, secret))
        and not _WORDS.fullmatch(secret)
        and not _TEMPLATE.fullmatch(secret)
        and _entropy(secret) >= 3.0
    )


def _unquoted(secret: str) -> bool:
    """Whether an unquoted value is a secret: code stands there far more often."""
    return sum(map(str.isdigit, secret)) >= 3 and _random(secret)


def _in_url(secret: str) -> bool:
    return not _TEMPLATE.fullmatch(secret) and secret.lower() not in ("password", "pass", "secret")


def _token(kind: str, mark: str, pattern: str, agrees: Callable[[str], bool] = _always) -> _Rule:
    """A format that begins with a mark of its own."""
    # A token ends where its characters end, else it is something else that begins alike.
    whole = rf"{re.escape(mark)}(?<![A-Za-z0-9]{re.escape(mark)}){pattern}(?![A-Za-z0-9])"
    return _Rule(kind, (mark,), re.compile(f"(?P<secret>{whole})"), agrees)


def _named(kind: str, names: str, sign: str, value: str, agrees: Callable[[str], bool]) -> _Rule:
    """A value behind a name and a sign of assignment."""
    typed = r"(?::\s{0,3}[A-Za-z][\w.\[\]| ]{0,30})?"
    name = rf"(?i:{names})[\w-]{{0,30}}[\"'`\]]{{0,2}}\s{{0,8}}{typed}[!=]?$"
    return _Rule(kind, (":", "=", ">"), re.compile(sign + value), agrees, re.compile(name))


_PASSWORDS = "passw(?:or)?d|passwd|pwd|passphrase|secret"
_KEYS = (
    "token|api[-_]?key|access[-_]?key|account[-_]?key|private[-_]?key|encryption[-_]?key|"
    "signing[-_]?key|master[-_]?key|secret|auth(?:orization)?|credential"
)
_SIGN = r"[:=][=>]?\s{0,8}+"
_QUOTED = r"[bBfFrRuUL@]{0,2}(?P<quote>[\"'`])(?P<secret>[^\"'`\s]{6,500}+)(?P=quote)"
_BARE = r"(?P<secret>[A-Za-z0-9+/=_~-]{20,500}+)[ \t]{0,8}+(?=[\r\n#;]|\Z)"
_ELEMENT = r">(?P<secret>[^<>\s]{6,500}+)</"

# Early releases of Python 3.11 do not step back from what a possessive repeat of a group began in
# vain, so none below may fail in the middle of its group.
_PRIVATE_KEY = r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"

# Sources: each issuer's own page on its token format (AWS "IAM identifiers", GitHub "token
# formats", GitLab "token prefixes", Slack "token types", Stripe "API keys", Google Cloud "API
# keys"), RFC 7519 (JWT), RFC 7468 (PEM), RFC 9580 (OpenPGP armour), RFC 3986 3.2.1 (user
# information in URLs).
_RULES = (
    _Rule(
        "private_key",
        ("-----BEGIN ",),
        re.compile(
            _PRIVATE_KEY + r"(?=[^-]{0,200}(?:-[^-]{1,100}){0,8}[A-Za-z0-9+/=]{24})"
            r"(?P<secret>[^-]{1,20000}+(?:-[^-]{1,20000}+){0,8})(?=-----END)"
        ),
        _always,
    ),
    _Rule(
        # The end is missing: as far as it still looks like one.
        "private_key",
        ("-----BEGIN ",),
        re.compile(
            _PRIVATE_KEY
            + r"(?P<secret>(?:(?:[\s\"'+,]|(?=\\[nr])\\.){0,80}+[A-Za-z0-9+/=]{24,}+)+)"
        ),
        _always,
    ),
    *(_token("github_token", f"gh{kind}_", r"[A-Za-z0-9]{36,255}+") for kind in "pousr"),
    _token("github_token", "github_pat_", r"[A-Za-z0-9_]{22,255}+"),
    _token("gitlab_token", "gl", r"(?:pat|ptt|dt|rt|cbt|oas|ft|soat|imt|agent)-[\w.-]{20,300}+"),
    *(_token("aws_key", mark, r"[A-Z0-9]{16}") for mark in ("AKIA", "ASIA", "ABIA", "ACCA")),
    _token("slack_token", "xox", r"[abeoprs]-[A-Za-z0-9-]{10,300}+"),
    _token("slack_token", "xapp-", r"\d-[A-Za-z0-9-]{10,300}+"),
    _token("slack_webhook", "hooks.slack.com/", r"(?:services|workflows)/[\w/-]{20,200}+"),
    _token("stripe_key", "sk_", r"(?:live|test)_[A-Za-z0-9]{16,300}+"),
    _token("stripe_key", "rk_", r"(?:live|test)_[A-Za-z0-9]{16,300}+"),
    _token("stripe_key", "whsec_", r"[A-Za-z0-9+/=]{24,300}+"),
    _token("google_key", "AIza", r"[\w-]{35}"),
    _token("google_key", "GOCSPX-", r"[\w-]{28}"),
    _token("google_token", "ya29.", r"[\w.-]{20,2000}+"),
    _token("anthropic_key", "sk-ant-", r"[\w-]{20,300}+"),
    _token("openai_key", "sk-", r"[\w-]{20,300}+", _random),
    _token("jwt", "eyJ", r"[\w-]{8,8000}+\.eyJ[\w-]{8,8000}+\.[\w-]{0,8000}+"),
    _token("npm_token", "npm_", r"[A-Za-z0-9]{36}"),
    _token("pypi_token", "pypi-", r"[\w-]{50,500}+"),
    _token("hugging_face_token", "hf_", r"[A-Za-z0-9]{30,100}+"),
    _token("sendgrid_key", "SG.", r"[\w-]{16,40}+\.[\w-]{16,80}+"),
    *(_token("digitalocean_token", f"do{kind}_v1_", r"[a-f0-9]{64}") for kind in "opr"),
    _token("vault_token", "hvs.", r"[\w-]{20,300}+"),
    _token("vault_token", "hvb.", r"[\w-]{20,300}+"),
    _token("shopify_token", "shp", r"(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    _token("databricks_token", "dapi", r"[0-9a-f]{32}"),
    _token("groq_key", "gsk_", r"[A-Za-z0-9]{40,100}+"),
    _token("age_key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{40,80}+"),
    _Rule(
        "telegram_token",
        (":AA",),
        re.compile(r"(?<=[0-9]{8}):AA(?P<secret>[\w-]{33})(?![A-Za-z0-9])"),
        _always,
    ),
    _Rule(
        "password",
        ("://",),
        re.compile(r"://[^\s/:@\"'`<>]{0,100}+:(?P<secret>[^\s/\"'`<>]{1,200})@(?=[\w.\[$\{%-])"),
        _in_url,
    ),
    _Rule(
        # In the connection strings of ADO.NET, ODBC and Azure.
        "password",
        (";",),
        re.compile(r"=(?P<secret>[^;\s\"'`()]{6,200}+)(?=[;\"'`])"),
        _password,
        re.compile(r"(?i)[;\"'`]\s?(?:pwd|password|accountkey|sharedaccesskey)\s?$"),
    ),
    _named("password", _PASSWORDS, _SIGN, _QUOTED, _password),
    _named("password", _PASSWORDS, "", _ELEMENT, _password),
    _named("secret", _KEYS, _SIGN, _QUOTED, _random),
    _named("secret", _KEYS, "", _ELEMENT, _random),
    _named("secret", f"{_PASSWORDS}|{_KEYS}", _SIGN, _BARE, _unquoted),
)

# Base64 with what quotes and joins it in code, or a header (RFC 1421, 4.4), or nothing.
_KEY_LINE = re.compile(r"[\s\"'+,\\]*+(?:[A-Za-z0-9+/=]{4,}+[\s\"'+,;()\\nr]*+|[A-Z][\w-]*+: .*+)?")
# One of these stands in every line with a secret: a format's own mark, or a part of a name.
_MARKS = tuple({mark for rule in _RULES for mark in rule.marks if len(mark) > 1})
_NAMES = ("pass", "pwd", "secret", "token", "key", "auth", "credential")
