"""Checkpoints as everybody above knows them: looking at one now, and what people say about what is off track."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import Raised
from callboard.checkpoints import evaluation, models, notices, store
from callboard.checkpoints.evaluation import document_of, stands, written
from callboard.checkpoints.expectations import Item
from callboard.checkpoints.models import INQUIRY, KIND, Checkpoint, How, Inquiry, State
from callboard.checkpoints.plan import calendar as times
from callboard.checkpoints.plan import subjects
from callboard.checkpoints.plan.types import CheckpointPart
from callboard.core import outbox, timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.escalation import service as escalation
from callboard.planfile import calendar
from callboard.plans import service as plans
from callboard.standups import schedule
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Directory
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class Seat:
    """Who is asked together, and about which teams."""

    people: tuple[str, ...]
    teams: tuple[str, ...]


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
    notices.card(tx, directory, one)
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
        places = [place for place, item in enumerate(found) if not item.holds and _asks_about(item, seat)]
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
        notices.ask(tx, directory, inquiry)


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


def _asks_about(item: Item, seat: Seat) -> bool:
    return not item.teams or not seat.teams or bool(set(item.teams) & set(seat.teams))


def _present(directory: Directory, keys: Iterable[str], now: datetime) -> list[str]:
    """Those who are there, or who stand in for them."""
    found = [directory.standing_in(person, now) or person for person in directory.named(keys)]
    return list(dict.fromkeys(person.key for person in found))


def _when(directory: Directory, keys: Iterable[str], now: datetime) -> datetime:
    """When the first of them may be asked: within working hours where these are not a day away."""
    asked = (schedule.may_ask(directory, person, now) for person in directory.named(keys))
    return min(filter(None, asked), default=now)


GONE = "That is not there any more. `/checkpoint` shows what is."


def checkpoints(tx: Tx, plan_id: int) -> list[tuple[str, CheckpointPart, datetime, Checkpoint | None]]:
    """Every checkpoint of a plan with its moment, and how it stood where it was looked at, in order."""
    live, parts = plans.live(tx, plan_id), evaluation.written(tx, plan_id)
    whole = calendar.plan_window(live)
    rows = {(one.key, one.at): one for one in store.checkpoints(tx, plan_id)}
    found = times.checkpoints(live, parts.values(), whole) if whole else ()
    known = {one.key: one.at for one in found}
    return [(key, parts[key], at, rows.get((key, at))) for key, at in sorted(known.items(), key=lambda one: one[1])]


def named(tx: Tx, plan_id: int, words: str) -> tuple[str, CheckpointPart, datetime, Checkpoint | None]:
    """The checkpoint that somebody means by its key or name. Raises Refused with what may have been meant."""
    every, wanted = checkpoints(tx, plan_id), b.unescape(words).strip().strip("`").lower()
    exact = [one for one in every if wanted in (one[0].lower(), one[1].name.lower())]
    near = exact or [one for one in every if wanted and wanted in one[1].name.lower()]
    if len(near) == 1:
        return near[0]
    if not every:
        raise Refused("This plan has no checkpoints. Whoever keeps the plan file can write some.")
    known = [one[1].name for one in near or every]
    raise Refused(f"There is no checkpoint `{b.clip(b.escape(wanted), 60)}`; {did_you_mean(wanted, known)}")


def run(tx: Tx, who: Asker, words: str) -> Checkpoint:
    """Look at a checkpoint now: before its time, or anew. For those who lead its teams, and who coordinates."""
    key, part, at, _ = named(tx, who.directory.plan_id, words)
    directory, own = who.directory, part.concerned
    leads = any(directory.is_lead(who.person, team) for team in own) if own else directory.is_lead(who.person)
    if not leads and not directory.has_role(who.person, COORDINATOR):
        called = directory.one_of(one for team in own for one in directory.leads_of(team)) or "a lead"
        raise Refused(f"{b.escape(part.name)} is run by {called}, or by whoever coordinates.")
    one = look(tx, directory.plan_id, key, at, by=who.person.key)
    recheck(tx, directory.plan_id)
    return one


def on_it(tx: Tx, who: Asker, number: int, expected: int | None = None) -> Inquiry:
    """Somebody has seen it, and works on it."""
    return _answered(tx, who, mine(tx, who, number, expected), How.ON_IT)


def needs_help(tx: Tx, who: Asker, number: int, expected: int | None = None) -> tuple[Inquiry, list[str]]:
    """Somebody asks for help: whoever coordinates is told. Raises Refused where that is nobody but themselves."""
    one = mine(tx, who, number, expected)
    told = notices.help_wanted(tx, who.directory, one, who.person)
    if not told:
        raise Refused("Nobody else coordinates this plan. Raise a blocker instead: it climbs until somebody has it.")
    return _answered(tx, who, one, How.HELP), [who.directory.called(person) for person in told]


def blocked(tx: Tx, who: Asker, number: int, said: Raised, expected: int | None = None) -> Blocker:
    """What is off track becomes a blocker, which climbs by itself."""
    one = mine(tx, who, number, expected)
    blocker = blockers.raise_blocker(tx, who, said)
    one.blockers = [*one.blockers, blocker.number]
    _answered(tx, who, one, How.BLOCKER)
    return blocker


def say(tx: Tx, who: Asker, number: int, answers: Sequence[tuple[str, str]]) -> Inquiry:
    """Answer what was asked, for the first time or anew."""
    one = mine(tx, who, number)
    one.answers = [{"ask": ask, "said": said} for ask, said in answers]
    said = "\n".join(f"{ask}: {text}" for ask, text in answers if text)
    return _answered(tx, who, one, one.how or How.SAID, said=said)


def mine(tx: Tx, who: Asker, number: int, expected: int | None = None) -> Inquiry:
    """What somebody was asked, held until the end. Refuses whom it is not for, and buttons that are too old."""
    one = store.inquiry(tx, number, lock=True)
    directory = who.directory
    if one is None or one.plan_id != directory.plan_id:
        raise Refused(GONE)
    leads = any(directory.is_lead(who.person, team) for team in one.teams)
    paged = who.person.key in escalation.told(tx, one.subject)
    if not (who.person.key in one.people or leads or paged or directory.has_role(who.person, COORDINATOR)):
        called = directory.one_of(directory.named(one.people))
        raise Refused(f"That is asked of {called}. `/checkpoint` shows how everything stands.")
    if expected is not None and expected != one.changes:
        raise Refused(f"That button is older than what happened since: {since(who, one)}. Nothing was changed now.")
    return one


def since(who: Asker, one: Inquiry) -> str:
    """What became of an inquiry."""
    if one.state == State.ANSWERED and one.answered_at:
        return f"{who.directory.called(one.by)} said “{one.how}”, {b.date(one.answered_at)}"
    return "everything holds by now" if one.state == State.SETTLED else "nobody answered in time, and it climbs"


def recheck(tx: Tx, plan_id: int, task: str = "") -> None:
    """Where everything holds that was off track, nobody need say anything any more, and nothing climbs on."""
    for one in store.open_inquiries(tx, plan_id):
        checkpoint = store.checkpoint(tx, one.checkpoint_id)
        if checkpoint is None or one.questions or not _concerns(checkpoint, one, task):
            continue
        part = evaluation.written(tx, plan_id).get(checkpoint.key)
        now = evaluation.stands(tx, plan_id, part) if part else []
        if len(now) == len(checkpoint.items) and all(now[place].holds for place in one.places):
            models.settle(one)
            escalation.end(tx, one.subject)
            timeline.record(tx, plan_id, one.subject, "settled", change=one.changes)
            _show(tx, one)


def _concerns(checkpoint: Checkpoint, one: Inquiry, task: str) -> bool:
    """Whether a task can make a difference to what was off track."""
    off = [checkpoint.items[place] for place in one.places if place < len(checkpoint.items)]
    return not task or any(item["task"] in ("", task) for item in off)


def _answered(tx: Tx, who: Asker, one: Inquiry, how: str, said: str | None = None) -> Inquiry:
    models.answer(one, how, who.person.key, tx.now)
    escalation.end(tx, one.subject)
    timeline.record(
        tx, one.plan_id, one.subject, "answered", actor=who.person.key, said=said or None, change=one.changes, how=how
    )
    _show(tx, one)
    return one


def _show(tx: Tx, one: Inquiry) -> None:
    tx.session.add(one)
    tx.session.flush()
    outbox.touch(tx, INQUIRY, [one.number])
    outbox.touch(tx, KIND, [one.checkpoint_id])
