"""The configuration of the tests: every key of the contract, most of them not at the default."""

from __future__ import annotations

from firsthand.settings import Loaded
from firsthand.settings.sources import parse_user

EXAMPLE = """
[inline]
enabled = true
trigger = "auto"
models = ["local", "codestral"]
discover = true
embedded = true
aggression = 0.4
max_lines = 6
patience_ms = 120
languages_off = ["markdown"]
[models.local]
provider = "llamacpp"
url = "http://127.0.0.1:8012"
model = "qwen2.5-coder-1.5b"
fim = "auto"
[models.codestral]
provider = "openai"
url = "https://example.com/v1"
model = "codestral-latest"
fim = "codestral"
api_key_env = "EXAMPLE_API_KEY"
price_in = 0.30
price_out = 1
[budget]
day_usd = 1.5
month_usd = 15
[privacy]
ignore = ["secrets/**"]
redact = true
keep_sent_days = 3
"""


def user(text: str) -> Loaded:
    return parse_user(text, "config.toml")
