"""All that a document may ask about the next token, and what is remembered of the answers.

For every source (near lines, file, project with the other open files, base; file and project again
by shape) the successors of a context are counted by the length of the context that agreed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import log

import numpy as np

from firsthand.embedded.calls import Call
from firsthand.embedded.document import Document, Near
from firsthand.embedded.facts import Facts, Floats
from firsthand.embedded.imports import Module, asked_of, package_of
from firsthand.embedded.kinds import KEYWORDS, NEW, is_name, shape
from firsthand.embedded.lexer import CLOSE, COMMENTS, END, FILE, OPEN, is_word, open_brackets
from firsthand.embedded.members import TYPES, members_of, type_of
from firsthand.embedded.scope import (
    DOTS,
    IMPORTED,
    ITSELF,
    LOCAL,
    LOOP,
    MEMBER,
    PARAMETER,
    UNUSED,
    parameters_of,
)
from firsthand.embedded.tier import DEPTH, Excluded, ProjectTier

Successors = list[tuple[str, int]]
Counts = dict[str, int]
Told = tuple[list[Counts], list[Counts], Call | None, list[str]]
SOURCES = 6
BINS = 8
CELLS = SOURCES * BINS

_BIN = (0, 0, 1, 2, 3, 4, 4, 5, 6, 6, 6, 6, 7, 7, 7, 7, 7)
_SHAPE_BIN = (0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 6, 7)
LONG = 5  # the bin of matches of at least seven tokens, or fourteen of their shapes
_TOP, _TOP_SHAPE = 32 * (DEPTH - 1), 16 * (DEPTH - 1)
_REMEMBERED = 20_000  # words and pairs whose counts are kept
_SCOPED = 24  # names in scope that are always candidates
_IMPORTED, _DEFINED = 32, 16  # of the names that the file imports and defines, likewise
_FOLLOWERS = 48  # words after one or two tokens whose counts are kept
_RECENT = 32  # words used last that are always candidates
_LISTED, _MEMBER = 6, 5  # as how long a match a name counts that the module offers
_BODY = 700  # tokens of a type that are looked at
_MOST_OFFERED = 300


@dataclass(slots=True)
class Context:
    """Where the next token is to be guessed.

    Attributes:
        keys: the tokens before it, the last one nearest; at least one.
        file: the same as a number for the file's tiers; see `tier.ProjectTier.successors`.
        project: the same for the project's tier.
        base: the same for the base tier.
        shapes: the shapes of the keys, 16 bits each, likewise.
        line: how many of them stand in the line itself.
        prose: whether it lies in a string or a comment.
    """

    keys: list[str]
    file: int
    project: int
    base: int
    shapes: int
    line: int
    prose: bool

    @classmethod
    def of(cls, keys: list[str], line: int, prose: bool, sources: Sources) -> Context:
        """The context of a place after some tokens, `line` of them in the line itself."""
        context = cls(keys, 0, 0, 0, 0, line, prose)
        for key in [FILE] * (DEPTH - len(keys)) + keys[-DEPTH:]:
            context._take(key, sources)
        return context

    def then(self, key: str, sources: Sources) -> Context:
        """The context after one more token."""
        prose = self.prose
        if key[0] == OPEN or key.lstrip(" ") in COMMENTS:
            prose = True
        elif CLOSE in key[:2]:
            prose = False
        keys = [*self.keys[-DEPTH * 2 :], key]
        context = Context(
            keys, self.file, self.project, self.base, self.shapes, self.line + 1, prose
        )
        context._take(key, sources)
        return context

    def _take(self, key: str, sources: Sources) -> None:
        self.file = self.file >> 32 | sources.document_code(key) << _TOP
        self.shapes = self.shapes >> 16 | shape(key) << _TOP_SHAPE
        if sources.project is not None:
            self.project = self.project >> 32 | sources.project.id(key) << _TOP
        if sources.base is not None:
            self.base = self.base >> 32 | sources.base.id(key) << _TOP


@dataclass(frozen=True, slots=True)
class Seen:
    """What followed a context.

    Attributes:
        keys: what followed; the first is empty and stands for names not seen before.
        heard: (keys, CELLS) how often, by source and by at least how much of the context.
    """

    keys: list[str]
    heard: Floats


@dataclass(slots=True)
class Sources:
    """The tiers, and what is remembered of their answers while one line is written.

    Attributes:
        near: the lines above the one written.
        document: the file itself.
        others: further open files of the same folder.
        project: the folder's tier on disk.
        excluded: the document's own place in it.
        base: a tier of code that is no part of the project, such as a language's library.
        document_code: numbers keys for the documents.
        path: the document's, as the project's tier would have it.
        paired: how often words stand after one and two tokens in the project, and in the base.
        counted: the logarithms of how often words stand in the project and the base.
        begins: the commonest words of the project and the base by how they begin.
        told: for `evidence`: what it made of a context, its counts, sequels, call, and candidates.
        ranked: for `decode`: what it made of a context.
    """

    near: Near
    document: Document
    others: tuple[Document, ...]
    project: ProjectTier | None
    excluded: Excluded
    base: ProjectTier | None
    document_code: Callable[[str], int]
    path: str = ""
    deep: int = 0
    line: int = 0
    roles: dict[str, int] = field(default_factory=dict)
    counted: dict[str, tuple[float, float]] = field(default_factory=dict)
    paired: dict[tuple[str, str, str], tuple[int, int, int, int]] = field(default_factory=dict)
    followed: dict[tuple[str, ...], tuple[Counts, Counts]] = field(default_factory=dict)
    headed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bodies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    begins: dict[str, list[str]] = field(default_factory=dict)
    told: dict[tuple[int, bool, bool], Told] = field(default_factory=dict)
    ranked: dict[tuple[int, int, bool], list[tuple[str, float]]] = field(default_factory=dict)
    recent: list[str] = field(default_factory=list)
    brackets: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    scoped: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    _seen: dict[int, Seen] = field(default_factory=dict)
    facts: Facts = field(init=False)
    _bases: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        self.facts = Facts(self.near, self.document, self.roles, self._count)
        keys, distance = self.near.keys, self.facts.distance
        words = [key for key in distance if is_word(key) and key not in KEYWORDS]
        self.recent = sorted(words, key=distance.__getitem__)[:_RECENT]
        self.brackets = open_brackets(list(keys), [])
        ends = self.near.places.get(END, [])[-3:]
        begun = [next((k for k in keys[at + 1 : at + 3] if k[0] != END), "") for at in ends[:-1]]
        self.begun = ["", "", *begun][-2:]
        scoped = PARAMETER | LOCAL | LOOP
        self.scoped = [key for key, role in self.roles.items() if role & scoped][:_SCOPED]
        imported = [key for key, role in self.roles.items() if role & IMPORTED]
        imported.sort(key=lambda key: not self.roles[key] & UNUSED)
        self.given = [*imported[:_IMPORTED], *self.document.outline.defined(_DEFINED)]
        self.members = [key for key, role in self.roles.items() if role & MEMBER][:_SCOPED]

    def seen(self, context: Context) -> Seen:
        """What followed a context, in all sources."""
        found = self._seen.get(context.file)
        if found is not None:
            return found
        document, excluded = self.document, self.excluded
        pairs = [self._near(context), document.successors(context.file), [], []]
        for other in self.others:
            pairs[2] += other.successors(context.file)
        votes = [_named(document.votes(context.shapes), context), Successors()]
        if self.project is not None:
            pairs[2] += self.project.successors(context.project, excluded)
            votes[1] = _named(self.project.votes(context.shapes, excluded), context)
        if self.base is not None:
            pairs[3] = self.base.successors(context.base, (0, 0))
        if not context.prose:
            self._offer(context.keys, pairs)
        rows = {"": 0}
        cells: list[int] = []
        for bins, first, sources in ((_BIN, 0, pairs), (_SHAPE_BIN, 4, votes)):
            for number, successors in enumerate(sources, first):
                cell = number * BINS
                for key, match in successors:
                    row = rows.setdefault(key, len(rows))
                    cells.append(row * CELLS + cell + bins[match])
        counts = np.bincount(np.array(cells, np.intp), minlength=len(rows) * CELLS)
        ladder = counts.reshape(len(rows), SOURCES, BINS)[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
        found = Seen(list(rows), ladder.reshape(len(rows), CELLS).astype(np.float32))
        self._seen[context.file] = found
        return found

    def in_code(self, word: str) -> bool:
        """Whether a word stands in code anywhere, and not only in strings and comments."""
        if word in self.document.built_in:
            return True
        if any(each.in_code(word) for each in (self.document, *self.others)):
            return True
        return any(tier is not None and tier.in_code(word) for tier in (self.project, self.base))

    def beginning(self, stem: str, limit: int) -> list[str]:
        """Words that begin with a stem, the commonest of the file, near ones and the project's."""
        bucket = self.document.habits.words.get(stem[0], {})
        found = [key for key in bucket if key.startswith(stem)]
        if len(found) > limit:
            found.sort(key=bucket.__getitem__, reverse=True)
            del found[limit:]
        found += [key for key in self.facts.distance if key.startswith(stem)]
        found += self.document.built_in.beginning(stem, limit)
        known = self.begins.get(stem)
        if known is None:
            if len(self.begins) > _REMEMBERED // 10:
                self.begins.clear()
            known = []
            if self.project is not None:
                known += self.project.beginning(stem, limit, self.excluded)
            if self.base is not None:
                known += self.base.beginning(stem, limit, (0, 0))
            self.begins[stem] = known
        found += known
        return found

    def after(self, key: str, before: tuple[str, str]) -> tuple[int, int, int, int]:
        """How often a word stands after one and two tokens in the project, and in the base."""
        asked = (key, *before)
        found = self.paired.get(asked)
        if found is None:
            if len(self.paired) > _REMEMBERED:
                self.paired.clear()
            project = base = (0, 0)
            if self.project is not None:
                project = self.project.after(key, before, self.excluded)
            if self.base is not None:
                base = self.base.after(key, before, (0, 0))
            found = self.paired[asked] = (*project, *base)
        return found

    def followers(self, before: tuple[str, ...]) -> tuple[Counts, Counts]:
        """How often keys stand after one or two tokens in the project, and in the base."""
        found = self.followed.get(before)
        if found is None:
            if len(self.followed) > _REMEMBERED // 10:
                self.followed.clear()
            project: Counts = {}
            base: Counts = {}
            if self.project is not None:
                project = self.project.followers(before, self.excluded, _FOLLOWERS)
            if self.base is not None:
                base = self.base.followers(before, (0, 0), _FOLLOWERS)
            found = self.followed[before] = project, base
        return found

    def parameters(self, callee: str) -> tuple[str, ...]:
        """The parameters of a function or type by its name; empty if nothing defines it."""
        found = self.document.outline.parameters(callee)
        if found is None:
            found = self.headed.get(callee)
        if found is None:
            found = self.headed[callee] = self._head(callee)
        return found

    def _head(self, callee: str) -> tuple[str, ...]:
        for tier, excluded in ((self.project, self.excluded), (self.base, (0, 0))):
            if tier is None:
                continue
            for word in ("def", "fn", "func", "function"):
                keys = tier.following((callee, word), excluded, 90)
                if keys:
                    return parameters_of(keys)
            keys = tier.following((callee, "class"), excluded, 400)
            for at, key in enumerate(keys):
                if key in {"__init__", "constructor"}:
                    return parameters_of(keys[at:])
        return ()

    def _offer(self, keys: list[str], pairs: list[Successors]) -> None:
        """Count as said once more what a module or a type offers where its names are asked for."""
        module, package = asked_of(keys), package_of(keys)
        match = _LISTED
        if module is None and package is None and len(keys) > 1 and keys[-1].lstrip(" ") in DOTS:
            receiver = keys[-2].lstrip(" ")
            module, match = self.document.outline.imported(receiver), _MEMBER
            if module is None:
                self._offer_members(receiver, pairs)
        for tier, found in ((self.project, pairs[2]), (self.base, pairs[3])):
            names: list[str] = []
            if tier is not None and module is not None:
                names += tier.public(module, self.path, self.path)
                names += tier.submodules(module, self.path)
            # Where all packages begin, what is imported is seldom the project's own.
            elif (
                tier is not None
                and package is not None
                and (package != Module(()) or tier is self.base)
            ):
                names += tier.submodules(package, self.path)
            found += [(name, match) for name in names[:_MOST_OFFERED]]

    def _offer_members(self, receiver: str, pairs: list[Successors]) -> None:
        if receiver in ITSELF:
            if self._bases is None:
                self._bases = self.document.outline.bases(self.line)
            types = self._bases
        else:
            near = self.near
            types = (type_of(receiver, near.keys, near.places.get(receiver, ())),)
        for name in types:
            own = self.document.outline.members(name)
            pairs[1] += [(member, _MEMBER) for member in own]
            if not own:
                pairs[2] += [(member, _MEMBER) for member in self._members(name)]

    def _members(self, name: str) -> tuple[str, ...]:
        """The members of a type of the project, or of the base."""
        found = self.bodies.get(name)
        if found is None:
            found = ()
            for tier, excluded in ((self.project, self.excluded), (self.base, (0, 0))):
                for word in TYPES:
                    if tier is not None and not found:
                        found = members_of(tier.following((name, word), excluded, _BODY))
            self.bodies[name] = found
        return found

    def _near(self, context: Context) -> Successors:
        keys, before = self.near.keys, context.keys
        found = []
        deepest = min(7, len(before))
        for place in reversed(self.near.places.get(before[-1], ())[-16:]):
            if place + 1 == len(keys):
                continue
            match = 1
            while match < deepest and match <= place and keys[place - match] == before[-1 - match]:
                match += 1
            found.append((keys[place + 1], match))
        return found

    def _count(self, key: str) -> tuple[float, float]:
        found = self.counted.get(key)
        if found is None:
            if len(self.counted) > _REMEMBERED:
                self.counted.clear()
            project = self.project.count(key, self.excluded) if self.project is not None else 0
            base = self.base.count(key, (0, 0)) if self.base is not None else 0
            found = self.counted[key] = log(1 + project), log(1 + base)
        return found


def _named(votes: list[tuple[str | int, int]], context: Context) -> Successors:
    """The keys that votes mean in a context; a new name has an empty one."""
    keys = context.keys
    found = []
    for vote, match in votes:
        if isinstance(vote, str):
            found.append((vote, match))
        elif -len(keys) <= vote and vote > NEW and is_name(keys[vote]):
            found.append((keys[vote], match))
        else:
            found.append(("", match))
    return found
