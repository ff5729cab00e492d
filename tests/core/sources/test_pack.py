"""What a frontier model is shown of a codebase around a range."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.codebase import Codebase

from firsthand.core.snippets import Piece
from firsthand.core.sources.pack import BUDGET, Target, ordered, pack
from firsthand.core.tokens import estimate

CART = """\
class Cart(Base):
    def add(self, item):
        self.items.append(item)

    def total(self):
        return 0
"""
TAX = """\
def rate(country):
    return 0.2
"""
SHOP = """\
from app.cart import Cart
from app.tax import rate

def bill(cart, country):
    return cart.total() * (1 + rate(country))

def close():
    pass
"""
DESK = """\
from app.shop import bill

def serve(cart):
    print(bill(cart, "FR"))
"""
OTHER = """\
def bill(bird):
    return bird.beak
"""
FILES = {
    "app/cart.py": CART,
    "app/tax.py": TAX,
    "app/shop.py": SHOP,
    "app/desk.py": DESK,
    "zoo/bird.py": OTHER,
    "zoo/feed.py": "def feed(bird):\n    bill(bird)\n",
}


def target(
    first: int,
    last: int,
    *,
    path: str = "app/shop.py",
    shown: tuple[int, int] = (0, 100),
    instruction: str = "",
    cursor: bool = False,
) -> Target:
    lines = FILES[path].splitlines()
    view = Codebase(FILES)
    defined, imports = view.outline(path), view.imports(path)
    return Target(path, lines, lines, defined, imports, first, last, cursor, shown, instruction)


def packed(it: Target, may: Callable[[str], bool] = lambda _: True) -> dict[str, str]:
    return {each.source: each.text for each in ordered(pack(Codebase(FILES), it, may))}


def test_signatures_that_the_range_uses() -> None:
    uses = packed(target(3, 4))["uses"]
    assert uses == (
        "app/cart.py:\n    def total(self)  (in Cart)\napp/tax.py:\n    def rate(country)\n"
    )


def test_a_type_comes_with_its_members() -> None:
    uses = packed(target(6, 7, instruction="take a `Cart` and empty it"))["uses"]
    assert uses == (
        "app/cart.py:\n    class Cart(Base)\n        def add(self, item)\n        def total(self)\n"
    )


@pytest.mark.parametrize(
    ("instruction", "found"),
    [
        ("call `rate`", True),
        ("call rate()", True),
        ("at this rate it takes years", False),
    ],
)
def test_names_in_the_request_are_meant_where_they_look_like_code(
    instruction: str, found: bool
) -> None:
    assert ("def rate" in packed(target(6, 7, instruction=instruction)).get("uses", "")) == found


def test_callers_are_those_who_import_it_where_others_have_the_same_name() -> None:
    assert packed(target(3, 4))["callers"] == (
        'app/desk.py, line 4, in def serve(cart):\ndef serve(cart):\n    print(bill(cart, "FR"))\n'
    )


def test_callers_of_the_function_that_a_range_lies_in() -> None:
    assert (
        "app/shop.py, line 5, in def bill(cart, country)"
        in (packed(target(1, 1, path="app/tax.py"))["callers"])
    )


def test_callers_in_the_file_that_are_out_of_sight() -> None:
    lines = ["def f():", "    return 1", *[""] * 50, "def g():", "    return f()"]
    view = Codebase({"a.py": "\n".join(lines)})
    there = Target("a.py", lines, lines, view.outline("a.py"), (), 0, 1, False, (0, 20))
    found = {each.source: each.text for each in ordered(pack(view, there, lambda _: True))}
    assert found["callers"] == "a.py, line 54, in def g():\ndef g():\n    return f()\n"
    assert found["own file"] == "def g()\n"


def test_the_scopes_around_a_range_that_are_out_of_sight() -> None:
    found = packed(target(5, 5, path="app/cart.py", shown=(5, 6)))["own file"]
    assert found == (
        "def total(self)  (line 5, around the range)\nclass Cart(Base)\n    def add(self, item)\n"
    )


def test_the_map_says_what_the_files_around_define() -> None:
    assert packed(target(3, 4))["map"].startswith("app/cart.py:\n    class Cart(Base)\n")


def test_at_a_cursor_the_names_around_it_count() -> None:
    assert "def rate(country)" in packed(target(4, 4, cursor=True))["uses"]


def test_what_may_not_be_shown_is_nowhere() -> None:
    for path in set(FILES) - {"app/shop.py"}:
        found = packed(target(3, 4), path.__ne__)
        assert path not in "".join(found.values())


def test_order_and_texts_depend_on_nothing_but_the_codebase() -> None:
    backwards = Codebase(dict(reversed(FILES.items())))
    one, two = (
        ordered(pack(view, target(3, 4), lambda _: True)) for view in (Codebase(FILES), backwards)
    )
    assert one == two
    assert [each.source for each in one] == ["map", "uses", "callers", "similar code"]


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 300), min_size=1),
    st.integers(0, 20),
)
def test_the_budget_holds(sizes: dict[str, int], line: int) -> None:
    """Files of so many functions that all call all others."""
    names = {path: [f"function_{path}_{it}" for it in range(n)] for path, n in sizes.items()}
    every = [name for each in names.values() for name in each]
    files = {
        f"{path}.py": "".join(f"def {it}(argument):\n    {' '.join(every[:9])}\n" for it in own)
        for path, own in names.items()
    }
    view, path = Codebase(files), f"{min(sizes)}.py"
    lines = files[path].splitlines() or [""]
    first = min(line, len(lines) - 1)
    there = Target(path, lines, lines, view.outline(path), (), first, first, False, (0, 9))
    pieces: list[Piece] = list(pack(view, there, lambda _: True))
    assert sum(estimate(each.text) for each in pieces) <= BUDGET
