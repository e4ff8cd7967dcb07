"""Looks at a checkpoint: how its expectations stand, how that was the last time, and who is asked about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.checkpoints import expectations, posts, store, subjects
from callboard.checkpoints.expectations import Item
from callboard.checkpoints.models import Checkpoint, Inquiry
from callboard.checkpoints.parts import CheckpointPart
from callboard.core import outbox, timeline
from callboard.gates import store as gate_rows
from callboard.gates.assessment.facts import Facts, GateFact, Reported
from callboard.gates.plan.measures import Amount
from callboard.planfile.sections import Document
from callboard.planfile.values import keyed
from callboard.plans import service as plans
from callboard.standups import schedule
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Directory
from callboard.teams.plan import directory as teams_plan

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class Seat:
    """Who is asked together, and about which teams."""

    people: tuple[str, ...]
    teams: tuple[str, ...]


def written(tx: Tx, plan_id: int) -> dict[str, CheckpointPart]:
    """The checkpoints of a plan as it stands, by their keys."""
    live = plans.live(tx, plan_id)
    return dict(zip(keyed(live.body.get("checkpoints") or ()), live.values.get("checkpoints") or (), strict=False))


def document_of(tx: Tx, plan_id: int) -> Document:
    """The plan as it stands, with the people of today."""
    return teams_plan.seen_by(plans.live(tx, plan_id), teams.directory(tx, plan_id))


def look(tx: Tx, plan_id: int, key: str, at: datetime, by: str = "") -> Checkpoint:
    """Look at a checkpoint now, for the first time or anew; ask whoever has to say something and was not asked yet."""
    part, directory = written(tx, plan_id)[key], teams.directory(tx, plan_id)
    held = schedule.on_hold(tx, plan_id)
    one = store.looked_at(tx, plan_id, key, at) or Checkpoint(
        plan_id=plan_id, key=key, name=part.name, at=at, looked_at=at
    )
    found = stands(tx, plan_id, part)
    one.looked_at, one.by, one.missed = tx.now, by, False
    one.teams, one.on_hold = list(part.concerned), [team for team in part.concerned if team in held]
    one.items = [asdict(item) for item in found]
    _measure(tx, one, directory)
    tx.session.add(one)
    tx.session.flush()
    timeline.record(
        tx, plan_id, one.subject, "looked at", actor=by or timeline.BOT, checkpoint=key,
        holds=sum(item.holds for item in found), expected=len(found),
    )  # fmt: skip
    posts.card(tx, directory, one)
    _ask(tx, directory, one, part, found)
    outbox.touch(tx, "checkpoint", [one.number])
    return one


def miss(tx: Tx, plan_id: int, key: str, at: datetime) -> None:
    """Nobody was there to look in time: that is put on record, and disturbs nobody."""
    part = written(tx, plan_id)[key]
    one = Checkpoint(
        plan_id=plan_id, key=key, name=part.name, at=at, looked_at=tx.now, missed=True, teams=list(part.concerned)
    )
    tx.session.add(one)
    tx.session.flush()
    timeline.record(tx, plan_id, one.subject, "missed", checkpoint=key)


def stands(tx: Tx, plan_id: int, part: CheckpointPart) -> list[Item]:
    """How everything that a checkpoint expects stands now."""
    document = document_of(tx, plan_id)
    rows = {row.key: row for row in tasks.tasks(tx, plan_id, expectations.tasks_of(document, part))}
    measured = gate_rows.measurements(tx, plan_id, expectations.measures_of(part))
    directory = teams.directory(tx, plan_id)
    facts = Facts(
        measures={
            name: Reported(Amount(one.value, one.unit), one.link, one.by, _name(directory, one.by))
            for name, one in measured.items()
        },
        gates={one.key: GateFact(one.name, one.state) for one in gate_rows.gates(tx, plan_id)},
    )
    return expectations.items(document, part, rows, facts)


def before(tx: Tx, one: Checkpoint) -> Checkpoint | None:
    """The checkpoint before, of one of the same teams."""
    every = [other for other in store.checkpoints(tx, one.plan_id) if other.at < one.at and not other.missed]
    own = set(one.teams)
    alike = [other for other in every if not own or not other.teams or own & set(other.teams)]
    return alike[-1] if alike else None


def _measure(tx: Tx, one: Checkpoint, directory: Directory) -> None:
    """Keep how far the tasks of the teams are, for the next time."""
    every = tasks.tasks(tx, one.plan_id)
    concerned = one.teams or list(directory.teams)
    own = [task for task in every if set(task.teams) & set(concerned)]
    one.percents = {task.key: tasks.rolled("", [task], tx.now).percent for task in own}
    one.progress = {
        team: tasks.rolled(team, [task for task in own if team in task.teams], tx.now).percent
        for team in concerned if any(team in task.teams for task in own)
    }  # fmt: skip


def _ask(tx: Tx, directory: Directory, one: Checkpoint, part: CheckpointPart, found: Sequence[Item]) -> None:
    there = {inquiry.seat for inquiry in store.inquiries(tx, one.number)}
    for seat in seats(tx, directory, one, part):
        name = ",".join(seat.people)
        places = [place for place, item in enumerate(found) if not item.holds and _concerns(item, seat)]
        if name in there or not (places or part.ask):
            continue
        asked_at = _when(directory, seat.people, tx.now)
        inquiry = Inquiry(
            plan_id=one.plan_id, checkpoint_id=one.number, seat=name, people=_present(directory, seat.people, tx.now),
            teams=list(seat.teams), places=places, questions=list(part.ask), asked_at=asked_at,
            closes_at=asked_at + part.window, next_at=asked_at + part.window,
        )  # fmt: skip
        tx.session.add(inquiry)
        tx.session.flush()
        timeline.record(tx, one.plan_id, inquiry.subject, "asked", people=inquiry.people, checkpoint=one.key)
        posts.ask(tx, directory, inquiry)


def seats(tx: Tx, directory: Directory, one: Checkpoint, part: CheckpointPart) -> list[Seat]:
    """Who is asked: the leads of each team together, anybody else alone; nobody of teams that wait for something."""
    free = tuple(team for team in part.concerned if team not in one.on_hold)
    if part.concerned and not free:
        return []
    whom = subjects.everybody(document_of(tx, one.plan_id), part.who, free)
    leading: dict[tuple[str, ...], list[str]] = {}
    for team in free:
        leads = tuple(key for key in directory.teams[team].leads if key in whom) if team in directory.teams else ()
        if leads:
            leading.setdefault(leads, []).append(team)
    grouped = {key for leads in leading for key in leads}
    found = [Seat(leads, tuple(own)) for leads, own in leading.items()]
    found += [Seat((key,), free) for key in whom if key not in grouped]
    return found or [Seat((person.key,), free) for person in directory.coordinators]


def _concerns(item: Item, seat: Seat) -> bool:
    return not item.teams or not seat.teams or bool(set(item.teams) & set(seat.teams))


def _present(directory: Directory, keys: Iterable[str], now: datetime) -> list[str]:
    """Those who are there, or who stand in for them."""
    found = [directory.standing_in(person, now) or person for person in directory.named(keys)]
    return list(dict.fromkeys(person.key for person in found))


def _when(directory: Directory, keys: Iterable[str], now: datetime) -> datetime:
    """When the first of them may be asked: within working hours where these are not a day away."""
    asked = (schedule.may_ask(directory, person, now) for person in directory.named(keys))
    return min(filter(None, asked), default=now)


def _name(directory: Directory, key: str) -> str:
    person = directory.people.get(key)
    return person.name if person else key
