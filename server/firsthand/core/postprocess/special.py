"""Control tokens that a model or its server let through as text."""

from __future__ import annotations

import re

from firsthand.core.fim import TEMPLATES
from firsthand.core.lexical import MARKUP, tokens
from firsthand.core.postprocess.place import Place

_ENDS = ("<|eot_id|>", "<|im_end|>", "<|endoftext|>", "<|cursor|>", "<|user_cursor|>", "<|end|>")
_ALL = sorted(
    {*_ENDS, *(token for template in TEMPLATES.values() for token in template.control)},
    key=len,
    reverse=True,
)
_TOKEN = re.compile("|".join(map(re.escape, _ALL)))
_LEADING = re.compile(r"\s*(?:<\|?(?:fim_|code_)middle\|?>|<MID>|\[MIDDLE\]|<bos>|<s>) ?")

# Spelled as no program spells anything; the others look like tags, types or constants.
_CERTAIN = re.compile(r"<[|｜\[]|<fim_|<file_sep>")
_TAG = re.compile(r"[<\[/]*([\w]+)[>\]]")
_CUT_OFF = re.compile(r"<(?:[|｜][a-z▁_]{2,}|fim_[a-z]*)$")


def without_special_tokens(middle: str, place: Place) -> str:
    """The text up to the first control token.

    A token stays where the document itself talks about it, or where a string holds it; one that
    could be a tag or a type ends the text only where it cannot be either.
    """
    leading = _LEADING.match(middle)
    if leading and not _meant(leading[0].strip(), leading.start(), middle, place):
        middle = middle[leading.end() :]
    for found in _TOKEN.finditer(middle):
        if not _meant(found[0], found.start(), middle, place):
            return middle[: found.start()]
    cut_off = _CUT_OFF.search(middle)
    if cut_off and any(token.startswith(cut_off[0]) for token in _ALL):
        return middle[: cut_off.start()]
    return middle


def _meant(token: str, offset: int, middle: str, place: Place) -> bool:
    """Whether a control token's spelling is a part of the program."""
    around = (*place.above, place.before, place.rest, *place.below)
    certain = bool(_CERTAIN.match(token))
    name = _TAG.fullmatch(token)
    sought = token if certain or not name else name[1]
    if any(sought in line for line in around):
        return True
    if _in_string(offset, len(token), middle, place):
        return True
    if certain:
        return False
    if place.kind != "code" or place.language in MARKUP or "react" in place.language:
        return True
    follows_word = offset > 0 and (middle[offset - 1].isalnum() or middle[offset - 1] in "_.")
    return follows_word and not token.startswith("</") and token != "<EOT>"  # noqa: S105 (no secret)


def _in_string(offset: int, length: int, middle: str, place: Place) -> bool:
    """Whether a string or a comment of the text itself surrounds it, its end included."""
    start = len(place.before) + offset
    return any(
        token.kind != "bracket"
        and token.start < start
        and start + length <= token.end
        and (token.closed or (token.kind == "comment" and token.end > start + length))
        for token in tokens(place.before + middle, place.language)
    )
