import asyncio
import json
import os
from pathlib import Path
from typing import Any, cast

import pytest
from tests.loaded import python
from tests.lsp.conftest import CODE
from tests.lsp.model_server import answers, model_server, refuses

from firsthand.fault import CommandFault
from firsthand.single import Completed, complete_at

pytestmark = pytest.mark.asyncio


async def complete(
    tmp_path: Path, place: str, config: str, *options: str
) -> tuple[dict[str, object], str]:
    """What `firsthand complete --json` prints, and what it warns of."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(config, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(python(), "-m", "firsthand", "complete", "--json", *options, place),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ
        | {"FIRSTHAND_HOME": str(home), "FIRSTHAND_CONFIG": str(home / "config.toml")},
    )
    stdout, stderr = await process.communicate()
    assert process.returncode == 0, stderr
    found: dict[str, object] = json.loads(stdout)
    return found, stderr.decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    path = folder / "bank.py"
    path.write_text(CODE + "    def move(self, amount):\n        if amount > 3:\n", "utf-8")
    return path


async def test_a_model_is_named_with_what_it_took(tmp_path: Path, file: Path) -> None:
    async with model_server(answers("amount > self.balance:")) as models:
        found, warned = await complete(tmp_path, f"{file}:19:12", models.config())
        # What stood right of the cursor was not there for the model.
        assert models.asked[-1].prompt.endswith("        if <|fim_suffix|>\n<|fim_middle|>")
    assert warned == ""
    assert found.pop("latency_ms") != 0
    assert found == {
        "schema": 1,
        "text": "amount > self.balance:",
        "tier": "inline",
        "reason": "",
        "model": "qwen2.5-coder-1.5b",
        "tokens": 15,
        "cost_usd": None,
    }


async def test_what_the_model_was_shown_is_explained(tmp_path: Path, file: Path) -> None:
    file.with_name("vault.py").write_text(
        "class Vault:\n    def unlock(self, amount, balance): ...\n", "utf-8"
    )
    async with model_server(answers("amount > self.balance:")) as models:
        found, _ = await complete(tmp_path, f"{file}:19:12", models.config(), "--explain")
    context = cast(dict[str, Any], found["context"])
    assert json.loads(context["prompt"]) in [each.body for each in models.asked]
    assert [each["source"] for each in context["pieces"]] == ["names"]
    assert "unlock(amount, balance)" in context["pieces"][0]["text"]
    assert context["pieces"][0]["text"] in json.loads(context["prompt"])["prompt"]
    assert "unlock" in {name for names in context["names"].values() for name in names}


async def test_the_explanation_is_printed_for_people() -> None:
    piece = {"source": "names", "path": "names", "tokens": 3, "reason": "likely", "text": "a b"}
    context = {"pieces": [piece], "names": {"similar": ["a", "b"]}, "prompt": "the prompt"}
    completed = Completed("x", "inline", "m", "", 1.0, context=context)
    assert completed.explanation.splitlines() == [
        "names: names, 3 tokens",
        "    because: likely",
        "names by similar: a b",
        "prompt:",
        "the prompt",
    ]
    assert "nothing was shown" in Completed("", "", "", "", 1.0).explanation


async def test_a_model_that_fails_leaves_the_embedded_one(tmp_path: Path, file: Path) -> None:
    async with model_server(refuses("500 Internal Server Error")) as models:
        found, warned = await complete(tmp_path, f"{file}:19:12", models.config())
    assert (found["text"], found["tier"]) == ("amount <= 0:", "embedded")
    assert "failed: look into its log (HTTP status 500)" in warned


@pytest.mark.parametrize("place", ["", "a", "a:1", "a:1:", "a:1:-1", "a:1.5:1", "a:1:1 ", "1:1"])
async def test_a_place_is_a_file_a_line_and_a_column(place: str) -> None:
    with pytest.raises(CommandFault) as fault:
        complete_at(place, lambda done, total: None)
    assert fault.value.status == 2
    assert "write for example src/app.py:42:9" in str(fault.value)


async def test_too_large_a_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    with path.open("wb") as file:
        file.truncate(20_000_000)
    with pytest.raises(CommandFault, match="too large to be completed"):
        complete_at(f"{path}:1:1", lambda done, total: None)
