"""Which of a model's servers a document goes to."""

from collections import Counter
from typing import Any

from firsthand.backends.base import Endpoint
from firsthand.router.link import Server
from firsthand.router.pool import Pool

MODEL = Endpoint("m", "openai", "http://a", urls=("http://a", "http://b", "http://c"))


def make() -> Pool[Server[Any]]:
    pool = Pool(tuple(Server[Any](each) for each in MODEL.each))
    for link in pool.links:
        link.gate.slots = 2
    return pool


def first(pool: Pool[Server[Any]], document: str) -> str:
    link = pool.order(document)[0]
    pool.keep(document, link)
    return link.endpoint.url


def test_documents_are_spread_and_keep_to_their_server() -> None:
    pool = make()
    found = {name: first(pool, name) for name in "abcdef"}
    assert Counter(found.values()) == {"http://a": 2, "http://b": 2, "http://c": 2}
    assert all(first(pool, name) == url for name, url in found.items())


def test_the_fewest_outstanding_requests_count() -> None:
    pool = make()
    pool.links[0].gate.inside = 1
    assert [each.endpoint.url[-1] for each in pool.order("x")] == ["b", "c", "a"]


def test_a_full_server_is_left_where_another_is_free() -> None:
    pool = make()
    pool.keep("x", pool.links[0])
    pool.links[0].gate.inside = 1
    assert pool.order("x")[0] is pool.links[0]
    pool.links[0].gate.inside = 2
    assert pool.order("x")[0] is pool.links[1]
    for link in pool.links:
        link.gate.inside = 2
    assert pool.order("x")[0] is pool.links[0]


def test_few_documents_are_remembered() -> None:
    pool = make()
    pool.keep("old", pool.links[2])
    for number in range(300):
        pool.keep(str(number), pool.links[number % 2])
    assert pool.order("old")[0] is pool.links[2]  # by the fewest documents
    assert len(pool.order("old")) == 3
