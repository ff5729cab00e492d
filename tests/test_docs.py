"""What the pages say can be done can be done; the Lua in them is run by tests/e2e."""

import re
import struct
from pathlib import Path

import click
import pytest

from firsthand import cli, settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/**/*.md")])


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        target, _, heading = link.partition("#")
        if "://" in target:
            continue
        led_to = page.parent / target if target else page
        assert led_to.exists(), link
        assert not heading or heading in anchors(led_to), link


def anchors(page: Path) -> set[str]:
    """The headings of a page as they are named in links."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def test_the_readme_shows_vs_code() -> None:
    """Both pictures are whole windows, as the tests of VS Code leave them in their cache."""
    shown = re.findall(
        r"!\[.{20,}\]\((docs/images/vscode\S*\.png)\)", (ROOT / "README.md").read_text("utf-8")
    )
    assert shown == ["docs/images/vscode.png", "docs/images/vscode-proposal.png"]
    for name in shown:
        picture = (ROOT / name).read_bytes()
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", picture[16:24]) == (1000, 640)
        # One that is empty takes far less, and one that is larger is slow to load.
        assert 20_000 < len(picture) < 200_000


def test_the_readme_configures_without_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    for text in blocks("README.md", "toml") + blocks("docs/escalation.md", "toml"):
        file.write_text(text, encoding="utf-8")
        loaded = settings.load(file)
        assert not loaded.faults
        assert loaded.remote_allowed


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` ", text, re.M))
    assert named == set(cli.commands.commands)
    for example in re.findall(r"`firsthand ([^`]+)`", text):
        command: click.Command | None = cli.commands
        for word in example.split():
            if isinstance(command, click.Group):
                command = command.commands.get(word)
        assert command is not None, example
