"""What kind of thing a key is, and its shape: what is left of it when names are left out.

Contexts of shapes find the same statement about other things: after `self.a = a` and `self.b =` the
token that follows is, as it was there, the one two places back. So a *vote* of a place is the
token that stands there or, for a name that stands among the `REACH` tokens before it, how far
back that is.
"""

from __future__ import annotations

import re
from zlib import crc32

from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE, is_word

KINDS = 15
OTHER = 14  # the kind of the row that stands for "none of these"
REACH = 12
NEW = -REACH - 1  # the vote for a name that does not stand among the tokens before it
LOWER = 1  # the kind of names that begin with a small letter
NAMES = frozenset({LOWER, 2, 3})  # the kinds of identifiers: lower case, mixed, upper case

KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
    and as assert async await break case catch class const continue def default del do elif else
    enum except export extends False final finally fn for from func function global go if impl
    import in interface is lambda let match mod mut new None nonlocal not null or package pass
    pub public private protected raise return self static struct super switch this throw trait
    True true false try type typeof use var void where while with yield nil
        """,
    )
)
_OPENERS, _CLOSERS = frozenset("([{"), frozenset(")]}")


_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\da-zA-Z_]+")
_known_parts: dict[str, frozenset[str]] = {}


def parts(word: str) -> frozenset[str]:
    """The words a name is made of, lower case and without a plural's s."""
    found = _known_parts.get(word)
    if found is None:
        if len(_known_parts) > 100_000:
            _known_parts.clear()
        pieces = (piece.lower() for piece in _PART.findall(word))
        found = _known_parts[word] = frozenset(
            piece[:-1] if len(piece) > 3 and piece[-1] == "s" else piece for piece in pieces
        )
    return found


_known_kinds: dict[str, int] = {}


def kind(key: str) -> int:
    """The kind of a key, 0 to 13."""
    found = _known_kinds.get(key)
    if found is None:
        if len(_known_kinds) > 100_000:
            _known_kinds.clear()
        found = _known_kinds[key] = _kind(key)
    return found


def _kind(key: str) -> int:
    if not key:
        return OTHER
    if is_word(key):
        if key in KEYWORDS:
            return 0
        if key[0].isdigit():
            return 4
        if key.isupper() and len(key) > 1:
            return 3
        return 2 if key[:1].isupper() else LOWER
    if key[0] == END:
        return 5 if key == END else 6
    if key[0] == OPEN:
        return 7
    mark = key.lstrip(" ")
    if mark[:1] == CLOSE:
        return 8
    if mark[:1] == PROSE:
        return 9
    if mark in _OPENERS:
        return 10
    if mark in _CLOSERS:
        return 11
    return 12 if mark in {",", ".", ":", "::", "->", "?."} else 13


def is_name(key: str) -> bool:
    """Whether a key is an identifier, or a word in a string or a comment."""
    return kind(key) in NAMES


_known_shapes: dict[str, int] = {}


def shape(key: str) -> int:
    """What is left of a key without names: 1 to 4 for names and numbers, else its hash, 16 bits."""
    found = _known_shapes.get(key)
    if found is None:
        if len(_known_shapes) > 100_000:
            _known_shapes.clear()
        of = kind(key)
        if of in NAMES or of == 4:
            found = of
        else:
            found = 5 + crc32(key.encode("utf-8", "surrogatepass")) % 65_500
        _known_shapes[key] = found
    return found
