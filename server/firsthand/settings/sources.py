"""The three sources of settings, joined: the person's file, the editor, the workspace.

Everything here is pure: text and values in, `Loaded` out. Each bad key falls back alone and is
named once. A fault where a fallback could loosen what the person meant (the file as a whole, its
`[privacy]`, `[budget]` and model tables) turns every tier but the embedded one off.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any, cast

from firsthand.core.pace import Pace
from firsthand.settings import checks, wire
from firsthand.settings.checks import Place, brief, checked, shown
from firsthand.settings.presets import PRESETS, Preset, Provider
from firsthand.settings.values import Budget, Fault, Loaded, Model, Origin, Privacy, Settings

EDITOR = "editor settings"

_TUNING = tuple(wire.EditorSection.model_fields)
_GUARDED = ("privacy", "budget", "models")


def parse_user(text: str, source: str) -> Loaded:
    """The settings of the person's own file.

    Args:
        text: what the file holds.
        source: the file's path, to be named in faults.
    """
    faults: list[Fault] = []
    raw = checks.toml(text, source, faults)
    place = Place(source, "", faults, _unknown)
    tables = {name: raw[name] for name in raw if name in wire.ConfigFile.model_fields}
    for name in raw:
        if name not in tables:
            place.report(_unknown(place, name, tuple(wire.ConfigFile.model_fields)))
    inline = checked(wire.InlineTable, tables.get("inline", {}), place.under("inline"))
    budget = checked(wire.BudgetTable, tables.get("budget", {}), place.under("budget", True))
    privacy = checked(wire.PrivacyTable, tables.get("privacy", {}), place.under("privacy", True))
    models, set_in_models = _models(tables.get("models", {}), place)
    escalation = checked(
        wire.EscalationTable, tables.get("escalation", {}), place.under("escalation")
    )
    pace = checked(wire.PaceTable, tables.get("pace", {}), place.under("pace"))
    settings = Settings(
        pace=_paced(Pace(), pace),
        tuning=checks.tuned(Settings().tuning, inline, _TUNING),
        inline_models=_inline(inline.models, models, place),
        discover=inline.discover,
        models=tuple(model for model in models.values() if model),
        escalation_models=_named("escalation", escalation.models, models, place),
        strategy=escalation.strategy,
        checks=tuple(escalation.check.items()),
        budget=Budget(budget.day_usd, budget.month_usd),
        privacy=Privacy(tuple(privacy.ignore), privacy.redact, privacy.keep_sent_days),
    )
    for name in (name for name, model in models.items() if model):
        if name not in {*(inline.models or ()), *escalation.models}:
            mend = f"add {brief(name)} to inline.models or escalation.models"
            place.report(place.fault(f"models.{name}", "is not used", mend))
    written = {
        "inline": inline,
        "escalation": escalation,
        "pace": pace,
        "budget": budget,
        "privacy": privacy,
    }
    keys = [f"{name}.{key}" for name, table in written.items() for key in table.model_fields_set]
    origins: dict[str, Origin] = dict.fromkeys((*keys, *set_in_models), "file")
    return Loaded(settings, checks.few(faults, source), MappingProxyType(origins))


def with_editor(loaded: Loaded, options: object) -> Loaded:
    """Settings after those of the editor, which may only tune.

    Args:
        loaded: the settings of the person's file.
        options: the section `firsthand`, or what holds it under that name: `initializationOptions`
            (whose `client` is not a setting) or the settings of `didChangeConfiguration`.
    """
    section = options
    if isinstance(options, Mapping):
        section = options.get("firsthand", options)
    if not section:  # None, {} and Lua's empty table, which is sent as []
        return loaded
    faults: list[Fault] = []
    place = Place(EDITOR, "", faults, _refused_from_editor)
    if isinstance(section, Mapping):
        items = itertools.islice(section.items(), checks.MOST_KEYS)
        section = {str(key): each for key, each in items if each is not None and key != "client"}
    table = checked(wire.EditorSection, section, place.under("firsthand"))
    keys = dict.fromkeys((f"inline.{key}" for key in sorted(table.model_fields_set)), "editor")
    return _joined(
        loaded,
        replace(
            loaded.settings,
            tuning=checks.tuned(loaded.settings.tuning, table, tuple(table.model_fields_set)),
        ),
        checks.few(faults, EDITOR),
        keys,
    )


def with_workspace(loaded: Loaded, text: str, source: str) -> Loaded:
    """Settings after a workspace's `.firsthand.toml`, which may only tighten them.

    What would loosen a setting, and every key that is not on the list, is named and changes
    nothing. A file that does not parse, or a fault in what it may restrict, leaves the embedded
    model only: nobody can tell what was to be kept in.

    Args:
        loaded: the settings of the person's file and editor.
        text: what the file holds.
        source: the file's path, to be named in faults.
    """
    faults: list[Fault] = []
    raw = checks.toml(text, source, faults)
    place = Place(source, "", faults, _refused_from_workspace)
    own = ("inline", "pace", "privacy", "budget")
    tables = {name: raw.pop(name) for name in own if name in raw}
    top = checked(wire.WorkspaceFile, raw, replace(place, remote_off=True))
    inline = checked(wire.WorkspaceInline, tables.get("inline", {}), place.under("inline"))
    privacy = checked(
        wire.WorkspacePrivacy, tables.get("privacy", {}), place.under("privacy", True)
    )
    budget = checked(wire.BudgetTable, tables.get("budget", {}), place.under("budget", True))
    pace = checked(wire.PaceTable, tables.get("pace", {}), place.under("pace"))
    settings, changed = _tightened(loaded.settings, top, inline, privacy, budget, place)
    slower, of_pace = _slower(settings.pace, pace, place)
    settings, changed = replace(settings, pace=slower), [*changed, *of_pace]
    return _joined(
        loaded, settings, checks.few(faults, source), dict.fromkeys(changed, "workspace")
    )


def _joined(
    loaded: Loaded, settings: Settings, faults: tuple[Fault, ...], origins: Mapping[str, str]
) -> Loaded:
    joined = {**loaded.origins, **cast("Mapping[str, Origin]", origins)}
    return Loaded(settings, (*loaded.faults, *faults), MappingProxyType(joined))


def _models(raw: object, place: Place) -> tuple[dict[str, Model | None], list[str]]:
    """Every named model, None where it can't be used; and the dotted keys that were set."""
    models: dict[str, Model | None] = {}
    keys: list[str] = []
    if not isinstance(raw, dict):
        mend = "write a table [models.NAME] for each model"
        place.report(place.fault("models", "must hold tables", mend, True))
        return models, keys
    for name, table in raw.items():
        under = place.under(f"models.{shown(name)}", True)
        if not checks.MODEL_NAME.fullmatch(name):
            mend = "use letters, digits, and . _ - only"
            place.report(under.fault("", "is not a name for a model", mend, True))
            continue
        wired = checked(wire.ModelTable, table, under)
        models[name] = _model(name, wired, under) if isinstance(table, dict) else None
        keys += [f"models.{name}.{key}" for key in wired.model_fields_set]
    return models, keys


