"""`python -m bench.soak`: edit in all editors at once; exits with 1 where one found a fault."""

from __future__ import annotations

import argparse
import subprocess
import sys

_EDITORS = ("vscode", "neovim")


def main() -> int:
    """Start each editor's part, and print what it saw once it is done."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long in each (30)")
    minutes = str(parser.parse_args().minutes)
    parts = [
        subprocess.Popen(
            [sys.executable, "-m", f"bench.soak.{editor}", "--minutes", minutes],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for editor in _EDITORS
    ]
    for editor, part in zip(_EDITORS, parts, strict=True):
        print(f"{editor}: {part.communicate()[0]}", flush=True)
    return int(any(part.returncode for part in parts))


if __name__ == "__main__":
    sys.exit(main())
