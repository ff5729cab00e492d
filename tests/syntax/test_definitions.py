"""What is read off a text: definitions, imports and the code alone, in every language."""

import pytest

from firsthand.syntax import outline
from firsthand.syntax.queries import QUERIES

PYTHON = '''"""Top."""
import a.b as c, d
from .e import f as g, h
from i import *
LIMIT: int = 1
@dec
class Order(Base):
    """An order.

    More.
    """
    state = "new"
    async def pay(self, by: Card = "x",
                  now=None) -> bool:
        self.paid = True
        self.paid: bool = False
        local = 1
        def inner(): pass
type Pair = int
'''
TYPESCRIPT = """
import d, { a as b } from './x'
export { q } from './z'
const fs = require('fs')
/** What is bought. */
export interface Item<T> extends Thing { name: string; price(a: number): number }
export type Pair = { left: number } | string
enum Colour { Red, Blue = 1 }
export abstract class Cart extends Base {
  private items: Item[] = []
  constructor(private owner: User) { this.total = 0 }
  add = (it: Item): void => { const local = 1 }
  static of(): Cart { return 1 }
  abstract empty(): void
}
export const sum = async (a: number): Promise<number> => { }
const routes = { list(req) { }, get: () => 1 }
"""
GO = """package p
import ("fmt"; q "a/b")
// Store keeps.
type Store struct { Name, Kind string }
type Saver interface { Save(a int) error }
type ID int
func (s *Store[T]) Save(a int) error { x := 1; return nil }
func New(a int) *Store { return nil }
const Max = 1
"""
RUST = """
use a::b::{c, d as e, f::g};
use super::h::*;
mod m;
/// A point.
#[derive(Debug)]
pub struct Point<T> { pub x: T }
enum Shape { Dot, Line { a: i32 } }
trait Draw { fn draw(&self) -> i32; const K: i32; }
impl<T> Draw for Point<T> { fn draw(&self) -> i32 { let z = 1; 2 } }
mod inner { pub fn go() {} }
const LIMIT: i32 = 1;
macro_rules! mac { () => {} }
"""
JAVA = """package a.b;
import c.d.E; import static f.G.h; import i.j.*;
@X public class Box<T> extends B {
  private int x = 1, y;
  public Box(int a) {}
  public <Q> int get(int a) throws E { int local = 1; return 1; }
  enum Size { S, L }
}
interface I { void q(); }
record Pair(int left) {}
"""
C = """#include "a/b.h"
#include <c.h>
#define LIMIT 1
#define MAX(a, b) a
/* Opens. */
static struct file *open_it(const char *name, int flags) { int local; return 0; }
int declared(int);
typedef struct { int x; int (*call)(int); } pair_t;
struct node { struct node *next; int z[3]; };
enum colour { RED, BLUE };
typedef int (*fn)(int);
int glob = 1, *other;
"""
CPP = """
namespace n { template <class T> class A : public B {
 public: A(int x); ~A(); int m(int a) const; T *q() { return 0; } static const int g = 1;
}; }
int n::A::m(int a) const { return 1; }
using Map = std::vector<int>;
"""
CSHARP = """using System.Text; using Alias = B.C;
namespace N.M {
  public record P(int X);
  public class C<T> : D {
    private int f = 1;
    public string Name { get; set; }
    public C(int a) : base() {}
    public int M(int a) => 1;
    enum En { A }
  }
  interface I { void Q(); }
}
"""
RUBY = """require 'a/b'
require_relative "c"
module Shop
  # Holds.
  class Cart < Base
    attr_accessor :items
    LIMIT = 1
    def empty?(a, b = 1)
      @count = 1
    end
    def self.build; end
  end
end
"""
PHP = """<?php
use C\\D\\E; use F\\{G, H as I};
require_once __DIR__ . '/y.php';
interface Q { public function z(); }
enum U: string { case A = 'a'; }
class Foo extends Bar {
  const LIMIT = 1;
  private ?int $x = 1;
  public function __construct(private string $p) { $local = 1; }
  public static function make(int $a): self { }
}
function top($a) { return 1; }
"""
KOTLIN = """package a.b

import c.d.E
import f.g.*

/** Doc. */
class A(val x: Int, other: String) : B() {
    val z = 1

    fun foo(a: Int): Int = 1

    enum class C { P, Q }
}

interface I {
    fun q()
}
object O
typealias T = Map<String, Int>
fun String.ext(a: Int) { val local = 1 }
"""
LUA = """local x = require("a.b")
local M = {}
function M.open(a, b) end
function M:close() end
M.size = function(a) local inner = 1 end
local function helper() end
"""
SHELL = """source ./a.sh
. "$DIR/b.sh"
LIMIT=1
# Builds.
build() { local x=1; }
function deploy { :; }
"""

