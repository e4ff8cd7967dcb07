"""What climbs do in one transaction: whom they page, what the timeline says, and how people see them, rung by rung."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import add
from typing import Any

from callboard.blocks import markup
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Post, Reach
from callboard.core.registry import Key
from callboard.core.timeline import Subject
from callboard.escalation import climbs
from callboard.escalation.climbs import Plus
from callboard.escalation.models import Climb, ClimbVerb, Crew, Move, Policy, State, Why
from callboard.escalation.readers import Also, Readers, facts_of, keys, paged, reached
from callboard.escalation.store import policy_of
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person
from callboard.teams.service import Recipients

REPEAT = "repeat"
"""In the args of a page that repeats what its reader was paged for before; the first page of a step has it not."""
PAGES: Key[Mapping[str, Notice]] = Key("the notice of a page, by the kind of subject that climbs", {})
Weigh = Callable[[Tx, int], str]
WEIGHTS: Key[Mapping[str, Weigh]] = Key("how much a subject matters, by its kind", {})
VERBS = {
    Why.EXHAUSTED: ClimbVerb.RAN_OUT, Why.SNOOZE: ClimbVerb.WOKE_UP, Why.NUDGE: ClimbVerb.REMINDED,
    Why.OVER: ClimbVerb.RAN_OVER,
}  # fmt: skip


@dataclass(frozen=True)
class StepDue:
    """What a climb did, and who was paged for it. `knows`: levels that were passed, since only these are on them.

    `also` is what else they are, by key, on the steps that were paged along with it.
    """

    climb: Climb
    move: Move
    recipients: Recipients
    level: str
    knows: Mapping[str, Sequence[str]]
    also: Also

    @property
    def people(self) -> list[str]:
        return keys(self.recipients)

    @property
    def facts(self) -> dict[str, Any]:
        """What tells its pages from others, whom it passed and who has the matter, as the timeline keeps it."""
        climb, move = self.climb, self.move
        again = move.again and was_paged(climb, self.recipients, move)
        place = {"climb": climb.id, "step": move.step, "repetition": move.repetition, "again": again}
        return place | {"knows": self.knows} | _unheard(climb, move) | holding(climb)


@dataclass(frozen=True)
class HolderAway:
    """Whoever has a subject is away from now on, and `instead` stands in, both by their keys."""

    plan_id: int
    kind: str
    number: int
    holder: str
    instead: str


@dataclass(frozen=True)
class StepsDue:
    """The climbs of one kind of subject that moved in one transaction."""

    kind: str
    steps: Sequence[StepDue]


@dataclass(frozen=True)
class ClimbExhausted:
    """Nobody has taken the subject of a climb, and nobody is left to page."""

    climb: Climb
    at: datetime


def settle(tx: Tx, climb: Climb) -> Climb:
    """Compute the next due instant after a verb; what is due at this very instant is left to the tick."""
    was = climb.due_at
    due = climbs.next_due(climb, policy_of(tx, climb.policy), plus(tx, climb))
    climb.due_at = due.at if due else None
    if climb.due_at != was:
        timeline.stand(tx, climb.plan_id, climb.subject, clock=clock(tx, climb))
    return climb


def clock(tx: Tx, climb: Climb) -> dict[str, Any]:
    """When a climb pages next and why, which level it has reached, and by when somebody is to respond and resolve."""
    policy, add_time = policy_of(tx, climb.policy), plus(tx, climb)
    due, step = climbs.next_due(climb, policy, add_time), policy.steps[climb.reached] if climb.reached >= 0 else None
    waits = step.respond_within if step and climb.state == State.CLIMBING else None
    return {
        "next": due.at.isoformat() if due else None, "why": due.why.value if due else "",
        "level": step.level if step else "", "state": str(climb.state),
        "respond": add_time(climb.stepped_at, waits).isoformat() if waits else None,
        "resolve": climb.resolve_at.isoformat() if climb.resolve_at else None,
    }  # fmt: skip


def plus(tx: Tx, climb: Climb) -> Plus:
    """How time is added on the clocks of this climb: on the wall, or only while the plan works."""
    if not policy_of(tx, climb.policy).working:
        return add
    return teams.directory(tx, climb.plan_id).calendar.add


def holding(climb: Climb) -> dict[str, str]:
    """Who has it, since when, and since when they have said nothing; empty where nobody has it."""
    if climb.holder is None or climb.held_at is None:
        return {}
    silent = climb.idle_from or climb.held_at
    return {"holder": climb.holder, "since": climb.held_at.isoformat(), "silent": silent.isoformat()}


def was_paged(climb: Climb, recipients: Recipients, before: Move | None = None) -> bool:
    """Whether it has paged any of them, `before` a move or at all."""
    return bool(paged(climb, before) & reached(recipients))


def _unheard(climb: Climb, before: Move) -> dict[str, bool]:
    return {} if paged(climb, before) else {"unheard": True}


class Run:
    """One transaction's worth of moves, written in a few statements at the end."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._readers = Readers(tx)
        self._entries: list[dict[str, Any]] = []
        self._moved: list[tuple[dict[str, Any], Climb]] = []
        self._posts: list[Post] = []
        self._again: list[Post] = []
        self._steps: dict[str, list[StepDue]] = {}

    def advance(self, climb: Climb) -> None:
        policy = policy_of(self._tx, climb.policy)
        self._add(climb, policy, self._moves(climb, policy))

    def begin(self, climb: Climb) -> None:
        """Store a climb as it is after its first moves: one statement, and the id that its pages are called by."""
        policy = policy_of(self._tx, climb.policy)
        steps = [self._step(climb, policy, move) for move in self._moves(climb, policy)]
        climb.trail = [_trace(step, self._tx.now) for step in steps]
        climb.id = self._tx.insert_row(climb)
        for step in steps:
            self._tell(policy, step)

    def first(self, climb: Climb) -> list[str]:
        """Whom its first moves page; nothing is written."""
        policy, directory = policy_of(self._tx, climb.policy), teams.directory(self._tx, climb.plan_id)
        told = [self._readers.of_move(climb, policy, move)[1] for move in self._moves(climb, policy)]
        people = (directory.called(recipient.person) for recipients in told for recipient in recipients.people)
        return [*people, *(markup.channel(channel) for recipients in told for channel in recipients.channels)]

    def ask(self, climb: Climb) -> None:
        policy = policy_of(self._tx, climb.policy)
        self._early(climb, policy, climbs.ask(climb, policy, self._tx.now, self.crew(climb, policy)))

    def nudge(self, climb: Climb) -> None:
        """Ask whoever has it, or stands in, how it goes."""
        self._early(climb, policy_of(self._tx, climb.policy), [climbs.nudge(climb, self._tx.now)])

    def _early(self, climb: Climb, policy: Policy, moves: Sequence[Move]) -> None:
        """Moves that were not due yet."""
        due = climbs.next_due(climb, policy, plus(self._tx, climb))
        climb.due_at = due.at if due else None
        self._add(climb, policy, moves)

    def finish(self) -> None:
        for entry, climb in self._moved:
            entry["facts"][timeline.STANDS] = {"clock": clock(self._tx, climb)}
        timeline.append(self._tx, self._entries)
        outbox.enqueue(self._tx, self._posts)
        outbox.supersede(self._tx, self._again)
        for kind, steps in self._steps.items():
            self._tx.publish(StepsDue(kind, steps))
            for step in steps:
                if step.move.why == Why.EXHAUSTED:
                    self._tx.publish(ClimbExhausted(step.climb, step.move.due))

    def _moves(self, climb: Climb, policy: Policy) -> list[Move]:
        return climbs.advance(climb, policy, self._tx.now, plus(self._tx, climb), self.crew(climb, policy))

    def crew(self, climb: Climb, policy: Policy) -> Crew:
        return self._readers.crew(climb, policy, self._tx.now)

    def _add(self, climb: Climb, policy: Policy, moves: Sequence[Move]) -> None:
        for move in moves:
            step = self._step(climb, policy, move)
            self._tell(policy, step)
            climb.trail = [*climb.trail, _trace(step, self._tx.now)]

    def _step(self, climb: Climb, policy: Policy, move: Move) -> StepDue:
        level, recipients = self._readers.of_move(climb, policy, move)
        passed = {policy.steps[step].level: self._readers.knowing(climb, policy.steps[step], self._tx.now)
                  for step in move.empty}  # fmt: skip
        if move.why == Why.EXHAUSTED:
            passed[level] = self._readers.on_top(climb, policy, self._tx.now)
        knows = {each: keys for each, keys in passed.items() if keys}
        return StepDue(climb, move, recipients, level, knows, self._readers.also(climb, policy, move, self._tx.now))

    def _tell(self, policy: Policy, step: StepDue) -> None:
        climb, move = step.climb, step.move
        self._entries.append(timeline.row(
            self._tx, climb.plan_id, climb.subject, VERBS.get(move.why, ClimbVerb.PAGED), level=step.level,
            why=move.why.value, due=move.due.isoformat(), people=step.people, channels=list(step.recipients.channels),
            missed=[policy.steps[number].level for number in move.missed],
            empty=[policy.steps[number].level for number in move.empty], **step.facts,
        ))  # fmt: skip
        self._moved.append((self._entries[-1], climb))
        sent = pages(self._tx, climb, policy, move, step.recipients, step.also)
        before = {person for entry in climb.trail for person in entry["people"]} if climb.reached > 0 else set()
        self._posts += sent
        self._again += [page for page in sent if page.recipient in before]
        self._steps.setdefault(climb.subject_kind, []).append(step)


