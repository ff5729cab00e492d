"""What credentials look like: by their issuer, by where they stand, or as if chance had made them.

Every pattern begins with a literal and repeats within bounds or commits to what it took, so that no
text takes longer than in proportion to its length.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from operator import ne

from firsthand.core.issuers import ISSUED, Issued


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of secret looks like.

    Attributes:
        kind: what the placeholder says.
        marks: one of them stands in every text that has such a secret.
        names: so does one of these, in capitals or not; empty for a secret without a name.
        pattern: its group "secret" is what is blanked out.
        agrees: whether such a value is a secret.
        before: what must stand on the line before the match.
        alone: many of them one below the other are a table of hashes or the like, and no secrets.
    """

    kind: str
    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    agrees: Callable[[str], bool]
    before: re.Pattern[str] | None = None
    names: tuple[str, ...] = ()
    alone: bool = False


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


def _chaotic(secret: str) -> bool:
    """Whether a value looks as if chance had made it, though nothing is said of what it is.

    In what people and compilers make, characters of one class stand together.
    """
    classes = ["d" if each.isdigit() else "u" if each.isupper() else "l" for each in secret]
    changes = sum(map(ne, classes, classes[1:])) / (len(secret) - 1)
    return changes >= 0.45 and set(classes) == {"d", "u", "l"} and _random(secret)


def _typed(secret: str) -> bool:
    """Whether an unquoted value behind a password's name is one, and not code."""
    odd = sum(not each.isalpha() and each not in "-_./" for each in secret)
    return odd >= 2 and _password(secret)


def _unquoted(secret: str) -> bool:
    """Whether an unquoted value is a secret: code stands there far more often."""
    return sum(map(str.isdigit, secret)) >= 3 and _random(secret)


def _in_url(secret: str) -> bool:
    return not _TEMPLATE.fullmatch(secret) and secret.lower() not in ("password", "pass", "secret")


def _token(issued: Issued) -> Rule:
    """A format that begins with a mark of its own."""
    mark = re.escape(issued.mark)
    # A token ends where its characters end, else it is something else that begins alike.
    whole = rf"{mark}(?<![A-Za-z0-9]{mark})(?:{issued.rest})(?![A-Za-z0-9])"
    agrees = _random if issued.chance else _always
    return Rule(issued.kind, (issued.mark,), re.compile(f"(?P<secret>{whole})"), agrees)


def _named(kind: str, names: str, sign: str, value: str, agrees: Callable[[str], bool]) -> Rule:
    """A value behind a name and a sign of assignment."""
    typed = r"(?::\s{0,3}[A-Za-z][\w.\[\]| ]{0,30})?"
    name = rf"(?i:{names})[\w-]{{0,30}}[\"'`\]]{{0,2}}\s{{0,8}}{typed}[!=]?$"
    return Rule(
        kind, (":", "=", ">"), re.compile(sign + value), agrees, re.compile(name), _NAMES_IN[names]
    )


def _after(kind: str, word: str, names: str, value: str, agrees: Callable[[str], bool]) -> Rule:
    """A value behind a name, which stands behind a word that begins a line."""
    before = re.compile(rf"^\s{{0,40}}{word}\s{{1,8}}\w{{0,40}}(?i:{names})\w{{0,30}}$")
    return Rule(
        kind, (word,), re.compile(r"(?<=\w)[ \t]{1,8}+" + value), agrees, before, _NAMES_IN[names]
    )


_PASSWORDS = "passw(?:or)?d|passwd|pwd|passphrase|passcode|secret|(?<![a-z])pass(?![a-z])"
_KEYS = (
    "token|api[-_]?key|access[-_]?key|account[-_]?key|private[-_]?key|encryption[-_]?key|"
    "signing[-_]?key|master[-_]?key|webhook[-_]?key|secret|auth(?:orization)?|credential"
)
_EITHER = f"{_PASSWORDS}|{_KEYS}"
# A part of each name, whatever its case.
NAMES = ("pass", "pwd", "secret", "token", "key", "auth", "credential")
_NAMES_IN = {_PASSWORDS: NAMES[:3], _KEYS: NAMES[2:], _EITHER: NAMES}
_SIGN = r"[:=][=>]?\s{0,8}+"
_QUOTED = r"[bBfFrRuUL@]{0,2}(?P<quote>[\"'`])(?P<secret>[^\"'`\s]{6,500}+)(?P=quote)"
_BARE = r"(?P<secret>[A-Za-z0-9+/=_~-]{20,500}+)[ \t]{0,8}+(?=[\r\n#;]|\Z)"
_WORD = r"(?P<secret>[A-Za-z0-9!@#$%^&*?.+/=~_-]{6,500}+)[ \t]{0,8}+(?=[\r\n\"']|\Z)"
_ELEMENT = r">(?P<secret>[^<>\s]{6,500}+)</"

# Early releases of Python 3.11 do not step back from what a possessive repeat of a group began in
# vain, so none below may fail in the middle of its group.
_PRIVATE_KEY = r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"


def _scheme(name: str) -> Rule:
    """What stands behind a scheme of authentication (RFC 9110, section 11)."""
    # A search finds what is the same in all cases at once.
    first, rest = f"[{name[0]}{name[0].lower()}]", name[1:]
    pattern = rf"{rest} {{1,3}}(?P<secret>[A-Za-z0-9+/=._~-]{{16,2000}}+)"
    return Rule("token", (f"{rest} ",), re.compile(pattern), _random, re.compile(rf"\b{first}$"))


