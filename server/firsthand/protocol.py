"""How messages are read, handed on and refused: LSP's protocol with our own documents."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from firsthand import convert

if TYPE_CHECKING:
    from firsthand.server import Server


class Protocol(LanguageServerProtocol):
    """The protocol with our own documents: pygls would keep a second copy of each."""

    _server: Server

    @lsp_method(lsp.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: lsp.DidOpenTextDocumentParams) -> None:
        """A document was opened."""
        item = params.text_document
        self._server.session.open(item.uri, item.language_id, item.version, item.text)

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: lsp.DidChangeTextDocumentParams) -> None:
        """A document was changed."""
        identity = params.text_document
        self._server.session.change(identity.uri, identity.version, params.content_changes)

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: lsp.DidCloseTextDocumentParams) -> None:
        """A document was closed."""
        self._server.session.close(params.text_document.uri)

    @lsp_method(lsp.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """The editor leaves: what is under way is given up, and nothing new is begun."""
        self.give_up(self.msg_id)
        return (yield from super().lsp_shutdown(*args))

    def give_up(self, but: object = None) -> None:
        """Cancel each request that is under way, but one with an id, and begin nothing new.

        pygls does so while it walks the list that each request that ends takes itself off.
        """
        self._shutdown = True
        for id_, future in tuple(self._request_futures.items()):
            if id_ != but:
                future.cancel()

    @property
    def is_shut_down(self) -> bool:
        """Whether the editor left, or said that it will; nobody may read what is written now."""
        return bool(self._shutdown)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as its type; a request with bad parameters is answered before it is dropped."""
        try:
            return super().structure_message(data) if data.get("jsonrpc") == self.VERSION else data
        except JsonRpcException:
            if "id" in data and "method" in data:
                self.refuse(data["id"], JsonRpcInvalidParams("the parameters are not as LSP says"))
            raise

    def handle_message(self, message: Any) -> None:
        """Hand a request or a notification to its handler; after a shutdown none is served.

        pygls asks for every member of four protocols in turn, which takes as long as to read it.
        """
        method = getattr(message, "method", None)
        if not hasattr(message, "jsonrpc"):
            # An answer of an editor's has an id of ours, which is not to come back.
            id_ = message.get("id") if isinstance(message, dict) and "method" in message else None
            self.refuse(id_, JsonRpcException("it is not JSON-RPC 2.0", -32600))
        elif method and self._shutdown and hasattr(message, "id"):
            self.refuse(message.id, JsonRpcException("the server was shut down", -32600))
        elif method is None or self._shutdown:
            super().handle_message(message)
        elif hasattr(message, "id"):
            copy_context().run(self._handle_request, message.id, method, message.params)
        else:
            copy_context().run(self._handle_notification, method, message.params)

    def _handle_response(
        self, msg_id: Any, result: Any = None, error: lsp.ResponseError | None = None
    ) -> None:
        """Take an answer of the editor's; one that nobody waits for any more is dropped.

        An escalation can be over before the editor has answered that it will show its progress.
        """
        waiting = self._request_futures.get(msg_id)
        if waiting is not None and waiting.cancelled():
            del self._request_futures[msg_id]
        else:
            super()._handle_response(msg_id, result, error)

    def acquaint(self) -> None:
        """Read a message of each kind that comes first, and write the answers.

        What reads or writes a type is made when it is first needed, which takes up to 10 ms: as
        long as there is no connection, no key waits for it.
        """
        for method, params in convert.FIRST.items():
            message = {"jsonrpc": self.VERSION, "id": 0, "method": method, "params": params}
            self.structure_message(message)
        for answer in convert.first_answers():
            self._serialize_message(answer)

    def _send_data(self, data: Any) -> None:
        """Write a message; where nobody reads any more, the end of input follows."""
        with suppress(BrokenPipeError):
            super()._send_data(data)

    def refuse(self, id_: object, fault: JsonRpcException) -> None:
        """Answer a message that can't be handled; the id is null where it has none."""
        known = id_ if isinstance(id_, str | int) else None
        error = {"code": fault.code, "message": fault.message}
        # Not by lsprotocol's type: that leaves out an id that is null.
        self._send_data({"jsonrpc": "2.0", "id": known, "error": error})
