"""Showing a proposal, and applying it once the person said so; nothing else edits a document."""

from __future__ import annotations

import contextlib
import difflib
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firsthand import convert, paths
from firsthand.core.proposal import (
    Hunk,
    Proposal,
    apply,
    checks,
    lines_of,
    note_of,
    rebased,
    rest,
)
from firsthand.core.text import Range, Text, difference, line_edits
from firsthand.document import Document

if TYPE_CHECKING:
    from firsthand import contract
    from firsthand.session import Session

_APPLY, _DISCARD = "Apply", "Discard"
_ANNOTATION = "firsthand"
_STALE = 86_400.0  # seconds; nobody reads a diff for longer that its server does not know any more


async def offer(session: Session, proposal: Proposal, text: Text) -> None:
    """Show a proposal: by the plugin where it can, else as a file and a question.

    Args:
        session: keeps it until it is decided.
        proposal: for the document as it is now.
        text: that document.
    """
    session.escalations.proposals[proposal.id] = proposal, text
    if session.stores:
        session.stores.proposed(proposal, _language(session, proposal))
    if session.client.proposals:
        session.tell("firsthand/proposal", to_wire(proposal, text, session))
    else:
        session.spawn(_ask_plainly(session, proposal, text))


async def accept(session: Session, id_: int, hunks: Collection[int] | None = None) -> str:
    """Apply a proposal, or some of its hunks, as one edit; gives why not, empty when it is done.

    Hunks that were not chosen can be applied later.
    """
    held = session.escalations.proposals.get(id_)
    if held is None:
        return "There is no such proposal any more: ask again."
    proposal, text = held
    document = session.documents.get(proposal.uri)
    if document is None:
        return "The document was closed, so the proposal can't be applied: open it and ask again."
    now = moved(proposal, text, document)
    if now is None:
        return "The code was changed where the proposal belongs, so it is not applied: ask again."
    chosen = tuple(each for each in now.hunks if hunks is None or each.id in hunks)
    if not chosen:
        return "None of the proposal's hunks was chosen, so nothing is applied."
    before, described = document.text, "\n".join((now.summary, *to_check(chosen))).strip()
    session.provenance.expect(document, apply(before, chosen), proposal.model)
    answer = await session.escalations.ask(
        "workspace/applyEdit",
        {"label": "Firsthand", "edit": _edit(session, document, chosen, described)},
    )
    session.provenance.applied(document)
    if not _applied(answer):
        return "The editor did not apply the proposal: the document may have changed; ask again."
    if left := rest(now, chosen):
        session.escalations.proposals[id_] = left, apply(before, chosen)
    else:
        session.escalations.proposals.pop(id_, None)
    _enter(session, replace(proposal, hunks=chosen), {each.id for each in chosen})
    return ""


def discard(session: Session, id_: int) -> bool:
    """Forget a proposal; whether there was one."""
    held = session.escalations.proposals.pop(id_, None)
    if held is not None:
        _enter(session, held[0], ())
    return held is not None


def moved(proposal: Proposal, text: Text, document: Document) -> Proposal | None:
    """A proposal for its document as it is now; None where the two can't be brought together."""
    if document.version == proposal.version:
        return proposal
    version, after = document.version, document.text
    whole = rebased(proposal, version, difference(text, after))
    if whole is not None:
        return whole
    found: Proposal | None = proposal
    for edit in reversed(line_edits(text, after)):  # what is above it stays where it was
        found = found and rebased(found, version, edit)
    return found


def to_wire(proposal: Proposal, text: Text, session: Session) -> contract.ProposalNote:
    """A proposal as `firsthand/proposal` carries it."""
    hunks: list[contract.ProposedHunk] = [
        {
            "id": each.id,
            "range": _range(each.range, text, session),
            "newText": each.new_text,
            "note": note_of(each),
            "check": each.check,
        }
        for each in proposal.hunks
    ]
    return {
        "schema": 1,
        "id": proposal.id,
        "uri": proposal.uri,
        "version": proposal.version,
        "hunks": hunks,
        "summary": proposal.summary,
        "reason": proposal.reason,
        "disagreements": [
            {
                "range": _range(each.range, text, session),
                "note": each.note,
                "choices": [
                    {"models": list(one.models), "text": one.text, "chosen": one.chosen}
                    for one in each.options
                ],
            }
            for each in proposal.disagreements
        ],
        "warnings": list(proposal.warnings),
        "cost_usd": proposal.cost_usd,
        "model": proposal.model,
        "sent_id": proposal.sent_id,
    }


