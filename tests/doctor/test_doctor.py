"""What the two commands say, from a configuration on disk and servers made of functions."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from tests.backends.fakes import Handler, streaming, transport

from firsthand.doctor import Health, Models, Surroundings, examine, models

ANSWER = streaming({"content": " + second", "stop": True})
NOISE = streaming({"content": "Sure!", "stop": True})
PAID = streaming({"choices": [{"text": " + second", "finish_reason": "stop"}]}, "[DONE]")

LOCAL = """
[models.local]
provider = "llamacpp"
url = "http://127.0.0.1:8012"
model = "qwen2.5-coder-1.5b"
"""
HOSTED = """
[models.hosted]
provider = "openai"
url = "https://api.example.com"
model = "codestral-latest"
api_key_env = "EXAMPLE_KEY"
price_in = 0
price_out = 0.9
"""
BOTH = '[inline]\nmodels = ["local"]\n' + LOCAL + HOSTED


class Home:
    """A person's folders, and the servers they can reach."""

    def __init__(self, folder: Path, config: str | None = None, **environ: str) -> None:
        self.folder = folder
        (folder / "project").mkdir()
        self.environ = {"FIRSTHAND_HOME": str(folder / "home"), **environ}
        if config is not None:
            file = folder / "config.toml"
            file.write_text(config, encoding="utf-8")
            self.environ["FIRSTHAND_CONFIG"] = str(file)
        self.servers: dict[str, Handler] = {}
        self.ports: tuple[int, ...] = (8012, 8080)  # where servers are looked for

    def _handle(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        handler = self.servers.get(f"{url.port or url.host}{url.path}")
        if handler is None and not any(each.startswith(str(url.port)) for each in self.servers):
            raise httpx.ConnectError("refused")
        return handler(request) if handler else httpx.Response(404)

    def around(self) -> Surroundings:
        return Surroundings(
            self.folder / "project", self.environ, self.ports, transport(self._handle)
        )

    def examine(self) -> Health:
        health = examine(self.around())
        as_json = health.to_json()
        json.dumps(as_json)
        assert as_json["schema"] == 1
        assert as_json["healthy"] is health.healthy
        assert len(as_json["checks"]) == len(health.to_text().splitlines())
        return health

    def models(self) -> Models:
        found = models(self.around())
        as_json = found.to_json()
        json.dumps(as_json)
        assert as_json["schema"] == 1
        return found


def level(health: Health, subject: str, words: str) -> str:
    (finding,) = [f for f in health.findings if f.subject == subject and words in f.text]
    return finding.level


def test_a_fresh_machine(tmp_path: Path) -> None:
    health = Home(tmp_path).examine()
    assert health.healthy
    assert level(health, "configuration", "the defaults are in force") == "ok"
    assert level(health, "cache folder", "can be written to") == "ok"
    assert level(health, "data folder", "can be written to") == "ok"
    assert level(health, "index", "firsthand index") == "note"
    assert level(health, "discovery", "start one") == "note"


def test_models_that_work(tmp_path: Path) -> None:
    home = Home(tmp_path, BOTH, EXAMPLE_KEY="secret")
    home.servers = {"8012/completion": ANSWER, "api.example.com/v1/completions": PAID}
    health = home.examine()
    assert level(health, "model local", "fills in the middle") == "ok"
    assert level(health, "model hosted", "fills in the middle") == "ok"
    assert "secret" not in health.to_text()


@pytest.mark.parametrize(
    ("servers", "words"),
    [
        ({}, "start it, or correct its url"),
        ({"8012/completion": NOISE}, "set fim"),
        ({"8012/other": ANSWER}, "check its url and model"),
        ({"8012/completion": streaming(status=503)}, "loads its model"),
    ],
)
def test_a_model_that_does_not_work(
    tmp_path: Path, servers: Mapping[str, Handler], words: str
) -> None:
    home = Home(tmp_path, '[inline]\nmodels = ["local"]\n' + LOCAL)
    home.servers = dict(servers)
    health = home.examine()
    assert not health.healthy
    assert level(health, "model local", words) == "fault"


def test_a_key_that_is_missing(tmp_path: Path) -> None:
    assert level(Home(tmp_path, HOSTED).examine(), "model hosted", "EXAMPLE_KEY") == "fault"


def test_a_model_without_a_price(tmp_path: Path) -> None:
    config = '[inline]\nmodels = ["hosted"]\n' + HOSTED.replace("price_in = 0\n", "")
    home = Home(tmp_path, config, EXAMPLE_KEY="secret")
    home.servers = {"api.example.com/v1/completions": PAID}
    assert level(home.examine(), "model hosted", "no known price") == "fault"


def test_the_level_comes_last_with_its_reason(tmp_path: Path) -> None:
    def last(home: Home) -> tuple[str, str]:
        found = home.examine().findings[-1]
        assert found.subject == "level"
        return found.level, found.text

    both = Home(tmp_path, BOTH, EXAMPLE_KEY="secret")
    found, text = last(both)
    assert (found, text) == ("note", "embedded: model local gives no completions, see above.")
    both.servers = {"8012/completion": ANSWER}
    found, text = last(both)
    assert (found, text[:23]) == ("ok", "inline, by model local;")
    (tmp_path / "other").mkdir()
    nobody = Home(tmp_path / "other", "[inline]\nmodels = []\n")
    assert last(nobody) == ("note", "embedded: no model is asked.")


def test_a_broken_configuration(tmp_path: Path) -> None:
    home = Home(tmp_path, BOTH + "\n[budget]\nday_usd = -1\n", EXAMPLE_KEY="secret")
    home.servers = {"8012/completion": ANSWER}
    health = home.examine()
    assert level(health, "configuration", "budget.day_usd") == "fault"
    assert level(health, "model local", "until the configuration is mended") == "note"


def test_a_workspace_that_allows_only_this_machine(tmp_path: Path) -> None:
    home = Home(tmp_path, BOTH, EXAMPLE_KEY="secret")
    (tmp_path / "project" / ".firsthand.toml").write_text("local_only = true", encoding="utf-8")
    home.servers = {"8012/completion": ANSWER}
    health = home.examine()
    assert level(health, "model local", "fills") == "ok"
    assert level(health, "model hosted", "only models on this machine") == "note"


def test_folders_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file in its place", encoding="utf-8")
    health = Home(tmp_path, LOCAL).examine()
    for folder in ("cache folder", "data folder", "log folder"):
        assert level(health, folder, "FIRSTHAND_HOME") == "fault"


def test_what_was_sent_to_another_machine_is_in_the_ledger(tmp_path: Path) -> None:
    home = Home(tmp_path, HOSTED, EXAMPLE_KEY="secret")
    home.servers = {"api.example.com/v1/completions": PAID}
    home.examine()
    (file,) = (tmp_path / "home").rglob("ledger.sqlite3")
    database = sqlite3.connect(file)
    assert database.execute("SELECT model FROM sent").fetchall() == [("codestral-latest",)]
    database.close()


def test_discovery(tmp_path: Path) -> None:
    home = Home(tmp_path)
    props = {"default_generation_settings": {}, "model_alias": "qwen2.5-coder-1.5b"}
    home.servers = {
        "8012/props": lambda _: httpx.Response(200, json=props),
        "8012/completion": ANSWER,
        "8080/": lambda _: httpx.Response(200, text="hello"),
    }
    health = home.examine()
    assert level(health, "discovery", "qwen2.5-coder-1.5b at llama.cpp") == "ok"
    assert level(health, "discovery", "no model server that Firsthand knows") == "note"
    listed = home.models()
    assert [each.endpoint.template for each in listed.found] == ["qwen"]
    assert [each.url for each in listed.passed_over] == ["http://127.0.0.1:8080"]
    assert listed.to_text().splitlines() == [
        "found        qwen2.5-coder-1.5b at llama.cpp (http://127.0.0.1:8012), template qwen",
        "passed over  http://127.0.0.1:8080: is no model server that Firsthand knows",
    ]


def test_without_discovery_and_without_models(tmp_path: Path) -> None:
    home = Home(tmp_path, "[inline]\ndiscover = false\n")
    assert level(home.examine(), "models", "inline.models") == "note"
    assert "inline.discover is false" in home.models().to_text()


def test_the_list_of_configured_models(tmp_path: Path) -> None:
    home = Home(tmp_path, BOTH)
    home.ports = ()  # one that is slow to refuse would be listed too
    listed = home.models()
    local, hosted, unused = listed.to_text().splitlines()
    assert local == (
        "configured   local: qwen2.5-coder-1.5b at http://127.0.0.1:8012 (on this machine), "
        "template qwen, asked as number 1"
    )
    assert "leaves this machine" in hosted
    assert "not in inline.models" in hosted
    assert 'add "hosted" to inline.models' in unused
    assert listed.to_json()["asked"] == ["local"]


FRONTIER = """
[inline]
models = []
discover = false
[escalation]
models = ["claude"]
[models.claude]
provider = "anthropic"
"""
RECORDED = Path(__file__).parents[1] / "backends/recordings/frontier/anthropic.sse"


def test_a_model_for_escalations_is_asked_a_word(tmp_path: Path) -> None:
    home = Home(tmp_path, FRONTIER, ANTHROPIC_API_KEY="k")
    home.servers["api.anthropic.com/v1/messages"] = lambda _: httpx.Response(
        200, content=RECORDED.read_bytes()
    )
    (found,) = (each for each in home.examine().findings if each.subject == "model claude")
    assert (found.level, found.text) == ("ok", "answers escalations, for 0.00108 USD.")
    assert "asked by escalations as number 1" in home.models().to_text()


def test_and_what_is_wrong_with_it_is_said(tmp_path: Path) -> None:
    home = Home(tmp_path, FRONTIER)
    (found,) = (each for each in home.examine().findings if each.subject == "model claude")
    assert found.level == "fault"
    assert "set the environment variable ANTHROPIC_API_KEY" in found.text
