"""The figures as a table, each beside what it has to reach."""

from __future__ import annotations

from typing import Any

_HEAD = (
    f"{'':28}{'right: next key':>22}{'whole line':>22}{'wrong':>7}"
    f"{'requests':>10}{'aborted':>9}{'computed':>10}{'generated':>11}\n"
    f"{'':28}{'once  100ms   next':>22}{'once  100ms   next':>22}{'shown':>7}"
    f"{'each of these four per 100 keys':>40}"
)


def table(found: dict[str, Any]) -> str:
    """The runs that were made, an engine a line, and the goals."""
    machine = found["machine"]
    lines = [
        f"{machine['system']}, {machine['cores']} cores, Python {machine['python']}; "
        + ", ".join(f"{file} {number}" for file, number in found["files"].items()),
        "",
        _HEAD,
    ]
    for run, engines in found["runs"].items():
        lines += [_line(f"{run}, {name}", row) for name, row in engines.items()]
    lines += ["", *_lateness(found), ""]
    lines += [f"{'ok  ' if good else 'MISS'}  {words}" for words, good in goals(found)]
    return "\n".join(lines)


def goals(found: dict[str, Any]) -> list[tuple[str, bool]]:
    """What was to be reached, in words with the figure, and whether it was."""
    checks = []
    for run, limits in _GOALS.items():
        if run not in found["runs"]:
            continue
        row = found["runs"][run]["firsthand"]
        right = row["next_key"]
        figures = (
            ("right within 100 ms", right["within_100_ms"], -limits[0], "%"),
            ("right before the next key", right["before_next_key"], -limits[1], "%"),
            ("wrong shown", row["wrong_shown"], limits[2], "%"),
            ("requests per 100 keys", row["requests"], limits[3], ""),
            ("prompt tokens computed per 100 keys", row["computed"], limits[4], ""),
            ("tokens generated per 100 keys", row["generated"], limits[5], ""),
        )
        for words, figure, limit, unit in figures:
            side, good = ("least", figure >= -limit) if limit < 0 else ("most", figure <= limit)
            checks.append((f"{run}: {words}: {figure:g} {unit} (at {side} {abs(limit):g})", good))
    return checks


# Right within 100 ms and before the next key, wrong shown, requests, computed, generated.
_GOALS = {
    "normal": (97.0, 98.0, 1.5, 10, 2000, 200),
    "decaying": (94.0, 95.0, 100.0, 15, 3000, 250),
}


def _line(title: str, row: dict[str, Any]) -> str:
    right = "".join(
        f"{'':2}" + "".join(f"{share:6.1f} " for share in row[kind].values())
        for kind in ("next_key", "whole_line")
    )
    return (
        f"{title:28}{right}{row['wrong_shown']:5.1f}{row['requests']:10.1f}"
        f"{row['aborted']:9.1f}{row['computed']:10.0f}{row['generated']:11.0f}"
    )


def _lateness(found: dict[str, Any]) -> list[str]:
    """By how much the typist itself was late: a run with much of it is worth nothing."""
    rows = [(run, row) for run, engines in found["runs"].items() for row in engines.values()]
    if not rows:
        return []
    run, worst = max(rows, key=lambda each: each[1]["typist_late_ms"]["p99"])
    late = worst["typist_late_ms"]
    return [
        f"keys typed late: p50 {late['p50']} ms, p99 {late['p99']} ms, "
        f"max {late['max']} ms in the worst run ({run}); {worst['keys']} keys"
    ]
