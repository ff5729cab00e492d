"""Fill in the middle: how a model is asked for the text at the cursor.

A model that was trained to fill in the middle knows a few control tokens that say which text stands
before the cursor (prefix), which after it (suffix), and where its answer begins (middle);
`templates` has them. Source: Bavarian et al. 2022 (the method, prefix-suffix-middle and
suffix-first order).

Special tokens in the person's own text: a server's tokenizer turns the spelling of a control token
into the token itself wherever it stands, so a file that talks about such tokens would change what
is asked. Every spelling of one in the person's text gets a space after its first character
(`<|fim_prefix|>` becomes `< |fim_prefix|>`); all other text goes out as it is.

Words in the middle: text is cut into tokens from its start, so a prefix that ends inside a word
ends in tokens that the model rarely saw there. The mend ("token healing") is to leave the word's
beginning out of the prompt and to accept only an answer that begins with it. A server that takes a
grammar is held to that; with the others it is tried where the model has not said something else.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache

from firsthand.core.templates import TEMPLATES, Template

__all__ = [
    "TEMPLATES",
    "Hole",
    "Prompt",
    "Template",
    "detect",
    "ends",
    "halves",
    "render",
    "shortened",
    "special_tokens",
    "stem",
]

# A word's beginning, and the one character before it that tokens of words often begin with.
_STEM = re.compile(r"[^\w\r\n]?\w+\Z")
_LONGEST_STEM = 40

_PREFIX_SHARE = 0.75  # of a hole that has to be shortened


@dataclass(frozen=True, slots=True)
class Hole:
    """What is to be filled: the place between a prefix and a suffix.

    Attributes:
        prefix: the text before the cursor, as much of it as is to be sent.
        suffix: the text after the cursor, likewise.
        path: the file's path as the model may see it (relative to the workspace, `/` between).
        repository: the workspace's name.
        snippets: text of other places worth knowing, as (path, text), in the order to be sent.
        comment: what begins a comment in the file's language; for models that take no other files,
            snippets stand in comments at the prefix's beginning.
    """

    prefix: str
    suffix: str
    path: str = ""
    repository: str = ""
    snippets: tuple[tuple[str, str], ...] = ()
    comment: str = ""

    @property
    def size(self) -> int:
        """Characters of all its texts."""
        others = sum(len(path) + len(text) for path, text in self.snippets)
        return len(self.prefix) + len(self.suffix) + others


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes to the model.

    Attributes:
        text: the prompt.
        stops: the strings at which the answer has ended.
        lead: what the answer begins with again although it stands before the cursor.
    """

    text: str
    stops: tuple[str, ...] = ()
    lead: str = ""


def render(template: Template, hole: Hole, heal: str = "") -> Prompt:
    """The prompt that asks a template's models to fill a hole.

    Args:
        template: how.
        hole: what.
        heal: an end of the prefix that is left out of the prompt, for the answer to begin with.
    """
    before, inside = _files(template, hole)
    lead = heal if hole.prefix.endswith(heal) else ""
    head, tail = hole.prefix.removesuffix(lead), hole.suffix
    region = ""
    if template.rewrites:
        cut = hole.prefix.rfind("\n") + 1
        head, lead = hole.prefix[:cut], hole.prefix[cut:]
        rest, _, tail = hole.suffix.partition("\n")
        opening, cursor, closing = template.region
        region = opening + _plain(template, lead) + cursor + _plain(template, rest) + closing
    prefix = template.prefix + inside + _plain(template, head) + region
    suffix = template.suffix + _plain(template, tail)
    order = (suffix, prefix) if template.suffix_first else (prefix, suffix)
    return Prompt("".join((before, *order, template.middle)), template.stops, lead)


def halves(template: Template | None, hole: Hole, lead: str = "") -> tuple[str, str]:
    """The prefix and the suffix for a server that puts the template around them itself.

    Snippets stand in the prefix, as a family was trained if it was trained so, else in comments.
    The prefix ends before the lead, which the answer begins with.
    """
    hole = replace(hole, prefix=hole.prefix.removesuffix(lead))
    if template is None:
        return _commented(hole) + hole.prefix, hole.suffix
    trained = template.several_files and template.files == "inside"
    inside = _files(template, hole)[1] if trained else _plain(template, _commented(hole))
    return inside + _plain(template, hole.prefix), _plain(template, hole.suffix)


