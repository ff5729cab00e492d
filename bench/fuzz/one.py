"""`python -m bench.fuzz.one TARGET CORPUS [libFuzzer's options]`: one target under atheris.

Inputs that reach code which none before had reached are kept in the corpus and varied further. The
first fault ends it, with its input in a file `crash-*` of the current folder.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["firsthand"]):
    from bench.fuzz.targets import TARGETS


def main() -> None:
    """Vary inputs until there were as many as the options say."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
