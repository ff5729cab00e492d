import pytest

from firsthand.core.tokens import estimate


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("return", 1, 1.5),
        ("getHTTPResponse", 3, 4),
        ("snake_case_name", 3, 5),
        ("x = foo(bar)\n", 5, 8),
        ("    \n        \n", 1, 3),
        ("1234567", 3, 4),
        ("変数", 2, 3),
    ],
)
def test_about_as_many_as_a_tokenizer_makes(text: str, least: float, most: float) -> None:
    assert least <= estimate(text) <= most
