"""From settings to endpoints, and where their keys are."""

import pytest

from firsthand.backends.base import Endpoint, Misconfigured
from firsthand.backends.discovery import Found
from firsthand.backends.trial import Trial
from firsthand.router.endpoints import endpoint_of, endpoints_from, read_key
from firsthand.settings import Fault, Loaded, Model, Settings

LOCAL = Model("local", "llamacpp", "http://127.0.0.1:8012", "qwen2.5-coder-1.5b")
HOSTED = Model(
    "hosted",
    "openai",
    "https://api.example.com/v1",
    "codestral-latest",
    api_key_env="EXAMPLE_KEY",
    price_in=0.3,
    price_cached_in=0.1,
    price_out=0.9,
)
FOUND = Found(
    Endpoint("llama.cpp tiny", "llamacpp", "http://127.0.0.1:8080"), "llama.cpp", Trial("", 0)
)


def test_configured_models() -> None:
    settings = Settings(inline_models=("hosted", "local"), models=(LOCAL, HOSTED))
    assert endpoints_from(Loaded(settings), [FOUND]) == (
        Endpoint(
            "hosted",
            "openai",
            "https://api.example.com/v1",
            "codestral-latest",
            "codestral",
            remote=True,
            price_in=0.3,
            price_cached_in=0.1,
            price_out=0.9,
            api_key_env="EXAMPLE_KEY",
            guessed=True,
        ),
        Endpoint(
            *("local", "llamacpp", "http://127.0.0.1:8012", "qwen2.5-coder-1.5b", "qwen"),
            guessed=True,
        ),
    )


def test_without_a_list_what_was_found_is_used() -> None:
    assert endpoints_from(Loaded(Settings(models=(LOCAL,))), [FOUND]) == (FOUND.endpoint,)
    assert endpoints_from(Loaded(Settings(discover=False)), [FOUND]) == ()
    broken = Fault("config.toml", "models", "is wrong", "mend it", remote_off=True)
    assert endpoints_from(Loaded(Settings(), (broken,)), [FOUND]) == ()


@pytest.mark.parametrize(
    ("model", "template"),
    [
        (Model("a", "llamacpp", "http://127.0.0.1:1"), ""),
        (Model("a", "llamacpp", "http://127.0.0.1:1", fim="starcoder2"), "starcoder2"),
        (Model("a", "llamacpp", "http://127.0.0.1:1", "codegemma", fim="qwen"), "qwen"),
        (Model("a", "openai", "http://127.0.0.1:1", "deepseek-coder"), "deepseek"),
        (Model("a", "openai", "http://127.0.0.1:1", "odd"), ""),
        (Model("a", "openai", "http://127.0.0.1:1", "qwen2.5-coder", fim="chat"), "chat"),
        (Model("a", "ollama", "http://127.0.0.1:1", "qwen2.5-coder"), "qwen"),
        (Model("a", "mistral", "https://a.example", "codestral-latest"), ""),
        (Model("a", "openrouter", "https://a.example", "qwen2.5-coder"), "chat"),
    ],
)
def test_templates(model: Model, template: str) -> None:
    assert endpoint_of(model).template == template


@pytest.mark.parametrize(
    ("url", "name", "remote"),
    [
        ("http://localhost:11434", "codestral", False),
        ("http://[::1]:11434", "codestral", False),
        ("http://127.1.2.3:11434", "codestral", False),
        ("http://127.0.0.1:11434", "qwen3-coder:480b-cloud", True),
        ("https://127.0.0.1.example.com", "codestral", True),
        ("https://192.168.0.7", "codestral", True),
    ],
)
def test_what_leaves_the_machine(url: str, name: str, remote: bool) -> None:
    assert endpoint_of(Model("a", "openai", url, name)).remote is remote


def test_keys() -> None:
    from_env = endpoint_of(HOSTED)
    from_keyring = Endpoint("a", "openai", "https://a.example", api_key_keyring="mistral")
    assert read_key(FOUND.endpoint, {}) is None
    assert read_key(from_env, {"EXAMPLE_KEY": " secret\n"}) == "secret"
    assert (
        read_key(from_keyring, {}, lambda name: "secret" if name == "mistral" else None) == "secret"
    )
    with pytest.raises(Misconfigured, match="set the environment variable EXAMPLE_KEY"):
        read_key(from_env, {"EXAMPLE_KEY": " "})
    with pytest.raises(Misconfigured, match="firsthand keys set mistral"):
        read_key(from_keyring, {}, lambda _: None)
