"""What must hold of checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from callboard.checkpoints.plan import subjects
from callboard.checkpoints.plan.types import CheckpointPart, ExpectationPart
from callboard.core.errors import did_you_mean
from callboard.planfile import task_sets
from callboard.planfile.frame import timetable
from callboard.planfile.moments import Unknown
from callboard.planfile.sections import Document, Path, Problem
from callboard.planfile.times import show_span
from callboard.teams.plan.directory import check_who

WAYS = ("tasks", "measure", "gate")


def checkpoints(document: Document, parts: tuple[CheckpointPart, ...]) -> Iterator[Problem]:
    """Checkpoints are of teams there are, expect what these do, and are answered before the next."""
    for number, part in enumerate(parts):
        at: Path = ("checkpoints", number)
        yield from check_who(document, (*at, "who"), part.who)
        yield from check_names(document, (*at, "team"), "team", (part.team,) if part.team else (), listed=False)
        yield from check_names(document, (*at, "teams"), "team", part.teams)
        yield from _expectations(document, (*at, "expects"), part)
        yield from check_policy(document, (*at, "escalate"), part.escalate)
    yield from _windows(document, parts)


def check_names(
    document: Document, path: Path, kind: str, named: Iterable[str], *, listed: bool = True
) -> Iterator[Problem]:
    known = document.keys(f"{kind}s")
    for position, key in enumerate(named):
        if key not in known:
            where = (*path, position) if listed else path
            yield document.error(where, f"there is no {kind} `{key}`; {did_you_mean(key, known)}")


def check_policy(document: Document, path: Path, policy: str) -> Iterator[Problem]:
    known = document.keys("escalation")
    if policy and policy not in known:
        yield document.error(path, f"there is no escalation policy `{policy}`; {did_you_mean(policy, known)}")


def _expectations(document: Document, path: Path, part: CheckpointPart) -> Iterator[Problem]:
    if isinstance(part.expects, Mapping):
        for written in part.expects:
            for _, sentence in task_sets.strangers(document, (written,)):
                yield document.error((*path, written), sentence)
            yield from _foreign(document, (*path, written), part, task_sets.members(document, (written,)))
        return
    for position, expected in enumerate(part.expects):
        yield from _expectation(document, (*path, position), expected)
        yield from _foreign(document, (*path, position), part, task_sets.members(document, expected.tasks))


def _expectation(document: Document, path: Path, expected: ExpectationPart) -> Iterator[Problem]:
    given = [way for way in WAYS if getattr(expected, way)]
    if len(given) != 1:
        yield document.error(path, "one thing is expected at a time: write `tasks:`, `measure:` or `gate:`")
    for _, sentence in task_sets.strangers(document, expected.tasks):
        yield document.error((*path, "tasks"), sentence)
    for way in ("measure", "gate"):
        key = getattr(expected, way)
        yield from check_names(document, (*path, way), way, (key,) if key else (), listed=False)
    bound = [word for word in ("at_least", "at_most", "are") if getattr(expected, word) is not None]
    if given == ["tasks"] and not bound:
        yield document.error(path, "nothing is said about these tasks: write `at_least: 50%` or `are: completed`")
    if given == ["tasks"] and expected.at_least is not None and not 0 <= expected.at_least <= 100:  # noqa: PLR2004 - percent
        yield document.error((*path, "at_least"), "of tasks a percentage is meant: write one from 0% to 100%")


def _foreign(document: Document, path: Path, part: CheckpointPart, tasks: Iterable[str]) -> Iterator[Problem]:
    """Warn of tasks that none of the teams does."""
    concerned = part.concerned
    for task in tasks if concerned else ():
        own = subjects.teams_of(document, task)
        if own and not set(own) & set(concerned):
            sentence = f"{task} is done by {', '.join(own)}, and this checkpoint is of {', '.join(concerned)}"
            yield document.warning(path, f"{sentence}: name that team, or another task")


def _windows(document: Document, parts: tuple[CheckpointPart, ...]) -> Iterator[Problem]:
    """Warn where the next checkpoint of a team comes while this one is open."""
    timed: list[tuple[datetime, int]] = []
    table = timetable(document)
    for number, part in enumerate(parts if table else ()):
        try:
            timed += [(table.instant(part.at), number)] if table else []
        except Unknown:
            continue
    for at, number in timed:
        part = parts[number]
        later = [
            (then, parts[other].name)
            for then, other in timed
            if then > at and (set(parts[other].concerned) & set(part.concerned) or not part.concerned)
        ]
        if later and at + part.window > min(later)[0]:
            sentence = f"this is open for {show_span(part.window)}, and {min(later)[1]} comes before that: write less"
            yield document.warning(("checkpoints", number, "window"), sentence)
