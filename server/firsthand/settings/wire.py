"""The configuration as it is written: one pydantic model for each table of each source.

The JSON schema of the file is made from these models. The resolved values are others (`values`).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from firsthand.core.fim import TEMPLATES
from firsthand.core.pace import HOURS
from firsthand.settings.presets import Provider
from firsthand.settings.values import Settings, Strategy

_DEFAULT = Settings()

PROVIDERS: tuple[Provider, ...] = get_args(Provider)
FORMS = ("auto", *TEMPLATES, "chat")


@dataclass(frozen=True, slots=True)
class Expect:
    """What a key takes, in words after "must be", and the values where they are few."""

    words: str
    values: tuple[str, ...] = ()


class Table(BaseModel):
    """A table whose keys are all optional, strictly typed, and finite where they are numbers."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


def _host(url: str) -> str:
    """A URL as it came.

    Raises:
        ValueError: it has no host, a port that is none, or a name and password.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.port == 0 or "@" in parts.netloc:
        raise ValueError("no plain host")
    return url


def _variable(name: str) -> str:
    """The name of an environment variable as it came.

    Raises:
        ValueError: it looks like a key: long, with small letters and digits.
    """
    if len(name) > 20 and any(map(str.islower, name)) and any(map(str.isdigit, name)):
        raise ValueError("looks like a key")
    return name


def _template(name: str) -> str:
    """The name of a template as it came.

    Raises:
        ValueError: there is no such template.
    """
    if name not in FORMS:
        raise ValueError("no such template")
    return name


def _folder(path: str) -> str:
    """The path of a folder as it came.

    Raises:
        ValueError: it depends on where Firsthand runs.
    """
    if not path.startswith("~") and not PurePath(path).is_absolute():
        raise ValueError("no absolute path")
    return path


def _command(line: str) -> str:
    """A command as it came.

    Raises:
        ValueError: it holds nothing, or a quote that is not closed.
    """
    if not shlex.split(line):
        raise ValueError("no command")
    return line


_Switch = Expect("true or false")
_Amount = Annotated[float, Field(ge=0, le=10_000)]
_Price = Expect("a number of USD from 0 to 10000")
_Usd = Annotated[float, Field(ge=0, le=1_000_000), Expect("a number of USD from 0 to 1000000")]
_Word = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
# No line break of any kind: one pattern must not become two.
_Pattern = Annotated[
    str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f\x85\u2028\u2029]+$")
]

_Folder = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_folder)]
_Command = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_command)]

Enabled = Annotated[bool, Field(description="Whether inline completions are made."), _Switch]
Trigger = Annotated[
    Literal["auto", "manual"],
    Field(description='"auto" completes while you type, "manual" only when you ask.'),
    Expect('"auto" or "manual"'),
]
Aggression = Annotated[
    float,
    Field(ge=0, le=1, description="How readily completions are shown: 0 silent, 1 eager."),
    Expect("a number from 0 to 1"),
]
MaxLines = Annotated[
    int,
    Field(ge=1, le=50, description="The most lines shown at once."),
    Expect("a whole number from 1 to 50"),
]
PatienceMs = Annotated[
    Literal["auto"] | Annotated[int, Field(ge=0, le=1000)],
    Field(
        description="Milliseconds a keystroke waits for a model's answer; "
        '"auto" follows the model\'s speed.'
    ),
    Expect('"auto" or a whole number of milliseconds from 0 to 1000'),
]
LanguagesOff = Annotated[
    list[_Word],
    Field(
        description="Language ids, as your editor names them, that are completed only when you ask."
    ),
    Expect("a list of language ids in quotes"),
]
Embedded = Annotated[
    bool, Field(description="Whether the embedded model completes when no other does."), _Switch
]
Ignore = Annotated[
    list[_Pattern],
    Field(
        description="Paths never read for completions, in the syntax of .gitignore, on top of "
        ".gitignore, .firsthandignore and the built-in sensitive paths."
    ),
    Expect("a list of patterns in quotes"),
]
ApiKeyEnv = Annotated[
    str,
    Field(
        max_length=64,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="The environment variable that holds the API key.",
    ),
    AfterValidator(_variable),
    Expect("the name of an environment variable (not the key itself)"),
]
_Url = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=r'^https?://[!-"$->@-\[\]-~]+$',  # printable ASCII without # ? and backslash
    ),
    AfterValidator(_host),
]
Url = Annotated[
    _Url | Annotated[list[_Url], Field(min_length=1, max_length=16)],
    Field(
        description="Where the server answers, without a query, name or password. A list names "
        "several servers of the same model, among which the work is spread."
    ),
    Expect("an http:// or https:// URL without a query, name or password, or a list of them"),
]


class EditorSection(Table):
    """The section `firsthand` of an editor's settings."""

    enabled: Enabled = _DEFAULT.tuning.enabled
    trigger: Trigger = _DEFAULT.tuning.trigger
    aggression: Aggression = _DEFAULT.tuning.aggression
    max_lines: MaxLines = _DEFAULT.tuning.max_lines
    patience_ms: PatienceMs = _DEFAULT.tuning.patience_ms
    languages_off: LanguagesOff = []
    embedded: Embedded = _DEFAULT.tuning.embedded


class InlineTable(EditorSection):
    """Completions while you type."""

    models: Annotated[
        list[_Word] | None,
        Field(
            description="Names of [models.NAME] tables, asked in this order; the embedded model is "
            "always last. Without this key: what is found on this machine."
        ),
        Expect("a list of names of [models.NAME] tables in quotes"),
    ] = None
    discover: Annotated[
        bool,
        Field(description="Whether to look for a model server on this machine."),
        _Switch,
    ] = _DEFAULT.discover


