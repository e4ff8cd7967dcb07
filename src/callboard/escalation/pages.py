"""What climbs do in one transaction: whom they page, what the timeline says, and how people see them, rung by rung."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import add
from typing import Any

from callboard import blocks
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Post
from callboard.core.registry import Key
from callboard.escalation import climbs
from callboard.escalation.climbs import Plus, Staffed
from callboard.escalation.models import Climb, ClimbVerb, Move, Policy, State, Step, Why
from callboard.escalation.store import policy_of
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR
from callboard.teams.service import Concern, Recipient, Recipients

PAGES: Key[Mapping[str, Notice]] = Key("the notice of a page, by the kind of subject that climbs", {})
VERBS = {Why.EXHAUSTED: ClimbVerb.RAN_OUT, Why.SNOOZE: ClimbVerb.WOKE_UP}


@dataclass(frozen=True)
class StepDue:
    """What a climb did, and who was paged for it."""

    climb: Climb
    move: Move
    recipients: Recipients
    level: str


@dataclass(frozen=True)
class StepsDue:
    """The climbs of one kind of subject that moved in one transaction."""

    kind: str
    steps: Sequence[StepDue]


def settle(tx: Tx, climb: Climb) -> Climb:
    """Compute the next due instant after a verb; what is due at this very instant is left to the tick."""
    due = climbs.next_due(climb, policy_of(tx, climb.policy), plus(tx, climb))
    climb.due_at = due.at if due else None
    return climb


def plus(tx: Tx, climb: Climb) -> Plus:
    """How time is added on this climb's response clock: on the wall, or only while the plan works."""
    if not policy_of(tx, climb.policy).working:
        return add
    return teams.directory(tx, climb.plan_id).calendar.add


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
        moves = climbs.ask(climb, policy, self._tx.now, self._staffed(climb, policy))
        settle(self._tx, climb)
        self._add(climb, policy, moves)

    def finish(self) -> None:
        timeline.append(self._tx, self._entries)
        outbox.enqueue(self._tx, self._posts)
        outbox.supersede(self._tx, self._again)
        for kind, steps in self._steps.items():
            self._tx.publish(StepsDue(kind, steps))

    def _moves(self, climb: Climb, policy: Policy) -> list[Move]:
        return climbs.advance(climb, policy, self._tx.now, plus(self._tx, climb), self._staffed(climb, policy))

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
            return "", Recipients()
        step = policy.steps[move.step]
        return step.level, self._recipients(climb, step.notify)


def _keys(recipients: Recipients) -> list[str]:
    return [recipient.person.key for recipient in recipients.people]


def _trace(move: Move, level: str, recipients: Recipients) -> dict[str, Any]:
    return {
        "why": move.why.value, "step": move.step, "level": level, "due": move.due.isoformat(),
        "repetition": move.repetition, "people": _keys(recipients), "channels": list(recipients.channels),
        "instead": {each.person.key: each.instead_of.key for each in recipients.people if each.instead_of},
        "missed": list(move.missed), "empty": list(move.empty),
    }  # fmt: skip


def pages(tx: Tx, climb: Climb, policy: Policy, move: Move, to: Recipients) -> list[Post]:
    """The pages of a move to people and channels. LookupError for a kind of subject that declared none."""
    notice, directory = tx.of(PAGES)[climb.subject_kind], teams.directory(tx, climb.plan_id)
    stem = f"page:{climb.id}:{'top' if move.step is None else move.step}:{move.repetition}"
    args: dict[str, Any] = {"climb": climb.id, "step": move.step, "repetition": move.repetition, "why": move.why.value}
    if move.missed:
        args["missed"] = list(move.missed)
    again = _had(climb, move)
    posts = [notice.post(directory, channel, climb.subject, f"{stem}:{channel}", args=args) for channel in to.channels]
    for recipient in to.people:
        person, reach = recipient.person, directory.reach(recipient.person)
        if reach:
            kind = notice.repeated if person.key in again else notice
            posts.append(kind.post(
                directory, reach, climb.subject, f"{stem}:{person.key}:{reach.medium}", args=args | _facts(recipient),
                recipient=person.key, not_before=person.quiet_until(tx.now) if policy.respect_quiet else None,
            ))  # fmt: skip
    return [post for post in posts if post]


def _had(climb: Climb, move: Move) -> set[str]:
    """Who got the same step before: for them a page of it is a repetition."""
    alike = (each for each in climb.trail if each["step"] == move.step and each["repetition"] < move.repetition)
    return {person for each in alike for person in each["people"]}


def _facts(recipient: Recipient) -> dict[str, str]:
    instead = {"instead_of": recipient.instead_of.key} if recipient.instead_of else {}
    return {"to": recipient.person.key, "reason": recipient.why, **instead}


class RungState(StrEnum):
    PAGED = "paged"
    MISSED = "missed"
    EMPTY = "empty"
    NEXT = "next"
    LATER = "later"
    SPARED = "spared"


@dataclass(frozen=True)
class Rung:
    level: str
    whom: tuple[str, ...]
    state: RungState
    at: datetime | None


@dataclass(frozen=True)
class Ladder:
    """A climb as people see it. `next_at` and `next_why` say what happens if nobody does anything."""

    climb: int | None
    state: str
    rungs: tuple[Rung, ...]
    next_at: datetime | None
    next_why: Why | None
    next_level: str | None


def ladder_of(tx: Tx, climb: Climb) -> Ladder:
    policy = policy_of(tx, climb.policy)
    due = climbs.next_due(climb, policy, plus(tx, climb))
    following = climb.reached + 1 if climb.reached < policy.top else None
    return Ladder(
        climb=climb.id, state=climb.state, rungs=tuple(_rungs(tx, climb, following)),
        next_at=due.at if due else None, next_why=due.why if due else None,
        next_level=None if following is None else policy.steps[following].level,
    )  # fmt: skip


def _rungs(tx: Tx, climb: Climb, following: int | None) -> Iterator[Rung]:
    policy = policy_of(tx, climb.policy)
    sent = {move["step"]: move for move in reversed(climb.trail) if move["step"] is not None}
    empty, missed = ({step for move in climb.trail for step in move[why]} for why in ("empty", "missed"))
    for number, step in enumerate(policy.steps):
        at, state = None, RungState.LATER
        if number in sent:
            at, state = datetime.fromisoformat(sent[number]["due"]), RungState.PAGED
        elif number in empty:
            state = RungState.EMPTY
        elif number in missed:
            state = RungState.MISSED
        elif number <= climb.reached or climb.state in (State.HELD, State.ENDED):
            state = RungState.SPARED
        elif climb.state == State.CLIMBING:
            at = climbs.step_due(climb, policy, number, plus(tx, climb))
            state = RungState.NEXT if number == following else RungState.LATER
        yield Rung(step.level, _names(tx, climb, step, sent.get(number)), state, at)


def _names(tx: Tx, climb: Climb, step: Step, sent: Mapping[str, Any] | None) -> tuple[str, ...]:
    directory = teams.directory(tx, climb.plan_id)
    if sent is not None:
        return (*map(directory.called, directory.named(sent["people"])), *map(blocks.channel, sent["channels"]))
    meant = teams.who(directory, step.notify, concern(climb), tx.now)
    people = (recipient.person for recipient in meant.people)
    return (*map(directory.called, people), *map(blocks.channel, meant.channels))
