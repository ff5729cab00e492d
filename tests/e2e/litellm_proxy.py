"""A real LiteLLM proxy before a real model server.

It is installed from PyPI into an environment of its own in the cache folder: what it pins is not
what Firsthand needs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.debian import CACHE, Missing
from tests.e2e.llama import Server, free_port

KEY = "sk-test"
_NEEDED = "litellm[proxy]>=1.108,<2"


@contextmanager
def proxying(models: Mapping[str, tuple[Server, Mapping[str, object]]]) -> Iterator[Server]:
    """A proxy on a free port of this machine, alive before it is given.

    Args:
        models: the server of each model, by the model's name, and what is added to its requests.
    """
    program, port = _installed(), free_port()
    settings = {
        "model_list": [_listed(name, *each) for name, each in models.items()],
        "general_settings": {"master_key": KEY},
        "litellm_settings": {"num_retries": 0, "telemetry": False},
        "router_settings": {"disable_cooldowns": True},  # one test's error is not the next one's
    }
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
        config = Path(folder) / "config.yaml"
        config.write_text(json.dumps(settings), encoding="utf-8")  # which is YAML too
        command: list[str | Path] = [
            program,
            "--config",
            config,
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ]
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        server = Server(f"http://127.0.0.1:{port}", process)
        try:
            if not _alive(server):
                log.seek(0)
                tail = log.read()[-3000:].decode("utf-8", "replace")
                raise Missing(f"LiteLLM did not come to life:\n{tail}")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _listed(name: str, behind: Server, extra: Mapping[str, object]) -> Mapping[str, object]:
    told = {"model": "openai/tiny", "api_base": f"{behind.url}/v1", "api_key": "none"}
    return {"model_name": name, "litellm_params": {**told, "extra_body": extra}}


def _installed() -> Path:
    """The proxy's program, installed the first time."""
    folder = CACHE / f"litellm-{sys.platform}-{sys.version_info.major}.{sys.version_info.minor}"
    program, ready = folder / "bin/litellm", folder / _NEEDED.replace("/", "-")
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip: list[str | Path] = [folder / "bin/python", "-m", "pip", "install", "--quiet", _NEEDED]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"LiteLLM could not be installed:\n{done.stderr[-3000:]}")
        ready.touch()
    return program


def _alive(server: Server, seconds: float = 180) -> bool:
    """Whether it answers; it imports for long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/health/liveliness", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.1)
    return False
