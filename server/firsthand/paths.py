"""Where Firsthand keeps its state, and the paths that file URIs name.

Nothing here touches the disk but `make_folder`, `write_file` and `private_opener`. Whatever they
make belongs to the person alone: folders have mode 0700 and files 0600 where the platform has
modes. What the disk refuses (a read-only home, a full disk) is always a `StateError` whose text
can be shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePath, PureWindowsPath
from typing import Literal, TypeVar
from urllib.parse import quote_from_bytes, unquote_to_bytes

_Path = TypeVar("_Path", bound=PurePath)

_FILE_URI = re.compile(r"file:(?://(?P<host>[^/]*))?(?P<path>/.*)", re.IGNORECASE | re.DOTALL)
# VS Code names a document that was not saved yet, and a cell of a notebook, by schemes of its own.
_UNSAVED_OR_CELL = re.compile(r"(?:untitled|vscode-notebook-cell):(?P<path>[^?#]*).*", re.DOTALL)
_DRIVE = re.compile(r"/[A-Za-z]:(?=/|$)")


class StateError(OSError):
    """Firsthand's own state can't be kept: one sentence with what, where and the mend.

    Attributes:
        reason: what the disk said.
    """

    def __init__(self, path: PurePath, cause: OSError) -> None:
        self.reason = reason(cause)
        super().__init__(
            f"Firsthand can't keep its state at {path} ({self.reason}): make room or make it "
            "writable, or name another folder in FIRSTHAND_HOME."
        )


def reason(error: BaseException) -> str:
    """What the disk or a database said, for a sentence that names the path and the mend itself."""
    if isinstance(error, StateError):
        return error.reason
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error) or type(error).__name__


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The person's configuration file, which need not exist.

    Raises:
        StateError: there is no home folder to look in.
    """
    if named := environ.get("FIRSTHAND_CONFIG"):
        return Path(os.path.abspath(os.path.expanduser(named)))
    return _folder("config", environ) / "config.toml"


