"""What the command `grip` says: how much of the code was written first hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from firsthand.fault import CommandFault
from firsthand.provenance import figures
from firsthand.provenance.figures import Block, Grip, Share

_ROWS = 20


def grip(path: Path) -> Grip:
    """What is known of the files below a path.

    Raises:
        CommandFault: what is kept can't be read.
    """
    said: list[str] = []
    found = figures.of(path, said.append)
    if said:
        raise CommandFault(" ".join(said))
    return found


def table(found: Grip) -> str:
    """The same for people."""
    if not found.total.known:
        return (
            f"Nothing is known yet of who wrote the files in {found.path}: it is followed from the "
            "first key in an editor on."
        )
    lines = [
        f"{_percent(found.total)} of what is known in {found.path} was written first hand: "
        f"{found.total.typed + found.total.changed:,} of {found.total.known:,} characters. "
        f"Of {found.total.unknown:,} more nothing is known.",
        "",
        *_shares("File", found.files),
    ]
    folders = [each for each in found.folders if each[0] != "."]
    lines += ["", *_shares("Folder", folders)] if folders else []
    lines += ["", *_shares("Written in", found.weeks)]
    lines += ["", *_survival(found)] if found.survived else []
    if found.reading:
        lines += ["", "Accepted and never touched since; worth reading:"]
        lines += map(_block, found.reading[:_ROWS])
    return "\n".join(lines)


def _shares(head: str, shares: Sequence[tuple[str, Share]]) -> Iterable[str]:
    names = [name for name, share in shares[:_ROWS] if share.known]
    wide = max(map(len, (head, *names)))
    yield f"{head:<{wide}}  first hand  typed  changed  pasted  embedded  inline  frontier"
    for name, share in shares[:_ROWS]:
        if share.known:
            yield (
                f"{name:<{wide}}  {_percent(share):>10}  {share.typed:>5}  {share.changed:>7}  "
                f"{share.pasted:>6}  {share.embedded:>8}  {share.inline:>6}  {share.frontier:>8}"
            )
    if len(shares) > _ROWS:
        yield f"... and {len(shares) - _ROWS} more: --json has all of them."


def _survival(found: Grip) -> Iterable[str]:
    yield "Accepted text that stood, in all folders of this machine:"
    for each in found.survived:
        total = each.survived + each.lost
        yield (
            f"{each.tier:<10}  after {each.after:<7} {100 * each.survived / total:>4.0f} %  "
            f"({each.survived:,} of {total:,} characters)"
        )


def _block(block: Block) -> str:
    return (
        f"  {block.path}:{block.line}  {block.lines} lines, {block.characters} characters  "
        f"{block.tier}, {block.day}"
    )


def _percent(share: Share) -> str:
    part = share.first_hand
    return "" if part is None else f"{100 * part:.0f} %"
