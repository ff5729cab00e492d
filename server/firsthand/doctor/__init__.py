"""`firsthand doctor` and `firsthand models`: what works, what does not, and the mend.

Every configured model is asked to fill one fixed snippet, so that the answer shows whether its
template is right. Nothing of the person's is sent.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from firsthand import paths, settings
from firsthand.backends.base import BackendError, Endpoint
from firsthand.backends.discovery import PORTS, Found, PassedOver, discover
from firsthand.backends.frontier import Message, Question
from firsthand.backends.trial import fire
from firsthand.doctor.report import Finding, Health, Models
from firsthand.index import state
from firsthand.ledger import Ledger, Refused
from firsthand.paths import StateError
from firsthand.router import NoModel, Router
from firsthand.router.endpoints import endpoint_of, read_key
from firsthand.router.frontier import Frontier
from firsthand.router.toll import Toll
from firsthand.settings import Loaded
from firsthand.worker import Worker

if TYPE_CHECKING:
    import httpx

__all__ = ["Finding", "Health", "Models", "Surroundings", "examine", "models"]


# It may think about that; the most that it can cost is reserved before.
_QUESTION = Question(
    "You check a connection.", "There is no code.", (Message("user", "Say: ready"),), 1_024
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is looked at.

    Attributes:
        folder: the workspace.
        environ: says where configuration and state are.
        ports: where discovery looks on this machine.
        transport: stands in for the network.
        extra: further fields for the body of the trials that discovery makes.
    """

    folder: Path = field(default_factory=Path.cwd)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    ports: Sequence[int] = PORTS
    transport: httpx.AsyncBaseTransport | None = None
    extra: Mapping[str, object] | None = None


def examine(around: Surroundings | None = None) -> Health:
    """Look at everything that Firsthand needs, and ask every model to fill the snippet."""
    return asyncio.run(_examine(around or Surroundings()))


def models(around: Surroundings | None = None) -> Models:
    """The models that are configured or on this machine, and why others are passed over.

    Raises:
        StateError: there is no home folder to look for the configuration in.
    """
    return asyncio.run(_models(around or Surroundings()))


async def _examine(around: Surroundings) -> Health:
    try:
        loaded = _load(around)
    except StateError as error:
        return Health((Finding("fault", "configuration", str(error)),))
    told: list[str] = []
    findings = [
        *_configuration(around, loaded),
        *_folders(around),
        *_index(around),
        *await _configured(around, loaded, told.append),
        *await _discovered(around, loaded),
    ]
    findings += [Finding("fault", "ledger", each) for each in told]
    return Health((*findings, _level(loaded, findings)))


async def _models(around: Surroundings) -> Models:
    loaded = _load(around)
    notes: list[str] = []
    results: Sequence[Found | PassedOver] = ()
    if loaded.settings.discover:
        results = await _look(around)
        if not results and loaded.discovers:
            notes.append(_nobody(around))
    else:
        notes.append("No server was looked for on this machine, as inline.discover is false.")
    return Models(
        configured=tuple(endpoint_of(model) for model in loaded.settings.models),
        mended_first=not loaded.remote_allowed,
        asked=tuple(model.name for model in loaded.inline_models),
        escalated=tuple(model.name for model in loaded.escalation_models),
        found=tuple(each for each in results if isinstance(each, Found)),
        passed_over=tuple(each for each in results if isinstance(each, PassedOver)),
        faults=tuple(str(fault) for fault in loaded.faults),
        notes=tuple(notes),
    )


def _load(around: Surroundings) -> Loaded:
    file, named = paths.config_file(around.environ), paths.config_named(around.environ)
    return settings.load(file, folder=around.folder, named=named)


def _configuration(around: Surroundings, loaded: Loaded) -> Iterator[Finding]:
    for fault in loaded.faults:
        yield Finding("fault", "configuration", str(fault))
    if not loaded.faults:
        file = paths.config_file(around.environ)
        how = "is in order" if file.exists() else "is not there, so the defaults are in force"
        yield Finding("ok", "configuration", f"{file} {how}.")


def _folders(around: Surroundings) -> Iterator[Finding]:
    """Whether our state can be kept."""
    folders = {
        "cache folder": paths.cache_folder,
        "data folder": paths.data_folder,
        "log folder": paths.log_folder,
    }
    for name, find in folders.items():
        try:
            folder = paths.make_folder(find(around.environ))
            try:
                with tempfile.TemporaryFile(dir=folder) as file:
                    file.write(b"x")
            except OSError as error:
                raise StateError(folder, error) from error
        except StateError as error:
            yield Finding("fault", name, str(error))
        else:
            yield Finding("ok", name, f"{folder} can be written to.")