CASES = {
    "python": (
        PYTHON,
        "variable LIMIT: LIMIT: int = 1\nclass Order: class Order(Base)  # An order.\n"
        'field Order.state: state = "new"\n'
        'method Order.pay: async def pay(self, by: Card = "x", now=None) -> bool\n'
        "field Order.paid: self.paid = True\nfunction Order.pay.inner: def inner()\n"
        "type Pair: type Pair = int",
        "a.b d .e(f h) i(*)",
    ),
    "typescript": (
        TYPESCRIPT,
        "variable fs: fs = require('fs')\n"
        "interface Item: interface Item<T> extends Thing  # What is bought.\n"
        "field Item.name: name: string  # What is bought.\n"
        "method Item.price: price(a: number): number  # What is bought.\n"
        "type Pair: type Pair = { left: number } | string\nfield Pair.left: left: number\n"
        "enum Colour: enum Colour\nconstant Colour.Red: Red\nconstant Colour.Blue: Blue = 1\n"
        "class Cart: abstract class Cart extends Base\n"
        "field Cart.items: private items: Item[] = []\n"
        "method Cart.constructor: constructor(private owner: User)\n"
        "field Cart.owner: private owner: User\nfield Cart.total: this.total = 0\n"
        "method Cart.add: add = (it: Item): void\nmethod Cart.of: static of(): Cart\n"
        "method Cart.empty: abstract empty(): void\n"
        "function sum: sum = async (a: number): Promise<number>\n"
        "variable routes: routes = { list(req) { }, get: () => 1 }\n"
        "method routes.list: list(req)\nmethod routes.get: get: ()",
        "./x(d a) ./z(q) fs",
    ),
    "go": (
        GO,
        "class Store: Store  # Store keeps.\n"
        "field Store.Name: Name, Kind string  # Store keeps.\n"
        "field Store.Kind: Name, Kind string  # Store keeps.\n"
        "interface Saver: Saver\nmethod Saver.Save: Save(a int) error\ntype ID: ID int\n"
        "method Store.Save: func (s *Store[T]) Save(a int) error\n"
        "function New: func New(a int) *Store\nconstant Max: Max = 1",
        "fmt a/b",
    ),
    "rust": (
        RUST,
        "class Point: pub struct Point<T>  # A point.\nfield Point.x: pub x: T  # A point.\n"
        "enum Shape: enum Shape\nconstant Shape.Dot: Dot\nconstant Shape.Line: Line\n"
        "field Shape.a: a: i32\ninterface Draw: trait Draw\n"
        "method Draw.draw: fn draw(&self) -> i32\nconstant Draw.K: const K: i32\n"
        "method Point.draw: fn draw(&self) -> i32\nmodule inner: mod inner\n"
        "function inner.go: pub fn go()\nconstant LIMIT: const LIMIT: i32 = 1\n"
        "macro mac: macro_rules! mac { () => {} }",
        "a::b(c d) a::b::f(g) super::h(*) self::m",
    ),
    "java": (
        JAVA,
        "class Box: @X public class Box<T> extends B\nfield Box.x: private int x = 1, y\n"
        "field Box.y: private int x = 1, y\nconstructor Box.Box: public Box(int a)\n"
        "method Box.get: public <Q> int get(int a) throws E\nenum Box.Size: enum Size\n"
        "constant Box.Size.S: S\nconstant Box.Size.L: L\ninterface I: interface I\n"
        "method I.q: void q()\nclass Pair: record Pair(int left)\nfield Pair.left: int left",
        "c.d.E(E) f.G.h(h) i.j(*)",
    ),
    "c": (
        C,
        "macro LIMIT: #define LIMIT 1\nmacro MAX: #define MAX(a, b) a\n"
        "function open_it: static struct file *open_it(const char *name, int flags)  # Opens.\n"
        "function declared: int declared(int)\n"
        "type pair_t: typedef struct { int x; int (*call)(int); } pair_t\n"
        "field pair_t.x: int x\nfield pair_t.call: int (*call)(int)\nclass node: struct node\n"
        "field node.next: struct node *next\nfield node.z: int z[3]\nenum colour: enum colour\n"
        "constant colour.RED: RED\nconstant colour.BLUE: BLUE\ntype fn: typedef int (*fn)(int)\n"
        "variable glob: int glob = 1, *other\nvariable other: int glob = 1, *other",
        "./a/b.h c.h",
    ),
    "cpp": (
        CPP,
        "module n: namespace n\nclass n.A: class A : public B\nmethod n.A.A: A(int x)\n"
        "method n.A.m: int m(int a) const\nmethod n.A.q: T *q()\n"
        "field n.A.g: static const int g = 1\nmethod n.A.m: int n::A::m(int a) const\n"
        "type Map: using Map = std::vector<int>",
        "",
    ),
    "csharp": (
        CSHARP,
        "module N.M: namespace N.M\nclass N.M.P: public record P(int X)\nfield N.M.P.X: int X\n"
        "class N.M.C: public class C<T> : D\nfield N.M.C.f: private int f = 1\n"
        "field N.M.C.Name: public string Name\nconstructor N.M.C.C: public C(int a) : base()\n"
        "method N.M.C.M: public int M(int a)\nenum N.M.C.En: enum En\nconstant N.M.C.En.A: A\n"
        "interface N.M.I: interface I\nmethod N.M.I.Q: void Q()",
        "System.Text B.C",
    ),
    "ruby": (
        RUBY,
        "module Shop: module Shop\nclass Shop.Cart: class Cart < Base  # Holds.\n"
        "field Shop.Cart.items: :items\nconstant Shop.Cart.LIMIT: LIMIT = 1\n"
        "method Shop.Cart.empty: def empty?(a, b = 1)\nfield Shop.Cart.count: @count = 1\n"
        "method Shop.Cart.build: def self.build; end",
        "a/b ./c",
    ),
    "php": (
        PHP,
        "interface Q: interface Q\nmethod Q.z: public function z()\nenum U: enum U: string\n"
        "constant U.A: case A = 'a'\nclass Foo: class Foo extends Bar\n"
        "constant Foo.LIMIT: LIMIT = 1\nfield Foo.x: $x = 1\n"
        "method Foo.__construct: public function __construct(private string $p)\n"
        "field Foo.p: private string $p\n"
        "method Foo.make: public static function make(int $a): self\n"
        "function top: function top($a)",
        "C\\D\\E(E) F\\G(G) F\\H(H) ./y.php",
    ),
    "kotlin": (
        KOTLIN,
        "class A: class A(val x: Int, other: String) : B()  # Doc.\n"
        "field A.x: val x: Int  # Doc.\nfield A.z: val z = 1\nmethod A.foo: fun foo(a: Int): Int\n"
        "class A.C: enum class C\nconstant A.C.P: P\nconstant A.C.Q: Q\ninterface I: interface I\n"
        "method I.q: fun q()\nclass O: object O\ntype T: typealias T = Map<String, Int>\n"
        "function ext: fun String.ext(a: Int)",
        "c.d.E(E) f.g(*)",
    ),
    "lua": (
        LUA,
        'variable x: x = require("a.b")\nvariable M: M = {}\n'
        "method M.open: function M.open(a, b) end\nmethod M.close: function M:close() end\n"
        "method M.size: M.size = function(a)\nfunction helper: local function helper() end",
        "a.b",
    ),
    "shellscript": (
        SHELL,
        "variable LIMIT: LIMIT=1\nfunction build: build()  # Builds.\n"
        "function deploy: function deploy",
        "./a.sh ./b.sh",
    ),
}


