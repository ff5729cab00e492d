import pytest

from firsthand.core.built_in import built_in, commonness


@pytest.mark.parametrize("language", ["python", "go", "rust", "javascript", "typescript"])
def test_the_commonest_come_first(language: str) -> None:
    given = built_in(language)
    for order in (given.names, given.members):
        assert list(order.values()) == list(range(len(order)))
    assert commonness(language)[next(iter(given.names))][0] == 1


def test_what_a_language_gives() -> None:
    python = built_in("python")
    assert "len" in python
    assert "append" in python
    assert "mine" not in python
    assert python.beginning("sta", 1) == ["staticmethod", "startswith"]
    by_itself, after_a_dot = commonness("python")["pop"]
    assert by_itself == 0 < after_a_dot < 1
    assert commonness("cobol") == {}
