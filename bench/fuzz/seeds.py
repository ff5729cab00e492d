"""What the fuzzing begins with: inputs of each kind as they should be."""

from __future__ import annotations

from pathlib import Path

from tests.core.test_redact import SECRETS

_ROOT = Path(__file__).parents[2]
_RECORDINGS = _ROOT / "tests/backends/recordings"
_CONFIGURATION = """
local_only = true
[inline]
models = ["local"]
aggression = 0.5
languages_off = ["markdown"]
[models.local]
provider = "llamacpp"
url = "http://127.0.0.1:8012"
price_in = 0.3
[budget]
day_usd = 2.0
[privacy]
ignore = ["secrets/**"]
redact = true
keep_sent_days = 7
"""
_REPLIES = (
    "Done.\n<<<<<<< SEARCH\n    return 2\n=======\n    return 3\n>>>>>>> REPLACE\nCHECK `3`: why\n",
    "```diff\n--- a\n+++ b\n@@ -1,2 +1,2 @@\n def f(a):\n-    if a:\n+    if not a:\n```\n",
    "<think>hm</think>Here:\n```python\ndef f(a):\n    return 1\n```\n",
)


def seeds(target: str) -> list[bytes]:
    """Some inputs for a target."""
    if target in ("stream", "records"):
        found = [path.read_bytes() for path in sorted(_RECORDINGS.rglob("*")) if path.is_file()]
        if target == "stream":
            return [each[:2000] for each in found]
        lines = (line.removeprefix(b"data: ") for each in found for line in each.splitlines())
        return [line for line in lines if line.startswith(b"{")][:200]
    if target == "patch":
        return [each.encode() for each in _REPLIES]
    if target == "configuration":
        return [_CONFIGURATION.encode(), b'{"firsthand": {"aggression": 2, "max_lines": null}}']
    return [f'password = "{each}"\nx = {each}\n'.encode() for each in SECRETS]
