"""How sure texts are, and how that follows what becomes of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.core.text import Position, Text
from firsthand.embedded import EmbeddedModel, ProjectTier, build_tier
from firsthand.embedded.calibration import Experience
from firsthand.embedded.online import Corrections
from firsthand.embedded.rehearsal import Rehearsed, rehearse
from firsthand.embedded.tier import EXPERIENCE

URI = "file:///w/a.py"


def test_it_learns_a_shift() -> None:
    chance = random.Random(1)
    found = Experience()
    for _ in range(400):
        score = chance.uniform(-2, 3)
        right = chance.random() < Experience(shift=-0.8).chance(score)
        found = found.after(score, right)
    assert abs(found.shift + 0.8) < 0.35
    assert abs(found.chance(1.0) - Experience(shift=-0.8).chance(1.0)) < 0.06


def test_one_odd_line_says_little() -> None:
    assert abs(Experience().after(2.0, False).chance(2.0) - Experience().chance(2.0)) < 0.1


VERDICTS = st.lists(st.tuples(st.floats(-50, 50), st.booleans(), st.floats(0.01, 1.0)), max_size=60)


@given(VERDICTS)
def test_nothing_leads_it_far_astray(verdicts: list[tuple[float, bool, float]]) -> None:
    found = Experience()
    for score, right, weight in verdicts:
        found = found.after(score, right, weight)
    assert abs(found.shift) <= 1.5
    assert 0.6 <= found.slope <= 1.5
    assert 0 < found.chance(0.0) < 1


@given(VERDICTS)
def test_what_is_kept_is_read_again(verdicts: list[tuple[float, bool, float]]) -> None:
    import tempfile

    found = Experience()
    for score, right, weight in verdicts:
        found = found.after(score, right, weight)
    with tempfile.TemporaryDirectory() as folder:
        found.write(Path(folder))
        assert Experience.read(Path(folder)) == found


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "[]",
        "{",
        '{"shift": "x"}',
        '{"shift": 900}',
        '{"slope": NaN}',
        '{"further": 1}',
        '{"shifts": 0, "slopes": 0}',
    ],
)
def test_what_is_damaged_counts_as_none(tmp_path: Path, kept: str) -> None:
    (tmp_path / EXPERIENCE).write_text(kept, encoding="utf-8")
    assert Experience.read(tmp_path) == Experience()
    assert Experience.read(tmp_path / "nowhere") == Experience()


def typed(model: EmbeddedModel, above: str, line: str) -> Text:
    """A line written key by key below others, and left by Enter."""
    number = above.count("\n")
    text = Text.of(above)
    for _ in model.learning(URI, "/w/a.py", "python", text):
        pass
    for at in range(len(line)):
        text = Text.of(above + line[:at])
        model.edit(URI, text, number, 1, 1)
        model.suggest(URI, text, Position(number, at))
    text = Text.of(f"{above}{line}\n")
    model.edit(URI, text, number, 1, 2)
    return text


CALLS = "    self.connection.execute(statement)\n"


@pytest.mark.parametrize(
    ("line", "surer"),
    [(CALLS.rstrip(), True), ("    self.sedulously = another(thing)", False)],
)
def test_a_written_line_makes_the_next_texts_surer_or_less_sure(line: str, surer: bool) -> None:
    model = EmbeddedModel()
    model.attach("/w", None)
    typed(model, "def f(self):\n" + 4 * CALLS, line)
    found = model.experience("/w")
    assert found != Experience()
    assert (found.chance(0.5) > Experience().chance(0.5)) == surer
    assert model.experience("/v") == Experience()


def test_what_was_learned_outlives_a_new_tier() -> None:
    model = EmbeddedModel()
    model.attach("/w", None, experience=Experience(shift=0.5))
    model.attach("/w", None, experience=Experience(shift=-0.5))
    assert model.experience("/w").shift == 0.5


def test_a_rehearsal_finds_a_regular_project_easy(tmp_path: Path) -> None:
    files = [(f"{at}.py", "python", "def f(self):\n" + 40 * CALLS) for at in range(4)]
    build_tier(files, tmp_path)
    found = rehearse(ProjectTier.load(tmp_path), files)
    assert found.experience.chance(1.0) > Experience().chance(1.0)
    assert found == rehearse(ProjectTier.load(tmp_path), files)
    found.write(tmp_path)
    assert Rehearsed.read(tmp_path) == found
    assert Rehearsed.read(tmp_path / "nowhere") == Rehearsed()
    assert rehearse(ProjectTier.load(tmp_path), []) == Rehearsed()
    short = [("a.py", "python", "x = 1\n"), ("b.py", "python", 30 * "\n")]
    assert rehearse(ProjectTier.load(tmp_path), short) == Rehearsed()


def test_a_rehearsal_teaches_the_mixer(tmp_path: Path) -> None:
    habits = "def f(self):\n" + 40 * "    self.connection.execute(self.wanted)\n"
    files = [(f"{at}.py", "python", habits) for at in range(4)]
    build_tier(files, tmp_path)
    tier = ProjectTier.load(tmp_path)
    model, plain = EmbeddedModel(), EmbeddedModel()
    model.attach("/w", tier, rehearsed=rehearse(tier, files).learned)
    plain.attach("/w", tier)
    assert confidence(model) > confidence(plain)


def confidence(model: EmbeddedModel) -> float:
    """How sure the first text for a new file is."""
    text = Text.of("def g(self):\n    self.connection.")
    for _ in model.learning(URI, "/w/a.py", "python", text):
        pass
    return model.suggest(URI, text, Position(1, 20))[0].confidence


def test_of_what_was_typed_and_rehearsed_the_larger_part_counts(tmp_path: Path) -> None:
    files = [("a.py", "python", 40 * CALLS)]
    build_tier(files, tmp_path)
    tier = ProjectTier.load(tmp_path)
    model = EmbeddedModel()
    model.attach("/w", tier)
    typed(model, "", "value = 1")
    much, little = rehearse(tier, files).learned, corrections(model)
    model.attach("/w", tier, rehearsed=much)
    typed(model, "", "value = 1")
    assert corrections(model).taught > little.taught
    assert set(corrections(model).keys) > set(little.keys)
    before = corrections(model).raw()
    model.attach("/w", tier, rehearsed=much)
    assert corrections(model).raw() == before
    model.attach("/w", tier, rehearsed=b"damaged")
    assert corrections(model).raw() == before


def corrections(model: EmbeddedModel) -> Corrections:
    """What the mixer learned."""
    found = model.learned("/w")
    assert found is not None
    return found
