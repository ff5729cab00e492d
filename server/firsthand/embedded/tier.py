"""The project's tier: every token of a workspace folder on disk, and its contexts in order.

It is a base of all files, a small delta of those that changed since (with the files of the base
that it replaces), and the short orders of files for which there was no room. Each is a file that is
never changed; one more names those that belong together, and is replaced in one step.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from firsthand.embedded.imports import Module, by_name, by_package, files_of, submodules
from firsthand.embedded.layer import DEPTH, Excluded, Layer
from firsthand.embedded.short import ORDER, Short
from firsthand.embedded.words import Words

__all__ = ["CURRENT", "DEPTH", "CorruptTier", "Excluded", "Parts", "ProjectTier"]

CURRENT = "current"  # the file that names the tier's files
EXPERIENCE = "experience.json"  # how texts turned out in the project, see `calibration`
REHEARSED = "rehearsed.npz"  # what the mixer learned when the project was indexed, see `rehearsal`
_UNKNOWN = 0x7FFFFFFF  # the number of a key that stands nowhere
_REMEMBERED = 50_000  # keys whose numbers are kept


class CorruptTier(Exception):
    """A tier that can't be read; the message says why and that it has to be built again."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The names of a tier's files in their folder; an empty one is not there."""

    base: str
    delta: str = ""
    short: str = ""

    @classmethod
    def of(cls, folder: Path) -> Parts:
        """The files that make up the tier in a folder.

        Raises:
            FileNotFoundError: there is none.
            OSError, ValueError, TypeError: they can't be told.
        """
        parts = cls(**json.loads((folder / CURRENT).read_bytes()))
        for name in astuple(parts):
            if not isinstance(name, str) or Path(name).name != name:
                raise ValueError("it names no file of its folder")
        return parts

    def written(self) -> bytes:
        """What `of` reads."""
        return json.dumps(asdict(self)).encode("ascii")


class ProjectTier:
    """A built tier, open for reading. Single-threaded.

    Attributes:
        layers: the base, and the delta if there is one.
        short: the short orders of further files.
        words: keys by their numbers.
        files: the files it has whole.
    """

    def __init__(self, layers: tuple[Layer, ...], short: Short | None) -> None:
        """Use `load`."""
        self.layers = layers
        self.short = short
        self.words = _Keys(layers, short)
        base = layers[0]
        delta = layers[1] if len(layers) > 1 else None
        self._dead = delta.dead if delta else frozenset()
        self.files = frozenset(base.spans).difference(self._dead)
        if delta:
            self.files |= delta.spans.keys()
        self._ids: dict[str, int] = {}
        self._short_ids: dict[int, int] = {}
        self._modules: dict[str, list[str]] | None = None
        self._packages: dict[tuple[str, ...], list[str]] | None = None
        self._excluded: tuple[str, Excluded] = ("", self._without(""))

    @classmethod
    def load(cls, folder: Path) -> ProjectTier:
        """The tier built in a folder; raises CorruptTier, or FileNotFoundError if there is none."""
        path = folder / CURRENT
        try:
            parts = Parts.of(folder)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, TypeError) as error:
            raise _corrupt(path, error) from error
        try:
            path = folder / parts.base
            layers = [Layer(path)]
            if parts.delta:
                path = folder / parts.delta
                layers.append(Layer(path, layers[0]))
            path = folder / parts.short
            return cls(tuple(layers), Short(path) if parts.short else None)
        except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
            raise _corrupt(path, error) from error

    def spans(self) -> Iterator[tuple[int, int]]:
        """Of each file that it has whole the first token in its layer, and one past the last."""
        for layer in self.layers:
            dead = self._dead if not layer.offset else frozenset()
            yield from (span for path, span in layer.spans.items() if path not in dead)

    def id(self, key: str) -> int:
        """The number of a key; one that stands nowhere gets a number without any successor."""
        found = self._ids.get(key)
        if found is None:
            if len(self._ids) > _REMEMBERED:
                self._ids.clear()
            found = self._ids[key] = self.words.find(key)
        return found

    def excluded(self, path: str) -> Excluded:
        """The places of a file's tokens, and of all that was replaced, for `successors`."""
        if self._excluded[0] != path:
            self._excluded = path, self._without(path)
        return self._excluded[1]

    def _without(self, path: str) -> Excluded:
        pairs: list[tuple[int, int]] = []
        for layer in self.layers:
            pairs += layer.excluding({path, *self._dead} if not layer.offset else (path,))
        return tuple(bound for pair in sorted(pairs) for bound in pair)

    def successors(self, query: int, excluded: Excluded) -> list[tuple[str, int]]:
        """Keys seen after a context, each with the number of tokens of context that agreed.

        `query` holds the context's ids, 32 bits each, the nearest on top.
        """
        words = self.words
        found = []
        for layer in self.layers:
            found += [(words[number], match) for number, match in layer.successors(query, excluded)]
        if self.short is not None:
            near = query >> 32 * (DEPTH - ORDER)
            context = (near >> 64, near >> 32 & 0xFFFFFFFF, near & 0xFFFFFFFF)
            seen = self.short.successors(tuple(map(self._short_id, context)))
            found += [(self.short.words[number], match) for number, match in seen]
        return found

    def votes(self, query: int, excluded: Excluded) -> list[tuple[str | int, int]]:
        """Votes (see `kinds`) after a context of shapes, each with how many of them agreed.

        `query` holds the shapes, 16 bits each, the nearest on top. A vote is a key, or how many
        tokens back (a negative number) the name stands that follows.
        """
        words = self.words
        found: list[tuple[str | int, int]] = []
        for layer in self.layers:
            for vote, match in layer.votes(query, excluded):
                found.append((words[vote] if vote >= 0 else vote, match))
        return found

    def count(self, key: str, excluded: Excluded) -> int:
        """How often a key stands in the project, outside of what is excluded."""
        return self._count(self.id(key), excluded)

    def _count(self, number: int, excluded: Excluded) -> int:
        found = 0
        for layer in self.layers:
            low, high = layer.bounds(number)
            found += layer.outside(low, high, excluded)
        return found + (self.short.count((self._short_id(number),)) if self.short else 0)

    def in_code(self, key: str) -> bool:
        """Whether a word stands in code, or names a module; of short orders all do.

        Strings and comments are left out.
        """
        number = self.id(key)
        if any(layer.in_code(number) for layer in self.layers):
            return True
        return self._short_id(number) >= 0 or key in self.modules()

    def modules(self) -> dict[str, list[str]]:
        """The files by the last name of the module that each is."""
        if self._modules is None:
            self._modules = by_name(sorted(self.files))
        return self._modules

    def public(self, module: Module, path: str, excluded: str) -> list[str]:
        """The names that may be imported from a module.

        Args:
            module: as the import names it.
            path: that of the file which imports it.
            excluded: a file that is left out.
        """
        names: dict[str, None] = {}
        for file in files_of(module, path, self.modules()):
            if file != excluded:
                layer = next(each for each in reversed(self.layers) if file in each.spans)
                names.update(dict.fromkeys(self.words[number] for number in layer.public(file)))
        return list(names)

    def submodules(self, module: Module, path: str) -> list[str]:
        """The names of the modules in a package; `path` is that of the file that imports one."""
        if self._packages is None:
            self._packages = by_package(sorted(self.files))
        return submodules(module, path, self._packages)

    def after(self, key: str, before: tuple[str, str], excluded: Excluded) -> tuple[int, int]:
        """How often a key stands after one token, and after two, the nearest of them first."""
        number, *numbers = map(self.id, (key, *before))
        if number == _UNKNOWN:
            return 0, 0
        found = [0, 0]
        for layer in self.layers:
            bounds = layer.bounds(number)
            prefix = number.to_bytes(4, "big")
            for place, other in enumerate(numbers):
                if bounds[0] == bounds[1]:
                    break
                prefix += other.to_bytes(4, "big")
                bounds = layer.narrowed(prefix, bounds)
                found[place] += layer.outside(*bounds, excluded)
        if self.short is not None:
            context = tuple(map(self._short_id, (number, *numbers)))
            for length in (2, 3):
                found[length - 2] += self.short.count(context[:length])
        return found[0], found[1]

    def followers(self, before: tuple[str, ...], excluded: Excluded, limit: int) -> dict[str, int]:
        """How often keys stand after some tokens (the nearest first), the commonest `limit` keys.

        The short orders are not asked; `successors` samples them.
        """
        numbers = tuple(map(self.id, before))
        counted: dict[str, int] = {}
        for layer in self.layers:
            found, times = layer.followers(numbers, excluded)
            if len(found) > limit:
                best = np.argpartition(times, -limit)[-limit:]
                found, times = found[best], times[best]
            for number, count in zip(found.tolist(), times.tolist(), strict=True):
                key = self.words[number]
                counted[key] = counted.get(key, 0) + count
        return counted

    def following(self, before: tuple[str, ...], excluded: Excluded, length: int) -> list[str]:
        """The keys that follow some tokens (the nearest first) at one place; empty if at none."""
        numbers = tuple(map(self.id, before))
        for layer in reversed(self.layers):
            found = layer.following(numbers, excluded, length)
            if found:
                return [self.words[number] for number in found]
        return []

    def beginning(self, stem: str, limit: int, excluded: Excluded) -> list[str]:
        """The commonest words that begin with a stem, at most `limit` of them."""
        found: list[tuple[int, int]] = []
        for layer in self.layers:
            low, high = layer.words.beginning(stem)
            counts = layer.counts(layer.known + low, layer.known + high)
            best = list(range(high - low))
            if len(best) > limit:
                best = np.argpartition(counts, -limit)[-limit:].tolist()
            times = counts.tolist() if len(counts) <= limit else counts[best].tolist()
            found += zip(times, (layer.known + low + each for each in best), strict=True)
        if self.short is not None:
            low, high = self.short.words.beginning(stem)
            found += self.short.commonest(low, high, limit, self.words.whole)
        found.sort(reverse=True)
        words = self.words
        if self.short is None:  # whose numbers may mean words that others have too
            return [words[at] for _, at in found[:limit] if self._count(at, excluded)]
        keys = dict.fromkeys(words[at] for _, at in found)
        return [key for key in islice(keys, limit) if self.count(key, excluded)]

    def spaced(self, key: str, quote: bool) -> bool | None:
        """Whether white space mostly stands between a key and a word, or an opening quote."""
        number = self.id(key)
        for layer in self.layers:
            if layer.known <= number < layer.known + layer.words.size:
                habit = layer.spaced[2 * (number - layer.known) + quote]
                return None if habit == 0 else habit == 2
        return None

    def _short_id(self, number: int) -> int:
        """What the short orders number a key; -1 if they don't have it."""
        if self.short is None or number == _UNKNOWN:
            return -1
        if number >= self.words.whole:
            return number - self.words.whole
        found = self._short_ids.get(number)
        if found is None:
            if len(self._short_ids) > _REMEMBERED:
                self._short_ids.clear()
            found = self._short_ids[number] = self.short.words.find(self.words[number])
        return found


class _Keys(dict[int, str]):
    """Keys by their numbers: the base's words, the delta's own, then those of the short orders.

    A word that several of them have goes by the first one's number.
    """

    def __init__(self, layers: tuple[Layer, ...], short: Short | None) -> None:
        super().__init__()
        self.whole = sum(layer.words.size for layer in layers)  # where the short orders' begin
        self._parts: list[tuple[int, Words]] = [(layer.known, layer.words) for layer in layers]
        if short is not None:
            self._parts.append((self.whole, short.words))

    def __missing__(self, number: int) -> str:
        if len(self) > _REMEMBERED:
            self.clear()
        first, words = next(part for part in reversed(self._parts) if part[0] <= number)
        word: str = words[number - first]
        self[number] = word
        return word

    def find(self, key: str) -> int:
        """The number of a key; `_UNKNOWN` for one that stands nowhere."""
        for first, words in self._parts:
            number = words.find(key)
            if number >= 0:
                return first + number
        return _UNKNOWN


def _corrupt(path: Path, error: Exception) -> CorruptTier:
    return CorruptTier(f"The index {path} can't be used ({error}); it will be built again.")
