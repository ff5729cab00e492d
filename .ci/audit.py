"""Asks pip-audit whether anything in requirements.lock has a known weakness.

A finding is a failure. Where the advisories can't be reached that is said, and is none: a network
that is not there is no reason to stop, and no reason to believe that all is well.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_LOCK = Path(__file__).parents[1] / "requirements.lock"


def verdict(report: Mapping[str, Any] | None) -> tuple[int, str]:
    """An exit status and a sentence, for what pip-audit reports; None where it reported nothing."""
    if report is None:
        return 0, "The advisories could not be reached: nothing was audited."
    packages = report["dependencies"]
    found = [f"{each['name']} {each['version']}" for each in packages if each.get("vulns")]
    if found:
        return 1, f"Known weaknesses in {', '.join(found)}: see pip-audit's report."
    skipped = sum("skip_reason" in each for each in packages)
    if skipped:
        return 0, f"The advisories say nothing of {skipped} of {len(packages)} packages."
    return 0, f"No known weakness in {len(packages)} packages."


def main() -> int:
    """Audit, and print the verdict."""
    command = (sys.executable, "-m", "pip_audit", "-r", str(_LOCK), "--disable-pip")
    options = ("--require-hashes", "--format", "json", "--progress-spinner", "off")
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = None
    status, sentence = verdict(report)
    print(sentence if not status else f"{sentence}\n{done.stdout}")
    return status


if __name__ == "__main__":
    sys.exit(main())
