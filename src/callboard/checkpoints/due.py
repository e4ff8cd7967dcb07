"""What comes due with checkpoints: they are checked; a question is reminded of, escalated once, and closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from callboard.checkpoints import expectations, models, notices, plan, service, store
from callboard.checkpoints.models import Checkpoint, CheckpointMissed, Inquiry, State, Verb
from callboard.core import ticks, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.ticks import rows_due
from callboard.escalation import service as escalation
from callboard.planfile import calendar
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans import service as plans
from callboard.plans.plan import PHASES, phase_at
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person
from callboard.teams.service import Concern


def _check(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Check every checkpoint that is due; one whose window is over is only put on record."""
    parts, live = expectations.written(tx, plan_id), plans.live(tx, plan_id)
    window = calendar.plan_window(live)
    if window is None:
        return None
    happenings = sorted(plan.happenings(live, parts.values(), window), key=lambda happening: happening.at)
    for due in happenings:
        if since < due.at <= tx.now and store.looked_at(tx, plan_id, due.key, due.at) is None:
            late = due.at + parts[due.key].window < tx.now
            (service.miss if late else service.look)(tx, plan_id, due.key, due.at)
    return min((due.at for due in happenings if due.at > tx.now), default=None)


def _attend(tx: Tx, numbers: Sequence[int]) -> None:
    """Go on with each question; all that fall silent at one checkpoint escalate together."""
    silent: dict[int, None] = {}
    for number in numbers:
        inquiry = store.inquiry(tx, number, lock=True)
        if inquiry and inquiry.open and inquiry.next_at is not None and inquiry.next_at <= tx.now:
            _go_on(tx, inquiry)
            if inquiry.state == State.SILENT:
                silent[inquiry.checkpoint_id] = None
    for checkpoint_id in silent:
        _escalate(tx, store.checkpoint(tx, checkpoint_id))


def _go_on(tx: Tx, inquiry: Inquiry) -> None:
    over_at = max(_over_at(tx, inquiry), inquiry.closes_at)
    if over_at <= tx.now:
        service.close(tx, inquiry)
    elif inquiry.state == State.SILENT:
        inquiry.next_at = over_at
        tx.session.flush()
    elif inquiry.closes_at <= tx.now:
        models.fall_silent(inquiry, over_at)
        timeline.record(
            tx, inquiry.plan_id, inquiry.subject, Verb.NOT_ANSWERED, people=inquiry.people, change=inquiry.changes
        )
        service.show(tx, inquiry)
    else:
        models.remind(inquiry, tx.now)
        tx.session.flush()
        timeline.record(tx, inquiry.plan_id, inquiry.subject, Verb.REMINDED, people=inquiry.people)
        notices.remind(tx, teams.directory(tx, inquiry.plan_id), inquiry)


def _over_at(tx: Tx, inquiry: Inquiry) -> datetime:
    """When its teams come to their next checkpoint, or the phase of what is behind ends, or the plan."""
    since, ends = store.checkpoint(tx, inquiry.checkpoint_id).at, _ends(tx, inquiry)
    return min((at for at in ends if at > since), default=inquiry.closes_at)


def _ends(tx: Tx, inquiry: Inquiry) -> Iterator[datetime]:
    yield plans.plan(tx, inquiry.plan_id).to_at
    own = set(inquiry.teams)
    for each in service.checkpoints(tx, inquiry.plan_id):
        if not own or not each.part.concerned or own & set(each.part.concerned):
            yield each.row.at
    document, items = plans.live(tx, inquiry.plan_id), store.checkpoint(tx, inquiry.checkpoint_id).items
    behind = [items[place]["task"] for place in inquiry.places if place < len(items)]
    phases = document.of(PHASES) or {}
    for task in tasks.tasks(tx, inquiry.plan_id, list(filter(None, behind))):
        if task.phase in phases and (to := instant_of(timetable(document), phases[task.phase].to)):
            yield to


def _escalate(tx: Tx, checkpoint: Checkpoint) -> None:
    """Tell the next person who can act, once; or climb by the policy that the checkpoint names, each step once."""
    directory, silent = teams.directory(tx, checkpoint.plan_id), store.silent(tx, checkpoint.number)
    part = expectations.written(tx, checkpoint.plan_id).get(checkpoint.key)
    asked = list(dict.fromkeys(person for inquiry in silent for person in inquiry.people))
    tx.publish(CheckpointMissed(checkpoint, part.name if part else checkpoint.key, asked))
    if part and part.escalate:
        if escalation.climb_id(tx, checkpoint.subject) is None:
            own = tuple(dict.fromkeys(team for inquiry in silent for team in inquiry.teams))
            people = tuple(dict.fromkeys(person for inquiry in silent for person in inquiry.people))
            with suppress(Refused):
                digest = escalation.digest(tx, directory, part.escalate)
                concern = Concern(team=next(iter(own), None), teams=own, assignees=people)
                phase = phase_at(plans.live(tx, checkpoint.plan_id), checkpoint.at)
                escalation.start(tx, checkpoint.plan_id, checkpoint.subject, digest, concern, phase)
        return
    told = (key for inquiry in store.inquiries(tx, checkpoint.number) for key in inquiry.told)
    person = directory.people.get(next(told, "")) or _next_above(directory, silent, tx.now)
    if person is not None:
        for inquiry in silent:
            inquiry.told = [person.key]
        tx.session.flush()
        notices.silent(tx, directory, checkpoint, person)
    for inquiry in silent:
        service.show(tx, inquiry)


def _next_above(directory: Directory, silent: Iterable[Inquiry], now: datetime) -> Person | None:
    """Who leads all that did not answer, else who coordinates; nobody who was asked already."""
    asked = {key for inquiry in silent for key in inquiry.people}
    above = [{lead.key for lead in directory.leads_over(key, now)} for key in asked if key in directory.people]
    common = set.intersection(*above) - asked if above else set()
    present = filter(None, (directory.standing_in(person, now) for person in directory.coordinators))
    candidates = [*directory.named(key for key in directory.people if key in common), *present]
    return next((person for person in candidates if person.key not in asked and directory.reach(person)), None)


checkpoints = ticks.watch(store.CHECKPOINTS, _check)
inquiries = rows_due("inquiries", _attend, Inquiry.id, Inquiry.next_at)
