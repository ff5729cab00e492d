"""A language server that does nothing: the same library, transport and capabilities.

What a keystroke costs here is the price of the protocol itself, on this machine at this moment.
"""

from __future__ import annotations

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1", text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental)


@server.feature(lsp.TEXT_DOCUMENT_INLINE_COMPLETION, lsp.InlineCompletionOptions())
def inline_completion(_params: lsp.InlineCompletionParams) -> list[lsp.InlineCompletionItem]:
    """Nothing to show."""
    return []


if __name__ == "__main__":
    server.start_io()
