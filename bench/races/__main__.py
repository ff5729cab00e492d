"""`python -m bench.races`: race against everything at once; the first misfit ends it with its seed.

Keys, acceptances, undo, menus, cancels and chunks come in any order. Every answer is held to the
text and the version it is for: nothing that nobody said of that very text, so nothing stale and
nothing doubled, and nothing that would replace what the person wrote. What is on the screen goes
only for text that extends it, or once something else is typed (see `tests/test_races.py`, which
runs some of it).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

from tests.test_races import race

from firsthand.client import Client

_CLIENTS = (Client(), Client("code", "empty"), Client("nvim", "extend"))
_STEPS_A_RACE = 200


def main() -> None:
    """Run the races and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m bench.races", description=main.__doc__)
    parser.add_argument("--steps", type=int, default=100_000, help="steps in all (100000)")
    parser.add_argument("--seed", type=int, default=0, help="the first race's seed (0)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    began = time.process_time()
    races = -(-asked.steps // _STEPS_A_RACE)
    answers = shown = taken = stood = requests = 0
    for number in range(races):
        seed = asked.seed + number
        try:
            this = asyncio.run(race(seed, _STEPS_A_RACE, _CLIENTS[seed % len(_CLIENTS)]))
        except AssertionError as misfit:
            raise SystemExit(f"seed {seed}: {misfit}") from misfit
        answers, shown = answers + this.answers, shown + this.shown
        stood += this.stood
        requests, taken = requests + len(this.models.streams), taken + this.taken
        if number % 50 == 49:
            print(f"{(number + 1) * _STEPS_A_RACE:>8} steps, {shown} completions shown", flush=True)
    figures = {
        "steps": races * _STEPS_A_RACE,
        "answers": answers,
        "completions_shown": shown,
        "accepted": taken,
        "stood_over_an_answer": stood,
        "model_requests": requests,
        "misfits": 0,
        "cpu_s": round(time.process_time() - began, 1),
    }
    print(json.dumps(figures, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
