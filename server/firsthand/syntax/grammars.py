"""Which grammar reads which language, and loading it when it is first needed."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language

GRAMMARS = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "javascriptreact": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "java": ("tree_sitter_java", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "kotlin": ("tree_sitter_kotlin", "language"),
    "lua": ("tree_sitter_lua", "language"),
    "shellscript": ("tree_sitter_bash", "language"),
}
"""By LSP language id: the package of a grammar and its function that gives it."""


def grammar(language: str) -> Language | None:
    """The grammar of a language; None when there is none or it does not load."""
    if language not in GRAMMARS:
        return None
    loaded = load(*GRAMMARS[language])
    return None if isinstance(loaded, str) else loaded


def fault(language: str) -> str:
    """Why a language's grammar does not load, as a sentence for the person; empty if it does.

    A language without a grammar is no fault: its empty string means that indentation is used.
    """
    if language not in GRAMMARS:
        return ""
    loaded = load(*GRAMMARS[language])
    return loaded if isinstance(loaded, str) else ""


@cache
def load(package: str, function: str) -> Language | str:
    """A grammar, or what is wrong with it and how to mend that."""
    try:
        from tree_sitter import Language

        return Language(getattr(importlib.import_module(package), function)())
    except (ImportError, OSError, AttributeError, TypeError, ValueError, RuntimeError) as error:
        return (
            f"The grammar in {package} does not load ({error}); blocks are found by indentation. "
            f"Mend: pip install --upgrade tree-sitter {package.replace('_', '-')}"
        )
