"""How soon an escalation shows that it is under way, and how soon a cancel closes its connection.

The real server on stdio, and a provider on this machine that thinks and says nothing.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from lsprotocol import types as lsp
from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.model_server import ModelServer, model_server, silence
from tests.lsp.talking import ALONE

_NAME = "shop.py"
_CODE = "def total(prices):\n    return 0\n"
_RUNS = 30
_CLIENT = {"client": {"name": "bench", "refresh": "empty", "proposals": True}}


def figures() -> dict[str, object]:
    """Milliseconds: of the command to its first progress, and of a cancel to the closed end."""
    return asyncio.run(_figures())


async def _figures() -> dict[str, object]:
    progress, closed = [], []
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    with TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        root.mkdir()
        (root / _NAME).write_text(_CODE, encoding="utf-8")
        async with model_server(silence) as models:
            config = ALONE + models.asked_to_change()
            home = Path(folder) / "home"
            async with editor(home, root, options=_CLIENT, config=config) as this:
                await this.ready()
                this.open(_NAME, _CODE.replace("0", "║0"))
                for _ in range(_RUNS):
                    one, other = await _once(this, models)
                    progress.append(one)
                    closed.append(other)
    return {
        "runs": _RUNS,
        "load_before": load,
        "progress_ms_first": round(progress[0], 1),
        "progress_ms_p50_p95": _quantiles(progress[1:]),
        "cancel_to_closed_ms_first": round(closed[0], 1),
        "cancel_to_closed_ms_p50_p95": _quantiles(closed[1:]),
    }


def _quantiles(values: list[float]) -> list[float]:
    return [round(median(values), 1), round(sorted(values)[int(0.95 * len(values))], 1)]


async def _once(this: Editor, models: ModelServer) -> tuple[float, float]:
    loop = asyncio.get_running_loop()
    argument = {
        "textDocument": {"uri": this.uri},
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}},
    }
    shown, count = 0.0, len(models.asked)
    async with asyncio.timeout(PATIENCE):
        while len(models.asked) == count:  # at first the file may not be judged yet
            this.client.progress_reports.clear()
            began = loop.time()
            asking = asyncio.ensure_future(this.command("firsthand.escalate", argument))
            begun = asyncio.ensure_future(this.until_progress())  # looks every 10 ms
            await asyncio.wait((asking, begun), return_when=asyncio.FIRST_COMPLETED)
            shown = loop.time() - began
            sent = asyncio.ensure_future(models.next(count + 1))
            await asyncio.wait((asking, sent), return_when=asyncio.FIRST_COMPLETED)
            begun.cancel()
            sent.cancel()
    asked = models.asked[-1]
    await asyncio.sleep(0.1)
    token = next(iter(this.client.progress_reports))
    cancelled = loop.time()
    this.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams(token))
    async with asyncio.timeout(PATIENCE):
        await asked.closed.wait()
        await asking
    return 1000 * shown, 1000 * (asked.closed_at - cancelled)
