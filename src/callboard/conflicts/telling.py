"""Who is told what about a conflict: one card that closes itself, in a channel, and the people whom the plan names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callboard.conflicts.models import KIND, Conflict, Degree, State
from callboard.conflicts.parts import ConflictsPart, DegreePart
from callboard.core import outbox, timeline
from callboard.core.outbox import Post, Priority
from callboard.escalation import service as escalation
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.service import Concern, Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

USUAL = {
    Degree.SIMPLE: DegreePart(tell=("assignees",)),
    Degree.VIOLATION: DegreePart(tell=("assignees", "leads")),
    Degree.MEDIUM: DegreePart(tell=("leads",)),
    Degree.COMPLEX: DegreePart(tell=("leads", "coordinator")),
    Degree.CRITICAL: DegreePart(tell=("leads", "coordinator")),
}
"""Where the plan says nothing."""


def part(tx: Tx, conflict: Conflict) -> DegreePart:
    """What the plan wants done about one of this degree."""
    rules: ConflictsPart = plans.live(tx, conflict.plan_id).values.get("conflicts") or ConflictsPart()
    return getattr(rules, conflict.degree) or USUAL[Degree(conflict.degree)]


def directory(tx: Tx, conflict: Conflict) -> Directory:
    """The people of its plan."""
    return teams.directory(tx, conflict.plan_id)


def concern(conflict: Conflict) -> Concern:
    """Whom it is about."""
    return Concern(
        team=conflict.teams[0] if conflict.teams else None, teams=tuple(conflict.teams[1:]),
        assignees=tuple(conflict.people),
    )  # fmt: skip


def cards(tx: Tx, conflict: Conflict) -> None:
    """Show it: a simple one to its people alone, any other in the plan's channel too."""
    people = directory(tx, conflict)
    told = teams.who(people, part(tx, conflict).tell or USUAL[Degree(conflict.degree)].tell, concern(conflict), tx.now)
    homes = [] if conflict.degree == Degree.SIMPLE else [people.home_channel()]
    homes += told.channels
    homes += [one.person.slack_id for one in told.people if one.person.slack_id]
    outbox.enqueue(tx, [
        Post(
            key=f"{KIND}:{conflict.number}:card:{home}", plan_id=conflict.plan_id, workspace=people.workspace,
            address=home, kind=f"{KIND}.card", subject=conflict.subject, priority=Priority.ANSWER, editable=True,
        ) for home in dict.fromkeys(filter(None, homes))
    ])  # fmt: skip


def late(tx: Tx, conflict: Conflict, what: str) -> None:
    """Tell the leads and whoever coordinates that its time is over."""
    people = directory(tx, conflict)
    told = teams.who(people, ("leads", "coordinator"), concern(conflict), tx.now)
    outbox.enqueue(tx, [
        Post(
            key=f"{KIND}:{conflict.number}:late:{what}:{one.person.key}", plan_id=conflict.plan_id,
            workspace=people.workspace, address=one.person.slack_id, kind=f"{KIND}.late", subject=conflict.subject,
            priority=Priority.ANSWER, args={"what": what}, editable=True,
        ) for one in told.people if one.person.slack_id
    ])  # fmt: skip


def changed(tx: Tx, conflict: Conflict, verb: str, actor: str, *, said: str | None = None) -> None:
    """Note what happened, and let its cards show it."""
    tx.session.add(conflict)
    tx.session.flush()
    facts: dict[str, Any] = {"change": conflict.changes, "degree": conflict.degree, "repository": conflict.repository}
    sides = {"one": conflict.one, "other": conflict.other, "files": conflict.files[:20]}
    timeline.record(tx, conflict.plan_id, conflict.subject, verb, actor=actor, said=said, **(facts | sides))
    outbox.touch(tx, KIND, [conflict.number], superseded=conflict.state in (State.OVER, State.ACCEPTED))


def on_steps_due(tx: Tx, event: escalation.StepsDue) -> None:
    """A climb moved: the cards show it."""
    if event.kind == KIND:
        outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps])
