"""Merges what people changed with what a new file changes, against the version that both began with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from callboard.planfile.diff import Body, Change, changes, only_grown, reworded
from callboard.planfile.paths import ABSENT, Keys, alike, same


class Answer(StrEnum):
    """Whose value is taken where both changed the same: that of the people, or that of the file."""

    THEIRS = "theirs"
    OURS = "ours"


Choices = Mapping[str, Answer]
"""Answers by path, `tasks.ATOM-001.due`; one of an outer path is for all within, an empty one for everything."""
NOTHING_CHOSEN: Choices = {}


@dataclass(frozen=True)
class Conflict:
    """A place that people and the file changed differently. For the order of a list, the keys of its items."""

    path: Keys
    base: Any
    live: Any
    new: Any

    @property
    def place(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)


@dataclass(frozen=True)
class Merged:
    """The body that comes of it; what is still to be answered; and what of the people's changes the file has not."""

    body: dict[str, Any]
    conflicts: tuple[Conflict, ...]
    edits: tuple[Change, ...]


def merge(base: Body, live: Body, new: Body, choices: Choices = NOTHING_CHOSEN) -> Merged:
    """What one side alone changed is taken, from both. What is not answered keeps the live value, as a conflict."""
    work = _Merging(choices)
    body = work.value((), dict(base), dict(live), dict(new))
    return Merged(body, tuple(work.conflicts), tuple(changes(new, body)))


class _Merging:
    """One merge: the answers there are, and the conflicts without one."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.conflicts: list[Conflict] = []

    def value(self, path: Keys, base: Any, live: Any, new: Any) -> Any:
        if isinstance(live, dict) and isinstance(new, dict) and (base is ABSENT or isinstance(base, dict)):
            return self.entries(path, {} if base is ABSENT else base, live, new)
        if same(live, new) or same(base, live):
            return new
        if same(base, new):
            return live
        items = alike([] if base is ABSENT else base, live, new)
        if items and not reworded(*items):
            return self.items(path, *items)
        return live if self.theirs(path, base, live, new) else new

    def entries(self, path: Keys, base: Body, live: Body, new: Body) -> dict[str, Any]:
        made = {
            key: self.value((*path, key), *(side.get(key, ABSENT) for side in (base, live, new)))
            for key in {**new, **live}
        }
        return {key: value for key, value in made.items() if value is not ABSENT}

    def items(self, path: Keys, base: Body, live: Body, new: Body) -> list[Any]:
        made = self.entries(path, base, live, new)
        return [made[key] for key in self.order(path, base, live, new) if key in made]

    def order(self, path: Keys, base: Body, live: Body, new: Body) -> list[str]:
        """The order of the side that moved or inserted items; of both, where they agree on what both have."""
        if only_grown(base, live):
            return [*{**new, **live}]
        if only_grown(base, new):
            return [*{**live, **new}]
        if [key for key in live if key in new] == [key for key in new if key in live]:
            return _woven(list(live), list(new))
        return [*({**live, **new} if self.theirs(path, list(base), list(live), list(new)) else {**new, **live})]

    def theirs(self, path: Keys, base: Any, live: Any, new: Any) -> bool:
        """Whether the people's is taken; where nobody has said, remember the question."""
        outer = [".".join(path[:length]) for length in range(len(path), -1, -1)]
        known = [self.choices[place] for place in outer if place in self.choices]
        if not known:
            self.conflicts.append(Conflict(path, base, live, new))
        return not known or known[0] is Answer.THEIRS


def _woven(live: list[str], new: list[str]) -> list[str]:
    """The order of `new`, with what only `live` has behind what it stands behind there."""
    made = list(new)
    for place, key in enumerate(live):
        if key not in made:
            made.insert(made.index(live[place - 1]) + 1 if place else 0, key)
    return made
