"""What must hold for run-books and rollbacks besides their form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from callboard.core.errors import did_you_mean
from callboard.emergencies.checking import check_named
from callboard.planfile.diff import ONE
from callboard.planfile.frame import timetable
from callboard.planfile.sections import Document, Path, Problem
from callboard.planfile.values import item_key
from callboard.runbooks import schedule
from callboard.runbooks.announcing import check_mail
from callboard.runbooks.parts import RollbackPart, RunbookPart, StepPart
from callboard.standups.plan.sections import check_channel
from callboard.teams.plan import directory as teams


def runbooks(document: Document, parts: Mapping[str, RunbookPart]) -> Iterator[Problem]:
    """Steps are led by teams there are, come in order and within the windows, and each is there once."""
    table = timetable(document)
    for key, part in parts.items():
        at: Path = ("runbooks", key)
        yield from check_channel(document, (*at, "channel"), part.channel)
        for number, step in enumerate(part.steps):
            yield from _check_step(document, (*at, "steps", number), step)
        yield from _check_twice(document, (*at, "steps"), document.body["runbooks"][key]["steps"])
        if table:
            yield from schedule.check(document, at, part, table)


def rollbacks(document: Document, parts: Mapping[str, RollbackPart]) -> Iterator[Problem]:
    """Whoever orders a rollback is there, and so are enough people to confirm it."""
    for key, part in parts.items():
        at: Path = ("rollbacks", key)
        yield from teams.check_who(document, (*at, "order"), part.order)
        yield from teams.check_who(document, (*at, "lead"), part.lead)
        if not isinstance(part.confirm, int):
            yield from teams.check_who(document, (*at, "confirm"), part.confirm)
        elif teams.complete(document):
            there = len(teams.meant(document, ("everyone", "coordinator", *part.order)))
            if part.confirm > there:
                sentence = f"{part.confirm} people must confirm this, and the plan has {there}: write less"
                yield document.error((*at, "confirm"), sentence)


def _check_step(document: Document, at: Path, step: StepPart) -> Iterator[Problem]:
    for word, named in (("lead", step.lead), ("with", step.with_)):
        yield from _known(document, (*at, word), "teams", named)
    for team in step.meanwhile:
        yield from _known(document, (*at, "meanwhile"), "teams", (team,), by_key=True)
    yield from _known(document, (*at, "measures"), "measures", step.measures)
    yield from teams.check_who(document, (*at, "confirm"), step.confirm)
    if step.gate and step.gate not in document.keys("gates"):
        hint = did_you_mean(step.gate, document.keys("gates"))
        yield document.error((*at, "gate"), f"there is no gate `{step.gate}`; {hint}")
    if step.if_failed:
        failed = (*at, "if_failed")
        yield from check_named(document, failed, step.if_failed, "rollback", "escalate", "emergency")
        yield from teams.check_who(document, (*failed, "tell"), step.if_failed.tell)
    if step.announce:
        yield from teams.check_who(document, (*at, "announce", "to"), step.announce.to)
        yield from check_mail(document, (*at, "announce", "mail"), step.announce.mail)
    if step.starts and not document.keys(step.starts):
        sentence = "nobody is on call in this plan: write a section `on_call`, or leave this out"
        yield document.warning((*at, "starts"), sentence)


def _known(
    document: Document, path: Path, section: str, named: Iterable[str], *, by_key: bool = False
) -> Iterator[Problem]:
    known, one = document.keys(section), ONE[section]
    for number, key in enumerate(named):
        if key not in known:
            person = f"{key} is a person; " if key in document.keys("people") else ""
            where = (*path, key) if by_key else (*path, number)
            yield document.error(where, f"there is no {one} `{key}`; {person}{did_you_mean(key, known)}")


def _check_twice(document: Document, at: Path, steps: Iterable[Any]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, step in enumerate(steps):
        key = item_key(step)
        if key in first:
            line = document.line((*at, first[key]))
            sentence = (
                f"two steps have the key `{key}`, the first is in line {line}: give this one another title, or a `key:`"
            )
            yield document.error((*at, number), sentence)
        first.setdefault(key, number)
