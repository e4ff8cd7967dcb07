"""The `locks` section of the plan file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time, timedelta
from typing import Annotated

from pydantic import AfterValidator

from callboard.core.db import Tx
from callboard.core.words import few, joined
from callboard.locks import store
from callboard.locks.models import Lock, State
from callboard.planfile.header import HEADER
from callboard.planfile.sections import Document, Problem, Section
from callboard.planfile.types import Clock, Part, Span
from callboard.plans import service as plans
from callboard.teams.plan.directory import check_channel
from callboard.zones import owners
from callboard.zones.owners import Rule

SHORTEST, FEW = timedelta(minutes=1), 3


def _long_enough(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("that is too short to get anything done: write 1m or more, such as 8h")
    return span


class LocksPart(Part):
    """How long a lock lasts where nobody says so, when its holder is asked about it, and where all are shown.

    Without a channel only the teams concerned see a lock.
    """

    expire_after: Annotated[Span, AfterValidator(_long_enough)] = timedelta(hours=8)
    remind_at: Clock = time(9)
    channel: str = ""


def check(document: Document, part: LocksPart) -> Iterator[Problem]:
    frame = document.of(HEADER)
    hours = frame.calendar.working.hours if frame else None
    if hours and hours.start < hours.end and not hours.start <= part.remind_at <= hours.end:
        sentence = f"{part.remind_at:%H:%M} is outside working hours, {hours}: write a time within them"
        yield document.warning(("locks", "remind_at"), sentence)
    yield from check_channel(document, ("locks", "channel"), part.channel)


def consequences(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Say whose locks nobody can give back, and which are in another team's zone from now on."""
    left = before.gone(after, "people")
    was, now = (owners.rules(document.values.get("zones") or ()) for document in (before, after))
    for lock in store.live(tx, plan_id, (State.HELD,)):
        what = f"lock {lock.number} ({few(lock.targets, FEW)})"
        if lock.holder in left:
            yield f"{lock.holder} leaves the plan and has {what}: a lead or a coordinator can break it"
            continue
        own = {lock.team, *(consent["team"] for consent in lock.consents)}
        others = [team for team in _owning(tx, lock, now) if team not in own and team not in _owning(tx, lock, was)]
        if others:
            yield f"{what} of {lock.holder} is in the zone of {joined(others)} from now on, and stays until it ends"


def _owning(tx: Tx, lock: Lock, rules: Sequence[Rule]) -> list[str]:
    """The teams whose zones hold some of what is locked."""
    targets = (target for target in store.targets_of(tx, lock) if target.kind != "thing")
    found = (rule for target in targets for rule in owners.winners(rules, target.pattern) if rule)
    return list(dict.fromkeys(team for rule in found for team in rule.zone.owners))


LOCKS: Section[LocksPart] = Section(name="locks", model=LocksPart, check=check, consequences=consequences)


def rules(tx: Tx, plan_id: int) -> LocksPart:
    return plans.live(tx, plan_id).of(LOCKS) or LocksPart()
