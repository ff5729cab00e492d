"""Which model a task begins with when the cheapest one that is likely to do is wanted."""

from __future__ import annotations

from collections.abc import Sequence

# Lines that may be changed in a task that a cheap model does as well as a dear one, most of the
# time: with a goal that somebody else put into words (a diagnostic, a body that is missing), and
# with one in the person's words, which may ask for anything.
_TOLD, _FREE = 40, 12
_LONGEST_INSTRUCTION = 200
# Tokens that go in for each one that comes out.
_IN_FOR_OUT = 8


def bounded(target: str, instruction: str, problems: Sequence[str]) -> bool:
    """Whether a task is small enough for a cheap model.

    Args:
        target: the text that may be changed; empty at a cursor.
        instruction: in the person's words; may be empty.
        problems: what is to be mended.
    """
    lines = target.count("\n") + 1
    if len(instruction) > _LONGEST_INSTRUCTION:
        return False
    return lines <= (_FREE if instruction and not problems else _TOLD)


def ladder(prices: Sequence[tuple[float, float] | None], small: bool) -> tuple[int, ...]:
    """The models to ask one after the other until one's answer passes.

    A small task begins with the cheapest one and steps up by price. Another one begins with the
    first one, which the person thinks best, and goes on to those that cost more, then to the rest.

    Args:
        prices: of each model in the person's order, in USD per million tokens of the prompt and of
            the answer; None where nobody knows: such a one comes last.
        small: whether the task is.

    Returns:
        Indexes of models.
    """

    def price(number: int) -> float:
        found = prices[number]
        return float("inf") if found is None else found[0] * _IN_FOR_OUT + found[1]

    rising = sorted(range(len(prices)), key=price)
    if small or not rising:
        return tuple(rising)
    dearer = [number for number in rising if price(number) > price(0)]
    return (0, *dearer, *(number for number in rising[::-1] if number and number not in dearer))
