"""Fill in the middle: how each family of models wants to be asked for the text at the cursor.

A model that was trained to fill in the middle knows a few control tokens that say which text stands
before the cursor (prefix), which after it (suffix), and where its answer begins (middle). The table
at the end of this file holds one entry for each family and nothing else in Firsthand knows a
model's tokens. Sources: Bavarian et al. 2022 (the method, prefix-suffix-middle and suffix-first
order) and each family's model card or paper, named at its entry.

Special tokens in the person's own text: a server's tokenizer turns the spelling of a control token
into the token itself wherever it stands, so a file that talks about such tokens would change what
is asked. Every spelling of one in the person's text gets a space after its first character
(`<|fim_prefix|>` becomes `< |fim_prefix|>`); all other text goes out as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Hole:
    """What is to be filled: the place between a prefix and a suffix.

    Attributes:
        prefix: the text before the cursor, as much of it as is to be sent.
        suffix: the text after the cursor, likewise.
        path: the file's path as the model may see it (relative to the workspace, `/` between).
        repository: the workspace's name.
        snippets: text of other places worth knowing, as (path, text), in the order to be sent.
    """

    prefix: str
    suffix: str
    path: str = ""
    repository: str = ""
    snippets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes to the model, and the strings at which its answer has ended."""

    text: str
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """How one family of models is asked.

    Attributes:
        name: what configuration calls it.
        prefix: stands before the prefix.
        suffix: stands before the suffix.
        middle: ends the prompt.
        stops: what ends an answer, the most telling first: some servers take only four.
        control: every spelling that the family's tokenizers read as a control token.
        models: a pattern of the (lower case) names of the models it is for.
        suffix_first: whether the suffix goes before the prefix, as the model was trained. It lets
            a server reuse its work on the suffix after each key.
        repository: stands before and after the repository's name.
        file: stands before another file's path, after it, and after its text. Three empty strings
            mean that the family was never shown several files, and snippets are left out.
        files: where snippets and the file's own path stand: before the whole hole, inside its
            prefix, or snippets before it with only the file's own path inside its prefix.
        path_always: whether the file's own path is given even when there are no snippets.
    """

    name: str
    prefix: str
    suffix: str
    middle: str
    stops: tuple[str, ...]
    control: tuple[str, ...]
    models: re.Pattern[str] = field(repr=False)
    suffix_first: bool = False
    repository: tuple[str, str] = ("", "")
    file: tuple[str, str, str] = ("", "", "")
    files: Literal["before", "inside", "path inside"] = "before"
    path_always: bool = False

    @property
    def several_files(self) -> bool:
        """Whether snippets of other files are rendered."""
        return any(self.file)

    @property
    def tokens(self) -> frozenset[str]:
        """The control tokens without which the template cannot work."""
        return frozenset(each for each in self.control if each in self._skeleton)

    @property
    def _skeleton(self) -> str:
        return "".join((self.prefix, self.suffix, self.middle, *self.file))


def render(template: Template, hole: Hole) -> Prompt:
    """The prompt that asks a template's models to fill a hole."""
    before, inside = _files(template, hole)
    prefix = template.prefix + inside + _plain(template, hole.prefix)
    suffix = template.suffix + _plain(template, hole.suffix)
    order = (suffix, prefix) if template.suffix_first else (prefix, suffix)
    return Prompt("".join((before, *order, template.middle)), template.stops)


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


def _files(template: Template, hole: Hole) -> tuple[str, str]:
    """What stands before the whole hole, and what stands at the beginning of its prefix."""
    opening, after_path, after_text = template.file
    others = "".join(
        f"{opening}{_path(template, path)}{after_path}{_plain(template, text)}{after_text}"
        for path, text in (hole.snippets if template.several_files else ())
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


def _plain(template: Template, text: str) -> str:
    """A person's text with no control token left in it."""
    return _control(template.control).sub(lambda found: found[0][0] + " " + found[0][1:], text)


def _path(template: Template, path: str) -> str:
    return _plain(template, " ".join(path.splitlines()))


@cache
def _control(spellings: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(spellings, key=len, reverse=True))))


def _template(
    name: str,
    models: str,
    parts: tuple[str, str, str],
    stops: str,
    control: str = "",
    **rest: object,
) -> Template:
    """An entry of the table: stops and further control tokens are written with spaces between."""
    ends = dict.fromkeys((*stops.split(), *(part.strip() for part in parts if part)))
    return Template(
        name,
        *parts,
        stops=tuple(ends),
        control=tuple(dict.fromkeys((*ends, *control.split()))),
        models=re.compile(models),
        **rest,  # type: ignore[arg-type]
    )


