"""Questions about a function whose answers stand in its code, so that understanding keeps up.

Nothing is asked that the code does not say: what it calls, what calls it, which exceptions it
raises by name, which of its branches returns nothing. What cannot be told from the text alone (what
a call raises, what a name means where it is bound twice) is no question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["calls", "called", "raises", "none"]

_MOST = 3  # questions about one function
_OPTIONS = 4


@dataclass(frozen=True, slots=True)
class Words:
    """How a language's questions are put; `{}` stands for the function.

    Attributes:
        none: which branch returns nothing.
        raises: which exception it raises.
        usual: exceptions that any file could raise.
        raising: what a function does with exceptions, as "raises".
        nothing: what it returns where it returns nothing.
    """

    none: str
    raises: str
    usual: tuple[str, ...]
    raising: str
    nothing: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its line, the last name of what is called, and all of it where it is plain names.

    Attributes:
        written: as "os.path.join" or "self.close"; empty where it is more than names.
    """

    line: int
    name: str
    written: str


@dataclass(frozen=True, slots=True)
class Raised:
    """A raise statement that names its exception: its line, and the name as it is written."""

    line: int
    name: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A return statement.

    Attributes:
        line: where it is.
        branch: the line of the innermost branch that it is in; of the function where it is in none.
        head: that line, without its indentation.
        none: True where it says nothing (in Python None or nothing at all), False where no such
            word stands in it, None where it may.
    """

    line: int
    branch: int
    head: str
    none: bool | None


@dataclass(frozen=True, slots=True)
class Function:
    """A function as its tree tells of it. Lines count from 0.

    What is written in functions, lambdas and classes within it counts as theirs, but in `within`.

    Attributes:
        name: its own.
        container: the classes and functions that it is in, joined by "."; or empty.
        method: whether it stands in a class.
        first_line, last_line: of its definition, decorators left out.
        calls, raises, returns: what it says itself, in order.
        within: the last names of all that is called anywhere between its lines.
        raised_within: the last names of all exceptions that may be meant there.
        this: by which name a method's own object goes, as "self"; empty where that is not clear.
    """

    name: str
    container: str
    method: bool
    first_line: int
    last_line: int
    calls: tuple[Call, ...]
    raises: tuple[Raised, ...]
    returns: tuple[Returned, ...]
    within: frozenset[str]
    raised_within: frozenset[str]
    this: str = "self"

    @property
    def path(self) -> str:
        """Its name with those of what it is in."""
        return f"{self.container}.{self.name}" if self.container else self.name


@dataclass(frozen=True, slots=True)
class Module:
    """A file's functions, the names that it binds once (what they mean is clear), and its words."""

    functions: tuple[Function, ...]
    bound_once: frozenset[str]
    words: Words


@dataclass(frozen=True, slots=True)
class Question:
    """A question with one right answer.

    Attributes:
        kind: "calls", "called", "raises" or "none".
        prompt: the question.
        options: what to choose from.
        answer: the number of the right one, from 0.
        lines: where the code says so; 0 is a file's first line.
    """

    kind: Kind
    prompt: str
    options: tuple[str, ...]
    answer: int
    lines: tuple[int, ...]


def function_at(module: Module, line: int) -> Function | None:
    """The innermost function that a line is in; the first one below where it is in none."""
    around = [each for each in module.functions if each.first_line <= line <= each.last_line]
    below = [each for each in module.functions if each.first_line > line]
    return around[-1] if around else next(iter(below), None)


def questions(module: Module, function: Function, most: int = _MOST) -> list[Question]:
    """Questions about a function, of different kinds; none where its code answers none."""
    kinds: Sequence[Callable[[Module, Function], Question | None]] = (
        _none,
        _raises,
        _called,
        _calls,
    )
    found = [question for kind in kinds if (question := kind(module, function)) is not None]
    return found[:most]


def _none(module: Module, function: Function) -> Question | None:
    """Which branch returns nothing."""
    branches: dict[int, list[Returned]] = {}
    for each in function.returns:
        branches.setdefault(each.branch, []).append(each)
    right = [line for line, inside in branches.items() if any(each.none is True for each in inside)]
    wrong = [
        line for line, inside in branches.items() if all(each.none is False for each in inside)
    ]
    heads = {line: inside[0].head for line, inside in branches.items()}
    if len(right) != 1 or not wrong or any("return" in heads[each] for each in (*right, *wrong)):
        return None
    said = next(each.line for each in branches[right[0]] if each.none is True)
    return _question(
        "none",
        module.words.none.format(function.name),
        _branch(right[0], heads[right[0]], function),
        [_branch(line, heads[line], function) for line in wrong],
        (said,),
        function,
    )


def _raises(module: Module, function: Function) -> Question | None:
    """Which exception it raises."""
    named = list(dict.fromkeys(each.name for each in function.raises))
    elsewhere = [each.name for other in module.functions for each in other.raises]
    wrong = [
        each
        for each in dict.fromkeys((*elsewhere, *module.words.usual))
        if _last(each) not in function.raised_within
    ]
    if not named or len(wrong) < 2:
        return None
    lines = tuple(each.line for each in function.raises if each.name == named[0])
    prompt = module.words.raises.format(function.name)
    return _question("raises", prompt, named[0], wrong, lines, function)


def _called(module: Module, function: Function) -> Question | None:
    """What calls it."""
    if function.name not in module.bound_once:
        return None
    if function.container and not function.method:
        return None
    right, wrong, lines = list[str](), list[str](), list[int]()
    for other in module.functions:
        if other is function:
            continue
        written = f"{other.this}.{function.name}" if function.method else function.name
        calls = [each.line for each in other.calls if each.written == written]
        if calls and (not function.method or other.container == function.container):
            right.append(other.path)
            lines = lines or calls
        elif function.name not in other.within:
            wrong.append(other.path)
    wrong = [each for each in wrong if each not in right]
    if not right or len(wrong) < 2:
        return None
    prompt = f"Which of these functions of the file calls {function.name}?"
    return _question("called", prompt, right[0], wrong, tuple(lines), function)


def _calls(module: Module, function: Function) -> Question | None:
    """What it calls."""
    named = [each for each in function.calls if each.written]
    elsewhere = (each for other in module.functions for each in other.calls if each.written)
    wrong = list(
        dict.fromkeys(each.written for each in elsewhere if each.name not in function.within)
    )
    if not named or len(wrong) < 2:
        return None
    # The one whose name says most is asked for.
    right = max(named, key=lambda each: len(each.written)).written
    lines = tuple(each.line for each in named if each.written == right)
    return _question(
        "calls", f"Which of these does {function.name} call?", right, wrong, lines, function
    )


def _question(
    kind: Kind,
    prompt: str,
    right: str,
    wrong: Iterable[str],
    lines: tuple[int, ...],
    function: Function,
) -> Question:
    """A question whose right answer stands at a place that its text does not give away."""
    options = [each for each in dict.fromkeys(wrong) if each != right][: _OPTIONS - 1]
    answer = (function.first_line + len(function.name) + len(kind)) % (len(options) + 1)
    options.insert(answer, right)
    return Question(kind, prompt, tuple(options), answer, lines)


def _branch(line: int, head: str, function: Function) -> str:
    if line == function.first_line:
        return "none of its branches: at the function's own level"
    return f"line {line + 1}: {head}"


def _last(name: str) -> str:
    return name.rpartition(".")[2]
