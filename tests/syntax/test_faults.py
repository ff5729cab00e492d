"""What a change broke."""

from firsthand.core.text import Text
from firsthand.syntax import changed_signatures, new_fault

SOUND = Text.of(
    "def total(prices):\n    return sum(prices)\n\n\n"
    "class Shop:\n    def close(self):\n        pass\n"
)
BROKEN = Text.of(SOUND.string.replace("sum(prices)", "sum((prices"))


def test_a_new_fault_has_its_line() -> None:
    assert new_fault("python", SOUND, SOUND) is None
    assert new_fault("python", SOUND, BROKEN) is not None
    assert new_fault("python", BROKEN, BROKEN) is None  # it was there before
    assert new_fault("no language", SOUND, BROKEN) is None


def test_what_others_may_use_is_said_where_it_changes() -> None:
    after = Text.of(
        SOUND.string.replace("total(prices)", "total(prices, tax)").replace("close", "end")
    )
    said = changed_signatures("python", SOUND, after)
    assert said[0].startswith("total has another signature: ")
    assert "tax" in said[0]
    assert said[1] == "Shop.close is gone, or has another name."
    assert changed_signatures("python", SOUND, SOUND) == ()
