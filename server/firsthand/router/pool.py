"""The servers of one model: each document keeps to one of them, so that its prompt stays cached."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from firsthand.router.link import Server

_DOCUMENTS = 256  # whose server is remembered


_S = TypeVar("_S", bound=Server[Any])


@dataclass(slots=True)
class Pool(Generic[_S]):
    """The servers of one model, and which documents keep to which of them."""

    links: tuple[_S, ...]
    _kept: OrderedDict[str, _S] = field(default_factory=OrderedDict)

    def order(self, document: str) -> list[_S]:
        """The servers in the order in which they are asked for a document.

        The one that it keeps to comes first, unless others would have to be waited for there and
        not elsewhere; then those with the fewest outstanding requests, and the fewest documents.
        """
        if len(self.links) == 1:
            return list(self.links)
        kept = self._kept.get(document)
        counts = [sum(each is link for each in self._kept.values()) for link in self.links]
        load = {id(link): (link.gate.outstanding, counts[n]) for n, link in enumerate(self.links)}
        rising = sorted(self.links, key=lambda link: load[id(link)])
        if kept is not None and (_free(kept) or not _free(rising[0])):
            rising.remove(kept)
            rising.insert(0, kept)
        return rising

    def keep(self, document: str, link: _S) -> None:
        """A document keeps to a server from now on."""
        if len(self.links) > 1:
            self._kept[document] = link
            self._kept.move_to_end(document)
            if len(self._kept) > _DOCUMENTS:
                self._kept.popitem(last=False)


def _free(link: Server[Any]) -> bool:
    return link.gate.outstanding < link.gate.slots
