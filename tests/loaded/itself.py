"""What a process can say of itself; run by the tests of those that are forked."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    """Print it, with what can be read, and end with the status that the first argument names."""
    umask = os.umask(0)
    streams: tuple[Any, ...] = (sys.stdin, sys.stdout, sys.stderr)
    said = {
        "arguments": sys.argv[1:],
        "path": sys.path[0],
        "folder": os.getcwd(),
        "environ": {name: value for name, value in os.environ.items() if name != "_"},
        "group": os.getpgrp(),
        "session": os.getsid(0),
        "umask": umask,
        "nice": os.nice(0),
        "descriptors": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
        "streams": [
            (each.encoding, each.errors, each.line_buffering, each.write_through, each.isatty())
            for each in streams
        ],
        "read": sys.stdin.read(),
    }
    print(json.dumps(said))  # noqa: T201
    sys.stderr.write("besides\n")
    sys.exit(int(sys.argv[1]))


if __name__ == "__main__":
    main()
