"""A frontier model over real HTTP that says what a test wants, and an editor that asks it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.lsp.editor import PATIENCE, Editor, editor
from tests.lsp.model_server import Asked, ModelServer, Script, model_server

NAME = "shop.py"
SHOP = """\
class Shop:
    def total(self, prices):
        return 0

    def close(self):
        self.open = False
"""
BETTER = """\
<<<<<<< SEARCH
        return 0
=======
        return sum(prices)
>>>>>>> REPLACE

The prices are added up.
CHECK `sum(prices)`: an empty list gives 0
"""
ALONE = "[inline]\nmodels = []\ndiscover = false\n"  # nobody is asked for completions
PLUGIN = {"client": {"name": "test", "refresh": "empty", "proposals": True}}


def says(*replies: str) -> Script:
    """A script: each request gets the next reply, in the format of chat completions."""
    left = list(replies)

    async def script(asked: Asked) -> None:
        await asked.begin()
        reply = left.pop(0) if len(left) > 1 else left[0]
        step = max(40, len(reply) // 100)
        for at in range(0, len(reply), step):
            await event(asked, {"choices": [{"delta": {"content": reply[at : at + step]}}]})
        await event(asked, {"choices": [{"delta": {}, "finish_reason": "stop"}]})
        await asked.raw(b"data: [DONE]\n\n")

    return script


async def event(asked: Asked, record: dict[str, Any]) -> None:
    """Send a record as the stream of a chat has it."""
    await asked.raw(f"data: {json.dumps(record)}\n\n".encode())


@asynccontextmanager
async def session(
    folder: Path,
    script: Script,
    options: dict[str, Any] | None = None,
    config: str = "",
    model: str = "large",
) -> AsyncIterator[tuple[Editor, ModelServer]]:
    """An editor with the shop open, and a frontier model that a test scripts."""
    root = folder / "project"
    root.mkdir()
    (root / NAME).write_text(SHOP, encoding="utf-8")
    async with model_server(script) as models:
        config = f"{ALONE}{models.asked_to_change(model)}{config}"
        async with editor(folder / "home", root, options=options, config=config) as this:
            await this.ready()
            this.open(NAME, SHOP.replace("0\n", "║0\n", 1))
            yield this, models


async def ask(this: Editor, first: int = 2, last: int = 3, **more: Any) -> Any:
    """Ask for a change of some lines, once the file was judged."""
    argument = {
        "textDocument": {"uri": this.uri},
        "range": {
            "start": {"line": first, "character": more.pop("character", 0)},
            "end": {"line": last, "character": more.pop("end", 0)},
        },
        **more,
    }
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await this.command("firsthand.escalate", argument)
            if "is private" not in answer.get("reason", ""):
                return answer
