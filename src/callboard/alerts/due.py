"""What comes due with alerts: cards that count, pages of what flaps, ends without news, heartbeats that stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from callboard.alerts import early, pages, rules, service, store
from callboard.alerts.messages import NO_NEWS, PLAN_OVER
from callboard.alerts.models import STALE, AlertGroup, Heartbeat
from callboard.core.db import Tx
from callboard.core.ticks import rows_due
from callboard.core.words import lasted
from callboard.teams import service as teams

LATE = timedelta(minutes=1)
"""Later than this Callboard was not running when a heartbeat was due, and may have missed it."""


def _turn(tx: Tx, numbers: Sequence[int]) -> None:
    for number in sorted(numbers):
        group = store.group(tx, number, lock=True)
        if group is not None and group.closed_at is None and group.due_at is not None and group.due_at <= tx.now:
            _look(tx, group)


def _look(tx: Tx, group: AlertGroup) -> None:
    """Do what is due of one group."""
    counts = store.counts(tx, group.number)
    if teams.directory(tx, group.plan_id).is_over(tx.now):
        service.close(tx, group, PLAN_OVER)
    elif not counts.firing:
        service.close(tx, group, group.source)
    elif group.blocker is None and (counts.last or group.opened_at) + STALE <= tx.now:
        service.close(tx, group, NO_NEWS)
    elif not group.times:
        early.start(tx, group)
    else:
        if group.page_at is not None and group.page_at <= tx.now:
            pages.page(tx, group, service.rule_of(group))
        service.show(tx, group)
        service.look_again(tx, group)


def _missed(tx: Tx, numbers: Sequence[int]) -> None:
    for row in list(store.missed(tx, numbers)):
        rule, due_at = rules.heartbeat(tx, row.plan_id, row.name), row.due_at
        row.due_at = None
        tx.session.add(row)
        if rule is None or due_at is None or teams.directory(tx, row.plan_id).is_over(tx.now):
            continue
        row.missing_at = tx.now
        heard = lasted(tx.now - row.heard_at) if row.heard_at else "a while"
        late = tx.now - due_at > LATE
        service.stop(
            tx, row, rule, f"not heard for {heard}{'; I was not running, and may have missed it' if late else ''}"
        )


groups = rows_due("alerts", _turn, AlertGroup.id, AlertGroup.due_at)
heartbeats = rows_due("heartbeats", _missed, Heartbeat.id, Heartbeat.due_at)
