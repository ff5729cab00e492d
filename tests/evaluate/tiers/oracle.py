"""A model server that knows the files, and comparisons that ask it."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lsp.model_server import Asked, Script

from firsthand.evaluate.tiers import Plan, compare
from firsthand.evaluate.tiers.comparison import Comparison

PIECES = ("open", "close", "move", "count", "lend", "owe", "keep")
BANK = "\n".join(
    f"def {word}_{number}(amount, balance):\n    return amount * {number * 7} - balance\n"
    for number, word in enumerate(PIECES)
)


def knows(text: str, most: int = 10**9) -> Script:
    """A script: the rest of the line that stands in the text after the prompt's prefix.

    After so many answers it refuses.
    """
    answered = 0

    async def script(asked: Asked) -> None:
        nonlocal answered
        if not asked.path.endswith(("completion", "completions")):
            await asked.begin("404 Not Found", "application/json")
            return
        if answered >= most:
            await asked.begin("500 Internal Server Error", "application/json")
            return
        answered += 1
        prefix = asked.prompt.partition("<|fim_suffix|>")[0].rpartition("<|fim_prefix|>")[2]
        _, found, rest = text.partition(prefix[-60:] or text[:1])
        await asked.begin()
        await asked.say(rest.partition("\n")[0] if found else "")
        await asked.end()

    return script


def table(url: str, name: str, *more: str) -> str:
    """A model's table in the person's file."""
    kind = f'[models.{name}]\nprovider = "llamacpp"\nurl = "{url}"\n'
    return "\n".join((kind, *more, ""))


async def compared(
    home: Path, config: str, folder: Path, plan: Plan, agrees: bool = True
) -> tuple[Comparison, int, list[str]]:
    """What a comparison comes to, its exit status, and the prices that were named."""
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(config, encoding="utf-8")
    prices: list[str] = []

    def agree(price: str) -> bool:
        prices.append(price)
        return agrees

    found, status = await asyncio.to_thread(compare, folder, plan, quiet, agree)
    return found, status, prices


@contextmanager
def quiet(title: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


async def killed(home: Path, folder: Path, lines: int, after: int) -> None:
    """A comparison of the embedded model that is killed when so many results are kept."""
    code = (
        "import sys; from pathlib import Path; from firsthand.evaluate.tiers import *; "
        "from tests.evaluate.tiers.oracle import quiet; "
        f"compare(Path(sys.argv[1]), Plan(lines={lines}, library_bytes=0), quiet, bool)"
    )
    root = Path(__file__).parents[3]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, os.fspath(folder)),
        cwd=root,
        env={**os.environ, "FIRSTHAND_HOME": str(home)},
    )
    while process.returncode is None:
        kept = [each.read_text("utf-8") for each in home.rglob("eval/*.jsonl")]
        if any(each.count("[") >= after for each in kept):
            process.kill()
            await process.wait()
        await asyncio.sleep(0.01)
