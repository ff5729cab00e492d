"""Ctrl-C while the program is still loading: a word and a status, not a traceback."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX alone has this")
INTERRUPTED = """
import os, signal, sys
from importlib.abc import MetaPathFinder

class Interrupts(MetaPathFinder):
    '''Sends the signal of Ctrl-C when a module is about to be imported.'''

    def find_spec(self, name, path, target=None):
        if name == MODULE:
            os.kill(os.getpid(), signal.SIGINT)

MODULE = sys.argv.pop(1)
sys.meta_path.insert(0, Interrupts())
from firsthand.__main__ import main
main()
"""


@POSIX
@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("click", ("--help",)),
        ("firsthand.groups", ("models",)),
        ("firsthand.single", ("complete", "bank.py:1:1")),
        ("firsthand.demo", ("demo", "--plain")),
        ("pygls", ("serve",)),
        ("firsthand.log", ("serve",)),
    ],
)
def test_interrupted_while_it_starts_is_130(
    tmp_path: Path, module: str, arguments: Sequence[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, module, *arguments],
        env=os.environ | {"FIRSTHAND_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout, done.stderr.strip(), done.returncode) == ("", "Interrupted.", 130)
