"""The executable `firsthand`, also `python -m firsthand`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run a command; the exit status is the program's, 130 when it was interrupted."""
    try:
        _run()
    except KeyboardInterrupt:  # also while a command's modules are still imported
        if sys.stderr is not None:
            sys.stderr.write("Interrupted.\n")
        sys.exit(130)


def _run() -> None:
    # `serve` goes its own way, without what the other commands import.
    if sys.argv[1:] in (["serve"], ["serve", "--stdio"]):
        # Loading makes no garbage, and looking for some takes a tenth of the time until the editor
        # has its first answer. `startup.tidy_while_idle` switches it on.
        gc.disable()
        from firsthand import server

        sys.exit(server.serve())
    from firsthand import cli

    cli.main()


if __name__ == "__main__":
    main()
