"""`firsthand eval --models`: what each tier saves, measured through the engine itself.

`stint` says what is typed, `history` finds it in commits, `engine` types it, `meter` adds up what
the models take, `kept` remembers what was counted, `comparison`, `table` and `sheet` show it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from firsthand import paths, settings
from firsthand.backends.base import Endpoint
from firsthand.evaluate import corpus
from firsthand.evaluate.tiers import history, stint
from firsthand.evaluate.tiers.comparison import Comparison
from firsthand.evaluate.tiers.configurations import (
    EMBEDDED,
    Configuration,
    chosen,
    expected_usd,
)
from firsthand.evaluate.tiers.counts import Counts, total
from firsthand.evaluate.tiers.engine import Mode, Workspace, replay
from firsthand.evaluate.tiers.kept import Kept, Result
from firsthand.evaluate.tiers.meter import Consulted, Metered
from firsthand.evaluate.tiers.stint import Stint
from firsthand.fault import CommandFault
from firsthand.index import library
from firsthand.index.git import Git
from firsthand.ledger import Ledger
from firsthand.router.frontier import Frontier
from firsthand.router.toll import Toll
from firsthand.settings import Loaded
from firsthand.worker import Worker

Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be compared.

    Attributes:
        models: names of configurations.
        lines: how many lines are typed.
        seed: draws them.
        commits: the newest so many are replayed; None types lines of the folder.
        mode: how often it is asked.
        fresh: leave what an earlier replay counted.
        library_bytes: how much of the libraries is learned.
    """

    models: tuple[str, ...] = (EMBEDDED,)
    lines: int = 100
    seed: int = 1
    commits: int | None = None
    mode: Mode = "keys"
    fresh: bool = False
    library_bytes: int = library.MOST_BYTES


@dataclass(slots=True)
class _Replay:
    """A replay that runs.

    Attributes:
        limit_usd: what may be spent on it, as the person agreed.
        ended: why it ended before its end.
        status: the exit status of that.
        said: what the ledger says is wrong with it.
    """

    plan: Plan
    configurations: list[Configuration]
    stints: list[Stint]
    workspace: Workspace
    kept: Kept
    limit_usd: float = 0.0
    ended: str = ""
    status: int = 0
    again: int = 0
    spent: float = 0.0
    said: list[str] = field(default_factory=list)
    routers: dict[str, Metered] = field(default_factory=dict)


def compare(
    folder: Path, plan: Plan, progress: Progress, agree: Callable[[str], bool]
) -> tuple[Comparison, int]:
    """Replay what a plan says; one that was ended before goes on where it was.

    Args:
        folder: whose code is typed.
        plan: how.
        progress: shows a bar under a title.
        agree: puts a price to the person, who says yes or no.

    Returns:
        What was counted, and the exit status: 130 where it was interrupted, 3 where money ended it,
        1 where a model did.

    Raises:
        CommandFault: there is nothing to type, nobody to ask, or the person said no.
        KeyboardInterrupt: it came before anything was typed.
        StateError: there is no room for what is learned.
    """
    folder = folder.resolve()
    loaded = _settings(folder)
    configurations = configurations_of(folder, plan)
    with tempfile.TemporaryDirectory(
        prefix="firsthand-eval-", ignore_cleanup_errors=True
    ) as scratch:
        stints, workspace = _learned(folder, plan, loaded, Path(scratch), progress, configurations)
        running = _Replay(
            plan, configurations, stints, workspace, _kept(folder, plan, configurations, stints)
        )
        if plan.fresh:
            running.kept.forget()
            running.kept.results.clear()
        missing = [each for each in stints if not _done(running, each)]
        running.limit_usd = expected_usd(configurations, missing, plan.mode)
        if running.limit_usd and not agree(_price(running, len(missing))):
            raise CommandFault("Nothing was asked.", 3)
        try:
            with progress("Typing") as on_progress:
                asyncio.run(_run(running, on_progress))
        except KeyboardInterrupt:
            if not running.kept.results:
                raise
            running.ended, running.status = "interrupted", 130
    if not running.ended:
        running.kept.forget()
    return _comparison(folder, running, loaded), running.status


