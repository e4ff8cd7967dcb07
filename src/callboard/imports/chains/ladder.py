"""An escalation chain as anybody means it: who is told, how long after the opening, and how often it begins again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from callboard.imports.values import Entry

NAMES = ("email", "username", "name", "summary", "full_name", "login", "display_name")
_REFERENCE = re.compile(r"\$\{(?:data\.)?[\w-]+\.([\w-]+)\.[\w-]+\}")
"""How Terraform names another of its blocks: `${pagerduty_user.olga.id}`."""
LONGEST = timedelta(days=30)


@dataclass(frozen=True)
class Target:
    """Whom a rung tells. `kind` is person, team, schedule or channel; `words` are what they may be known by."""

    kind: str
    words: tuple[str, ...] = ()


@dataclass
class Rung:
    """Those who are told at one moment, so long after the opening; `within` is how long they have."""

    line: int
    last: int
    after: timedelta
    within: timedelta | None = None
    targets: list[Target] = field(default_factory=list)


@dataclass
class Chain:
    """One chain. After `pause` it begins again, `again` times."""

    line: int
    last: int
    name: str
    rungs: list[Rung] = field(default_factory=list)
    again: int = 0
    pause: timedelta | None = None


class Known:
    """Who and what the file itself names by an id."""

    def __init__(self, every: Iterable[Entry]) -> None:
        self.words: dict[str, tuple[Entry, list[str]]] = {}
        self.used: dict[Entry, str] = {}
        for entry in every:
            names = [str(entry.inner[word]) for word in NAMES if isinstance(entry.inner.get(word), str)]
            key = entry.inner.get("id")
            if names and isinstance(key, str):
                self.words.setdefault(key, (entry, names))

    def all_of(self, words: Iterable[str]) -> list[str]:
        """All that somebody may be known by: what is written, and what the file says of that id elsewhere."""
        made: list[str] = []
        for word in words:
            reference = _REFERENCE.fullmatch(word)
            entry, names = self.words.get(word, (None, []))
            if entry:
                entry.asked.update(entry.inner)
                self.used[entry] = names[0]
            made += [*names, reference[1].replace("_", " ") if reference else word]
        return list(dict.fromkeys(filter(None, made)))


def span(amount: float | None, unit: str) -> timedelta | None:
    """So many minutes, seconds, hours or days; None where no number is given, or one that no escalation has."""
    if amount is None:
        return None
    seconds = {"s": 1, "h": 3600, "d": 86_400}.get(unit[:1].lower(), 60) * amount
    return timedelta(seconds=round(seconds)) if seconds <= LONGEST.total_seconds() else None


def referred(word: str) -> str:
    """What a reference of Terraform's names; any other word is itself."""
    found = _REFERENCE.fullmatch(word)
    return found[1] if found else word
