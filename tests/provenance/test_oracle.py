"""Whether a session knows who wrote each character, however a person came to it."""

from pathlib import Path

import pytest
from bench.grip.person import Clock, Person
from tests.provenance.following import following

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("seed", [0, 3, 6, 7])
async def test_who_wrote_each_character(seed: int, tmp_path: Path) -> None:
    clock = Clock()
    session = following(tmp_path, clock)
    person = Person(session, clock, tmp_path, seed)
    await person.live(40)
    session.shut_down()
    assert person.right >= 0.995 * person.all > 0
