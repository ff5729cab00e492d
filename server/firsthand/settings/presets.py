"""Who can be asked: what each provider's server speaks, where it is, and what its models cost.

One table, to be read and corrected by people. Prices are in USD per million tokens, as their
provider published them on the day named; where they differ by the hour, the highest stands here,
because caps are kept by them.

Sources: the providers' own reference pages (Ollama docs/api.md, LM Studio, vLLM, SGLang, TGI and
MAX serve guides for the ports; docs.mistral.ai, api-docs.deepseek.com, docs.inceptionlabs.ai and
openrouter.ai for addresses, key variables, models and prices). Prices and context lengths of the
models for escalation are those that LiteLLM 1.110.2 collected from the providers' price lists.
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
    "anthropic",
    "gemini",
    "qwen",
    "moonshot",
    "zai",
    "xai",
    "groq",
    "cerebras",
    "together",
    "fireworks",
    "litellm",
]
Wire = Literal["llamacpp", "ollama", "openai", "fim", "deepseek", "chat"]
Talk = Literal["anthropic", "responses", "chat", "gemini"]


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per million tokens: of the prompt, of its part that was cached, of the answer.

    Attributes:
        context: how many tokens the model can read; 0 if that is not known.
    """

    prompt: float
    cached: float
    answer: float
    context: int = 0


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
        talk: the format in which it answers questions, for escalations.
        talk_only: whether it answers nothing else, so that it can't complete while one types.
        written: the price of a prompt's token that is put into its cache, in those that are not.
        limit: what limits an answer in chat completions, the model's thoughts included.
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
    talk: Talk = "chat"
    talk_only: bool = False
    written: float = 1.0
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"


