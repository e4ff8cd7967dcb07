"""What comes due with checkpoints: they are checked, and a question that nobody answers in its window escalates."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from callboard.checkpoints import expectations, models, plan, service, store
from callboard.checkpoints.models import Inquiry, State, Verb
from callboard.core import ticks, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.ticks import rows_due
from callboard.escalation import service as escalation
from callboard.planfile import calendar
from callboard.plans import service as plans
from callboard.plans.plan import phase_at
from callboard.teams import service as teams
from callboard.teams.service import Concern

USUAL = "default"


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


def _close(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        inquiry = store.inquiry(tx, number, lock=True)
        if inquiry and inquiry.state == State.WAITING and inquiry.next_at is not None and inquiry.next_at <= tx.now:
            _escalate(tx, inquiry)


def _escalate(tx: Tx, inquiry: Inquiry) -> None:
    models.become(inquiry, State.SILENT)
    facts: dict[str, Any] = {"people": inquiry.people, "change": inquiry.changes}
    timeline.record(tx, inquiry.plan_id, inquiry.subject, Verb.NOT_ANSWERED, **facts)
    own = tuple(inquiry.teams)
    concern = Concern(team=next(iter(own), None), teams=own, assignees=tuple(inquiry.people))
    with suppress(Refused):
        digest = escalation.digest(tx, teams.directory(tx, inquiry.plan_id), _policy(tx, inquiry))
        phase = phase_at(plans.live(tx, inquiry.plan_id), inquiry.asked_at)
        escalation.start(tx, inquiry.plan_id, inquiry.subject, digest, concern, phase)
    service.show(tx, inquiry)


def _policy(tx: Tx, inquiry: Inquiry) -> str:
    """The policy that the checkpoint names, else the usual one, else the first of the plan."""
    part = expectations.written(tx, inquiry.plan_id).get(store.checkpoint(tx, inquiry.checkpoint_id).key)
    known = plans.live(tx, inquiry.plan_id).keys("escalation")
    return (part.escalate if part else "") or (USUAL if USUAL in known else next(iter(known), USUAL))


checkpoints = ticks.watch(store.CHECKPOINTS, _check)
inquiries = rows_due("inquiries", _close, Inquiry.id, Inquiry.next_at)
