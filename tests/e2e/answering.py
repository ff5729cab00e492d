"""A server that keeps what it was sent, and answers everything with a recorded stream."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).parents[1] / "backends" / "recordings"
_KINDS = {".sse": "text/event-stream", ".ndjson": "application/x-ndjson"}


@dataclass
class Told:
    """What a server was sent last."""

    url: str
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@contextmanager
def answering(recording: str) -> Iterator[Told]:
    """A server for as long as the context lasts, with a file of the recordings."""
    file = RECORDINGS / recording
    content = file.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.path = self.path
            told.headers = {name.lower(): value for name, value in self.headers.items()}
            told.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", _KINDS[file.suffix])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = Told(f"http://127.0.0.1:{server.server_port}")
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield told
        finally:
            server.shutdown()
            serving.join()
