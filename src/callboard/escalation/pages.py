"""What climbs do in one transaction: whom they page, what the timeline says, and how people see them, rung by rung."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
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
from callboard.escalation.climbs import Plus, Staffed
from callboard.escalation.models import Climb, ClimbVerb, Move, Policy, State, Step, Why
from callboard.escalation.store import policy_of
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Directory, Person
from callboard.teams.service import Concern, Recipient, Recipients

LEADS = ("all leads",)
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
    """What a climb did, and who was paged for it. `knows`: levels that were passed, since only these are on them."""

    climb: Climb
    move: Move
    recipients: Recipients
    level: str
    knows: Mapping[str, Sequence[str]]

    @property
    def people(self) -> list[str]:
        return _keys(self.recipients)

    @property
    def facts(self) -> dict[str, Any]:
        """What tells its pages from others, whom it passed and who has the matter, as the timeline keeps it."""
        climb, move = self.climb, self.move
        again = move.again and was_paged(climb, self.recipients, move)
        place = {"climb": climb.id, "step": move.step, "repetition": move.repetition, "again": again}
        return place | {"knows": self.knows} | _unheard(climb, move) | holding(climb)


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
    """How time is added on this climb's response clock: on the wall, or only while the plan works."""
    if not policy_of(tx, climb.policy).working:
        return add
    return teams.directory(tx, climb.plan_id).calendar.add


def concern(climb: Climb) -> Concern:
    """Whom a climb is about, as who-expressions read it."""
    return Concern(
        team=climb.team, teams=tuple(climb.teams or ()), reporter=climb.reporter, assignees=tuple(climb.assignees)
    )


def holding(climb: Climb) -> dict[str, str]:
    """Who has it, since when, and since when they have said nothing; empty where nobody has it."""
    if climb.holder is None or climb.held_at is None:
        return {}
    silent = climb.idle_from or climb.held_at
    return {"holder": climb.holder, "since": climb.held_at.isoformat(), "silent": silent.isoformat()}


def _paged(climb: Climb, before: Move | None) -> set[str]:
    """Everybody whom it has paged, and every channel; not by the move that is meant."""
    own = (before.why.value, before.step, before.repetition) if before else None
    entries = (each for each in climb.trail or () if (each["why"], each["step"], each["repetition"]) != own)
    return {reader for entry in entries for reader in (*entry["people"], *entry["channels"])}


def was_paged(climb: Climb, recipients: Recipients, before: Move | None = None) -> bool:
    """Whether it has paged any of them, `before` a move or at all."""
    return bool(_paged(climb, before) & {*_keys(recipients), *recipients.channels})


def _unheard(climb: Climb, before: Move) -> dict[str, bool]:
    return {} if _paged(climb, before) else {"unheard": True}


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
        moves = climbs.ask(climb, policy, self._tx.now, self.staffed(climb, policy))
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
        return climbs.advance(climb, policy, self._tx.now, plus(self._tx, climb), self.staffed(climb, policy))

    def staffed(self, climb: Climb, policy: Policy) -> Staffed:
        return self._readers.staffed(climb, policy, self._tx.now)

    def _add(self, climb: Climb, policy: Policy, moves: Sequence[Move]) -> None:
        for move in moves:
            step = self._step(climb, policy, move)
            self._tell(policy, step)
            climb.trail = [*climb.trail, _trace(step, self._tx.now)]

    def _step(self, climb: Climb, policy: Policy, move: Move) -> StepDue:
        level, recipients = self._readers.of_move(climb, policy, move)
        passed = {step: self._readers.knowing(climb, policy.steps[step], self._tx.now) for step in move.empty}
        knows = {policy.steps[step].level: keys for step, keys in passed.items() if keys}
        return StepDue(climb, move, recipients, level, knows)

    def _tell(self, policy: Policy, step: StepDue) -> None:
        climb, move = step.climb, step.move
        self._entries.append(timeline.row(
            self._tx, climb.plan_id, climb.subject, VERBS.get(move.why, ClimbVerb.PAGED), level=step.level,
            why=move.why.value, due=move.due.isoformat(), people=step.people, channels=list(step.recipients.channels),
            missed=[policy.steps[number].level for number in move.missed],
            empty=[policy.steps[number].level for number in move.empty], **step.facts,
        ))  # fmt: skip
        self._moved.append((self._entries[-1], climb))
        sent = pages(self._tx, climb, policy, move, step.recipients)
        before = {person for entry in climb.trail for person in entry["people"]} if climb.reached > 0 else set()
        self._posts += sent
        self._again += [page for page in sent if page.recipient in before]
        self._steps.setdefault(climb.subject_kind, []).append(step)


