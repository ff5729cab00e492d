"""What was sent of a file that may not be read any more."""

import json
from pathlib import Path

import pytest

from firsthand.ledger import Entry, Ledger
from firsthand.settings import Budget

FILE = "import os\n\n\ndef secret_recipe(flour, water):\n\treturn mixed(flour, water, 'salt')\n"


def body(text: str) -> bytes:
    return json.dumps({"model": "m", "prompt": text}, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (FILE, False),
        ("# b.py\nx = 1\n    " + FILE.replace("\t", "        ") + "y = 2\n", False),
        (FILE.replace("\n", "\r\n"), False),
        ("import os\n\n\ndef other(): ...\n", True),
        ("def secret_recipe(flour, water):\n", True),
        ("", True),
    ],
)
def test_a_body_that_shows_the_file_is_dropped(tmp_path: Path, sent: str, kept: bool) -> None:
    ledger = Ledger(tmp_path, tell=pytest.fail)
    entry = _entered(ledger, sent)
    ledger.withdraw(FILE)
    assert ledger.body(entry) == (body(sent) if kept else None)
    (row,) = ledger.sent(9) or ()
    assert (row.size, row.kept) == (len(body(sent)), kept)
    ledger.close()


def test_a_file_without_a_telling_line_drops_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, tell=pytest.fail)
    entry = _entered(ledger, FILE)
    ledger.withdraw("\n\n}\n")
    assert ledger.body(entry) == body(FILE)
    ledger.close()


def _entered(ledger: Ledger, sent: str) -> Entry:
    return ledger.begin(
        *("inline", "m", "https://far.example", body(sent), 0.0),
        budget=Budget(),
        keep_sent_days=7,
    )
