"""What comes due with checkpoints: they are looked at, and what nobody answers in its window begins to climb."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.checkpoints import evaluation, models, service, store
from callboard.checkpoints.models import INQUIRY, KIND, Inquiry, State
from callboard.checkpoints.plan import calendar as times
from callboard.core import outbox, timeline, watches
from callboard.core.errors import Refused
from callboard.core.ticks import rows_due
from callboard.escalation import service as escalation
from callboard.planfile import calendar
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.service import Concern

if TYPE_CHECKING:
    from callboard.core.db import Tx

USUAL = "default"


def _look(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Look at every checkpoint whose time came; what nobody was there for in its window is only put on record."""
    parts, live = evaluation.written(tx, plan_id), plans.live(tx, plan_id)
    whole = calendar.plan_window(live)
    if whole is None:
        return None
    found = sorted(times.checkpoints(live, parts.values(), whole), key=lambda one: one.at)
    for one in found:
        if since < one.at <= tx.now and store.looked_at(tx, plan_id, one.key, one.at) is None:
            late = one.at + parts[one.key].window < tx.now
            (service.miss if late else service.look)(tx, plan_id, one.key, one.at)
    return min((one.at for one in found if one.at > tx.now), default=None)


def _close(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        one = store.inquiry(tx, number, lock=True)
        if one is not None and one.state == State.WAITING and one.next_at is not None and one.next_at <= tx.now:
            _climb(tx, one)


def _climb(tx: Tx, one: Inquiry) -> None:
    """Nothing was said in time: it climbs by its ladder; where the plan has none, whoever coordinates hears of it."""
    models.fall_silent(one)
    tx.session.add(one)
    tx.session.flush()
    timeline.record(tx, one.plan_id, one.subject, "not answered", people=one.people, change=one.changes)
    directory = teams.directory(tx, one.plan_id)
    concern = Concern(team=next(iter(one.teams), None), teams=tuple(one.teams), assignees=tuple(one.people))
    policy = _policy(tx, one)
    with suppress(Refused):
        escalation.start(tx, one.plan_id, one.subject, escalation.digest(tx, directory, policy), concern)
    outbox.touch(tx, INQUIRY, [one.number])
    outbox.touch(tx, KIND, [one.checkpoint_id])


def _policy(tx: Tx, one: Inquiry) -> str:
    """The policy that the checkpoint names, else the usual one, else the first that the plan has."""
    checkpoint = store.checkpoint(tx, one.checkpoint_id)
    part = evaluation.written(tx, one.plan_id).get(checkpoint.key) if checkpoint else None
    known = plans.live(tx, one.plan_id).keys("escalation")
    wanted = part.escalate if part else ""
    return wanted or (USUAL if USUAL in known else next(iter(known), USUAL))


checkpoints = watches.work(store.CHECKPOINTS, _look)
inquiries = rows_due("inquiries", _close, Inquiry.id, Inquiry.next_at)
