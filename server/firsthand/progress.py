"""Long work, told to editors that show progress (LSP 3.17, "Work Done Progress")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_LONG = 100  # files; less is done before anybody has read that it began


@dataclass(slots=True)
class Progress:
    """The index while it is built, from the statuses that are told anyway.

    Attributes:
        create: asks the editor for a token, and calls back when it may be used.
        send: sends a token and a value of `$/progress`.
    """

    create: Callable[[str, Callable[[], None]], None]
    send: Callable[[str, Mapping[str, Any]], None]
    _made: int = 0
    _token: str = ""
    _ready: bool = False
    _last: tuple[int, int] = (0, 0)

    def update(self, indexing: Mapping[str, int] | None) -> None:
        """Tell how far it is.

        Args:
            indexing: the files "done" and the "total"; None when nothing is built.
        """
        if indexing is None:
            if self._token and self._ready:
                self.send(self._token, {"kind": "end"})
            self._token, self._ready = "", False
            return
        self._last = indexing["done"], indexing["total"]
        if self._ready:
            self.send(self._token, {"kind": "report", **self._told()})
        elif not self._token and indexing["total"] >= _LONG:
            self._made += 1
            self._token = token = f"firsthand.index.{self._made}"
            self.create(token, lambda: self._begin(token))

    def _begin(self, token: str) -> None:
        if token != self._token:
            # It is over. A token that was made is ended, or the editor shows it for ever.
            self.send(token, {"kind": "begin", "title": "Firsthand: indexing"})
            self.send(token, {"kind": "end"})
            return
        self._ready = True
        self.send(token, {"kind": "begin", "title": "Firsthand: indexing", **self._told()})

    def _told(self) -> dict[str, Any]:
        done, total = self._last
        return {"message": f"{done:,} of {total:,} files", "percentage": 100 * done // total}
