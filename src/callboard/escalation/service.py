"""The verbs of a climb: start, hold, let go, snooze, go on, end. It pages people and knows nothing of its subject."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard.core import blocks, outbox, timeline
from callboard.core.errors import Refused
from callboard.core.outbox import Post, Priority
from callboard.core.rows import fresh
from callboard.core.subject import Subject
from callboard.escalation import models, store
from callboard.escalation.models import Climb, Move, Plus, Policy, State, Step, Why
from callboard.teams import service as teams
from callboard.teams.service import Concern, Directory, Person, Recipient, Recipients

if TYPE_CHECKING:
    from callboard.core.db import Tx

NOBODY = Recipients(people=(), channels=())


@dataclass(frozen=True)
class StepDue:
    """A climb moved: what happened, and who was paged for it."""

    climb: Climb
    move: Move
    recipients: Recipients
    level: str


@dataclass(frozen=True)
class StepsDue:
    """Climbs of subjects of one kind that moved in one transaction."""

    kind: str
    steps: Sequence[StepDue]


@dataclass(frozen=True)
class Rung:
    """A step as people see it. `state`: paged, missed, empty, next, later or spared."""

    level: str
    whom: tuple[str, ...]
    state: str
    at: datetime | None


@dataclass(frozen=True)
class Ladder:
    """A climb as people see it. `next_at` and `next_why` say what happens by itself if nobody does anything."""

    state: str
    rungs: tuple[Rung, ...]
    next_at: datetime | None
    next_why: Why | None
    next_level: str | None
    snoozed_until: datetime | None
    resolve_at: datetime | None


def start(tx: Tx, plan_id: int, subject: Subject, policy_digest: str, concern: Concern) -> Climb:
    """Begin a climb now, and page whoever is due at once."""
    climb = fresh(
        Climb,
        plan_id=plan_id,
        subject_kind=subject.kind,
        subject_id=subject.id,
        policy=policy_digest,
        team=concern.team,
        reporter=concern.reporter,
        assignees=list(concern.assignees),
        trail=[],
        opened_at=tx.now,
        response_from=tx.now,
        stepped_at=tx.now,
    )
    models.begin(climb, policy_of(tx, policy_digest))
    run = _Run(tx)
    run.begin(climb)
    run.finish()
    tx.local["climb", subject] = climb
    return climb


def hold(tx: Tx, subject: Subject) -> Climb:
    """Somebody has acknowledged it: the climb stops, idling aside."""
    climb = _running(tx, subject)
    models.hold(climb, tx.now)
    return _settled(tx, climb)


def let_go(tx: Tx, subject: Subject) -> Climb:
    """The acknowledgement was taken back: the climb goes on where it stood."""
    climb = _running(tx, subject)
    models.let_go(climb, tx.now)
    return _settled(tx, climb)


def stir(tx: Tx, subject: Subject) -> None:
    """Something was said or done about it."""
    climb = store.latest(tx, subject, lock=True)
    if climb and climb.state != State.ENDED:
        models.stir(climb, tx.now)
        _settled(tx, climb)


def snooze(tx: Tx, subject: Subject, until: datetime) -> Climb:
    """Page nobody about it until then."""
    climb = _running(tx, subject)
    models.snooze(climb, tx.now, until)
    return _settled(tx, climb)


def go_on(tx: Tx, subject: Subject) -> Climb:
    """Page the next step now; refused at the top of the ladder."""
    climb = _running(tx, subject)
    policy = policy_of(tx, climb.policy)
    if climb.reached >= policy.top:
        top = policy.steps[policy.top].level
        sentence = f"It is at the top of its ladder already: {top} was paged. Call them, or reassign it to somebody."
        raise Refused(sentence)
    run = _Run(tx)
    run.ask(climb)
    run.finish()
    return climb


def end(tx: Tx, subject: Subject) -> None:
    """Stop every clock of the subject's climb."""
    climb = store.latest(tx, subject, lock=True)
    if climb:
        models.end(climb)
        tx.session.add(climb)


