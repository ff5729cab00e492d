"""Which tokens may come next: those that followed the context, and those that others speak for.

They are the words used last, those in scope, what an argument or an import asks for, and, once a
part of a word is typed, the words that begin with it.
"""

from __future__ import annotations

from itertools import islice

import numpy as np

from firsthand.embedded.calls import Call, call_of
from firsthand.embedded.facts import Floats
from firsthand.embedded.habits import named
from firsthand.embedded.kinds import KEYWORDS
from firsthand.embedded.lexer import CLOSE, END, OPEN, PROSE, is_word
from firsthand.embedded.scope import DOTS, ITSELF
from firsthand.embedded.sources import BINS, Context, Counts, Seen, Sources, Told

_SEEN = 0.6  # of the candidates at most that followed the context anywhere
_NAMED = 12  # words that begin like a stem, of each source
_SEQUELS = 6  # names after the names before that are always candidates
_LATEST = 10  # words used last that come before what else is expected
_BUILT_IN = 16  # names of the language that are always candidates
_PROSE_MARKS = frozenset({PROSE, CLOSE})
# What is kept where too much followed a context: the nearer the source, and the longer the match.
_NEARNESS = (3, 3, 2, 1, 1, 1)  # of each source
_WORTH = np.outer(_NEARNESS, 2.0 ** np.arange(BINS)).ravel().astype(np.float32)


def allowed(
    seen: Seen, stem: str, spaced: bool, prose: bool, most: int
) -> tuple[list[str], Floats]:
    """What followed a context and may come, and the rows of `Seen.heard` of that.

    Args:
        seen: all that followed.
        stem: the part of the token that is typed already.
        spaced: whether white space is typed after the token before it.
        prose: whether the place lies in a string or a comment.
        most: how many candidates are weighed.
    """
    keys = seen.keys
    if stem:
        chosen = [row for row, key in enumerate(keys) if key.startswith(stem)]
    elif spaced:
        chosen = [
            row
            for row, key in enumerate(keys)
            if key and _may_follow_space(key) and not _is_foreign(key, prose)
        ]
    else:
        chosen = [row for row, key in enumerate(keys) if key and not _is_foreign(key, prose)]
    limit = most - 1 if stem else int(_SEEN * most)
    if len(chosen) > limit:
        likely = np.argsort(-(seen.heard[chosen] @ _WORTH), kind="stable")[:limit]
        chosen = [chosen[at] for at in sorted(likely.tolist())]
    chosen = [0, *chosen]
    return [keys[row] for row in chosen], seen.heard[chosen]


def further(words: list[str], expected: list[str], sources: Sources, stem: str) -> list[str]:
    """Candidates besides those that followed the context, the likelier first.

    Args:
        words: those of the line.
        expected: what the exact counts, the call and the scope speak for.
        sources: know the words used last, and those that begin like the stem.
        stem: the part of the token that is typed already.
    """
    if not stem:
        own = [key for key in words if key not in KEYWORDS]
        return [*own, *sources.recent[:_LATEST], *expected, *sources.recent[_LATEST:]]
    found = [key for key in (*words, *expected) if key.startswith(stem)]
    return [stem, *found, *sources.beginning(stem, _NAMED)]


def told(context: Context, sources: Sources, spaced: bool) -> Told:
    """What holds for a place however much of its token is typed."""
    place = context.file, spaced, context.prose
    found = sources.told.get(place)
    if found is None:
        exact, call = _exact(context, sources), call_of(context.keys)
        sequels = _sequels(context, sources)
        expected = _expected(exact, sequels, call, sources, spaced, context)
        found = sources.told[place] = exact, sequels, call, expected
    return found


def _exact(context: Context, sources: Sources) -> list[Counts]:
    """How often keys stood after the last two tokens and the last: file, project, base."""
    one = context.keys[-1]
    two = context.keys[-2] if len(context.keys) > 1 else ""
    follows = sources.document.habits.follows
    wide, narrow = sources.followers((one,)), sources.followers((one, two))
    empty: Counts = {}
    return [
        follows.get((two, one), empty), follows.get(one, empty),
        narrow[0], wide[0], narrow[1], wide[1],
    ]  # fmt: skip


def _sequels(context: Context, sources: Sources) -> list[Counts]:
    """How often names were the next one after the last two names of a context, and the last."""
    if context.prose:
        return []
    two, one = named(reversed(context.keys))
    sequels = sources.document.habits.sequels
    empty: Counts = {}
    return [sequels.get((two, one), empty), sequels.get(one, empty)]


def _expected(
    exact: list[Counts],
    sequels: list[Counts],
    call: Call | None,
    sources: Sources,
    spaced: bool,
    context: Context,
) -> list[str]:
    """Further candidates by what stood after the same tokens, by names, the call, and scope."""
    found: list[str] = []
    for counts in sequels:
        found += sorted(counts, key=counts.__getitem__, reverse=True)[:_SEQUELS]
    if call is not None and call.begins:
        found += sources.parameters(call.callee)
        found += sources.document.habits.arguments.get((call.callee, call.place), ())
    last = context.keys[-1].lstrip(" ")
    built_in = sources.document.built_in
    line = [key for key in context.keys[-context.line :] if key[0] != END] if context.line else []
    imports = line[:1] in (["from"], ["import"])
    if last in DOTS and context.keys[-2:-1] and context.keys[-2].lstrip(" ") in ITSELF:
        found += sources.members
        found += sources.scoped
    elif last in DOTS:
        found += islice(built_in.members, _BUILT_IN)
    elif not (context.prose or imports):
        found += sources.scoped
    for counts, most in zip(exact, (10, 8, 10, 8, 6, 4), strict=True):
        keys = sorted(counts, key=counts.__getitem__, reverse=True)[:most]
        found += [
            key
            for key in keys
            if (not spaced or _may_follow_space(key)) and not _is_foreign(key, context.prose)
        ]
    if not (last in DOTS or context.prose or imports):
        found += sources.given
        found += islice(built_in.names, _BUILT_IN)
    return found


def _is_foreign(key: str, prose: bool) -> bool:
    """Whether a key of code meets a place in a string or a comment, or the reverse."""
    mark = key[1:2] if key[0] == " " else key[0]
    if prose:
        return not (mark in _PROSE_MARKS or is_word(key) or key[0] == END)
    return mark == CLOSE or (mark == PROSE and key[-1] != "#" and key[-1] != "/")


def _may_follow_space(key: str) -> bool:
    return key[0] == " " or key[0] == OPEN or is_word(key)
