"""Accepted words are told from typed ones on what real editors told."""

from pathlib import Path

import pytest
from bench.grip import traces

TRACES = sorted(traces.FOLDER.glob("*.jsonl"))


@pytest.mark.parametrize("trace", TRACES, ids=lambda each: each.stem)
def test_words_are_told_from_keys(trace: Path) -> None:
    found = traces.replayed(trace)
    assert found["words"] >= (50 if trace.stem == "vscode" else 100)  # or it says little
    assert found["precision_percent"] >= 98
    assert found["recall_percent"] >= 95
