"""Sets of tasks as a plan writes them: ids, `O-1..O-6`, `A-*`, `{phase: prepare}`, or a list of these."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Discriminator, Tag

from callboard.core.errors import did_you_mean
from callboard.planfile.sections import Document, several
from callboard.planfile.types import Many, Part

NUMBERED = re.compile(r"(.*?)([0-9]{1,15})", re.DOTALL)
EXAMPLE = "write it like O-1..O-6"
SHORT = 2


class Range(NamedTuple):
    """The ids of one prefix from a first to a last number. With `width`, numbers have so many digits: 001."""

    prefix: str
    first: int
    last: int
    width: int = 1

    def spells(self, digits: str) -> bool:
        """Whether the number of an id is written as the ends are."""
        return len(digits) == self.width or (len(digits) > self.width and not digits.startswith("0"))

    def ids(self, most: int) -> list[str]:
        """All ids from the first to the last, and one more than the `most` where there are more."""
        return [f"{self.prefix}{number:0{self.width}d}" for number in range(self.first, self.last + 1)[: most + 1]]


def split_id(key: str) -> tuple[str, str] | None:
    """The prefix and the number of an id; None where it has no number."""
    found = NUMBERED.fullmatch(key)
    return (found[1], found[2]) if found else None


def parse_range(text: str) -> Range:
    """Read a range. Raises ValueError with a sentence."""
    left, _, right = (part.strip() for part in text.partition(".."))
    first, last = split_id(left), split_id(right)
    if first is None or last is None:
        raise ValueError(f"`{text}` is no range of tasks, which ends in numbers on both sides: {EXAMPLE}")
    if last[0] not in ("", first[0]):
        raise ValueError(f"`{text}` goes from {first[0]} to {last[0]}: a range keeps to one of them, {EXAMPLE}")
    width = max(len(digits) if digits.startswith("0") else 1 for digits in (first[1], last[1]))
    begin, end = (f"{int(digits):0{width}d}" for digits in (first[1], last[1]))
    if int(begin) > int(end):
        raise ValueError(f"`{text}` is written backwards: write {first[0]}{end}..{first[0]}{begin}")
    if (first[1], last[1]) != (begin, end):
        better = f"{first[0]}{begin}..{first[0]}{end}"
        raise ValueError(f"the ends of `{text}` have leading zeros in different ways: write {better}")
    return Range(first[0], int(begin), int(end), width)


def in_ranges(keys: Iterable[str], most: int) -> list[str]:
    """Ids in order, three or more in a row as a range, `O-1..O-6`; after the `most`, how many more ids there are."""
    rows: list[list[tuple[str, str]]] = []
    for part in sorted(
        (split_id(key) or (key, "") for key in set(keys)), key=lambda part: (part[0], int(part[1] or 0))
    ):
        last = rows[-1][-1] if rows else ("", "")
        follows = part[0] == last[0] and last[1] and part[1] == f"{int(last[1]) + 1:0{len(last[1])}d}"
        rows = [*rows[:-1], [*rows[-1], part]] if follows else [*rows, [part]]
    names = [["".join(part) for part in row] for row in rows]
    parts = [part for row in names for part in ([row] if len(row) > SHORT else [[name] for name in row])]
    more = sum(map(len, parts[most:]))
    shown = [part[0] if len(part) == 1 else f"{part[0]}..{part[-1]}" for part in parts[:most]]
    return [*shown, f"{more} more"] if more else shown


ATOM, MOLECULE, TISSUE = "atom", "molecule", "tissue"
GIVEN_KINDS = {"ATOM": ATOM, "MOLECULE": MOLECULE, "TISSUE": TISSUE}
"""The kinds that every plan has, by prefix; `task_kinds` adds to these."""


def kinds_by_prefix(body: Mapping[str, Any]) -> dict[str, str]:
    """The kind that each prefix stands for in a plan."""
    written = body.get("task_kinds")
    own = written if isinstance(written, Mapping) else {}
    return GIVEN_KINDS | {str(prefix): kind for prefix, kind in own.items() if isinstance(kind, str)}


def task_kind(key: str, task: Mapping[str, Any], by_prefix: Mapping[str, str]) -> str:
    """The kind of a task as it is written."""
    if isinstance(task.get("kind"), str):
        return str(task["kind"])
    several = MOLECULE if task.get("lead_team") or task.get("support_teams") else ATOM
    return kind_of_prefix(key, by_prefix) or several


def kind_of_prefix(key: str, by_prefix: Mapping[str, str]) -> str:
    """The kind that an id stands for: `ATOM` is the prefix of ATOM-001 and of ATOM1, and not of ATOMIC-1."""
    fitting = [
        prefix for prefix in by_prefix
        if key.startswith(prefix) and not (prefix[-1:].isalpha() and key[len(prefix) :][:1].isalpha())
    ]  # fmt: skip
    return by_prefix[max(fitting, key=len)] if fitting else ""


FILTERS = ("phase", "team", "area", "kind", "priority")
INDEX = "_task_index"
FEW = 4
NOTHING: frozenset[int] = frozenset()
PRIORITIES = ("critical", "high", "medium", "low")
"""The priorities of a plan that does not name its own, the first most pressing."""


class TaskFilter(Part):
    """All tasks that have every one of these; of several words for one key, any."""

    phase: Many = ()
    team: Many = ()
    area: Many = ()
    kind: Many = ()
    priority: Many = ()


def _form(written: Any) -> str:
    return "filter" if isinstance(written, Mapping | TaskFilter) else "text"


TaskSet = Annotated[Annotated[str, Tag("text")] | Annotated[TaskFilter, Tag("filter")], Discriminator(_form)]
"""One set of tasks."""
TaskSets = Annotated[tuple[TaskSet, ...], BeforeValidator(several)]
"""One set of tasks or a list of them; where something is waited for, also ids of gates and phases."""


def members(document: Document, written: Any) -> list[str]:
    """The ids of the tasks in one set or several, typed or as in the body, in the order of the file."""
    tasks = index_of(document)
    found = {position for each in several(written) for position in _found(tasks, each)}
    return [tasks.ids[position] for position in sorted(found)]


def strangers(document: Document, written: Any) -> Iterator[tuple[int, str]]:
    """What of one set or several names no task, by position, each with a sentence that says so."""
    tasks = index_of(document)
    for position, each in enumerate(several(written)):
        if not _found(tasks, each):
            yield position, _sentence(document, tasks, each)


def texts(written: Any) -> list[str]:
    """What of one set or several is text: ids of tasks, and where something is waited for, of gates and phases."""
    return [each for each in several(written) if isinstance(each, str)]


def kind(document: Document, key: str) -> str:
    """The kind of a task; empty where there is no such task."""
    return index_of(document).kinds.get(key, "")


def teams(document: Document, key: str) -> list[str]:
    """The teams that work on a task, the leading one first."""
    return index_of(document).teams(key)


def _found(tasks: TaskIndex, written: Any) -> frozenset[int]:
    wanted = _filter(written)
    return tasks.named(str(written).strip()) if wanted is None else tasks.filtered(wanted)


def _filter(written: Any) -> dict[str, tuple[str, ...]] | None:
    """What a filter asks for, typed or as in the body; None for a text."""
    if isinstance(written, TaskFilter):
        return {key: words for key, words in written if words}
    if isinstance(written, Mapping):
        return {str(key): tuple(map(str, several(words))) for key, words in written.items()}
    return None


def _sentence(document: Document, tasks: TaskIndex, written: Any) -> str:
    wanted = _filter(written)
    if wanted is not None:
        return _none_with(document, wanted)
    text = str(written).strip()
    ids = f"their ids are {', '.join(tasks.ids[:FEW])}{', ...' if len(tasks.ids) > FEW else ''}"
    if not tasks.ids:
        return f"`{text}` names no task: there are none in this plan yet"
    if ".." in text:
        try:
            parse_range(text)
        except ValueError as wrong:
            return str(wrong)
        return f"no task is within `{text}`; {ids}"
    if "*" in text or "?" in text:
        return f"`{text}` names no task; {ids}"
    return f"there is no task `{text}`; {did_you_mean(text, tasks.ids)}"


def _none_with(document: Document, wanted: Mapping[str, tuple[str, ...]]) -> str:
    if not wanted:
        return "a filter that asks for nothing names no task: write {phase: ...}, or `*` for all tasks"
    for key, words in wanted.items():
        if key not in FILTERS:
            return f"tasks have no `{key}` to filter by; {did_you_mean(key, FILTERS)}"
        known = possible(document, key)
        for word in words:
            if word not in known:
                return f"there is no {key} `{word}`; {did_you_mean(word, known)}"
    filters = (f"{key} {' or '.join(f'`{word}`' for word in words)}" for key, words in wanted.items())
    return f"no task has {' and '.join(filters)}"


def possible(document: Document, key: str) -> list[str]:
    """What a plan offers for the key of a filter: its phases, teams, areas, kinds, priorities."""
    if key == "kind":
        return list(dict.fromkeys(kinds_by_prefix(document.body).values()))
    if key == "priority":
        written = document.body.get("priorities")
        return [str(each) for each in written] if isinstance(written, list) else list(PRIORITIES)
    return document.keys({"phase": "phases", "team": "teams", "area": "areas"}[key])


class TaskIndex:
    """Finds tasks by their positions in the file. Whatever the file holds, it can be made."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        tasks = body.get("tasks")
        written = tasks.items() if isinstance(tasks, Mapping) else ()
        self.entries = {str(key): task if isinstance(task, Mapping) else {} for key, task in written}
        self.ids = list(self.entries)
        self.kinds: dict[str, str] = {}
        self._by: dict[str, dict[str, set[int]]] = {key: defaultdict(set) for key in FILTERS}
        self._numbered: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
        self._positions = {key: position for position, key in enumerate(self.ids)}
        self._found: dict[str, frozenset[int]] = {}
        by_prefix = kinds_by_prefix(body)
        for position, (key, task) in enumerate(self.entries.items()):
            self.kinds[key] = task_kind(key, task, by_prefix)
            own = {word: str(task.get(word, "")) for word in FILTERS}
            own |= {"kind": self.kinds[key], "team": next(iter(self.teams(key)), "")}
            for word, value in own.items():
                if value:
                    self._by[word][value].add(position)
            if numbered := split_id(key):
                prefix, digits = numbered
                insort(self._numbered[prefix], (int(digits), digits, position))

    def named(self, text: str) -> frozenset[int]:
        """The tasks that an id, a range or a pattern names."""
        if text not in self._found:
            self._found[text] = frozenset(self._named(text))
        return self._found[text]

    def filtered(self, wanted: Mapping[str, tuple[str, ...]]) -> frozenset[int]:
        """The tasks that have all of what is wanted; of several words for one key, any."""
        if not wanted or not set(wanted) <= set(FILTERS):
            return NOTHING
        fitting = (
            NOTHING.union(*(self._by[key].get(word, NOTHING) for word in words)) for key, words in wanted.items()
        )
        return frozenset.intersection(*fitting)

    def teams(self, key: str) -> list[str]:
        """The teams that work on a task, the leading one first."""
        task = self.entries.get(key, {})
        named = (task.get("lead_team") or task.get("team"), *several(task.get("support_teams", [])))
        return list(dict.fromkeys(str(team) for team in named if team))

    def _named(self, text: str) -> Iterator[int]:
        if text in self._positions:
            yield self._positions[text]
        elif ".." in text:
            yield from self._between(text)
        elif "*" in text or "?" in text:
            yield from (position for key, position in self._positions.items() if fnmatchcase(key, text))

    def _between(self, text: str) -> Iterator[int]:
        try:
            wanted = parse_range(text)
        except ValueError:
            return
        numbered = self._numbered.get(wanted.prefix, [])
        first, last = bisect_left(numbered, (wanted.first,)), bisect_left(numbered, (wanted.last + 1,))
        yield from (position for _, digits, position in numbered[first:last] if wanted.spells(digits))


def index_of(document: Document) -> TaskIndex:
    """The index of a document, made once: checks ask for it hundreds of times."""
    index: TaskIndex = vars(document).get(INDEX) or vars(document).setdefault(INDEX, TaskIndex(document.body))
    return index
