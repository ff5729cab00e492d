import pytest
from tests.codebase import Codebase

from firsthand.core.codeview import Definition
from firsthand.core.listing import Entry, _parameters, entry, render
from firsthand.core.tokens import estimate

VIEW = Codebase(
    {
        "store.py": "class Store(Base):\n    def get(self, key):\n    def put(self, key, value):\n"
        "class Other:\n    def close(self):\ndef open_store(path: str, mode: str):\n",
        "own.py": "def mine(a):\n",
    }
)


def listed(*names: str) -> str:
    defined = VIEW.defined(names, "own.py")
    return render(entry(name, defined.get(name), "python") for name in names)


def test_members_stand_behind_their_container() -> None:
    assert listed("put", "get") == "Store: get(key) put(key, value)\n"


def test_a_lone_member_stands_for_itself() -> None:
    assert listed("get", "close") == "close() get(key)\n"


def test_the_order_depends_on_nothing_but_the_names() -> None:
    names = ("get", "zebra", "open_store", "put", "Store", "apple")
    expected = "Store(Base)\nStore: get(key) put(key, value)\nopen_store(path, mode)\napple zebra\n"
    assert listed(*names) == listed(*reversed(names)) == expected


def test_what_nobody_defines_has_no_signature() -> None:
    assert entry("mine", None, "python") == Entry("mine", "mine", tokens=estimate("mine"))


@pytest.mark.parametrize(
    ("language", "signature", "expected"),
    [
        ("python", "def f(self, a, b=1)", "a, b=1"),
        ("python", "def f(a: Mapping[str, int], b: int = 3, *rest: Any)", "a, b=, *rest"),
        ("python", "def f()", ""),
        ("python", "def f", ""),
        ("go", "func (s *S) f(ctx context.Context, names ...string) error", "ctx, names"),
        ("rust", "fn f(&mut self, key: &str, value: HashMap<K, V>) -> Option<V>", "key, value"),
        ("typescript", "f(this: Foo, items: Array<[string, T]>, done?: () => void)", "items, done"),
        ("java", "void f(final Map<String, Integer> counts, int most)", "counts, most"),
        ("c", "int f(const char *path, struct stat *into)", "path, into"),
    ],
)
def test_parameters(language: str, signature: str, expected: str) -> None:
    assert _parameters(Definition("", "f", "function", "", signature, 0, 0), language) == expected


def test_many_parameters_are_not_all_told() -> None:
    many = ", ".join(f"parameter{index}: int" for index in range(20))
    signature = f"def f({many})"
    told = _parameters(Definition("", "f", "function", "", signature, 0, 0), "python")
    assert told == "parameter0, parameter1, parameter2, …"