def config_named(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the person named the configuration file, so that it has to exist."""
    return bool(environ.get("FIRSTHAND_CONFIG"))


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of what can be made again: completions, the index. It need not exist.

    Raises:
        StateError: there is no home folder to put it in.
    """
    return _folder("cache", environ)


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of what can't be made again: the ledger. It need not exist.

    Raises:
        StateError: there is no home folder to put it in.
    """
    return _folder("data", environ)


def log_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the log files. It need not exist.

    Raises:
        StateError: there is no home folder to put it in.
    """
    return _folder("log", environ)


def workspace_folder(root: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of what was learned from a workspace: one for each real path of a root.

    Raises:
        StateError: there is no home folder to put it in.
    """
    return workspaces_folder(environ) / workspace_key(Path(os.path.realpath(root)))


def workspaces_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of what was learned from every workspace. It need not exist.

    Raises:
        StateError: there is no home folder to put it in.
    """
    return cache_folder(environ) / "workspaces"


def libraries_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of what was learned from languages' libraries and packages. It need not exist.

    Raises:
        StateError: there is no home folder to put it in.
    """
    return cache_folder(environ) / "libraries"


def completions_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the completions that models wrote. It need not exist.

    Raises:
        StateError: there is no home folder to put it in.
    """
    return cache_folder(environ) / "completions"


def proposals_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of diffs that a person is asked about. It need not exist.

    Raises:
        StateError: there is no home folder to put it in.
    """
    return data_folder(environ) / "proposals"


def workspace_key(root: PurePath) -> str:
    """A short name for the absolute path of a root, readable and its own."""
    import hashlib  # takes long to load

    # Windows names one folder by many spellings; a Windows path compares without regard to case.
    spelling = root.as_posix()
    if isinstance(root, PureWindowsPath):
        spelling = spelling.lower()
    digest = hashlib.sha256(spelling.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    name = re.sub(r"[^a-z0-9]+", "-", root.name.lower()).strip("-")[:32]
    return f"{name}-{digest}" if name else digest


def make_folder(folder: Path) -> Path:
    """Make a folder of our own and every missing one above it; returns the folder.

    Raises:
        StateError: the disk refuses.
    """
    missing = []
    above = folder
    try:
        while not above.is_dir():
            missing.append(above)
            if above == above.parent:
                break
            above = above.parent
        for each in reversed(missing):
            # Another process may make it at this very moment; a file in its place is a fault.
            with suppress(FileExistsError):
                each.mkdir(mode=0o700)
        if not folder.is_dir():
            raise NotADirectoryError(0, "a file is in its place")
    except OSError as error:
        raise StateError(folder, error) from error
    return folder


def write_file(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old content or the new, never a piece.

    Raises:
        StateError: the disk refuses; what was there is then still there.
    """
    make_folder(path.parent)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.new")
    try:
        with open(fresh, "xb", opener=private_opener) as file:
            file.write(content)
        os.replace(fresh, path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise StateError(path, error) from error


def private_opener(path: str, flags: int) -> int:
    """An opener for `open`: files it makes can be read by the person alone."""
    return os.open(path, flags, 0o600)


def uri_to_path(uri: str) -> Path | None:
    """The path a file URI names on this machine; None when it names none."""
    return uri_to_flavour(uri, Path)


def document_path(uri: str) -> Path | None:
    """The path of the file that a document belongs to; None when it has none on this machine.

    A cell belongs to its notebook's file, and a document that was not saved yet may know where it
    will be.
    """
    match = _UNSAVED_OR_CELL.fullmatch(uri)
    return uri_to_path(f"file:{match['path']}" if match else uri)


def unsaved(uri: str) -> bool:
    """Whether a document, or its notebook, has no file yet, nor a place for one."""
    match = _UNSAVED_OR_CELL.fullmatch(uri)
    return match is not None and "/" not in match["path"]


def uri_to_flavour(uri: str, flavour: type[_Path]) -> _Path | None:
    """The path a file URI names, as a platform's kind of path; None when it names none.

    Other schemes, other machines (on Windows these are UNC paths), and what no path can hold
    (a NUL; on Windows also bytes that are not UTF-8) name none. "?" and "#" are taken as
    characters of the name: file URIs have no query. (Source: RFC 8089.)
    """
    match = _FILE_URI.fullmatch(uri)
    if match is None:
        return None
    windows = _is_windows(flavour("."))
    try:
        host = _decode(match["host"] or "", windows)
        path = _decode(match["path"], windows)
    except UnicodeError:
        return None
    if "\0" in path or "\0" in host:
        return None
    if host.lower() not in ("", "localhost"):
        return flavour(f"//{host}{path}") if windows else None
    if windows and _DRIVE.match(path):
        path = path[1:] if len(path) > 3 else f"{path[1:]}/"
    return flavour(path)


def path_to_uri(path: PurePath) -> str:
    """The file URI of an absolute path.

    Raises:
        ValueError: the path is relative.
    """
    if not path.is_absolute():
        raise ValueError(f"only an absolute path has a URI, not {path}")
    windows = _is_windows(path)
    string = path.as_posix()
    content = string.encode("utf-8", "surrogatepass") if windows else os.fsencode(string)
    quoted = quote_from_bytes(content, safe="/:" if windows else "/")
    if windows and string.startswith("//"):
        return f"file:{quoted}"
    return f"file:///{quoted.lstrip('/')}"


def _folder(kind: Literal["cache", "config", "data", "log"], environ: Mapping[str, str]) -> Path:
    if home := environ.get("FIRSTHAND_HOME"):
        return Path(os.path.abspath(os.path.expanduser(home))) / kind
    # Imported here: with FIRSTHAND_HOME, and at the server's start, it is not needed.
    from platformdirs import PlatformDirs

    folders = PlatformDirs("firsthand", appauthor=False)
    try:
        found: Path = getattr(folders, f"user_{kind}_path")
    except RuntimeError:
        found = Path("~")
    if not found.is_absolute():
        # platformdirs raises, or answers with a literal "~", which would be made in the workspace.
        raise StateError(found, FileNotFoundError(0, "this account has no home folder"))
    return found


def _is_windows(path: PurePath) -> bool:
    return isinstance(path, PureWindowsPath)


def _decode(quoted: str, windows: bool) -> str:
    content = unquote_to_bytes(quoted.encode("utf-8", "surrogatepass"))
    return content.decode("utf-8", "surrogatepass") if windows else os.fsdecode(content)
