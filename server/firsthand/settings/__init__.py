"""The settings: the person's file, the editor's section and the workspace's allow-list.

Importing this is cheap; what parses and checks is imported by the first `load`.
"""

from __future__ import annotations

import stat
from pathlib import Path

from firsthand.settings.presets import PRESETS, Preset, Provider, Talk, Wire
from firsthand.settings.values import (
    LARGEST_FILE,
    Budget,
    Fault,
    Loaded,
    Model,
    Origin,
    Privacy,
    Settings,
    Strategy,
    is_loopback,
    too_large,
)

__all__ = [
    "PRESETS",
    "Budget",
    "Fault",
    "Loaded",
    "Model",
    "Origin",
    "Preset",
    "Privacy",
    "Provider",
    "Settings",
    "Strategy",
    "Talk",
    "Wire",
    "is_loopback",
    "load",
]

WORKSPACE_FILE = ".firsthand.toml"


def load(
    file: Path, editor: object = None, folder: Path | None = None, *, named: bool = False
) -> Loaded:
    """The settings in force: defaults, then the person's file, the editor and the workspace.

    Reads at most two small files. Never raises for what they hold or lack.

    Args:
        file: the person's configuration file (`paths.config_file`), which need not exist.
        editor: `initializationOptions`, or the editor's section `firsthand`; None for none.
        folder: the workspace folder, whose `.firsthand.toml` may tighten; None for none.
        named: whether the person named the file (`FIRSTHAND_CONFIG`), so that it must exist.
    """
    from firsthand.settings import sources

    text = _read(file)
    if text is None and named:
        mend = "create it or correct FIRSTHAND_CONFIG"
        text = Fault(str(file), "", "does not exist", mend, remote_off=True)
    if isinstance(text, Fault):
        loaded = Loaded(faults=(text,))
    else:
        loaded = sources.parse_user(text or "", str(file))
    loaded = sources.with_editor(loaded, editor)
    if folder is None:
        return loaded
    text = _read(folder / WORKSPACE_FILE)
    if isinstance(text, Fault):
        return Loaded(loaded.settings, (*loaded.faults, text), loaded.origins)
    return sources.with_workspace(loaded, text or "", str(folder / WORKSPACE_FILE))


def _read(path: Path) -> str | Fault | None:
    """The text of a file; None when there is none, a fault when it can't be read as text."""
    try:
        # A folder fails to open, but a pipe would block and a device would never end.
        if not stat.S_ISREG(path.stat().st_mode):
            return Fault(str(path), "", "is not a file", "put a TOML file there", remote_off=True)
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            return too_large(str(path))
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return Fault(str(path), "", "is not UTF-8 text", "save it as UTF-8", remote_off=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "unusable path"
        mend = "make it readable or move it away"
        return Fault(str(path), "", f"can't be read ({reason})", mend, remote_off=True)
