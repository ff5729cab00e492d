"""What the embedded model offers at a cursor."""

from __future__ import annotations

from pathlib import Path

from tests.marked import marked

from firsthand.core.text import Position, Text
from firsthand.embedded import EmbeddedModel, Guess, ProjectTier, build_tier

URI = "file:///w/new.py"


def check(drawing: str, tier: ProjectTier | None = None, language: str = "python") -> str:
    """The best text at the cursor of a freshly opened document; empty for none."""
    text, position = marked(drawing)
    model = EmbeddedModel()
    if tier is not None:
        model.attach("/w", tier)
    for _ in model.learning(URI, "/w/new.py", language, text):
        pass
    found = model.suggest(URI, text, position)
    return found[0].text if found else ""


def test_what_stands_above_is_offered_again() -> None:
    line = "    self.connection.execute(statement, parameters)\n"
    assert check("def f(self):\n" + 3 * line + "    self.conn║\n").startswith("ection.execute")


def test_the_project_is_offered(tmp_path: Path) -> None:
    text = "from firsthand import assembly\n\nassembly.register_everything(now=True)\n"
    build_tier([(f"{name}.py", "python", text) for name in "abc"], tmp_path)
    offered = check("x = 1\nassembly.reg║", ProjectTier.load(tmp_path))
    assert offered.startswith("ister_everything")


def test_an_unknown_document_gets_nothing() -> None:
    found: tuple[Guess, ...] = EmbeddedModel().suggest("file:///x", Text.of("a"), Position(0, 1))
    assert found == ()
