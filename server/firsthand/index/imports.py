"""What a file imports from outside of its project, told from its text."""

from __future__ import annotations

import re

_PYTHON = re.compile(r"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)|import[ \t]+([^\n#;]+))", re.MULTILINE)
_SCRIPT = re.compile(
    r"(?:\bfrom\s*|\bimport\s*|\brequire\s*\(\s*|\bimport\s*\(\s*)[\"'`]"
    r"((?:@[\w.-]+/)?[\w-][\w.-]*)[\w./-]*[\"'`]"
)
_GO_BLOCK = re.compile(r"^import\s*(?:\(([^)]*)\)|([^\n(]+))", re.MULTILINE)
_GO_PATH = re.compile(r"\"([^\"\s]+)\"")
_RUST = re.compile(
    r"^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?(?:use|extern crate)[ \t]+(?:::)?(\w+)", re.M
)

_SCRIPTS = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact", "vue"})
_RUST_OWN = frozenset({"crate", "self", "super", "std", "core", "alloc"})


def imported(language: str, text: str) -> tuple[str, ...]:
    """The packages that a text imports, in order: modules' first names, npm names, Go paths."""
    if language == "python":
        found = _of_python(text)
    elif language in _SCRIPTS or language == "svelte":
        found = set(_SCRIPT.findall(text))
    elif language == "go":
        blocks = (match[1] or match[2] for match in _GO_BLOCK.finditer(text))
        found = {path for block in blocks for path in _GO_PATH.findall(block)}
    elif language == "rust":
        found = set(_RUST.findall(text)) - _RUST_OWN
    else:
        found = set()
    return tuple(sorted(found))


def _of_python(text: str) -> set[str]:
    found = set()
    for match in _PYTHON.finditer(text):
        if match[1]:
            found.add(match[1])
        else:
            for part in match[2].split(","):
                name = part.strip().split(".")[0].split(" ")[0]
                if name.isidentifier():
                    found.add(name)
    return found
