"""Between LSP's types and our values; positions change their unit here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from lsprotocol import types as lsp

from firsthand.core.completion import Completion
from firsthand.core.snapshot import Selected
from firsthand.core.text import (
    Edit,
    Encoding,
    Position,
    Range,
    Text,
    character_to_units,
    difference,
    units_to_character,
)
from firsthand.core.unread import Block

ACCEPTED = "firsthand.accepted"
ESCALATE = "firsthand.escalate"
MARK_READ = "firsthand.markRead"
# Where a menu opens without a word before it.
MENU = (".", "(")
# Messages as an editor's first ones are made.
_POSITION = {"line": 0, "character": 0}
_CHANGE = {"range": {"start": _POSITION, "end": _POSITION}, "text": "a"}
_DOCUMENT: dict[str, object] = {"uri": "file:///a", "version": 1}
FIRST: Mapping[str, object] = {
    lsp.INITIALIZE: {
        "processId": None,
        "rootUri": None,
        "capabilities": {"textDocument": {}, "window": {}, "workspace": {}, "general": {}},
        "workspaceFolders": [{"uri": "file:///", "name": ""}],
    },
    lsp.INITIALIZED: {},
    lsp.TEXT_DOCUMENT_DID_OPEN: {"textDocument": {**_DOCUMENT, "languageId": "", "text": ""}},
    lsp.TEXT_DOCUMENT_DID_CHANGE: {"textDocument": _DOCUMENT, "contentChanges": [_CHANGE]},
    lsp.TEXT_DOCUMENT_INLINE_COMPLETION: {
        "textDocument": _DOCUMENT,
        "position": _POSITION,
        "context": {"triggerKind": lsp.InlineCompletionTriggerKind.Automatic},
    },
}
"""A message of each kind that comes first, by its method."""

_MOST_PROBLEMS, _LONGEST_PROBLEM = 10, 500
_MOST_DIAGNOSTICS = 200  # of a document
_ERROR = 1
_UNREAD = (
    "A frontier model wrote this. The mark goes when you change something in it, or say that you "
    "have read it: by the command firsthand.markRead, or a click on the mark with Ctrl or Cmd."
)


def first_answers() -> tuple[lsp.InitializeResponse, lsp.InlineCompletionResponse]:
    """Answers that hold every type that those to the first requests hold."""
    capabilities = lsp.ServerCapabilities(
        text_document_sync=lsp.TextDocumentSyncOptions(save=lsp.SaveOptions()),
        code_action_provider=lsp.CodeActionOptions(),
        execute_command_provider=lsp.ExecuteCommandOptions([]),
        inline_completion_provider=lsp.InlineCompletionOptions(),
        workspace=lsp.WorkspaceOptions(
            lsp.WorkspaceFoldersServerCapabilities(), lsp.FileOperationOptions()
        ),
    )
    at = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
    item = lsp.InlineCompletionItem("", range=at, command=lsp.Command("", ""))
    initialized = lsp.InitializeResult(capabilities, lsp.ServerInfo(""))
    return lsp.InitializeResponse(0, initialized), lsp.InlineCompletionResponse(0, [item])


def to_items(
    completions: Iterable[Completion], text: Text, encoding: Encoding
) -> list[lsp.InlineCompletionItem]:
    """Completions as LSP items; every item carries its range and the accept command."""
    end_of_line = "\r\n" if text.lines[0].endswith("\r\n") else "\n"
    return [
        lsp.InlineCompletionItem(
            insert_text=each.new_text.replace("\n", end_of_line),
            range=to_range(each.range, text, encoding),
            command=_accepting(each),
        )
        for each in completions
    ]


def to_menu(
    completions: Iterable[Completion], text: Text, encoding: Encoding
) -> lsp.CompletionList:
    """Completions as entries of a menu (LSP 3.17, "Completion Request"), for the same cursor.

    Menus compare an entry with the word before the cursor and want its edit in one line, so that
    each takes the place of that word, and one that would change another line is left out.
    """
    items = []
    end_of_line = "\r\n" if text.lines[0].endswith("\r\n") else "\n"
    for number, each in enumerate(completions):
        start, end = each.range.start, each.range.end
        if start.line != end.line:
            continue
        word = _word_before(text.line(start.line)[: start.character])
        whole = word + each.new_text
        label = next(filter(None, map(str.strip, whole.split("\n"))), "")
        range_ = Range(replace(start, character=start.character - len(word)), end)
        several = "\n" in each.new_text
        items.append(
            lsp.CompletionItem(
                label=label + (" …" if several else ""),
                kind=lsp.CompletionItemKind.Text,
                detail=f"Firsthand: {each.model or each.tier}",
                documentation=each.new_text if several else None,
                sort_text=f"\t{number}",
                filter_text=label,
                insert_text_mode=lsp.InsertTextMode.AsIs,
                text_edit=lsp.TextEdit(
                    to_range(range_, text, encoding), whole.replace("\n", end_of_line)
                ),
                command=_accepting(each),
            )
        )
    # Incomplete: the next key is asked about anew.
    return lsp.CompletionList(is_incomplete=True, items=items)


def to_inline(params: lsp.CompletionParams) -> lsp.InlineCompletionParams:
    """A menu's question as typing asks it for ghost text."""
    context = lsp.InlineCompletionContext(lsp.InlineCompletionTriggerKind.Automatic)
    return lsp.InlineCompletionParams(context, params.text_document, params.position)


