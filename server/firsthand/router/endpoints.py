"""From the settings, and what was found on this machine, to the endpoints that are asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from firsthand.backends.base import Endpoint, Misconfigured
from firsthand.core.fim import detect
from firsthand.settings import PRESETS, Loaded, Model

if TYPE_CHECKING:
    from firsthand.backends.discovery import Found

KEYRING_SERVICE = "firsthand"
"""The name under which keys are kept in the system's keyring."""


def endpoints_from(loaded: Loaded, found: Iterable[Found] = ()) -> tuple[Endpoint, ...]:
    """Whom the inline tier asks, in order: those configured, else those found."""
    if loaded.discovers:
        return tuple(each.endpoint for each in found)
    return tuple(endpoint_of(model) for model in loaded.inline_models)


def endpoint_of(model: Model) -> Endpoint:
    """The endpoint of a configured model.

    With `fim = "auto"` the template is known by the model's name until its server says more; none
    is needed where the server applies it itself.
    """
    wire = PRESETS[model.provider].wire
    guessed = model.fim == "auto" and wire in ("llamacpp", "ollama", "openai")
    found = detect(model.model) if guessed else None
    template = {"auto": found.name if found else ""}.get(model.fim, model.fim)
    return Endpoint(
        name=model.name,
        provider=model.provider,
        url=model.url,
        model=model.model,
        template="chat" if wire == "chat" else template,
        # Ollama passes what is asked of such a model on to its own servers. And what one of several
        # servers may not get, none may.
        remote=not model.loopback or model.model.endswith(("-cloud", ":cloud")),
        price_in=model.price_in,
        price_cached_in=model.price_cached_in,
        price_out=model.price_out,
        api_key_env=model.api_key_env,
        api_key_keyring=model.api_key_keyring,
        guessed=guessed,
        urls=model.urls,
    )


def read_key(
    endpoint: Endpoint,
    environ: Mapping[str, str] = os.environ,
    keyring: Callable[[str], str | None] | None = None,
) -> str | None:
    """An endpoint's secret, from the environment or the system's keyring; it may block.

    Args:
        endpoint: whose secret.
        environ: the environment.
        keyring: stands in for the system's keyring.

    Raises:
        Misconfigured: it should have one, and there is none.
    """
    if endpoint.api_key_env:
        key = environ.get(endpoint.api_key_env, "").strip()
        if not key:
            raise Misconfigured(
                f"{endpoint.name} has no key: set the environment variable "
                f"{endpoint.api_key_env} where the editor is started."
            )
        return key
    if not endpoint.api_key_keyring:
        return None
    secret = (keyring or _from_keyring)(endpoint.api_key_keyring)
    if not secret:
        raise Misconfigured(
            f"{endpoint.name} has no key: run `firsthand keys set {endpoint.api_key_keyring}`."
        )
    return secret


def _from_keyring(name: str) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, name)
    except KeyringError:
        return None
