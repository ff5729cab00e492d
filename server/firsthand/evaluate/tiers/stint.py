"""What somebody types in one go: lines of a file between those that stand there. Pure."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from firsthand.evaluate.corpus import Passage, measured


@dataclass(frozen=True, slots=True)
class Stint:
    """Lines that are typed into a file.

    Attributes:
        origin: the commit that wrote them; empty where they stand in the folder.
        path: the file's, in the folder.
        language: the LSP language identifier.
        above, below: the file's other lines, without their ends.
        typed: what is typed between them.
    """

    origin: str
    path: str
    language: str
    above: tuple[str, ...]
    typed: tuple[str, ...]
    below: tuple[str, ...]

    @property
    def name(self) -> str:
        """Names it among all that are replayed."""
        place = f"{self.path}:{len(self.above) + 1}"
        return f"{self.origin[:12]}:{place}" if self.origin else place

    @property
    def lines(self) -> tuple[str, ...]:
        """The file down to the last line that is typed."""
        return self.above + self.typed

    @property
    def counted(self) -> list[int]:
        """The numbers of the lines that count: neither blank nor very long."""
        return measured(self.lines, (len(self.above), len(self.lines)))


def of_passages(passages: Iterable[Passage]) -> list[Stint]:
    """The passages that were drawn from a folder: each is taken out of its file and typed anew."""
    return [
        Stint(
            "",
            each.source.path,
            each.source.language,
            each.source.lines[:first],
            each.source.lines[first:until],
            each.source.lines[until:],
        )
        for each in passages
        for first, until in each.spans
    ]


def drawn(stints: Sequence[Stint], lines: int, seed: int) -> list[Stint]:
    """As many stints as it takes for so many lines that count, in random order.

    The last one is cut to what is left of them.
    """
    found: list[Stint] = []
    shuffled = list(stints)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 (no secret)
    for each in shuffled:
        numbers = each.counted[:lines]
        if numbers:
            kept = numbers[-1] + 1 - len(each.above)
            found.append(
                Stint(
                    each.origin, each.path, each.language, each.above, each.typed[:kept], each.below
                )
            )
            lines -= len(numbers)
        if not lines:
            break
    return found


def digest(stints: Iterable[Stint]) -> str:
    """Tells one work from another, so that none goes on with the figures of another."""
    found = hashlib.sha256()
    for each in stints:
        parts = (each.name, each.language, "\n".join(each.lines), "\n".join(each.below))
        found.update("\0".join(parts).encode("utf-8", "surrogatepass"))
        found.update(b"\1")
    return found.hexdigest()
