from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from firsthand import keys
from firsthand.fault import CommandFault


class Ring(dict[tuple[str, str], str]):
    """A keyring in memory."""

    def get_password(self, service: str, username: str) -> str | None:
        return self.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self[service, username]


class Locked(Ring):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the secret sk-123")


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '[inline]\nmodels = ["a", "b"]\n'
        '[models.a]\nprovider = "codestral"\napi_key_keyring = "code"\n'
        '[models.b]\nprovider = "mistral"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("FIRSTHAND_CONFIG", str(file))


def test_a_key_is_kept_and_removed() -> None:
    ring = Ring()
    assert "Kept" in keys.put("code", " sk-123\n", ring)
    assert ring == {("firsthand", "code"): "sk-123"}
    assert keys.remove("code", ring) == "Removed the key for code."
    with pytest.raises(CommandFault, match="holds no key for code"):
        keys.remove("code", ring)


@pytest.mark.parametrize("secret", ["", "  ", "a\nb", "schlüssel"])
def test_what_is_no_key_is_not_kept(secret: str) -> None:
    ring = Ring()
    with pytest.raises(CommandFault, match="is not a key"):
        keys.put("code", secret, ring)
    assert not ring


@pytest.mark.usefixtures("configured")
def test_the_list_says_where_and_never_what() -> None:
    ring = Ring()
    assert keys.listed(ring, {}).splitlines() == [
        "a  keyring code  missing: firsthand keys set code",
        "b  environment variable MISTRAL_API_KEY  missing: set it where the editor starts",
    ]
    keys.put("code", "sk-123", ring)
    said = keys.listed(ring, {"MISTRAL_API_KEY": "sk-456"})
    assert [line.rsplit("  ", 1)[1] for line in said.splitlines()] == ["there", "there"]
    assert "sk-" not in said


@pytest.mark.usefixtures("configured")
def test_a_keyring_that_refuses_is_said_without_its_words() -> None:
    with pytest.raises(CommandFault, match="KeyringLocked") as caught:
        keys.listed(Locked(), {})
    assert "sk-123" not in str(caught.value)
