"""What is measured: our redaction, and detect-secrets with all its plugins as it comes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.secrets.corpus import Source

from firsthand.core.redact import redact


def ours(source: Source) -> list[tuple[int, str]]:
    """What our redaction blanks out: the 0-based line and the secret, lines joined as they were.

    A secret that holds another one's placeholder is given with the other one in it.
    """
    redacted = redact(source.text, b"bench")
    values = dict(redacted.secrets)
    lines = [each.line for each in redacted.found]
    found = []
    for number, (_, value) in enumerate(values.items()):
        for other, inner in values.items():
            value = value.replace(other, inner)
        found.append((lines[min(number, len(lines) - 1)], value))
    # Findings of the same secret again count as well.
    found += [(line, "") for line in lines[len(values) :]]
    return found


def library(source: Source) -> list[tuple[int, str]]:
    """What detect-secrets finds."""
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings

    suffix = Path(source.path).suffix
    with tempfile.TemporaryDirectory() as folder, default_settings():
        file = Path(folder, f"file{suffix}")
        file.write_text(source.text, encoding="utf-8")
        return [(each.line_number - 1, each.secret_value or "") for each in scan_file(str(file))]
