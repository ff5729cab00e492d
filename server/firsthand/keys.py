"""What the command `keys` does: secrets in the system's keyring, which alone holds them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from firsthand import paths, settings
from firsthand.fault import CommandFault
from firsthand.router.endpoints import KEYRING_SERVICE
from firsthand.settings import Model


class Ring(Protocol):
    """A keyring, as the library `keyring` has them."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret of a name."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the secret of a name."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget the secret of a name."""


def put(name: str, secret: str, ring: Ring | None = None) -> str:
    """Keep a key under a name; gives a sentence for the person.

    Raises:
        CommandFault: it is empty or no key, or the keyring refuses.
    """
    secret = secret.strip()
    if not secret or not (secret.isascii() and secret.isprintable()):
        raise CommandFault(f"Nothing was kept for {name}: that is not a key; copy it once more.", 2)
    ring = _system() if ring is None else ring
    with _asked():
        ring.set_password(KEYRING_SERVICE, name, secret)
    return f'Kept. A model uses it by api_key_keyring = "{name}" in {paths.config_file()}.'


def remove(name: str, ring: Ring | None = None) -> str:
    """Forget the key of a name; gives a sentence for the person.

    Raises:
        CommandFault: there is none, or the keyring refuses.
    """
    ring = _system() if ring is None else ring
    with _asked():
        if ring.get_password(KEYRING_SERVICE, name) is None:
            raise CommandFault(f"The keyring holds no key for {name}: `firsthand keys list`.")
        ring.delete_password(KEYRING_SERVICE, name)
    return f"Removed the key for {name}."


def listed(ring: Ring | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """For each configured model that has a key, where it is looked for and whether it is there.

    Raises:
        CommandFault: the keyring refuses.
    """
    loaded = settings.load(paths.config_file(), named=paths.config_named())
    keyed = [each for each in loaded.settings.models if each.api_key_env or each.api_key_keyring]
    if not keyed:
        return "No configured model asks for a key."

    ring = _system() if ring is None else ring

    def there(model: Model) -> bool:
        if model.api_key_env:
            return bool(environ.get(model.api_key_env, "").strip())
        with _asked():
            return bool(ring.get_password(KEYRING_SERVICE, model.api_key_keyring))

    return "\n".join(_line(each, there) for each in keyed)


def _line(model: Model, there: Callable[[Model], bool]) -> str:
    if model.api_key_env:
        place, mend = f"environment variable {model.api_key_env}", "set it where the editor starts"
    else:
        place = f"keyring {model.api_key_keyring}"
        mend = f"firsthand keys set {model.api_key_keyring}"
    return f"{model.name}  {place}  {'there' if there(model) else f'missing: {mend}'}"


def _system() -> Ring:
    import keyring

    return keyring


@contextmanager
def _asked() -> Iterator[None]:
    """Say in a sentence that the keyring refuses; its own words could hold what was asked for."""
    from keyring.errors import KeyringError

    try:
        yield
    except KeyringError as error:
        raise CommandFault(
            f"The system's keyring can't be used ({type(error).__name__}): unlock it or set one "
            "up, or keep the key in an environment variable that api_key_env names."
        ) from error
