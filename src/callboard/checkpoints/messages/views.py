"""What messages and forms show of checkpoints, read from rows into frozen values; all text is Slack's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.checkpoints import evaluation, store
from callboard.checkpoints.models import Checkpoint, Inquiry
from callboard.checkpoints.plan.types import CheckpointPart
from callboard.escalation import service as escalation
from callboard.plans import holds
from callboard.teams import service as teams
from callboard.teams.directory import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

LATE = 60


@dataclass(frozen=True, kw_only=True)
class Line:
    """One expectation as it stood. `who` do it, by name; `was` is how far it was the last time, where it was less."""

    says: str
    stands: str
    short: str
    holds: bool
    task: str
    who: str
    was: int | None


@dataclass(frozen=True, kw_only=True)
class InquiryView:
    """What somebody is asked, and what became of it. `people` and `by` are names that ring nobody."""

    number: int
    changes: int
    checkpoint: str
    key: str
    people: str
    state: str
    how: str
    by: str
    asked_at: datetime
    closes_at: datetime
    answered_at: datetime | None
    off: tuple[Line, ...]
    questions: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    blockers: tuple[int, ...]
    late: bool
    paged: str
    next_at: datetime | None
    next_level: str


@dataclass(frozen=True, kw_only=True)
class CheckpointView:
    """A checkpoint with what was asked at it."""

    name: str
    key: str
    at: datetime
    looked_at: datetime
    early: bool
    late: bool
    missed: bool
    by: str
    lines: tuple[Line, ...]
    trend: tuple[str, ...]
    waiting: tuple[str, ...]
    inquiries: tuple[InquiryView, ...]
    asks: tuple[str, ...] = ()


def checkpoint(tx: Tx, one: Checkpoint) -> CheckpointView:
    """A whole checkpoint."""
    directory = teams.directory(tx, one.plan_id)
    last = evaluation.before(tx, one)
    seconds = (one.looked_at - one.at).total_seconds()
    return CheckpointView(
        name=b.escape(one.name), key=one.key, at=one.at, looked_at=one.looked_at, early=seconds < 0,
        late=seconds > LATE and not one.by, missed=one.missed, by=_named(directory, [one.by]) if one.by else "",
        lines=tuple(_line(directory, item, last) for item in one.items), trend=tuple(_trend(directory, one, last)),
        waiting=tuple(_waits(tx, directory, one)),
        inquiries=tuple(inquiry(tx, each, one) for each in store.inquiries(tx, one.number)),
    )  # fmt: skip


def coming(tx: Tx, plan_id: int, key: str, part: CheckpointPart, at: datetime) -> CheckpointView:
    """A checkpoint that nobody has looked at yet, as it would stand now."""
    one = Checkpoint(plan_id=plan_id, key=key, name=part.name, at=at, looked_at=tx.now, teams=list(part.concerned))
    found = [asdict(item) for item in evaluation.stands(tx, plan_id, part)]
    directory, last = teams.directory(tx, plan_id), evaluation.before(tx, one)
    return CheckpointView(
        name=b.escape(part.name), key=key, at=at, looked_at=tx.now, early=True, late=False, missed=False, by="",
        lines=tuple(_line(directory, item, last) for item in found), trend=(), waiting=(), inquiries=(), asks=part.ask,
    )  # fmt: skip


def inquiry(tx: Tx, one: Inquiry, of: Checkpoint | None = None) -> InquiryView:
    """What some people are asked."""
    directory = teams.directory(tx, one.plan_id)
    whole = of or store.checkpoint(tx, one.checkpoint_id)
    last = evaluation.before(tx, whole) if whole else None
    ladder = escalation.ladder(tx, one.subject) if one.state == "silent" else None
    paged = [rung for rung in ladder.rungs if rung.state == "paged"] if ladder else []
    return InquiryView(
        number=one.number, changes=one.changes, checkpoint=b.escape(whole.name) if whole else "",
        key=whole.key if whole else "", people=_named(directory, one.people), state=one.state, how=one.how,
        by=_named(directory, [one.by]) if one.by else "", asked_at=one.asked_at, closes_at=one.closes_at,
        answered_at=one.answered_at,
        off=tuple(_line(directory, whole.items[place], last) for place in one.places) if whole else (),
        questions=tuple(map(b.escape, one.questions)),
        answers=tuple((b.escape(each["ask"]), each["said"]) for each in one.answers if each["said"]),
        blockers=tuple(one.blockers), late=bool(one.answered_at and one.answered_at > one.closes_at),
        paged=", ".join(f"{b.escape(rung.level)} ({', '.join(rung.whom)})" for rung in paged[-1:]),
        next_at=ladder.next_at if ladder and ladder.next_level else None,
        next_level=b.escape(ladder.next_level or "") if ladder else "",
    )  # fmt: skip


def _line(directory: Directory, item: dict[str, Any], last: Checkpoint | None) -> Line:
    was = last.percents.get(item["task"]) if last else None
    return Line(
        says=item["says"], stands=item["stands"], short=item["short"], holds=item["holds"], task=item["task"],
        who=_named(directory, item["who"]), was=was,
    )  # fmt: skip


def _trend(directory: Directory, one: Checkpoint, last: Checkpoint | None) -> Iterable[str]:
    """How far each team is with all of its tasks, and how far it was the last time."""
    for team, percent in one.progress.items():
        name = b.escape(directory.teams[team].name) if team in directory.teams else team
        was = last.progress.get(team) if last else None
        since = f", {was}% at {b.escape(last.name)}" if last and was is not None else ""
        yield f"{name} is at {percent}%{since}"


def _waits(tx: Tx, directory: Directory, one: Checkpoint) -> Iterable[str]:
    """The teams that wait for something, and for what."""
    for team in one.on_hold:
        by = dict.fromkeys(hold.by for hold in holds.standing(tx, one.plan_id, team))
        name = b.escape(directory.teams[team].name) if team in directory.teams else team
        yield f"{name} waits for {', '.join(f'`{each}`' for each in by)}" if by else f"{name} waited, and may begin now"


def _named(directory: Directory, keys: Iterable[str]) -> str:
    people = directory.people
    return ", ".join(b.escape(people[key].name) if key in people else b.escape(key) for key in keys)
