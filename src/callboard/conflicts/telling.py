"""Who is told what about a conflict: one card that closes itself, in a channel, and the people whom the plan names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from callboard.conflicts.models import KIND, Conflict, Degree, State
from callboard.conflicts.parts import ConflictsPart, DegreePart
from callboard.core import outbox, timeline
from callboard.core.outbox import Post, Priority
from callboard.escalation import service as escalation
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.service import Concern, Directory, Recipient

if TYPE_CHECKING:
    from callboard.core.db import Tx
    from callboard.escalation.models import Climb

USUAL = {
    Degree.SIMPLE: DegreePart(tell=("assignees",)),
    Degree.VIOLATION: DegreePart(tell=("assignees", "leads")),
    Degree.MEDIUM: DegreePart(tell=("leads",)),
    Degree.COMPLEX: DegreePart(tell=("leads", "coordinator")),
    Degree.CRITICAL: DegreePart(tell=("leads", "coordinator")),
}
"""Where the plan says nothing."""
AT_ONCE = ("leads", "coordinator")


class Emergency(Protocol):
    """What matters here of a level of emergency in the plan: its ladder and its channel."""

    policy: str
    channel: str


def rules(tx: Tx, plan_id: int) -> ConflictsPart:
    """What the plan says about conflicts."""
    found: ConflictsPart | None = plans.live(tx, plan_id).values.get("conflicts")
    return found or ConflictsPart()


def part(tx: Tx, conflict: Conflict) -> DegreePart:
    """What the plan wants done about one of this degree."""
    return getattr(rules(tx, conflict.plan_id), conflict.degree) or USUAL[Degree(conflict.degree)]


def policy(tx: Tx, conflict: Conflict) -> str:
    """The ladder that it climbs: one that hits main that of its emergency, else of lesser ones, else the default."""
    own = part(tx, conflict).policy
    if own or conflict.degree != Degree.CRITICAL:
        return own
    emergency, said = _emergency(tx, conflict), rules(tx, conflict.plan_id)
    lesser = [one.policy for one in (said.complex, said.medium) if one]
    known = plans.live(tx, conflict.plan_id).values.get("escalation") or {}
    return next((one for one in (emergency.policy if emergency else "", *lesser, "default") if one in known), "")


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
    """Show it: a simple one to its people alone, any other in the plan's channel, one that hits main to more."""
    people, wanted = directory(tx, conflict), part(tx, conflict).tell or USUAL[Degree(conflict.degree)].tell
    emergency = _emergency(tx, conflict) if conflict.degree == Degree.CRITICAL else None
    told = teams.who(people, wanted, concern(conflict), tx.now)
    homes = [] if conflict.degree == Degree.SIMPLE else [people.home_channel()]
    homes += [people.address(emergency.channel)] if emergency and emergency.channel else []
    homes += told.channels
    paged = _at_once(tx, conflict)
    homes += [one.person.slack_id for one in told.people if one.person.slack_id and one.person.key not in paged]
    outbox.enqueue(tx, [
        Post(
            key=f"{KIND}:{conflict.number}:card:{home}", plan_id=conflict.plan_id, workspace=people.workspace,
            address=home, kind=f"{KIND}.card", subject=conflict.subject, editable=True,
            priority=Priority.PAGE if conflict.degree == Degree.CRITICAL else Priority.ANSWER,
        ) for home in dict.fromkeys(filter(None, homes))
    ])  # fmt: skip


def pages(tx: Tx, conflict: Conflict, climb: Climb | None) -> None:
    """Page whom one that hits main concerns, whatever step its ladder begins with; nobody twice."""
    people = directory(tx, conflict)
    before = {key for move in climb.trail for key in move["people"]} if climb else set()
    outbox.enqueue(tx, [
        Post(
            key=f"{KIND}:{conflict.number}:page:{conflict.changes}:{key}", plan_id=conflict.plan_id,
            workspace=people.workspace, address=reach.address, kind=f"{KIND}.page", subject=conflict.subject,
            priority=Priority.PAGE, medium=reach.medium, editable=reach.medium == "slack", recipient=key,
            args={"why": "opened", "reason": one.why, "to": key},
        ) for key, one in _at_once(tx, conflict).items()
        if key not in before and (reach := people.reach(one.person))
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


def _at_once(tx: Tx, conflict: Conflict) -> dict[str, Recipient]:
    """Who is paged the moment that main is hit."""
    if conflict.degree != Degree.CRITICAL:
        return {}
    told = teams.who(directory(tx, conflict), AT_ONCE, concern(conflict), tx.now)
    return {one.person.key: one for one in told.people}


def _emergency(tx: Tx, conflict: Conflict) -> Emergency | None:
    """The emergency of the plan that one of this degree is."""
    level = part(tx, conflict).emergency
    found: Emergency | None = (plans.live(tx, conflict.plan_id).values.get("emergencies") or {}).get(level)
    return found