def configurations_of(folder: Path, plan: Plan) -> list[Configuration]:
    """What the names of a plan mean in a folder.

    Raises:
        CommandFault: there is none of a name, or it must not be asked here.
    """
    loaded = _settings(folder)
    return chosen(plan.models, loaded, _found(plan.models, loaded))


def pair_of(folder: Path) -> tuple[str, str]:
    """The small and the frontier model that are compared where none are named.

    Raises:
        CommandFault: no frontier model is configured.
    """
    from firsthand.evaluate.tiers.gap import pair

    loaded = _settings(folder)
    return pair(loaded, [each.label for each in _found(("",), loaded)])


def _settings(folder: Path) -> Loaded:
    return settings.load(paths.config_file(), folder=folder, named=paths.config_named())


def _found(names: Iterable[str], loaded: Loaded) -> list[Endpoint]:
    """The models of this machine, where a name may be one of theirs."""
    configured = {each.name for each in loaded.settings.models} | {EMBEDDED}
    if not loaded.discovers or configured.issuperset(names):
        return []
    from firsthand.backends import discovery

    there = asyncio.run(discovery.discover())
    return [each.endpoint for each in there if isinstance(each, discovery.Found)]


def _learned(
    folder: Path,
    plan: Plan,
    loaded: Loaded,
    scratch: Path,
    progress: Progress,
    configurations: Iterable[Configuration],
) -> tuple[list[Stint], Workspace]:
    """What is typed, and what is known before."""
    ignore = loaded.settings.privacy.ignore
    if plan.commits is None:
        with progress("Learning the project") as on_progress:
            whole = corpus.learn(folder, scratch, ignore, on_progress, plan.library_bytes)
        stints = stint.of_passages(corpus.sample(whole.sources, plan.lines, plan.seed))
        tree, known = folder, whole.known
    else:
        with progress("Reading the history") as on_progress:
            edits = history.edits(folder, plan.commits, on_progress)
        tree = scratch / "tree" / folder.name
        tree.mkdir(parents=True)
        history.lay_out(folder, edits.before, tree)
        with progress("Learning the project") as on_progress:
            _, known = corpus.know(
                tree, scratch, ignore, on_progress, plan.library_bytes, libraries_of=folder
            )
        stints = stint.drawn(edits.stints, plan.lines, plan.seed)
    code = None
    if any(each.endpoint for each in configurations):
        code = _code(tree, scratch, ignore, progress)
    # Whatever is switched off for the person's typing is not what is measured.
    tuning = replace(
        loaded.settings.tuning,
        enabled=True,
        trigger="auto",
        languages_off=frozenset[str](),
        embedded=True,
    )
    measured = replace(loaded, settings=replace(loaded.settings, tuning=tuning))
    return stints, Workspace(tree, measured, known, code)


def _code(tree: Path, scratch: Path, ignore: Sequence[str], progress: Progress) -> Path:
    """The database of the code, which models are shown parts of."""
    from firsthand.index.code import job
    from firsthand.index.code.database import code_file

    state = {"FIRSTHAND_HOME": str(scratch)}
    with progress("Reading the code") as on_progress:
        job.build(tree, ignore, git=Git.found(), on_progress=on_progress, environ=state)
    return code_file(tree, state)


def _kept(
    folder: Path, plan: Plan, configurations: Iterable[Configuration], stints: Iterable[Stint]
) -> Kept:
    asked = [
        (each.name, each.endpoint.url, each.endpoint.model, each.endpoint.template)
        if each.endpoint
        else (each.name,)
        for each in configurations
    ]
    return Kept(
        {
            "folder": str(folder),
            "models": asked,
            "mode": plan.mode,
            "seed": plan.seed,
            "stints": stint.digest(stints),
        }
    )


def _done(running: _Replay, each: Stint) -> bool:
    results = running.kept.results
    return all((one.name, each.name) in results for one in running.configurations)


