"""A language server of a few lines, for the client's and the demo's tests.

It keeps one document by applying changes at utf-16 positions, and suggests what the arguments say:
`oracle_server.py FILE` suggests the rest of the cursor's line as it stands in FILE, with the word
before the cursor inside the item's range; with `--die N` it ends itself at the N-th request, with
`--silent N` it answers no more from there, with `--wrong` its suggestions are wrong. `--note NOTE`
writes its process id and its FIRSTHAND_HOME to a file.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from typing import Any


class Oracle:
    """One document, and the file that it is compared with."""

    def __init__(self, options: argparse.Namespace) -> None:
        with open(options.file, encoding="utf-8", newline="") as file:
            self.answer = file.read()
        self.options = options
        self.document = ""
        self.asked = 0
        self.accepted: list[Any] = []
        self.cancelled: list[Any] = []

    def initialize(self, _params: Any) -> Any:
        write({"id": "config", "method": "workspace/configuration", "params": {"items": [{}]}})
        write({"method": "firsthand/status", "params": status({"done": 0, "total": 1})})
        return {"capabilities": {"inlineCompletionProvider": {}}}

    def initialized(self, _params: Any) -> None:
        write({"method": "firsthand/status", "params": status(None)})

    def did_open(self, params: Any) -> None:
        self.document = params["textDocument"]["text"]

    def did_change(self, params: Any) -> None:
        for change in params["contentChanges"]:
            start, end = (offset(self.document, change["range"][at]) for at in ("start", "end"))
            self.document = self.document[:start] + change["text"] + self.document[end:]

    def inline_completion(self, params: Any) -> Any:
        self.asked += 1
        if self.asked == self.options.die:
            os.write(2, b"the last words\n")
            os._exit(7)
        if self.asked >= self.options.silent:
            return UNANSWERED
        return suggest(self.document, params["position"], self.answer, self.options.wrong)

    def execute_command(self, params: Any) -> None:
        self.accepted.extend(params["arguments"])

    def cancel(self, params: Any) -> None:
        self.cancelled.append(params["id"])

    def state(self, _params: Any) -> Any:
        return {
            "document": self.document,
            "accepted": self.accepted,
            "cancelled": self.cancelled,
        }


UNANSWERED = object()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--die", type=int, default=0)
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--silent", type=int, default=sys.maxsize)
    parser.add_argument("--note")
    options = parser.parse_args()
    if options.note:
        with open(options.note, "w", encoding="utf-8") as note:
            note.write(f"{os.getpid()}\n{os.environ['FIRSTHAND_HOME']}")
    oracle = Oracle(options)
    handlers: dict[str, Callable[[Any], Any]] = {
        "initialize": oracle.initialize,
        "initialized": oracle.initialized,
        "textDocument/didOpen": oracle.did_open,
        "textDocument/didChange": oracle.did_change,
        "textDocument/inlineCompletion": oracle.inline_completion,
        "workspace/executeCommand": oracle.execute_command,
        "$/cancelRequest": oracle.cancel,
        "test/state": oracle.state,
        "shutdown": lambda _params: None,
    }
    while (message := read()) is not None and message.get("method") != "exit":
        if "method" not in message:
            continue
        if message["method"] not in handlers:
            error = {"code": -32803, "message": "refused"}
            write({"id": message["id"], "error": error})
            continue
        result = handlers[message["method"]](message.get("params"))
        if "id" in message and result is not UNANSWERED:
            write({"id": message["id"], "result": result})


def suggest(document: str, position: dict[str, int], answer: str, wrong: bool) -> list[Any]:
    at = offset(document, position)
    if not answer.startswith(document[:at]):
        return []
    rest = answer[at:].partition("\n")[0]
    if not rest:
        return []
    word = document[:at].split("\n")[-1]
    line = position["line"]
    text = word + ("?" if wrong else rest)
    return [
        {
            "insertText": text,
            "range": {"start": {"line": line, "character": 0}, "end": position},
            "command": {"title": "", "command": "test.accepted", "arguments": [text]},
        }
    ]


def offset(document: str, position: dict[str, int]) -> int:
    lines = document.split("\n")
    before = sum(len(line) + 1 for line in lines[: position["line"]])
    units = lines[position["line"]].encode("utf-16-le")[: position["character"] * 2]
    return before + len(units.decode("utf-16-le"))


def status(indexing: Any) -> dict[str, Any]:
    return {"schema": 1, "level": "embedded", "indexing": indexing}


def read() -> Any:
    length = 0
    while (field := sys.stdin.buffer.readline().strip()) != b"":
        if field.lower().startswith(b"content-length:"):
            length = int(field.split(b":")[1])
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def write(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
