"""The verbs of a climb: start, hold, let go, snooze, go on, end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.rows import fresh
from callboard.core.ticks import rows_due
from callboard.core.timeline import Subject, called
from callboard.core.words import capital
from callboard.escalation import climbs, span, store
from callboard.escalation.ladder import Ladder, Next, Rung, RungState, ladder_of, paged_by
from callboard.escalation.models import DONE, Climb, Policy, State
from callboard.escalation.pages import Run, StepDue, StepsDue, plus, settle
from callboard.escalation.readers import concern
from callboard.escalation.receipts import Arrival, Receipts, grouped, receipts
from callboard.escalation.store import digest, keep_policy, policy_of
from callboard.teams.service import Concern, Directory

__all__ = [
    "Arrival", "Ladder", "Next", "Receipts", "Rung", "RungState", "StepDue", "StepsDue", "digest", "grouped",
    "keep_policy", "policy_of", "receipts",
]  # fmt: skip


STOPPED = timedelta(days=3650)
"""How long what is stopped stands still at most."""


def start(
    tx: Tx, plan_id: int, subject: Subject, policy_digest: str, concern: Concern, phase: str | None = None,
    holder: str | None = None,
) -> Climb:  # fmt: skip
    """Page the first step of a policy; not yet where a `holder` has it already.

    It ends with the plan, or with the `phase` that it is about.
    """
    climb = _new(tx, plan_id, subject, policy_digest, concern, phase)
    if holder:
        climbs.hold(climb, tx.now, holder)
    run = Run(tx)
    run.begin(climb)
    run.finish()
    tx.local["climb", subject] = climb
    tx.local.pop(("climb locked", subject), None)
    return climb


def would_page(tx: Tx, plan_id: int, policy_digest: str, concern: Concern) -> list[str]:
    """Whom a climb would page at once if it started now."""
    return Run(tx).first(_new(tx, plan_id, Subject("", 0), policy_digest, concern))


def _new(
    tx: Tx, plan_id: int, subject: Subject, policy_digest: str, concern: Concern, phase: str | None = None
) -> Climb:
    climb = fresh(
        Climb, plan_id=plan_id, subject_kind=subject.kind, subject_id=subject.id, policy=policy_digest,
        team=concern.team, teams=[*concern.teams] or None, reporter=concern.reporter,
        assignees=list(concern.assignees), trail=[], opened_at=tx.now, response_from=tx.now, stepped_at=tx.now,
        phase=phase,
    )  # fmt: skip
    climb.ends_at = span.ends_at(tx, climb)
    climbs.begin(climb, policy_of(tx, policy_digest), plus(tx, climb))
    return climb


def involve(tx: Tx, subject: Subject, teams: Iterable[str]) -> None:
    """It concerns these teams, too: their leads are among `leads` from its next page on."""
    climb = _locked(tx, subject)
    if climb and climb.state not in DONE:
        known = (climb.team, *(climb.teams or ()))
        climb.teams = [*(climb.teams or ()), *(team for team in dict.fromkeys(teams) if team not in known)] or None


def hold(tx: Tx, subject: Subject, holder: str) -> bool:
    """Somebody has it: only when they say nothing is anybody else paged, and they hear of it first.

    Whether anybody was to be paged for it.
    """
    climb = _unended(tx, subject)
    if climb:
        climbs.hold(climb, tx.now, holder)
        settle(tx, climb)
    return climb is not None


def let_go(tx: Tx, subject: Subject) -> None:
    """The acknowledgement was taken back: the climb goes on where it stood."""
    if climb := _unended(tx, subject):
        climbs.let_go(climb, tx.now)
        settle(tx, climb)


def stir(tx: Tx, subject: Subject) -> None:
    """Something was said or done about it."""
    climb = _locked(tx, subject)
    if climb and climb.state not in DONE:
        climbs.stir(climb, tx.now)
        settle(tx, climb)


def snooze(tx: Tx, subject: Subject, until: datetime) -> Climb:
    climb = _running(tx, subject)
    climbs.snooze(climb, tx.now, until)
    return settle(tx, climb)


def stop(tx: Tx, subject: Subject) -> None:
    """Page nobody for it until it is started again."""
    climb = _locked(tx, subject)
    if climb:
        climbs.stop(climb, tx.now, tx.now + STOPPED)
        settle(tx, climb)


def start_again(tx: Tx, subject: Subject) -> bool:
    """Let every clock of what was stopped go on where it stood; whether it was."""
    climb = _locked(tx, subject)
    if climb is None or climb.state != State.SNOOZED:
        return False
    climbs.go_on(climb, tx.now)
    settle(tx, climb)
    return True


def go_on(tx: Tx, subject: Subject) -> Climb:
    """Page the next step now; refused where nobody is left."""
    climb = _running(tx, subject)
    policy, run = policy_of(tx, climb.policy), Run(tx)
    if not policy.steps:
        raise Refused(f"This plan had no escalation then, so nobody is next. Hand it to somebody: "
                      f"`/{subject.kind} reassign {subject.id} @somebody`")  # fmt: skip
    if climb.reached >= policy.top:
        top = policy.steps[policy.top].level
        raise Refused(f"The last step, {top}, was already paged. Call them, or reassign it to somebody.")
    if not any(map(run.crew(climb, policy).staffed, range(climb.reached + 1, policy.top + 1))):
        raise Refused("Nobody is left to page: whoever is on the next steps knows of it, is away, or can't be reached.")
    run.ask(climb)
    run.finish()
    return climb


def end(tx: Tx, subject: Subject) -> None:
    """Stop every clock of the subject's climb."""
    climb = _locked(tx, subject)
    if climb:
        climbs.end(climb)


