"""What the mixer learns of a project while its lines are written."""

from __future__ import annotations

import pytest

from firsthand.core.text import Position, Text
from firsthand.embedded import EmbeddedModel
from firsthand.embedded.evidence import weigh
from firsthand.embedded.mixer import fitted
from firsthand.embedded.model import start_of
from firsthand.embedded.online import Adapted

URI = "file:///w/a.py"


def write(model: EmbeddedModel, lines: list[str]) -> None:
    """Type lines key by key into an empty document, asking at every key."""
    for _ in model.learning(URI, "/w/a.py", "python", Text()):
        pass
    done: tuple[str, ...] = ()
    for number, line in enumerate(lines):
        for end in range(len(line) + 1):
            text = Text((*done, line[:end]))
            model.edit(URI, text, number, 1, 1)
            model.suggest(URI, text, Position(number, end))
        done = (*done, line + "\n")
        model.edit(URI, Text((*done, "")), number, 1, 2)


@pytest.fixture
def model() -> EmbeddedModel:
    found = EmbeddedModel()
    found.attach("/w", None)
    return found


def learned(model: EmbeddedModel) -> bytes:
    found = model.learned("/w")
    assert found is not None
    return found.raw()


def test_a_finished_line_teaches(model: EmbeddedModel) -> None:
    write(model, ["value = 1"])
    before = learned(model)
    write(model, ["value = 1", "value = 2", "value = 3"])
    assert learned(model) != before


def test_what_was_learned_makes_it_likelier() -> None:
    mixer = Adapted(fitted())
    document = "/w/a.py", "python", Text(("x = aa + bb\n", "y = aa + bb\n", "z = "))
    model = EmbeddedModel(mixer, adapts=False)
    for _ in model.learning(URI, *document):
        pass
    sources = model.sources(URI, model.documents[URI], 2)
    start = start_of(model.documents[URI], sources, 2, "z = ")
    evidence = weigh(start.context, sources, "", True)
    chances = [mixer.probabilities(evidence)[evidence.keys.index("bb")]]
    for _ in range(5):
        mixer.learn(start.context.file, "bb")
        chances.append(mixer.probabilities(evidence)[evidence.keys.index("bb")])
    assert chances == sorted(set(chances))


def test_a_document_that_stands_apart_teaches_nothing(model: EmbeddedModel) -> None:
    for _ in model.learning(URI, "/w/a.py", "python", Text(("x = ",)), apart=True):
        pass
    model.suggest(URI, Text(("x = ",)), Position(0, 4))
    model.edit(URI, Text(("x = \n", "")), 0, 1, 2)
    assert model.learned("/w") is None


def test_it_is_taken_up_again(model: EmbeddedModel) -> None:
    write(model, ["value = 1", "value = 2"])
    other = EmbeddedModel()
    assert other.recall("/w", learned(model))
    assert learned(other) == learned(model)


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"\x93NUMPY", b"x" * 100])
def test_what_can_not_be_read_changes_nothing(model: EmbeddedModel, raw: bytes) -> None:
    write(model, ["value = 1", "value = 2"])
    before = learned(model)
    assert not model.recall("/w", raw)
    assert not model.recall("/w", before[:-30])
    assert learned(model) == before


def test_it_belongs_to_the_weights(model: EmbeddedModel) -> None:
    write(model, ["value = 1", "value = 2"])
    weights = dict(fitted().weights)
    weights["out"] = weights["out"] * 2
    mixer = Adapted(type(fitted())(weights))
    assert not mixer.restore(learned(model))


def test_no_secret_is_learned(model: EmbeddedModel) -> None:
    secret = "AKIA" + "Z7Q2M4X9P1L8K3JD"
    write(model, [f'key = "{secret}"', "value = 1"])
    adapted = model.mixer(URI)
    assert isinstance(adapted, Adapted)
    assert not any(word in secret for word in adapted.words if len(word) > 4)
