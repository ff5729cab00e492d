"""What a change of a document meant: typing, typing through, accepting, undoing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from firsthand.core.completion import Completion, Offer, consumed
from firsthand.core.text import Text

_PAIRS = frozenset({"()", "[]", "{}", "<>", '""', "''", "``"})


class Act(Enum):
    """What the person did, as far as the texts tell."""

    TYPED = "typed"
    TYPED_THROUGH = "typed through"
    ACCEPTED = "accepted"
    RESTORED = "restored"  # undo or redo: an earlier state came back


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a document, understood.

    Attributes:
        act: what was done.
        completion: the completion it concerns, as it was offered.
        characters: how many of its characters the change put into the document.
    """

    act: Act
    completion: Completion | None = None
    characters: int = 0


def recognise(
    before: Text,
    after: Text,
    shown: Iterable[Offer],
    earlier: Iterable[Text],
    longest: int | None = None,
) -> Change:
    """What a change was, from the texts alone: ranges differ between editors, texts do not.

    An offer is accepted when all of what was left of it came in one change, or at least two
    characters of it up to the end of a word or a line; one character, or a pair that the editor
    closed, is typed through.

    Args:
        before: the text the change was made in.
        after: the text it made.
        shown: the offers the person can have seen, newest first.
        earlier: the states before `before`, newest first; a text equal to one of them restores it.
        longest: the length of the longest text that a single edit of the change put in. An editor
            that waits before it tells of keys tells of each as an edit of its own, and of what was
            accepted as one; None where that is not known.
    """
    for state in earlier:
        if state.fingerprint == after.fingerprint and state == after:
            return Change(Act.RESTORED)
    for offer in shown:
        had = consumed(offer, before)
        has = consumed(offer, after)
        if had is None or has is None or has <= had:
            continue
        came = offer.completion.new_text[max(had, 0) : has]
        keys = longest is not None and longest < 2
        accepted = not keys and _accepted(came, offer.completion.new_text[has:])
        return Change(Act.ACCEPTED if accepted else Act.TYPED_THROUGH, offer.completion, has - had)
    return Change(Act.TYPED)


def _accepted(came: str, left: str) -> bool:
    if len(came) < 2 or came in _PAIRS:
        return False
    if not left or came.endswith("\n") or left.startswith("\n"):
        return True
    return not (_in_word(came[-1]) and _in_word(left[0]))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