def resume(tx: Tx, subject: Subject, since: datetime) -> None:
    """What ended by mistake `since` then goes on where it stood."""
    climb = _locked(tx, subject)
    if climb and climb.state == State.ENDED:
        climbs.begin(climb, policy_of(tx, climb.policy), plus(tx, climb))
        climbs.resume(climb, since, tx.now)
        settle(tx, climb)


def end_all(tx: Tx, kind: str, ids: Collection[int]) -> None:
    """The same for those of many subjects that have a climb."""
    for number, climb in store.latest_of(tx, kind, ids).items():
        if climb.state != State.ENDED:
            end(tx, Subject(kind, number))


def recheck(tx: Tx, ids: Sequence[int]) -> None:
    run = Run(tx)
    due = store.still_due(tx, ids)
    for climb in due:
        run.advance(climb)
    store.keep(tx, due)
    run.finish()


due_climbs = rows_due("climbs", recheck, Climb.id, Climb.due_at)


def climb_id(tx: Tx, subject: Subject) -> int | None:
    """The subject's present climb; pages of an earlier one are history."""
    climb = _present(tx, subject)
    return climb.id if climb else None


def is_climbing(tx: Tx, subject: Subject) -> bool:
    """Whether anybody is still paged for a subject by its present climb, or has it."""
    climb = _present(tx, subject)
    return climb is not None and climb.state not in (*DONE, State.EXHAUSTED)


def concern_of(tx: Tx, subject: Subject) -> Concern | None:
    """Whom the subject's last climb was about; None where it never climbed."""
    climb = _present(tx, subject)
    return concern(climb) if climb else None


def ladder(tx: Tx, subject: Subject) -> Ladder | None:
    """The subject's climb as people see it; None where it never climbed."""
    climb = _present(tx, subject)
    return ladder_of(tx, climb) if climb else None


def told(tx: Tx, subject: Subject) -> dict[str, str | None]:
    """Who was paged in the subject's climb so far, by person key, and for whom they stood in."""
    climb = _present(tx, subject)
    trail = climb.trail if climb else []
    return {person: entry["instead"].get(person) for entry in trail for person in entry["people"]}


def will_tell(tx: Tx, subject: Subject, until: datetime) -> dict[str, datetime]:
    """Whom the subject's climb pages until then if nobody does anything, by person key, and when."""
    climb = _present(tx, subject)
    return paged_by(tx, climb, until) if climb else {}


def followed(tx: Tx, subject: Subject) -> str:
    """The digest of the policy that the subject's climb follows, or followed; empty where it never climbed."""
    climb = _present(tx, subject)
    return climb.policy if climb else ""


def policy_named(tx: Tx, directory: Directory, name: str) -> Policy | None:
    """The plan's policy of this name as it is now; None where it has none."""
    found = store.digests(tx, directory.plan_id).get(name)
    return policy_of(tx, found) if found else None


def has_policies(tx: Tx, directory: Directory) -> bool:
    """Whether the plan has any escalation."""
    return bool(store.present_digests(tx, directory))


def levels(tx: Tx, climb_id: int) -> dict[int, str]:
    climb = tx.get_one(Climb, climb_id)
    return dict(enumerate(step.level for step in policy_of(tx, climb.policy).steps))


def read_ahead(tx: Tx, kind: str, ids: Collection[int]) -> None:
    """Read at once the climbs of several subjects, and what became of their pages. For whoever changes nothing."""
    found = store.latest_of(tx, kind, ids)
    for subject_id in ids:
        tx.local["climb", Subject(kind, subject_id)] = found.get(subject_id)
    outbox.read_ahead(tx, kind, ids)


def _present(tx: Tx, subject: Subject) -> Climb | None:
    """The climb of a subject, read once in a transaction: only `start` makes another."""
    if ("climb", subject) not in tx.local:
        tx.local["climb", subject] = store.latest(tx, subject)
    climb: Climb | None = tx.local["climb", subject]
    return climb


def _locked(tx: Tx, subject: Subject) -> Climb | None:
    """The same, to be changed: read anew once, since another transaction may have moved it."""
    if ("climb locked", subject) not in tx.local:
        tx.local["climb locked", subject] = tx.local["climb", subject] = store.latest(tx, subject, lock=True)
    climb: Climb | None = tx.local["climb locked", subject]
    return climb


def lock(tx: Tx, subject: Subject) -> None:
    """Read the subject's climb as it is, and keep others from changing it until the transaction ends."""
    _locked(tx, subject)


def _unended(tx: Tx, subject: Subject) -> Climb | None:
    """Its climb, unless the subject is settled; one that the end of the plan has stopped goes on if the plan does."""
    climb = _locked(tx, subject)
    return climb if climb and climb.state != State.ENDED else None


def _running(tx: Tx, subject: Subject) -> Climb:
    climb = _unended(tx, subject)
    if climb is None:
        raise Refused(f"{capital(called(tx, subject))} is over: nobody is paged for it any more.")
    return climb
