"""Somebody who was paged goes away before anybody acknowledged: whoever stands in for them is paged at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from callboard.core import outbox, timeline
from callboard.core.outbox import Post, Priority
from callboard.escalation.models import Climb, State
from callboard.escalation.policies import policy_of
from callboard.teams import service as teams
from callboard.teams.events import PersonAway
from callboard.teams.service import Concern, Directory, Recipient

if TYPE_CHECKING:
    from callboard.core.db import Tx

WHY = "they stand in for somebody who was paged and is away"


def on_person_away(tx: Tx, event: PersonAway) -> None:
    """Look for climbs that wait for somebody who is away from now on. Who will be away later is not asked here."""
    directory = teams.directory(tx, event.plan_id)
    person = directory.people.get(event.person)
    if person is None or person.present(tx.now):
        return
    waiting = select(Climb).where(Climb.plan_id == event.plan_id, Climb.state == State.CLIMBING)
    for climb in tx.session.exec(waiting.order_by(col(Climb.id)).with_for_update()).all():
        paged = next((entry for entry in reversed(climb.trail) if entry["step"] == climb.reached), None)
        if paged and person.key in paged["people"]:
            _page_instead(tx, directory, climb, paged, person.key)


def _page_instead(tx: Tx, directory: Directory, climb: Climb, paged: dict[str, Any], away: str) -> None:
    step = policy_of(tx, climb.policy).steps[climb.reached]
    concern = Concern(team=climb.team, reporter=climb.reporter, assignees=tuple(climb.assignees))
    found = teams.who(directory, step.notify, concern, tx.now).people
    others = [one for one in found if one.instead_of and one.instead_of.key == away]
    others = [one for one in others if one.person.key not in paged["people"] and directory.reach(one.person)]
    if not others:
        return
    keys = [one.person.key for one in others]
    told = paged | {"people": [*paged["people"], *keys], "instead": paged["instead"] | dict.fromkeys(keys, away)}
    climb.trail = [told if entry is paged else entry for entry in climb.trail]
    tx.session.add(climb)
    timeline.record(
        tx, climb.plan_id, climb.subject, "paged", level=paged["level"], why=WHY, due=tx.now.isoformat(), people=keys,
        channels=[], missed=[], empty=[],
    )  # fmt: skip
    outbox.enqueue(tx, [post for one in others for post in _page(tx, directory, climb, paged, one)])
    outbox.touch(tx, climb.subject_kind, [climb.subject_id])


def _page(tx: Tx, directory: Directory, climb: Climb, paged: dict[str, Any], to: Recipient) -> Iterator[Post]:
    """The page that whoever stands in would have had, had they stood in already."""
    reach, policy = directory.reach(to.person), policy_of(tx, climb.policy)
    if reach is None or to.instead_of is None:
        return
    rung = f"{paged['step']}:{paged['repetition']}"
    yield Post(
        key=f"page:{climb.id}:{rung}:{to.person.key}:{reach.medium}", plan_id=climb.plan_id,
        workspace=directory.workspace, address=reach.address, kind=f"{climb.subject_kind}.page",
        subject=climb.subject, priority=Priority.PAGE, medium=reach.medium, editable=reach.medium == "slack",
        recipient=to.person.key, not_before=to.person.quiet_until(tx.now) if policy.respect_quiet else None,
        args={"climb": climb.id, "step": paged["step"], "repetition": paged["repetition"], "why": paged["why"],
              "to": to.person.key, "reason": to.why, "instead_of": to.instead_of.key},
    )  # fmt: skip
