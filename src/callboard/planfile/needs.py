"""What waits for what: everything that `needs` and `wants` name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from callboard.planfile import task_sets
from callboard.planfile.sections import Document, Path

WAITING = ("phases", "teams", "tasks", "gates", "runbooks")
AWAITED = ("tasks", "gates", "phases")
SET = "set of "


@dataclass(frozen=True)
class Need:
    """Something written in `needs` or `wants`: where, of whom, and the ids of what it names."""

    path: Path
    of: str
    written: Any
    ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """What stands for it where needs are followed: the id, or a mark for a whole set."""
        return self.written if self.ids == (self.written,) else f"{SET}{self.written}"


def written(document: Document, word: str = "needs") -> Iterator[Need]:
    """Every need of a plan, one by one, whatever else is wrong with it."""
    known = {key for section in AWAITED for key in document.keys(section)}
    for section in WAITING:
        for key in document.keys(section):
            entry = document.body[section][key]
            listed = entry.get(word) if isinstance(entry, Mapping) else None
            for number, one in enumerate(listed if isinstance(listed, list) else [listed]):
                if isinstance(one, str | int | Mapping):
                    name = one if isinstance(one, Mapping) else str(one)
                    ids = (name,) if isinstance(name, str) and name in known else task_sets.members(document, [name])
                    yield Need((section, key, word, number), key, name, tuple(ids))


def awaited(document: Document, of: str, word: str = "needs") -> list[str]:
    """The ids of what a phase, team, task, gate or run-book needs, or `wants`, each once."""
    return list(dict.fromkeys(by for need in written(document, word) if need.of == of for by in need.ids))
