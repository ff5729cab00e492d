"""A file whose next line the embedded model knows, piece after piece."""

from __future__ import annotations

CONFIG = "[inline]\nmodels = []\ndiscover = false\n"
"""The embedded model alone."""
BEGUN = "    def get_list(self, s"
REST = (
    "ection, option, default, *, raw=False, vars=None, fallback=None, strict=True, encoding=None):"
)
_METHOD = """
    def get_{kind}(self, s{rest}
        return self._converted({kind}, self.found(option, section))
"""
TEXT = '''\
"""What a file sets."""


class Settings:
    def __init__(self, sections):
        self.sections = sections
''' + "".join(_METHOD.format(kind=kind, rest=REST) for kind in ("int", "float", "str", "bytes"))
