"""What a workspace's tier was made from, file by file: what changed since can be told."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from pathlib import Path

import firsthand
from firsthand.index.copies import Sketch
from firsthand.index.files import SourceFile
from firsthand.paths import write_file

_FILE = "files.json"
_SCHEMA = 2
_SETTLED = 2_000_000_000  # nanoseconds after which a file's time tells of any further change


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it was looked at.

    Attributes:
        language: as `language_of` names it.
        size: in bytes.
        mtime_ns: when it was last written; 0 if it could have been written again unseen.
        digest: of its text.
        skipped: why it was not learned, or of which file it is a copy; empty if it was learned.
        far: whether only its short orders were kept.
        sketch: of its lines.
        imports: the names of what it imports from elsewhere.
    """

    language: str
    size: int
    mtime_ns: int
    digest: str = ""
    skipped: str = ""
    far: bool = False
    sketch: Sketch = ()
    imports: tuple[str, ...] = ()

    @classmethod
    def of(cls, file: SourceFile, began_ns: int) -> Entry:
        """A file that is looked at now; `began_ns` is when all of them were listed."""
        settled = file.mtime_ns < began_ns - _SETTLED
        return cls(file.language, file.size, file.mtime_ns if settled else 0)

    def shows(self, file: SourceFile) -> bool:
        """Whether a listed file is surely as it was."""
        was = self.language, self.size, self.mtime_ns
        return was == (file.language, file.size, file.mtime_ns)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All files of a workspace as they were looked at, and which tier was made of them.

    Attributes:
        tier: what the tier's folder named as the tier's files.
        entries: by their paths.
    """

    tier: bytes
    entries: dict[str, Entry]


def read_manifest(folder: Path, tier: bytes) -> Manifest | None:
    """The manifest in a state folder; None when there is none, or none of this tier."""
    try:
        stored = json.loads((folder / _FILE).read_bytes())
        if stored["schema"] != _SCHEMA or stored["version"] != firsthand.__version__:
            return None
        if stored["tier"] != tier.decode("latin-1"):
            return None
        entries = {
            path: Entry(language, size, mtime, digest, skipped, far, tuple(sketch), tuple(imports))
            for path, (
                language,
                size,
                mtime,
                digest,
                skipped,
                far,
                sketch,
                imports,
            ) in stored["files"].items()
        }
        return Manifest(tier, entries)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Keep a manifest, in one step.

    Raises:
        StateError: the disk refuses.
    """
    stored = {
        "schema": _SCHEMA,
        "version": firsthand.__version__,
        "tier": manifest.tier.decode("latin-1"),
        "files": {path: astuple(entry) for path, entry in manifest.entries.items()},
    }
    # Paths of bytes that are not UTF-8 are written as escapes.
    write_file(folder / _FILE, json.dumps(stored, separators=(",", ":")).encode("ascii"))
