"""What comes in: alerts that fire and resolve, heartbeats that are heard, and what becomes of their groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from callboard.alerts import models, notices, pages, rules, store
from callboard.alerts.models import (
    CALM,
    KIND,
    PACE,
    Alert,
    AlertGroup,
    Heartbeat,
    Ignored,
    Incoming,
    Source,
    State,
    Verb,
    expected,
)
from callboard.alerts.plan import AlertPart
from callboard.alerts.rules import MOST_GROUPS, Bunch
from callboard.blocks import markup as m
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.rows import fresh
from callboard.core.timeline import BOT, Subject
from callboard.emergencies import triggers
from callboard.emergencies.triggers import causes
from callboard.plans import service as plans
from callboard.teams import service as teams

KEPT = {"name", "severity", "team", "page", "policy", "escalate", "tell", "emergency"}
"""What a group keeps of its rule."""


Groups = dict[int, AlertGroup]


class Receipt(NamedTuple):
    """What became of alerts that were sent: how many, how many the plan knows, and why others did nothing."""

    received: int
    matched: int
    why: Ignored | None = None


def receive(tx: Tx, plan_id: int, source: Source, sent: Sequence[Incoming]) -> Receipt:
    """Keep what was sent, each alert in its group; page, tell and resolve what the plan says, once it has started."""
    why = _not_now(tx, plan_id)
    if why:
        _count(tx, plan_id, why, sent)
    if why == Ignored.LATE:
        return Receipt(len(sent), 0, why)
    groups, known = _locked(tx, plan_id, sent)
    new = [alert for alert in sent if alert.firing and _begins(tx, known.get(alert.fingerprint), alert)]
    found, strange = rules.bunches(rules.rules(tx, plan_id), new)
    if why:
        _keep(tx, plan_id, source, sent, groups, known, [replace(bunch, early=True) for bunch in found])
        return Receipt(len(sent), 0, why)
    if strange:
        _count(tx, plan_id, Ignored.UNMATCHED, strange)
    target = _keep(tx, plan_id, source, sent, groups, known, found)
    matched = sum(alert.fingerprint in target or alert.fingerprint in known for alert in sent)
    return Receipt(len(sent), matched, None if matched else Ignored.UNMATCHED)


def unread(tx: Tx, plan_id: int, why: Sequence[str]) -> None:
    """Count alerts that could not be read, with the sentence about the last one."""
    store.tally(tx, plan_id, Ignored.UNREADABLE, len(why), why[-1])


def has_rules(tx: Tx, plan_id: int) -> bool:
    return bool(rules.rules(tx, plan_id))


def _begins(tx: Tx, row: Alert | None, sent: Incoming) -> bool:
    """Whether an alert fires that was not known to fire, nor to have ended since it was sent."""
    return row is None or (row.state != State.FIRING and not models.is_old(row, sent, tx.now))


def _locked(tx: Tx, plan_id: int, sent: Sequence[Incoming]) -> tuple[Groups, dict[str, Alert]]:
    """The alerts that are known already, as they are once their groups are locked."""
    prints = [alert.fingerprint for alert in sent]
    before = store.known(tx, plan_id, prints)
    numbers = sorted({alert.group_id for alert in before.values()})
    groups = {number: row for number in numbers if (row := store.group(tx, number, lock=True)) is not None}
    return groups, store.known(tx, plan_id, prints) if groups else before


def _keep(
    tx: Tx, plan_id: int, source: Source, sent: Sequence[Incoming], groups: Groups, known: dict[str, Alert],
    found: Iterable[Bunch],
) -> dict[str, int]:  # fmt: skip
    """Write the alerts into their groups, and see what that means; the group of each that begins."""
    target: dict[str, int] = {}
    begun: set[int] = set()
    for bunch in found:
        row, began = _group(tx, plan_id, source, bunch)
        groups[row.number] = row
        begun |= {row.number} if began else set()
        target |= {alert.fingerprint: row.number for alert in bunch.alerts}
    # Another replica may have been told of the same ones, and have made their group first.
    known |= store.known(tx, plan_id, [fingerprint for fingerprint in target if fingerprint not in known])
    changed = _write(tx, plan_id, sent, known, target)
    for number, row in groups.items():
        if number in begun:
            begin(tx, row)
        elif changed.get(number):
            _moved(tx, row, ended=State.RESOLVED in changed[number])
    return target


def _group(tx: Tx, plan_id: int, source: Source, bunch: Bunch) -> tuple[AlertGroup, bool]:
    """The open group of a matter, locked, and whether it began just now."""
    row = store.latest(tx, plan_id, bunch.key)
    if row is not None and row.closed_at is None:
        return row, False
    if row is not None and row.closed_at is not None and row.closed_at + CALM > tx.now:
        row.page_at = models.quiet_until(row) if row.blocker else None
        row.closed_at, row.closed_by, row.times = None, "", row.times + (not bunch.early)
        timeline.record(tx, plan_id, row.subject, Verb.FIRED_AGAIN, title=row.title, times=row.times)
        tx.session.add(row)
        return row, True
    rest = rules.others(bunch)
    if bunch.key != rest.key and store.open_of(tx, plan_id, bunch.rule.called, MOST_GROUPS) >= MOST_GROUPS:
        return _group(tx, plan_id, source, rest)
    new: dict[str, Any] = {
        "plan_id": plan_id, "rule": bunch.rule.called, "key": bunch.key, "title": bunch.title, "source": str(source),
        "times": 0 if bunch.early else 1, "written": written(bunch.rule),
        "opened_at": tx.now, "shown_at": tx.now, "closed_by": "",
    }  # fmt: skip
    began = tx.insert_new(store.GROUPS, **new)
    made = store.latest(tx, plan_id, bunch.key)
    if made is None:
        raise LookupError(bunch.key)
    if began:
        timeline.record(
            tx, plan_id, made.subject, Verb.FIRED, title=made.title, rule=made.rule, source=made.source,
            labels=dict(bunch.alerts[0].labels) if bunch.alerts else {},
        )  # fmt: skip
    return made, began


def written(rule: AlertPart) -> dict[str, Any]:
    return rule.model_dump(mode="json", include=KEPT, exclude_defaults=True)


def _write(
    tx: Tx, plan_id: int, sent: Sequence[Incoming], known: dict[str, Alert], target: dict[str, int]
) -> dict[int, set[State]]:
    """Write what was sent over what is known; what that changed, by group."""
    changed: dict[int, set[State]] = defaultdict(set)
    new, moved = [], []
    for alert in sent:
        row, group = known.get(alert.fingerprint), target.get(alert.fingerprint)
        if row is None and group is not None:
            made = fresh(Alert, plan_id=plan_id, fingerprint=alert.fingerprint)
            new.append(_said(tx, made, alert, group))
            changed[group].add(State.FIRING)
        elif row is not None and not models.is_old(row, alert, tx.now):
            to = group if group is not None and row.state != State.FIRING else row.group_id
            state = State.FIRING if alert.firing else State.RESOLVED
            if state != row.state:
                changed[to].add(state)
            moved.append(_said(tx, row, alert, to) | {"id": row.id, "received": row.received + 1})
    for bulk, rows in ((store.NEW, new), (store.CHANGED, moved)):
        if rows:
            tx.defer(bulk, rows)
    tx.flush()
    return changed


def _said(tx: Tx, row: Alert, sent: Incoming, group_id: int) -> dict[str, Any]:
    """The columns of an alert as it was sent just now."""
    began = row.started_at if sent.firing and row.state == State.FIRING and row.id else None
    return {
        "plan_id": row.plan_id, "fingerprint": row.fingerprint, "group_id": group_id, "title": sent.title,
        "said": sent.said or (row.said if row.id else ""), "url": sent.url, "labels": dict(sent.labels),
        "state": State.FIRING if sent.firing else State.RESOLVED,
        "started_at": (began or sent.started_at or tx.now) if sent.firing else row.started_at,
        "ended_at": None if sent.firing else (sent.ended_at or tx.now), "received_at": tx.now, "received": 1,
    }  # fmt: skip


def begin(tx: Tx, group: AlertGroup) -> None:
    """A group fires for the first time, or again: page and tell, unless it was there a moment ago."""
    if group.times == 0:
        wait(tx, group)
        return
    if group.times == 1:
        rule = rule_of(group)
        if rule.pages:
            pages.page(tx, group, rule)
        if rule.emergency:
            pages.declare(tx, group, rule)
        notices.tell(tx, group, rule)
        title = m.escape(group.title)
        triggers.fire(
            tx, group.plan_id, "alert", subject=f"alert {title}", said=f"{m.bold(title)} fires.",
            team=rule.team or None, key=f"{models.KIND}:{group.key}:{group.number}",
        )  # fmt: skip
    else:
        causes.come_back(tx, group.plan_id, pages.key(group), f"{m.bold(m.escape(group.title))} fires again.")
    if group.times > 1 and group.page_at is not None and group.page_at <= tx.now:
        pages.page(tx, group, rule_of(group))
    show(tx, group)
    look_again(tx, group)


def wait(tx: Tx, group: AlertGroup) -> None:
    """Nothing happens before the plan starts."""
    group.due_at = plans.plan(tx, group.plan_id).from_at
    tx.session.add(group)


def _moved(tx: Tx, group: AlertGroup, *, ended: bool) -> None:
    """Alerts of a group began or ended: it is over with the last, else its card counts on, at its pace."""
    if group.closed_at is not None:
        return
    if ended and not store.is_firing(tx, group.number):
        close(tx, group, group.source)
        return
    if group.times == 0:
        return
    soon = max(tx.now, group.shown_at + PACE)
    if group.due_at is None or group.due_at > soon:
        group.due_at = soon
        tx.session.add(group)


def close(tx: Tx, group: AlertGroup, by: str, why: str = "") -> None:
    """Nothing of it fires any more, or nobody has to care: what fires after that is news.

    `by` is its source, a person's key or Callboard itself.
    """
    if by != group.source:
        store.settle(tx, group.number)
    group.closed_at, group.closed_by, group.page_at, group.due_at = tx.now, by, None, None
    tx.session.add(group)
    tx.session.flush()
    counts = store.counts(tx, group.number)
    actor = BOT if by in set(Source) else by
    timeline.record(tx, group.plan_id, group.subject, Verb.RESOLVED, actor=actor, alerts=counts.every, why=why)
    show(tx, group)
    if by == group.source and group.times:
        pages.settle(tx, group, counts.every)
        causes.settle(tx, group.plan_id, pages.key(group), f"{m.bold(m.escape(group.title))} fires no more.")
        notices.tell_over(tx, group, rule_of(group))


def show(tx: Tx, group: AlertGroup) -> None:
    """Its cards, with the counts of now."""
    group.shown_at = tx.now
    outbox.touch(tx, KIND, [group.number])
    pages.show(tx, group)


def look_again(tx: Tx, group: AlertGroup) -> None:
    """Note when somebody looks at an open group again."""
    directory = teams.directory(tx, group.plan_id)
    last = store.counts(tx, group.number).last or tx.now
    group.due_at = models.next_due(group, tx.now, directory.ends_at, last)
    tx.session.add(group)


def rule_of(group: AlertGroup) -> AlertPart:
    """Its rule, as the group began with it."""
    return AlertPart.model_validate(group.written)


def heard(tx: Tx, plan_id: int, name: str) -> Heartbeat:
    """A heartbeat was heard; what it raised when it stopped is resolved. Refused for one that the plan has not."""
    row = store.heartbeat(tx, plan_id, name)
    if row is None:
        names = [each.name for each in store.heartbeats(tx, plan_id)]
        called = f"The plan has no heartbeat `{name[:60]}`"
        if not names:
            raise Refused(f"{called}; it has none: write `heartbeat:` below `alerts`.")
        raise unknown(called, name, names)
    row.heard_at, row.due_at = tx.now, expected(row, store.counted_from(tx, row, tx.now))
    if row.missing_at is not None:
        row.missing_at = None
        timeline.record(tx, plan_id, Subject(models.HEARTBEAT, row.id or 0), Verb.BACK, name=name)
        for group in _of_heartbeat(tx, plan_id, name):
            close(tx, group, group.source)
    tx.session.add(row)
    return row


def stop(tx: Tx, row: Heartbeat, rule: AlertPart, said: str) -> None:
    """A heartbeat is missing: it pages as an alert does."""
    timeline.record(tx, row.plan_id, Subject(models.HEARTBEAT, row.id or 0), Verb.STOPPED, name=row.name)
    fingerprint = f"heartbeat:{row.name}"
    alert = Incoming(fingerprint=fingerprint, title=f"Heartbeat {row.name} stopped", labels={"heartbeat": row.name})
    bunch = Bunch(rule, _key(rule), f"{alert.title}: {said}", [alert])
    groups, known = _locked(tx, row.plan_id, [alert])
    _keep(tx, row.plan_id, Source.HEARTBEAT, [alert], groups, known, [bunch])


def _of_heartbeat(tx: Tx, plan_id: int, name: str) -> Iterable[AlertGroup]:
    """Its open group; its one alert is over."""
    known = store.known(tx, plan_id, [f"heartbeat:{name}"])
    for alert in known.values():
        group = store.group(tx, alert.group_id, lock=True)
        alert.state, alert.ended_at, alert.received_at = State.RESOLVED, tx.now, tx.now
        tx.session.add(alert)
        tx.session.flush()
        if group is not None and group.closed_at is None:
            yield group


def _key(rule: AlertPart) -> str:
    return rules.key_of(rule, ["heartbeat"])


def _not_now(tx: Tx, plan_id: int) -> Ignored | None:
    """Why alerts do nothing at this time."""
    starts_at = plans.starts_at(tx, plan_id)
    if starts_at is not None and tx.now < starts_at:
        return Ignored.EARLY
    return Ignored.LATE if teams.directory(tx, plan_id).is_over(tx.now) else None


def _count(tx: Tx, plan_id: int, why: Ignored, sent: Sequence[Incoming]) -> None:
    """Count what does nothing; that alerts come before the plan starts is told once."""
    if store.tally(tx, plan_id, why, len(sent), sent[-1].title) and why == Ignored.EARLY:
        notices.tell_early(tx, plan_id)