JAVASCRIPT = """\
import { a, b as c } from "./m";
const fs = require("fs");
class Shop extends Base { size = 1; open(key) { this.key = key; } }
function total(items) {}
export const later = async (x) => x;
"""
TSX = """\
import { Item } from "./item";
interface Props { item: Item }
export function Row({ item }: Props) { return <Item name={item.name} />; }
"""
CASES["javascript"] = (
    JAVASCRIPT,
    'variable fs: fs = require("fs")\nclass Shop: class Shop extends Base\n'
    "field Shop.size: size = 1\nmethod Shop.open: open(key)\nfield Shop.key: this.key = key\n"
    "function total: function total(items)\nfunction later: later = async (x)",
    "./m(a b) fs",
)
CASES["typescriptreact"] = (
    TSX,
    "interface Props: interface Props\nfield Props.item: item: Item\n"
    "function Row: function Row({ item }: Props)",
    "./item(Item)",
)


def told(language: str, source: str) -> tuple[str, str]:
    """Definitions, one a line, and imports, as a reader would note them down."""
    read = outline(language, source)
    definitions = []
    for each in read.definitions:
        path = ".".join(filter(None, (each.container, each.name)))
        doc = f"  # {each.doc}" if each.doc else ""
        definitions.append(f"{each.kind} {path}: {each.signature}{doc}")
    imports = [f"{it.module}({' '.join(it.names)})".replace("()", "") for it in read.imports]
    return "\n".join(definitions), " ".join(imports)


@pytest.mark.parametrize("language", CASES)
def test_what_each_language_defines_and_imports(language: str) -> None:
    source, definitions, imports = CASES[language]
    assert told(language, source) == (definitions, imports)


@pytest.mark.parametrize("language", QUERIES)
def test_every_language_has_a_grammar_that_its_queries_fit(language: str) -> None:
    source = CASES.get(language, CASES["javascript"])[0]
    assert outline(language, source).definitions


def test_lines_are_those_of_the_text() -> None:
    (order,) = (each for each in outline("python", PYTHON).definitions if each.name == "Order")
    assert PYTHON.split("\n")[order.first_line].startswith("class Order")
    assert PYTHON.split("\n")[order.last_line].strip() == "def inner(): pass"
    (macro,) = outline("c", "#define LIMIT 1\nint x;\n").definitions[:1]
    assert (macro.first_line, macro.last_line) == (0, 0)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "\n",
        "def",
        "class (:\n  def def",
        "def f(:\n" * 50,
        "(" * 5_000,
        "def \ud800(): pass",
        "x = '",
        "\0def f(): pass",
        "é = 1\ndef ünï(): pass",
    ],
)
@pytest.mark.parametrize("language", QUERIES)
def test_no_text_is_too_broken(language: str, source: str) -> None:
    code = outline(language, source).code
    assert code.count("\n") == source.count("\n")


def test_names_are_of_any_script() -> None:
    assert told("python", "é = 1\ndef ünï(): pass\n")[0] == (
        "variable é: é = 1\nfunction ünï: def ünï()"
    )
