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


_UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "code", "codeop"}
_UNSAFE_CALLS = {"eval", "exec", "compile", "os.system", "os.popen", "os.execv", "pty.spawn"}


def unsafe(text: str) -> list[str]:
    """What in a module could run what somebody else wrote."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [each.name for each in node.names]
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
            found += [each for each in names if each.split(".")[0] in _UNSAFE_MODULES]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            named = {each.arg: ast.unparse(each.value) for each in node.keywords}
            risky = named.get("shell", "False") != "False" or "create_subprocess_shell" in called
            pickled = named.get("allow_pickle", "False") != "False"
            if called in _UNSAFE_CALLS or risky or pickled:
                found.append(called)
    return found


def test_nothing_runs_what_somebody_else_wrote() -> None:
    for path in (ROOT / "server").rglob("*.py"):
        assert not unsafe(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from pickle import loads",
        "eval(x)",
        "subprocess.run(x, shell=True)",
        "asyncio.create_subprocess_shell(x)",
        "np.load(x, allow_pickle=True)",
        "os.system(x)",
    ],
)
def test_that_would_be_found(line: str) -> None:
    assert unsafe(line)


def test_the_executable_starts() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "firsthand", "--help"], capture_output=True, text=True, check=True
    )
    assert "firsthand" in said.stdout


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return len((ast.get_docstring(node) or "").splitlines())
