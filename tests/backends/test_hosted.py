"""What is carried to servers anywhere."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import Any

import httpx
import pytest
from tests.lsp.model_server import answers, model_server, silence

from firsthand.backends.hosted import HostedTransport
from firsthand.backends.plain import PlainTransport
from firsthand.backends.sender import Sender

pytestmark = pytest.mark.asyncio


async def test_a_connection_that_the_server_had_closed_is_made_anew() -> None:
    tries = []

    def answer(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        if len(tries) == 1:
            raise httpx.RemoteProtocolError("Server disconnected")
        return httpx.Response(200)

    sender = Sender(HostedTransport(transport=httpx.MockTransport(answer)), None, 0.25)
    assert (await sender.send("http://127.0.0.1:8012/props", b"{}")).status_code == 200
    assert len(tries) == 2


@pytest.mark.parametrize("transport", [PlainTransport, HostedTransport])
async def test_no_connection_is_lost_whenever_a_question_is_given_up(
    transport: type[PlainTransport | HostedTransport],
) -> None:
    async with model_server(answers("a")) as models:
        sender = Sender(transport(), None, 1.0)
        for turns in range(60):  # more than the connections that there may be
            asking = asyncio.ensure_future(sender.send(f"{models.url}/infill", b"{}"))
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await (await asking).aclose()
            await models.quiet()
        async with asyncio.timeout(10):
            await (await sender.send(f"{models.url}/infill", b"{}")).aclose()
        await sender.aclose()


@pytest.mark.parametrize("transport", [PlainTransport, HostedTransport])
async def test_closing_everything_while_a_question_is_given_up_is_no_fault(
    transport: type[PlainTransport | HostedTransport],
) -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, fault: faults.append(fault))
    async with model_server(silence) as models:
        sender = Sender(transport(), None, 1.0)
        asking = asyncio.ensure_future(sender.send(f"{models.url}/infill", b"{}"))
        await models.next(1)
        asking.cancel()
        await asyncio.sleep(0)
        await sender.aclose()
        await models.quiet()
        assert asking.cancelled()
        del asking
    gc.collect()  # what nobody asked for by now is told of
    assert faults == []