def _price(running: _Replay, stints: int) -> str:
    remote = [each for each in running.configurations if each.usd]
    names = ", ".join(f"{each.name} ({each.endpoint.url})" for each in remote if each.endpoint)
    return (
        f"Parts of {stints} places in your code go to {names}; that costs about "
        f"{running.limit_usd:.2f} USD, and it ends when so much is spent. Go on?"
    )


async def _run(running: _Replay, on_progress: Callable[[int, int], None]) -> None:
    worker = Worker()
    try:
        for configuration in running.configurations:
            if configuration.endpoint:
                router = _router(running, configuration, configuration.endpoint, worker)
                running.routers[configuration.name] = router
        everything = len(running.stints) * len(running.configurations)
        done = 0
        for each in running.stints:
            for configuration in running.configurations:
                if (configuration.name, each.name) in running.kept.results:
                    running.again += 1
                elif not await _type(running, configuration, each):
                    return
                done += 1
                on_progress(done, everything)
    finally:
        for router in running.routers.values():
            await router.aclose()
        worker.close()


async def _type(running: _Replay, configuration: Configuration, each: Stint) -> bool:
    """Type a stint with one configuration; false where it ends there."""
    router = running.routers.get(configuration.name)
    if configuration.usd and running.spent >= running.limit_usd:
        running.ended = f"the {running.limit_usd:.2f} USD that were agreed to are spent"
        running.status = 3
        return False
    try:
        plan = running.plan
        result = await replay(running.workspace, each, router, plan.mode, plan.seed)
    except CommandFault as fault:
        running.ended = " ".join((*running.said, str(fault))).rstrip(".")
        running.status = 3 if router is not None and router.capped() else 1
        return False
    if isinstance(result, Counts):
        running.spent += result.usd
    running.kept.put(configuration.name, each.name, result)
    return True


def _router(
    running: _Replay, configuration: Configuration, endpoint: Endpoint, worker: Worker
) -> Metered:
    tell = running.said.append
    ledger = Ledger(paths.data_folder(), tell=tell) if endpoint.remote else None
    inforce = running.workspace.loaded.settings
    budget, privacy = inforce.budget, inforce.privacy
    options = {"run": worker.run, "ledger": ledger, "budget": budget, "privacy": privacy}
    if not configuration.consulted:
        return Metered((endpoint,), **options)
    toll = Toll(ledger, budget, privacy)
    frontier = Frontier((endpoint,), run=worker.run, toll=toll)
    return Consulted(endpoint, frontier, **options)


def _comparison(folder: Path, running: _Replay, loaded: Loaded) -> Comparison:
    """The figures of the stints that every configuration typed."""
    plan, results = running.plan, running.kept.results
    done = [each for each in running.stints if _done(running, each)]
    passed: Counter[str] = Counter()
    typed = []
    for each in done:
        found = [results[one.name, each.name] for one in running.configurations]
        reason = next((one for one in found if isinstance(one, str)), None)
        if reason is None:
            typed.append(each)
        else:
            passed[reason] += 1

    def counted(name: str, language: str | None = None) -> Counts:
        wanted = (each for each in typed if language in (None, each.language))
        return total(_counts(results, name, wanted))

    languages = sorted({each.language for each in typed})
    return Comparison(
        folder=str(folder),
        commits=plan.commits and len({each.origin for each in typed}),
        mode=plan.mode,
        seed=plan.seed,
        aggression=loaded.settings.tuning.aggression,
        stints=len(running.stints),
        done=len(done),
        again=running.again,
        passed=passed,
        counts={each.name: counted(each.name) for each in running.configurations},
        languages={
            each.name: {language: counted(each.name, language) for language in languages}
            for each in running.configurations
        },
        ended=running.ended,
    )


def _counts(
    results: Mapping[tuple[str, str], Result], name: str, stints: Iterable[Stint]
) -> Iterable[Counts]:
    for each in stints:
        found = results[name, each.name]
        if isinstance(found, Counts):
            yield found
