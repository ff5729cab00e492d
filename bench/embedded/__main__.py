"""`python -m bench.embedded measure FOLDER...`, or `ablate`, and `prior`, `fit`, `calibrate`.

A folder is one project's sources, such as an unpacked wheel. `prior` and `fit` need PyTorch.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from bench.embedded import ablate
from bench.embedded.ablate import ablation
from bench.embedded.calibrate import Samples, calibrate, samples
from bench.embedded.corpus import Project, library, library_files, load
from bench.embedded.measure import Figures, next_token, rest_of_line
from bench.embedded.places import Places, collect, joined
from bench.embedded.replay import replay

import firsthand.embedded
from firsthand.embedded import ProjectTier, build_tier
from firsthand.embedded.mixer import fitted

_PACKAGE = Path(firsthand.embedded.__file__).parent
_WEIGHTS, _SCORER = _PACKAGE / "weights.npz", _PACKAGE / "calibration.npz"
_SEED = 5
_FITTING_SEED, _CALIBRATION_SEED = 1, 77
_HIDDEN, _EPOCHS = 96, 5


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.embedded", description=__doc__)
    parser.add_argument("what", choices=["measure", "ablate", "prior", "fit", "calibrate"])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--lines", type=int, default=1000, help="sampled from each project")
    parser.add_argument("--no-library", action="store_true", help="without the base tier")
    parser.add_argument("--no-replay", action="store_true", help="leave out what takes longest")
    parser.add_argument(
        "--prior",
        type=Path,
        help="what `prior` writes, and `fit` begins with; else the fitted mixer",
    )
    parser.add_argument("--tokens", type=int, default=800_000, help="of each project, for `prior`")
    parser.add_argument("--jobs", type=int, default=1, help="projects at a time")
    parser.add_argument("--json", type=Path, help="where to write the results")
    given = parser.parse_args()
    if given.what == "prior":
        _prior(given.folders, given.tokens, given.prior)
        return
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(given.jobs) as processes:
        scratch = Path(name)
        if not given.no_library:
            library(scratch)
        about: dict[str, Any] = {"given": given, "scratch": scratch}
        if given.what == "fit":
            _fit(list(processes.map(partial(_collected, **about), given.folders)), given.prior)
        elif given.what == "calibrate":
            _calibrate(list(processes.map(partial(_sampled, **about), given.folders)))
        elif given.what == "ablate":
            _ablate(given, dict(processes.map(partial(_ablated_one, **about), given.folders)))
        else:
            figures = dict(processes.map(partial(_measured_one, **about), given.folders))
            _report(given, figures, _index(scratch))


def _load(folder: Path, given: argparse.Namespace, scratch: Path) -> Project:
    print(f"{folder.name} ...", flush=True)
    return load(folder, scratch, None if given.no_library else library(scratch))


def _collected(folder: Path, given: argparse.Namespace, scratch: Path) -> Places:
    return collect(_load(folder, given, scratch), given.lines, _FITTING_SEED)


def _sampled(folder: Path, given: argparse.Namespace, scratch: Path) -> Samples:
    return samples(_load(folder, given, scratch), given.lines, _CALIBRATION_SEED)


def _measured_one(
    folder: Path, given: argparse.Namespace, scratch: Path
) -> tuple[str, dict[str, object]]:
    project = _load(folder, given, scratch)
    return project.name, _measured(project, given.lines, not given.no_replay)


def _ablated_one(
    folder: Path, given: argparse.Namespace, scratch: Path
) -> tuple[str, dict[str, dict[str, float]]]:
    project = _load(folder, given, scratch)
    return project.name, ablation(project, given.lines, _SEED)


def _ablate(given: argparse.Namespace, projects: dict[str, dict[str, dict[str, float]]]) -> None:
    print(ablate.table(projects))
    if given.json:
        results = {"lines": given.lines, "library": not given.no_library, "projects": projects}
        given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _report(
    given: argparse.Namespace, projects: dict[str, dict[str, object]], index: Figures
) -> None:
    results = {
        "lines": given.lines,
        "library": not given.no_library,
        "python": platform.python_version(),
        "index": index,
        "projects": projects,
    }
    print(table(results))
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _measured(project: Project, lines: int, replays_too: bool) -> dict[str, object]:
    project = project.without(lines, _SEED)
    figures = next_token(project, lines, _SEED) | rest_of_line(project, lines, _SEED)
    experience = project.rehearsed.experience
    about = {
        "language": project.language,
        "files": len(project.files),
        "experience": _rounded({"shift": experience.shift, "slope": experience.slope}),
        **_rounded(figures),
    }
    if not replays_too:
        return about
    typed = replay(project, lines, _SEED)
    return {
        **about,
        "replay": {name: _rounded(each) for name, each in typed.figures().items()},
    }


def _index(scratch: Path) -> Figures:
    """Seconds to build and to load the tier of Python's library."""
    files = library_files()
    start = time.process_time()
    stats = build_tier(files, scratch / "timed")
    built = time.process_time()
    ProjectTier.load(scratch / "timed")
    loaded = time.process_time()
    return {
        "tokens": float(stats.tokens),
        "bytes": float(stats.size),
        "build_s_per_million": round((built - start) / stats.tokens * 1e6, 2),
        "load_s": round(loaded - built, 4),
    }


