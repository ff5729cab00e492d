"""Forgetting files that may not be read any more, wherever something of them is kept."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from firsthand import paths

if TYPE_CHECKING:
    from firsthand.ledger import Ledger
    from firsthand.provenance.store import Store

# Files whose texts are looked for in what was sent, and how much of each is read.
_MOST, _LARGEST = 1000, 2**20


def withdraw(ledger: Ledger, store: Store, root: Path, withdrawn: Collection[str]) -> None:
    """Remove what is kept of files; that something was sent, its size and its hash stay.

    Diffs that wait for a decision go all, and damaged files that were set aside, which nobody can
    search. So should completions, by whoever calls this: they don't say what they were written for.

    Args:
        ledger: where texts are kept as they were sent.
        store: where it is kept who wrote what.
        root: the folder of the workspace.
        withdrawn: paths of files in it.

    Raises:
        StateError: there is no home folder.
    """
    store.withdraw(root, withdrawn)
    for path in islice(withdrawn, _MOST):
        with suppress(OSError), (root / path).open("rb") as file:
            ledger.withdraw(file.read(_LARGEST).decode("utf-8", "replace"))
    ledger.drop_damaged()
    for diff in paths.proposals_folder().glob("*.diff"):
        with suppress(OSError):
            diff.unlink()
