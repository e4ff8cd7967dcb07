"""Whether the targets of a plan add up to its tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from callboard.planfile.sections import Document, Problem


def check(document: Document) -> Iterator[Problem]:
    """Warn of an area with more tasks than are planned, and of a velocity that ends above or below what there is."""
    tasks = [task for task in _mapping(document.body.get("tasks")).values() if isinstance(task, Mapping)]
    areas = _mapping(document.body.get("areas"))
    written = Counter(map(_area, tasks))
    planned = {str(key): _planned(area) for key, area in areas.items()}
    for area, count in planned.items():
        if 0 < count < written[area]:
            sentence = f"{count} tasks are planned and {written[area]} are in this area: these do not add up"
            yield document.warning(("areas", area, "planned"), sentence)
    yield from _velocity(document, tasks, {area: max(count, written[area]) for area, count in planned.items()})


def _velocity(document: Document, tasks: list[Mapping[str, Any]], planned: Mapping[str, int]) -> Iterator[Problem]:
    targets = _mapping(document.body.get("velocity")).get("targets")
    numbers = [n for n in targets if isinstance(n, int)] if isinstance(targets, list) else []
    counted = [task for task in tasks if _area(task) in planned] if planned else tasks
    open_ = sum(task.get("status") != "completed" for task in counted)
    most, total = max(sum(planned.values()), len(tasks)), sum(numbers)
    if numbers and most and not open_ <= total <= most:
        there = f"{open_} are to be done" if total < open_ else f"there are {most}, planned or written"
        sentence = f"these targets come to {total} tasks, and {there}: they do not add up"
        yield document.warning(("velocity", "targets"), sentence)


def _area(task: Mapping[str, Any]) -> str:
    area = task.get("area")
    return str(area) if isinstance(area, str | int) else ""


def _planned(area: Any) -> int:
    planned = area.get("planned") if isinstance(area, Mapping) else area
    return planned if isinstance(planned, int) and not isinstance(planned, bool) else 0


def _mapping(written: Any) -> Mapping[str, Any]:
    return written if isinstance(written, Mapping) else {}
