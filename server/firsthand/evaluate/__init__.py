"""`firsthand eval`: how good the embedded model is on a folder's own code.

Each sampled file is typed from its first line to its last by a model that learned all the others,
and this one as it is typed. docs/evaluating.md says how to read the figures.

`corpus` reads the folder, `walk` types it, `replay` and `tally` count, `report` and `page` draw.
`tiers` measures what models add, `baseline` holds figures against earlier ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from firsthand import paths, settings
from firsthand.evaluate.corpus import Corpus, Passage, learn, sample
from firsthand.evaluate.evaluation import Evaluation, Typed
from firsthand.evaluate.faults import Judge
from firsthand.evaluate.page import page
from firsthand.evaluate.report import report
from firsthand.evaluate.tally import Tally
from firsthand.evaluate.walk import Setting, measure
from firsthand.index import library

__all__ = ["Evaluation", "page", "report", "run", "write"]

Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


def run(
    folder: Path,
    lines: int,
    seed: int,
    progress: Progress,
    library_bytes: int = library.MOST_BYTES,
) -> Evaluation:
    """Measure a folder. Interrupted while typing, it gives the figures of what was typed.

    Args:
        folder: whose code to type.
        lines: how many lines.
        seed: draws them.
        progress: shows a bar under a title, and hears of (done, total).
        library_bytes: how much of the libraries that the folder imports is learned.

    Raises:
        CommandFault: there is nothing to type.
        KeyboardInterrupt: it came before anything was typed.
        StateError: there is no room for what is learned.
    """
    loaded = settings.load(paths.config_file(), folder=folder, named=paths.config_named())
    tuning = loaded.settings.tuning
    setting = Setting(tuning.aggression, tuning.max_lines)
    # What the editor has learned of the folder is left alone.
    with tempfile.TemporaryDirectory(
        prefix="firsthand-eval-", ignore_cleanup_errors=True
    ) as scratch:
        with progress("Learning the project") as on_progress:
            ignore = loaded.settings.privacy.ignore
            corpus = learn(folder, Path(scratch), ignore, on_progress, library_bytes)
        passages = sample(corpus.sources, lines, seed)
        files = [Typed(each.source.path, each.source.language, Tally()) for each in passages]
        drawn = sum(len(each.numbers) for each in passages)
        done = 0
        try:
            with progress("Typing") as on_progress:
                for file, tally in _typed(corpus, passages, files, seed, setting):
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
        aggression=setting.aggression,
        files=tuple(file for file in files if file.tally.lines),
    )


def _typed(
    corpus: Corpus, passages: list[Passage], files: list[Typed], seed: int, setting: Setting
) -> Iterator[tuple[Typed, Tally]]:
    """The counts of each line, with the file they belong to."""
    texts = ((each.path, each.language, "\n".join(each.lines)) for each in corpus.sources)
    judge = Judge(corpus.known, texts)
    for passage, file in zip(passages, files, strict=True):
        for tally in measure(passage, corpus.known, judge, seed, setting):
            yield file, tally
