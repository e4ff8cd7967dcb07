"""Who is told what about a conflict: one card that closes itself, in a channel, and the people whom the plan names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callboard.conflicts import messages, store
from callboard.conflicts.models import GOING, KIND, Conflict, Degree, State
from callboard.conflicts.plan import USUAL, emergency_of, part
from callboard.core import outbox, timeline
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.teams import service as teams
from callboard.teams.service import Concern, Recipient

if TYPE_CHECKING:
    from callboard.core.db import Tx
    from callboard.escalation.models import Climb

AT_ONCE = ("leads", "coordinator")
GONE = Drop("the conflict is not there any more")


def concern(conflict: Conflict) -> Concern:
    """Whom it is about."""
    return Concern(
        team=conflict.teams[0] if conflict.teams else None, teams=tuple(conflict.teams[1:]),
        assignees=tuple(conflict.people),
    )  # fmt: skip


def cards(tx: Tx, conflict: Conflict) -> None:
    """Show it: a simple one to its people alone, any other in the plan's channel, one that hits main to more."""
    people, wanted = (
        teams.directory(tx, conflict.plan_id),
        part(tx, conflict).tell or USUAL[Degree(conflict.degree)].tell,
    )
    emergency = emergency_of(tx, conflict) if conflict.degree == Degree.CRITICAL else None
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
    people = teams.directory(tx, conflict.plan_id)
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


def tell_late(tx: Tx, conflict: Conflict, what: str) -> None:
    """Tell the leads and whoever coordinates that its time is over."""
    people = teams.directory(tx, conflict.plan_id)
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


def card(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card; what is gone before anybody was told is not told."""
    conflict = store.find(tx, delivery.subject_id)
    if conflict is None or (delivery.posted_as is None and conflict.state == State.OVER):
        return GONE
    return messages.card(messages.conflict_view(tx, conflict))


def page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page of its climb."""
    conflict = store.find(tx, delivery.subject_id)
    if conflict is None or (delivery.posted_as is None and not _wants(conflict, delivery)):
        return Drop("somebody sees to it") if conflict else GONE
    view = messages.conflict_view(tx, conflict)
    why = f"You are paged as {delivery.args['reason']}." if delivery.args.get("reason") else ""
    return messages.card(view, why) if delivery.medium == "slack" else messages.plain_page(view, why)


def late(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Its time is over."""
    conflict = store.find(tx, delivery.subject_id)
    if conflict is None or (delivery.posted_as is None and conflict.state not in GOING):
        return GONE
    return messages.late(messages.conflict_view(tx, conflict), delivery.args["what"])


def _at_once(tx: Tx, conflict: Conflict) -> dict[str, Recipient]:
    """Who is paged the moment that main is hit."""
    if conflict.degree != Degree.CRITICAL:
        return {}
    told = teams.who(teams.directory(tx, conflict.plan_id), AT_ONCE, concern(conflict), tx.now)
    return {one.person.key: one for one in told.people}


def _wants(conflict: Conflict, delivery: Delivery) -> bool:
    """Whether a page is still true: once answered, only what was asked for or runs late is."""
    answered = delivery.args.get("why") in ("opened", "no response", "again", "exhausted")
    return conflict.state == State.OPEN or (conflict.state == State.ANSWERED and not answered)


renderers: dict[str, Renderer] = {f"{KIND}.card": card, f"{KIND}.page": page, f"{KIND}.late": late}
