import pytest

from firsthand.syntax import NAME, outline
from firsthand.syntax.queries import QUERIES

# A call of each language, with a comment and a string beside it.
CALLS = {
    "python": 'shop.total(price, "no way")  # not this',
    "javascript": 'shop.total(price, "no way") // not this',
    "javascriptreact": '<shop total={price} /> // not this\n"no way"',
    "typescript": "shop.total(price, `no way`) // not this",
    "typescriptreact": "shop.total(price, 'no way') /* not this */",
    "go": "package shop\nvar _ = total(price, `no way`) // not this",
    "rust": 'fn shop() { total(price, "no way"); } // not this',
    "java": 'class shop { total x = price("no way"); } // not this',
    "c": 'int shop = total(price, "no way"); /* not this */',
    "cpp": 'auto shop = total(price, "no way"); // not this',
    "csharp": 'class shop { total x = price("no way"); } // not this',
    "ruby": "shop.total(price, 'no way') # not this",
    "php": '<?php shop()->total($price, "no way"); # not this',
    "kotlin": 'val shop = total(price, "no way") // not this',
    "lua": 'shop.total(price, "no way") -- not this',
    "shellscript": "shop; total $price 'no way' # not this",
}


@pytest.mark.parametrize("language", QUERIES)
def test_what_each_language_refers_to(language: str) -> None:
    names = NAME.findall(outline(language, CALLS[language]).code)
    assert {"shop", "total", "price"} <= set(names)
    assert not {"no", "way", "not", "this"} & set(names)


@pytest.mark.parametrize(
    ("language", "source", "names"),
    [
        ("python", 'a = "some words"  # a comment\nb = {"key": "more words"}', "a b key"),
        ("javascript", "// no\nlet a = `no ${b} way` /* not\n here */ + c", "let a b c"),
        ("c", '#include <no.h>\nint a = f("no way"); // no', "include int a f"),
        ("swift", "let a = // anything", "let a anything"),
    ],
)
def test_code_is_what_is_left_without_comments_and_strings(
    language: str, source: str, names: str
) -> None:
    code = outline(language, source).code
    assert NAME.findall(code) == names.split()
    assert code.count("\n") == source.count("\n")
