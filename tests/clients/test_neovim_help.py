"""The help of the Neovim plugin says of each setting what the server's schema says."""

import re

from clients.neovim.help import BEGIN, END, HELP, written

CLIENT = HELP.parents[1]


def test_the_help_lists_the_settings() -> None:
    text = HELP.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text == written(text), "run `python -m clients.neovim.help`"


def test_every_tag_is_where_a_reference_leads() -> None:
    text = HELP.read_text("utf-8")
    tags = set(re.findall(r"\*([^*\s|]+)\*", text))
    own = {each for each in re.findall(r"\|([^|\s]+)\|", text) if each.startswith("firsthand")}
    assert own <= tags
    assert max(map(len, text.splitlines())) <= 80


def test_lua_has_no_file_over_400_lines_and_says_what_it_is() -> None:
    files = sorted(CLIENT.rglob("*.lua"))
    assert files
    for file in files:
        lines = file.read_text("utf-8").splitlines()
        assert len(lines) <= 400, file.name
        assert lines[0].startswith("--"), f"{file.name} should say first what it is for"
