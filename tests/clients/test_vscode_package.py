"""The extension for VS Code offers the settings of the server's schema, and is of its version."""

import json
import re
from pathlib import Path
from typing import Any

from clients.vscode.settings import PACKAGE, written

from firsthand import __version__

CLIENT = PACKAGE.parent


def package() -> dict[str, Any]:
    content = json.loads(PACKAGE.read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def test_the_settings_are_those_of_the_schema() -> None:
    stale = "run `python -m clients.vscode.settings`"
    assert PACKAGE.read_text("utf-8") == written(package()), stale


def test_no_other_setting_can_come_from_a_workspace() -> None:
    _tuned, *others = package()["contributes"]["configuration"]
    scopes = {each["scope"] for other in others for each in other["properties"].values()}
    assert scopes == {"machine"}


def test_it_is_of_the_servers_version() -> None:
    assert package()["version"] == __version__


def test_every_command_is_listed_and_there() -> None:
    listed = {each["command"] for each in package()["contributes"]["commands"]}
    source = (CLIENT / "src/commands.ts").read_text("utf-8")
    assert listed == set(re.findall(r"'(firsthand\.[\w.]*\w)'", source))


def test_typescript_has_no_file_over_400_lines_and_says_what_it_is() -> None:
    files = sorted(CLIENT.glob("src/*.ts"))
    assert files
    for file in files:
        lines = file.read_text("utf-8").splitlines()
        assert len(lines) <= 400, file.name
        assert lines[0].startswith("/**"), f"{file.name} should say first what it is for"


def test_the_walkthrough_is_there() -> None:
    steps = package()["contributes"]["walkthroughs"][0]["steps"]
    pages: list[Path] = [CLIENT / each["media"]["markdown"] for each in steps]
    assert all(page.is_file() for page in pages)
