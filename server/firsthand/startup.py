"""What is loaded after the editor got its answer to `initialize`, in the order of its worth.

All of it can be done again when settings or folders change; what stands already is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from firsthand import paths, settings
from firsthand.session import Session

if TYPE_CHECKING:
    from firsthand.embedded import EmbeddedModel

# Shows the person a warning.
Warn = Callable[[str], None]


async def prepare(session: Session, warn: Warn) -> None:
    """Load the settings, the embedded model, the stores, each folder's index and the models."""
    await _load_settings(session, warn)
    if session.embedded is None:
        session.embedded = await session.worker.run(_embedded_model)
    session.start()


async def _load_settings(session: Session, warn: Warn) -> None:
    file, named = paths.config_file(), "FIRSTHAND_CONFIG" in os.environ
    faults: list[settings.Fault] = []
    for folder in ("", *session.folders):
        loaded = await session.worker.run(
            settings.load, file, session.options, Path(folder) if folder else None, named=named
        )
        session.settings[folder] = loaded
        faults.extend(loaded.faults)
    _warn_once(session, warn, map(str, faults))


def _warn_once(session: Session, warn: Warn, sentences: Iterable[str]) -> None:
    for sentence in sentences:
        if sentence not in session.said:
            session.said.add(sentence)
            warn(sentence)


def _embedded_model() -> EmbeddedModel:
    # Loads numpy, too, which is why it is not done on the event loop.
    from firsthand.embedded import EmbeddedModel

    return EmbeddedModel()
