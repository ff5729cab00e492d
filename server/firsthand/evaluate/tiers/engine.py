"""The engine as an editor drives it: a change for each key, and a question after it.

The editor is one that asks again when it is told of a late answer and nothing is on its screen, as
Firsthand's extension for VS Code does. The person is patient: after each key they look until the
model has said what it has to say, so that no speed of typing decides what is measured. How long
they looked is measured apart.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from firsthand import convert
from firsthand.client import Client
from firsthand.complete import complete
from firsthand.core.completion import Completion
from firsthand.core.text import Edit, Position, Range, advance
from firsthand.embedded import EmbeddedModel
from firsthand.evaluate.replay import agrees, indentation, keys_of
from firsthand.evaluate.tiers.counts import Counts
from firsthand.evaluate.tiers.meter import Metered
from firsthand.evaluate.tiers.stint import Stint
from firsthand.evaluate.typist import Known
from firsthand.fault import CommandFault
from firsthand.index.code.view import CodeReader
from firsthand.paths import path_to_uri
from firsthand.session import Session
from firsthand.settings import Loaded

Mode = Literal["keys", "places"]
"""Whether each key is followed by a question, or one place of each line."""

_PATIENCE = 120.0  # seconds that the person looks at one place at the most
_AGAIN = 60.0  # seconds that a model may rest after a fault before the replay ends
_LOOK = 0.5
_LATEST = 3  # faults in a row that end it


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder that is open: where it is, its settings, what is known of it, its code's database.

    Attributes:
        code: the database; None where no model is shown of it.
    """

    folder: Path
    loaded: Loaded
    known: Known
    code: Path | None = None


async def replay(
    workspace: Workspace, stint: Stint, router: Metered | None, mode: Mode, seed: int
) -> Counts | str:
    """Type a stint, with the models of a router and the embedded one.

    Returns:
        What was counted; or why the file is not completed.

    Raises:
        CommandFault: a model gives no answers any more.
    """
    typing = _Typing(workspace, stint, router, mode, seed)
    if router is not None:
        router.taken = Counts()
    try:
        counts = await typing.run()
    finally:
        typing.session.shut_down()
    if router is not None and isinstance(counts, Counts):
        counts.add(router.taken)
    return counts