def abilities(said: lsp.ClientCapabilities) -> dict[str, bool]:
    """What an editor can do that a proposal has use for, as `Abilities` names it."""
    window, workspace = said.window, said.workspace
    edits = workspace.workspace_edit if workspace else None
    return {
        "progress": bool(window and window.work_done_progress),
        "show_document": bool(window and window.show_document and window.show_document.support),
        "versioned": bool(edits and edits.document_changes),
        "annotated": bool(edits and edits.change_annotation_support),
    }


def wants_menu(params: lsp.InitializeParams) -> bool:
    """Whether an editor is served by its menu: it has no inline completion, or asks for it."""
    document = params.capabilities.text_document
    options = params.initialization_options
    client = options.get("client") if isinstance(options, Mapping) else None
    asked = isinstance(client, Mapping) and client.get("menu") is True
    return asked or document is None or document.inline_completion is None


def _word_before(before: str) -> str:
    """The word that a piece of a line ends with."""
    at = len(before)
    while at and (before[at - 1].isalnum() or before[at - 1] == "_"):
        at -= 1
    return before[at:]


def _accepting(completion: Completion) -> lsp.Command:
    """What an editor runs once a completion was accepted."""
    return lsp.Command(
        title="Accepted",
        command=ACCEPTED,
        arguments=[{"id": completion.id, "characters": len(completion.new_text)}],
    )


def to_edits(
    changes: Sequence[lsp.TextDocumentContentChangeEvent], text: Text, encoding: Encoding
) -> Iterable[tuple[Edit, Text]]:
    """A notification's changes in order, each with the text it makes.

    A change without a range replaces the whole document; it becomes the smallest edit that does.
    """
    for change in changes:
        if isinstance(change, lsp.TextDocumentContentChangeWholeDocument):
            edit = difference(text, Text.of(change.text))
        else:
            edit = Edit(from_range(change.range, text, encoding), change.text)
        text = text.apply(edit)
        yield edit, text


def to_change(edit: Edit, text: Text, encoding: Encoding) -> lsp.TextDocumentContentChangeEvent:
    """An edit of a text as an editor reports it."""
    return lsp.TextDocumentContentChangePartial(
        range=to_range(edit.range, text, encoding), text=edit.new_text
    )


def from_position(position: lsp.Position, text: Text, encoding: Encoding) -> Position:
    """An editor's position as ours; one outside the document becomes the nearest inside."""
    if position.line >= len(text.lines):
        return text.end
    line = text.line(position.line)
    return Position(position.line, units_to_character(line, position.character, encoding))


def to_position(position: Position, text: Text, encoding: Encoding) -> lsp.Position:
    """Our position as an editor counts it."""
    line = text.lines[position.line]
    return lsp.Position(position.line, character_to_units(line, position.character, encoding))