def _trace(step: StepDue, now: datetime) -> dict[str, Any]:
    move, people = step.move, step.recipients.people
    return {
        "why": move.why.value, "step": move.step, "level": step.level, "due": move.due.isoformat(),
        "at": now.isoformat(), "repetition": move.repetition, "people": step.people,
        "channels": list(step.recipients.channels), "missed": list(move.missed), "empty": list(move.empty),
        "along": list(move.along),
        "instead": {each.person.key: each.instead_of.key for each in people if each.instead_of},
    }  # fmt: skip


def pages(tx: Tx, climb: Climb, policy: Policy, move: Move, to: Recipients, also: Also) -> list[Post]:
    """The pages of a move to people and channels. LookupError for a kind of subject that declared none."""
    notice, directory = tx.of(PAGES)[climb.subject_kind], teams.directory(tx, climb.plan_id)
    # Whoever was reminded when they had it, is told as well that nobody is left: that is another page.
    place = "end" if move.why == Why.EXHAUSTED else "top" if move.step is None else move.step
    stem = f"{outbox.PAGE}{climb.id}:{place}:{move.repetition}"
    args: dict[str, Any] = {"climb": climb.id, "step": move.step, "repetition": move.repetition, "why": move.why.value}
    args |= _unheard(climb, move) | holding(climb)
    if move.again or move.why == Why.NUDGE:
        args[REPEAT] = True
        if move.again and climb.repeats > policy.steps[policy.top].at_most:
            args["daily"] = True
    if move.missed:
        args["missed"] = list(move.missed)
    again = _had(climb, move)
    posts = [notice.post(directory, channel, climb.subject, f"{stem}:{channel}", args=args) for channel in to.channels]
    for recipient in to.people:
        person, reach = recipient.person, directory.reach(recipient.person)
        if reach:
            kind = notice.repeated if person.key in again else notice
            posts += [kind.post(
                directory, way, climb.subject, f"{stem}:{person.key}:{reach.medium}{ending}",
                args=args | facts_of(recipient) | _beside(also, person.key)
                | (_before(climb, person.key) if move.again else {}),
                recipient=person.key, not_before=person.quiet_until(tx.now) if policy.respect_quiet else None,
            ) for way, ending in ways(tx, directory, person, climb.subject)]  # fmt: skip
    return [post for post in posts if post]