class _Typing:
    """One document of one session."""

    def __init__(
        self, workspace: Workspace, stint: Stint, router: Metered | None, mode: Mode, seed: int
    ) -> None:
        folder, known = str(workspace.folder), workspace.known
        embedded = EmbeddedModel()
        embedded.attach(folder, known.tier, known.base, known.experience)
        self.session = Session(
            tell=self._told,
            encoding="utf-32",
            client=Client("eval", "empty"),
            folders=[folder],
            settings={"": workspace.loaded, folder: workspace.loaded},
            embedded=embedded,
            router=router,
        )
        if workspace.code is not None:
            self.session.code[folder] = CodeReader(workspace.code)
        self.stint, self.router, self.mode = stint, router, mode
        self.lines = [each.rstrip() for each in stint.lines]
        self.uri = path_to_uri(workspace.folder / stint.path)
        self.at = Position(len(stint.above), 0)
        self.counts = Counts()
        self._chance = random.Random(f"{seed}:{stint.name}")  # noqa: S311 (no secret)
        self._seen: set[int] = set()
        self._late: float | None = None
        self._faults = self._requests = 0

    async def run(self) -> Counts | str:
        """Type all of it."""
        session, stint = self.session, self.stint
        session.start()
        text = "\n".join((*self.lines[: self.at.line], "", *stint.below))
        session.open(self.uri, stint.language, 0, text)
        await session.settled()
        document = session.documents[self.uri]
        if document.silence is not None or document.private:
            return document.silence.value if document.silence else "private"
        counted, end = set(stint.counted), len(self.lines)
        while self.at.line < end:
            number = self.at.line
            if number in counted:
                await self._type_line(number)
            if self.at.line > number:  # more was accepted than the line
                continue
            rest = self.lines[number][self.at.character :]
            self._write(rest)
            self.counts.typed += number in counted
            if number + 1 == end:
                break
            self._write("\n")
        self.counts.lines = len(counted)
        self.counts.keys = sum(keys_of(self.lines[number]) for number in counted)
        return self.counts

    async def _type_line(self, number: int) -> None:
        """Type the rest of a line key by key; on return its end is still to be typed."""
        line = self.lines[number]
        if self.at.character < indentation(line):
            self._write(line[self.at.character : indentation(line)])
        place = self._place(line)
        while self.at.line == number and self.at.character < len(line):
            if self.mode == "keys" or self.at.character == place:
                offered = await self._ask()
                if offered is not None and self._takes(offered):
                    self.counts.typed += 1
                    self._write(offered.new_text)
                    continue
            self._write(line[self.at.character])
            self.counts.typed += 1

    def _place(self, line: str) -> int:
        """The place of a line where it is asked for: where a word or a sign begins."""
        starts = [
            at
            for at in range(self.at.character, len(line))
            if not line[at].isspace() and (at == 0 or not (line[at - 1] + line[at]).isidentifier())
        ]
        return self._chance.choice(starts) if starts else self.at.character

    async def _ask(self) -> Completion | None:
        """What is on the screen once the model has said all; it is counted when it is new."""
        if self.router is not None and self.mode == "places":
            self.router.left = 1  # nothing is accepted, so nothing has to be asked for ahead
        await self._until_usable()
        began, self._late = self.session.clock(), None
        offered = await self._request()
        waited = self.session.clock() - began
        await self._patiently()
        if offered is None and self._late is not None:
            waited = self._late - began
            offered = await self._request()
        self.counts.asked += 1
        right = offered is not None and self._agrees(offered)
        if self.mode == "places":
            rest = self.lines[self.at.line][self.at.character :]
            self.counts.ends.append(
                offered is not None and offered.new_text.split("\n")[0].rstrip() == rest
            )
        if offered is not None and offered.id not in self._seen:
            self._seen.add(offered.id)
            self.counts.shown += 1
            self.counts.by_model += offered.tier != "embedded"
            self.counts.waited.append(waited * 1000)
            # What turns out right after it was contradicted in part was shown as another text.
            self.counts.right += right
        return offered

    async def _request(self) -> Completion | None:
        session = self.session
        document = session.documents[self.uri]
        snapshot = session.snapshot_at(document, self.at, explicit=False)
        answer = await complete(session, snapshot)
        answer = session.answered(snapshot, answer, session.clock())
        return next(iter(answer.completions), None)

    async def _patiently(self) -> None:
        """Look until the model has said all, and until the codebase was looked through."""
        document = self.session.documents[self.uri]
        generation, looking = document.generation, document.codebase.task
        running = [each for each in (generation and generation.task, looking) if each]
        if running:
            await asyncio.wait(running, timeout=_PATIENCE)
        await asyncio.sleep(0)

    def _takes(self, offered: Completion) -> bool:
        return self.mode == "keys" and self._agrees(offered)

    def _agrees(self, offered: Completion) -> bool:
        """Whether all of it is what will stand there."""
        place = self.at.line, self.at.character
        return offered.range == Range.at(self.at) and agrees(self.lines, *place, offered.new_text)

    def _write(self, string: str) -> None:
        """Change the document as an editor does, and tell of it."""
        if not string:
            return
        document = self.session.documents[self.uri]
        edit = Edit(Range.at(self.at), string)
        change = convert.to_change(edit, document.text, self.session.encoding)
        self.session.change(self.uri, document.version + 1, (change,))
        self.at = advance(self.at, string)

    async def _until_usable(self) -> None:
        """Wait while the model rests after a fault.

        Raises:
            CommandFault: it does not work again, or fails time after time.
        """
        router = self.router
        if router is None:
            return
        if router.fault:
            self._faults, said, router.fault = self._faults + 1, router.fault, ""
            if self._faults >= _LATEST or router.capped():
                raise CommandFault(said)
        elif router.taken.requests > self._requests:
            self._faults = 0
        self._requests = router.taken.requests
        while router.choose(local_only=self._local_only()) is None:
            if not router.returns(_AGAIN):
                raise CommandFault(router.standing(local_only=self._local_only()).reason)
            await asyncio.sleep(_LOOK)

    def _local_only(self) -> bool:
        return any(each.settings.local_only for each in self.session.settings.values())

    def _told(self, method: str, params: Mapping[str, Any]) -> None:
        if method == "firsthand/refresh" and self._late is None:
            self._late = self.session.clock()
