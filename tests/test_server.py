"""What the start of the server does in its time; `tests/lsp` tests the rest."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import subprocess
import sys
import weakref
from functools import partial

import pytest
from pygls.exceptions import JsonRpcInternalError

from firsthand import server
from firsthand.session import Session
from firsthand.startup import tidy_while_idle

# What waits until then, because it takes long to load: libraries, and parts of our own.
LATER = (
    *("numpy", "httpx", "pydantic", "tree_sitter", "sqlite3", "diskcache", "keyring", "click"),
    *("rich", "statistics", "decimal", "difflib", "hashlib", "secrets", "tomllib", "tempfile"),
    *("complete", "asking", "reuse", "startup", "folders", "codebase", "stores", "cache"),
    *("escalate", "offering", "telling", "accounts", "cli", "single", "embedded", "syntax"),
    *("panel", "preparing", "gathering", "verifying", "scratch"),
    *("backends", "router", "ledger", "index", "core.patch", "core.proposal", "core.redact"),
    *("core.fim", "core.snippets", "core.sources", "core.postprocess", "core.stream"),
    *("settings.sources", "settings.wire", "settings.fields", "settings.checks"),
)

SERVER = """
import json, sys
from firsthand import log, server, stdio
made = server.make()
made.protocol.acquaint()
print(json.dumps(list(sys.modules)))
"""


def test_what_is_slow_to_load_waits_until_initialize_was_answered() -> None:
    told = subprocess.run([sys.executable, "-c", SERVER], capture_output=True, check=True)
    loaded = set(json.loads(told.stdout))
    assert {each for each in loaded if each.removeprefix("firsthand.") in LATER} == set()


def test_what_a_first_guess_needs_is_there_before_it() -> None:
    read = "from firsthand.embedded.calibration import fitted; print(fitted.cache_info().currsize)"
    begun = f"from firsthand import startup; startup._embedded_model(); {read}"
    told = subprocess.run([sys.executable, "-c", begun], capture_output=True, check=True, text=True)
    assert told.stdout.split() == ["1"]


def test_a_fault_is_logged_by_its_name_and_place_alone(caplog: pytest.LogCaptureFixture) -> None:
    made = server.make()
    try:
        raise KeyError("secret = 1")
    except KeyError as fault:
        made.note(fault)
        made.note(JsonRpcInternalError.of(sys.exc_info()))  # type: ignore[no-untyped-call]
    ours = [each.getMessage() for each in caplog.records if each.name == server.__name__]
    named, handed_on = ours
    assert handed_on == named
    assert re.fullmatch(r"KeyError at .*test_server\.py:\d+", named)


@pytest.mark.asyncio
async def test_garbage_is_collected_once_all_is_loaded() -> None:
    thresholds = gc.get_threshold()
    gc.disable()  # as `firsthand serve` begins
    session = Session(tell=lambda _method, _params: None)
    task = asyncio.get_running_loop().create_future()
    task.add_done_callback(partial(id, task))  # it refers to itself
    left = weakref.ref(task)
    del task
    tidying = asyncio.create_task(tidy_while_idle(session, idle=0.0))
    try:
        async with asyncio.timeout(60):
            while left() is not None:  # also what was left while all was loaded
                await asyncio.sleep(0)
        assert gc.isenabled()
        assert gc.get_threshold()[0] < 5_000, "a few keys' texts at a time"
    finally:
        tidying.cancel()
        gc.enable()
        gc.unfreeze()
        gc.set_threshold(*thresholds)