def recheck(tx: Tx, ids: Sequence[int]) -> None:
    """Do what is due for these climbs: each with its row, its timeline entry, its next instant and its deliveries."""
    run = _Run(tx)
    climbs = store.still_due(tx, ids)
    for climb in climbs:
        run.advance(climb)
    store.keep(tx, climbs)
    run.finish()


def climb_id(tx: Tx, subject: Subject) -> int | None:
    """The subject's present climb; pages of an earlier one are history."""
    climb = _present(tx, subject)
    return climb.id if climb else None


def ladder(tx: Tx, subject: Subject) -> Ladder | None:
    """The subject's climb as people see it; None where it never climbed."""
    climb = _present(tx, subject)
    return _Ladders(tx, climb).view() if climb else None


def told(tx: Tx, subject: Subject) -> dict[str, str | None]:
    """Who was paged in the subject's climb so far, by person key, and for whom they stood in."""
    climb = _present(tx, subject)
    trail = climb.trail if climb else []
    return {person: entry["instead"].get(person) for entry in trail for person in entry["people"]}


def digest(tx: Tx, directory: Directory, name: str) -> str:
    """What names the plan's policy of this name as it is now. Refused where the plan has none."""
    known: dict[int, tuple[Directory, dict[str, str]]] = tx.memo.setdefault("plan policies", {})
    kept = known.get(directory.plan_id)
    if kept is None or kept[0] is not directory:
        kept = known[directory.plan_id] = (directory, store.digests(tx, directory.plan_id))
    if name not in kept[1]:
        sentence = (
            f"{directory.plan_name} has no escalation policy `{name}`, so nobody would be paged. "
            "Whoever keeps the plan file adds one under `escalation:`."
        )
        raise Refused(sentence)
    return kept[1][name]


def directory_of(tx: Tx, climb: Climb) -> Directory:
    """The people of a climb's plan."""
    return teams.directory(tx, climb.plan_id)


def levels(tx: Tx, climb_id: int) -> dict[int, str]:
    """The names of a climb's steps."""
    climb = tx.session.get_one(Climb, climb_id)
    return {k: step.level for k, step in enumerate(policy_of(tx, climb.policy).steps)}


def policy_of(tx: Tx, digest: str) -> Policy:
    """The policy with this digest, as it was when the climb began."""
    known: dict[str, Policy] = tx.memo.setdefault("policies", {})
    if digest not in known:
        known[digest] = decoded(store.policy_text(tx, digest).body)
    return known[digest]


def encoded(policy: Policy) -> tuple[str, dict[str, Any]]:
    """A policy as plain JSON, durations in seconds, with the digest that names it."""
    body = asdict(policy)
    for key in ("idle_after", "resolve_within"):
        body[key] = _seconds(body[key])
    for step in body["steps"]:
        step.update({k: _seconds(step[k]) for k in ("after", "respond_within", "repeat_every")})
    body["steps"] = list(body["steps"])
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32], body


def decoded(body: Mapping[str, Any]) -> Policy:
    """The policy that `encoded` wrote."""
    steps = tuple(
        Step(
            s["level"],
            tuple(s["notify"]),
            timedelta(seconds=s["after"]),
            _span(s["respond_within"]),
            _span(s["repeat_every"]),
        )
        for s in body["steps"]
    )
    return Policy(
        body["name"],
        steps,
        _span(body["idle_after"]),
        _span(body["resolve_within"]),
        body["working"],
        body["respect_quiet"],
    )


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _present(tx: Tx, subject: Subject) -> Climb | None:
    """The climb of a subject, read once in a transaction: only `start` makes another."""
    if ("climb", subject) not in tx.local:
        tx.local["climb", subject] = store.latest(tx, subject)
    climb: Climb | None = tx.local["climb", subject]
    return climb


def _running(tx: Tx, subject: Subject) -> Climb:
    climb = store.latest(tx, subject, lock=True)
    if climb is None or climb.state == State.ENDED:
        sentence = f"{subject.kind} {subject.id} is not climbing any more."
        raise Refused(sentence)
    return climb


