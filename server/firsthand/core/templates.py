"""The table of templates: how each family of models wants to be asked to fill in the middle.

Nothing else in Firsthand knows a model's tokens. Each entry names its source: the family's paper,
model card or tokenizer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal


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
            mean that the family was never shown several files; snippets are comments then.
        files: where snippets and the file's own path stand: before the whole hole, inside its
            prefix, or snippets before it with only the file's own path inside its prefix.
        path_always: whether the file's own path is given even when there are no snippets.
        region: for a model that writes the cursor's line again: what stands before that line, at
            the cursor in it, and after it. Three empty strings for one that writes on at the
            cursor.
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
    region: tuple[str, str, str] = ("", "", "")

    @property
    def several_files(self) -> bool:
        """Whether snippets are rendered as other files."""
        return any(self.file)

    @property
    def tokens(self) -> frozenset[str]:
        """The control tokens without which the template cannot work."""
        return frozenset(each for each in self.control if each in self._skeleton)

    @property
    def parts(self) -> tuple[str, str, str]:
        """What stands before the prefix, before the suffix and before the answer."""
        return self.prefix, self.suffix, self.middle

    @property
    def rewrites(self) -> bool:
        """Whether its models write the cursor's line again."""
        return any(self.region)

    @property
    def _skeleton(self) -> str:
        # The marks of a region, and of files around it, are plain text to its models.
        files = () if self.rewrites else self.file
        return "".join((*self.parts, *files))


def _template(
    name: str,
    models: str,
    parts: tuple[str, str, str],
    stops: str,
    control: str = "",
    marks: tuple[str, ...] = (),
    **rest: object,
) -> Template:
    """An entry of the table.

    Stops and further control tokens are written with spaces between; `marks` are stops that have
    spaces themselves, the most telling of all.
    """
    ends = dict.fromkeys((*marks, *stops.split(), *(part.strip() for part in parts if part)))
    return Template(
        name,
        *parts,
        stops=tuple(ends),
        control=tuple(dict.fromkeys((*ends, *control.split()))),
        models=re.compile(models),
        **rest,  # type: ignore[arg-type]  # fields of several types
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
        r"codestral(?!-(embed|mamba))",
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
    # Zed's Zeta 2, model card: made of Seed-Coder, it predicts edits. The region between the marks
    # of a merge conflict is written again. Zeta 2.1 has other marks.
    _template(
        "zeta-2",
        r"zeta-?2(?!\.?\d)",
        ("<[fim-prefix]>", "<[fim-suffix]>\n", "<[fim-middle]>"),
        "<[end▁of▁sentence]> <[PAD▁TOKEN]>",
        control="<[begin▁of▁sentence]> <filename> <|user_cursor|>",
        marks=(">>>>>>> UPDATED", "<<<<<<< CURRENT"),
        suffix_first=True,
        file=("<filename>", "\n", "\n"),
        files="inside",
        path_always=True,
        region=("<<<<<<< CURRENT\n", "<|user_cursor|>", "\n=======\n"),
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
