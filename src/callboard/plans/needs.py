"""What waits for what: whether the `needs` and `wants` of a plan name something, and whether they go in circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from callboard.core.sections import Document, Path, Problem, did_you_mean
from callboard.plans import sets
from callboard.plans.difference import ONE
from callboard.plans.names import SPACE

WAITING = ("phases", "teams", "tasks", "gates", "runbooks")
AWAITED = ("tasks", "gates", "phases")
SET = "set of "
Waits = dict[str, dict[str, None]]
"""What each name waits for, in the order of the file."""
CLEAR = "take one of these out"
DEEPEST = 40


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
                    ids = (name,) if isinstance(name, str) and name in known else sets.members(document, [name])
                    yield Need((section, key, word, number), key, name, tuple(ids))


def check(document: Document) -> Iterator[Problem]:
    """Refuse needs and wants that name nothing there is, or themselves, and needs that go in a circle."""
    for word in ("needs", "wants"):
        for need in written(document, word):
            if need.written == need.of:
                yield document.error(need.path, f"`{need.of}` {word} itself: take it out")
            elif not need.ids:
                yield document.error(need.path, _unknown(document, need.written))
    yield from _check_circles(document)


def _unknown(document: Document, name: Any) -> str:
    if not isinstance(name, str) or "*" in name or ".." in name:
        sentences = [sentence for _, sentence in sets.strangers(document, [name])]
        return sentences[0] if sentences else f"`{name}` names no task"
    kind = next((section for section in SPACE if name in document.keys(section)), "")
    if kind:
        return f"`{name}` is a {ONE[kind]}: name tasks, gates or phases, which can be waited for"
    known = [key for section in AWAITED for key in document.keys(section)]
    return f"there is no task, gate or phase `{name}`; {did_you_mean(name, known)}"


def _check_circles(document: Document) -> Iterator[Problem]:
    """One circle after the other; of each, the need written first is set aside before the next is looked for."""
    needs = [need for need in (*written(document), *_asked(document)) if need.written != need.of]
    waits: Waits = {}
    for need in needs:
        waits.setdefault(need.of, {})[need.name] = None
        if need.name not in need.ids:
            waits[need.name] = dict.fromkeys(need.ids)
    for waiting, awaited in _implied(document):
        waits.setdefault(waiting, {}).update(dict.fromkeys(awaited))
    while circle := _circle(waits):
        steps = set(pairwise(circle))
        said = [need for need in needs if (need.of, need.name) in steps]
        if not said:  # ids that are taken twice; that has been said
            del waits[circle[0]][circle[1]]
            continue
        where = min(said, key=lambda need: document.line(need.path))
        del waits[where.of][where.name]
        turn = circle.index(where.of)
        around = [name for name in (*circle[turn:-1], *circle[:turn], where.of) if not name.startswith(SET)]
        yield document.error(where.path, f"this waits for itself: {' -> '.join(around)}; {CLEAR}")


def _circle(waits: Waits) -> list[str]:
    """Some names of which each waits for the next, the last being the first again; empty where nothing goes round."""
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as found:
        return list(reversed(found.args[1]))
    return []


def _implied(document: Document) -> Iterator[tuple[str, list[str]]]:
    """What waits without saying so: tasks for their phase and team."""
    for key, task in _entries(document, "tasks"):
        about = [task.get(word) for word in ("phase", "team", "lead_team")]
        yield key, [name for name in about if isinstance(name, str)]


def _asked(document: Document) -> Iterator[Need]:
    """What gates wait for by their criteria, also by those within others: tasks and gates."""
    for key, gate in _entries(document, "gates"):
        yield from _in_criteria(document, key, ("gates", key, "criteria"), gate.get("criteria"))


def _in_criteria(document: Document, gate: str, at: Path, criteria: Any) -> Iterator[Need]:
    for number, one in enumerate(criteria if isinstance(criteria, list) else [criteria]):
        if not isinstance(one, Mapping):
            continue
        here = (*at, number)
        if isinstance(name := one.get("gate"), str) and name in document.keys("gates"):
            yield Need((*here, "gate"), gate, name, (name,))
        if "tasks" in one:
            listed = one["tasks"] if isinstance(one["tasks"], list) else [one["tasks"]]
            for place, each in enumerate(listed):
                yield Need((*here, "tasks", place), gate, each, tuple(sets.members(document, [each])))
        for word in ("any", "all"):
            if word in one and len(here) < DEEPEST:
                yield from _in_criteria(document, gate, (*here, word), one[word])


def _entries(document: Document, section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key in document.keys(section):
        if isinstance(document.body[section][key], Mapping):
            yield key, document.body[section][key]