def _rounded(figures: Figures) -> Figures:
    return {name: round(value, 3) for name, value in figures.items()}


def table(results: dict[str, object]) -> str:
    """The results as a Markdown table."""
    columns = (
        "all_top1", "all_mrr", "code_top1", "code_mrr", "names_top1", "names_mrr", "rest_any",
        "rest_start",
    )  # fmt: skip
    shown = ("saved", "correct", "shown_per_line", "calibration_error")
    answers = ("cpu_ms_p50", "cpu_ms_p99", "syntax_faults", "unknown_names")
    projects: dict[str, dict[str, object]] = results["projects"]  # type: ignore[assignment]
    lines = ["| project | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, figures in projects.items():
        lines.append(f"| {name} | " + " | ".join(f"{figures[each]}" for each in columns) + " |")
    lines += ["", "| project | " + " | ".join(answers) + " |", "|---" * (len(answers) + 1) + "|"]
    for name, figures in projects.items():
        if "replay" not in figures:
            continue
        told: Figures = figures["replay"]["answers"]  # type: ignore[index]
        lines.append(f"| {name} | " + " | ".join(f"{told[each]}" for each in answers) + " |")
    lines += ["", "| project | shown at | " + " | ".join(shown) + " |", "|---" * 6 + "|"]
    for name, figures in projects.items():
        if "replay" not in figures:
            continue
        replays: dict[str, Figures] = dict(figures["replay"])  # type: ignore[call-overload]
        del replays["answers"]
        for price, each in replays.items():
            cells = " | ".join(f"{each.get(column, '')}" for column in shown)
            lines.append(f"| {name} | {price} | {cells} |")
    return "\n".join(lines)


def _prior(folders: list[Path], tokens: int, to: Path) -> None:
    from bench.embedded.prior import fit_prior, read

    weights = fit_prior(*read(folders, tokens, _FITTING_SEED))
    np.savez(to, **{name: weight.numpy() for name, weight in weights.items()})
    print(f"written to {to}")


def _fit(places: list[Places], prior: Path | None) -> None:
    import torch
    from bench.embedded.fit import drawn, fit, fitted_before

    if prior is None:
        weights = fit(joined(places), fitted_before(fitted().weights), _EPOCHS)
    else:
        with np.load(prior) as file:
            before = {name: torch.from_numpy(file[name]) for name in file.files}
        weights = fit(joined(places), drawn(before, _HIDDEN), _EPOCHS)
    # As it is: the extension's package compresses it better than the format itself does.
    np.savez(_WEIGHTS, **weights)  # type: ignore[arg-type]
    print(f"written to {_WEIGHTS.name}")


def _calibrate(texts: list[Samples]) -> None:
    scorer = calibrate(texts)
    np.savez(_SCORER, inner=scorer.inner, outer=scorer.outer)
    print(f"written to {_SCORER.name}")


if __name__ == "__main__":
    main()
