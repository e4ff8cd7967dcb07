"""What fires since before the plan starts: it acts once, with the plan, all that one rule matches as one matter."""

from __future__ import annotations

from callboard.alerts import messages, notices, rules, service, store
from callboard.alerts.models import AlertGroup
from callboard.core.db import Tx
from callboard.plans import service as plans


def start(tx: Tx, group: AlertGroup) -> None:
    """The plan starts: what has fired since before acts once, as the plan says now, and the channel reads of all."""
    rule = next((each for each in rules.rules(tx, group.plan_id) if each.called == group.rule), None)
    if tx.now < plans.plan(tx, group.plan_id).from_at:
        service.wait(tx, group)
    elif rule is None:
        service.close(tx, group, messages.NO_RULE)
    else:
        _gather(tx, group)
        group.times, group.written = 1, service.written(rule)
        alert, firing = store.newest(tx, group.number)[0], store.counts(tx, group.number).firing
        what = f"{alert.title}: {alert.said}" if alert.said else alert.title
        group.title = rules.since_before(group.rule if firing > 1 else what, firing)
        service.begin(tx, group)
        notices.tell_started(tx, group.plan_id)


def _gather(tx: Tx, group: AlertGroup) -> None:
    """All that a rule matches since before the start is one matter."""
    for row in store.open_in(tx, group.plan_id):
        if not row.times and row.rule == group.rule and row.number != group.number:
            store.group(tx, row.number, lock=True)
            store.move(tx, row.number, group.number)
            service.close(tx, row, messages.GATHERED)
