"""Record what a real editor tells a server of typing and of accepted words.

`python -m bench.grip.record older bench/grip/traces/neovim-0.11.jsonl` types with Neovim's built-in
client, at a fast typist's pace, what the server suggests; words are accepted in between as a
mapping of a person's does it. `newest` is Neovim 0.12, and `vscode` the real VS Code with our
extension, which accepts words by a key of its own. Needs the packages of the extra `e2e`, `newest`
what `make e2e` unpacks, and `vscode` what `make vsix` makes. A number after the file says how many
lines are written. The trace says of each act what it
was, and of each change what the editor told.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.grip.hands import Hand, writing

_LINES = 40
_NAMES = ("total", "price", "items", "customer", "basket", "order", "i", "discount", "x", "tax")


def main() -> None:
    """Record one trace."""
    editor, file = sys.argv[1], Path(sys.argv[2])
    chance = random.Random(7)
    lines = [_line(chance) for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else _LINES)]
    with TemporaryDirectory() as place:
        folder = Path(place)
        known, trace = folder / "known.txt", folder / "trace.jsonl"
        known.write_text("\n".join(lines), encoding="utf-8")
        with writing(editor, folder, known, trace) as (hand, code):
            acts = [act for line in lines for act in _write(hand, line, chance)]
        written = code.read_text(encoding="utf-8")
        if [each for each in written.split("\n") if each] != lines:
            raise SystemExit(f"{editor} holds something else than what was written:\n{written}")
        heard = [json.loads(each) for each in trace.read_text(encoding="utf-8").splitlines()]
    start = acts[0]["at"] - 1
    with open(file, "w", encoding="utf-8") as recorded:
        recorded.write(f"{json.dumps({'known': lines})}\n")
        for each in sorted([*acts, *heard], key=lambda one: one["at"]):
            recorded.write(f"{json.dumps({**each, 'at': round(each['at'] - start, 4)})}\n")


def _line(chance: random.Random) -> str:
    count = chance.randint(2, 5)
    return " = ".join((chance.choice(_NAMES), " + ".join(chance.choices(_NAMES, k=count))))


def _write(hand: Hand, line: str, chance: random.Random) -> list[dict[str, Any]]:
    """Write a line: typed, or accepted word by word, or both by turns."""
    acts: list[dict[str, Any]] = []
    at, accepting = 0, chance.random() < 0.4
    while at < len(line):
        if chance.random() < 0.08:
            accepting = not accepting
        if accepting:
            # People read before they accept; with a word in sight already they go on quickly.
            time.sleep(chance.choice((0.16, 0.22, 0.3, 0.6)))
        else:
            time.sleep(min(0.6, chance.lognormvariate(-2.5, 0.45)))
        # VS Code has nothing to show at a line's first character, before a key.
        accepts = accepting and hand.shown(line[at:])
        began, text = time.monotonic(), line[at]
        if accepts:
            text = hand.accept(line[at:])
        else:
            hand.press(text)
        acts.append({"at": began, "act": "word" if accepts else "key", "text": text})
        at += len(text)
    time.sleep(0.3)
    acts.append({"at": time.monotonic(), "act": "key", "text": "\n"})
    hand.press("\n")
    return acts


if __name__ == "__main__":
    main()
