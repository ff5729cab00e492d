"""`python -m bench.secrets FOLDER...`: plant secrets in real code, and count what is found.

The folders are unpacked packages; bench/README.md names those that the committed results are of.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.secrets.corpus import Source, clean, sources
from bench.secrets.detectors import library, ours
from bench.secrets.plants import Plant, plants

_AROUND = 40  # lines of code above and below a planted secret
_PROMPT = (3_000, 400, 4_000)  # characters of a prefix, a suffix and of what else a prompt shows

Detector = Callable[[Source], list[tuple[int, str]]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.secrets", description=main.__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="folders of real code")
    parser.add_argument("--plants", type=int, default=1200, help="secrets in all (1200)")
    parser.add_argument("--clean", type=int, default=1_250_000, help="characters (1250000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--library", action="store_true", help="measure detect-secrets beside")
    parser.add_argument("--show", action="store_true", help="print what was missed or taken")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    code = sources(asked.folders)
    planted = _planted(code, asked.plants, asked.seed)
    plain = clean(code, asked.clean)
    figures: dict[str, object] = {
        "packages": sorted(each.resolve().name for each in asked.folders),
        "firsthand": _measured(ours, planted, plain, asked.show),
    }
    if asked.library:
        figures["detect_secrets"] = _measured(library, planted, plain, show=False)
    figures["cpu"] = _cpu(code)
    print(json.dumps(figures, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _planted(code: Sequence[Source], count: int, seed: int) -> list[tuple[Source, Plant]]:
    """Pieces of real code with a secret in each."""
    chance = random.Random(seed)
    languages = ("python", "javascript", "c", "yaml", "json", "shell")
    made = []
    for number, language in enumerate(languages):
        files = [each for each in code if each.language == language]
        share = len(range(number, count, len(languages)))
        if not files:
            continue
        for plant in plants(language, chance, share):
            file = chance.choice(files)
            lines = file.text.splitlines()
            at = chance.randrange(len(lines) + 1)
            above, below = lines[max(0, at - _AROUND) : at], lines[at : at + _AROUND]
            indent = " " * chance.choice((0, 0, 4)) if "\n" not in plant.lines else ""
            text = "\n".join((*above, indent + plant.lines, *below))
            if not any(part in "\n".join((*above, *below)) for part in plant.parts):
                made.append((Source(file.path, language, text), plant))
    return made


def _measured(
    detect: Detector, planted: Sequence[tuple[Source, Plant]], plain: Sequence[Source], show: bool
) -> dict[str, object]:
    known, kinds = Counter[bool](), Counter[str]()
    caught, caught_kinds = Counter[bool](), Counter[str]()
    missed = Counter[str]()
    for source, plant in planted:
        kind = plant.kind if not plant.known else "known formats"
        known[plant.known] += 1
        kinds[kind] += 1
        if _hides(detect(source), plant):
            caught[plant.known] += 1
            caught_kinds[kind] += 1
        else:
            missed[plant.kind] += 1
            if show:
                print(f"missed {plant.kind}: {plant.lines[:160]!r}")
    lines = sum(each.text.count("\n") + 1 for each in plain)
    alarms = 0
    for source in plain:
        for line, value in detect(source):
            alarms += 1
            if show:
                print(f"taken {source.path}:{line + 1}: {value[:100]!r}")
    return {
        "planted": known.total(),
        "known_formats": known[True],
        "known_caught_pct": round(100 * caught[True] / known[True], 2),
        "all_caught_pct": round(100 * caught.total() / known.total(), 2),
        "caught_pct_by_kind": {
            kind: round(100 * caught_kinds[kind] / count, 1)
            for kind, count in sorted(kinds.items())
        },
        "missed": dict(sorted(missed.items())),
        "clean_characters": sum(len(each.text) for each in plain),
        "clean_lines": lines,
        "clean_lines_by_language": dict(
            sorted(
                Counter(
                    language
                    for each in plain
                    for language in [each.language] * (each.text.count("\n") + 1)
                ).items()
            )
        ),
        "false_alarms": alarms,
        "false_alarms_a_1000_lines": round(1000 * alarms / lines, 3),
    }


def _hides(found: Sequence[tuple[int, str]], plant: Plant) -> bool:
    """Whether what was found covers every part that chance made."""
    return all(any(part in value for _, value in found) for part in plant.parts)


def _cpu(code: Sequence[Source]) -> dict[str, float]:
    """CPU a prompt: all of it anew, and at each key of one typed line."""
    from firsthand.core.fim import Hole
    from firsthand.router.toll import without_secrets

    before, after, beside = _PROMPT
    texts = [each.text for each in code if len(each.text) > before + after + beside][:60]
    anew, keys = [], []
    for text in texts:
        snippets = tuple(
            (f"{at}.py", text[-beside:][at : at + 1000]) for at in range(0, beside, 1000)
        )
        hole = Hole(text[:before], text[before : before + after], "a.py", "r", snippets, "#")
        began = time.process_time()
        without_secrets(hole)
        anew.append(time.process_time() - began)
        for key in range(1, 31):
            typed = Hole(
                text[: before + key], text[before + 30 : before + after], "a.py", "r", snippets, "#"
            )
            began = time.process_time()
            without_secrets(typed)
            keys.append(time.process_time() - began)
    return {
        "prompt_characters": sum(_PROMPT),
        "first_ms_p50": round(statistics.median(anew) * 1e3, 3),
        "key_ms_p50": round(statistics.median(keys) * 1e3, 3),
        "key_ms_p95": round(statistics.quantiles(keys, n=20)[-1] * 1e3, 3),
    }


if __name__ == "__main__":
    main()
