"""The prompt of an escalation, whole: a real index, a real file, what may not leave left out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from tests.fakes import make_session
from tests.index.code.shop import SHOP, database, indexed
from tests.router.world import at_once

from firsthand import commands
from firsthand.backends.base import Endpoint
from firsthand.core.redact import PLACEHOLDER
from firsthand.core.sources.problems import Problem
from firsthand.core.text import Position, Range
from firsthand.escalate import preview
from firsthand.index.code.view import CodeReader
from firsthand.ledger import Ledger
from firsthand.paths import path_to_uri
from firsthand.preparing import Nothing, Wanted
from firsthand.router.frontier import Frontier
from firsthand.router.toll import Toll
from firsthand.session import Session
from firsthand.settings import Budget, Privacy

pytestmark = pytest.mark.asyncio

PROMPTS = Path(__file__).parent / "prompts"
KEY = "sk-ant-api03-" + "Zk4" * 20
FILES = {
    **SHOP,
    "shop/secrets.py": f'from shop.cart import Cart\n\nTOKEN = "{KEY}"\n\n\ndef sign(cart: Cart):\n'
    f'    total = cart.total()\n    return "{KEY}", total\n',
    "shop/hidden.py": "from shop.cart import Cart\n\n\ndef hide():\n    return Cart().total()\n",
}
NEW = f"""\
from shop.money import total_of


def bill(cart):
    return 0


def key():
    "{KEY}"
"""
CART, FIRST = "shop/cart.py", Range(Position(9, 0), Position(11, 0))
FAR = Endpoint(
    "far", "openai", "https://far.example.com/v1", "m", remote=True, price_in=1.0, price_out=1.0
)


class Scene:
    """A project with an index, a session that has a file of it open, and a model far away."""

    def __init__(self, folder: Path, name: str = CART, text: str = FILES[CART]) -> None:
        with indexed(folder, FILES):
            pass
        self.root = folder / "root"
        self.session: Session = make_session("║")[0]
        self.session.folders = [str(self.root)]
        self.uri = path_to_uri(self.root / name)
        self.session.open(self.uri, "python", 1, text)
        document = self.session.documents[self.uri]
        document.private = False
        self.session.code[document.folder] = CodeReader(database(folder))
        document.problems = (Problem(7, document.text.line(7), "No such type"),)
        toll = Toll(Ledger(folder / "data", tell=pytest.fail), Budget(2.0, 20.0), Privacy())
        self.session.escalations.frontier = Frontier(
            (FAR,), run=at_once, toll=toll, keys=lambda _: "k"
        )

    async def prompt(self, range_: Range, instruction: str = "") -> str:
        """What would be sent, as a person reads it."""
        found = await preview(self.session, Wanted(self.uri, range_, instruction))
        assert not isinstance(found, Nothing), found
        body: dict[str, Any] = json.loads(found[0].body)
        text = "\n\n".join(f"[{each['role']}]\n{each['content']}" for each in body["messages"])
        return re.sub(PLACEHOLDER, "[REDACTED]", text)


def check(name: str, found: str) -> None:
    """A prompt is as it is kept; a change of it is to be seen in a review."""
    assert found == (PROMPTS / f"{name}.txt").read_text(encoding="utf-8")


async def test_the_prompt_to_rewrite(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    check("rewrite", await scene.prompt(FIRST, "count each item once, as `Money` does"))


async def test_the_prompt_to_insert(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "shop/new.py", NEW)
    check("insert", await scene.prompt(Range(Position(4, 12), Position(4, 12))))


async def test_it_is_the_same_each_time_and_holds_no_secret(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    one, two = [await scene.prompt(FIRST) for _ in range(2)]
    assert one == two
    assert "def sign" in one
    assert KEY not in one
    told = commands.why(scene.session, {})
    assert [each["source"] for each in told["pieces"]] == [
        *("map", "uses", "callers", "similar code", "diagnostics")
    ]


@pytest.mark.parametrize("rule", [".firsthandignore", ".gitignore"])
async def test_a_rule_holds_that_the_index_does_not_know_yet(tmp_path: Path, rule: str) -> None:
    scene = Scene(tmp_path)
    assert "def hide" in await scene.prompt(FIRST)
    (scene.root / rule).write_text("hidden.py\n", encoding="utf-8")
    assert "hid" not in await scene.prompt(FIRST)


async def test_an_edit_of_a_moment_ago_is_shown(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    document = scene.session.documents[scene.uri]
    start = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
    change = lsp.TextDocumentContentChangePartial(start, "import os\n")
    scene.session.change(scene.uri, 2, [change])
    assert document.text.line(0) == "import os"
    assert "+import os" in await scene.prompt(FIRST)


async def test_without_an_index_the_file_is_all(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.session.code.clear()
    assert "<code what='what the editor reports'>" in await scene.prompt(FIRST)
