"""Who can be asked: what each provider's server speaks, where it is, and what its models cost.

One table, to be read and corrected by people. Prices are in USD per million tokens, as their
provider published them on the day named; where they differ by the hour, the highest stands here,
because caps are kept by them.

Sources: the providers' own reference pages (Ollama docs/api.md, LM Studio, vLLM, SGLang, TGI and
MAX serve guides for the ports; docs.mistral.ai, api-docs.deepseek.com, docs.inceptionlabs.ai and
openrouter.ai for addresses, key variables, models and prices).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Provider = Literal[
    "llamacpp",
    "ollama",
    "lmstudio",
    "vllm",
    "sglang",
    "tgi",
    "max",
    "openai",
    "mistral",
    "codestral",
    "deepseek",
    "inception",
    "openrouter",
]
Wire = Literal["llamacpp", "ollama", "openai", "fim", "deepseek", "chat"]


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per million tokens: of the prompt, of its part that was cached, of the answer."""

    prompt: float
    cached: float
    answer: float


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of a provider without configuration.

    Attributes:
        wire: the format that its server speaks; "openai" is a prompt of our own template.
        url: where it answers; empty where only the person knows.
        model: the model to ask for; empty where the server has one, or the person has to say.
        api_key_env: the environment variable that usually holds its key.
        template: the family of its models, where its server puts the template around them itself.
        needs_model: whether the person has to name a model.
        logprobs: whether its server gives log-probabilities at no price.
        priced: the day on which the prices were looked up.
        prices: by the model's name.
    """

    wire: Wire
    url: str = ""
    model: str = ""
    api_key_env: str = ""
    template: str = ""
    needs_model: bool = False
    logprobs: bool = False
    priced: str = ""
    prices: Mapping[str, Prices] = field(default_factory=lambda: MappingProxyType({}))


PRESETS: Mapping[Provider, Preset] = MappingProxyType(
    {
        # On this machine, or one of the person's.
        "llamacpp": Preset("llamacpp", "http://127.0.0.1:8012"),
        "ollama": Preset("ollama", "http://127.0.0.1:11434", needs_model=True),
        "lmstudio": Preset("openai", "http://127.0.0.1:1234"),
        "vllm": Preset("openai", "http://127.0.0.1:8000", logprobs=True),
        "sglang": Preset("openai", "http://127.0.0.1:30000", logprobs=True),
        "tgi": Preset("openai", "http://127.0.0.1:3000"),
        "max": Preset("openai", "http://127.0.0.1:8000"),
        # Any other server that is compatible with OpenAI's.
        "openai": Preset("openai", needs_model=True),
        # Elsewhere.
        "mistral": Preset(
            "fim",
            "https://api.mistral.ai",
            "codestral-latest",
            "MISTRAL_API_KEY",
            template="codestral",
            priced="2026-09-04",
            prices={
                "codestral-latest": Prices(0.30, 0.30, 0.90),
                "codestral-2508": Prices(0.30, 0.30, 0.90),
            },
        ),
        "codestral": Preset(
            "fim",
            "https://codestral.mistral.ai",
            "codestral-latest",
            "CODESTRAL_API_KEY",
            template="codestral",
            priced="2026-09-04",
            prices={"codestral-latest": Prices(0.30, 0.30, 0.90)},
        ),
        "deepseek": Preset(
            "deepseek",
            "https://api.deepseek.com/beta",
            "deepseek-flash",
            "DEEPSEEK_API_KEY",
            template="deepseek",
            priced="2026-10-27",
            prices={
                "deepseek-flash": Prices(0.30, 0.006, 1.20),
                "deepseek-v4-pro": Prices(1.32, 0.044, 3.96),
            },
        ),
        "inception": Preset(
            "fim",
            "https://api.inceptionlabs.ai",
            "mercury-edit-2",
            "INCEPTION_API_KEY",
            priced="2026-07-19",
            prices={"mercury-edit-2": Prices(0.25, 0.025, 0.75)},
        ),
        # It fills no holes itself: its models are asked as in a chat.
        "openrouter": Preset(
            "chat", "https://openrouter.ai/api/v1", "", "OPENROUTER_API_KEY", needs_model=True
        ),
    }
)
