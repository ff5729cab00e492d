"""The person's file: what is read, and what each kind of fault does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.settings.example import EXAMPLE, user

from firsthand.core.snapshot import Tuning
from firsthand.settings import PRESETS, Budget, Loaded, Model, Privacy, Settings, is_loopback


def check(text: str, *faults: str, remote: bool) -> Settings:
    """A person's file has these faults, each a beginning of the sentence, and no others."""
    loaded = user(text)
    said = [str(fault) for fault in loaded.faults]
    assert len(said) == len(faults), said
    for sentence, expected in zip(said, faults, strict=True):
        assert sentence.startswith(f"config.toml{expected}"), sentence
        assert sentence.endswith(".")
    assert loaded.remote_allowed is remote
    return loaded.settings


def test_the_whole_contract_is_read() -> None:
    read = check(EXAMPLE, remote=True)
    assert read == Settings(
        tuning=Tuning(
            aggression=0.4, max_lines=6, patience_ms=120, languages_off=frozenset({"markdown"})
        ),
        inline_models=("local", "codestral"),
        models=(
            Model("local", "llamacpp", "http://127.0.0.1:8012", "qwen2.5-coder-1.5b"),
            Model(
                "codestral",
                "openai",
                "https://example.com/v1",
                "codestral-latest",
                fim="codestral",
                api_key_env="EXAMPLE_API_KEY",
                price_in=0.3,
                price_out=1.0,
            ),
        ),
        budget=Budget(1.5, 15.0),
        privacy=Privacy(("secrets/**",), redact=True, keep_sent_days=3),
    )


def test_an_empty_file_is_all_defaults() -> None:
    loaded = user("")
    assert loaded == Loaded()
    assert loaded.discovers
    assert loaded.inline_models == ()


