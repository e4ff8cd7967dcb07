"""What comes due: meetings are announced, and somebody asked for minutes; awards to give when the plan ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from callboard.core import outbox, ticks, timeline
from callboard.core.db import Tx
from callboard.core.ticks import MOMENT, rows_due
from callboard.meetings import notices, plan, service, store
from callboard.meetings.models import KIND, Meeting, State, Verb
from callboard.planfile import calendar
from callboard.planfile.sections import Happening
from callboard.plans import service as plans
from callboard.plans.live_plan import header_of
from callboard.teams import service as teams
from callboard.teams.plan import directory as teams_plan

MOST_ASKED = 3
"""How often in a row minutes are asked for that nobody writes."""
BEFORE = timedelta(minutes=15)
USUAL = timedelta(hours=1)


def _announce(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Announce what begins soon; what is over already is left alone."""
    parts, document = service.written(tx, plan_id), teams.document(tx, plan_id)
    whole = calendar.plan_window(plans.live(tx, plan_id))
    if whole is None or not parts:
        return None
    window = (since + BEFORE + MOMENT, whole[1] + timedelta(days=7))
    happenings = sorted(plan.happenings(document, parts.values(), window), key=lambda happening: happening.at)
    for due in happenings:
        over = due.at + (parts[due.key].lasts or USUAL)
        if due.at - BEFORE <= tx.now < over:
            last = store.latest(tx, plan_id, due.key, due.at)
            if last is None or last.at < due.at:
                _begin(tx, plan_id, due, over)
    return min((due.at - BEFORE for due in happenings if due.at - BEFORE > tx.now), default=None)


def _begin(tx: Tx, plan_id: int, due: Happening, over: datetime) -> None:
    part, directory = service.written(tx, plan_id)[due.key], teams.directory(tx, plan_id)
    meeting = Meeting(
        plan_id=plan_id, key=due.key, name=part.name, at=due.at, ends_at=over, next_at=over,
        leads=list(teams_plan.meant(teams.document(tx, plan_id), part.lead, at=due.at)),
        people=[person.key for person in directory.named(due.who) if person.present(tx.now)],
    )  # fmt: skip
    tx.session.add(meeting)
    tx.session.flush()
    timeline.record(tx, plan_id, meeting.subject, Verb.ANNOUNCED, meeting=due.key, people=meeting.people)
    notices.card(tx, directory, meeting, part)


def _end(tx: Tx, numbers: Sequence[int]) -> None:
    """Ask once for the minutes, unless somebody has written them, or nobody did the last three times."""
    for number in numbers:
        meeting = store.meeting(tx, number, lock=True)
        if meeting and meeting.state == State.ANNOUNCED and meeting.next_at and meeting.next_at <= tx.now:
            meeting.state, meeting.next_at = State.OVER, None
            tx.session.add(meeting)
            tx.session.flush()
            before = store.series(tx, meeting.plan_id, meeting.key, meeting.at, MOST_ASKED + 2)[1:]
            unwritten = len(list(takewhile(lambda row: row.state == State.OVER, before)))
            if unwritten < MOST_ASKED:
                notices.ask(tx, teams.directory(tx, meeting.plan_id), meeting, last=unwritten == MOST_ASKED - 1)
            outbox.touch(tx, KIND, [number])


def _propose(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """When the plan ends, ask once which awards to give; not in a plan that had ended when it was applied."""
    over = calendar.over_at(header_of(plans.live(tx, plan_id)))
    if over > tx.now:
        return over
    if over > since and any(each.award is None for each in service.titles(tx, plan_id)):
        notices.propose_awards(tx, teams.directory(tx, plan_id))
    return None


awards = ticks.watch(store.AWARDING, _propose)
announcing = ticks.watch(store.ANNOUNCING, _announce)
meetings = rows_due("meetings", _end, Meeting.id, Meeting.next_at)
