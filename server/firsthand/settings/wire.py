"""The configuration as it is written: one pydantic model for each table of each source.

The JSON schema of the file is made from these models. The resolved values are others (`values`).
"""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field

from firsthand.settings.fields import (
    PROVIDERS,
    Aggression,
    Amount,
    ApiKeyEnv,
    Command,
    Embedded,
    Enabled,
    Expect,
    Fim,
    Folder,
    Ignore,
    LanguagesOff,
    Learning,
    LearningPause,
    Marks,
    MaxLines,
    PatienceMs,
    Price,
    QuietHours,
    Switch,
    Trigger,
    Url,
    Usd,
    Word,
)
from firsthand.settings.presets import Provider
from firsthand.settings.values import Settings, Strategy

_DEFAULT = Settings()


class Table(BaseModel):
    """A table whose keys are all optional, strictly typed, and finite where they are numbers."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class EditorSection(Table):
    """The section `firsthand` of an editor's settings."""

    enabled: Enabled = _DEFAULT.tuning.enabled
    trigger: Trigger = _DEFAULT.tuning.trigger
    aggression: Aggression = _DEFAULT.tuning.aggression
    max_lines: MaxLines = _DEFAULT.tuning.max_lines
    patience_ms: PatienceMs = _DEFAULT.tuning.patience_ms
    languages_off: LanguagesOff = []
    embedded: Embedded = _DEFAULT.tuning.embedded
    marks: Marks = _DEFAULT.tuning.marks


class InlineTable(EditorSection):
    """Completions while you type."""

    models: Annotated[
        list[Word] | None,
        Field(
            description="Names of [models.NAME] tables, asked in this order; the embedded model is "
            "always last. Without this key: what is found on this machine."
        ),
        Expect("a list of names of [models.NAME] tables in quotes"),
    ] = None
    discover: Annotated[
        bool,
        Field(description="Whether to look for a model server on this machine."),
        Switch,
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
        Word,
        Field(description="The model's name to its server, where it has more than one."),
        Expect("the name of a model in quotes"),
    ] = ""
    fim: Fim = "auto"
    api_key_env: ApiKeyEnv = ""
    api_key_keyring: Annotated[
        Word,
        Field(description="The name of the API key in your system's keyring."),
        Expect("the name of a key in the keyring (not the key itself)"),
    ] = ""
    price_in: Annotated[
        Amount | None, Field(description="USD per million prompt tokens."), Price
    ] = None
    price_cached_in: Annotated[
        Amount | None,
        Field(description="USD per million prompt tokens that were cached."),
        Price,
    ] = None
    price_out: Annotated[
        Amount | None, Field(description="USD per million answer tokens."), Price
    ] = None


class BudgetTable(Table):
    """What may be spent; a request that would pass a cap is not sent."""

    day_usd: Annotated[Usd, Field(description="The most USD spent in a day.")] = (
        _DEFAULT.budget.day_usd
    )
    month_usd: Annotated[Usd, Field(description="The most USD spent in a calendar month.")] = (
        _DEFAULT.budget.month_usd
    )


class EscalationTable(Table):
    """Frontier models, asked by a command only."""

    models: Annotated[
        list[Word],
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
        dict[Folder, Command],
        Field(
            description="For each workspace folder, by its absolute path, the command that checks "
            "a proposed change on a copy of its tracked files. It runs what models wrote."
        ),
        Expect("a table of commands in quotes, each after the absolute path of a folder"),
    ] = {}


class PaceTable(Table):
    """When completions wait for a pause, or until you ask."""

    learning: Learning = []
    learning_pause_s: LearningPause = _DEFAULT.pace.learning_pause_s
    quiet_hours: QuietHours = []


class PrivacyTable(Table):
    """What may leave this machine."""

    ignore: Ignore = []
    redact: Annotated[
        bool, Field(description="Whether secrets are blanked out of what is sent."), Switch
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
        Switch,
    ] = False
