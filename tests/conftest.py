"""What tests of several parts share."""

import asyncio
from collections.abc import AsyncIterator

import hypothesis
import pytest_asyncio

pytest_plugins = ["tests.watchdog"]

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest_asyncio.fixture
async def ended() -> AsyncIterator[None]:
    """End what a session still asks its models when the test is over."""
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
