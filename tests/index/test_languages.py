"""Names and their languages."""

from pathlib import Path

import pytest

from firsthand.index.languages import UNKNOWN, language_of


@pytest.mark.parametrize(
    ("name", "expect"),
    [
        ("a.py", "python"),
        ("A.PY", "python"),
        ("a.tsx", "typescriptreact"),
        ("a.d.ts", "typescript"),
        ("src/x.test.jsx", "javascriptreact"),
        ("a.h", "c"),
        ("a.hpp", "cpp"),
        ("Makefile", "makefile"),
        ("Makefile.am", "makefile"),
        ("Dockerfile", "dockerfile"),
        ("Dockerfile.dev", "dockerfile"),
        ("web.dockerfile", "dockerfile"),
        ("CMakeLists.txt", "cmake"),
        ("tsconfig.json", "jsonc"),
        ("C:\\src\\a.rs", "rust"),
        (".bashrc", "shellscript"),
        ("a.html.erb", "erb"),
        ("a", UNKNOWN),
        ("a.", UNKNOWN),
        ("", UNKNOWN),
        (".py", "python"),
        ("folder.py/a", UNKNOWN),
        ("data.csv", UNKNOWN),
    ],
)
def test_a_name_says_its_language(name: str, expect: str) -> None:
    assert language_of(name) == expect
    assert language_of(Path(name)) == expect