class ModelTable(Table):
    """A model that may be asked."""

    model_config = ConfigDict(json_schema_extra={"required": ["provider"]})

    provider: Annotated[
        Provider | None,
        Field(
            description='Who answers; "openai" with a url is any compatible server. '
            '"anthropic" and "gemini" answer escalations only.'
        ),
        Expect(", ".join(f'"{each}"' for each in PROVIDERS), PROVIDERS),
    ] = None
    url: Url = ""
    model: Annotated[
        _Word,
        Field(description="The model's name to its server, where it has more than one."),
        Expect("the name of a model in quotes"),
    ] = ""
    fim: Annotated[
        str,
        Field(
            description='The template for filling in the middle; "auto" finds it by the model, '
            '"chat" is for models that have none.',
            json_schema_extra={"enum": [*FORMS]},
        ),
        AfterValidator(_template),
        Expect('"auto" or the name of a template: ' + ", ".join((*TEMPLATES, "chat")), FORMS),
    ] = "auto"
    api_key_env: ApiKeyEnv = ""
    api_key_keyring: Annotated[
        _Word,
        Field(description="The name of the API key in your system's keyring."),
        Expect("the name of a key in the keyring (not the key itself)"),
    ] = ""
    price_in: Annotated[
        _Amount | None, Field(description="USD per million prompt tokens."), _Price
    ] = None
    price_cached_in: Annotated[
        _Amount | None,
        Field(description="USD per million prompt tokens that were cached."),
        _Price,
    ] = None
    price_out: Annotated[
        _Amount | None, Field(description="USD per million answer tokens."), _Price
    ] = None


class BudgetTable(Table):
    """What may be spent; a request that would pass a cap is not sent."""

    day_usd: Annotated[_Usd, Field(description="The most USD spent in a day.")] = (
        _DEFAULT.budget.day_usd
    )
    month_usd: Annotated[_Usd, Field(description="The most USD spent in a calendar month.")] = (
        _DEFAULT.budget.month_usd
    )


class EscalationTable(Table):
    """Frontier models, asked by a command only."""

    models: Annotated[
        list[_Word],
        Field(
            description="Names of [models.NAME] tables that an escalation asks: the first that "
            "works, or as strategy says. Without this key there are no escalations."
        ),
        Expect("a list of names of [models.NAME] tables in quotes"),
    ] = []
    strategy: Annotated[
        Strategy,
        Field(
            description='"first" asks the first model that works, "panel" up to three at once, '
            '"auto" the cheapest that is likely to do.'
        ),
        Expect('"first", "panel" or "auto"', get_args(Strategy)),
    ] = _DEFAULT.strategy
    check: Annotated[
        dict[_Folder, _Command],
        Field(
            description="For each workspace folder, by its absolute path, the command that checks "
            "a proposed change on a copy of its tracked files. It runs what models wrote."
        ),
        Expect("a table of commands in quotes, each after the absolute path of a folder"),
    ] = {}


def _learned(entry: str) -> str:
    """A language id, "*", or the absolute path of a folder, as it came.

    Raises:
        ValueError: it is a path that depends on where Firsthand runs.
    """
    return _folder(entry) if "/" in entry or "\\" in entry else entry


Learning = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_learned)]],
    Field(
        description="Where you want to write yourself: language ids, absolute paths of folders, or "
        '"*". There completions come when you pause or ask, and one line at a time.'
    ),
    Expect('a list of language ids, absolute paths of folders, or "*", in quotes'),
]
LearningPause = Annotated[
    float,
    Field(
        ge=0,
        le=600,
        description="Seconds without a key after which a completion comes where you learn; "
        "0 waits until you ask.",
    ),
    Expect("a number of seconds from 0 to 600"),
]
QuietHours = Annotated[
    list[Annotated[str, Field(pattern=f"^{HOURS}$")]],
    Field(description="Times of the day in which nothing completes unless you ask."),
    Expect('a list of times such as "22:00-07:00"'),
]


class PaceTable(Table):
    """When completions wait for a pause, or until you ask."""

    learning: Learning = []
    learning_pause_s: LearningPause = _DEFAULT.pace.learning_pause_s
    quiet_hours: QuietHours = []


class PrivacyTable(Table):
    """What may leave this machine."""

    ignore: Ignore = []
    redact: Annotated[
        bool, Field(description="Whether secrets are blanked out of what is sent."), _Switch
    ] = _DEFAULT.privacy.redact
    keep_sent_days: Annotated[
        int,
        Field(
            ge=0,
            le=3650,
            description="Days for which the exact text of what was sent is kept; "
            "0 keeps its size and hash only.",
        ),
        Expect("a whole number of days from 0 to 3650"),
    ] = _DEFAULT.privacy.keep_sent_days


class ConfigFile(Table):
    """Firsthand's configuration file, config.toml."""

    inline: InlineTable = InlineTable()
    models: Annotated[
        dict[str, ModelTable], Field(description="The models that may be asked, by your names.")
    ] = {}
    escalation: EscalationTable = EscalationTable()
    pace: PaceTable = PaceTable()
    budget: BudgetTable = BudgetTable()
    privacy: PrivacyTable = PrivacyTable()


class WorkspaceInline(Table):
    """What a workspace may tighten in [inline]."""

    enabled: Enabled = True
    trigger: Trigger = "auto"
    aggression: Aggression = 1.0
    max_lines: MaxLines = 50
    languages_off: LanguagesOff = []


class WorkspacePrivacy(Table):
    """What a workspace may tighten in [privacy]."""

    ignore: Ignore = []


class WorkspaceFile(Table):
    """The keys of .firsthand.toml that stand in no table."""

    local_only: Annotated[
        bool,
        Field(description="Whether only servers on this machine are asked."),
        _Switch,
    ] = False
