"""The blocker of a group: its climb, the line of counts on its card, and its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from callboard.alerts import store
from callboard.alerts.messages import tell_counts
from callboard.alerts.models import KIND, AlertGroup, Source, Verb
from callboard.alerts.plan import AlertPart
from callboard.blockers import notices as blocker_notices
from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.plan import settings, usual_severity
from callboard.blockers.service import Raised
from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.words import counted
from callboard.emergencies import service as emergencies
from callboard.escalation import service as escalation
from callboard.escalation.models import Policy, Step
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory, Person

FIRST, ANSWER_WITHIN, REPEAT_EVERY = "First", timedelta(minutes=5), timedelta(minutes=15)


def page(tx: Tx, group: AlertGroup, rule: AlertPart) -> None:
    """Raise the blocker of a group, or the same one again; nothing while it is still open."""
    asker = speaker(tx, group)
    group.page_at = None
    row = blockers.find(tx, group.blocker) if group.blocker else None
    if row is not None and row.is_open:
        return
    policy = _policy(tx, asker.directory, rule, group.rule)
    if row is not None:
        blockers.come_back(tx, asker, row, policy)
    else:
        said = Raised(what=m.escape(group.title), team=rule.team or None, severity=rule.severity or None)
        group.blocker = blockers.raise_blocker(tx, asker, said, follows=policy).number
    group.paged_at = tx.now
    timeline.record(tx, group.plan_id, group.subject, Verb.PAGED, blocker=group.blocker)
    tx.session.add(group)


def settle(tx: Tx, group: AlertGroup, alerts: int) -> None:
    """The source says that all of it is over, and so is the blocker."""
    if group.blocker:
        over = "It was heard again." if group.source == Source.HEARTBEAT else f"{counted(alerts, 'alert')} resolved."
        blockers.settle(tx, speaker(tx, group), group.blocker, over)


def show(tx: Tx, group: AlertGroup) -> None:
    """The card of its blocker, with the counts of now; nobody's page is shown anew for that."""
    if group.blocker:
        blocker_notices.show_card(tx, group.blocker)


def speaker(tx: Tx, group: AlertGroup) -> Asker:
    """The source, as if it were a person of the plan."""
    return Asker(teams.directory(tx, group.plan_id), Person(key=group.source, name=group.source))


def _policy(tx: Tx, directory: Directory, rule: AlertPart, name_of_rule: str) -> str:
    """What the climb follows: `page` first, then the policy that the rule names, or that of its severity."""
    of_plan = settings(tx, directory.plan_id)
    severity = rule.severity if rule.severity in of_plan.severities else usual_severity(of_plan)
    name = rule.policy or rule.escalate or of_plan.severities[severity]
    then = escalation.policy_named(tx, directory, name)
    if not rule.page and then is not None:
        return escalation.keep_policy(tx, then)
    if then is None:
        alone = Step(FIRST, rule.page, timedelta(), repeat_every=REPEAT_EVERY)
        return escalation.keep_policy(tx, Policy(name_of_rule, (alone,)))
    wait = then.steps[0].respond_within or ANSWER_WITHIN
    first = Step(FIRST, rule.page, timedelta(), respond_within=wait)
    steps = (first, *(replace(step, after=step.after + wait) for step in then.steps))
    return escalation.keep_policy(tx, replace(then, steps=steps))


def declare(tx: Tx, group: AlertGroup, rule: AlertPart) -> None:
    """Declare the emergency that the rule names; while that lasts, the same group declares no other."""
    cause, what, team = f"alert {m.escape(group.rule)}", m.escape(group.title), rule.team or None
    emergencies.declare(tx, group.plan_id, rule.emergency, what, by=None, cause=cause, key=key(group), team=team)


def key(group: AlertGroup) -> str:
    """What the emergency is declared with that a group declares."""
    return f"{KIND}:{group.key}"


def _background(tx: Tx, blocker: Blocker) -> str:
    group = store.of_blocker(tx, blocker.number)
    return tell_counts(group, store.counts(tx, group.number)) if group else ""


BACKGROUND: Mapping[str, Callable[[Tx, Blocker], str]] = dict.fromkeys(map(str, Source), _background)
"""What the card of a blocker says besides, where a source of alerts has raised it."""
