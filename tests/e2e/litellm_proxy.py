"""A real LiteLLM proxy before a real model server.

It is installed from PyPI into an environment of its own in the cache folder: what it pins is not
what Firsthand needs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.debian import CACHE, Missing
from tests.e2e.servers import Server, free_port, running

KEY = "sk-test"
_NOTHING: Mapping[str, tuple[Server, Mapping[str, object]]] = {}
_NEEDED = "litellm[proxy]>=1.108,<2"


@contextmanager
def proxying(
    models: Mapping[str, tuple[Server, Mapping[str, object]]],
    others: Mapping[str, tuple[Server, Mapping[str, object]]] = _NOTHING,
    retries: int = 0,
) -> Iterator[Server]:
    """A proxy on a free port of this machine, alive before it is given.

    Args:
        models: the server of each model, by the model's name, and what is added to its requests.
        others: a second server for some of these models, among which the proxy spreads the work.
        retries: how often the proxy asks once more when a server fails.
    """
    program, port = _installed(), free_port()
    settings = {
        "model_list": [
            _listed(name, *each) for some in (models, others) for name, each in some.items()
        ],
        "general_settings": {"master_key": KEY},
        "litellm_settings": {"num_retries": retries, "telemetry": False},
        # One test's error is not the next one's; with retries a server that fails is left out.
        "router_settings": {"allowed_fails": 0, "cooldown_time": 60, "num_retries": retries}
        if retries
        else {"disable_cooldowns": True},
    }
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(json.dumps(settings), encoding="utf-8")  # which is YAML too
        where = ("--host", "127.0.0.1", "--port", str(port))
        with running(
            "LiteLLM",
            [program, "--config", config, *where],
            f"http://127.0.0.1:{port}",
            "/health/liveliness",
            seconds=180,  # it imports for long
            environment={"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        ) as server:
            yield server


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
