"""What a frontier model is shown of the codebase around a range that a person asks about.

The signatures that its code uses, the places that call what it defines, code that is very much like
it, what the file defines out of sight, and a map of the files around: each within its share of a
budget of tokens. Nothing of it is kept from one question to the next, for they are few.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from firsthand.core.codeview import CodeView, Definition
from firsthand.core.snippets import Piece, piece
from firsthand.core.sources.overview import overview
from firsthand.core.sources.own import outside
from firsthand.core.sources.place import NAME
from firsthand.core.tokens import estimate

BUDGET = 6_144
"""Tokens that all pieces may take together."""
NOWHERE = ""
"""The path of a piece that is from no single file."""
ORDER = ("map", "uses", "callers", "similar code", "own file", "edited", "diagnostics")
"""The sources in the order to be shown: what changes least from one question to the next first."""

_SHARES = {"map": 0.3, "uses": 0.3, "callers": 0.2, "similar code": 0.1, "own file": 0.1}
_CALLED = frozenset(("function", "method", "constructor", "macro", "class", "interface", "type"))
_TYPES = frozenset(("class", "interface", "enum", "type"))
_UNNAMED = frozenset(("field", "variable"))  # their names are common words
_NEAR = 12  # lines around a cursor whose names count
_AMBIGUOUS, _CANDIDATES = 3, 2  # definitions of one name: more tell nothing, and so many are shown
_MEMBERS = 12
_SITES, _SITES_OF_A_FILE = 12, 3
_ALIKE = 0.5  # the share of the range's rare names that code very much like it holds
_IN_WORDS = re.compile(r"`([^`\n]+)`|\b(\w*[a-z0-9]_\w+|\w*[a-z][A-Z]\w*|\w+(?=\())")
_IMPORT = re.compile(r"\s*(?:import|from|use|using|require|#\s*include|package)\b")


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked about.

    Attributes:
        path: of the file, as `CodeView` names it.
        lines: the file's lines as they are now, without their ends.
        code: the same lines without what comments and strings say.
        defined: what they define, in their order.
        imports: what they import: each module, and the names that are taken from it.
        first, last: the first and the last line of the range, from 0.
        cursor: whether the range is a cursor.
        shown: the first line that the model sees of the file, and the one behind the last.
        instruction: in the person's words.
    """

    path: str
    lines: Sequence[str]
    code: Sequence[str]
    defined: Sequence[Definition]
    imports: Sequence[tuple[str, tuple[str, ...]]]
    first: int
    last: int
    cursor: bool
    shown: tuple[int, int]
    instruction: str = ""

    @property
    def scopes(self) -> list[Definition]:
        """The definitions that the range lies in, the outermost first."""
        around = [it for it in self.defined if it.first_line <= self.first <= it.last_line]
        return [it for it in around if self.last <= it.last_line]

    @property
    def subjects(self) -> list[Definition]:
        """What the range defines, or the innermost of what it lies in: what others call."""
        inside = [it for it in self.defined if self.first <= it.first_line <= self.last]
        return [it for it in inside or self.scopes[-1:] if it.kind in _CALLED]

    def names(self) -> dict[str, bool]:
        """The names in the range, in its order, and whether each stands behind a dot."""
        first, last = self.first, self.last
        if self.cursor:
            first, last = max(0, first - _NEAR), last + _NEAR
        found: dict[str, bool] = {}
        for line in self.code[first : last + 1]:
            for match in NAME.finditer(line):
                dotted = line[: match.start()].rstrip().endswith((".", "->", "::"))
                found[match[0]] = found.get(match[0], True) and dotted
        for quoted, word in _IN_WORDS.findall(self.instruction):
            for name in NAME.findall(quoted or word):
                found.setdefault(name, True)
        return found

    def sees(self, definition: Definition) -> bool:
        """Whether the model sees a definition of the file anyway."""
        return self.shown[0] <= definition.first_line < self.shown[1]


def pack(view: CodeView, target: Target, may: Callable[[str], bool]) -> Iterator[Piece]:
    """The pieces, what is worth most first; `ordered` says how they are shown.

    Args:
        view: the codebase; it may know its files as they were some edits ago.
        target: what is asked about.
        may: whether a file's text may be shown, by its path.
    """
    left = {source: BUDGET * share for source, share in _SHARES.items()}
    used = list(_used(view, target, may))
    uses = _signatures(view, used, left["uses"])
    yield piece("uses", NOWHERE, uses, "the range, or the request, names what they define")
    reason = "they name what the range defines"
    yield piece("callers", NOWHERE, _callers(view, target, may, left["callers"]), reason)
    own = _own(target, left["own file"])
    yield piece("own file", target.path, own, "what it defines outside of the window")
    if (alike := _alike(view, target, may, left["similar code"])) is not None:
        yield alike
    around = overview(view, target.path, left["map"], may)
    yield piece("map", NOWHERE, around, "the files that references lead to from this one")