_LISTED = "2026-11-26"  # when the prices for escalations were looked up

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
        # Elsewhere it may stand before any provider: it says what was put into a cache.
        "litellm": Preset("chat", "http://127.0.0.1:4000", needs_model=True, written=1.25),
        # OpenAI's own service for its own models, else any server that is compatible with it.
        "openai": Preset(
            "openai",
            "https://api.openai.com",
            "",
            "OPENAI_API_KEY",
            needs_model=True,
            talk="responses",
            # Since GPT-5.6; the models before it are told to have written nothing.
            written=1.25,
            priced=_LISTED,
            prices={
                "gpt-6-astra": Prices(10.0, 1.0, 50.0, 922_000),
                "gpt-6.1-sol": Prices(2.0, 0.10, 10.0, 922_000),
                "gpt-6.1-terra": Prices(1.0, 0.05, 5.0, 922_000),
                "gpt-6-luna": Prices(0.10, 0.01, 0.50, 922_000),
                "gpt-5.5": Prices(5.0, 0.50, 30.0, 1_050_000),
                "gpt-5.4-mini": Prices(0.75, 0.075, 4.50, 272_000),
                "gpt-5.3-codex": Prices(1.75, 0.175, 14.0, 272_000),
            },
        ),
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
                "mistral-medium-latest": Prices(1.50, 0.15, 7.50, 262_144),
                "mistral-large-latest": Prices(0.50, 0.05, 1.50, 262_144),
                "devstral-latest": Prices(0.40, 0.04, 2.0, 256_000),
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
                "deepseek-flash": Prices(0.30, 0.006, 1.20, 1_000_000),
                "deepseek-v4-pro": Prices(1.32, 0.044, 3.96, 1_000_000),
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
        # It fills no holes itself: its models are asked as in a chat. What only its maker serves
        # costs what the maker takes (openrouter.ai/docs/faq); others' prices differ by their host.
        "openrouter": Preset(
            "chat",
            "https://openrouter.ai/api/v1",
            "",
            "OPENROUTER_API_KEY",
            needs_model=True,
            written=1.25,
            priced=_LISTED,
            prices={
                "anthropic/claude-opus-5.5": Prices(4.0, 0.20, 20.0, 1_000_000),
                "anthropic/claude-sonnet-5.5": Prices(2.0, 0.10, 10.0, 1_000_000),
                "anthropic/claude-haiku-5.5": Prices(0.10, 0.01, 0.50, 1_000_000),
                "openai/gpt-6.1-sol": Prices(2.0, 0.10, 10.0, 922_000),
                "openai/gpt-6.1-terra": Prices(1.0, 0.05, 5.0, 922_000),
                "openai/gpt-6-luna": Prices(0.10, 0.01, 0.50, 922_000),
                "google/gemini-4-argon": Prices(2.0, 0.10, 10.0, 1_048_576),
                "google/gemini-3.8-flash": Prices(0.75, 0.075, 3.75, 1_048_576),
            },
        ),
        # For escalations. Some of their models complete as well, asked as in a chat.
        "anthropic": Preset(
            "chat",
            "https://api.anthropic.com",
            "claude-opus-5-5",
            "ANTHROPIC_API_KEY",
            talk="anthropic",
            talk_only=True,
            written=1.25,
            priced=_LISTED,
            prices={
                "claude-fable-5-1": Prices(10.0, 0.25, 50.0, 1_000_000),
                "claude-opus-5-5": Prices(4.0, 0.20, 20.0, 1_000_000),
                "claude-sonnet-5-5": Prices(2.0, 0.10, 10.0, 1_000_000),
                # Above 100,000 tokens it costs more: no escalation reads as many.
                "claude-haiku-5-5": Prices(0.10, 0.01, 0.50, 1_000_000),
            },
        ),
        "gemini": Preset(
            "chat",
            "https://generativelanguage.googleapis.com",
            "gemini-4-argon",
            "GEMINI_API_KEY",
            talk="gemini",
            talk_only=True,
            priced=_LISTED,
            prices={
                "gemini-4-argon": Prices(2.0, 0.10, 10.0, 1_048_576),
                "gemini-4-hydrogen": Prices(1.50, 0.075, 7.50, 1_048_576),
                "gemini-3.8-flash": Prices(0.75, 0.075, 3.75, 1_048_576),
                "gemini-3.5-flash-lite": Prices(0.30, 0.03, 2.50, 1_048_576),
            },
        ),
        "qwen": Preset(
            "chat",
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
            "qwen3.8-max",
            "DASHSCOPE_API_KEY",
            # With `max_tokens` it would think without a limit. (Source: Qwen's API reference.)
            limit="max_completion_tokens",
            priced=_LISTED,
            prices={
                "qwen3.8-max": Prices(2.0, 0.25, 6.0, 991_808),
                "qwen3.8-flash": Prices(0.15, 0.016, 0.47, 991_808),
            },
        ),
        "moonshot": Preset(
            "chat",
            "https://api.moonshot.ai/v1",
            "kimi-k3.1-pro",
            "MOONSHOT_API_KEY",
            priced=_LISTED,
            prices={
                "kimi-k3.1-pro": Prices(2.0, 0.20, 10.0, 1_048_576),
                "kimi-k3": Prices(3.0, 0.30, 15.0, 1_048_576),
                "kimi-k2.7-code": Prices(0.95, 0.19, 4.0, 262_144),
            },
        ),
        "zai": Preset(
            "chat",
            "https://api.z.ai/api/paas/v4",
            "glm-5.3",
            "ZAI_API_KEY",
            priced=_LISTED,
            prices={
                "glm-5.3": Prices(1.40, 0.26, 4.40, 1_000_000),
                "glm-5.3-flash": Prices(0.15, 0.03, 0.50, 1_048_576),
            },
        ),
        "xai": Preset(
            "chat",
            "https://api.x.ai/v1",
            "grok-4.20-0309",
            "XAI_API_KEY",
            talk="responses",
            priced=_LISTED,
            prices={"grok-4.20-0309": Prices(1.25, 0.20, 2.50, 1_000_000)},
        ),
        "groq": Preset(
            "chat",
            "https://api.groq.com/openai/v1",
            "openai/gpt-oss-120b",
            "GROQ_API_KEY",
            priced=_LISTED,
            prices={
                "openai/gpt-oss-120b": Prices(0.15, 0.075, 0.60, 131_072),
                "qwen/qwen3.8-27b": Prices(0.80, 0.80, 4.0, 131_072),
            },
        ),
        "cerebras": Preset(
            "chat",
            "https://api.cerebras.ai/v1",
            "gpt-oss-120b",
            "CEREBRAS_API_KEY",
            priced=_LISTED,
            prices={"gpt-oss-120b": Prices(0.35, 0.35, 0.75, 131_072)},
        ),
        "together": Preset(
            "chat",
            "https://api.together.xyz/v1",
            "moonshotai/Kimi-K3.1-Pro",
            "TOGETHER_API_KEY",
            priced=_LISTED,
            prices={"moonshotai/Kimi-K3.1-Pro": Prices(2.0, 0.20, 10.0, 1_048_576)},
        ),
        "fireworks": Preset(
            "chat",
            "https://api.fireworks.ai/inference/v1",
            "accounts/fireworks/models/kimi-k3p1-pro",
            "FIREWORKS_API_KEY",
            priced=_LISTED,
            prices={
                "accounts/fireworks/models/kimi-k3p1-pro": Prices(2.0, 0.20, 10.0, 1_048_576),
            },
        ),
    }
)
