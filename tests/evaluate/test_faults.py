"""What is wrong with a text, at a cursor in Python and Go."""

from pathlib import Path

import pytest

from firsthand.embedded import ProjectTier, build_tier
from firsthand.evaluate.faults import Fault, Judge
from firsthand.evaluate.typist import Known, Typist

OTHER = 'def helper(count):\n    """Words of prose."""\n    return count\n'
FILES = [("other.py", "python", OTHER), ("typed.py", "python", "never = here\n")]
ABOVE = ["def total(values):", "    result = 0"]


@pytest.fixture
def known(tmp_path: Path) -> Known:
    build_tier(FILES, tmp_path)
    return Known(ProjectTier.load(tmp_path))


def check(known: Known, line: str, text: str, *faults: Fault, language: str = "python") -> None:
    """Judge a text at the end of a line's beginning; the file goes on in another way."""
    lines = [*ABOVE, f"{line}~"]
    typist = Typist("typed.py", language, lines, known)
    typist.begin(2)
    assert Judge(known, FILES).faults(typist, 2, len(line), text) == frozenset(faults)


def test_names(known: Known) -> None:
    check(known, "    ", "return helper(values)")
    check(known, "    ", "return len(result)")  # built in
    check(known, "    ret", "urn result")  # a word's end
    check(known, "    ", "return prose", Fault.NAME)  # stands in a string alone
    check(known, "    ", "return never", Fault.NAME)  # in the version on disk of this file
    check(known, "    x = ", "missing", Fault.NAME)
    check(known, '    x = "', "missing")  # within a string all may stand


def test_syntax(known: Known) -> None:
    check(known, "    return ", "count)", Fault.SYNTAX)
    check(known, "    if ", "result:")
    check(known, "    for count ", "in values:")
    check(known, "    return helper(", "count, ")
    check(known, "    result = ", "return count", Fault.SYNTAX)
    check(known, "    result = ", "return count", language="go")  # judged in Python alone


def test_what_the_file_says_has_no_fault(known: Known) -> None:
    typist = Typist("typed.py", "python", ["wholly ) new"], known)
    typist.begin(0)
    assert Judge(known, FILES).faults(typist, 0, 0, "wholly ) new") == frozenset()
