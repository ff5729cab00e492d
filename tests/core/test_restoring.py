"""Secrets are put back into an answer, however it comes in pieces."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.test_redact import SECRETS, TEXTS

from firsthand.core.redact import PLACEHOLDER, redact
from firsthand.core.restoring import Restorer

SALT = b"salt"
KEY = "-----BEGIN PRIVATE " + "KEY-----\n" + 3 * ("MIIEvQIBADANBgkqhkiG9w0B" * 2 + "\n")


def restored(pieces: Sequence[str], secrets: Sequence[tuple[str, str]]) -> str:
    restorer = Restorer(lambda: secrets)
    return "".join([*map(restorer.feed, pieces), restorer.flush()])


@settings(max_examples=300)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=8))
def test_what_was_blanked_out_comes_back(text: str, cuts: list[int]) -> None:
    redacted = redact(text, SALT)
    places = sorted({0, len(redacted.text), *(each for each in cuts if each < len(redacted.text))})
    pieces = [redacted.text[a:b] for a, b in pairwise(places)]
    assert restored(pieces, redacted.secrets) == text
    assert restored(list(redacted.text), redacted.secrets) == text


def test_a_placeholder_is_no_secret_of_an_address() -> None:
    text = f"://{SECRETS[0]}@{SECRETS[0]}"
    redacted = redact(text, SALT)
    assert PLACEHOLDER.sub("", redacted.text) == "://@"
    assert restored([redacted.text], redacted.secrets) == text


@settings(max_examples=100)
@given(st.text())
def test_a_text_without_placeholders_stays_as_it_is(text: str) -> None:
    assert restored(list(text), redact(SECRETS[0], SALT).secrets) == text


@pytest.mark.parametrize("secret", SECRETS)
def test_equal_secrets_have_one_placeholder_and_others_another(secret: str) -> None:
    one, two = redact(f"a {secret}\nb {secret}", SALT), redact(f"a {secret}", b"other")
    assert len(one.secrets) == 1
    assert one.text.count(one.secrets[0][0]) == 2
    assert one.secrets != two.secrets
    assert secret[8:] not in one.text


def test_a_key_of_several_lines_comes_back_also_without_their_ends() -> None:
    redacted = redact(KEY + "x = 1\n", SALT)
    ((placeholder, key),) = redacted.secrets
    assert placeholder.count("\n") == key.count("\n") > 1
    assert restored([f"a{placeholder.rstrip()}", "b"], redacted.secrets) == f"a{key}b"


def test_a_placeholder_that_nobody_made_stays() -> None:
    text = 'x = "[REDACTED:password:123abc]"'
    assert restored([text], redact(SECRETS[0], SALT).secrets) == text
    assert PLACEHOLDER.search(text)


def test_nobody_looks_for_secrets_before_a_placeholder_comes() -> None:
    restorer = Restorer(lambda: pytest.fail("there is no need"))
    assert restorer.feed("x = [1]") + restorer.flush() == "x = [1]"
