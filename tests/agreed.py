"""Whether a message is as the contract with editors says."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from firsthand import contract

# Made once: making one reads the sources that its type stands in.
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def departs(message: Any, *kinds: type[Any]) -> str:
    """What a message has that none of the types has, or lacks; empty where it is as agreed."""
    reasons = []
    for kind in kinds:
        try:
            read = _adapter(kind).validate_python(message, strict=True)
        except ValidationError as error:
            reasons.append(str(error))
        else:
            if read == message:
                return ""
            reasons.append(f"{kind.__name__} has other fields than {message}")
    return "\n".join(reasons)


def note_departs(method: str, params: Any) -> str:
    return departs(params, contract.MESSAGES[method])


def answer_departs(command: str, answer: Any) -> str:
    answers = contract.COMMANDS[command][1]
    return departs(answer, *answers) if answers else ""


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
