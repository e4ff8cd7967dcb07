"""What climbs do in one transaction: when each is due next, whom it pages, what the timeline says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard.core import outbox, timeline
from callboard.core.outbox import Post, Priority
from callboard.escalation import models
from callboard.escalation.events import StepDue, StepsDue
from callboard.escalation.models import Climb, Move, Plus, Policy, Why
from callboard.escalation.policies import policy_of
from callboard.teams import service as teams
from callboard.teams.service import Concern, Directory, Recipient, Recipients

if TYPE_CHECKING:
    from callboard.core.db import Tx

NOBODY = Recipients(people=(), channels=())


def settle(tx: Tx, climb: Climb) -> Climb:
    """Compute the next due instant after a verb; what is due at this very instant is left to the tick."""
    due = models.next_due(climb, policy_of(tx, climb.policy), plus(tx, climb))
    climb.due_at = due.at if due else None
    tx.session.add(climb)
    return climb


def plus(tx: Tx, climb: Climb) -> Plus:
    """How time is added on this climb's response clock: on the wall, or only while the plan works."""
    if not policy_of(tx, climb.policy).working:
        return _on_the_wall
    directory = teams.directory(tx, climb.plan_id)
    return directory.calendar.add


def _on_the_wall(start: datetime, span: timedelta) -> datetime:
    return start + span


def concern(climb: Climb) -> Concern:
    """Whom a climb is about, as who-expressions read it."""
    return Concern(team=climb.team, reporter=climb.reporter, assignees=tuple(climb.assignees))


