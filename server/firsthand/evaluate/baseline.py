"""Whether figures are worse than those that were kept before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firsthand.fault import CommandFault

TOLERANCE = 0.02
"""How much of a share may be lost before it is a regression: two points of a hundred."""

# The figures that are compared, as they are named in the JSON; all are better when higher.
_FIGURES = {
    ("replay", "saved"): "keys saved",
    ("replay", "correct"): "right suggestions",
    ("next_token", "all", "top_1"): "next tokens right",
    ("next_token", "names", "top_1"): "names right",
    ("rest_of_line", "exact"): "rests of lines right",
    ("rest_of_line", "any", "exact"): "rests of lines right",
}
# What has to be the same for a comparison to mean something.
_SETTING = ("seed", "aggression", "mode", "commits")


def regressions(now: Mapping[str, Any], before: object, tolerance: float = TOLERANCE) -> list[str]:
    """What got worse by more than the tolerance, each in words; empty if nothing did.

    Args:
        now: the figures as `--json` prints them.
        before: those of the baseline.
        tolerance: a share, 0 to 1.

    Raises:
        CommandFault: the two can't be compared.
    """
    if not isinstance(before, Mapping) or before.get("schema") != 1:
        before = {}
    models = before.get("models")
    if not isinstance(models, Mapping):
        raise CommandFault("The baseline holds no figures: write one with `firsthand eval --json`.")
    for name in _SETTING:
        if now.get(name) != before.get(name):
            raise CommandFault(
                f"The baseline was measured with {name} {before.get(name)}, this with "
                f"{now.get(name)}: measure both alike."
            )
    if not now["complete"]:
        raise CommandFault("Not all was typed, so that it can't be held against the baseline.")
    common = [name for name in now["models"] if name in models]
    if not common:
        raise CommandFault(f"The baseline has none of {', '.join(now['models'])}.")
    worse = []
    for name in common:
        if _lines(now["models"][name]) != _lines(models[name]):
            raise CommandFault("The baseline was measured with other lines: measure it anew.")
        for path, title in _FIGURES.items():
            was, is_ = _figure(models[name], path), _figure(now["models"][name], path)
            if was is not None and (is_ is None or is_ < was - tolerance):
                told = "none" if is_ is None else f"{100 * is_:.1f} %"
                worse.append(f"{title} by {name} {told} after {100 * was:.1f} %")
    return worse


def _lines(model: object) -> object:
    return model.get("lines") if isinstance(model, Mapping) else None


def _figure(model: Any, path: tuple[str, ...]) -> float | None:
    for name in path:
        model = model.get(name) if isinstance(model, Mapping) else None
    return float(model) if isinstance(model, (int, float)) else None