def _model(name: str, table: wire.ModelTable, place: Place) -> Model | None:
    """A model that can be used; else None, with the reason reported."""
    provider = table.provider
    preset = PRESETS[provider] if provider else Preset("openai")
    # A compatible server's address must not be guessed: only OpenAI's own models are at OpenAI's.
    elsewhere = provider == "openai" and table.model not in preset.prices
    usual = "" if elsewhere else preset.url
    urls = (table.url or usual,) if isinstance(table.url, str) else tuple(dict.fromkeys(table.url))
    needed = [("provider", provider), ("url", urls[0])]
    if preset.needs_model:
        needed.append(("model", table.model))
    missing = [key for key, value in needed if not value and not place.reported(key)]
    for key in missing:
        mend = f"it must be {checks.expected(wire.ModelTable, key).words}"
        place.report(place.fault(key, "is missing", mend, True))
    if table.api_key_env and table.api_key_keyring:
        message = "and api_key_keyring are both set"
        place.report(place.fault("api_key_env", message, "keep one of them", True))
        return None
    if table.fim not in ("auto", "chat") and preset.wire in ("fim", "deepseek", "chat"):
        mend = 'remove it, or write "chat" for a model that cannot fill in the middle'
        place.report(place.fault("fim", f"is not for {provider}, whose server knows", mend, True))
        return None
    if provider is None or not all(value for _, value in needed):
        return None
    return _completed(name, provider, preset, table, urls)


