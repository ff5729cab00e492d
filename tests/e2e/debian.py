"""Programs out of Debian packages, unpacked into a cache folder; nothing is installed.

The packages come from the mirror that this machine's apt already uses, from a newer suite that has
them, or from this machine's own. The cache folder is `.e2e` in the checkout, or what
FIRSTHAND_E2E_CACHE names.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

CACHE = Path(os.environ.get("FIRSTHAND_E2E_CACHE") or Path(__file__).resolve().parents[2] / ".e2e")
_NEWER = "forky"


class Missing(Exception):
    """A part that these tests need cannot be had; a failure, never a reason to skip."""


def unpacked(
    name: str,
    packages: Sequence[str],
    finish: Callable[[Path], None] = lambda _root: None,
    *,
    suite: str = _NEWER,
) -> Path:
    """The folder that holds what the packages hold, made the first time.

    Args:
        name: what the folder is called in the cache.
        packages: Debian's names; what they depend on comes along, down to the C library.
        finish: changes the unpacked folder before it gets its final place.
        suite: of the distribution; `own_suite` for what is loaded into this machine's programs.

    Raises:
        Missing: this machine has no apt, or none of its mirrors has the packages.
    """
    folder = CACHE / f"{name}-{platform.machine()}"
    if folder.is_dir():
        return folder
    for program in ("apt-get", "dpkg"):
        if not shutil.which(program):
            raise Missing(f"{program} is needed to unpack {name}: use Debian or Ubuntu")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        root = Path(scratch) / "root"
        for package in _downloaded(packages, Path(scratch), suite):
            subprocess.run(["dpkg", "-x", package, root], check=True)
        finish(root)
        try:
            root.rename(folder)
        except OSError:
            if not folder.is_dir():  # else somebody else was faster
                raise
    return folder


def own_suite() -> str:
    """The release of this machine's distribution.

    Raises:
        Missing: it does not say.
    """
    try:
        return platform.freedesktop_os_release()["VERSION_CODENAME"]
    except (OSError, KeyError):
        raise Missing("/etc/os-release names no release: use Debian or Ubuntu") from None


def _downloaded(packages: Sequence[str], scratch: Path, suite: str) -> list[Path]:
    """The packages, by an apt that knows nothing of this machine's but its mirrors and its keys."""
    for folder in ("lists/partial", "cache/archives/partial", "parts"):
        (scratch / folder).mkdir(parents=True)
    (scratch / "status").touch()
    options = {
        "Dir::Etc::SourceList": scratch / "sources.list",
        "Dir::Etc::SourceParts": scratch / "parts",
        "Dir::State::Lists": scratch / "lists",
        "Dir::State::Status": scratch / "status",
        "Dir::Cache": scratch / "cache",
        "APT::Sandbox::User": "",
    }
    apt = ["apt-get", "-q", "-y", "--no-install-recommends", "--download-only"]
    for key, value in options.items():
        apt += ["-o", f"{key}={value}"]
    failures = []
    for mirror in _mirrors():
        (scratch / "sources.list").write_text(f"deb {mirror} {suite} main\n", encoding="utf-8")
        for step in (["update"], ["install", *packages]):
            done = subprocess.run([*apt, *step], capture_output=True, text=True)
            if done.returncode:
                failures.append(done.stderr[-500:])
                break
        else:
            return sorted((scratch / "cache/archives").glob("*.deb"))
    raise Missing(f"no apt mirror of this machine gave {packages[0]}:\n" + "\n".join(failures))


def _mirrors() -> Sequence[str]:
    """The mirrors that this machine's apt uses, each with its keys, as sources.list writes them."""
    folder = Path("/etc/apt")
    found = []
    for file in (folder / "sources.list", *folder.glob("sources.list.d/*.list")):
        for line in file.read_text("utf-8").splitlines() if file.is_file() else ():
            kind, _, rest = line.strip().partition(" ")
            options, words = "", rest.split()
            if rest.startswith("["):
                options, _, after = rest.partition("]")
                options, words = options + "] ", after.split()
            if kind == "deb" and words:
                found.append(options + words[0])
    for file in folder.glob("sources.list.d/*.sources"):
        for stanza in file.read_text("utf-8").split("\n\n"):
            lines = (line.partition(":") for line in stanza.splitlines() if line[:1] not in "# ")
            fields = {name.lower(): value.strip() for name, _, value in lines}
            keys = fields.get("signed-by", "")
            options = f"[signed-by={keys}] " if keys.startswith("/") else ""
            found.extend(options + address for address in fields.get("uris", "").split())
    mirrors = [each for each in dict.fromkeys(found) if "security" not in each]
    if not mirrors:
        raise Missing("apt has no mirror on this machine")
    return mirrors
