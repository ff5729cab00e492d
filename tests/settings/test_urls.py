"""Several servers of one model."""

import pytest
from tests.settings.test_user import check, one

ONE, TWO = "http://127.0.0.1:1", "http://127.0.0.1:2"


def test_several_servers_of_a_model() -> None:
    model = one(f'provider = "vllm"\nurl = ["{ONE}", "{TWO}", "{ONE}"]')
    assert (model.url, model.urls, model.loopback) == (ONE, (ONE, TWO), True)
    assert one(f'provider = "vllm"\nurl = ["{ONE}"]').urls == ()


def test_what_one_of_them_may_not_get_none_may() -> None:
    assert not one(f'provider = "vllm"\nurl = ["{ONE}", "https://e.example"]').loopback


def test_a_key_goes_only_where_all_are_the_providers_own() -> None:
    model = one('provider = "mistral"\nurl = ["https://api.mistral.ai", "https://e.example"]')
    assert (model.api_key_env, model.price_in) == ("", None)


@pytest.mark.parametrize("urls", ["[]", '["ftp://h"]', "[1]", '["http://user:hidden@h"]'])
def test_what_is_no_list_of_addresses(urls: str) -> None:
    table = f'[models.m]\nprovider = "vllm"\nurl = {urls}'
    said = ": models.m.url must be an http:// or https:// URL"
    check('[inline]\nmodels = ["m"]\n' + table, said, remote=False)
