"""What was offered in the line that is being written, and what the line says of it.

What the person accepted stands in the line, what they rejected does not, and what they never saw
is judged like it: by what they wrote instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from firsthand.embedded.decode import Guess

_MOST = 200  # texts of a line
_WEIGHT = 0.2  # of each text: those of one line are no independent witnesses


@dataclass(slots=True)
class Line:
    """A line of a document while it is written.

    Attributes:
        uri: the document's name.
        number: the line's.
        root: the document's workspace folder.
        unit: one step of indentation there.
        told: what stood before the cursor, and what was offered there.
    """

    uri: str = ""
    number: int = -1
    root: str = ""
    unit: str = "    "
    told: list[tuple[str, Guess]] = field(default_factory=list)

    def tell(self, prefix: str, guess: Guess) -> None:
        """Take note of what is offered after the beginning of the line."""
        if len(self.told) < _MOST and "\n" not in guess.text:
            self.told.append((prefix, guess))

    def contradicted(self, prefix: str) -> int:
        """How many of the texts that were worth showing the line's beginning rules out."""
        shown = {before + guess.text for before, guess in self.told if guess.gain > 0}
        return sum(not (text.startswith(prefix) or prefix.startswith(text)) for text in shown)

    def verdicts(self, line: str) -> Iterator[tuple[float, bool, float]]:
        """The score of each text, whether the whole line agrees with it, and how much it counts."""
        for before, guess in self.told:
            if line.startswith(before):
                yield guess.score, line.startswith(guess.text, len(before)), _WEIGHT
