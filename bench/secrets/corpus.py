"""Real code: where secrets are planted, and where there are none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LANGUAGES = {
    **dict.fromkeys((".py", ".pyi"), "python"),
    **dict.fromkeys((".js", ".mjs", ".ts", ".tsx"), "javascript"),
    **dict.fromkeys((".c", ".h", ".hpp", ".cc"), "c"),
    **dict.fromkeys((".yml", ".yaml"), "yaml"),
    ".json": "json",
    **dict.fromkeys((".sh", ".ps1", ".psm1"), "shell"),
}
_OTHER = (".css", ".html", ".md", ".toml", ".txt", ".j2", ".lock", ".svg", ".cfg")
_LARGEST = 200_000
# What looks like a secret and is none: hashes, UUIDs, base64, minified code.
_SUSPICIOUS = re.compile(
    r"sha(?:256|384|512)|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-|base64|[A-Za-z0-9+/]{60}|token|secret"
)
# Material that really is a secret's, if only of a test: nobody can say that hiding it is wrong.
_REAL = re.compile(r"PRIVATE KEY-----")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of real code."""

    path: str
    language: str
    text: str


def sources(folders: Sequence[Path]) -> list[Source]:
    """The files of folders, in an order that depends on their contents alone."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            language = _LANGUAGES.get(path.suffix, "other" if path.suffix in _OTHER else "")
            if not language or not path.is_file() or path.stat().st_size > _LARGEST:
                continue
            text = path.read_bytes().decode("utf-8", "replace")
            if text.strip() and not _REAL.search(text):
                found.append(Source(str(path.relative_to(folder.parent)), language, text))
    return sorted(found, key=lambda each: hashlib.sha256(each.text.encode()).digest())


def clean(found: Sequence[Source], size: int) -> list[Source]:
    """So many characters: as much of each language, and half of it what looks suspicious."""
    languages = sorted({each.language for each in found})
    share = size // (2 * len(languages))
    taken: list[Source] = []
    for suspicious in (True, False):
        for language in languages:
            left = share
            for each in found:
                if each.language != language or each in taken:
                    continue
                if suspicious and not _SUSPICIOUS.search(each.text):
                    continue
                taken.append(Source(each.path, language, each.text[: max(left, 0)]))
                left -= len(each.text)
                if left <= 0:
                    break
    return taken
