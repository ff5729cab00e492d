"""A drill over the real server, and what is said of it."""

import json
from pathlib import Path

import pytest

from firsthand.demo.workspace import read
from firsthand.drill import Lengths, drill, run
from firsthand.drill.report import Drilled, Phase
from firsthand.fault import CommandFault

SOURCE = "import os\n\n\ndef go(a):\n" + "".join(f"    step_{n}(a)\n" for n in range(20))
PHASES = (
    Phase("all well", "inline", "large", 40, 0.5, 20.0, 80.0),
    Phase("brownout", "embedded", "", 60, 0.25, 2.0, 9.0),
    Phase("back", "inline", "large", 30, 0.5, 20.0, 80.0),
)


async def drilled(folder: Path, models: dict[str, str], out: list[str]) -> Drilled:
    file = folder / "a.py"
    file.write_text(SOURCE, encoding="utf-8")
    seconds: list[int] = []
    found = await drill(
        read(file),
        models,
        out,
        lambda done, _: seconds.append(done),
        lengths=Lengths(2.0, 8.0, 40.0),
    )
    assert seconds == sorted(seconds)
    return found


@pytest.mark.asyncio
async def test_the_next_model_goes_on_and_the_first_one_comes_back(tmp_path: Path) -> None:
    found = await drilled(tmp_path, {"one": "large", "two": "small"}, ["one"])
    well, brownout, back = found.phases
    assert (well.level, well.model) == (back.level, back.model) == ("inline", "large")
    # The first one begins an answer now and then, but gives nothing of use.
    assert (brownout.level, brownout.model) == ("inline", "small")
    assert found.failover_s is not None
    assert found.recovered_s is not None
    assert all(phase.keys for phase in found.phases)
    assert sum(phase.suggested for phase in found.phases) > 0


def configured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = folder / "config.toml"
    config.write_text('[inline]\nmodels = ["m"]\n[models.m]\nprovider = "llamacpp"\n', "utf-8")
    monkeypatch.setenv("FIRSTHAND_CONFIG", str(config))


def test_a_model_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tmp_path, monkeypatch)
    with pytest.raises(CommandFault, match="gpt is no model that is asked: name one of m") as told:
        run(["gpt"], False, None, lambda _done, _total: None, folder=tmp_path)
    assert told.value.status == 2


def test_a_file_without_a_function_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, monkeypatch)
    file = tmp_path / "short.py"
    file.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(CommandFault, match="has no function") as told:
        run([], True, file, lambda _done, _total: None, folder=tmp_path)
    assert told.value.status == 2


def test_what_is_said() -> None:
    found = Drilled(("one",), ("one",), PHASES, 1.25, 4.0).escalating(("claude", "gpt"), ("gpt",))
    text = found.to_text()
    assert "brownout   embedded                    60        25%     2 ms     9 ms" in text
    assert "Something else completed after 1.2 s; all was as before 4.0 s after" in text
    assert text.endswith("Escalations go on with gpt.")
    assert found.to_json()["failover_s"] == 1.25
    assert json.loads(json.dumps(found.to_json()))["schema"] == 1
    assert "it was not back" in Drilled(("one",), ("one",), PHASES, 1.0, None).to_text()
    assert "stayed the same" in Drilled((), (), PHASES, None, None).to_text()
    assert "no model left" in Drilled((), (), PHASES, 1.0, 1.0, ("claude",)).to_text()
