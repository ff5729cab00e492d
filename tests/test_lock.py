"""The pinned packages, and what their audit says."""

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
VERDICT = runpy.run_path(str(ROOT / ".ci" / "audit.py"))["verdict"]
SOUND = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "not found"}
WEAK = {"name": "c", "version": "2", "vulns": [{"id": "X"}]}


def test_every_dependency_is_pinned_by_hashes() -> None:
    pins = re.findall(
        r"^([a-z0-9-]+)==\S+(?: ; .*?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
        (ROOT / "requirements.lock").read_text(encoding="utf-8"),
        re.M,
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=]", each)[0].lower() for each in project["dependencies"]}
    assert wanted <= {name for name, _ in pins}
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert text.count("==") >= len(pins) == len(re.findall(r"^[a-z0-9]", text, re.M))


@pytest.mark.parametrize(
    ("packages", "status", "words"),
    [
        ([SOUND], 0, "No known weakness in 1 packages"),
        ([SOUND, SKIPPED], 0, "say nothing of 1 of 2"),
        ([SKIPPED, WEAK], 1, "c 2"),
        (None, 0, "nothing was audited"),
    ],
)
def test_a_weakness_fails_and_a_missing_network_is_said(
    packages: list[dict[str, Any]] | None, status: int, words: str
) -> None:
    given = None if packages is None else {"dependencies": packages}
    got, sentence = VERDICT(given)
    assert got == status
    assert words in sentence