_STARCODER = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
_BARS = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")

_TABLE = (
    # Hui et al. 2024, "Qwen2.5-Coder Technical Report", and the model card's repository level form.
    _template(
        "qwen",
        r"qwen-?2\.5-?coder|qwen-?3-?coder",
        _BARS,
        "<|endoftext|> <|file_sep|> <|im_end|> <|fim_pad|> <|repo_name|>",
        control="<|im_start|>",
        repository=("<|repo_name|>", "\n"),
        file=("<|file_sep|>", "\n", "\n"),
    ),
    # CodeGemma Team 2024, "CodeGemma: Open Code Models Based on Gemma": files are parted by one
    # token, each begins with its path.
    _template(
        "codegemma",
        r"codegemma(?!.*-it\b)",
        _BARS,
        "<|file_separator|> <end_of_turn> <eos>",
        control="<start_of_turn> <bos>",
        file=("", "\n", "<|file_separator|>"),
    ),
    # IBM Granite 4 and later: the spelling with bars.
    _template(
        "granite-4",
        r"granite-?[4-9]",
        _BARS,
        "<|end_of_text|> <|filename|> <|fim_pad|> <|reponame|>",
        control="<|start_of_role|> <|end_of_role|>",
    ),
    # Guo et al. 2024, "DeepSeek-Coder"; files are joined in one text, each under `#path`.
    _template(
        "deepseek",
        r"deepseek-?(coder|v[23])",
        ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
        "<｜end▁of▁sentence｜> <|EOT|> <｜begin▁of▁sentence｜>",
        control="<｜User｜> <｜Assistant｜>",
        file=("#", "\n", "\n"),
        files="inside",
    ),
    # Lozhkov et al. 2024, "StarCoder 2 and The Stack v2", section 5.1.
    _template(
        "starcoder2",
        r"starcoder-?2",
        _STARCODER,
        "<file_sep> <|endoftext|> <fim_pad> <repo_name>",
        repository=("<repo_name>", ""),
        file=("<file_sep>", "\n", ""),
        files="path inside",
    ),
    # Mishra et al. 2024, "Granite Code Models", and Granite 3.3: StarCoder's first spelling.
    _template(
        "granite",
        r"granite",
        _STARCODER,
        "<|endoftext|> <|end_of_text|> <filename> <fim_pad>",
        control="<reponame>",
    ),
    # Li et al. 2023, "StarCoder: may the source be with you!", and models that took its tokens.
    _template(
        "starcoder",
        r"starcoder|codeqwen|stable-?code",
        _STARCODER,
        "<|endoftext|> <filename> <file_sep> <fim_pad>",
        control="<reponame>",
    ),
    # JetBrains' Mellum, model card: suffix first, every file under its name.
    _template(
        "mellum",
        r"mellum",
        _STARCODER,
        "<filename> <|endoftext|> <fim_pad> <reponame>",
        suffix_first=True,
        file=("<filename>", "\n", "\n"),
        path_always=True,
    ),
    # Rozière et al. 2023, "Code Llama": the spaces belong to the form.
    _template(
        "codellama",
        r"code-?llama",
        ("<PRE> ", " <SUF>", " <MID>"),
        "<EOT> </s>",
        control="<s>",
    ),
    # Mistral's tokenizer (suffix first) and its convention for several files.
    _template(
        "codestral",
        r"codestral",
        ("[PREFIX]", "[SUFFIX]", ""),
        "</s> [SUFFIX] [PREFIX]",
        control="[MIDDLE] [INST] [/INST] <s>",
        suffix_first=True,
        file=("+++++ ", "\n", "\n\n"),
        files="inside",
    ),
    # ByteDance's Seed-Coder, model card.
    _template(
        "seed-coder",
        r"seed-?coder",
        ("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"),
        "<[end▁of▁sentence]> <[PAD▁TOKEN]>",
        control="<[begin▁of▁sentence]>",
        suffix_first=True,
    ),
    # GLM 4.5 and later, tokenizer of the model card.
    _template(
        "glm",
        r"glm-?(4\.[5-9]|[5-9])",
        ("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"),
        "<|endoftext|> <|user|> <|assistant|> <|observation|>",
        control="<|system|>",
    ),
)

TEMPLATES: Mapping[str, Template] = MappingProxyType({each.name: each for each in _TABLE})
"""Every template by its name; the first that fits a model is its own, so the order matters."""