def ways(tx: Tx, directory: Directory, person: Person, subject: Subject) -> Iterator[tuple[Reach, str]]:
    """How somebody is paged about a subject, in Slack and as they wish beside; and what ends the key of each page."""
    if reach := directory.reach(person):
        yield reach, ""
    weigh = tx.of(WEIGHTS).get(subject.kind) if person.mediums else None
    if weigh and (beside := directory.beside(person, weigh(tx, subject.id), tx.now)):
        yield beside, outbox.BESIDE


def _before(climb: Climb, person: str) -> dict[str, str]:
    """When somebody was paged about it before, so that the page says what is new since."""
    paged = [entry["at"] for entry in climb.trail if person in entry["people"] and "at" in entry]
    return {"before": paged[-1]} if paged else {}


def _had(climb: Climb, move: Move) -> set[str]:
    """Who got the same step before: for them a page of it is a repetition."""
    alike = (each for each in climb.trail if move.step in steps(each) and each["repetition"] < move.repetition)
    return {person for each in alike for person in each["people"]}


def steps(entry: Mapping[str, Any]) -> tuple[int | None, ...]:
    """The steps that a move on a climb's trail has paged."""
    return (entry["step"], *entry.get("along", ()))


def _beside(also: Also, person: str) -> dict[str, Any]:
    return {"also": list(also[person])} if person in also else {}
