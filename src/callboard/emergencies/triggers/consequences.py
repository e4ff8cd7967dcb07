"""What follows when a trigger fires: a climb, a blocker, an emergency, people who are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import few
from callboard.emergencies import service
from callboard.emergencies.triggers import causes, notices, store
from callboard.emergencies.triggers.models import ENDED, FIRED, KIND, Cause, Firing, Trigger
from callboard.escalation import service as escalation
from callboard.escalation.pages import PAGES
from callboard.teams import service as teams
from callboard.teams.directory import CALLBOARD, Asker, Directory

FEW = 3


def follow(tx: Tx, causes: Sequence[Cause]) -> None:
    """Do what the plan says of these: what came together is one matter for each trigger."""
    for plan_id, on in dict.fromkeys((cause.plan_id, cause.on) for cause in causes):
        directory = teams.directory(tx, plan_id)
        if directory.is_over(tx.now):
            continue
        together = [cause for cause in causes if (cause.plan_id, cause.on) == (plan_id, on)]
        for trigger in store.triggers(tx, plan_id):
            if trigger.part.on == on:
                start(tx, directory, trigger, together)


def start(tx: Tx, directory: Directory, trigger: Trigger, causes: Sequence[Cause]) -> None:
    """Fire a trigger for those of these causes for which it has not fired yet."""
    new = [(firing, cause) for cause in causes if (firing := store.begin(tx, trigger, cause))]
    if not new:
        return
    firings, fresh = [firing for firing, _ in new], [cause for _, cause in new]
    first, sentences = firings[0], list(dict.fromkeys(cause.said for cause in fresh))
    said = few(sentences, FEW, " ") if len(sentences) > 1 else sentences[0]
    did = list(_done(tx, directory, trigger, firings, fresh, said))
    told = notices.tell(tx, directory, trigger, first, said, did)
    timeline.record(
        tx, directory.plan_id, first.subject, FIRED, on=trigger.part.on, trigger=trigger.key, blocker=first.blocker,
        causes=[cause.key for cause in fresh], told=told,
    )  # fmt: skip


def end(tx: Tx, firing: Firing, why: str) -> None:
    """What was so is not so any more: whoever has its blocker reads that."""
    firing.over_at = tx.now
    tx.session.add(firing)
    tx.session.flush()
    if firing.quiet:
        return
    timeline.record(tx, firing.plan_id, firing.subject, ENDED, on=firing.event, trigger=firing.trigger)
    if not store.standing(tx, firing.plan_id, [firing.trigger], lock=False)[firing.trigger]:
        causes.settle(tx, firing.plan_id, _key(firing.trigger), why)
    if firing.blocker:
        blockers.remark(tx, teams.directory(tx, firing.plan_id), firing.blocker, why)


def _done(
    tx: Tx, directory: Directory, trigger: Trigger, firings: Sequence[Firing], causes: Sequence[Cause], said: str
) -> Iterator[str]:
    """Do all that it says but the telling, each thing for itself: a sentence for each."""
    part, cause = trigger.part, causes[0]
    if part.escalate or part.blocker:
        try:
            yield _climb(tx, directory, trigger, firings, cause, said)
        except Refused as refused:
            yield f":warning: I could not page anybody: {refused.sentence}"
    if part.emergency:
        try:
            yield _declare(tx, directory, trigger, cause, said)
        except Refused as refused:
            yield f":warning: I could not declare emergency {part.emergency}: {refused.sentence}"


def _climb(tx: Tx, directory: Directory, trigger: Trigger, firings: Sequence[Firing], cause: Cause, said: str) -> str:
    part, about = trigger.part, cause.about
    if part.escalate and not part.blocker and len(firings) == 1 and about and about.kind in tx.of(PAGES):
        if escalation.is_climbing(tx, about):
            return "Its own escalation is under way."
        digest = escalation.digest(tx, directory, part.escalate)
        escalation.end(tx, about)
        tx.flush()
        concern = escalation.concern_of(tx, about) or cause.concern
        escalation.start(tx, directory.plan_id, about, digest, concern)
        return f"I page by the policy {m.escape(part.escalate)}."
    before = store.last_blocker(tx, firings[0])
    if before and blockers.remark(tx, directory, before, f"Again: {said}"):
        number, what = before, f"Blocker {before} about it is still open."
    else:
        raised = Raised(
            what=said.removesuffix("."), team=part.team or cause.team, policy=part.escalate,
            severity=part.blocker or blockers.severity_by(tx, directory.plan_id, part.escalate),
        )  # fmt: skip
        number = blockers.raise_blocker(tx, Asker(directory, CALLBOARD), raised).number
        what = f"I raised blocker {number}: `/blocker ack {number}`"
    for firing in firings:
        firing.blocker = number
    tx.session.flush()
    return what


def _declare(tx: Tx, directory: Directory, trigger: Trigger, cause: Cause, said: str) -> str:
    """Declare an emergency; the same trigger declares no second one while its first is open."""
    part = trigger.part
    if present := causes.come_back(tx, directory.plan_id, _key(trigger.key), said):
        return f"Emergency {present.number} about it is still open."
    team = part.team or cause.team
    others = [other for other in cause.concern.teams if other != team]
    emergency = service.declare(
        tx, directory.plan_id, part.emergency, said, by=None, cause=cause.subject, key=_key(trigger.key),
        team=team, others=others,
    )  # fmt: skip
    return f"Emergency {emergency.number} is declared: `/emergency show {emergency.number}`"


def _key(trigger: str) -> str:
    """What the emergency is declared with that a trigger declares."""
    return f"{KIND}:{trigger}"