BY_ISSUER = tuple(map(_token, ISSUED))

# Sources: RFC 7468 (PEM), RFC 9580 (OpenPGP armour), RFC 3986 3.2.1 (user
# information in URLs).
BY_PLACE = (
    Rule(
        "private_key",
        ("-----BEGIN ",),
        re.compile(
            _PRIVATE_KEY + r"(?=[^-]{0,200}(?:-[^-]{1,100}){0,8}[A-Za-z0-9+/=]{24})"
            r"(?P<secret>[^-]{1,20000}+(?:-[^-]{1,20000}+){0,8})(?=-----END)"
        ),
        _always,
    ),
    Rule(
        # The end is missing: as far as it still looks like one.
        "private_key",
        ("-----BEGIN ",),
        re.compile(
            _PRIVATE_KEY
            + r"(?P<secret>(?:(?:[\s\"'+,]|(?=\\[nr])\\.){0,80}+[A-Za-z0-9+/=]{24,}+)+)"
        ),
        _always,
    ),
    Rule(
        "telegram_token",
        (":AA",),
        re.compile(r"(?<=[0-9]{8}):AA(?P<secret>[\w-]{33})(?![A-Za-z0-9])"),
        _always,
    ),
    Rule(
        "password",
        ("://",),
        re.compile(r"://[^\s/:@\"'`<>]{0,100}+:(?P<secret>[^\s/\"'`<>]{1,200})@(?=[\w.\[$\{%-])"),
        _in_url,
    ),
    Rule(
        # In the connection strings of ADO.NET, ODBC, Azure and JDBC, and in URLs.
        "password",
        (";", "&", "?"),
        re.compile(r"=(?P<secret>[^;&\s\"'`(),]{6,200}+)(?=[;&\s\"'`]|\Z)"),
        _password,
        re.compile(
            r"(?i)[;&?\"'`]\s?(?:pwd|password|accountkey|sharedaccesskey|sig|secret|"
            r"(?:access_)?token|api_?key)\s?$"
        ),
    ),
    *map(_scheme, ("Bearer", "Basic", "Token")),
    Rule(
        "azure_secret",
        ("Q~",),
        re.compile(r"(?<![\w~.])(?P<secret>[A-Za-z0-9_~.]{3}[0-9]Q~[\w~.-]{31,34})(?![\w~])"),
        _always,
    ),
    Rule(
        "terraform_token",
        (".atlasv1.",),
        re.compile(r"(?<![A-Za-z0-9])(?P<secret>[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}+)"),
        _always,
    ),
    Rule(
        "mailchimp_key",
        ("-us",),
        re.compile(r"(?<![A-Za-z0-9])(?P<secret>[0-9a-f]{32}-us[0-9]{1,2})(?![A-Za-z0-9])"),
        _always,
    ),
    _named("password", _PASSWORDS, _SIGN, _QUOTED, _password),
    _named("password", _PASSWORDS, _SIGN, _WORD, _typed),
    # Where a blank is the sign: in C's preprocessor and in files for Docker.
    _after("password", "#define", _PASSWORDS, _QUOTED, _password),
    _after("secret", "#define", _KEYS, _QUOTED, _random),
    _after("password", "ENV", _PASSWORDS, _WORD, _typed),
    _after("secret", "ENV", _KEYS, _WORD, _random),
    Rule(
        "secret",
        ("_KEY=", "_TOKEN=", "_SECRET=", "_AUTH=", "_PASS=", "_PWD=", "_PASSWORD="),
        re.compile(r"(?<=[A-Z])=" + _WORD),
        _typed,
        re.compile(r"(?:^|[\s\"'])[A-Z][A-Z0-9_]{1,60}$"),
    ),
    _named("password", _PASSWORDS, "", _ELEMENT, _password),
    _named("secret", _KEYS, _SIGN, _QUOTED, _random),
    _named("secret", _KEYS, "", _ELEMENT, _random),
    _named("secret", _EITHER, _SIGN, _BARE, _unquoted),
)

# What stands alone in a text and is long enough: said of nothing, or of an issuer without a mark.
_ALONE = r"(?<![\w+/=.~:@-])(?P<secret>{})(?![\w+/.~@-])"
BY_CHANCE = (
    Rule(
        "discord_token",
        ("",),
        re.compile(_ALONE.format(r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}+")),
        _always,
    ),
    Rule("okta_token", ("00",), re.compile(_ALONE.format(r"00[\w-]{40}")), _chaotic),
    Rule(
        "random",
        ("",),
        re.compile(
            _ALONE.format(r"(?!sha\d|[0-9A-F]{8}-[0-9A-F]{4}-)[A-Za-z0-9+/_-]{28,120}+={0,2}")
        ),
        _chaotic,
        re.compile(r"(?:[\"'`]|[=:]\s{0,4})$"),
        alone=True,
    ),
)
"""These are made of what a run of characters is that is long enough, and of nothing else."""
LONG = re.compile(r"[A-Za-z0-9+/_-]{28}|[\w-]{6}\.[\w-]{27}", re.ASCII)
LONG_AT_LEAST = 28
