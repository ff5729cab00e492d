"""The members of types, read from the tokens of their bodies, and the types of names.

Read from the tokens alone, as `scope` does: in Python what a body binds before its first method and
what methods do to the object itself; in other languages what stands within the body's brackets.
"""

from __future__ import annotations

from collections.abc import Sequence

from firsthand.embedded.kinds import KEYWORDS, is_name
from firsthand.embedded.lexer import END, is_word
from firsthand.embedded.scope import DOTS, ITSELF

TYPES = ("class", "struct", "interface", "enum", "trait")
_METHODS = frozenset({"def", "fn", "func"})
_MODIFIERS = frozenset({"pub", "public", "private", "protected", "readonly", "static"})
_AFTER_MEMBER = frozenset({":", "=", "(", ",", "?"})
_OPENERS, _CLOSERS = frozenset("([{"), frozenset(")]}")
_LONGEST_HEAD = 60  # tokens


def members_of(keys: Sequence[str]) -> tuple[str, ...]:
    """The members of a type by the tokens after its name."""
    found: dict[str, None] = {}
    depth = 0
    braced = body = methods = False
    before = last = ""
    for at, key in enumerate(keys):
        mark = END if key[0] == END else key.lstrip(" ")
        if mark in _OPENERS:
            braced = braced or (mark == "{" and not depth and not body)
            depth += 1
        elif mark in _CLOSERS:
            depth -= 1
        elif mark == END:
            body = body or not depth or braced
        elif is_name(mark) and (
            (last in DOTS and before in ITSELF)
            or (last in _METHODS and body)
            or (last == END and body and _is_bound(keys, at, depth, braced, methods))
        ):
            found[mark] = None
            methods = methods or last in _METHODS
        over = (braced and not depth) or (last == END and mark in TYPES and body and not braced)
        if over or (not body and at > _LONGEST_HEAD):
            break
        if not (last == END and mark in _MODIFIERS):
            before, last = last, mark
    return tuple(found)


def _is_bound(keys: Sequence[str], at: int, depth: int, braced: bool, methods: bool) -> bool:
    """Whether the word that begins a line of a body is a member."""
    if keys[at].lstrip(" ") in KEYWORDS:
        return False
    binds = at + 1 < len(keys) and keys[at + 1].lstrip(" ") in _AFTER_MEMBER
    return (binds and not methods and not depth) or (braced and depth == 1)


def bases_of(head: Sequence[str]) -> tuple[str, ...]:
    """The types that a type builds on, by the tokens of the line that begins it."""
    bare = [key.lstrip(" ") for key in head]
    if "extends" in bare:
        return tuple(filter(is_word, bare[bare.index("extends") + 1 :]))[:1]
    if "class" not in bare or "(" not in bare:
        return ()
    within = bare[bare.index("(") + 1 :]
    return tuple(
        key
        for key, after in zip(within, [*within[1:], ""], strict=True)
        if is_name(key) and after in {",", ")", "["}
    )[:3]


def type_of(name: str, keys: Sequence[str], places: Sequence[int]) -> str:
    """The type that a name was last said to have, or made by; empty if nothing says so.

    Args:
        name: of a value, or of a type.
        keys: the tokens above.
        places: where among them the name stands.
    """
    for at in reversed(places):
        after = [key.lstrip(" ") for key in keys[at + 1 : at + 4]]
        if len(after) < 3 or not is_name(after[1]) or after[1] in KEYWORDS:
            continue
        if after[0] == ":" or (after[0] in {"=", ":="} and after[2] == "("):
            return after[1]
    return name