def shortened(hole: Hole, most: int) -> Hole:
    """A hole with at most so many characters: the last snippets go first, then what is far away.

    The prefix begins at a line, and at the same one for many keys, so that a server can go on
    reusing its work on it.
    """
    snippets, room = [], most - len(hole.prefix) - len(hole.suffix)
    for path, text in hole.snippets:
        room -= len(path) + len(text)
        if room < 0:
            break
        snippets.append((path, text))
    after = max(most - len(hole.prefix), round(most * (1 - _PREFIX_SHARE)))
    suffix = hole.suffix[:after]
    prefix = _end(hole.prefix, most - len(suffix))
    return replace(hole, prefix=prefix, suffix=suffix, snippets=tuple(snippets))


def stem(prefix: str) -> str:
    """The beginning of a word that a prefix ends with, to be healed; empty where it ends with none.

    The character before the word belongs to it where tokens of words may begin with it.
    """
    found = _STEM.search(prefix, max(0, len(prefix) - _LONGEST_STEM - 1))
    return found[0] if found and len(found[0]) <= _LONGEST_STEM else ""


def detect(model: str, special: Collection[str] | None = None) -> Template | None:
    """The template for a model, from what its server says about it.

    Args:
        model: the model's name, file name or path as its server gives it.
        special: the spellings that the server's tokenizer takes for one control token each, where
            that is known; a name is then believed only if its template's tokens are among them,
            and a model with a name that says nothing is known by them.

    Returns:
        The template, or None if the model is not known to fill in the middle.
    """
    name = re.sub(r"[\s_]+", "-", re.split(r"[\\/]", model.strip())[-1].lower())
    for template in TEMPLATES.values():
        if template.models.search(name) and (special is None or template.tokens <= set(special)):
            return template
    if special:
        for template in TEMPLATES.values():
            if template.tokens and template.tokens <= set(special):
                return template
    return None


def special_tokens() -> frozenset[str]:
    """Every control token that tells templates apart: what to ask a server's tokenizer about."""
    return frozenset().union(*(template.tokens for template in TEMPLATES.values()))


@cache
def ends() -> tuple[str, ...]:
    """What ends an answer of a model whose template is not known: nothing that code may hold."""
    common = {each for template in TEMPLATES.values() for each in template.stops}
    telling = ("<|", "<[", "<fim_", "[SUFFIX", "[PREFIX")
    return tuple(sorted(each for each in common if not each.isascii() or each.startswith(telling)))


def _files(template: Template, hole: Hole) -> tuple[str, str]:
    """What stands before the whole hole, and what stands at the beginning of its prefix."""
    if not template.several_files:
        return "", _plain(template, _commented(hole))
    opening, after_path, after_text = template.file
    others = "".join(
        f"{opening}{_path(template, path)}{after_path}{_plain(template, text)}{after_text}"
        for path, text in hole.snippets
    )
    if not others and not template.path_always:
        return "", ""
    if others and hole.repository and any(template.repository):
        start, end = template.repository
        others = start + _path(template, hole.repository) + end + others
    own = _path(template, hole.path) + after_path if hole.path else ""
    if template.files == "inside":
        return "", others + (opening + own if own else "")
    if template.files == "path inside":
        return others + opening, own
    return others + (opening + own if own else ""), ""


def _commented(hole: Hole) -> str:
    """The snippets as comments; nothing where the language has no comment of one line."""
    if not hole.comment:
        return ""
    lines = (line for path, text in hole.snippets for line in (path, *text.splitlines()))
    return "".join(f"{hole.comment} {line}".rstrip() + "\n" for line in lines)


def _end(text: str, most: int) -> str:
    """The end of a text, cut in steps of a quarter of `most`, and then to the start of a line."""
    over = len(text) - most
    if over <= 0:
        return text
    step = max(1, most // 4)
    cut = -(-over // step) * step
    line = text.find("\n", cut - 1, cut + step)
    return text[line + 1 if line >= 0 else cut :]


def _plain(template: Template, text: str) -> str:
    """A person's text with no control token left in it."""
    return _control(template.control).sub(lambda found: found[0][0] + " " + found[0][1:], text)


def _path(template: Template, path: str) -> str:
    return _plain(template, " ".join(path.splitlines()))


@cache
def _control(spellings: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(spellings, key=len, reverse=True))))
