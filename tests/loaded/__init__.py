"""Pythons that start with Firsthand's modules loaded already.

Most of what a test of a server or of a command takes is the second in which a fresh interpreter
imports everything. `python()` names an executable to start in the place of `sys.executable`: where
its arguments run a module of Firsthand, a process is forked (`forking.py`) from one that has loaded
everything and has done nothing else. To whoever started it, it is a process like others
(`launcher.py`), but that its parent is another. All other arguments are for the true interpreter.

Tests of how a process starts, or of what becomes of the processes below it, take the true one.
"""

from __future__ import annotations

import atexit
import functools
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

# The processes that are there to be forked and are nobody's concern otherwise.
KEPT: set[int] = set()
# What Linux reads of a line that names an interpreter, which can't hold a space in its path.
_HEADING = 127


@functools.cache
def python() -> str:
    """The executable; the true interpreter where a fork is not safe, or none can be named so."""
    heading = f"#!{sys.executable} -IS\n"
    if sys.platform != "linux" or len(heading) > _HEADING or " " in sys.executable:
        return sys.executable
    folder = Path(tempfile.mkdtemp(prefix="firsthand-"))
    here, address, executable = Path(__file__).parent, folder / "socket", folder / "python"
    # Launchers connect as soon as they like, and are heard once everything is loaded.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(address))
        listener.listen(socket.SOMAXCONN)
        launcher = (here / "launcher.py").read_text(encoding="utf-8")
        executable.write_text(heading + launcher, encoding="utf-8")
        executable.chmod(0o700)
        loaded = subprocess.Popen(
            [
                *(sys.executable, "-P", "-X", "utf8", here / "forking.py"),
                *(str(listener.fileno()), folder),
            ],
            stdin=subprocess.PIPE,  # it ends, and removes the folder, when this does
            pass_fds=(listener.fileno(),),
        )
    KEPT.add(loaded.pid)
    atexit.register(_end, loaded)
    return os.fspath(executable)


def _end(loaded: subprocess.Popen[bytes]) -> None:
    with loaded:
        pass
