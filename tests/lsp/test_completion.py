from pathlib import Path

import pytest
from tests.lsp.conftest import CODE
from tests.lsp.editor import editor

pytestmark = pytest.mark.asyncio


async def test_completes_from_the_file_itself(home: Path, root: Path) -> None:
    async with editor(home, root) as vscode:
        vscode.open("bank.py", CODE + "    def move(self, amount):\n        ║\n")
        await vscode.ready()
        vscode.type("if am")
        assert (await vscode.shown()).startswith("ount <= 0")
