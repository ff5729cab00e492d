"""What makes the texts below a type's fields their descriptions in the schema."""

from __future__ import annotations

from pydantic import ConfigDict, with_config

described = with_config(ConfigDict(use_attribute_docstrings=True))
