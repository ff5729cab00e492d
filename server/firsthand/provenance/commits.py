"""What a repository's last commit holds."""

from __future__ import annotations

from pathlib import Path

from firsthand.core.text import Text


def head(folder: str) -> str:
    """The commit that a folder is at; empty where there is none, or no git."""
    from firsthand.index.git import Git

    git = Git.found()
    return git.head(Path(folder)) if git else ""


def committed(folder: str, path: str) -> Text | None:
    """What the last commit holds of a file; None where it has none, or no text."""
    from firsthand.index.git import Git

    git = Git.found()
    raw = git.committed(Path(folder), path) if git else None
    try:
        return None if raw is None else Text.of(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return None
