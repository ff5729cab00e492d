"""How a request reaches a server."""

from __future__ import annotations

import httpx
import pytest

from firsthand.backends.sender import Sender, proxy_for


@pytest.mark.parametrize(
    ("url", "proxies", "proxy"),
    [
        ("https://api.example.com/v1", {}, None),
        ("https://api.example.com/v1", {"http": "http://one:8080"}, None),
        ("https://api.example.com/v1", {"https": "http://one:8080"}, "http://one:8080"),
        ("https://api.example.com/v1", {"https": "one:8080"}, "http://one:8080"),
        ("https://api.example.com/v1", {"all": "socks5://one:1080"}, "socks5://one:1080"),
        ("https://inside.example.com/v1", {"https": "http://one:8080"}, None),
    ],
)
def test_the_proxy_of_an_address(url: str, proxies: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(url, proxies, lambda host: host.startswith("inside.")) == proxy


async def check(key: str | None, body: bytes | None, expect: dict[str, str | None]) -> None:
    """Send a body and look at what a server got."""
    got: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(200)

    sender = Sender(httpx.MockTransport(answer), key, 0.25)
    assert (await sender.send("http://127.0.0.1:8012/v1/completions", body)).status_code == 200
    (request,) = got
    assert request.content == (body or b"")
    headers = {name: request.headers.get(name) for name in expect}
    assert (request.method, headers) == ("GET" if body is None else "POST", expect)
    await sender.aclose()


@pytest.mark.asyncio
async def test_a_question_is_plain_json_and_names_its_sender() -> None:
    await check(
        "secret",
        b"{}",
        {
            "authorization": "Bearer secret",
            "content-type": "application/json",
            "content-length": "2",
            "accept-encoding": "identity",
            "host": "127.0.0.1:8012",
        },
    )


@pytest.mark.asyncio
async def test_without_a_key_nothing_authorizes() -> None:
    await check(None, None, {"authorization": None, "accept-encoding": "identity"})