def told(proposal: Proposal) -> str:
    """What is said of a proposal beside its diff: what changes, what to check, what it cost."""
    price = "" if proposal.cost_usd is None else f", {proposal.cost_usd:.4f} USD"
    by = f"By {proposal.model}{price}. {proposal.reason}".rstrip()
    decide = [f"Decide {lines_of(each.range)}: {each.note}" for each in proposal.disagreements]
    said = (proposal.summary, *proposal.warnings, *to_check(proposal.hunks), *decide, by)
    return "\n".join(filter(None, said))


def to_check(hunks: Sequence[Hunk]) -> list[str]:
    """What to look at in hunks, each with the line that it has once they are applied."""
    return [f"Check line {line + 1}: {check}" for line, check in checks(hunks)]


def diff(path: str, before: Text, after: Text) -> str:
    """Two texts as a unified diff."""
    lines = difflib.unified_diff(
        [line for line in before.lines if line],
        [line for line in after.lines if line],
        f"a/{path}",
        f"b/{path}",
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _enter(session: Session, proposal: Proposal, applied: Collection[int]) -> None:
    """Let the ledger hear of a decision."""
    if session.stores:
        session.stores.decided(proposal, applied, _language(session, proposal))


def _language(session: Session, proposal: Proposal) -> str:
    document = session.documents.get(proposal.uri)
    return document.language if document else ""


async def _ask_plainly(session: Session, proposal: Proposal, text: Text) -> None:
    """Show the diff as a file that only the person can read, and ask."""
    document = session.documents.get(proposal.uri)
    path = document.path if document else ""
    content = f"{told(proposal)}\n\n{diff(path, text, apply(text, proposal.hunks))}"
    file = paths.proposals_folder() / f"{os.getpid()}-{proposal.id}.diff"
    try:
        await session.worker.run(_write, file, content)
        await _decided_plainly(session, proposal, file)
    except paths.StateError as fault:
        session.say(str(fault))
    finally:
        session.worker.send(_remove, file)


async def _decided_plainly(session: Session, proposal: Proposal, file: Path) -> None:
    """Show a proposal's file, ask, and do as the person says."""
    ask, shown = session.escalations.ask, False
    if session.escalations.abilities.show_document:
        params = {"uri": paths.path_to_uri(file), "external": False, "takeFocus": False}
        shown = _succeeded(await ask("window/showDocument", params))
    where = "" if shown else f" It is in {file}."
    question = {
        "type": 3,
        "message": f"Firsthand proposes a change by {proposal.model}.{where}",
        "actions": [{"title": _APPLY}, {"title": _DISCARD}],
    }
    answer = await ask("window/showMessageRequest", question)
    reason = await accept(session, proposal.id) if _title(answer) == _APPLY else ""
    if reason:
        session.say(reason)
    discard(session, proposal.id)


def _edit(
    session: Session, document: Document, hunks: tuple[Hunk, ...], summary: str
) -> dict[str, Any]:
    """A WorkspaceEdit (LSP 3.17) with hunks: for one version and annotated, where that is known."""
    abilities = session.escalations.abilities
    note = {"annotationId": _ANNOTATION} if abilities.annotated and abilities.versioned else {}
    edits = [
        {"range": _range(each.range, document.text, session), "newText": each.new_text, **note}
        for each in hunks
    ]
    if not abilities.versioned:
        return {"changes": {document.uri: edits}}
    identity = {"uri": document.uri, "version": document.version}
    changes: dict[str, Any] = {"documentChanges": [{"textDocument": identity, "edits": edits}]}
    if note:
        label = {"label": "Firsthand", "description": summary, "needsConfirmation": False}
        changes["changeAnnotations"] = {_ANNOTATION: label}
    return changes


def _range(range_: Range, text: Text, session: Session) -> contract.Span:
    at = convert.to_range(range_, text, session.encoding)
    return {
        "start": {"line": at.start.line, "character": at.start.character},
        "end": {"line": at.end.line, "character": at.end.character},
    }


def remove_stale(now: float) -> None:
    """Remove the diffs that a server left behind which was killed; for a thread of its own.

    Args:
        now: seconds since the epoch.
    """
    for file in paths.proposals_folder().glob("*.diff"):
        with contextlib.suppress(OSError):
            if now - file.stat().st_mtime > _STALE:
                file.unlink(missing_ok=True)


def _write(file: Path, content: str) -> None:
    paths.make_folder(file.parent)
    try:
        with open(file, "w", encoding="utf-8", opener=paths.private_opener) as written:
            written.write(content)
    except OSError as fault:
        raise paths.StateError(file, fault) from fault


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)


def _field(answer: object, name: str) -> object:
    """A field of an editor's answer, which is an object of LSP's types or a mapping."""
    return answer.get(name) if isinstance(answer, Mapping) else getattr(answer, name, None)


def _applied(answer: object) -> bool:
    return _field(answer, "applied") is True


def _succeeded(answer: object) -> bool:
    return _field(answer, "success") is True


def _title(answer: object) -> object:
    return _field(answer, "title")
