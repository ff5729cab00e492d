"""Names with their signatures, written so that a model reads many of them in few tokens.

Members stand behind their container, `Store: get(key) put(key, value)`, everything else in lines
of its own. A space parts them: tokenizers take it as a part of the word behind it, while a comma
costs a third of a name. A signature is cut to what a call needs, the names of the parameters, and
those types that cost little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from firsthand.core.codeview import Definition
from firsthand.core.tokens import estimate

CALLABLE = frozenset(("function", "method", "constructor", "macro"))
_CONTAINED = frozenset(("method", "constructor", "field"))
_NAMED_TYPE = frozenset(("class", "interface", "enum", "type", "module"))
_SHORT = 16  # characters of parameters that are left as they are
_LONGEST = 40
_OWN = re.compile(r"^(?:\*?&?(?:mut )?(?:self|cls|this)\b(?:\s*:[^,]*)?(?:,\s*)?)")
_SPACES = re.compile(r"\s+")
# What comes before the name of a parameter where the type does not come after it.
_TYPE_FIRST = frozenset(("java", "c", "cpp", "csharp", "cuda-cpp", "objective-c", "php"))
_DEFAULT = re.compile(r"=(?!>)")
_OPENERS, _CLOSERS = "([{<", ")]}>"


@dataclass(frozen=True, slots=True)
class Entry:
    """A name as it is listed.

    Attributes:
        name: the name.
        text: the name with what it takes to use it.
        container: what it is a member of; empty where that tells nothing.
        kind: as `Definition.kind`; empty for a name that the codebase does not define.
        path: where it is defined; empty likewise.
        tokens: what it costs in a list.
    """

    name: str
    text: str
    container: str = ""
    kind: str = ""
    path: str = ""
    tokens: float = 0.0

    @property
    def signed(self) -> bool:
        """Whether it shows how its name is used, or there is no more to show than the name."""
        return self.kind not in CALLABLE or "(" in self.text


def entry(name: str, it: Definition | None, language: str) -> Entry:
    """How a name is listed.

    Args:
        name: the name.
        it: what it means; None where the codebase does not define it.
        language: the LSP language id of the file that is written in.
    """
    if it is None:
        return Entry(name, name, tokens=estimate(name))
    text = name
    if it.kind in CALLABLE:
        text = f"{name}({_parameters(it, language)})"
    elif it.kind == "class":
        text = _class(it)
    container = it.container.rpartition(".")[2] if it.kind in _CONTAINED else ""
    return Entry(name, text, container, it.kind, it.path, estimate(text))


def render(entries: Iterable[Entry]) -> str:
    """Some entries as text, always in the same order, so that similar lists begin alike."""
    groups: dict[str, list[Entry]] = {}
    types, callables, others = [], [], []
    for each in sorted(entries, key=attrgetter("name", "text")):
        if each.container:
            groups.setdefault(each.container, []).append(each)
        elif each.kind in _NAMED_TYPE:
            types.append(each)
        elif each.kind in CALLABLE:
            callables.append(each)
        else:
            others.append(each)
    members = []
    for container, group in sorted(groups.items()):
        if len(group) > 1:
            members.append(_line(f"{container}: ", group))
        elif group[0].kind in CALLABLE:
            callables.append(group[0])
        else:
            others.append(group[0])
    loose = (_line("", sorted(each, key=attrgetter("name"))) for each in (callables, others))
    return "".join((_line("", types), *members, *loose))


def _line(head: str, entries: Sequence[Entry]) -> str:
    return f"{head}{' '.join(each.text for each in entries)}\n" if entries else ""


def _class(it: Definition) -> str:
    """A class with what it is made from, where the signature says so in a few words."""
    _, name, rest = it.signature.partition(it.name)
    rest = _SPACES.sub(" ", rest.strip().rstrip(":{ "))
    short = name and rest and len(rest) <= _SHORT
    return f"{it.name}{rest if rest[:1] == '(' else ' ' + rest}" if short else it.name


def _parameters(it: Definition, language: str) -> str:
    """The parameters of a signature, as short as they can be told."""
    inside = _between(it.signature, it.name)
    inside = _OWN.sub("", _SPACES.sub(" ", inside).strip())
    if len(inside) <= _SHORT:
        return inside
    names = [_parameter(each.strip(), language) for each in _split(inside)]
    while len(short := ", ".join(filter(None, names))) > _LONGEST and len(names) > 1:
        names = [*names[:-2], "…"] if names[-1] == "…" else [*names[:-1], "…"]
    return short


def _between(signature: str, name: str) -> str:
    """What stands in the parentheses behind a name."""
    start = signature.find("(", _behind(signature, name))  # of Go the receiver stands before it
    if start < 0:
        return ""
    depth = 0
    for index in range(start, len(signature)):
        if signature[index] in "([{":
            depth += 1
        elif signature[index] in ")]}":
            depth -= 1
            if depth == 0:
                return signature[start + 1 : index]
    return signature[start + 1 :]


def _behind(text: str, name: str) -> int:
    """Where a name ends that stands in a text as a word of its own; 0 if it does not."""
    # A pattern made of each name would take longer to compile than all else here.
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not (_goes_on(text[at - 1 : at]) or _goes_on(text[end : end + 1])):
            return end
        at = text.find(name, at + 1)
    return 0


def _goes_on(character: str) -> bool:
    return character.isalnum() or character == "_"


def _split(parameters: str) -> list[str]:
    """Parameters, parted at the commas that are in no brackets."""
    parts, depth, start = [], 0, 0
    for index, each in enumerate(parameters):
        if each in _OPENERS:
            depth += 1
        elif each in _CLOSERS and parameters[index - 1 : index] not in ("=", "-"):
            depth -= 1
        elif each == "," and depth <= 0:
            parts.append(parameters[start:index])
            start = index + 1
    parts.append(parameters[start:])
    return parts


def _parameter(written: str, language: str) -> str:
    """The name of a parameter; one with a default value says so by "="."""
    head, *default = _DEFAULT.split(written, maxsplit=1)
    head = head.strip()
    if language in _TYPE_FIRST:
        name = head.split(" ")[-1].lstrip("*&")
    else:
        name = head.partition(":")[0].strip().rstrip("?")
        name = name.split(" ")[0] if language == "go" else name.split(" ")[-1]
    return name + ("=" if default else "")
