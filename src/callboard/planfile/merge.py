"""Merges what people changed with what a new file changes, against the version that both began with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Any

from callboard.planfile.values import ABSENT, Keys, alike, put, renamed, same


class Answer(StrEnum):
    """Whose value is taken where both changed the same: that of the people, or that of the file."""

    THEIRS = "theirs"
    OURS = "ours"


Choices = Mapping[str, Answer]
"""Answers by path, `tasks.ATOM-001.due`; one of an outer path is for all within, an empty one for everything."""
NOTHING_CHOSEN: Choices = {}
Body = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """What stands at a path before and after; ABSENT for nothing."""

    path: Keys
    before: Any
    after: Any


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


def changes(before: Any, after: Any, path: Keys = ()) -> Iterator[Change]:
    """The smallest places that are different; a list whose items are in another order is one."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _entries(before, after, path)
    elif same(before, after):
        return
    elif (items := alike(before, after)) and _only_grown(*items) and not _renamed(*items):
        yield from _entries(items[0], items[1], path)
    else:
        yield Change(path, before, after)


def _entries(before: Mapping[str, Any], after: Mapping[str, Any], path: Keys) -> Iterator[Change]:
    for key in {**after, **before}:
        if key not in before or key not in after:
            yield Change((*path, key), before.get(key, ABSENT), after.get(key, ABSENT))
        else:
            yield from changes(before[key], after[key], (*path, key))


def _renamed(*sides: Mapping[str, Any]) -> bool:
    """Whether an item is called otherwise on one of the sides."""
    return any(renamed(*(side[key] for side in sides if key in side)) for key in {k for side in sides for k in side})


def _only_grown(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    left = [key for key in before if key in after]
    return list(after)[: len(left)] == left


def applied(body: Mapping[str, Any], made: Iterable[Change]) -> dict[str, Any]:
    """The body with changes made to it."""
    return reduce(lambda result, change: put(result, change.path, change.after), made, dict(body))


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
        if items and not _renamed(*items):
            return self.items(path, *items)
        return live if self.theirs(path, base, live, new) else new

    def entries(self, path: Keys, base: Body, live: Body, new: Body) -> dict[str, Any]:
        made = {
            key: self.value((*path, key), base.get(key, ABSENT), live.get(key, ABSENT), new.get(key, ABSENT))
            for key in {**new, **live}
        }
        return {key: value for key, value in made.items() if value is not ABSENT}

    def items(self, path: Keys, base: Body, live: Body, new: Body) -> list[Any]:
        made = self.entries(path, base, live, new)
        return [made[key] for key in self.order(path, list(base), list(live), list(new)) if key in made]

    def order(self, path: Keys, base: list[str], live: list[str], new: list[str]) -> list[str]:
        """The order of the side that moved or inserted items; of both, where they agree on what both have."""
        was, is_live, is_new = dict.fromkeys(base), dict.fromkeys(live), dict.fromkeys(new)
        if _only_grown(was, is_live):
            return list(is_new | is_live)
        if _only_grown(was, is_new):
            return list(is_live | is_new)
        if [key for key in live if key in is_new] == [key for key in new if key in is_live]:
            return _woven(live, new)
        return list(is_live | is_new if self.theirs(path, base, live, new) else is_new | is_live)

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