class Readers:
    """Whom the steps of climbs reach at an instant: neither who raised the matter, since they know, nor who has it."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._found: dict[tuple[Any, ...], Recipients] = {}
        self._moments: dict[tuple[int, datetime], Hashable] = {}

    def staffed(self, climb: Climb, policy: Policy, at: datetime) -> Staffed:
        return lambda step: not self.of_step(climb, policy.steps[step].notify, at).nobody

    def of_move(self, climb: Climb, policy: Policy, move: Move, at: datetime | None = None) -> tuple[str, Recipients]:
        """The level that a move reaches and who is on it; whoever has it where no step is left.

        Past the last step these are the coordinators; where nobody was paged and none of them can be, all leads.
        """
        at = at or self._tx.now
        if move.why == Why.EXHAUSTED:
            told = self.of_step(climb, (COORDINATOR,), at)
            if told.nobody and not _paged(climb, move):
                return "All leads", self.of_step(climb, LEADS, at)
            return "Coordinator", told
        if move.step is not None:
            step = policy.steps[move.step]
            return step.level, self.of_step(climb, step.notify, at)
        if climb.holder and move.why not in (Why.OVER, Why.SNOOZE):
            return "", self._meant(climb, (climb.holder,), at)
        return "", Recipients()

    def of_step(self, climb: Climb, notify: tuple[str, ...], at: datetime) -> Recipients:
        key = (climb.plan_id, notify, concern(climb), climb.holder, self._as_of(climb.plan_id, at))
        if key not in self._found:
            meant, spared = self._meant(climb, notify, at), self._spared(climb, notify)
            people = tuple(recipient for recipient in meant.people if recipient.person.key not in spared)
            self._found[key] = Recipients(people=people, channels=meant.channels)
        return self._found[key]

    def _as_of(self, plan_id: int, at: datetime) -> Hashable:
        if (plan_id, at) not in self._moments:
            self._moments[plan_id, at] = teams.directory(self._tx, plan_id).as_of(at)
        return self._moments[plan_id, at]

    def knowing(self, climb: Climb, step: Step, at: datetime) -> list[str]:
        """Who is on a step and is not paged: they raised it, or they have it."""
        spared = self._spared(climb, step.notify)
        return [key for key in _keys(self._meant(climb, step.notify, at)) if key in spared]

    def _spared(self, climb: Climb, notify: tuple[str, ...]) -> set[str | None]:
        return {climb.holder, *(() if "reporter" in notify else (climb.reporter,))}

    def _meant(self, climb: Climb, notify: tuple[str, ...], at: datetime) -> Recipients:
        directory = teams.directory(self._tx, climb.plan_id)
        meant = teams.who(directory, notify, concern(climb), at)
        reachable = tuple(recipient for recipient in meant.people if directory.reach(recipient.person))
        return Recipients(people=reachable, channels=meant.channels)


def _keys(recipients: Recipients) -> list[str]:
    return [recipient.person.key for recipient in recipients.people]


def _trace(step: StepDue, now: datetime) -> dict[str, Any]:
    move, people = step.move, step.recipients.people
    return {
        "why": move.why.value, "step": move.step, "level": step.level, "due": move.due.isoformat(),
        "at": now.isoformat(), "repetition": move.repetition, "people": step.people,
        "channels": list(step.recipients.channels), "missed": list(move.missed), "empty": list(move.empty),
        "instead": {each.person.key: each.instead_of.key for each in people if each.instead_of},
    }  # fmt: skip


def pages(tx: Tx, climb: Climb, policy: Policy, move: Move, to: Recipients) -> list[Post]:
    """The pages of a move to people and channels. LookupError for a kind of subject that declared none."""
    notice, directory = tx.of(PAGES)[climb.subject_kind], teams.directory(tx, climb.plan_id)
    stem = f"{outbox.PAGE}{climb.id}:{'top' if move.step is None else move.step}:{move.repetition}"
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
                args=args | _facts(recipient) | (_before(climb, person.key) if move.again else {}),
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
    alike = (each for each in climb.trail if each["step"] == move.step and each["repetition"] < move.repetition)
    return {person for each in alike for person in each["people"]}


def _facts(recipient: Recipient) -> dict[str, str]:
    instead = {"instead_of": recipient.instead_of.key} if recipient.instead_of else {}
    return {"to": recipient.person.key, "reason": recipient.why, **instead}
