"""What is asked about functions, against what Python's own parser says of them."""

import sysconfig
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.quiz.oracle import Oracle, body, called, raised

from firsthand.core.quiz import Module, function_at, questions
from firsthand.core.text import Text
from firsthand.syntax.functions import functions

LIBRARY = Path(sysconfig.get_path("purelib"))
PACKAGES = ("click", "rich", "pygls", "httpx", "anyio", "hypothesis", "pluggy", "diskcache")
FILES = [
    path
    for name in PACKAGES
    for path in sorted((LIBRARY / name).rglob("*.py"))[:14]
    if path.stat().st_size < 60_000
]


def sources() -> Iterator[tuple[Path, str]]:
    for path in FILES:
        with tokenize.open(path) as file:
            yield path, file.read()


def test_every_answer_is_right_and_every_other_option_wrong() -> None:
    kinds: Counter[str] = Counter()
    about = 0
    for path, source in sources():
        module = functions("python", Text.of(source))
        assert module is not None
        oracle = Oracle(source)
        for function in module.functions:
            asked = questions(module, function, 4)
            about += bool(asked)
            for question in asked:
                kinds[question.kind] += 1
                right = {question.options[question.answer]}
                place = f"{path}:{function.first_line + 1} {question}"
                assert oracle.right(question, function) == right, place
                assert len(set(question.options)) == len(question.options) >= 2
    assert about > 600
    assert min(kinds[kind] for kind in ("calls", "called", "raises", "none")) > 30


def test_what_a_function_says_is_what_pythons_parser_reads() -> None:
    compared = 0
    for path, source in sources():
        module = functions("python", Text.of(source))
        assert module is not None
        oracle = Oracle(source)
        for function in module.functions:
            definition = oracle.by_line[function.first_line]
            place = f"{path}:{function.first_line + 1}"
            assert {each.written for each in function.calls} - {""} == called(body(definition)), (
                place
            )
            assert {each.name for each in function.raises} == raised(body(definition)), place
            assert function.path == oracle.paths[function.first_line], place
            compared += 1
    assert compared > 1_200


MODULE = """\
import os

def load(path):
    if not path:
        return None
    elif os.path.isdir(path):
        raise IsADirectoryError(path)
    return read(path)

def read(path):
    with open(path) as file:
        return file.read()

def main(argv):
    print(load(argv[1]))

class Store:
    def save(self):
        self.flush()
    def flush(self):
        raise NotImplementedError
    def close(self, load):
        load()
    def name(self):
        return str(os.getpid())
"""


def module(text: str = MODULE) -> Module:
    found = functions("python", Text.of(text))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "kind", "answer", "lines"),
    [
        ("load", "none", "line 4: if not path:", (4,)),
        ("load", "raises", "IsADirectoryError", (6,)),
        ("load", "calls", "IsADirectoryError", (6,)),
        ("read", "called", "load", (7,)),
        ("flush", "called", "Store.save", (18,)),
        ("flush", "raises", "NotImplementedError", (20,)),
    ],
)
def test_a_question(name: str, kind: str, answer: str, lines: tuple[int, ...]) -> None:
    found = module()
    function = next(each for each in found.functions if each.name == name)
    (question,) = (each for each in questions(found, function, 4) if each.kind == kind)
    assert (question.options[question.answer], question.lines) == (answer, lines)


def test_what_is_not_clear_is_not_asked() -> None:
    found = module()
    # `load` is a parameter elsewhere, so that a call of it may be of another one.
    load = next(each for each in found.functions if each.name == "load")
    assert "called" not in [each.kind for each in questions(found, load, 4)]
    assert questions(found, load) == questions(found, load, 4)[:3]
    for text in ("", "x = 1\n", "def f():\n    pass\n", "def f(:\n"):
        empty = module(text)
        assert [questions(empty, each) for each in empty.functions] in ([], [[]])
    assert functions("rust", Text.of("fn main() {}")) is None


def test_the_function_at_a_line() -> None:
    found = module()
    names = [getattr(function_at(found, line), "name", None) for line in (0, 3, 18, 30)]
    assert names == ["load", "load", "save", None]
