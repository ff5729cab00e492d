"""Settings as the rest of Firsthand sees them: resolved, checked, immutable.

How they are written (tables, keys, types) is the business of `wire`; how the three sources are
joined, of `sources`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from firsthand.core.pace import Pace
from firsthand.core.snapshot import Tuning
from firsthand.settings.presets import Provider

Origin = Literal["default", "file", "editor", "workspace"]
Strategy = Literal["first", "panel", "auto"]

# Bytes, and characters, of a file of settings: more than anybody writes.
LARGEST_FILE = 65_536


@dataclass(frozen=True, slots=True)
class Model:
    """One `[models.NAME]` table that this version can use.

    Attributes:
        name: the NAME.
        provider: a key of `presets.PRESETS`.
        url: where the server answers, without a query and without credentials.
        model: the model's name to the server; empty for the one that it has.
        fim: the name of a template of `core.fim`, "chat", or "auto".
        api_key_env: the environment variable that holds the key; empty for none.
        api_key_keyring: the name of the key in the system's keyring; empty for none.
        price_in: USD per million prompt tokens; None when nobody says.
        price_cached_in: USD per million prompt tokens that the server had cached; likewise.
        price_out: USD per million tokens of the answer; likewise.
        urls: every address at which it is served, `url` the first of them; empty for one.
    """

    name: str
    provider: Provider
    url: str
    model: str = ""
    fim: str = "auto"
    api_key_env: str = ""
    api_key_keyring: str = ""
    price_in: float | None = None
    price_cached_in: float | None = None
    price_out: float | None = None
    urls: tuple[str, ...] = ()

    @property
    def loopback(self) -> bool:
        """Whether every one of its addresses is on this machine."""
        return all(map(is_loopback, self.urls or (self.url,)))


@dataclass(frozen=True, slots=True)
class Budget:
    """Hard caps on what is spent, in USD, by local calendar day and month."""

    day_usd: float = 2.0
    month_usd: float = 20.0


@dataclass(frozen=True, slots=True)
class Privacy:
    """What may leave the machine, and how long a copy of what left is kept.

    Attributes:
        ignore: patterns in the syntax of .gitignore, on top of the built-in sensitive paths; a
            workspace's own come last, so that no earlier `!` pattern undoes one.
        redact: whether secrets are blanked out of what is sent.
        keep_sent_days: days for which the exact text that was sent is kept; 0 keeps none.
    """

    ignore: tuple[str, ...] = ()
    redact: bool = True
    keep_sent_days: int = 7


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings in force for one workspace folder.

    Attributes:
        tuning: what may be tuned while working.
        pace: when completions wait for a pause or for a question.
        inline_models: names of the models to ask, in order; None means what is found on this
            machine. A name without a usable table has been left out and named as a fault.
        discover: whether to look for a model server on this machine.
        models: the usable model tables, in the file's order.
        escalation_models: names of the models that an escalation asks, in order.
        strategy: how they are asked.
        checks: for each folder, by its absolute path, the command that checks a proposed change.
        local_only: whether the workspace allows no server but those on this machine.
    """

    tuning: Tuning = field(default_factory=Tuning)
    pace: Pace = field(default_factory=Pace)
    inline_models: tuple[str, ...] | None = None
    discover: bool = True
    models: tuple[Model, ...] = ()
    escalation_models: tuple[str, ...] = ()
    strategy: Strategy = "first"
    checks: tuple[tuple[str, str], ...] = ()
    budget: Budget = field(default_factory=Budget)
    privacy: Privacy = field(default_factory=Privacy)
    local_only: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the configuration; its str() is a sentence for the person.

    Attributes:
        source: the file's path, or "editor settings".
        key: the dotted key; empty when the whole source is meant.
        message: what is wrong, to be read after the key. Never holds a value that may be a secret.
        mend: what to do about it.
        remote_off: whether every tier but the embedded one stays off until it is mended.
    """

    source: str
    key: str
    message: str
    mend: str
    remote_off: bool = False

    def __str__(self) -> str:
        place = f"{self.source}: {self.key}" if self.key else self.source
        off = "; until then only the embedded model is used" if self.remote_off else ""
        sentence = f"{place} {self.message}; {self.mend}{off}."
        # Keys and folder names are written by others: none may steer a terminal or a log.
        return "".join(each if each.isprintable() else "?" for each in sentence)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, what was wrong with their sources, and where each value came from.

    Attributes:
        origins: the source of every dotted key that is not at its default.
    """

    settings: Settings = field(default_factory=Settings)
    faults: tuple[Fault, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def remote_allowed(self) -> bool:
        """Whether any tier but the embedded one may run."""
        return not any(fault.remote_off for fault in self.faults)

    @property
    def inline_models(self) -> tuple[Model, ...]:
        """The configured models that the inline tier may ask now, in order."""
        return self._models(self.settings.inline_models or ())

    @property
    def escalation_models(self) -> tuple[Model, ...]:
        """The configured models that an escalation may ask now, in order."""
        return self._models(self.settings.escalation_models)

    def _models(self, names: Iterable[str]) -> tuple[Model, ...]:
        if not self.remote_allowed:
            return ()
        tables = {model.name: model for model in self.settings.models}
        named = (tables[name] for name in names)
        return tuple(model for model in named if not self.settings.local_only or model.loopback)

    @property
    def discovers(self) -> bool:
        """Whether the inline tier asks what is found on this machine."""
        return (
            self.remote_allowed and self.settings.discover and self.settings.inline_models is None
        )


def too_large(source: str) -> Fault:
    """The fault of a file that is longer than any of settings."""
    message = f"is larger than {LARGEST_FILE // 1024} KiB"
    return Fault(source, "", message, "make it shorter", remote_off=True)


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine by `localhost` or a loopback address."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