def test_named_models_replace_discovery() -> None:
    loaded = user(EXAMPLE)
    assert [model.name for model in loaded.inline_models] == ["local", "codestral"]
    assert not loaded.discovers


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("enabled = 1", "inline.enabled must be true or false, not 1;"),
        ('enabled = "no"', 'inline.enabled must be true or false, not "no";'),
        ('trigger = "automatic"', 'inline.trigger must be "auto" or "manual", not "automatic";'),
        ("aggression = 7", "inline.aggression must be a number from 0 to 1, not 7;"),
        ("aggression = nan", "inline.aggression must be a number from 0 to 1, not nan;"),
        ("aggression = -inf", "inline.aggression must be a number from 0 to 1, not -inf;"),
        ('aggression = "0.5"', 'inline.aggression must be a number from 0 to 1, not "0.5";'),
        ("aggression = true", "inline.aggression must be a number from 0 to 1, not true;"),
        ("max_lines = 0", "inline.max_lines must be a whole number from 1 to 50, not 0;"),
        ("max_lines = 51", "inline.max_lines must be a whole number from 1 to 50, not 51;"),
        ("max_lines = 2.5", "inline.max_lines must be a whole number from 1 to 50, not 2.5;"),
        ("max_lines = 1979-05-27", "inline.max_lines must be a whole number from 1 to 50, not a"),
        ("patience_ms = -1", 'inline.patience_ms must be "auto" or a whole number of mill'),
        ("patience_ms = 1001", 'inline.patience_ms must be "auto" or a whole number of mill'),
        ('languages_off = "c"', "inline.languages_off must be a list of language ids in quotes, "),
        (
            'languages_off = ["c", 3]',
            "inline.languages_off must be a list of language ids in quotes, not a list with 3;",
        ),
        ("models = [[[]]]", "inline.models must be a list of names"),
        ("max_lines = 0x" + "f" * 4000, "inline.max_lines must be a whole number from 1 to 50, "),
        ("aggression = 0x" + "f" * 4000, "inline.aggression must be a number from 0 to 1, "),
    ],
)
def test_a_bad_key_falls_back_alone_and_is_named_once(line: str, said: str) -> None:
    read = check(f"[inline]\nembedded = false\n{line}", f": {said}", remote=True)
    assert read == Settings(tuning=Tuning(embedded=False))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[inline]\nagression = 1", ': inline.agression is not a known key; write "aggression"'),
        ("[inline]\nfoo = 1", ": inline.foo is not a known key; remove it."),
        ("aggression = 1", ': aggression is not a known key; write "inline.aggression"'),
        ("[inlin]\nmax_lines = 1", ': inlin is not a known key; write "inline"'),
        ('"a\\nb\\u001b[31m" = 1', ': "a\\nb'),
        ("[inline.max_lines]\nx = 1", ": inline.max_lines must be a whole number from 1 to 50, "),
        ("inline = 3", ": inline must be a table, not 3;"),
        (
            "[escalation]\nmodels = 'x'",
            ": escalation.models must be a list of names of [models.NAME",
        ),
        ("[escalation]\nefforts = 3", ": escalation.efforts is not a known key; remove it"),
        ("[escalation]\nmodels = ['x']", ': escalation.models names "x", which has no table'),
    ],
)
def test_a_key_nobody_knows_warns(text: str, said: str) -> None:
    assert check(text, said, remote=True) == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[budget]\nday_usd = -1", ": budget.day_usd must be a number of USD from 0 to"),
        ("[budget]\nday_usd = nan", ": budget.day_usd must be a number of USD from 0 to"),
        ("[budget]\nmonth_usd = inf", ": budget.month_usd must be a number of USD from 0 to"),
        ("[budget]\nday_usd = '2'", ": budget.day_usd must be a number of USD from 0 to"),
        ("[budget]\nday_us = 1", ': budget.day_us is not a known key; write "day_usd"'),
        ("[budget]\nweek_usd = 1", ": budget.week_usd is not a known key;"),
        ("budget = 2", ": budget must be a table, not 2;"),
        ("[privacy]\nredact = 'yes'", ": privacy.redact must be true or false"),
        ("[privacy]\nignore = 'x'", ": privacy.ignore must be a list of patterns"),
        ('[privacy]\nignore = ["a\\n!b"]', ": privacy.ignore must be a list of patterns"),
        ('[privacy]\nignore = ["a\\u2028!b"]', ": privacy.ignore must be a list of patterns"),
        ("[privacy]\nkeep_sent_days = -1", ": privacy.keep_sent_days must be a whole number"),
        ("[privcy]\nignore = ['x']", ': privcy is not a known key; write "privacy"'),
        ("[bugdet]\nday_usd = 1", ': bugdet is not a known key; write "budget"'),
        ("day_usd = 1", ': day_usd is not a known key; write "budget.day_usd"'),
        ("[inline]\nignore = ['x']", ': inline.ignore is not a known key; write "privacy.ignore"'),
        ("local_only = true", ": local_only may stand in a workspace's .firsthand.toml only;"),
        ("models = 3", ": models must hold tables;"),
        ("models.x = 3", ": models.x must be a table, not 3;"),
        ("[models]\napi_key = 'sk-SECRET1'", ": models.api_key must be a table, not text;"),
        ('[models."x y"]', ': models."x y" is not a name for a model;'),
        ("x = ", " is not valid TOML: "),
        ("[inline]\nmax_lines = 1\nmax_lines = 2", " is not valid TOML: "),
        ("a = " + "[" * 20_000, " is nested too deeply;"),
        ("a = " + "{a = " * 9_000, " is nested too deeply;"),
        ("a = " + "9" * 5_000, " is not valid TOML: "),
        ("a" + ".a" * 30_000 + " = 1", " has more than 128 dots on line 1;"),
        ("\n".join(f"k{n} = 1" for n in range(5_000)), " has more than 500 keys;"),
        ("#" * 70_000, " is larger than 64 KiB;"),
    ],
)
def test_what_could_loosen_a_restriction_turns_remote_tiers_off(text: str, said: str) -> None:
    assert check(text, said, remote=False) == Settings()
    assert not user(text).discovers


