"""How a conflict is brought to its end, each degree in its own way: git merges it, or somebody decides."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.branches import merges
from callboard.branches import service as branches
from callboard.branches import store as branch_rows
from callboard.branches.models import Merge, MergeEnded
from callboard.conflicts import models, notices, service, store
from callboard.conflicts.models import GRAVE, Answer, Conflict, Degree, Verb
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.measures import MeasuresMoved
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.teams.directory import COORDINATOR, EXECUTIVE, Asker


def can_merge(conflict: Conflict) -> bool:
    """Whether git merges it by itself, and nobody has yet said that it is fine."""
    return conflict.kind == "merge" and conflict.degree == Degree.SIMPLE


def merge(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Merge | None:
    """A lead lets git merge two branches, into one of Callboard's own; neither of them is changed.

    Where the plan does not let it push, the merge has no id, and people make it by hand. None: the leads were asked.
    """
    conflict = service.still_open(tx, asker, number, "merge", expected)
    if not can_merge(conflict):
        raise Refused(f"Conflict {number} is {conflict.degree}: git cannot merge it. Only a simple one is merged.")
    if not _leads(asker, conflict):
        notices.changed(tx, conflict, Verb.ASKED, asker.person.key)
        notices.ask_leads(tx, conflict)
        return None
    present = branch_rows.merge_of(tx, number)
    if present and present.ended_at is None:
        raise Refused(f"Git is merging conflict {number} already.")
    sides = conflict.one, conflict.other
    if not pushes(tx, conflict):
        by_hand = Merge(
            plan_id=conflict.plan_id, mirror_id=0, about=number, one=sides[0], other=sides[1], one_head="",
            other_head="", by=asker.person.key, asked_at=tx.now,
        )  # fmt: skip
        if why := branches.not_merged(tx, conflict.repository, by_hand):
            raise Refused(why)
        return by_hand
    wanted = branches.want_merge(tx, conflict.plan_id, conflict.repository, sides, asker.person.key, number)
    models.answer(conflict, Answer.MERGE, asker.person.key, tx.now)
    notices.changed(tx, conflict, Verb.MERGE, asker.person.key)
    tx.publish(MeasuresMoved(conflict.plan_id))
    return wanted


def pushes(tx: Tx, conflict: Conflict) -> bool:
    """Whether the plan lets Callboard push what it merges in this repository."""
    part = branches.repositories(tx, conflict.plan_id).get(conflict.repository)
    return part is not None and part.merge


def on_merge_ended(tx: Tx, event: MergeEnded) -> None:
    """What git has merged is fine; where it could not, the conflict is as open as before."""
    conflict, done = store.find(tx, event.merge.about, lock=True), event.merge
    if conflict is None or conflict.ended_at is not None or conflict.ended_how != Answer.MERGE:
        return
    if done.trouble:
        models.unanswer(conflict)
        notices.changed(tx, conflict, Verb.NOT_MERGED, done.by, said=done.trouble)
    else:
        models.accept(conflict, done.by, f"Git has merged both into {done.branch}.", tx.now, Verb.MERGED)
        notices.changed(tx, conflict, Verb.MERGED, done.by, commit=done.commit, branch=done.branch)
        escalation.end(tx, conflict.subject)
    notices.tell_merged(tx, conflict, done)
    tx.publish(MeasuresMoved(conflict.plan_id))


def decide(tx: Tx, asker: Asker, number: int, text: str, expected: int | None = None) -> Conflict:
    """Say what becomes of a conflict: its people read it, and the clock of decisions stops."""
    conflict = service.still_open(tx, asker, number, "decide", expected)
    may_decide(tx, asker, conflict)
    text = m.needed(text, f"Say what is decided: `/lock decide {number} omega rebases, sigma waits until noon`.")
    models.decide(conflict, asker.person.key, text, tx.now)
    models.set_next(conflict, tx.now)
    notices.changed(tx, conflict, Verb.DECIDED, asker.person.key, said=text)
    service.held(tx, conflict, Verb.DECIDED, asker.person.key)
    notices.tell_decided(tx, conflict, asker.person.key)
    return conflict


def may_decide(tx: Tx, asker: Asker, conflict: Conflict) -> None:
    """Leads decide about lesser conflicts; about complex and critical ones a coordinator, or a paged executive."""
    directory, person = asker.directory, asker.person
    if conflict.degree not in GRAVE:
        if not _leads(asker, conflict):
            leads = [lead for team in conflict.teams for lead in directory.leads_of(team)]
            who = joined([*map(directory.called, leads), "a coordinator"], word="or")
            raise Refused(f"Only {who} can decide about conflict {conflict.number}.")
    elif not directory.coordinates(person, tx.now) and not (
        directory.has_role(person, EXECUTIVE) and person.key in escalation.told(tx, conflict.subject)
    ):
        who = directory.one_of(directory.coordinating(tx.now)) or "a coordinator"
        raise Refused(f"Only {who} can decide about conflict {conflict.number}: it is {conflict.degree}.")


def _leads(asker: Asker, conflict: Conflict) -> bool:
    """Whether somebody leads one of its teams, or coordinates the plan."""
    directory, person = asker.directory, asker.person
    return directory.has_role(person, COORDINATOR) or any(directory.is_lead(person, team) for team in conflict.teams)


def by_hand(merge: Merge) -> str:
    """What to type, in a box that can be copied."""
    return f"```{m.escape(merges.by_hand(merge))}```"
