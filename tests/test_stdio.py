"""The end of a conversation is the end of the process."""

import subprocess
import sys

import pytest

SCRIPT = """
import asyncio
from firsthand import stdio

async def stay():
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

async def talk():
    if {hangs}:
        asyncio.get_running_loop().staying = asyncio.ensure_future(stay())
        await asyncio.sleep(0)

async def then():
    pass

stdio.run(talk(), then, 0.5)
"""


@pytest.mark.parametrize(("hangs", "status"), [(True, 1), (False, 0)])
def test_what_does_not_end_with_it_is_ended(hangs: bool, status: int) -> None:
    script = SCRIPT.format(hangs=hangs)
    done = subprocess.run([sys.executable, "-c", script], timeout=60, check=False)
    assert done.returncode == status
