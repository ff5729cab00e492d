"""What is asked about functions of other languages; `bench/quiz` holds it against parsers."""

import pytest

from firsthand.core.quiz import Module, questions
from firsthand.core.text import Text
from firsthand.syntax.functions import functions

ECMA = """\
import { read } from './files';

function load(path, other) {
  if (!path) {
    return;
  } else if (path === other) {
    throw new RangeError(path);
  } else {
    return parse(read(path));
  }
}

function parse(text) {
  throw new errors.Malformed(text);
}

const main = async (argv) => {
  console.log(load(argv[1]));
  argv.forEach((each) => parse(each));
};

class Store {
  save() {
    this.flush();
  }
  flush() {
    switch (this.state) {
      case 1:
        return null;
      default:
        return this.state;
    }
  }
  get size() {
    return this.flush.length;
  }
  close(load) {
    load();
  }
}

const plain = { flush() { return 1; } };
"""
GO = """\
package files

func load(path string) (*File, error) {
	if path == "" {
		return nil, nil
	} else if path == "-" {
		return nil, ErrMissing
	} else {
		return parse(path)
	}
}

func parse(path string) (*File, error) {
	return nil, &PathError{Op: "parse", Err: fs.ErrClosed}
}

func main() {
	file, _ := load("x")
	go func() { parse("y") }()
	file.Close()
}

func (f *File) Save() error {
	return f.flush()
}

func (f *File) flush() error {
	for range f.lines {
		return nil
	}
	return io.EOF
}

func (f *File) Close() {
	f = other
	f.flush()
}
"""


def module(language: str, text: str) -> Module:
    found = functions(language, Text.of(text))
    assert found is not None
    return found


def check(found: Module, name: str, kind: str, answer: str, lines: tuple[int, ...]) -> None:
    """The question of a kind about a function has this answer, and it alone."""
    function = next(each for each in found.functions if each.name == name)
    (question,) = (each for each in questions(found, function, 4) if each.kind == kind)
    assert (question.options[question.answer], question.lines) == (answer, lines)
    assert len(set(question.options)) == len(question.options) >= 2


@pytest.mark.parametrize("language", ["javascript", "typescript", "typescriptreact"])
@pytest.mark.parametrize(
    ("name", "kind", "answer", "lines"),
    [
        ("load", "none", "line 4: if (!path) {", (4,)),
        ("load", "raises", "RangeError", (6,)),
        ("parse", "raises", "errors.Malformed", (13,)),
        ("parse", "called", "load", (8,)),  # what an inner function calls is not said of main
        ("flush", "none", "line 28: case 1:", (28,)),
    ],
)
def test_a_question_about_ecmascript(
    language: str, name: str, kind: str, answer: str, lines: tuple[int, ...]
) -> None:
    check(module(language, ECMA), name, kind, answer, lines)


@pytest.mark.parametrize(
    ("name", "kind", "answer", "lines"),
    [
        ("load", "none", 'line 4: if path == "" {', (4,)),
        ("load", "raises", "ErrMissing", (6,)),
        ("parse", "raises", "PathError", (13,)),
        ("parse", "called", "load", (8,)),
        ("flush", "none", "line 28: for range f.lines {", (28,)),
        ("flush", "called", "File.Save", (23,)),  # in Close the receiver is another file
    ],
)
def test_a_question_about_go(name: str, kind: str, answer: str, lines: tuple[int, ...]) -> None:
    check(module("go", GO), name, kind, answer, lines)


def asked(found: Module, name: str) -> set[str]:
    function = next(each for each in found.functions if each.name == name)
    return {each.kind for each in questions(found, function, 4)}


def test_what_is_not_clear_is_not_asked() -> None:
    # A parameter has the name of load, and a method of another object that of flush.
    assert "called" not in asked(module("javascript", ECMA), "load")
    assert "called" not in asked(module("javascript", ECMA), "flush")
    assert "called" in asked(module("javascript", ECMA.replace("close(load)", "close(it)")), "load")
    assert not {each.name for each in module("javascript", ECMA).functions} & {"size"}
    # With names for its results a bare return says what they hold.
    named = GO.replace("func (f *File) flush() error {", "func (f *File) flush() (e error) {")
    bare = named.replace("\t\treturn nil\n\t}\n", "\t\treturn\n\t}\n")
    assert "none" not in asked(module("go", bare), "flush")


def test_a_branch_of_else_is_its_own() -> None:
    text = GO.replace("return nil, nil", "return one, nil").replace("parse(path)\n", "nil, nil\n")
    check(
        module("go", text.replace("nil, ErrMissing", "one, two")),
        "load",
        "none",
        "line 8: } else {",
        (8,),
    )


def test_other_languages_are_not_read() -> None:
    assert functions("rust", Text.of("fn f() {}")) is None
