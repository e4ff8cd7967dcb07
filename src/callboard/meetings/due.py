"""What comes due with meetings: they are announced with their agenda, and who leads them is asked what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callboard.checkpoints import evaluation
from callboard.core import outbox, timeline, watches
from callboard.core.ticks import rows_due
from callboard.core.watches import MOMENT
from callboard.meetings import notices, service, store
from callboard.meetings import plan as times
from callboard.meetings.models import KIND, Meeting, State
from callboard.planfile import calendar
from callboard.planfile.sections import Happening
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.plan import directory as teams_plan

if TYPE_CHECKING:
    from callboard.core.db import Tx

BEFORE = timedelta(minutes=15)
USUAL = timedelta(hours=1)


def _announce(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Announce what begins soon; what is over already is left alone."""
    parts, document = service.written(tx, plan_id), evaluation.document_of(tx, plan_id)
    whole = calendar.plan_window(plans.live(tx, plan_id))
    if whole is None or not parts:
        return None
    window = (since + BEFORE + MOMENT, whole[1] + timedelta(days=7))
    found = sorted(times.happenings(document, parts.values(), window), key=lambda one: one.at)
    for one in found:
        over = one.at + (parts[one.key].lasts or USUAL)
        if one.at - BEFORE <= tx.now < over and store.held_at(tx, plan_id, one.key, one.at) is None:
            _begin(tx, plan_id, one, over)
    return min((one.at - BEFORE for one in found if one.at - BEFORE > tx.now), default=None)


def _begin(tx: Tx, plan_id: int, one: Happening, over: datetime) -> None:
    part, directory = service.written(tx, plan_id)[one.key], teams.directory(tx, plan_id)
    leads = list(teams_plan.meant(evaluation.document_of(tx, plan_id), part.lead))
    meeting = Meeting(
        plan_id=plan_id, key=one.key, name=part.name, at=one.at, ends_at=over, next_at=over, leads=leads,
        people=[person.key for person in directory.named(one.who) if person.present(tx.now)],
    )  # fmt: skip
    tx.session.add(meeting)
    tx.session.flush()
    timeline.record(tx, plan_id, meeting.subject, "announced", meeting=one.key, people=meeting.people)
    notices.card(tx, directory, meeting, part)


def _end(tx: Tx, numbers: Sequence[int]) -> None:
    """It is over: who leads it is asked once what came of it, unless that is written down already."""
    for number in numbers:
        one = store.meeting(tx, number, lock=True)
        if one is None or one.state != State.ANNOUNCED or one.next_at is None or one.next_at > tx.now:
            continue
        one.state, one.next_at = State.OVER, None
        tx.session.add(one)
        tx.session.flush()
        notices.ask(tx, teams.directory(tx, one.plan_id), one)
        outbox.touch(tx, KIND, [number])


announcing = watches.work(store.ANNOUNCING, _announce)
meetings = rows_due("meetings", _end, Meeting.id, Meeting.next_at)
