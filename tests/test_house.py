"""What the house rules ask of every file."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("server", "tests", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 400, "split it by responsibility"
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 50 + _docstring_lines(node)
    ]
    assert not long, "these functions do too much"


def test_one_catch_all() -> None:
    """Every other fault is named where it is handled."""
    catching = [
        path.name
        for path in (ROOT / "server").rglob("*.py")
        if any(
            isinstance(node, ast.ExceptHandler)
            and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]
    assert catching == ["server.py"]


def test_the_executable_starts() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "firsthand", "--help"], capture_output=True, text=True, check=True
    )
    assert "firsthand" in said.stdout


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return len((ast.get_docstring(node) or "").splitlines())