def _completed(
    name: str, provider: Provider, preset: Preset, table: wire.ModelTable, urls: tuple[str, ...]
) -> Model:
    """A model with what its provider's preset adds; a key goes only where the preset knows."""
    model = table.model or preset.model
    # A server that the person put in its place has other keys and prices.
    usual = preset.url.removesuffix("/v1")
    own = all(url.rstrip("/").removesuffix("/v1") == usual for url in urls)
    prices = preset.prices.get(model) if own else None
    keyless = not (table.api_key_env or table.api_key_keyring)

    def price(set_to: float | None, known: float | None) -> float | None:
        return known if set_to is None else set_to

    return Model(
        name=name,
        provider=provider,
        url=urls[0],
        urls=urls if len(urls) > 1 else (),
        model=model,
        fim=table.fim,
        api_key_env=preset.api_key_env if own and keyless else table.api_key_env,
        api_key_keyring=table.api_key_keyring,
        price_in=price(table.price_in, prices.prompt if prices else None),
        # Cached tokens cost what the person says that tokens cost.
        price_cached_in=price(
            table.price_cached_in, prices.cached if prices and table.price_in is None else None
        ),
        price_out=price(table.price_out, prices.answer if prices else None),
    )


def _inline(
    names: list[str] | None, models: Mapping[str, Model | None], place: Place
) -> tuple[str, ...] | None:
    """The models to ask while one types; None where the file names none."""
    if names is None:
        return None
    named = _named("inline", names, models, place)
    for name in named:
        model = models[name]
        if model and PRESETS[model.provider].talk_only:
            message = f"names {brief(name)}, whose provider answers escalations only"
            place.report(place.fault("inline.models", message, "name it in escalation.models"))
    return tuple(
        name for name in named if (model := models[name]) and not PRESETS[model.provider].talk_only
    )


def _named(
    table: str, names: list[str], models: Mapping[str, Model | None], place: Place
) -> tuple[str, ...]:
    """The models that a table names, without those that can't be used; the mistakes reported."""
    for name in dict.fromkeys(names):
        if name not in models:
            message = f"names {brief(name)}, which has no table of its own"
            mend = f"add [models.{shown(name)}] or take the name out"
            place.report(place.fault(f"{table}.models", message, mend))
    return tuple(name for name in dict.fromkeys(names) if models.get(name))


def _tightened(
    settings: Settings,
    top: wire.WorkspaceFile,
    inline: wire.WorkspaceInline,
    privacy: wire.WorkspacePrivacy,
    budget: wire.BudgetTable,
    place: Place,
) -> tuple[Settings, list[str]]:
    """Settings with what is stricter taken over; and the dotted keys that changed."""
    changed: list[str] = []

    def stricter(key: str, now: Any, wanted: Any, allowed: bool) -> Any:
        if wanted == now:
            return now
        if not allowed:
            mend = "remove it, a workspace may only tighten"
            place.report(place.fault(key, "would loosen your own setting", mend))
            return now
        changed.append(key)
        return wanted

    def each(name: str, table: checks.Wired, now: Any) -> dict[str, Any]:
        values = {}
        for key in sorted(table.model_fields_set & {*_STRICTER}):
            wanted = getattr(table, key)
            allowed = _STRICTER[key](getattr(now, key), wanted)
            values[key] = stricter(f"{name}.{key}", getattr(now, key), wanted, allowed)
        return values

    tuning = replace(settings.tuning, **each("inline", inline, settings.tuning))
    off = settings.tuning.languages_off | {*inline.languages_off}
    tuning = replace(
        tuning, languages_off=stricter("inline.languages_off", tuning.languages_off, off, True)
    )
    ignore = (*settings.privacy.ignore, *_patterns(privacy.ignore, place))
    ignore = stricter("privacy.ignore", settings.privacy.ignore, ignore, True)
    return replace(
        settings,
        tuning=tuning,
        budget=replace(settings.budget, **each("budget", budget, settings.budget)),
        privacy=replace(settings.privacy, ignore=ignore),
        local_only=stricter("local_only", settings.local_only, top.local_only, top.local_only),
    ), changed


