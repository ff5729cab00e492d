"""The gap: a small model against a frontier one on the same places, measured again and again.

Both fill the same holes by the same path, so what differs is the model. What is kept is figures,
prices and names of models; no code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from firsthand import paths
from firsthand.evaluate.tally import percentile, share
from firsthand.evaluate.tiers.comparison import Comparison
from firsthand.evaluate.tiers.configurations import EMBEDDED, Configuration
from firsthand.fault import CommandFault
from firsthand.settings import Loaded

_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two models.

    Attributes:
        name: what the configuration calls it.
        model: the model's own name.
        exact: the share of places where it wrote all that was left of the line.
        latency_ms: until its text was there, half of the time.
        usd_per_thousand: what a thousand places cost.
        price_in, price_out: USD per million tokens; None where it is not known.
    """

    name: str
    model: str
    exact: float
    latency_ms: float | None
    usd_per_thousand: float
    price_in: float | None
    price_out: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: when, on which folder, how many places, and both models."""

    time: str
    folder: str
    places: int
    small: Side
    frontier: Side


def pair(loaded: Loaded, found: Sequence[str] = ()) -> tuple[str, str]:
    """The names of the two to compare where none are given: the first choices of both tiers.

    Args:
        loaded: the person's settings.
        found: the models of this machine.

    Raises:
        CommandFault: no frontier model is configured.
    """
    if not loaded.settings.escalation_models:
        raise CommandFault(
            "No frontier model is configured to compare with: name one in [escalation] models, or "
            "two with --models SMALL,FRONTIER.",
            2,
        )
    small = next(iter(loaded.settings.inline_models or found), EMBEDDED)
    return small, loaded.settings.escalation_models[0]


def measured(found: Comparison, configurations: Sequence[Configuration], now: datetime) -> Measured:
    """A comparison of two as it is kept."""
    small, frontier = (_side(found, each) for each in configurations)
    places = len(found.counts[small.name].ends)
    return Measured(now.isoformat(timespec="seconds"), found.folder, places, small, frontier)


def keep(one: Measured, file: Path | None = None) -> None:
    """Add a measurement to those of before.

    Raises:
        StateError: the disk refuses.
    """
    file = file or _file()
    paths.make_folder(file.parent)
    try:
        with file.open("a", encoding="utf-8") as kept:
            kept.write(f"{json.dumps({'schema': _SCHEMA, **asdict(one)})}\n")
    except OSError as fault:
        raise paths.StateError(file, fault) from fault


def history(folder: str, file: Path | None = None) -> list[Measured]:
    """The measurements of a folder, in the order they were made.

    Lines of another version, or cut short, are passed over.
    """
    try:
        lines = (file or _file()).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [each for each in map(_read, lines) if each is not None and each.folder == folder]


def told(measured: Sequence[Measured]) -> list[tuple[str, ...]]:
    """The table, its head first: a row for the small model and one for the frontier's."""
    lines: list[tuple[str, ...]] = []
    for each in measured:
        gap = f"{100 * (each.frontier.exact - each.small.exact):+.0f}"
        when = each.time[:16].replace("T", " ")
        lines += [
            (when, str(each.places), *_cells(each.small), ""),
            ("", "", *_cells(each.frontier), gap),
        ]
    return [("measured", "places", "model", "right", "USD / M", "gap"), *lines]


def _cells(side: Side) -> tuple[str, str, str]:
    known = [each for each in (side.price_in, side.price_out) if each is not None]
    prices = ", ".join(f"{each:g}" for each in known) if len(known) == 2 else "-"
    return side.model or side.name, f"{100 * side.exact:.0f} %", prices


def _side(found: Comparison, configuration: Configuration) -> Side:
    counts, endpoint = found.counts[configuration.name], configuration.endpoint
    return Side(
        name=configuration.name,
        model=endpoint.label if endpoint else EMBEDDED,
        exact=round(share(counts.ends) or 0.0, 4),
        latency_ms=percentile(counts.waited, 50),
        usd_per_thousand=round(1000 * counts.usd / max(1, len(counts.ends)), 4),
        price_in=endpoint.price_in if endpoint else 0.0,
        price_out=endpoint.price_out if endpoint else 0.0,
    )


def _read(line: str) -> Measured | None:
    try:
        kept: Mapping[str, Any] = json.loads(line)
        if kept["schema"] != _SCHEMA:
            return None
        small, frontier = Side(**kept["small"]), Side(**kept["frontier"])
        places = int(kept["places"])
        return Measured(str(kept["time"]), str(kept["folder"]), places, small, frontier)
    except (ValueError, TypeError, KeyError):
        return None


def _file() -> Path:
    return paths.data_folder() / "gap.jsonl"
