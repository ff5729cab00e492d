"""The contract with editors: its committed schema, and that real messages are as it says.

The editor of `tests/lsp` holds every message against it; what such a test never meets is here.
"""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter
from tests.agreed import answer_departs, note_departs

from firsthand import commands, contract
from firsthand.contract.schema import COMMITTED, schema
from firsthand.settings.schema import text
from firsthand.status import Board, Status


def test_the_committed_schema_is_up_to_date() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(schema()), (
        f"{COMMITTED.name} is stale: write it anew with `python -m firsthand.contract.schema`"
    )


def test_every_command_of_the_server_is_in_it() -> None:
    assert contract.COMMANDS.keys() == {*commands.COMMANDS, *commands.DECISIONS}


def test_every_type_and_field_is_described() -> None:
    for name, each in schema()["$defs"].items():
        assert each["description"].endswith("."), name
        for key, value in each["properties"].items():
            assert value["description"].endswith("."), f"{name}.{key}"


@pytest.mark.parametrize(
    "status",
    [Status(), Status("inline", "why", "m", 1.234, True, (1, 2), 0.5, 2.0)],
)
def test_a_status_is_as_agreed(status: Status) -> None:
    assert not note_departs("firsthand/status", status.to_wire())


def test_what_departs_is_noticed() -> None:
    told = Board(lambda _method, _params: None).status.to_wire()
    assert "other fields" in note_departs("firsthand/status", {**told, "more": 1})
    assert "latency_ms" in note_departs("firsthand/status", {**told, "latency_ms": "1"})
    assert answer_departs("firsthand.applyProposal", {"applied": False})


def test_unknown_fields_are_no_fault() -> None:
    argument: dict[str, Any] = {"id": 1, "characters": 2}
    kind = contract.COMMANDS["firsthand.accepted"][0]
    assert kind is not None
    assert TypeAdapter(kind).validate_python({**argument, "more": 1}) == argument
    assert "additionalProperties" not in json.dumps(schema())
