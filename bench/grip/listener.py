"""A language server that suggests the rest of a known line, and writes down each change it hears.

An editor starts it: `python -m bench.grip.listener KNOWN TRACE`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Talk until the editor leaves."""
    known = Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
    with open(sys.argv[2], "a", encoding="utf-8") as trace:
        while (message := _read()) is not None:
            method, params = message.get("method"), message.get("params", {})
            if method == "textDocument/didChange" and _written(params):
                heard = {"at": time.monotonic(), "changes": params["contentChanges"]}
                trace.write(f"{json.dumps(heard)}\n")
                trace.flush()
            if "id" in message and method:
                _write({"id": message["id"], "result": _answer(method, params, known)})
            if method == "exit":
                return


def _written(params: Any) -> bool:
    """Whether a message is of the file that is written, and not of settings that are open."""
    return str(params["textDocument"]["uri"]).endswith(".py")


def _answer(method: str, params: Any, known: list[str]) -> Any:
    if method == "initialize":
        sync = {"openClose": True, "change": 2}
        offers = {"textDocumentSync": sync, "inlineCompletionProvider": {}}
        known = params["capabilities"].get("general", {}).get("positionEncodings", ())
        unit = "utf-32" if "utf-32" in known else "utf-16"  # alike for the lines that are known
        return {"capabilities": {**offers, "positionEncoding": unit}}
    if method == "textDocument/inlineCompletion":
        place = params["position"]
        line = known[place["line"]] if place["line"] < len(known) else ""
        return [{"insertText": line[place["character"] :]}]
    return None


def _read() -> dict[str, Any] | None:
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    if not length:
        return None
    found: dict[str, Any] = json.loads(sys.stdin.buffer.read(length))
    return found


def _write(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
