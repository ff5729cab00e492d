"""`firsthand eval`: how good the embedded model is on a folder's own code.

Each sampled file is typed from its first line to its last by a model that learned all the others,
and this one as it is typed. docs/evaluating.md says how to read the figures.

`corpus` reads the folder, `walk` types it, `replay` and `tally` count, `report` and `page` draw.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from firsthand import paths, settings
from firsthand.evaluate.corpus import Corpus, Passage, learn, sample
from firsthand.evaluate.evaluation import Evaluation, Typed
from firsthand.evaluate.page import page
from firsthand.evaluate.report import report
from firsthand.evaluate.tally import Tally
from firsthand.evaluate.walk import measure
from firsthand.fault import CommandFault

__all__ = ["Evaluation", "report", "run", "write"]

Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


def run(folder: Path, lines: int, seed: int, progress: Progress) -> Evaluation:
    """Measure a folder. Interrupted while typing, it gives the figures of what was typed.

    Args:
        folder: whose code to type.
        lines: how many lines.
        seed: draws them.
        progress: shows a bar under a title, and hears of (done, total).

    Raises:
        CommandFault: there is nothing to type.
        KeyboardInterrupt: it came before anything was typed.
        StateError: there is no room for what is learned.
    """
    loaded = settings.load(paths.config_file(), folder=folder, named=paths.config_named())
    aggression = loaded.settings.tuning.aggression
    # What the editor has learned of the folder is left alone.
    with tempfile.TemporaryDirectory(
        prefix="firsthand-eval-", ignore_cleanup_errors=True
    ) as scratch:
        with progress("Learning the project") as on_progress:
            corpus = learn(folder, Path(scratch), loaded.settings.privacy.ignore, on_progress)
        passages = sample(corpus.sources, lines, seed)
        files = [Typed(each.source.path, each.source.language, Tally()) for each in passages]
        drawn = sum(len(each.numbers) for each in passages)
        done = 0
        try:
            with progress("Typing") as on_progress:
                for file, tally in _typed(corpus, passages, files, seed, aggression):
                    file.tally.add(tally)
                    done += 1
                    on_progress(done, drawn)
        except KeyboardInterrupt:
            if not done:
                raise
    return Evaluation(
        folder=str(corpus.folder),
        listed=corpus.listed,
        learned=corpus.learned,
        passed=corpus.passed,
        note=corpus.note,
        seed=seed,
        drawn=drawn,
        aggression=aggression,
        files=tuple(file for file in files if file.tally.lines),
    )


def write(file: Path, found: Evaluation) -> None:
    """Write a page with plots.

    Raises:
        CommandFault: the disk refuses.
    """
    try:
        file.write_text(page(found), encoding="utf-8", errors="backslashreplace")
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise CommandFault(f"{file} can't be written ({reason}): name another file.") from fault


def _typed(
    corpus: Corpus, passages: list[Passage], files: list[Typed], seed: int, aggression: float
) -> Iterator[tuple[Typed, Tally]]:
    """The counts of each line, with the file they belong to."""
    for passage, file in zip(passages, files, strict=True):
        for tally in measure(passage, corpus.tier, seed, aggression):
            yield file, tally
