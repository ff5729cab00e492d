"""The temporary workspace: bounded, of the same language, and without the answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from firsthand.demo.workspace import Source, UnusableError, build, default_file, read

FUNCTION = "def go(a):\n" + "".join(f"    step_{number}(a)\n" for number in range(20))


def built(source: Source, folder: Path, **most: int) -> dict[str, str]:
    folder.mkdir()
    build(source, folder, **most)
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def put(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")


def check_unusable(path: Path, why: str) -> None:
    """A file that can't be typed is refused in one sentence that names it."""
    with pytest.raises(UnusableError) as raised:
        read(path)
    assert why in str(raised.value)
    assert path.name in str(raised.value)
    assert str(raised.value).count("\n") == 0


def test_the_function_is_gone_and_its_neighbours_of_the_language_are_there(tmp_path: Path) -> None:
    project = tmp_path / "project"
    put(
        project,
        {
            "pyproject.toml": "",
            "src/a.py": "import b\n\n" + FUNCTION + "\nlast = 1\n",
            "src/b.py": "b = 1\n",
            "tests/test_a.py": "t = 1\n",
            "README.md": "no source",
            "node_modules/x.py": "x = 1\n",
            ".venv/y.py": "y = 1\n",
            "build/a.py": FUNCTION,
            "copy_of_a.py": "import b\n\n" + FUNCTION,
            "image.py": "\0",
        },
    )
    source = read(project / "src/a.py")
    assert (source.root, source.language) == (project.resolve(), "python")
    assert built(source, tmp_path / "out") == {
        "src/a.py": "import b\n\n\n\nlast = 1\n",
        "src/b.py": "b = 1\n",
        "tests/test_a.py": "t = 1\n",
    }


def test_nearest_files_come_first_when_there_are_too_many(tmp_path: Path) -> None:
    put(tmp_path, {"go.mod": "", "far/z.go": "z", "near/a.go": FUNCTION, "near/b.go": "b"})
    source = read(tmp_path / "near/a.go")
    assert set(built(source, tmp_path / "few", most_files=2)) == {"near/a.go", "near/b.go"}
    assert set(built(source, tmp_path / "small", most_bytes=1)) == {"near/a.go", "near/b.go"}


def test_line_ends_and_a_byte_order_mark_are_evened_out(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbf" + FUNCTION.replace("\n", "\r\n").encode())
    hole = read(tmp_path / "a.py").hole
    assert hole.head + hole.middle + hole.tail == FUNCTION


def test_a_file_alone_has_its_folder_or_its_package_as_root(tmp_path: Path) -> None:
    put(tmp_path, {"node_modules/p/__init__.py": "", "node_modules/p/q/__init__.py": ""})
    put(tmp_path, {"package.json": "", "node_modules/p/q/a.py": FUNCTION})
    assert read(tmp_path / "node_modules/p/q/a.py").root == (tmp_path / "node_modules/p").resolve()


def test_the_default_file_can_be_used() -> None:
    source = read(default_file())
    assert source.hole.rank == 0
    assert source.root.name == "rich"


def test_files_that_cannot_be_typed_are_refused_in_one_sentence(tmp_path: Path) -> None:
    check_unusable(tmp_path / "missing.py", "does not exist")
    check_unusable(tmp_path, "is a folder")
    for name, content, why in (
        ("empty.py", b" \n", "is empty"),
        ("binary.py", b"\x7fELF\0\0", "is not UTF-8 text"),
        ("latin.py", b"caf\xe9 = 1\n", "is not UTF-8 text"),
        ("short.py", b"x = 1\n", "no function of 15 to 60 lines"),
        ("huge.py", b"x = 1\n" * 400_000, "larger than 2 MB"),
    ):
        (tmp_path / name).write_bytes(content)
        check_unusable(tmp_path / name, why)
    check_unusable(tmp_path / ("x" * 300), "can't be read")
    check_unusable(tmp_path / "a\0b.py", "can't be read (unusable path)")


@pytest.mark.skipif(os.name != "posix", reason="POSIX alone has such files")
def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    for path in (tmp_path / "pipe.py", Path("/dev/zero")):
        check_unusable(path, "is not a file")