def _settled(tx: Tx, climb: Climb) -> Climb:
    """Compute the next due instant after a verb; what is due at this very instant is left to the tick."""
    due = models.next_due(climb, policy_of(tx, climb.policy), _plus(tx, climb))
    climb.due_at = due.at if due else None
    tx.session.add(climb)
    return climb


def _plus(tx: Tx, climb: Climb) -> Plus:
    """How time is added on this climb's response clock: on the wall, or only while the plan works."""
    if not policy_of(tx, climb.policy).working:
        return _on_the_wall
    directory = teams.directory(tx, climb.plan_id)
    return directory.calendar.add


def _on_the_wall(start: datetime, span: timedelta) -> datetime:
    return start + span


def _concern(climb: Climb) -> Concern:
    return Concern(team=climb.team, reporter=climb.reporter, assignees=tuple(climb.assignees))


class _Run:
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
        moves = models.advance(climb, policy, self._tx.now, _plus(self._tx, climb), self._staffed(climb, policy))
        self._add(climb, policy, moves)

    def begin(self, climb: Climb) -> None:
        """Store a climb as it is after its first moves: one statement, and the id that its pages are called by."""
        policy = policy_of(self._tx, climb.policy)
        moves = models.advance(climb, policy, self._tx.now, _plus(self._tx, climb), self._staffed(climb, policy))
        told = [self._told(climb, policy, move) for move in moves]
        climb.trail = [_trace(move, *whom) for move, whom in zip(moves, told, strict=True)]
        climb.id = self._tx.insert_row(climb)
        for move, whom in zip(moves, told, strict=True):
            self._tell(climb, policy, move, *whom)

    def ask(self, climb: Climb) -> None:
        policy = policy_of(self._tx, climb.policy)
        moves = models.ask(climb, policy, self._tx.now, self._staffed(climb, policy))
        _settled(self._tx, climb)
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
            found = teams.who(directory, notify, _concern(climb), self._tx.now)
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


class _Ladders:
    """Puts a climb, its policy and its people together for a reader."""

    def __init__(self, tx: Tx, climb: Climb) -> None:
        self._tx = tx
        self._climb = climb
        self._policy = policy_of(tx, climb.policy)
        self._directory = teams.directory(tx, climb.plan_id)
        self._plus = _plus(tx, climb)

    def view(self) -> Ladder:
        climb = self._climb
        due = models.next_due(climb, self._policy, self._plus)
        following = climb.reached + 1 if climb.reached < self._policy.top else None
        level = self._policy.steps[following].level if following is not None else None
        return Ladder(
            state=climb.state,
            rungs=tuple(self._rungs(following)),
            next_at=due.at if due else None,
            next_why=due.why if due else None,
            next_level=level,
            snoozed_until=climb.snoozed_until,
            resolve_at=climb.resolve_at,
        )

    def _rungs(self, following: int | None) -> list[Rung]:
        sent = {t["step"]: t for t in reversed(self._climb.trail) if t["step"] is not None}
        empty = {k for t in self._climb.trail for k in t["empty"]}
        missed = {k for t in self._climb.trail for k in t["missed"]}
        rungs = []
        for k, step in enumerate(self._policy.steps):
            at, state = None, "later"
            if k in sent:
                at, state = datetime.fromisoformat(sent[k]["due"]), "paged"
            elif k in empty:
                state = "empty"
            elif k in missed:
                state = "missed"
            elif k <= self._climb.reached or self._climb.state in (State.HELD, State.ENDED):
                state = "spared"
            elif self._climb.state == State.CLIMBING:
                at, state = (
                    models.step_due(self._climb, self._policy, k, self._plus),
                    "next" if k == following else "later",
                )
            rungs.append(Rung(step.level, self._names(step, sent.get(k)), state, at))
        return rungs

    def _names(self, step: Step, sent: Mapping[str, Any] | None) -> tuple[str, ...]:
        if sent is not None:
            people: Iterable[Person] = self._directory.named(sent["people"])
            channels: Iterable[str] = sent["channels"]
        else:
            found = teams.who(self._directory, step.notify, _concern(self._climb), self._tx.now)
            people, channels = (recipient.person for recipient in found.people), found.channels
        return (*map(self._directory.called, people), *map(blocks.channel, channels))
