"""What is known of some lines without asking anybody: where they are, who calls, what they use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from firsthand.core.codeview import CodeView, Definition
from firsthand.core.quiz import Module, function_at

_NAME = re.compile(r"[^\W\d]\w*")
_USES, _CALLERS, _FILES = 16, 12, 8


@dataclass(frozen=True, slots=True)
class Caller:
    """A place that calls what the lines are in: the function that it is in, and a line from 0."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Facts about some lines.

    Attributes:
        path: of the file, relative to its folder.
        here: the innermost definition that the lines are in; None outside all.
        doc: the first line of its comment or docstring.
        callers: what calls it in the file.
        elsewhere: other files that hold its name, and how often.
        uses: where the names of the lines are defined, those of the file first.
        raises: exceptions that it raises by name.
        nones: lines, from 0, in which it returns nothing.
        raising: what it does with exceptions, as its language has it.
        nothing: what it returns there.
    """

    path: str
    here: Definition | None
    doc: str = ""
    callers: tuple[Caller, ...] = ()
    elsewhere: tuple[tuple[str, int], ...] = ()
    uses: tuple[Definition, ...] = ()
    raises: tuple[str, ...] = ()
    nones: tuple[int, ...] = ()
    raising: str = "raises"
    nothing: str = "None"


def explain(
    path: str,
    outline: Sequence[tuple[Definition, str]],
    code: Sequence[str],
    module: Module | None,
    view: CodeView | None,
    first: int,
    last: int,
) -> Explanation:
    """The facts.

    Args:
        path: of the file.
        outline: what the file defines, in its order, with each one's documentation.
        code: the file's lines, without what comments and strings say.
        module: its functions, where its language's are read.
        view: the codebase; None where it is not known.
        first: the first of the lines, from 0.
        last: the last one.
    """
    around = [each for each in outline if each[0].first_line <= first and last <= each[0].last_line]
    here, doc = around[-1] if around else (None, "")
    function = function_at(module, here.first_line) if module and here else None
    # A decorator stands above a function's own first line.
    mine = function if function and here and function.name == here.name else None
    return Explanation(
        path=path,
        here=here,
        doc=doc,
        callers=_callers(module, here) if module and here else (),
        elsewhere=_elsewhere(view, here, path) if view and here else (),
        uses=tuple(_uses(outline, code[first : last + 1], view, here)),
        raises=tuple(dict.fromkeys(each.name for each in mine.raises)) if mine else (),
        nones=tuple(each.line for each in mine.returns if each.none) if mine else (),
        raising=module.words.raising if module else "raises",
        nothing=module.words.nothing if module else "None",
    )


def told(found: Explanation) -> str:
    """The facts as Markdown."""
    lines = []
    if found.here is None:
        lines.append(f"These lines of {found.path} stand in no definition.")
    else:
        here = found.here
        within = f" in {here.container}" if here.container else ""
        lines.append(
            f"`{here.signature or here.name}`: a {here.kind}{within}, {found.path} lines "
            f"{here.first_line + 1} to {here.last_line + 1}."
        )
        if found.doc:
            lines.append(f"It says of itself: {found.doc}")
        lines += _who(found, here)
    if found.raises:
        lines.append(f"It {found.raising} {_listed(found.raises)} by name.")
    if found.nones:
        where = _listed([str(each + 1) for each in found.nones])
        lines.append(f"It returns {found.nothing} in line {where}.")
    if found.uses:
        lines += ["", "It uses:"]
        lines += [
            f"- `{each.signature or each.name}` ({each.kind}), {each.path}:{each.first_line + 1}"
            for each in found.uses
        ]
    return "\n".join(lines)


def _who(found: Explanation, here: Definition) -> list[str]:
    """Who calls it, and which files know of it."""
    lines = []
    if found.callers:
        calls = [f"{each.name} (line {each.line + 1})" for each in found.callers]
        lines.append(f"Called in this file by {_listed(calls)}.")
    if found.elsewhere:
        files = [f"{path} ({times})" for path, times in found.elsewhere]
        lines.append(f"The name {here.name} stands in {_listed(files)}.")
    if not found.callers and not found.elsewhere:
        lines.append("No other place of the project that is known of names it.")
    return lines


def _callers(module: Module, here: Definition) -> tuple[Caller, ...]:
    found = [
        Caller(each.path, call.line)
        for each in module.functions
        for call in each.calls
        if call.name == here.name
    ]
    return tuple(found[:_CALLERS])


def _elsewhere(view: CodeView, here: Definition, path: str) -> tuple[tuple[str, int], ...]:
    found = [(other, times) for other, times in view.references(here.name) if other != path]
    return tuple(found[:_FILES])


def _uses(
    outline: Sequence[tuple[Definition, str]],
    code: Sequence[str],
    view: CodeView | None,
    here: Definition | None,
) -> list[Definition]:
    """Where the names in some lines are defined, in the order they stand there."""
    own = {each.name: each for each, _ in reversed(outline)}
    found: list[Definition] = []
    for name in dict.fromkeys(_NAME.findall("\n".join(code))):
        if here is not None and name == here.name:
            continue
        known = own.get(name)
        if known is None and view is not None:
            # Of several the one that most refer to; a common word is no name of anything here.
            known = next(iter(view.definitions(name, 1)), None)
        if known is not None:
            found.append(known)
        if len(found) == _USES:
            break
    return found


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
