"""What the settings of the pace make of a snapshot now."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from firsthand.core.pace import Moment, paced
from firsthand.document import Document
from firsthand.paths import document_path

if TYPE_CHECKING:
    from firsthand.core.snapshot import Snapshot
    from firsthand.session import Session


def kept(session: Session, document: Document, snapshot: Snapshot) -> Snapshot:
    """A snapshot of a document with the settings in force there, and what they say of now."""
    settings, now = session.settings_of(document).settings, session.clock()
    path, here = document_path(document.uri), time.localtime()
    moment = Moment(
        folders=tuple(map(str, path.parents)) if path and settings.pace.learning else (),
        rested=now - document.changes[-1] if document.changes else math.inf,
        minute=here.tm_hour * 60 + here.tm_min,
        welcome=document.welcome.share(now),
    )
    return paced(replace(snapshot, tuning=settings.tuning), settings.pace, moment)
