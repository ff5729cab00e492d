"""A slice of the fuzzing: what reads text from outside survives what nobody would write."""

import random

import pytest
from bench.fuzz.seeds import seeds
from bench.fuzz.targets import TARGETS

_INPUTS = 60


def varied(content: bytes, chance: random.Random) -> bytes:
    """An input with some bytes changed, left out, doubled or moved."""
    varied = bytearray(content[: chance.randrange(1, 500)])
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(varied) + 1)
        match chance.randrange(4):
            case 0:
                varied[at:at] = bytes(chance.choices(b"\0\"'{}[]\n\r=:\\\xff\xf0<>-", k=3))
            case 1:
                del varied[at : at + chance.randrange(1, 20)]
            case 2:
                varied[at:at] = varied[: chance.randrange(40)]
            case _:
                varied[at:] = reversed(varied[at:])
    return bytes(varied)


@pytest.mark.parametrize("target", TARGETS)
def test_a_slice_of_it(target: str) -> None:
    chance, found = random.Random(target), seeds(target)
    for content in found:
        TARGETS[target](content[:600])
    for _ in range(_INPUTS):
        TARGETS[target](varied(chance.choice(found), chance))
