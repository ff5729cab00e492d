"""Further lines of a text, only where a long copy goes on: each is confirmed by all sources.

After the end of a line the tokens before it have to stand elsewhere, many of them, and what
followed there has to be the same everywhere, names aside; the mixer then has to be sure of each
token of the next line, which is taken whole or not at all.
"""

from __future__ import annotations

from dataclasses import replace
from math import log

from firsthand.embedded.draft import Draft, Start, ranked, step
from firsthand.embedded.lexer import END
from firsthand.embedded.mixer import Mixer
from firsthand.embedded.sources import BINS, CELLS, LONG, SOURCES, Context, Sources

_AGREE = 0.9  # of those that followed the longest matches, so many have to
_SURE = log(0.5)  # the least chance of a token
_MOST_TOKENS = 40  # of a line
_DEEPER, _SHALLOWER = END + ">", END + "<"


def follow(draft: Draft, start: Start, sources: Sources, mixer: Mixer, most: int) -> Draft:
    """The draft with the further lines that a copy confirms, as few as none.

    Args:
        draft: whose last line is whole.
        start: where it began; nothing stands right of it.
        sources: the tiers.
        mixer: has to be sure of each token.
        most: how many lines the text may have.
    """
    while draft.lines + 1 < most:
        line = _next_line(draft, start, sources)
        if line is None:
            break
        begun, said = line, line.text
        while line is not None and not line.ended and line.steps - begun.steps < _MOST_TOKENS:
            line = _surest(line, start, sources, mixer)
        if line is None or not line.ended or line.text == said:
            break
        if line.text[len(said) :].strip() in start.below:
            break
        draft = line
    return draft


def _next_line(draft: Draft, start: Start, sources: Sources) -> Draft | None:
    """The draft with the end of its line and the indentation of the next, if a copy tells it."""
    if draft.own or draft.quoted or draft.brackets or draft.quote or start.right:
        return None
    ended = replace(draft.context.then(END, sources), line=0, prose=False)
    told = _copied(ended, sources)
    if told is None:
        return None
    key, share = told
    whole = start.prefix + draft.text
    last = whole[whole.rfind("\n") + 1 :]
    indent = last[: len(last) - len(last.lstrip())]
    margin = key if key[0] == END else ""
    if margin == _DEEPER:
        indent += start.unit
    elif margin == _SHALLOWER and indent.endswith(start.unit):
        indent = indent.removesuffix(start.unit)
    elif margin:
        return None
    return replace(
        draft,
        context=ended.then(margin, sources) if margin else ended,
        text=f"{draft.text}\n{indent}",
        chance=draft.chance + log(share),
        weakest=min(draft.weakest, log(share)),
        ended=False,
        lines=draft.lines + 1,
        white=draft.white + len(indent),
        before=draft,
    )


def _copied(context: Context, sources: Sources) -> tuple[str, float] | None:
    """What stands after a context that stands elsewhere, and the share of places that say so."""
    seen = sources.seen(context)
    heard = seen.heard.reshape(len(seen.keys), CELLS // BINS, BINS)[:, :SOURCES, LONG].sum(axis=1)
    total = float(heard.sum())
    if not total:
        return None
    row = int(heard.argmax())
    share = float(heard[row]) / total
    if not seen.keys[row] or share < _AGREE:
        return None
    return seen.keys[row], share * (total + 1) / (total + 2)


def _surest(draft: Draft, start: Start, sources: Sources, mixer: Mixer) -> Draft | None:
    """The draft with its likeliest next token, if that is likely."""
    if start.fresh <= 0:
        return None
    beginning = draft.text.endswith(("\n", " ", "\t")) and draft.context.line <= 1
    for key, chance in ranked(draft, start, sources, mixer):
        if chance < _SURE or (beginning and key[0] == " "):
            return None
        further = step(draft, key, chance, start, sources)
        if further is not None:
            return further
    return None
