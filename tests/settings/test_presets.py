"""The table of the providers that can be asked."""

from __future__ import annotations

from firsthand.core.fim import TEMPLATES
from firsthand.settings import PRESETS, is_loopback
from firsthand.settings.presets import Provider


def test_the_presets_are_whole() -> None:
    for name, preset in PRESETS.items():
        assert bool(preset.prices) == bool(preset.priced), name
        assert preset.model in preset.prices or not preset.prices or preset.needs_model, name
        assert preset.url.startswith(("http://127.0.0.1:", "https://")), name
        assert is_loopback(preset.url) is (not preset.api_key_env), name
        assert not preset.template or preset.template in TEMPLATES, name
        for prices in preset.prices.values():
            assert 0 < prices.cached <= prices.prompt <= prices.answer, name


def test_openrouter_takes_what_the_makers_take() -> None:
    makers: dict[str, Provider] = {"anthropic": "anthropic", "openai": "openai", "google": "gemini"}
    for name, prices in PRESETS["openrouter"].prices.items():
        maker, _, model = name.partition("/")
        known = PRESETS[makers[maker]].prices
        own = model.replace(".", "-") if maker == "anthropic" else model
        assert known[own] == prices, name
