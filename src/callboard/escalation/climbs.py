"""What climbs do in one transaction: whom they page, what the timeline says, when each is due next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard.core import outbox, timeline
from callboard.core.notices import Notice
from callboard.core.outbox import Post
from callboard.core.registry import Key
from callboard.escalation import clocks
from callboard.escalation.clocks import Plus, Staffed
from callboard.escalation.events import StepDue, StepsDue
from callboard.escalation.models import Climb, ClimbVerb, Move, Policy, Why
from callboard.escalation.store import policy_of
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR
from callboard.teams.service import Concern, Recipient, Recipients

if TYPE_CHECKING:
    from callboard.core.db import Tx

PAGES: Key[Mapping[str, Notice]] = Key("the notice of a page, by the kind of subject that climbs", {})
NOBODY = Recipients(people=(), channels=())
VERBS = {Why.EXHAUSTED: ClimbVerb.RAN_OUT, Why.SNOOZE: ClimbVerb.WOKE_UP}


def settle(tx: Tx, climb: Climb) -> Climb:
    """Compute the next due instant after a verb; what is due at this very instant is left to the tick."""
    due = clocks.next_due(climb, policy_of(tx, climb.policy), plus(tx, climb))
    climb.due_at = due.at if due else None
    tx.session.add(climb)
    return climb


def plus(tx: Tx, climb: Climb) -> Plus:
    """How time is added on this climb's response clock: on the wall, or only while the plan works."""
    if not policy_of(tx, climb.policy).working:
        return _on_the_wall
    return teams.directory(tx, climb.plan_id).calendar.add


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
        self._add(climb, policy, self._moves(climb, policy))

    def begin(self, climb: Climb) -> None:
        """Store a climb as it is after its first moves: one statement, and the id that its pages are called by."""
        policy = policy_of(self._tx, climb.policy)
        steps = [(move, *self._reached(climb, policy, move)) for move in self._moves(climb, policy)]
        climb.trail = [_trace(*step) for step in steps]
        climb.id = self._tx.insert_row(climb)
        for step in steps:
            self._tell(climb, policy, *step)

    def ask(self, climb: Climb) -> None:
        policy = policy_of(self._tx, climb.policy)
        moves = clocks.ask(climb, policy, self._tx.now, self._staffed(climb, policy))
        settle(self._tx, climb)
        self._add(climb, policy, moves)

    def finish(self) -> None:
        timeline.append(self._tx, self._entries)
        outbox.enqueue(self._tx, self._posts)
        outbox.supersede(self._tx, self._again)
        for kind, steps in self._steps.items():
            self._tx.publish(StepsDue(kind, steps))

    def _moves(self, climb: Climb, policy: Policy) -> list[Move]:
        return clocks.advance(climb, policy, self._tx.now, plus(self._tx, climb), self._staffed(climb, policy))

    def _staffed(self, climb: Climb, policy: Policy) -> Staffed:
        return lambda step: not self._recipients(climb, policy.steps[step].notify).nobody

    def _recipients(self, climb: Climb, notify: tuple[str, ...]) -> Recipients:
        key = (climb.plan_id, notify, climb.team, climb.reporter, tuple(climb.assignees))
        if key not in self._who:
            directory = teams.directory(self._tx, climb.plan_id)
            meant = teams.who(directory, notify, concern(climb), self._tx.now)
            reachable = tuple(recipient for recipient in meant.people if directory.reach(recipient.person))
            self._who[key] = Recipients(people=reachable, channels=meant.channels)
        return self._who[key]

    def _add(self, climb: Climb, policy: Policy, moves: Sequence[Move]) -> None:
        for move in moves:
            level, recipients = self._reached(climb, policy, move)
            self._tell(climb, policy, move, level, recipients)
            climb.trail = [*climb.trail, _trace(move, level, recipients)]

    def _tell(self, climb: Climb, policy: Policy, move: Move, level: str, recipients: Recipients) -> None:
        self._entries.append(timeline.row(
            self._tx, climb.plan_id, climb.subject, VERBS.get(move.why, ClimbVerb.PAGED), level=level,
            why=move.why.value, due=move.due.isoformat(), people=_keys(recipients), channels=list(recipients.channels),
            missed=[policy.steps[step].level for step in move.missed],
            empty=[policy.steps[step].level for step in move.empty],
        ))  # fmt: skip
        sent = pages(self._tx, climb, policy, move, recipients)
        before = {person for entry in climb.trail for person in entry["people"]} if climb.reached > 0 else set()
        self._posts += sent
        self._again += [page for page in sent if page.recipient in before]
        self._steps.setdefault(climb.subject_kind, []).append(StepDue(climb, move, recipients, level))

    def _reached(self, climb: Climb, policy: Policy, move: Move) -> tuple[str, Recipients]:
        if move.why == Why.EXHAUSTED:
            return "Coordinator", self._recipients(climb, (COORDINATOR,))
        if move.step is None:
            return "", NOBODY
        step = policy.steps[move.step]
        return step.level, self._recipients(climb, step.notify)


def _keys(recipients: Recipients) -> list[str]:
    return [recipient.person.key for recipient in recipients.people]


def _trace(move: Move, level: str, recipients: Recipients) -> dict[str, Any]:
    return {
        "why": move.why.value,
        "step": move.step,
        "level": level,
        "due": move.due.isoformat(),
        "repetition": move.repetition,
        "people": _keys(recipients),
        "channels": list(recipients.channels),
        "instead": {each.person.key: each.instead_of.key for each in recipients.people if each.instead_of},
        "missed": list(move.missed),
        "empty": list(move.empty),
    }


def pages(tx: Tx, climb: Climb, policy: Policy, move: Move, to: Recipients) -> list[Post]:
    """The pages of a move to people and channels. LookupError for a kind of subject that declared none."""
    notice, directory = tx.of(PAGES)[climb.subject_kind], teams.directory(tx, climb.plan_id)
    stem = f"page:{climb.id}:{'top' if move.step is None else move.step}:{move.repetition}"
    args: dict[str, Any] = {"climb": climb.id, "step": move.step, "repetition": move.repetition, "why": move.why.value}
    if move.missed:
        args["missed"] = list(move.missed)
    posts = [notice.post(directory, channel, climb.subject, f"{stem}:{channel}", args=args) for channel in to.channels]
    for recipient in to.people:
        person, reach = recipient.person, directory.reach(recipient.person)
        if reach:
            posts.append(notice.post(
                directory, reach, climb.subject, f"{stem}:{person.key}:{reach.medium}", args=args | _facts(recipient),
                recipient=person.key, not_before=person.quiet_until(tx.now) if policy.respect_quiet else None,
            ))  # fmt: skip
    return [post for post in posts if post]


def _facts(recipient: Recipient) -> dict[str, str]:
    instead = {"instead_of": recipient.instead_of.key} if recipient.instead_of else {}
    return {"to": recipient.person.key, "reason": recipient.why, **instead}