LOCAL = '[inline]\nmodels = ["m"]\n[models.m]\nprovider = "llamacpp"\nurl = "http://[::1]:1/x"\n'
HOSTED = (
    '[inline]\nmodels = ["m"]\n[models.m]\nprovider = "openai"\nmodel = "q"\nurl = "http://h"\n'
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LOCAL + 'url2 = "x"', ': models.m.url2 is not a known key; write "url"'),
        (LOCAL + "price_in = -1", ": models.m.price_in must be a number of USD"),
        (LOCAL + "price_out = inf", ": models.m.price_out must be a number of USD"),
        (LOCAL + 'fim = "qwne"', ': models.m.fim must be "auto" or the name of a template: qwen'),
        (LOCAL + 'fim = "sk-SECRET1"', ': models.m.fim must be "auto" or the name of a template'),
        (LOCAL + 'price_in = "sk-SECRET1"', ": models.m.price_in must be a number of USD"),
        (LOCAL + 'api_key = "sk-SECRET1"', ": models.m.api_key may not stand here: keys are never"),
        (LOCAL + 'token = "sk-SECRET1"', ": models.m.token may not stand here: keys are never"),
        (LOCAL + 'api_key_env = "sk-SECRET1"', ": models.m.api_key_env must be the name of an env"),
        (LOCAL + f'api_key_env = "gsk_SECRET1{"a1" * 9}"', ": models.m.api_key_env must be the na"),
        (LOCAL + 'api_key_evn = "X"', ': models.m.api_key_evn is not a known key; write "api_key_'),
    ],
)
def test_a_fault_in_a_models_table(text: str, said: str) -> None:
    read = check(text, said, remote=False)
    assert [model.name for model in read.models] == ["m"]
    assert user(text).inline_models == ()
    assert "SECRET1" not in "".join(map(str, user(text).faults))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[inline]\nmodels=["m"]\n[models.m]\nurl = "http://h"', ": models.m.provider is missing;"),
        ('[models.m]\nprovider = "openai"\nmodel = "q"', ": models.m.url is missing;"),
        ('[models.m]\nprovider = "ollama"', ": models.m.model is missing;"),
        ('[models.m]\nprovider = "openrouter"', ": models.m.model is missing;"),
        ('[models.m]\nprovider = "mistral"\nfim = "qwen"', ": models.m.fim is not for mistral, wh"),
        (
            '[models.m]\nprovider = "openrouter"\nmodel = "q"\nfim = "qwen"',
            ": models.m.fim is not f",
        ),
        (
            '[models.m]\nprovider = "openai"\nurl = "http://h"',
            ": models.m.model is missing;",
        ),
        ('[models.m]\nprovider = "lamacpp"\nurl = "http://h"', ': models.m.provider must be "llam'),
        (LOCAL + 'api_key_env = "A"\napi_key_keyring = "b"', ": models.m.api_key_env and api_key_"),
        *(
            (HOSTED.replace("http://h", url), ": models.m.url must be an http:// or https:// URL")
            for url in (
                "ftp://h",
                "h",
                "http://",
                "http://u:SECRET1@h/",
                "http://h/?key=SECRET1",
                "http://h/#SECRET1",
                "http://h:99999",
                "http://h:0",
                "http://[::1",
                "http://h/a b",
                "http://h\\\\@x",
                "http://h\\t",
                "http://h\\u00e9",
            )
        ),
    ],
)
def test_a_model_that_cannot_be_asked(text: str, said: str) -> None:
    read = check(text, said, remote=False)
    assert read.models == ()
    assert "SECRET1" not in "".join(map(str, user(text).faults))


@pytest.mark.parametrize("provider", ["anthropic", "gemini"])
def test_who_answers_escalations_only_is_not_asked_for_more(provider: str) -> None:
    text = LOCAL.replace('["m"]', '["m", "big"]')
    text += f'[models.big]\nprovider = "{provider}"\n[escalation]\nmodels = ["big"]'
    check(text, ': inline.models names "big", whose provider answers escalations', remote=True)
    loaded = user(text)
    assert [model.name for model in loaded.inline_models] == ["m"]
    assert [model.name for model in loaded.escalation_models] == ["big"]


def test_a_model_that_is_swapped_is_one_line() -> None:
    for provider, preset in PRESETS.items():
        if not is_loopback(preset.url) and preset.prices:
            name = next(iter(preset.prices))
            table = f'[models.m]\nprovider = "{provider}"\nmodel = "{name}"\n'
            loaded = user(f'[escalation]\nmodels = ["m"]\n{table}')
            assert loaded.faults == ()
            (model,) = loaded.escalation_models
            assert (model.url, model.api_key_env) == (preset.url, preset.api_key_env)
            assert model.price_out == preset.prices[name].answer


def test_only_its_own_models_are_at_openai() -> None:
    table = '[escalation]\nmodels = ["m"]\n[models.m]\nprovider = "openai"\nmodel = "qwen"'
    check(table, ": models.m.url is missing;", remote=False)


def one(table: str) -> Model:
    (model,) = check(f'[inline]\nmodels = ["m"]\n[models.m]\n{table}', remote=True).models
    return model


