"""What is compared: configured models by name, those found on this machine, the embedded one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from firsthand.backends.base import Endpoint, Usage
from firsthand.context import BUDGET
from firsthand.evaluate.tiers.engine import Mode
from firsthand.evaluate.tiers.stint import Stint
from firsthand.fault import CommandFault
from firsthand.router.endpoints import endpoint_of
from firsthand.router.toll import price
from firsthand.settings import Loaded, is_loopback

EMBEDDED = "embedded"

# How many requests a line takes on average where each key is followed by a question, and the tokens
# of one: what is shown of the file, of the codebase, and what is written.
_REQUESTS = 4
_PROMPT, _WRITTEN, _THOUGHT = 1_300 + BUDGET, 96, 600


@dataclass(frozen=True, slots=True)
class Configuration:
    """What completes beside the embedded model.

    Attributes:
        name: what the person calls it.
        endpoint: the model; None for the embedded model alone.
        consulted: it is asked as escalations are, not for completions.
    """

    name: str
    endpoint: Endpoint | None = None
    consulted: bool = False

    @property
    def usd(self) -> float:
        """What a request is expected to cost."""
        if self.endpoint is None or not self.endpoint.remote:
            return 0.0
        written = _THOUGHT if self.consulted else _WRITTEN
        return price(self.endpoint, Usage(_PROMPT, 0, written))


def chosen(names: Sequence[str], loaded: Loaded, found: Iterable[Endpoint]) -> list[Configuration]:
    """The configurations of some names, each once.

    Args:
        names: of configured models, or of those found; or "embedded".
        loaded: the person's settings.
        found: the models of this machine.

    Raises:
        CommandFault: there is none of a name, or it must not be asked here.
    """
    tables = {each.name: each for each in loaded.settings.models}
    here = {each.label: each for each in found}
    completing = set(loaded.settings.inline_models or ())
    consulted = set(loaded.settings.escalation_models) - completing
    made = []
    for name in dict.fromkeys(names):
        if name == EMBEDDED:
            made.append(Configuration(name))
        elif name in tables:
            _refuse(name, is_loopback(tables[name].url), loaded)
            made.append(Configuration(name, endpoint_of(tables[name]), name in consulted))
        elif name in here:
            made.append(Configuration(name, here[name]))
        else:
            known = ", ".join((*tables, *here, EMBEDDED))
            raise CommandFault(f"There is no model {name!r}; those there are: {known}.", 2)
    return made


def expected_usd(
    configurations: Iterable[Configuration], stints: Iterable[Stint], mode: Mode
) -> float:
    """What asking for some lines is expected to cost, in USD, rounded up to a cent."""
    lines = sum(len(each.counted) for each in stints)
    requests = lines * (_REQUESTS if mode == "keys" else 1)
    usd = sum(each.usd for each in configurations) * requests
    return math.ceil(usd * 100) / 100


def _refuse(name: str, near: bool, loaded: Loaded) -> None:
    if not loaded.remote_allowed:
        fault = next(each for each in loaded.faults if each.remote_off)
        raise CommandFault(f"{name} is not asked: {fault}", 3)
    if loaded.settings.local_only and not near:
        raise CommandFault(
            f"{name} is not asked: the folder's .firsthand.toml allows only models on this machine "
            "(local_only).",
            3,
        )
