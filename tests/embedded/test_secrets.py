"""Secrets in code: never learned, whether they lie on the disk or are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.test_redact import SECRETS

from firsthand.core.redact import holds_secret, redact
from firsthand.core.text import Position, Text
from firsthand.embedded import EmbeddedModel, ProjectTier
from firsthand.index.build import build
from firsthand.index.state import tier_folder

# Nothing of this is a real key.
_BODY = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "Kx9aQ2sT4vW6yZ8bC0fGaB3dE5gH7jK9", "mN1p"]
_BEGIN, _END = "-----BEGIN RSA PRIVATE" + " KEY-----", "-----END RSA PRIVATE" + " KEY-----"
CODE = 'def connect(customer):\n    {line}\n    return client.login(customer)\n\n\nmarker = "x"\n'

LINES = [
    *(f'client = Client("{secret}")' for secret in SECRETS),
    'open_database("postgres://ada:Sesame99Sesame@db:5432/x")',
    'db_password = "Sesame99Sesame"',
    "api_token = 'Sesame99Sesame77Xy'",
]


def words_of(secret: str) -> list[str]:
    """What the tokens of a secret would be."""
    return [word for word in secret.replace("-", " ").replace(".", " ").split() if len(word) > 8]


def model_of(text: str, path: str = "/w/open.py") -> EmbeddedModel:
    model = EmbeddedModel()
    for _ in model.learning("uri", path, "python", Text.of(text)):
        pass
    return model


def known(model: EmbeddedModel) -> set[str]:
    """Every word that the open document offers."""
    return {word for bucket in model.documents["uri"].habits.words.values() for word in bucket}


def check(text: str, secrets: list[str]) -> None:
    """An open document with secrets knows no word of them, and suggests none."""
    model = model_of(text + "\n\nx = \n")
    words = known(model)
    assert "marker" in words
    for secret in secrets:
        assert not any(secret in word or word in secret for word in words if len(word) > 8)
        for begun in ("x = ", f"x = {secret[:2]}", f'x = "{secret[:4]}'):
            after = Text.of(f"{text}\n\n{begun}\n")
            model.edit("uri", after, len(after.lines) - 2, 1, 1)
            at = Position(len(after.lines) - 2, len(begun))
            found = model.candidates("uri", after, at, 3)
            assert not any(secret[4:12] in text for each in found for text in each.texts)


@pytest.mark.parametrize("line", LINES)
def test_a_secret_in_an_open_document_is_not_learned(line: str) -> None:
    words = [
        word
        for word in words_of(line.replace('"', " ").replace("'", " "))
        if any(map(str.isdigit, word))
    ]
    check(CODE.format(line=line), words or ["Sesame99Sesame"])


@pytest.mark.parametrize("indent", ["", "    "])
def test_a_private_key_in_an_open_document_is_not_learned(indent: str) -> None:
    lines = [f'KEY = """{_BEGIN}', *_BODY, f'{_END}"""', 'marker = "x"', "def after(): pass"]
    check("\n".join(indent + line for line in lines), _BODY[:2])


def test_a_key_whose_first_line_comes_later_is_forgotten() -> None:
    body = "\n".join(_BODY)
    model = model_of(f"KEY = '''\n\n{body}\n'''\nmarker = 1\n")
    assert _BODY[0] in known(model)
    after = Text.of(f"KEY = '''\n{_BEGIN}\n{body}\n'''\nmarker = 1\n")
    model.edit("uri", after, 1, 1, 1)
    model.documents["uri"].heat(0)
    for _ in model.pending("uri"):
        pass
    assert _BODY[0] not in known(model)
    assert "marker" in known(model)


def test_what_looks_like_the_beginning_of_a_key_silences_nothing_else() -> None:
    model = model_of(f'mark = "{_BEGIN}"\ndef sell(item):\n    return item.price\n')
    assert {"mark", "sell", "price"} <= known(model)


def test_a_line_is_learned_once_its_secret_is_gone() -> None:
    model = model_of('password = "Sesame99Sesame"\nmarker = 1\n')
    assert "password" not in known(model)
    after = Text.of('password = read("password")\nmarker = 1\n')
    model.edit("uri", after, 0, 1, 1)
    model.documents["uri"].heat(1)
    assert "password" in known(model)


@pytest.mark.parametrize("line", LINES)
def test_a_secret_on_the_disk_is_not_learned(tmp_path: Path, line: str) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a.py").write_text(CODE.format(line=line), encoding="utf-8")
    environ = {"FIRSTHAND_HOME": str(tmp_path / "home")}
    build(tmp_path / "root", environ=environ)
    tier = ProjectTier.load(tier_folder(tmp_path / "root", environ))
    words = [tier.words[number] for number in range(tier.words.whole)]
    assert "marker" in words
    assert not any(word in line for word in words if len(word) > 8)
    for path in (tmp_path / "home").rglob("*"):
        assert path.is_dir() or b"Sesame99" not in path.read_bytes()


@given(st.sampled_from([*SECRETS, 'password = "Sesame99Sesame"', "x"]), st.text(max_size=30))
def test_a_line_holds_a_secret_if_redacting_finds_one(secret: str, around: str) -> None:
    line = f"{around} {secret} {around}".replace("\n", " ").replace("\r", " ")
    assert holds_secret(line) == bool(redact(line).found)
