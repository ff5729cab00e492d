"""A router whose servers the test can change."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from tests.backends.fakes import ASKED, Handler, streaming, transport

from firsthand.backends.base import Endpoint, Request
from firsthand.ledger import Ledger
from firsthand.router import NoModel, Router

T = TypeVar("T")

ONE = Endpoint("one", "llamacpp", "http://127.0.0.1:1", "small", "qwen")
TWO = Endpoint("two", "openai", "http://127.0.0.1:2", "large", "qwen")
FAR = Endpoint(
    "far", "openai", "https://far.example", "coder", "codestral", True, price_in=1.0, price_out=2.0
)
END = {"content": "", "stop": True}
SECRET = "ghp_" + "a1B2c3D4e5F6" * 3

says = streaming({"content": "a + b", "stop": False}, END)
usage = {"prompt_tokens": 1000, "completion_tokens": 500}
says_openai = streaming({"choices": [{"text": "b", "finish_reason": "stop"}]}, "[DONE]")
says_paid = streaming(
    {"choices": [{"text": "c", "finish_reason": "stop"}]}, {"choices": [], "usage": usage}
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def at_once(call: Callable[[], T]) -> T:
    return call()


class World:
    """A router whose servers the test can change."""

    def __init__(
        self,
        *endpoints: Endpoint,
        folder: Path | None = None,
        now: Callable[[], datetime] | None = None,
        **more: object,
    ) -> None:
        self.clock = Clock()
        self.servers: dict[str, Handler] = {}
        self.requests: list[httpx.Request] = []
        self.questions: list[httpx.Request] = []
        self.said: dict[str, object] = {}
        now = now or (lambda: datetime.now().astimezone())
        self.ledger = Ledger(folder, tell=lambda _: None, clock=now) if folder else None
        self.router = Router(
            endpoints,
            run=at_once,
            ledger=self.ledger,
            clock=self.clock,
            transport=transport(self._handle),
            **{"keys": lambda _: None} | more,  # type: ignore[arg-type]
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        if request.url.path in ("/props", "/tokenize", "/api/show", "/v1/models"):
            self.questions.append(request)
            if str(request.url.port or request.url.host) not in self.servers:
                raise httpx.ConnectError("refused")
            answer = self.said.get(request.url.path)
            return httpx.Response(404 if answer is None else 200, json=answer)
        self.requests.append(request)
        server = self.servers.get(str(request.url.port or request.url.host))
        if server is None:
            raise httpx.ConnectError("refused")
        return server(request)

    async def ask(self, request: Request = ASKED, local_only: bool = False) -> str:
        chunks = [c async for c in self.router.stream(request, local_only=local_only)]
        assert [bool(chunk.ending) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
        self.ending = chunks[-1].ending
        return "".join(chunk.text for chunk in chunks)

    async def fails(self, words: str, local_only: bool = False) -> None:
        with pytest.raises(NoModel, match=words):
            await self.ask(local_only=local_only)

    async def fails_with(self, request: Request, words: str) -> None:
        with pytest.raises(NoModel, match=words):
            await self.ask(request)
