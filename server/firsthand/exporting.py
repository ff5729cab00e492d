"""What the command `data export` writes: the ledger and who wrote what, as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from firsthand import paths
from firsthand.core.authorship import Mark
from firsthand.fault import CommandFault
from firsthand.ledger import Ledger
from firsthand.provenance.store import Store

_SENTENCE = "Wrote {count:,} records to {file}; nobody but you can read it."


def export(file: Path) -> str:
    """Write all that is kept of the past to a file of the person's alone; gives a sentence.

    The first line says what version the records have. Each other one has a `table`: "event" and
    "sent" are the ledger's rows, "authorship" is a file with its runs, each of which says how many
    characters it has. The exact text of what was sent stays where it is: `firsthand sent ID`.

    Raises:
        CommandFault: what is kept can't be read, or the file can't be written.
    """
    said: list[str] = []
    count = 0
    try:
        # What is there is not written over with it half done, and never readable by others.
        fresh = file.with_name(f"{file.name}.part")
        with open(fresh, "w", encoding="utf-8", opener=paths.private_opener) as written:
            written.write('{"schema": 1}\n')
            for record in _records(said):
                written.write(f"{json.dumps(record)}\n")
                count += 1
        if said:
            fresh.unlink()
            raise CommandFault(" ".join(said))
        fresh.replace(file)
    except OSError as fault:
        with suppress(OSError):
            fresh.unlink()
        reason = paths.reason(fault)
        raise CommandFault(f"{file} can't be written ({reason}): name another file.") from fault
    return _SENTENCE.format(count=count, file=file)


def _records(said: list[str]) -> Iterator[dict[str, Any]]:
    folder = paths.data_folder()
    ledger, store = Ledger(folder, tell=said.append), Store(folder, said.append)
    try:
        for table in ("event", "sent"):
            yield from ({"table": table, **row} for row in ledger.rows(table))
        for workspace in store.workspaces():
            for path, record in store.all(workspace):
                runs = [_run(*each) for each in record.runs]
                found = {"workspace": workspace, "path": path, "runs": runs}
                yield {"table": "authorship", **found}
    finally:
        ledger.close()
        store.close()


def _run(characters: int, packed: int) -> dict[str, Any]:
    mark = Mark.of(packed)
    return {"characters": characters, **asdict(mark), "origin": mark.origin.name.lower()}
