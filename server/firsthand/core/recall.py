"""Answers of models, found again from any later point of the text that they were asked for.

The lines of a text are the edges of a trie, and an answer hangs where the line begins that it was
asked in. From a cursor one looks at the beginning of its line and of each line above, as far as an
answer reaches: where the text from there on agrees with a kept answer, the rest of that answer is
what the model would write.

Windows that scroll show the same place with more or less around it. So a place is known by the
lines near it, and by marks of what is farther away: one for every so many characters, to be
compared as far as both windows reach.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from firsthand.core.fim import Hole

# Characters, in whole lines, that a place is known by, before and after it; and the marks' steps.
_NEAR_BEFORE, _NEAR_AFTER = 600, 100
_STEP_BEFORE, _STEP_AFTER = 400, 100
# The most lines of an answer that were typed since.
_LINES = 16
# Answers that are kept for one place.
_ANSWERS = 8
# What an editor may have put right of the cursor by itself.
_CLOSERS = ")]}>\"'`;:, \t"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote at a place.

    Attributes:
        head: what stood left of the cursor in its line.
        middle: what the model wrote.
        before: the marks of the text above the line.
        after: the marks of the text right of the cursor.
    """

    head: str
    middle: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The beginning of a line at which a model may have been asked.

    Attributes:
        above: the text before the line.
        typed: the text from there to the cursor.
        below: the text after the cursor, but for closing characters at its beginning.
    """

    above: str
    typed: str
    below: str

    @property
    def near(self) -> tuple[str, str]:
        """The lines by which the place is known, above and below."""
        first = self.above.rfind("\n", 0, max(0, len(self.above) - _NEAR_BEFORE)) + 1
        last = self.below.find("\n", _NEAR_AFTER - 1)
        return self.above[first:], self.below[: last + 1 or None]

    @property
    def digest(self) -> str:
        """What stands for these lines in a key: half of a SHA-256, 32 hexadecimal digits."""
        before, after = self.near
        known = f"{len(before)} {before}{after}".encode("utf-8", "surrogatepass")
        return hashlib.sha256(known).hexdigest()[:32]

    def keep(self, middle: str) -> Answer:
        """The answer as it is kept for a place that is the cursor's own line."""
        return Answer(self.typed, middle, self._before, self._after)

    def find(self, answers: Iterable[Answer]) -> str | None:
        """What is left at the cursor of the answer that was asked for closest to it."""
        fits = [each for each in answers if self._goes_on(each) and self._seen_alike(each)]
        best = max(fits, key=lambda each: len(each.head), default=None)
        return None if best is None else (best.head + best.middle)[len(self.typed) :]

    def _goes_on(self, answer: Answer) -> bool:
        """Whether the text typed since it was asked for agrees with an answer and leaves a rest.

        That a model had nothing to say is an answer where it was asked, and nowhere else.
        """
        whole = answer.head + answer.middle
        if not (self.typed.startswith(answer.head) and whole.startswith(self.typed)):
            return False
        return len(whole) > len(self.typed) or not answer.middle

    def _seen_alike(self, answer: Answer) -> bool:
        """Whether all that both windows show is the same."""
        return _agree(self._before, answer.before) and _agree(self._after, answer.after)

    @property
    def _before(self) -> tuple[str, ...]:
        return _marks(reversed(self.above.splitlines(keepends=True)), _STEP_BEFORE)

    @property
    def _after(self) -> tuple[str, ...]:
        return _marks(self.below.splitlines(keepends=True), _STEP_AFTER)


def places(hole: Hole) -> Iterator[Place]:
    """Where an answer to a hole may have been asked for, the nearest first."""
    below, end = hole.suffix.lstrip(_CLOSERS), len(hole.prefix)
    for _ in range(_LINES):
        end = hole.prefix.rfind("\n", 0, end) + 1
        yield Place(hole.prefix[:end], hole.prefix[end:], below)
        if end == 0:
            return
        end -= 1


def added(answers: Iterable[Answer], answer: Answer) -> tuple[Answer, ...]:
    """The answers kept for a place with a new one, which takes the place of an older one."""
    others = (each for each in answers if each.head != answer.head)
    return (answer, *islice(others, _ANSWERS - 1))


def _marks(lines: Iterable[str], step: int) -> tuple[str, ...]:
    """A mark for every step of the text, each of all the lines up to there."""
    digest, taken = hashlib.blake2b(digest_size=6), 0
    marks: list[str] = []
    for line in lines:
        digest.update(line.encode("utf-8", "surrogatepass"))
        taken += len(line)
        if taken >= step * (len(marks) + 1):
            marks.append(digest.hexdigest())
    return tuple(marks)


def _agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return all(left == right for left, right in zip(one, other, strict=False))
