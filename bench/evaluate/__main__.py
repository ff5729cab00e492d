"""`python -m bench.evaluate PART ...`: the parts are listed by `--help`, their options by each."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench.evaluate import baseline, speed


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the part that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluate", description=__doc__)
    parts = parser.add_subparsers(required=True, metavar="PART")
    baseline.add_to(parts)
    speed.add_to(parts)
    given = parser.parse_args(arguments)
    given.run(given)


if __name__ == "__main__":
    main()
