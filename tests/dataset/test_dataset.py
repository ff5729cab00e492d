"""Code as examples: what is cut, what is left out, and what the lines look like."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.evaluate.tiers.oracle import BANK
from tests.index.trees import plant

from firsthand.cli import commands
from firsthand.core.authorship import Authorship, Mark, Origin
from firsthand.core.fim import TEMPLATES
from firsthand.core.text import Text
from firsthand.dataset import HELD_OUT, TRAIN, Order, Written, export
from firsthand.dataset.examples import Example, Seen, cut, held_out, of_range
from firsthand.dataset.formats import FAMILIES, FORMATS, line
from firsthand.dataset.licences import licence, same
from firsthand.fault import CommandFault
from firsthand.paths import data_folder
from firsthand.provenance.store import Store, write

KEY = "sk-ant-api03-" + "Zk4vQ9pLxT2mWc8RbN7yHd3sJfG6uEaV" * 2
CODE = BANK * 3
EXAMPLE = Example("a.py", "def add(a, b):\n    return ", "a + b + carried", "\n\nx = 1\n")


@contextmanager
def quiet(title: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTHAND_HOME", str(tmp_path / "home"))


def exported(
    tmp_path: Path, files: Mapping[str, str | bytes], **options: Any
) -> tuple[Written, str]:
    """What was written of some files, and all of its text."""
    root = plant(tmp_path / "project", files)
    order = Order(root, tmp_path / "out", **{"share": 0.0, **options})
    written = export(order, quiet)
    return written, "".join((order.target / each).read_text("utf-8") for each in (TRAIN, HELD_OUT))


def variant(number: int) -> str:
    """A file that is no copy of another one."""
    return re.sub(r"\b(amount|balance|return \w+)\b", rf"\1_{number}_{number * 31}", CODE)


@given(st.integers(0, 50), st.text("ab_ (\n)=", max_size=400))
def test_an_example_put_together_is_the_text(seed: int, more: str) -> None:
    text = CODE + more
    for each in cut("a.py", text, seed):
        assert each.prefix + each.middle in text
        assert len(each.middle.strip()) >= 8
        after = text.partition(each.prefix + each.middle)[2]
        assert after.lstrip(" ").startswith(each.suffix[:40].rstrip()[:1] or "")
        assert len(each.prefix) <= 3_000
        assert len(each.suffix) <= 400


def test_the_same_seed_cuts_the_same_holes() -> None:
    first = list(cut("a.py", CODE, 1))
    assert len(first) >= 4
    assert first == list(cut("a.py", CODE, 1)) != list(cut("a.py", CODE, 2))
    assert any("\n" in each.middle for each in first)
    assert list(cut("a.py", "", 1)) == list(cut("a.py", "x\n" * 3, 1)) == []


def test_what_is_nearly_the_same_is_taken_once() -> None:
    seen = Seen()
    many = " ".join(f"word{number}" for number in range(60))
    assert not seen.again(Example("a.py", many, "the middle of it", ""))
    assert seen.again(Example("b.py", many, "the middle of it", "other"))
    assert seen.again(Example("b.py", many, "the middle of it!", ""))
    assert not seen.again(Example("b.py", many[::-1], "the middle of it", ""))


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ("text", {"text"}),
        ("prompt", {"prompt", "completion"}),
        ("messages", {"messages"}),
        ("alpaca", {"instruction", "input", "output"}),
    ],
)
def test_a_line_is_what_tools_read(form: Any, keys: set[str]) -> None:
    assert form in FORMATS
    for family in FAMILIES:
        record = json.loads(line(EXAMPLE, form, TEMPLATES[family]))
        assert record.keys() == keys
        assert "a + b + carried" in json.dumps(record)
    qwen = TEMPLATES["qwen"]
    text = json.loads(line(EXAMPLE, "text", qwen))["text"]
    assert text.endswith("<|fim_middle|>a + b + carried")
    prompt = json.loads(line(EXAMPLE, "prompt", qwen))
    assert prompt["prompt"] + prompt["completion"] == text
    roles = [each["role"] for each in json.loads(line(EXAMPLE, "messages", qwen))["messages"]]
    assert roles == ["system", "user", "assistant"]
    odd = Example("a.py", "x\ud800", "a middle \ud800", "")
    assert json.loads(line(odd, "text", qwen))


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("# SPDX-License-Identifier: GPL-3.0-only\n", "GPL-3.0-only"),
        ("// SPDX-License-Identifier: MIT OR Apache-2.0\n", "MIT OR Apache-2.0"),
        ("/*\n * Licensed under the Apache\n * License, Version 2.0\n */", "Apache"),
        ("# This is free software under the GNU Lesser\n# General Public License\n", "LGPL"),
        ("# Permission is hereby granted, free of\n#   charge, to any person\n", "MIT"),
        ('"""Proprietary and confidential."""\n', "proprietary"),
        ("# A note on licences in general.\n", ""),
        ("", ""),
    ],
)
def test_the_licence_that_a_head_names(head: str, name: str) -> None:
    assert licence(head) == name


def test_names_of_one_licence() -> None:
    assert same("GPL-3.0-only", "GPL")
    assert same("mit", "MIT")
    assert not same("GPL", "LGPL")
    assert not same("MIT", "MIT OR Apache-2.0")


def test_what_must_not_be_learned_is_left_out(tmp_path: Path) -> None:
    written, text = exported(
        tmp_path,
        {
            "good.py": CODE,
            "copy.py": CODE,
            "secret.py": variant(1).replace("\n\n", f'\n\nKEY = "{KEY}"\n\n', 9),
            "theirs.py": "# SPDX-License-Identifier: GPL-3.0-only\n" + variant(2),
            "ours.py": "# SPDX-License-Identifier: MIT\n" + variant(3),
            "ignored.py": f"MARKED_IGNORED = 1\n{variant(4)}",
            ".env": "MARKED_ENV=1\n",
            ".gitignore": "ignored.py\n",
            "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge\n",
            "read.md": "# Words\n",
            "blob.py": b"\0\1",
        },
    )
    assert written.licence == "MIT"
    assert written.passed["under another licence (GPL-3.0-only)"] == 1
    assert written.passed["copies of others"] == 1
    assert written.train_files == 3
    for marked in (KEY, KEY[:20], "MARKED", "REDACTED", "_2_62"):
        assert marked not in text
    assert "_3_93" in text


def test_files_are_held_out_whole(tmp_path: Path) -> None:
    files = {f"m{number}.py": variant(number) for number in range(20)}
    written, _ = exported(tmp_path, files, share=0.3, form="messages")
    assert written.train_files + written.held_out_files == 20
    assert 2 <= written.held_out_files <= 11
    told = {}
    for name in (TRAIN, HELD_OUT):
        lines = (tmp_path / "out" / name).read_text("utf-8").splitlines()
        told[name] = {json.loads(each)["messages"][1]["content"].split(":")[0] for each in lines}
    assert not told[TRAIN] & told[HELD_OUT]
    assert told[HELD_OUT] == {f"File {path}" for path in files if held_out(path, 0.3, 1)}


def test_completions_that_were_taken_are_examples(tmp_path: Path) -> None:
    root = plant(tmp_path / "project", {"bank.py": CODE})
    text, at = Text.of(CODE), CODE.index("return amount * 7")
    accepted = Mark(Origin.INLINE, 1).packed
    runs = [(at, 0), (17, accepted), (len(CODE) - at - 17, 0)]
    store = Store(data_folder(), lambda _sentence: None)
    write(store, (str(root), "bank.py"), text, Authorship.of(text, runs), {})
    store.close()
    written, said = exported(tmp_path, {}, form="prompt")
    assert written.accepted == 1
    assert "return amount * 7" in [json.loads(each)["completion"] for each in said.splitlines()]


def test_a_completion_beside_a_secret_is_none() -> None:
    text = f'key = "{KEY}"\nvalue = load(key, 12)\n'
    assert of_range("a.py", text, text.index("load"), len(text) - 1) is None
    assert of_range("a.py", "x = 1\n", 0, 3) is None


@pytest.mark.parametrize(
    ("files", "options", "status", "message"),
    [
        ({}, {}, 2, "holds no code to learn from"),
        ({"a.md": "# x\n"}, {}, 2, "prose or data 1"),
        ({"a.py": CODE}, {"family": "none"}, 2, "no template 'none'"),
    ],
)
def test_bad_input(
    tmp_path: Path, files: dict[str, str], options: dict[str, Any], status: int, message: str
) -> None:
    (tmp_path / "project").mkdir()
    with pytest.raises(CommandFault, match=message) as fault:
        exported(tmp_path, files, **options)
    assert fault.value.status == status
    assert not (tmp_path / "out").exists()


def test_the_command(tmp_path: Path) -> None:
    root = plant(tmp_path / "project", {"a.py": CODE})
    arguments = ["dataset", str(root), "--out", str(tmp_path / "out"), "--held-out", "0"]
    told = json.loads(CliRunner().invoke(commands, [*arguments, "--json"]).stdout)
    assert (told["schema"], told["form"], told["family"]) == (1, "text", "qwen")
    assert told["train"] > 0
    again = CliRunner().invoke(commands, arguments)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    forced = CliRunner().invoke(commands, [*arguments, "--force"])
    assert forced.exit_code == 0
    assert forced.stdout.startswith(f"Wrote {told['train']} examples of 1 files")
    (tmp_path / "file").write_text("", encoding="utf-8")
    blocked = CliRunner().invoke(
        commands, ["dataset", str(root), "--out", str(tmp_path / "file" / "x")]
    )
    assert blocked.exit_code == 1
    assert "can't be written to" in blocked.stderr
