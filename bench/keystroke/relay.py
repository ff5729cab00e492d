"""A language server that passes each request on to a model, and what it writes back: no more.

What it adds to the model's own time is the least that a server of the same libraries adds on this
machine at this moment: it reads the same messages, asks over HTTP, and writes the same answer; it
knows nothing, keeps nothing, checks nothing. It takes the address of the model's server.
"""

from __future__ import annotations

import json
import sys

import httpx
from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

_PREFIX = 3_000  # characters

server = LanguageServer("relay", "1", text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental)
model = httpx.AsyncClient(base_url=sys.argv[1])


@server.feature(lsp.TEXT_DOCUMENT_INLINE_COMPLETION, lsp.InlineCompletionOptions())
async def inline_completion(params: lsp.InlineCompletionParams) -> list[lsp.InlineCompletionItem]:
    """What the model writes at the cursor."""
    document = server.workspace.get_text_document(params.text_document.uri)
    offset = document.offset_at_position(params.position)
    prefix = document.source[max(0, offset - _PREFIX) : offset]
    body = {"model": "bench", "prompt": f"{prefix}<|fim_suffix|>", "stream": True, "max_tokens": 96}
    text = ""
    async with model.stream("POST", "/v1/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                text += json.loads(line.removeprefix("data: "))["choices"][0]["text"]
    return [lsp.InlineCompletionItem(text, range=lsp.Range(params.position, params.position))]


if __name__ == "__main__":
    server.start_io()
