"""Examples as lines of the JSONL that tools for fine-tuning read. Pure.

Sources: TRL's documentation, "Dataset formats" (text; prompt and completion; messages), whose names
axolotl (`type: completion`, `type: chat_template`), Unsloth and Mistral's fine-tuning share;
LLaMA-Factory and axolotl for "alpaca" (instruction, input, output).
"""

from __future__ import annotations

import json
from typing import Literal, get_args

from firsthand.core.fim import TEMPLATES, Hole, render
from firsthand.core.templates import Template
from firsthand.dataset.examples import Example

Format = Literal["text", "prompt", "messages", "alpaca"]
FORMATS: tuple[Format, ...] = get_args(Format)
"""What can be written."""

FAMILIES = tuple(each.name for each in TEMPLATES.values() if not each.rewrites)
"""The families whose models are trained on a prefix, a suffix and a middle."""

_TASK = (
    "Write the text that belongs at <cursor/>, and nothing else: it is inserted as it is. Stop at "
    "the end of the statement or block."
)


def line(example: Example, form: Format, template: Template) -> str:
    """One line of the file, without its end.

    Args:
        example: what is learned.
        form: which tool's format.
        template: the model's family, for the formats that hold its control tokens.
    """
    if form in ("text", "prompt"):
        hole = Hole(example.prefix, example.suffix, example.path)
        prompt = render(template, hole).text
        if form == "text":
            return _json({"text": prompt + example.middle})
        return _json({"prompt": prompt, "completion": example.middle})
    told = f"File {example.path}:\n{example.prefix}<cursor/>{example.suffix}"
    if form == "alpaca":
        return _json({"instruction": _TASK, "input": told, "output": example.middle})
    messages = (("system", _TASK), ("user", told), ("assistant", example.middle))
    return _json({"messages": [{"role": role, "content": said} for role, said in messages]})


def _json(record: dict[str, object]) -> str:
    # Half of a surrogate pair is no text that a tool could read.
    told = json.dumps(record, ensure_ascii=False)
    return told.encode("utf-8", "replace").decode("utf-8")
