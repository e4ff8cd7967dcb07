"""What climbs do when somebody who was paged goes away, and when the plan ends at another time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.escalation import climbs, span, store
from callboard.escalation.models import Climb, ClimbVerb, Move, State, Why
from callboard.escalation.pages import HolderAway, Run, pages, settle, steps
from callboard.escalation.readers import concern
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.teams import service as teams
from callboard.teams.models import PersonAway
from callboard.teams.service import Directory, Recipients


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """The plan, or a phase, ends at another time: so do its climbs; one that had ended with it goes on."""
    for climb in store.unsettled(tx, event.plan_id):
        ends_at = span.ends_at(tx, climb)
        if ends_at == climb.ends_at:
            continue
        locked = store.latest(tx, climb.subject, lock=True)
        if locked and locked.id == climb.id:
            if locked.state == State.OVER and locked.ends_at and (ends_at is None or ends_at > tx.now):
                climbs.revive(locked)
                climbs.stand_still(locked, max(locked.ends_at, locked.stepped_at), tx.now)
            locked.ends_at = ends_at
            settle(tx, locked)
    _show_anew(tx, store.running(tx, event.plan_id))


def _show_anew(tx: Tx, running: Iterable[Climb]) -> None:
    """What cards say of who is next may not be so any more."""
    subjects: dict[str, list[int]] = {}
    for climb in running:
        subjects.setdefault(climb.subject_kind, []).append(climb.subject_id)
    for kind, ids in subjects.items():
        outbox.touch(tx, kind, ids)


def on_person_away(tx: Tx, event: PersonAway) -> None:
    """Page a stand-in for each climb that waits for somebody who is away now; a later absence changes nothing yet."""
    directory = teams.directory(tx, event.plan_id)
    running = store.running(tx, event.plan_id)
    _show_anew(tx, running)
    person = directory.people.get(event.person)
    if person is None or person.present(tx.now):
        return
    instead = directory.standing_in(person, tx.now)
    if instead and person.lost:
        _ask_instead(tx, event.plan_id, person.key)
    elif instead:
        for climb in (each for each in running if each.holder == person.key):
            tx.publish(HolderAway(event.plan_id, climb.subject_kind, climb.subject_id, person.key, instead.key))
    for climb in store.waiting(tx, event.plan_id):
        paged = next((move for move in reversed(climb.trail) if climb.reached in steps(move)), None)
        if paged and person.key in paged["people"]:
            _page_instead(tx, directory, climb, paged, person.key)


def _ask_instead(tx: Tx, plan_id: int, holder: str) -> None:
    """Whoever stands in hears at once of what somebody had who does not come back."""
    run = Run(tx)
    for climb in store.held(tx, plan_id, holder):
        run.nudge(climb)
    run.finish()


def _page_instead(tx: Tx, directory: Directory, climb: Climb, paged: dict[str, Any], away: str) -> None:
    """The page that whoever stands in would have had, had they stood in already."""
    policy = store.policy_of(tx, climb.policy)
    words = [word for step in steps(paged) if step is not None for word in policy.steps[step].notify]
    others = tuple(
        other for other in teams.who(directory, words, concern(climb), tx.now).people
        if other.instead_of and other.instead_of.key == away
        and other.person.key not in paged["people"] and directory.reach(other.person)
    )  # fmt: skip
    if not others:
        return
    keys = [other.person.key for other in others]
    told = paged | {"people": [*paged["people"], *keys], "instead": paged["instead"] | dict.fromkeys(keys, away)}
    climb.trail = [told if move is paged else move for move in climb.trail]
    timeline.record(
        tx, climb.plan_id, climb.subject, ClimbVerb.PAGED, level=paged["level"], why=Why.STANDS_IN.value,
        due=tx.now.isoformat(), people=keys, channels=[], missed=[], empty=[],
    )  # fmt: skip
    move = Move(Why(paged["why"]), tx.now, paged["step"], paged["repetition"])
    outbox.enqueue(tx, pages(tx, climb, policy, move, Recipients(people=others), {}), one_cause=True)
    outbox.touch(tx, climb.subject_kind, [climb.subject_id])
