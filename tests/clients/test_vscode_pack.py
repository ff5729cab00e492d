"""The extension stays small: its wheel is compressed with it, and too much is refused."""

import zipfile
from pathlib import Path

import pytest
from clients.vscode.pack import LIMIT, loosen, weigh


def test_a_loosened_wheel_holds_the_same(tmp_path: Path) -> None:
    wheel = tmp_path / "firsthand-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("firsthand/__init__.py", "x = 1\n" * 100)
        made.writestr("firsthand/weights.npz", bytes(range(256)))
    loosen(wheel)
    with zipfile.ZipFile(wheel) as loose:
        assert loose.testzip() is None
        assert {each.filename: loose.read(each) for each in loose.infolist()} == {
            "firsthand/__init__.py": b"x = 1\n" * 100,
            "firsthand/weights.npz": bytes(range(256)),
        }
        assert {each.compress_type for each in loose.infolist()} == {zipfile.ZIP_STORED}
    assert list(tmp_path.iterdir()) == [wheel]


@pytest.mark.parametrize(("size", "refused"), [(LIMIT, False), (LIMIT + 1, True)])
def test_a_package_that_is_too_big_is_refused(tmp_path: Path, size: int, refused: bool) -> None:
    package = tmp_path / "firsthand.vsix"
    package.write_bytes(bytes(size))
    assert bool(weigh(package)) is refused
