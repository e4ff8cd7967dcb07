"""Alerts in pictures: what a channel and people read while they fire, and the rules and heartbeats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.alerts import due, service, slack, store
from callboard.alerts.models import Incoming, Source
from callboard.gallery.stage import Screen, Stage
from callboard.plans import service as plans

CARD, TOLD = "alert.card", "alert.told"


def screens(stage: Stage) -> Iterator[Screen]:
    """Queries are slow on five hosts, a rule pages, and the backup is not heard any more."""
    tx, plan_id, user = stage.tx, stage.plan_id, stage.user("omega-lead")
    tx.now = plans.plan(tx, plan_id).from_at - timedelta(hours=1)
    before = [_alert(0), _alert(8, "HighErrorRate", "Error rate above 1 %")]
    service.receive(tx, plan_id, Source.ALERTMANAGER, before)
    yield stage.told("alert.early", "Alerts come before the plan starts")
    stage.later(timedelta(hours=2), due.groups)
    yield stage.told("alert.started", "The plan starts, and several matters fire since before")
    service.receive(tx, plan_id, Source.ALERTMANAGER, [_alert(number) for number in range(7)])
    yield stage.told(CARD, "The card of alerts that page nobody")
    yield stage.told(TOLD, "Somebody is told")
    service.receive(tx, plan_id, Source.SENTRY, [_alert(9, "HighErrorRate", "Error rate above 1 %")])
    yield stage.told("blocker.card", "The card of alerts that page: their blocker's, with a line that counts")
    yield stage.told("blocker.page", "Whoever is paged for an alert")
    service.heard(tx, plan_id, "nightly-backup")
    service.receive(tx, plan_id, Source.WEBHOOK, [_alert(1, "Watchdog", "")])
    yield stage.typed(slack.command, user, "alerts", "The rules, the heartbeats, and what matched nothing")
    stage.later(timedelta(hours=26), due.groups, due.heartbeats)
    yield stage.told("blocker.page", "A heartbeat has stopped")
    yield stage.typed(slack.command, user, "alerts", "The same while the heartbeat is missing")
    over = [_alert(number, firing=False) for number in range(7)]
    service.receive(tx, plan_id, Source.ALERTMANAGER, over)
    group = next(group for group in (store.group(tx, number) for number in (1, 2, 3)) if group and group.closed_at)
    yield stage.sent(CARD, "All of it is over", group.subject, posted_as="1.0")


def _alert(
    number: int, name: str = "SlowQueries", said: str = "Queries above 100 ms", *, firing: bool = True
) -> Incoming:
    labels = {"alertname": name, "host": f"db-{number}", "service": "orders"}
    url = "https://prometheus.example.com/graph"
    return Incoming(fingerprint=f"{name}:{number}", title=name, labels=labels, firing=firing, said=said, url=url)
