from dataclasses import replace

import pytest
from tests.relevance.store import place_of

from firsthand.core.snippets import speaks


@pytest.mark.parametrize(
    ("drawing", "language", "expected"),
    [
        ("x = ║", "python", True),
        ("x = 1  # see ║", "python", False),
        ('x = "see ║', "python", False),
        ("Some words ║", "markdown", False),
        ("// see ║", "go", False),
    ],
)
def test_only_code_speaks(drawing: str, language: str, expected: bool) -> None:
    place, _ = place_of(drawing)
    assert speaks(replace(place, language=language)) is expected
