"""A language server that answers late: the older of two questions after the newer one, or none.

It is started as `firsthand serve` would be. What is asked after one character of a line it answers
once it has answered what is asked after two; then it says so, so that whoever reads in order has
read both. With the argument `hung` it reads nothing any more once it has begun.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

NEWER, OLDER = "xy = newer", "x = older"
SAID = "the older answer came last"
HUNG = "hung"
_LONG = 600.0
_INLINE = "textDocument/inlineCompletion"
_STATUS = {
    "schema": 1,
    "level": "inline",
    "reason": "",
    "model": "qwen-late",
    "latency_ms": 0,
    "thinking": False,
    "indexing": None,
    "day_usd": 0,
    "cap_usd": None,
}


def main() -> None:
    """Serve until the other side is gone."""
    older: Any = None
    while (message := _read()) is not None:
        method, number = message.get("method"), message.get("id")
        if method == "initialize":
            able = {"inlineCompletionProvider": {}, "textDocumentSync": 1}
            _answer(number, {"capabilities": able})
        elif method == "initialized":
            _say("firsthand/status", _STATUS)
            if HUNG in sys.argv:
                time.sleep(_LONG)
        elif method == _INLINE:
            position = message["params"]["position"]
            if position["character"] == 1:
                older = message
            elif position["character"] == 2 and older is not None:
                _answer(number, _items(position, NEWER))
                _answer(older["id"], _items(older["params"]["position"], OLDER))
                _say("window/showMessage", {"type": 3, "message": SAID})
                older = None
            else:
                _answer(number, [])
        elif method == "exit":
            return
        elif number is not None and method is not None:
            _answer(number, None)


def _items(position: dict[str, int], text: str) -> list[dict[str, Any]]:
    start = {"line": position["line"], "character": 0}
    return [{"insertText": text, "range": {"start": start, "end": position}}]


def _read() -> dict[str, Any] | None:
    """The next message; None at the end of the input."""
    length = 0
    while (line := sys.stdin.buffer.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def _answer(number: object, result: object) -> None:
    _write({"jsonrpc": "2.0", "id": number, "result": result})


def _say(method: str, params: object) -> None:
    _write({"jsonrpc": "2.0", "method": method, "params": params})


def _write(message: object) -> None:
    content = json.dumps(message).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
