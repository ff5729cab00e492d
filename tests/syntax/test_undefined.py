"""Names that nobody defines."""

from pathlib import Path

import pytest

import firsthand
from firsthand.core.text import Text
from firsthand.syntax import undefined_names

CASES = [
    ("python", "def f(a, b: int = 1, *c, d=2, **e):\n    return a, b, c, d, e, g", "g"),
    ("python", "class A:\n    x = 1\n    def f(self, y=x) -> x:\n        return x", "x"),
    ("python", "class A:\n    x = [1]\n    y = [z for z in x]\n    def f(self): return f()", "f"),
    ("python", "try:\n    pass\nexcept OSError as e:\n    print(e)\nwith a as (b, c): b", "a"),
    ("python", "match len:\n    case [e, *f, int(g)] if e: print(f, g, h)", "h"),
    ("python", "def f[T](x: T) -> T: return U\ntype V[W] = list[W]", "U"),
    ("python", "import a.b as c, d.e\nfrom .x import y as z, w\nc, d, z, w, y", "y"),
    ("python", "for i, (j, k) in enumerate(m): print(i, j, k, f'{n}')", "m n"),
    ("python", "def f():\n    global q\n    q = 1\ndef g(): return q, (r := 1), r", ""),
    ("python", "def f():\n    if any((w := x) for x in [1]):\n        return w", ""),
    ("python", "lambda a, *b: (a, b, c)", "c"),
    (
        "python",
        "def f():\n    def g():\n        nonlocal_ = h\n    h = 1\n    self.total(k=1)",
        "self",
    ),
    ("python", "from a import *\nb", ""),
    ("python", "a(", ""),
    ("python", "def f():\n    return __file__, __name__\n", ""),
    ("javascript", "const {a, b: c, d = 1, ...e} = f; g(a, c, d, e)", "f g"),
    ("javascript", "import q, {r as s} from 'u'; import * as v from 'w'; q(s, v, t)", "t"),
    ("javascript", "x => x + y; (a, b = a, ...[c]) => b + c; try {} catch (e) { e }", "y"),
    ("javascript", "function f() { return g() }\nfunction g() { let h = 1; return { h, i } }", "i"),
    ("javascript", "for (const x of [1]) console.log(x); export { z } from 'z'", ""),
    ("typescriptreact", "const A = (p: Props) => <div id={p.q}><Foo/><b.c/>{r}</div>", "Foo b r"),
    ("typescript", "class A { m(x?: T): x is U { return new A(this.y, z) } } enum E {}", "z"),
    ("go", "func f() { g() }", ""),
]


@pytest.mark.parametrize(("language", "code", "expected"), CASES)
def test_what_no_scope_defines_is_named(language: str, code: str, expected: str) -> None:
    assert " ".join(undefined_names(language, Text.of(""), Text.of(code))) == expected


def test_what_was_undefined_before_is_no_news() -> None:
    before, after = Text.of("def f():\n    return a\n"), Text.of("def f():\n    return a + b\n")
    assert undefined_names("python", before, after) == ("b",)


@pytest.mark.parametrize("part", ["core", "syntax", "router"])
def test_sound_code_has_none(part: str) -> None:
    for file in (Path(firsthand.__file__).parent / part).glob("*.py"):
        text = Text.of(file.read_text(encoding="utf-8"))
        assert undefined_names("python", Text.of(""), text) == (), file
