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
    lines += ["", *_others(found), *_lateness(found), ""]
    lines += [f"{'ok  ' if good else 'MISS'}  {words}" for words, good in goals(found)]
    return "\n".join(lines)


def goals(found: dict[str, Any]) -> list[tuple[str, bool]]:
    """What was to be reached, in words with the figure, and whether it was."""
    checks = []
    for words, path, side, limit in _GOALS:
        figure: Any = found
        for name in path:
            figure = figure.get(name) if figure else None
        if figure is not None:
            good = figure >= limit if side == "least" else figure <= limit
            checks.append((f"{words}: {figure:g} (at {side} {limit:g})", good))
    return checks


_NORMAL, _DECAYING = ("runs", "normal", "firsthand"), ("runs", "decaying", "firsthand")
_SOON, _NEXT = ("next_key", "within_100_ms"), ("next_key", "before_next_key")
_GOALS = (
    ("normal: right within 100 ms, %", (*_NORMAL, *_SOON), "least", 97),
    ("normal: right before the next key, %", (*_NORMAL, *_NEXT), "least", 98),
    ("normal: wrong shown, %", (*_NORMAL, "wrong_shown"), "most", 1.5),
    ("normal: requests per 100 keys", (*_NORMAL, "requests"), "most", 10),
    ("normal: prompt tokens computed per 100 keys", (*_NORMAL, "computed"), "most", 2000),
    ("normal: tokens generated per 100 keys", (*_NORMAL, "generated"), "most", 200),
    ("decaying: right within 100 ms, %", (*_DECAYING, *_SOON), "least", 94),
    ("decaying: right before the next key, %", (*_DECAYING, *_NEXT), "least", 95),
    ("decaying: requests per 100 keys", (*_DECAYING, "requests"), "most", 15),
    ("decaying: prompt tokens computed per 100 keys", (*_DECAYING, "computed"), "most", 3000),
    ("decaying: tokens generated per 100 keys", (*_DECAYING, "generated"), "most", 250),
    (
        "a late answer's first line to the screen, p95, ms",
        ("late", "line_to_screen_ms", "p95"),
        "most",
        50,
    ),
    (
        "prompt tokens reused on llama.cpp while typing, %",
        ("real", "reused_while_typing_percent"),
        "least",
        80,
    ),
)


def _line(title: str, row: dict[str, Any]) -> str:
    right = "".join(
        f"{'':2}" + "".join(f"{share:6.1f} " for share in row[kind].values())
        for kind in ("next_key", "whole_line")
    )
    return (
        f"{title:28}{right}{row['wrong_shown']:5.1f}{row['requests']:10.1f}"
        f"{row['aborted']:9.1f}{row['computed']:10.0f}{row['generated']:11.0f}"
    )


def _others(found: dict[str, Any]) -> list[str]:
    """The parts that are no rows of the table."""
    lines = []
    if "real" in found:
        row = found["real"]
        lines.append(
            f"llama.cpp: {row['requests']} requests per 100 keys; of {row['prompt_tokens']} prompt "
            f"tokens {row['computed']} computed, {row['reused_percent']} % reused, "
            f"{row['reused_while_typing_percent']} % without each file's first prompt; "
            f"right before the next key {row['next_key']['before_next_key']} %"
        )
    if "late" in found:
        row = found["late"]
        lines.append(
            f"late answers: {row['on_screen_by_refresh']} of {row['answers']} came by refresh; "
            f"from the model's first line to it p50 {row['line_to_refresh_ms']['p50']} ms, "
            f"p95 {row['line_to_refresh_ms']['p95']} ms; to the screen "
            f"p50 {row['line_to_screen_ms']['p50']} ms, p95 {row['line_to_screen_ms']['p95']} ms"
        )
    return lines


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