@pytest.mark.parametrize(
    ("table", "model"),
    [
        ('provider = "llamacpp"', Model("m", "llamacpp", "http://127.0.0.1:8012")),
        (
            'provider = "ollama"\nmodel = "qwen2.5-coder:1.5b"',
            Model("m", "ollama", "http://127.0.0.1:11434", "qwen2.5-coder:1.5b"),
        ),
        ('provider = "lmstudio"', Model("m", "lmstudio", "http://127.0.0.1:1234")),
        (
            'provider = "vllm"\nurl = "http://127.0.0.1:9"\nfim = "chat"',
            Model("m", "vllm", "http://127.0.0.1:9", fim="chat"),
        ),
        (
            'provider = "mistral"',
            Model(
                *("m", "mistral", "https://api.mistral.ai", "codestral-latest"),
                api_key_env="MISTRAL_API_KEY",
                price_in=0.3,
                price_cached_in=0.3,
                price_out=0.9,
            ),
        ),
        (
            'provider = "deepseek"\napi_key_keyring = "deep"\nprice_in = 5',
            Model(
                *("m", "deepseek", "https://api.deepseek.com/beta", "deepseek-flash"),
                api_key_keyring="deep",
                price_in=5.0,
                price_out=1.2,
            ),
        ),
        (
            'provider = "openrouter"\nmodel = "a/b"\nurl = "https://openrouter.ai/api/v1/"',
            Model(
                *("m", "openrouter", "https://openrouter.ai/api/v1/", "a/b"),
                api_key_env="OPENROUTER_API_KEY",
            ),
        ),
    ],
)
def test_a_preset_fills_in_what_is_not_said(table: str, model: Model) -> None:
    assert one(table) == model


def test_a_key_goes_nowhere_else_than_to_its_provider() -> None:
    for url in ("https://mistral.example.com", "https://api.mistral.ai.example.com", "http://h"):
        elsewhere = one(f'provider = "mistral"\nurl = "{url}"')
        assert (elsewhere.api_key_env, elsewhere.price_in) == ("", None)
    both = one('provider = "mistral"\nurl = ["https://api.mistral.ai", "https://e.example"]')
    assert (both.api_key_env, both.price_in) == ("", None)
    other = one('provider = "mistral"\nmodel = "other"')
    assert (other.api_key_env, other.price_in) == ("MISTRAL_API_KEY", None)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ('provider = "olama"', "ollama"),
        ('provider = "llama.cpp"', "llamacpp"),
        ('provider = "LM-Studio"', "lmstudio"),
        ('provider = "deepsek"', "deepseek"),
        ('provider = "llamacpp"\nfim = "star-coder2"', "starcoder2"),
    ],
)
def test_a_value_that_is_almost_right(line: str, meant: str) -> None:
    (fault, *_) = user(f'[inline]\nmodels = ["m"]\n[models.m]\n{line}').faults
    assert f'write "{meant}" if you meant that' in str(fault)
    assert fault.remote_off


def test_names_and_tables_that_do_not_meet_are_said() -> None:
    table = '[models.a]\nprovider = "llamacpp"\nurl = "http://h"\n'
    check(
        '[inline]\nmodels = ["b", "b"]\n' + table,
        ': inline.models names "b", which has no table of its own; add [models.b]',
        ': models.a is not used; add "a" to inline.models or escalation.models.',
        remote=True,
    )
    # A list of which nothing is left does not turn into "whatever is found".
    assert not user('[inline]\nmodels = ["b"]').discovers
    assert user("[inline]\nmodels = []").settings.inline_models == ()


def test_many_faults_are_counted_and_still_fail_closed() -> None:
    text = "\n".join(f"k{n} = 1" for n in range(300)) + "\n[budget]\nday_usd = -1"
    loaded = user(text)
    assert len(loaded.faults) == 21
    assert str(loaded.faults[-1]).startswith("config.toml has 281 more faults;")
    assert not loaded.remote_allowed


def test_hostile_dots_take_little_time() -> None:
    start = time.thread_time()
    user("\n".join(f"k{n}" + ".a" * 128 + " = 1" for n in range(248)))
    assert time.thread_time() - start < 5


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
@settings(max_examples=200)
def test_any_text_is_read_or_refused(text: str) -> None:
    loaded = user(text)
    assert loaded.faults or text.strip() == "" or "#" in text or loaded.settings == Settings()
    for fault in loaded.faults:
        assert str(fault).isprintable()


def test_how_escalations_ask_and_check() -> None:
    folder = f"{Path.cwd().anchor}a b"
    loaded = user(f"[escalation]\nstrategy = 'panel'\n[escalation.check]\n'{folder}' = 'make test'")
    assert loaded.faults == ()
    assert loaded.settings.strategy == "panel"
    assert loaded.settings.checks == ((folder, "make test"),)
    for table in ("a = 'b'", f"'{folder}' = ''", f"'{folder}' = 'b \"'", f"'{folder}' = 1"):
        loaded = user(f"[escalation.check]\n'{folder}c' = 'd'\n{table}")
        (fault,) = loaded.faults
        assert "escalation.check must be a table of commands" in str(fault)
        assert loaded.settings.checks == ()  # a command that is not understood is not run
