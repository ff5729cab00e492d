"""The figures as a table, each beside what it has to reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def table(found: dict[str, Any]) -> str:
    """The measurements that were made, one a line."""
    machine = found["machine"]
    lines = [
        f"{machine['system']}, {machine['cores']} cores, Python {machine['python']}, "
        f"pygls {machine['pygls']}; {found['keys']} keys into {found['file']} "
        f"({found['lines']} lines); milliseconds unless named",
        "",
        f"{'':34}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}{'CPU/key':>9}",
    ]
    for run in ("typist", "burst"):
        if run in found:
            lines += [_line(f"{run}, {name}", found[run][name]) for name in ("firsthand", "bare")]
    if "building" in found:
        lines.append(_line("typist while indexing", found["building"]["typist"]))
        lines.append(_line("burst while indexing", found["building"]["burst"]))
    for key, title in _INLINE.items():
        if "inline" in found:
            lines.append(_line(title, found["inline"][key]))
    for name in ("model", "memory", "disk"):
        if "again" in found:
            lines.append(_line(f"statement's rest from {name}", found["again"][name]))
    for name, row in found.get("large", {}).items():
        lines.append(_line(f"keys in {name}", row["answer"]))
    lines.append("")
    lines += [f"{'ok  ' if good else 'MISS'}  {words}" for words, good in goals(found)]
    return "\n".join(lines)


def goals(found: dict[str, Any]) -> list[tuple[str, bool]]:
    """What was to be reached, in words with the figure, and whether it was."""
    checks: list[tuple[str, float, float, str]] = []

    def check(words: str, figure: float, limit: float, unit: str = "ms") -> None:
        checks.append((words, figure, limit, unit))

    for run in ("typist", "burst"):
        if run in found:
            check(f"round trip, {run}, p50", found[run]["firsthand"]["p50"], 4)
            check(f"round trip, {run}, p99", found[run]["firsthand"]["p99"], 15)
    if "building" in found:
        built = found["building"]
        check("round trip while indexing, p50", built["typist"]["p50"], 4)
        check("round trip while indexing, p99", built["typist"]["p99"], 15)
        check("index of about 1M tokens", built["seconds"], 10, "s")
        check("resident in all at the peak", built["peak_mb"]["all"], 300, "MB")
    if "typist" in found:
        check("resident after typing", found["typist"]["memory_mb"]["end"], 300, "MB")
    if "start_up" in found:
        check("start-up against the bare server", found["start_up"]["ratio"], 1.25, "x")
    if "callbacks" in found:
        for when, words in (("starting", "while starting"), ("typing", "while typing")):
            check(f"callbacks over 10 ms {words}", found["callbacks"][when]["count"], 0, "")
    checks.extend(_with_a_model(found))
    for name, row in found.get("large", {}).items():
        check(f"round trip in {name}, p99", row["answer"]["p99"], 15)
    return [
        (f"{words}: {figure:g} {unit}".rstrip() + f" (at most {limit:g})", figure <= limit)
        for words, figure, limit, unit in checks
    ]


def _with_a_model(found: dict[str, Any]) -> Iterator[tuple[str, float, float, str]]:
    """What was to be reached where a model is asked: words, figure, limit, unit."""
    if "inline" in found:
        inline = found["inline"]
        alone, added = inline["protocol_alone"], inline["added"]
        own = round(added["p50"] - alone["p50"], 2)
        yield "added to the model's time and the protocol's, p50", own, 2, "ms"
        yield "added to the model's time, p99", added["p99"], 10, "ms"
        yield "diverged to closed, p95", inline["diverged_to_closed"]["p95"], 50, "ms"
        yield "unjoined to closed, p95", inline["unjoined_to_closed"]["p95"], 50, "ms"
    if "again" in found:
        alone = found["again"]["protocol_alone"]
        for name in ("memory", "disk"):
            missed = found["again"][name]["of"] - found["again"][name]["hits"]
            if found["again"][name]["hits"]:
                own = round(found["again"][name]["p99"] - alone["p99"], 2)
                yield f"cache hit in {name}, p99 over the protocol's", own, 3, "ms"
            yield f"statements that {name} had not", missed, 0, ""
    if "soak" in found:
        soak = found["soak"]
        yield "memory gained after the first 5,000 keys", soak["growth_mb"], 5, "MB"


_INLINE = {
    "model_alone": "model alone",
    "protocol_alone": "protocol alone (bare)",
    "through_relay": "model through a relay",
    "added_by_relay": "added by the relay",
    "through_firsthand": "model through firsthand",
    "added": "added by firsthand",
    "key_to_model": "  of it, key to model asked",
    "model_to_answer": "  of it, model's text to answer",
    "diverged_to_closed": "diverged to connection closed",
    "unjoined_to_closed": "unjoined to connection closed",
}


def _line(title: str, row: dict[str, float]) -> str:
    figures = "".join(f"{row[name]:8.2f}" for name in ("p50", "p95", "p99", "max"))
    cpu = f"{row['cpu_ms_a_key']:9.2f}" if "cpu_ms_a_key" in row else ""
    return f"{title:34}{figures}{cpu}".rstrip()
