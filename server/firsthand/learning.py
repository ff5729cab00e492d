"""What `firsthand learned` tells of a folder, and forgets."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from firsthand import adapting, paths
from firsthand.core.leaning import Decided, Leanings
from firsthand.embedded import EmbeddedModel
from firsthand.embedded.calibration import Experience
from firsthand.embedded.tier import EXPERIENCE
from firsthand.fault import CommandFault
from firsthand.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Told:
    """What was learned.

    Attributes:
        leanings: how readily texts are shown, by tier and language.
        since: from when on what became of suggestions counts; None for all of the last days.
        words: how many words the embedded model weighs by their own record in the folder.
        experience: how its texts turned out there; None where nothing is kept.
    """

    folder: str
    leanings: Leanings
    since: datetime | None
    words: int
    experience: Experience | None

    def to_json(self) -> dict[str, Any]:
        """The same for scripts."""
        found = self.experience
        return {
            "schema": 1,
            "folder": self.folder,
            "since": self.since.isoformat(timespec="seconds") if self.since else None,
            "days": adapting.DAYS,
            "showing": [
                {
                    "tier": tier,
                    "language": language,
                    "accepted": each.accepted,
                    "rejected": each.rejected,
                    "survived_characters": each.survived,
                    "lost_characters": each.lost,
                    "price": round(each.dearer, 3),
                }
                for (tier, language), each in sorted(self.leanings.decided.items())
            ],
            "mixing": {"words": self.words},
            "confidence": {"shift": round(found.shift, 3), "slope": round(found.slope, 3)}
            if found
            else None,
        }

    @property
    def sentences(self) -> str:
        """The same for the person."""
        counted = f" since {self.since:%Y-%m-%d %H:%M}" if self.since else ""
        fading = f"what is {adapting.HALF} days old counts half"
        days = f"the last {adapting.DAYS} days{counted}"
        lines = [f"How readily texts are shown, by {days} ({fading}):"]
        lines += [
            _line(tier, language, each)
            for (tier, language), each in sorted(self.leanings.decided.items())
        ] or ["  nothing was learned yet: as the setting aggression says."]
        lines.append(f"The embedded model in {self.folder}:")
        words = f"{self.words:,} words have a weight of their own"
        lines.append(f"  mixing: {words if self.words else 'as when the folder was indexed'}.")
        lines.append(f"  confidence: {_confidence(self.experience)}.")
        return "\n".join(lines)


def told(folder: Path) -> Told:
    """What was learned of the person, and in a folder.

    Raises:
        CommandFault: the ledger can't be read.
    """
    said: list[str] = []
    ledger = Ledger(paths.data_folder(), tell=said.append)
    try:
        found = adapting.leanings(ledger, datetime.now().astimezone())
    finally:
        ledger.close()
    if said:
        raise CommandFault(" ".join(said))
    kept, at = paths.workspace_folder(folder.resolve()), adapting.Since.read().at
    return Told(
        str(folder.resolve()),
        found,
        datetime.fromtimestamp(at).astimezone() if at else None,
        _words(kept / adapting.MIXER),
        Experience.read(kept) if (kept / EXPERIENCE).is_file() else None,
    )


def forget() -> str:
    """Forget all of it, in every folder; gives a sentence for the person.

    The ledger stays as it is: what became of suggestions before now does not count any more.

    Raises:
        CommandFault: the disk refuses.
    """
    adapting.Since(datetime.now().timestamp()).write()
    for folder in _folders():
        for name in (adapting.MIXER, EXPERIENCE):
            try:
                (folder / name).unlink(missing_ok=True)
            except OSError as fault:
                raise CommandFault(
                    f"{folder / name} can't be removed ({fault.strerror}); close the editors."
                ) from fault
    return "Forgot what was learned; editors that run now follow within ten minutes."


def _folders() -> list[Path]:
    with suppress(OSError):
        return [each for each in paths.workspaces_folder().iterdir() if each.is_dir()]
    return []


def _words(file: Path) -> int:
    try:
        raw = file.read_bytes()
    except OSError:
        return 0
    model = EmbeddedModel()
    learned = model.learned("") if model.recall("", raw) else None
    return len(learned.keys) if learned else 0


def _line(tier: str, language: str, each: Decided) -> str:
    price = each.dearer
    if abs(price - 1) < 0.02:
        how = "as the setting says"
    else:
        how = f"showing costs {price:.2f} times as much: {'less' if price > 1 else 'more'} is shown"
    return (
        f"  {language}, {'models' if tier == 'inline' else 'embedded model'}: {each.accepted:,} "
        f"accepted, {each.rejected:,} rejected; {how}."
    )


def _confidence(found: Experience | None) -> str:
    if found is None:
        return "as when the folder was indexed"
    return f"shifted by {found.shift:+.2f}, times {found.slope:.2f} (0 and 1 is as fitted)"