def ordered(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces that say something, in an order that depends on nothing but their sources."""
    return tuple(sorted((it for it in pieces if it.text), key=lambda it: ORDER.index(it.source)))


def _used(view: CodeView, target: Target, may: Callable[[str], bool]) -> Iterator[Definition]:
    """What the names of the range mean, where that is not in sight."""
    own = {each.name: each for each in reversed(target.defined)}
    taken = _imported(view, target)
    for name, dotted in target.names().items():
        mine = own.get(name)
        if mine is not None and (not dotted or mine.container):
            if not target.sees(mine):
                yield mine
            continue
        found = [
            it
            for it in view.definitions(name)
            if it.path != target.path and it.kind not in _UNNAMED and may(it.path)
        ]
        known = [it for it in found if it.path in taken]
        # A bare name is seldom a member of something; behind a dot stands what has any container.
        bare = [it for it in found if dotted or not it.container or len(found) == 1]
        yield from (known or (bare if len(bare) <= _AMBIGUOUS else []))[:_CANDIDATES]


def _imported(view: CodeView, target: Target) -> frozenset[str]:
    """The files that the file imports, and those that the files of its packages pass on."""
    modules = (view.module(target.path, module) for module, _ in target.imports)
    return frozenset(path for path in modules if path is not None)


def _signatures(view: CodeView, used: Iterable[Definition], budget: float) -> str:
    """Signatures under the paths of their files; a type's with those of what one does with it."""
    told: list[tuple[str, str]] = []
    for each in dict.fromkeys(used):
        header = 0.0 if any(path == each.path for path, _ in told) else estimate(f"{each.path}:\n")
        lines = list(_lines(view, each))
        while len(lines) > 1 and header + estimate("".join(lines)) > budget:
            lines.pop()
        cost = header + estimate("".join(lines))
        if cost <= budget:
            budget -= cost
            told.append((each.path, "".join(lines)))
    places = list(dict.fromkeys(path for path, _ in told))
    told.sort(key=lambda it: places.index(it[0]))
    return "".join(
        f"{path}:\n{''.join(lines for _, lines in group)}"
        for path, group in groupby(told, key=lambda it: it[0])
    )


def _lines(view: CodeView, definition: Definition) -> Iterator[str]:
    within = f"  (in {definition.container})" if definition.container else ""
    yield f"    {definition.signature.strip()}{within}\n"
    if definition.kind in _TYPES:
        full = ".".join(filter(None, (definition.container, definition.name)))
        for each in view.members(full, definition.path, _MEMBERS):
            yield f"        {each.signature.strip()}\n"


def _callers(view: CodeView, target: Target, may: Callable[[str], bool], budget: float) -> str:
    """The places that name what the range defines, each with the line before it and after it."""
    parts: list[str] = []
    for each in target.subjects:
        sites = [*_sites_here(target, each), *_sites(view, target, each, may)]
        for path, line, within, text in sites[:_SITES]:
            where = f", in {within}" if within else ""
            part = f"{path}, line {line + 1}{where}:\n{text}\n"
            budget -= estimate(part)
            if budget < 0:
                return "".join(parts)
            if part not in parts:
                parts.append(part)
    return "".join(parts)


_Site = tuple[str, int, str, str]


def _sites_here(target: Target, subject: Definition) -> Iterator[_Site]:
    """The places in the file itself that the model does not see."""
    name = _word(subject.name)
    for number, line in enumerate(target.code):
        if name.search(line) and not target.shown[0] <= number < target.shown[1]:
            within = _innermost(target.defined, number)
            yield target.path, number, within, _context(target.lines, number)


def _sites(
    view: CodeView, target: Target, subject: Definition, may: Callable[[str], bool]
) -> Iterator[_Site]:
    """The places in other files; where others define the same name, those of importers alone."""
    name = _word(subject.name)
    ambiguous = any(it.path != target.path for it in view.definitions(subject.name))
    chunks = [it for it, _ in view.similar({subject.name: 1.0}, target.path) if may(it.path)]
    importers = {it.path for it in chunks if _imports(view, it.path, target.path)}
    chunks.sort(key=lambda it: (it.path not in importers, it.path, it.first_line))
    left: dict[str, int] = {}
    for chunk in chunks:
        if ambiguous and chunk.path not in importers:
            continue
        outline = view.outline(chunk.path)
        lines = chunk.text.splitlines()
        for number, line in enumerate(lines):
            at = chunk.first_line + number
            if not name.search(line) or _IMPORT.match(line) or _defines(outline, subject.name, at):
                continue
            left[chunk.path] = left.get(chunk.path, _SITES_OF_A_FILE) - 1
            if left[chunk.path] >= 0:
                yield chunk.path, at, _innermost(outline, at), _context(lines, number)


def _imports(view: CodeView, path: str, target: str) -> bool:
    return any(view.module(path, module) == target for module, _ in view.imports(path))


def _defines(outline: Sequence[Definition], name: str, line: int) -> bool:
    return any(it.name == name and it.first_line == line for it in outline)


def _innermost(outline: Sequence[Definition], line: int) -> str:
    """The signature of the innermost definition that a line is in; empty outside all."""
    around = [it for it in outline if it.first_line <= line <= it.last_line and it.kind in _CALLED]
    return max(around, key=lambda it: it.first_line).signature.strip() if around else ""


def _context(lines: Sequence[str], number: int) -> str:
    return "\n".join(line.rstrip() for line in lines[max(0, number - 1) : number + 2])


def _own(target: Target, budget: float) -> str:
    """The headers of the scopes around the range, and what else the file defines out of sight."""
    first, end = target.shown
    scopes = "".join(
        f"{it.signature.strip()}  (line {it.first_line + 1}, around the range)\n"
        for it in target.scopes
        if it.first_line < first
    )
    names = frozenset(it.name for it in target.defined)
    return scopes + outside(target.defined, names, first, end - 1, budget - estimate(scopes))


def _alike(
    view: CodeView, target: Target, may: Callable[[str], bool], budget: float
) -> Piece | None:
    """The code most like the range, if it is very much like it."""
    terms = dict.fromkeys(target.names(), 1.0)
    if not terms:
        return None
    for chunk, share in view.similar(terms, target.path, 3):
        if share >= _ALIKE and may(chunk.path) and estimate(chunk.text) <= budget:
            reason = f"it holds {share:.0%} of the rare names of the range"
            return piece("similar code", chunk.path, chunk.text, reason)
    return None


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
