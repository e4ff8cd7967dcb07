"""What people hear in a rehearsal: how many messages and pages, and which are at night."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from callboard.rehearsal.transcript import Line
from callboard.teams.directory import NIGHT, Person


@dataclass(frozen=True)
class Noise:
    """So many messages, how many of them are pages, and how many came at night."""

    messages: int = 0
    pages: int = 0
    at_night: int = 0


def told(lines: Iterable[Line]) -> Mapping[str, Sequence[Line]]:
    """What each person was told, by their key. Edits alert nobody; answers are asked for; channels call nobody."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        to = line.to.removeprefix("mail:").removeprefix("phone:")
        if not line.who and line.did == "posted" and to.startswith("@"):
            found.setdefault(to[1:], []).append(line)
    return found


def noise(lines: Collection[Line], person: Person | None = None) -> Noise:
    """How much it is; of somebody also what they hear at night."""
    night = person and (person.quiet or NIGHT)
    at_night = sum(bool(night and person and night.until(line.at, person.zone)) for line in lines)
    return Noise(len(lines), sum(line.page for line in lines), at_night)
