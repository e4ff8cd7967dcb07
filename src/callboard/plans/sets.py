"""Sets of tasks as a plan writes them: ids, `O-1..O-6`, `A-*`, `{phase: prepare}`, or a list of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag

from callboard.core.sections import Document, Many, Part, did_you_mean, several
from callboard.plans import kinds, listing, ranges

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
    tasks = listing.of(document)
    found = {position for each in several(written) for position in _found(tasks, each)}
    return [tasks.ids[position] for position in sorted(found)]


def strangers(document: Document, written: Any) -> Iterator[tuple[int, str]]:
    """What of one set or several names no task, by position, each with a sentence that says so."""
    tasks = listing.of(document)
    for position, each in enumerate(several(written)):
        if not _found(tasks, each):
            yield position, _sentence(document, tasks, each)


def texts(written: Any) -> list[str]:
    """What of one set or several is text: ids of tasks, and where something is waited for, of gates and phases."""
    return [each for each in several(written) if isinstance(each, str)]


def kind(document: Document, key: str) -> str:
    """The kind of a task; empty where there is no such task."""
    return listing.of(document).kinds.get(key, "")


def teams(document: Document, key: str) -> list[str]:
    """The teams that work on a task, the leading one first."""
    return listing.of(document).teams(key)


def _found(tasks: listing.Listing, written: Any) -> frozenset[int]:
    wanted = _filter(written)
    return tasks.named(str(written).strip()) if wanted is None else tasks.filtered(wanted)


def _filter(written: Any) -> dict[str, tuple[str, ...]] | None:
    """What a filter asks for, typed or as in the body; None for a text."""
    if isinstance(written, TaskFilter):
        return {key: words for key, words in written if words}
    if isinstance(written, Mapping):
        return {str(key): tuple(map(str, several(words))) for key, words in written.items()}
    return None


def _sentence(document: Document, tasks: listing.Listing, written: Any) -> str:
    wanted = _filter(written)
    if wanted is not None:
        return _none_with(document, wanted)
    text = str(written).strip()
    if not tasks.ids:
        return f"`{text}` names no task: there are none in this plan yet"
    if ".." in text:
        return _none_between(tasks, text)
    if "*" in text or "?" in text:
        return f"`{text}` names no task; their ids are {_examples(tasks)}"
    return f"there is no task `{text}`; {did_you_mean(text, tasks.ids)}"


def _none_between(tasks: listing.Listing, text: str) -> str:
    try:
        ranges.parse(text)
    except ValueError as wrong:
        return str(wrong)
    return f"no task is within `{text}`; their ids are {_examples(tasks)}"


def _none_with(document: Document, wanted: Mapping[str, tuple[str, ...]]) -> str:
    if not wanted:
        return "a filter that asks for nothing names no task: write {phase: ...}, or `*` for all tasks"
    for key, words in wanted.items():
        if key not in listing.FILTERS:
            return f"tasks have no `{key}` to filter by; {did_you_mean(key, listing.FILTERS)}"
        known = possible(document, key)
        for word in words:
            if word not in known:
                return f"there is no {key} `{word}`; {did_you_mean(word, known)}"
    return f"no task has {' and '.join(f'{key} {_either(words)}' for key, words in wanted.items())}"


def possible(document: Document, key: str) -> list[str]:
    """What a plan offers for the key of a filter: its phases, teams, areas, kinds, priorities."""
    if key == "kind":
        return list(dict.fromkeys(kinds.prefixes(document.body).values()))
    if key == "priority":
        written = document.body.get("priorities")
        return [str(each) for each in written] if isinstance(written, list) else list(PRIORITIES)
    return document.keys({"phase": "phases", "team": "teams", "area": "areas"}[key])


def _either(words: tuple[str, ...]) -> str:
    return " or ".join(f"`{word}`" for word in words)


def _examples(tasks: listing.Listing) -> str:
    few = 4
    return f"{', '.join(tasks.ids[:few])}{', ...' if len(tasks.ids) > few else ''}"