def _index(around: Surroundings) -> Iterator[Finding]:
    try:
        known = state.status(around.folder, around.environ)
    except StateError:
        return  # said of the cache folder already
    if known is None:
        text = f"{around.folder} has none yet: an editor builds it, or run `firsthand index`."
        yield Finding("note", "index", text)
    else:
        day = date.fromtimestamp(known.built_at).isoformat()
        yield Finding("ok", "index", f"{known.root} has {known.files} files, learned on {day}.")


async def _configured(
    around: Surroundings, loaded: Loaded, tell: Callable[[str], None]
) -> list[Finding]:
    """Every configured model, asked for the snippet."""
    try:
        ledger = Ledger(paths.data_folder(around.environ), tell=tell)
    except StateError:
        return []  # said of the data folder already
    findings = []
    worker = Worker()
    try:
        for model in loaded.settings.models:
            endpoint = endpoint_of(model)
            why_not = _why_not(loaded, endpoint)
            if why_not:
                findings.append(Finding("note", f"model {endpoint.name}", why_not))
                continue
            if model not in loaded.inline_models and model in loaded.escalation_models:
                findings.append(await _questioned(around, endpoint, worker, ledger, loaded))
                continue
            router = Router(
                [endpoint],
                run=worker.run,
                ledger=ledger,
                budget=loaded.settings.budget,
                privacy=loaded.settings.privacy,
                keys=partial(read_key, environ=around.environ),
                transport=around.transport,
            )
            findings.append(await _tried(endpoint, router))
            await router.aclose()
        await worker.run(ledger.close)
    finally:
        worker.close()
    return findings


async def _questioned(
    around: Surroundings, endpoint: Endpoint, worker: Worker, ledger: Ledger, loaded: Loaded
) -> Finding:
    """A model that is asked by escalations alone, asked for a word."""
    frontier = Frontier(
        [endpoint],
        run=worker.run,
        toll=Toll(ledger, loaded.settings.budget, loaded.settings.privacy),
        keys=partial(read_key, environ=around.environ),
        transport=around.transport,
    )
    subject = f"model {endpoint.name}"
    try:
        answered = await frontier.ask(endpoint, _QUESTION, lambda _text: None)
    except (BackendError, Refused) as error:
        return Finding("fault", subject, str(error))
    finally:
        await frontier.aclose()
    price = "" if answered.cost_usd is None else f", for {answered.cost_usd:.5f} USD"
    return Finding("ok", subject, f"answers escalations{price}.")


def _level(loaded: Loaded, findings: Sequence[Finding]) -> Finding:
    """What completes now, and why it is not better."""
    subjects = [f"model {model.name}" for model in loaded.inline_models]
    subjects += ["discovery"] if loaded.discovers else []
    works = {each.subject for each in findings if each.level == "ok"}
    found = next((each for each in subjects if each in works), "")
    if not subjects:
        return Finding("note", "level", "embedded: no model is asked.")
    if not found:
        return Finding("note", "level", f"embedded: {subjects[0]} gives no completions, see above.")
    if found != subjects[0]:
        text = f"inline, by {found}: {subjects[0]} gives no completions, see above."
        return Finding("note", "level", text)
    by = "a model found on this machine" if found == "discovery" else found
    return Finding("ok", "level", f"inline, by {by}; the embedded model goes on where it fails.")


def _why_not(loaded: Loaded, endpoint: Endpoint) -> str:
    if not loaded.remote_allowed:
        return "is not asked until the configuration is mended."
    if loaded.settings.local_only and endpoint.remote:
        return "is not asked, as this workspace allows only models on this machine."
    return ""


async def _tried(endpoint: Endpoint, router: Router) -> Finding:
    subject = f"model {endpoint.name}"
    try:
        trial = await fire(router)
    except NoModel as error:
        return Finding("fault", subject, str(error))
    if trial.sensible:
        text = f"fills in the middle, the first text after {trial.first_s * 1000:.0f} ms."
        return Finding("ok", subject, text)
    text = "answers, but does not fill in the middle of a test snippet: set fim to its template, "
    return Finding("fault", subject, text + "or use a model trained for it.")


async def _discovered(around: Surroundings, loaded: Loaded) -> list[Finding]:
    if not loaded.discovers:
        if loaded.inline_models or not loaded.remote_allowed:
            return []
        text = "no model is asked, only the embedded one completes: name some in inline.models."
        return [Finding("note", "models", text)]
    results = await _look(around)
    if not results:
        return [Finding("note", "discovery", _nobody(around))]
    return [
        Finding("ok", "discovery", f"{each} can be used.")
        if isinstance(each, Found)
        else Finding("note", "discovery", f"{each}.")
        for each in results
    ]


async def _look(around: Surroundings) -> Sequence[Found | PassedOver]:
    return await discover(around.ports, transport=around.transport, extra=around.extra)


def _nobody(around: Surroundings) -> str:
    ports = ", ".join(map(str, around.ports))
    return (
        f"No model server listens on this machine (ports {ports}), so only the embedded model "
        "completes: start one, or name one under [models]."
    )