def from_range(range_: lsp.Range, text: Text, encoding: Encoding) -> Range:
    """An editor's range as ours; one that ends before it starts is empty."""
    start = from_position(range_.start, text, encoding)
    return Range(start, max(start, from_position(range_.end, text, encoding)))


def to_range(range_: Range, text: Text, encoding: Encoding) -> lsp.Range:
    """Our range as an editor counts it."""
    return lsp.Range(
        to_position(range_.start, text, encoding), to_position(range_.end, text, encoding)
    )


def from_object(range_: object, text: Text, encoding: Encoding) -> Range | None:
    """A range as a command's argument has it; None for what is none."""
    match range_:
        case {
            "start": {"line": int(line), "character": int(character)},
            "end": {"line": int(last), "character": int(end)},
        } if min(line, character, last, end) >= 0:
            given = lsp.Range(lsp.Position(line, character), lsp.Position(last, end))
            return from_range(given, text, encoding)
    return None


def from_diagnostics(found: Iterable[object]) -> list[tuple[int, str, int]]:
    """The line, the message and the severity of each diagnostic in a command's argument."""
    problems = []
    for each in islice(found, _MOST_DIAGNOSTICS):
        match each:
            case {"range": {"start": {"line": int(line)}}, "message": str(message), **more}:
                severity = more.get("severity")
                worst = severity if isinstance(severity, int) else _ERROR
                problems.append((line, message[:_LONGEST_PROBLEM], worst))
    return problems


def put_at(params: lsp.CodeActionParams) -> lsp.Position | None:
    """Where a person put the cursor, after which an editor asks for code actions by itself."""
    unasked = params.context.trigger_kind is lsp.CodeActionTriggerKind.Automatic
    return params.range.start if unasked and params.range.start == params.range.end else None


def to_actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """The code actions of a range: to fix what the editor reports, and to work on a selection."""
    at, problems = params.range, params.context.diagnostics
    where: dict[str, object] = {
        "textDocument": {"uri": params.text_document.uri},
        "range": {
            "start": {"line": at.start.line, "character": at.start.character},
            "end": {"line": at.end.line, "character": at.end.character},
        },
    }
    found = []
    if problems:
        said = [str(each.message)[:_LONGEST_PROBLEM] for each in problems[:_MOST_PROBLEMS]]
        fix = {**where, "instruction": "Fix what the editor reports.", "problems": said}
        found.append(("Firsthand: propose a fix", lsp.CodeActionKind.QuickFix, fix))
    if at.start != at.end:
        found.append(("Firsthand: finish this", lsp.CodeActionKind.Refactor, where))
    return [
        lsp.CodeAction(title, kind=kind, command=lsp.Command(title, ESCALATE, arguments=[argument]))
        for title, kind, argument in found
    ]


def to_hints(
    unread: Iterable[Block], uri: str, text: Text, encoding: Encoding
) -> list[lsp.InlayHint]:
    """A mark at the end of each unread block's first line; a click on it says that it was read."""
    hints = []
    for each in unread:
        lines = each.last - each.first + 1
        start, end = Position(each.first, 0), Position(each.last, len(text.line(each.last)))
        at = to_range(Range(start, end), text, encoding)
        where = {
            "start": {"line": at.start.line, "character": at.start.character},
            "end": {"line": at.end.line, "character": at.end.character},
        }
        label = f"frontier, to read: {lines} lines" if lines > 1 else "frontier, to read"
        told = {"uri": uri, "range": where}
        command = lsp.Command("Mark as read", MARK_READ, arguments=[told])
        part = lsp.InlayHintLabelPart(label, command=command)
        behind = to_position(Position(each.first, len(text.line(each.first))), text, encoding)
        hints.append(lsp.InlayHint(behind, [part], tooltip=_UNREAD, padding_left=True))
    return hints


def from_selected(
    info: lsp.SelectedCompletionInfo | None, text: Text, encoding: Encoding
) -> Selected | None:
    """The item selected in the editor's menu."""
    if info is None:
        return None
    return Selected(from_range(info.range, text, encoding), info.text)


def explicit(context: lsp.InlineCompletionContext) -> bool:
    """Whether the person asked, and not their typing."""
    return context.trigger_kind == lsp.InlineCompletionTriggerKind.Invoked
