"""`python -m bench.kill`: kill -9 at random points while somebody types, and read all that is kept.

All servers of a job share one state and one workspace. The blow hits the server or its index
process, from the start on; then every database is checked whole, and the cache, the ledger and the
embedded tier are opened as a server opens them. Anything unreadable ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Any

import psutil
from bench.keystroke.model_server import ModelServer

from firsthand import paths
from firsthand.cache import Cache
from firsthand.embedded import ProjectTier
from firsthand.index.state import tier_folder
from firsthand.ledger import Ledger

_WORK = 8.0  # seconds of CPU, the index process's included, by which a blow falls at the latest
_LATEST = 12.0  # seconds after the start, likewise, of a server that has nothing more to do
_LOOK = 0.02  # seconds between two looks at that
_KEY = 0.03  # seconds between two keys
_DATABASES = ("*.db", "*.sqlite3", "*.sqlite")


def main() -> None:
    """Kill, look, and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m bench.kill", description=main.__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=4, help="states that are struck at once (4)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    figures = asyncio.run(_all(asked.kills, asked.seed, asked.jobs))
    print(json.dumps(figures, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _project(folder: Path) -> Path:
    """Some code in a folder of its own."""
    root = folder / "project"
    root.mkdir()
    for number in range(60):
        lines = (f"def name_{number}_{n}(a):\n    return a + {n}\n" for n in range(40))
        (root / f"module_{number}.py").write_text("\n\n".join(lines), encoding="utf-8")
    return root


def _configured(folder: Path, url: str) -> dict[str, str]:
    """The environment of servers that ask a model there."""
    config = folder / "config.toml"
    config.write_text(
        '[inline]\nmodels = ["m"]\ndiscover = false\n[models.m]\nprovider = "openai"\n'
        f'url = "{url}"\nmodel = "qwen2.5-coder"\n',
        encoding="utf-8",
    )
    return {"FIRSTHAND_HOME": str(folder / "home"), "FIRSTHAND_CONFIG": str(config)}


async def _all(kills: int, seed: int, jobs: int) -> dict[str, Any]:
    each = await asyncio.gather(*(_killed(kills // jobs, f"{seed} {job}") for job in range(jobs)))
    counted = sum(each, Counter[str]())
    return {"kills": kills // jobs * jobs, **dict(sorted(counted.items())), "unreadable": 0}


async def _killed(kills: int, seed: str) -> Counter[str]:
    chance, counted = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        home, root = Path(folder, "home"), _project(Path(folder))
        async with ModelServer().serving() as server:
            server.answer = ["compute(first, ", "second)\n", "print(result)\n"]
            environ = _configured(Path(folder), server.url)
            for number in range(kills):
                # A file that changes gives the index something to write.
                changed = root / f"module_{chance.randrange(60)}.py"
                changed.write_text(f"x_{number} = {number}\n" * 400, encoding="utf-8")
                victim = await _typed_and_killed(root, environ, chance, number)
                counted[f"killed_{victim}"] += 1
                counted.update(_read(home, root, environ))
                if number % 10 == 9:
                    print(f"{seed}: {number + 1} kills, {dict(counted)}", flush=True)
    return counted


async def _typed_and_killed(
    root: Path, environ: dict[str, str], chance: random.Random, number: int
) -> str:
    """Type until the blow falls; gives whom it hit."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "firsthand", "serve"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | environ,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    drained = asyncio.create_task(_drain(process.stdout))
    typing = asyncio.create_task(_type(process.stdin, root, number))
    await _worked(psutil.Process(process.pid), chance.uniform(0.0, _WORK))
    children = psutil.Process(process.pid).children(recursive=True)
    victim = "server"
    if children and chance.random() < 0.3:
        victim = "index"
        with suppress(psutil.NoSuchProcess):
            chance.choice(children).kill()
        await asyncio.sleep(chance.uniform(0.0, 0.5))
    process.kill()
    typing.cancel()
    await asyncio.gather(typing, return_exceptions=True)
    await process.wait()
    await drained
    psutil.wait_procs(children, timeout=10)
    return victim


async def _worked(server: psutil.Process, seconds: float) -> None:
    """Return once a server and its processes have had so many seconds of CPU.

    How far it is by the clock depends on what else the machine does.
    """
    end = time.monotonic() + _LATEST
    while time.monotonic() < end:
        used = 0.0
        for each in (server, *server.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                used += sum(each.cpu_times()[:2])
        if used >= seconds:
            return
        await asyncio.sleep(_LOOK)


async def _drain(stdout: asyncio.StreamReader) -> None:
    while await stdout.read(1 << 16):
        continue


async def _type(stdin: asyncio.StreamWriter, root: Path, number: int) -> None:
    """Speak LSP without listening: open a file and type into it."""

    def send(method: str, params: dict[str, Any], id_: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        body = json.dumps(message if id_ is None else {**message, "id": id_}).encode("utf-8")
        stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    uri = (root / "typed.py").as_uri()
    folders = [{"uri": root.as_uri(), "name": "project"}]
    send("initialize", {"processId": None, "capabilities": {}, "workspaceFolders": folders}, 1)
    send("initialized", {})
    item = {"uri": uri, "languageId": "python", "version": 1, "text": f"# {number}\n"}
    send("textDocument/didOpen", {"textDocument": item})
    line = column = 0
    with suppress(ConnectionError):
        for version, key in enumerate("compute(first, second)\nprint(result)\n" * 400, 2):
            at = {"line": line + 1, "character": column}
            document = {"uri": uri, "version": version}
            change = {"range": {"start": at, "end": at}, "text": key}
            send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
            line, column = (line + 1, 0) if key == "\n" else (line, column + 1)
            here = {"line": line + 1, "character": column}
            asked = {"textDocument": document, "position": here, "context": {"triggerKind": 2}}
            send("textDocument/inlineCompletion", asked, version)
            await stdin.drain()
            await asyncio.sleep(_KEY)


def _read(home: Path, root: Path, environ: dict[str, str]) -> Counter[str]:
    """Read all that is kept.

    Raises:
        SystemExit: something can't be.
    """
    counted: Counter[str] = Counter()
    for pattern in _DATABASES:
        for file in home.rglob(pattern):
            with closing(sqlite3.connect(file, timeout=10)) as database:
                (verdict,) = database.execute("PRAGMA integrity_check").fetchone()
            if verdict != "ok":
                raise SystemExit(f"{file}: {verdict}")
            counted["databases_checked"] += 1
    if aside := [file.name for file in home.rglob("*damaged*")]:
        raise SystemExit(f"a server found damage: {aside}")
    cache = Cache(paths.completions_folder(environ), tell=_unreadable)
    counted["completions_read"] += sum(cache.get(key) is not None for key in sorted(cache.keys()))
    cache.close()
    ledger = Ledger(paths.data_folder(environ), tell=_unreadable)
    if ledger.spent(date.today()) is None or ledger.sent(10) is None:
        raise SystemExit("the ledger can't be read")
    ledger.close()
    tier = tier_folder(root, environ)
    if tier.exists():
        ProjectTier.load(tier)
        counted["tiers_read"] += 1
    return counted


def _unreadable(sentence: str) -> None:
    raise SystemExit(sentence)


if __name__ == "__main__":
    main()