class Run:
    """One transaction's worth of moves, written in a few statements at the end."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._who: dict[tuple[Any, ...], Recipients] = {}
        self._entries: list[dict[str, Any]] = []
        self._posts: list[Post] = []
        self._again: list[Post] = []
        self._steps: dict[str, list[StepDue]] = {}

    def advance(self, climb: Climb) -> None:
        policy = policy_of(self._tx, climb.policy)
        moves = models.advance(climb, policy, self._tx.now, plus(self._tx, climb), self._staffed(climb, policy))
        self._add(climb, policy, moves)

    def begin(self, climb: Climb) -> None:
        """Store a climb as it is after its first moves: one statement, and the id that its pages are called by."""
        policy = policy_of(self._tx, climb.policy)
        moves = models.advance(climb, policy, self._tx.now, plus(self._tx, climb), self._staffed(climb, policy))
        told = [self._told(climb, policy, move) for move in moves]
        climb.trail = [_trace(move, *whom) for move, whom in zip(moves, told, strict=True)]
        climb.id = self._tx.insert_row(climb)
        for move, whom in zip(moves, told, strict=True):
            self._tell(climb, policy, move, *whom)

    def ask(self, climb: Climb) -> None:
        policy = policy_of(self._tx, climb.policy)
        moves = models.ask(climb, policy, self._tx.now, self._staffed(climb, policy))
        settle(self._tx, climb)
        self._add(climb, policy, moves)

    def finish(self) -> None:
        timeline.append(self._tx, self._entries)
        outbox.enqueue(self._tx, self._posts)
        outbox.supersede(self._tx, self._again)
        for kind, steps in self._steps.items():
            self._tx.publish(StepsDue(kind, steps))

    def _staffed(self, climb: Climb, policy: Policy) -> Callable[[int], bool]:
        def staffed(step: int) -> bool:
            found = self._recipients(climb, policy.steps[step].notify)
            return bool(found.people or found.channels)

        return staffed

    def _recipients(self, climb: Climb, notify: tuple[str, ...]) -> Recipients:
        key = (climb.plan_id, notify, climb.team, climb.reporter, tuple(climb.assignees))
        if key not in self._who:
            directory = teams.directory(self._tx, climb.plan_id)
            found = teams.who(directory, notify, concern(climb), self._tx.now)
            reachable = tuple(r for r in found.people if directory.reach(r.person) is not None)
            self._who[key] = Recipients(people=reachable, channels=found.channels)
        return self._who[key]

    def _add(self, climb: Climb, policy: Policy, moves: Sequence[Move]) -> None:
        for move in moves:
            level, recipients = self._told(climb, policy, move)
            self._tell(climb, policy, move, level, recipients)
            climb.trail = [*climb.trail, _trace(move, level, recipients)]

    def _tell(self, climb: Climb, policy: Policy, move: Move, level: str, recipients: Recipients) -> None:
        self._entries.append(
            timeline.row(
                self._tx,
                climb.plan_id,
                climb.subject,
                _verb(move),
                level=level,
                why=move.why.value,
                due=move.due.isoformat(),
                people=[r.person.key for r in recipients.people],
                channels=list(recipients.channels),
                missed=[policy.steps[k].level for k in move.missed],
                empty=[policy.steps[k].level for k in move.empty],
            )
        )
        pages = self._pages(climb, policy, move, recipients)
        before = {person for entry in climb.trail for person in entry["people"]} if climb.reached > 0 else set()
        self._posts += pages
        self._again += [page for page in pages if page.recipient in before]
        self._steps.setdefault(climb.subject_kind, []).append(StepDue(climb, move, recipients, level))

    def _told(self, climb: Climb, policy: Policy, move: Move) -> tuple[str, Recipients]:
        if move.why == Why.EXHAUSTED:
            return "Coordinator", self._recipients(climb, ("coordinator",))
        if move.step is None:
            return "", NOBODY
        step = policy.steps[move.step]
        return step.level, self._recipients(climb, step.notify)

    def _pages(self, climb: Climb, policy: Policy, move: Move, recipients: Recipients) -> list[Post]:
        directory = teams.directory(self._tx, climb.plan_id)
        rung = "top" if move.step is None else str(move.step)
        stem = f"page:{climb.id}:{rung}:{move.repetition}"
        posts = [
            _page(climb, directory, f"{stem}:{address}", address, "slack", move) for address in recipients.channels
        ]
        for recipient in recipients.people:
            reach = directory.reach(recipient.person)
            if reach is None:
                continue
            not_before = recipient.person.quiet_until(self._tx.now) if policy.respect_quiet else None
            posts.append(
                _page(
                    climb,
                    directory,
                    f"{stem}:{recipient.person.key}:{reach.medium}",
                    reach.address,
                    reach.medium,
                    move,
                    recipient,
                    not_before,
                )
            )
        return posts


def _page(
    climb: Climb,
    directory: Directory,
    key: str,
    address: str,
    medium: str,
    move: Move,
    recipient: Recipient | None = None,
    not_before: datetime | None = None,
) -> Post:
    args: dict[str, Any] = {"climb": climb.id, "step": move.step, "repetition": move.repetition, "why": move.why.value}
    if move.missed:
        args["missed"] = list(move.missed)
    if recipient is not None:
        args |= {"to": recipient.person.key, "reason": recipient.why}
        if recipient.instead_of is not None:
            args["instead_of"] = recipient.instead_of.key
    return Post(
        key=key,
        plan_id=climb.plan_id,
        workspace=directory.workspace,
        address=address,
        kind=f"{climb.subject_kind}.page",
        subject=climb.subject,
        priority=Priority.PAGE,
        medium=medium,
        args=args,
        editable=medium == "slack",
        recipient=recipient.person.key if recipient else None,
        not_before=not_before,
    )


def _verb(move: Move) -> str:
    match move.why:
        case Why.EXHAUSTED:
            return "ran out of steps"
        case Why.SNOOZE:
            return "woke up"
    return "paged"


def _trace(move: Move, level: str, recipients: Recipients) -> dict[str, Any]:
    return {
        "why": move.why.value,
        "step": move.step,
        "level": level,
        "due": move.due.isoformat(),
        "repetition": move.repetition,
        "people": [r.person.key for r in recipients.people],
        "channels": list(recipients.channels),
        "instead": {r.person.key: r.instead_of.key for r in recipients.people if r.instead_of},
        "missed": list(move.missed),
        "empty": list(move.empty),
    }
