"""A command that can't do what was asked."""

from __future__ import annotations


class CommandFault(Exception):
    """The text is one sentence: what is wrong, where, and the mend.

    Attributes:
        status: the exit status: 1 a fault was found, 2 wrong usage, 3 refused.
    """

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status
