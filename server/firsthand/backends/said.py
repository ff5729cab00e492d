"""What model servers say of themselves and their models, however odd their answers are.

Sources: llama.cpp tools/server/README.md (/props, /tokenize), Ollama docs/api.md (/api/show), LM
Studio's REST API (/api/v0/models), vLLM's and OpenAI's /v1/models, TGI's /info.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from firsthand.core.fim import Template, detect, special_tokens


def listed(answer: object, name: str) -> list[Mapping[str, Any]]:
    """The objects of a list in an answer."""
    values = answer.get(name) if isinstance(answer, dict) else None
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def text(record: object, name: str) -> str:
    """A name in an answer, empty if it is none that may be shown on a terminal."""
    value = record.get(name) if isinstance(record, dict) else None
    return value if isinstance(value, str) and value.isprintable() and len(value) < 500 else ""


def llamacpp_model(props: object) -> str:
    """The name of the model that a llama.cpp server runs."""
    return file_name(text(props, "model_alias") or text(props, "model_path"))


def file_name(path: str) -> str:
    """The name of a model from its file's path."""
    return PurePosixPath(path.replace("\\", "/")).name.removesuffix(".gguf")


def known_tokens(answer: object) -> frozenset[str] | None:
    """Which of our templates' control tokens a llama.cpp server's model has; None if unknown."""
    pieces = {str(each.get("piece")) for each in listed(answer, "tokens")}
    return frozenset(pieces & special_tokens()) if pieces else None


def tokens_question() -> dict[str, object]:
    """What to ask a llama.cpp server's /tokenize for `known_tokens`."""
    spelled = "\n".join(sorted(special_tokens()))
    return {"content": spelled, "parse_special": True, "with_pieces": True}


def ollama_template(name: str, shown: object) -> Template | None:
    """The template of a model, from Ollama's /api/show: its prompt's tokens, else its names."""
    form = shown.get("template") if isinstance(shown, dict) else None
    form = form if isinstance(form, str) else ""
    details = shown.get("model_info") if isinstance(shown, dict) else None
    names = (name, text(details, "general.basename"), text(details, "general.name"))
    named = next(filter(None, map(detect, names)), None)
    spelled = {each for each in special_tokens() if each in form}
    if named and (not spelled or all(part.strip() in form for part in named.parts)):
        return named
    return detect("", spelled) or named


def fills_holes(shown: object) -> bool:
    """Whether Ollama says that a model's own template can fill in the middle."""
    able = shown.get("capabilities") if isinstance(shown, dict) else None
    return isinstance(able, list) and "insert" in able


def elsewhere(record: object) -> bool:
    """Whether Ollama says that a model does not run on its machine."""
    return isinstance(record, dict) and bool(
        record.get("remote_host") or record.get("remote_model")
    )


def lm_studio_models(answer: object) -> list[str]:
    """The language models of LM Studio, those in memory first."""
    models = [each for each in listed(answer, "data") if text(each, "type") in ("llm", "vlm")]
    models.sort(key=lambda each: text(each, "state") != "loaded")
    return [name for name in (text(each, "id") for each in models) if name]


def compatible_model(
    models: Sequence[Mapping[str, Any]], model: str
) -> tuple[str, Template | None]:
    """A model's name at an OpenAI-compatible server, the first where none is named; its template.

    vLLM may serve a model under any name, and says in `root` which one it is.
    """
    named = [each for each in models if text(each, "id") == model]
    record = (named or (models if not model else []) or [{}])[0]
    name = model or text(record, "id")
    return name, detect(text(record, "root")) or detect(name)
