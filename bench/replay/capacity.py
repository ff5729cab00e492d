"""How many people one GPU serves: the replay's requests and tokens, by a server's speed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from firsthand.capacity import Load

RESULTS = Path(__file__).with_name("results.json")
KEYS_A_MINUTE = 320.0  # of the replay's rhythm: a key each 170 ms, and its pauses at lines


def load(run: Mapping[str, float], keys: float = KEYS_A_MINUTE) -> Load:
    """The load of a person in one of the replay's runs, whose figures are for 100 keys."""
    names = ("requests", "prompt_tokens", "computed", "generated")
    return Load(*(run[name] * keys / 100 for name in names))


def main() -> None:
    """Print the loads, and for a server's speed the people."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--computes", type=float, help="prompt tokens a second of the server")
    parser.add_argument("--generates", type=float, help="answer tokens a second, of all requests")
    asked = parser.parse_args()
    runs = json.loads(RESULTS.read_text(encoding="utf-8"))["runs"]
    for name in ("normal", "decaying"):
        one = load(runs[name]["firsthand"])
        print(
            f"{name:9} {one.requests:5.1f} requests, {one.prompt:6.0f} prompt tokens "
            f"({one.cached:.0%} cached), {one.generated:4.0f} generated a minute of typing"
        )
        if asked.computes and asked.generates:
            print(f"{'':9} {one.people(asked.computes, asked.generates)} people type at once")


if __name__ == "__main__":
    main()