def _paced(pace: Pace, table: wire.PaceTable) -> Pace:
    """A pace with the places and the times of a table beside its own, and the table's pause."""
    return Pace(
        pace.learning | {os.path.expanduser(each) for each in table.learning},
        table.learning_pause_s,
        tuple(dict.fromkeys((*pace.quiet_hours, *table.quiet_hours))),
    )


def _slower(pace: Pace, table: wire.PaceTable, place: Place) -> tuple[Pace, list[str]]:
    """A pace that a workspace makes slower, and the dotted keys that changed."""
    key, now, wanted = "learning_pause_s", pace.learning_pause_s, table.learning_pause_s
    after = _paced(pace, table)
    if key not in table.model_fields_set:
        after = replace(after, learning_pause_s=now)
    elif wanted and (wanted < now or not now):
        mend = "remove it, a workspace may only tighten"
        place.report(place.fault(f"pace.{key}", "would loosen your own setting", mend))
        after = replace(after, learning_pause_s=now)
    names = (
        each.name for each in fields(Pace) if getattr(after, each.name) != getattr(pace, each.name)
    )
    return after, [f"pace.{name}" for name in names]


# Whether a workspace may change a value to another one: never to a looser.
_STRICTER: dict[str, Callable[[Any, Any], bool]] = {
    "enabled": lambda now, wanted: now and not wanted,
    "trigger": lambda now, wanted: wanted == "manual",
    "aggression": lambda now, wanted: wanted < now,
    "max_lines": lambda now, wanted: wanted < now,
    "day_usd": lambda now, wanted: wanted < now,
    "month_usd": lambda now, wanted: wanted < now,
}


def _patterns(patterns: list[str], place: Place) -> list[str]:
    """The patterns that take paths out, not those that would let some in again."""
    if any(pattern.strip().startswith("!") for pattern in patterns):
        mend = "remove it, a workspace may only tighten"
        place.report(place.fault("privacy.ignore", 'holds a pattern with "!"', mend))
    return [pattern for pattern in patterns if not pattern.strip().startswith("!")]


def _unknown(place: Place, name: str, siblings: tuple[str, ...]) -> Fault:
    """A key of the person's file that nobody knows."""
    in_model = place.key.startswith("models.")
    meant = checks.meant(name, siblings, place.key)
    if name == "local_only":
        message = "may stand in a workspace's .firsthand.toml only"
        return place.fault(name, message, "move it there", True)
    if in_model and not meant and checks.KEY_LIKE.search(name):
        message = "may not stand here: keys are never written into this file"
        mend = (
            "put the key into an environment variable and name it in api_key_env, "
            "or into the system's keyring and name it in api_key_keyring"
        )
        return place.fault(name, message, mend, True)
    mend = f'write "{meant}" if you meant that, else remove it' if meant else "remove it"
    # A restriction that is misspelt or misplaced is a fault of the table that it was meant for.
    guarded = bool(meant) and meant.split(".")[0] in _GUARDED
    return place.fault(name, "is not a known key", mend, place.remote_off or guarded)


def _refused_from_editor(place: Place, name: str, siblings: tuple[str, ...]) -> Fault:
    meant = checks.meant(name, siblings, "")
    if meant in siblings:
        return place.fault(name, "is not a known key", f'write "{meant}" if you meant that')
    message = "is refused: an editor may not set it"
    return place.fault(name, message, "set it in your own configuration file if you want it")


def _refused_from_workspace(place: Place, name: str, siblings: tuple[str, ...]) -> Fault:
    if name == "local_only":
        message = "stands in a table"
        return place.fault(name, message, "move it to the top of the file", True)
    meant = checks.meant(name, siblings, "")
    mend = f'write "{meant}" if you meant that' if meant in siblings else "remove it"
    return place.fault(name, "is refused: a workspace may not set it", mend)
