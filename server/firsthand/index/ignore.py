"""What of a workspace must never be learned or put into a prompt.

Three things refuse a file, and none of them can be undone by another: a name that says credentials
(built in), `.firsthandignore` files and the settings' patterns, and what git ignores. A rule that
can't be read or understood refuses more, never less.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from firsthand.index.git import Git
from firsthand.index.gitignore import Rule, parse, verdict
from firsthand.index.languages import PROSE_AND_DATA, UNKNOWN, language_of

OWN_FILES = (".firsthandignore",)
GIT_FILES = (".gitignore", ".git/info/exclude")

# Larger than any rule file a person wrote.
_RULE_FILE_BYTES = 64 * 1024
_PATH_LENGTH = 1024
_EVERYTHING = parse("*")

_FOLDERS = re.compile(
    r"(?:^|/)(?:\.ssh|\.aws|\.azure|\.gnupg|\.kube|\.git|\.hg|\.svn|\.jj|\.terraform|"
    r"\.password-store|\.vault|\.config/gcloud|\.config/gh|\.config/op|\.local/share/keyrings|"
    r"library/keychains|\.mozilla|\.thunderbird|\.cert|\.certs|\.pki|\.secrets)/",
)
_FILES = re.compile(
    r"\.env.*|.*\.env|"
    r".*\.(?:pem|key|p8|p12|pfx|jks|jceks|bks|keystore|ppk|pgp|gpg|kdb|kdbx|agekey|ovpn|"
    r"mobileprovision|tfstate|tfstate\..*|tfvars|tfvars\.json|secret|secrets|rdp)|"
    r"id_(?:rsa|dsa|ecdsa|ed25519|xmss).*|"
    r"\.(?:netrc|pgpass|npmrc|pypirc|htpasswd|git-credentials|dockercfg|my\.cnf|boto|s3cfg|"
    r"vault-token|terraformrc|.*_history|.*-history)|"
    r"_netrc|wallet\.dat|kubeconfig|local\.settings\.json|"
    r".*service[-_]?account.*\.json|.*firebase-adminsdk.*\.json|google-services\.json",
)
# Names that code has as well: "credentials.py" is read, "credentials.json" is not.
_UNLESS_CODE = re.compile(r"(?:id_|credentials?|secrets?|passwords?|passwd|api[-_]?keys?).*")


def sensitive(path: PurePath | str) -> bool:
    """Whether a path's names say that it holds credentials, whatever any rule says."""
    spelled = (path if isinstance(path, str) else path.as_posix()).lower()
    name = spelled.rpartition("/")[2]
    if _FOLDERS.search(spelled) or _FILES.fullmatch(name):
        return True
    if _UNLESS_CODE.fullmatch(name):
        language = language_of(name)
        return language == UNKNOWN or language in PROSE_AND_DATA
    return False


def may_read(root: Path, path: Path, ignore: Sequence[str] = (), git: Git | None = None) -> bool:
    """Whether an opened file may be learned from and put into prompts.

    Reads rule files and may run git for up to its time-out: not for the event loop.

    Args:
        root: the folder of the workspace; a file elsewhere is judged by the rules around it.
        path: the absolute path of the file, which need not exist.
        ignore: further patterns, written as in a .gitignore at the root.
        git: how to run git; None judges by the .gitignore files alone.
    """
    real, real_root = Path(os.path.realpath(path)), Path(os.path.realpath(root))
    # A link is judged by its own name and by what it leads to.
    if sensitive(path) or sensitive(real):
        return False
    base = real_root if real.is_relative_to(real_root) else real.parent
    relative = real.relative_to(base).as_posix()
    if Rules(base, OWN_FILES, ignore if base is real_root else ()).refuses(relative):
        return False
    ignored = git.ignores(real) if git and repository_of(real.parent) else None
    return not (Rules(base, GIT_FILES).refuses(relative) if ignored is None else ignored)


class Rules:
    """The rule files of a workspace, nested as git nests them, and patterns for its root.

    The rules above the root count as well, up to the root of the repository around it. Verdicts
    about folders are kept, so that one object judges one listing.
    """

    def __init__(self, root: Path, names: Sequence[str], ignore: Sequence[str] = ()) -> None:
        """Prepare to judge.

        Args:
            root: the real path of the workspace's folder.
            names: what the rule files are called; several such files are independent rules.
            ignore: patterns for the root, written as in a .gitignore.
        """
        self._top = repository_of(root) or root
        prefix = root.relative_to(self._top).as_posix()
        self._prefix = "" if prefix == "." else f"{prefix}/"
        self._names = tuple(names)
        self._given = parse("\n".join(ignore))
        self._folders: dict[str, tuple[_Chain, ...] | None] = {}

    def refuses(self, relative: str, *, folder: bool = False) -> bool:
        """Whether a file or folder is refused, or a folder above it.

        Args:
            relative: its path from the root, "/" between names.
            folder: it is a folder.
        """
        path = f"{self._prefix}{relative}"
        if len(path) > _PATH_LENGTH:
            return True
        return self._refused(path, folder, self._chains(path.rpartition("/")[0]))

    def _refused(self, path: str, folder: bool, chains: tuple[_Chain, ...] | None) -> bool:
        if chains is None:
            return True
        if any(chain.refuses(path, folder) for chain in chains):
            return True
        # The given patterns know nothing of what lies above the root.
        return path.startswith(self._prefix) and bool(
            verdict(self._given, path[len(self._prefix) :], folder=folder)
        )

    def _chains(self, folder: str) -> tuple[_Chain, ...] | None:
        """The rules in force in a folder (its path from the top); None: it is refused itself."""
        if folder in self._folders:
            return self._folders[folder]
        chains: tuple[_Chain, ...] | None
        if not folder:
            chains = tuple(_Chain(name).inside(self._top, "") for name in self._names)
        else:
            above = self._chains(folder.rpartition("/")[0])
            if above is None or self._refused(folder, True, above):
                chains = None
            else:
                chains = tuple(each.inside(self._top / folder, folder) for each in above)
        self._folders[folder] = chains
        return chains


@dataclass(frozen=True, slots=True)
class _Chain:
    """Rule files of one name, the outermost first, each with its folder's path from the top."""

    name: str
    files: tuple[tuple[str, tuple[Rule, ...]], ...] = ()

    def inside(self, folder: Path, path: str) -> _Chain:
        rules = _read(folder / self.name)
        if not rules:
            return self
        return _Chain(self.name, (*self.files, (f"{path}/" if path else "", rules)))

    def refuses(self, path: str, folder: bool) -> bool:
        # The innermost file that says something about a path decides. (Source: gitignore(5).)
        for above, rules in reversed(self.files):
            ignored = verdict(rules, path[len(above) :], folder=folder)
            if ignored is not None:
                return ignored
        return False


def repository_of(folder: Path) -> Path | None:
    """The nearest folder, this one or above, that holds a .git."""
    for each in (folder, *folder.parents):
        if os.path.lexists(each / ".git"):
            return each
    return None


def _read(file: Path) -> tuple[Rule, ...]:
    """The rules in a file, none when there is none. One that can't be read refuses everything."""
    try:
        if not file.is_file():
            return ()
        with file.open("rb") as opened:
            content = opened.read(_RULE_FILE_BYTES + 1)
    except OSError:
        return _EVERYTHING
    if len(content) > _RULE_FILE_BYTES:
        return _EVERYTHING
    return parse(os.fsdecode(content.removeprefix(b"\xef\xbb\xbf")))
