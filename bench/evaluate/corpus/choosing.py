"""Which of several candidates for one change is proposed: by what verification says of each.

How many models wrote the same counts for nothing: models make the same mistakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firsthand.core.differing import normal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reply, as verification left it.

    Attributes:
        text: the range's new text.
        fault: why it can't be used: it does not parse, or is no edit of the range; empty if it can.
        passed: whether the person's own check passed with it; None where that was not run, or not
            to its end.
        undefined: names that it uses and nobody defines.
        changed: what it does to definitions that others may use.
    """

    text: str
    fault: str = ""
    passed: bool | None = None
    undefined: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate it is.

    Attributes:
        index: the candidate; None where none can be used.
        reason: a sentence for the person; empty where there was nothing to choose from.
        tied: candidates that verification does not tell from the chosen one though they differ
            from it and from one another, the chosen one first; empty where there are none.
    """

    index: int | None
    reason: str = ""
    tied: tuple[int, ...] = ()


def choose(candidates: Sequence[Candidate], language: str) -> Choice:
    """The candidate that verification likes best; of equals the first one.

    What can be used comes before what can't, then what passes the check, then what uses fewer
    undefined names, then what changes fewer signatures.

    Args:
        candidates: in the order of the models' worth, the best one first.
        language: the LSP language id, by which formatting is told from code.
    """
    usable = [number for number, each in enumerate(candidates) if not each.fault]
    if not usable:
        return Choice(None, " ".join(dict.fromkeys(each.fault for each in candidates)))
    if len(candidates) == 1:
        return Choice(0)
    best = min(_rank(candidates[number]) for number in usable)
    equals = [number for number in usable if _rank(candidates[number]) == best]
    differing = {normal(candidates[number].text, language): number for number in reversed(equals)}
    tied = tuple(sorted(differing.values()))
    reason = _reason(candidates, usable, equals, len(tied))
    return Choice(tied[0], reason, tied if len(tied) > 1 else ())


def _rank(candidate: Candidate) -> tuple[int, int, int]:
    passed = (True, None, False).index(candidate.passed)
    return passed, len(candidate.undefined), len(candidate.changed)


def _reason(
    candidates: Sequence[Candidate], usable: Sequence[int], equals: Sequence[int], kinds: int
) -> str:
    """What told the chosen candidate from the others."""
    first, count = candidates[equals[0]], len(candidates)
    said = []
    passing = sum(candidates[number].passed is True for number in usable)
    if len(usable) < count:
        said.append(f"{len(usable)} of {count} candidates can be used.")
    if first.passed:
        said.append(f"{passing} of {count} candidates {_verb(passing, 'pass')} the check.")
    elif any(candidates[number].passed is False for number in usable):
        said.append("No candidate passes the check.")
    rivals = [number for number in usable if candidates[number].passed is first.passed]
    if len(equals) < len(rivals):
        said.append("It has the fewest warnings.")
    if kinds > 1:
        said.append(f"{kinds} candidates that differ are equal by all checks.")
    elif len(equals) == count:
        said.append(f"All {count} candidates agree.")
    return " ".join(said)


def _verb(count: int, verb: str) -> str:
    return f"{verb}es" if count == 1 else verb
