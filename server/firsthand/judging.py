"""What of a document may be learned, and where its text may go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from firsthand.context import Codebase
from firsthand.core import lexical
from firsthand.document import Document
from firsthand.paths import document_path, unsaved
from firsthand.settings import Loaded

if TYPE_CHECKING:
    from firsthand.index.rulefiles import RuleFiles
    from firsthand.session import Session


def judge(session: Session, document: Document) -> None:
    """Find out whether a document may be learned and sent.

    Until then it is not sent, and is learned for completions in itself alone: it takes a process
    of git's, and a key must not wait for that. What was learned of one that may not be is
    forgotten. Rules name paths, so that none can forbid a document that has none yet. One that was
    judged by the same rules before is not held back meanwhile.
    """
    from firsthand.index.ignore import sensitive

    ignore = session.settings_of(document).settings.privacy.ignore
    if document.judged_by != ignore:
        document.private = True
    if document.silence is not None:
        return
    file = document_path(document.uri)
    if file is not None and not sensitive(file):
        _learn(session, document, file, apart=True)
        session.spawn(_judge(session, document, file))
    elif file is not None:
        document.judged_by = ignore  # its name says it
    elif unsaved(document.uri):
        document.private = False
        _learn(session, document, Path(document.folder, document.path))
        session.anew(document)


async def judge_anew(session: Session) -> None:
    """Judge the documents again whose rules changed on the disk since; nothing is sent meanwhile.

    What was chosen of the codebase for them is chosen again, and every folder is learned again, so
    that what is ignored now is forgotten.
    """
    judged = {uri: each.rules for uri, each in session.documents.items() if each.rules}
    changed = await session.worker.run(_changed, judged)
    for uri in changed:
        document = session.documents.get(uri)
        if document is None or document.rules is not judged[uri]:
            continue
        document.private, document.judged_by, document.rules = True, None, None
        document.codebase = Codebase()
        session.end_generation(document)
        judge(session, document)
    if changed:
        session.stale.update(dict.fromkeys(session.folders, -math.inf))


def models_allowed(session: Session, document: Document) -> bool:
    """Whether the settings are sound, so that a document's text may go to a model server."""
    return all(each.remote_allowed for each in _rules(session, document))


def local_only(session: Session, document: Document) -> bool:
    """Whether a document's text must not leave this machine."""
    return not session.client.trusted or any(
        each.settings.local_only for each in _rules(session, document)
    )


async def _judge(session: Session, document: Document, file: Path) -> None:
    from firsthand.index.git import Git
    from firsthand.index.ignore import may_read
    from firsthand.index.rulefiles import RuleFiles

    root = Path(document.folder) if document.folder else file.parent
    ignore = session.settings_of(document).settings.privacy.ignore
    git = Git.found() if session.client.trusted else None
    # First the rules as they stand, so that a change while they are read is one. What git has
    # outside takes further processes of its own, which nobody waits for.
    rules = await session.worker.run(RuleFiles.around, root, file)
    may = await session.worker.run(may_read, root, file, ignore, git)
    if session.documents.get(document.uri) is not document:
        return
    document.private, document.judged_by, document.rules = not may, ignore, rules
    if may:
        session.anew(document)
    if may and session.embedded:
        session.embedded.admit(document.uri)
    elif session.embedded:
        session.embedded.forget(document.uri)
        document.learned = False
    outside = await session.worker.run(RuleFiles.around, root, file, git)
    if document.rules is rules:
        document.rules = RuleFiles({**outside.stood, **rules.stood})


def _changed(judged: Mapping[str, RuleFiles]) -> list[str]:
    return [uri for uri, rules in judged.items() if not rules.hold()]


def _learn(session: Session, document: Document, file: Path, *, apart: bool = False) -> None:
    if session.embedded and not document.learned:
        uri, language, text = document.uri, document.language, document.text
        steps = session.embedded.learning(uri, str(file), language, text, apart=apart)
        session.learner.add(steps)
        session.worker.send(lexical.prepare, language)
        document.learned = True


def _rules(session: Session, document: Document) -> list[Loaded]:
    """The settings that say where a text may go: every folder's where it belongs to no file yet."""
    if unsaved(document.uri):
        return list(session.settings.values())
    return [session.settings_of(document)]
