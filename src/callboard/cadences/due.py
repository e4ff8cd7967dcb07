"""What comes due with cadences: people are asked, and leads hear of those who did not answer twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from callboard.cadences import models, notices, plan, service, store
from callboard.cadences.models import GATE, PHASE, PLAN, TASK, TEAM, State, StatusRequest, Verb
from callboard.cadences.plan import CadencePart
from callboard.core import ticks, timeline
from callboard.core.db import Tx
from callboard.core.ticks import MOMENT, rows_due
from callboard.gates import store as gates
from callboard.planfile.paths import by_key
from callboard.plans import service as plans
from callboard.standups import schedule
from callboard.standups import store as standups
from callboard.standups.models import State as CheckInState
from callboard.tasks import dependencies
from callboard.tasks import service as tasks
from callboard.tasks.models import Task
from callboard.teams import recipients
from callboard.teams import service as teams
from callboard.teams.directory import Person
from callboard.teams.recipients import Concern

CADENCES = "cadences"
MOST, ENOUGH = 8, 2
SOON = timedelta(days=1)
AHEAD = (timedelta(days=2), timedelta(days=9))
Turn = tuple[datetime, timedelta, list[str]]
"""When a cadence asks somebody, how often it does, and about what."""


class Scene:
    """A plan as it stands, read once for all cadences."""

    def __init__(self, tx: Tx, plan_id: int) -> None:
        self.tx, self.plan_id = tx, plan_id
        self.parts: dict[str, CadencePart] = by_key(plans.live(tx, plan_id), "cadences")
        self.document, self.directory = teams.document(tx, plan_id), teams.directory(tx, plan_id)
        self.held = schedule.on_hold(tx, plan_id)

    def items(self, part: CadencePart) -> Iterator[tuple[str, tuple[Person, ...]]]:
        """Everything that a cadence is about, with the people to ask about it."""
        match part.about:
            case "teams":
                for team in self.directory.teams:
                    if team not in self.held and any(team in task.teams for task in self._running()):
                        yield f"{TEAM}:{team}", self._who(part, (team,))
            case "phases":
                yield from ((f"{PHASE}:{phase}", self._who(part)) for phase in self._phases())
            case "gates":
                pending = [gate for gate in gates.listed(self.tx, self.plan_id) if not gate.settled]
                yield from ((f"{GATE}:{gate.key}", self._who(part)) for gate in pending[:1])
            case "plan":
                yield PLAN, self._who(part)
            case _:
                wanted = set(plan.about(self.document, part))
                for task in self._running():
                    if task.key in wanted:
                        yield f"{TASK}:{task.key}", self._who(part, tuple(task.teams), tuple(task.assignees))

    def _who(self, part: CadencePart, of: tuple[str, ...] = (), assignees: tuple[str, ...] = ()) -> tuple[Person, ...]:
        concern = Concern(team=of[0] if of else None, teams=of, assignees=assignees)
        people = recipients.seats(self.directory, part.who, concern, self.tx.now)
        own = [person for person in people if any(self.directory.is_lead(person, team) for team in of)]
        others = [person for person in people if person not in own and not self.directory.is_lead(person)]
        chosen = [*own, *others] if "all leads" in part.who and own else people
        asked = self.directory.asked([person.key for person in chosen])
        return tuple(person for person in asked if not person.vacant)

    def _running(self) -> Iterator[Task]:
        """The tasks that people work on, or should by now."""
        scene = dependencies.Scene(self.tx, self.plan_id)
        for task in tasks.tasks(self.tx, self.plan_id):
            soon = task.due_at is not None and task.due_at <= self.tx.now + SOON
            due = task.from_at <= self.tx.now if task.from_at else soon
            if not tasks.settled(task) and (tasks.begun(task) or (due and not scene.holding(task))):
                yield task

    def _phases(self) -> Iterator[str]:
        for phase in self.document.keys("phases"):
            if any(begin <= self.tx.now < end for begin, end in plan.stretches(self.document, (phase,))):
                yield phase


def _attend(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Ask everybody whose time has come, each once; return when the next one's comes."""
    scene = Scene(tx, plan_id)
    if not scene.parts:
        return None
    asked: dict[str, list[Turn]] = defaultdict(list)
    for part in scene.parts.values():
        by_person: dict[str, list[str]] = defaultdict(list)
        for item, people in scene.items(part):
            for person in people:
                by_person[person.key].append(item)
        window = (max(since + MOMENT, tx.now - part.every / 2), tx.now + MOMENT)
        for name, items in by_person.items():
            working = scene.directory.working(scene.directory.people[name])
            at = max(plan.beats(scene.document, part, working, window), default=None)
            left = [item for item in items if at and not _heard(tx, plan_id, item, name, at - part.every / 2)]
            if at and left:
                asked[name].append((at, part.every, left))
    for name, turns in asked.items():
        _ask(scene, scene.directory.people[name], turns)
    return _next(scene)


def _ask(scene: Scene, person: Person, turns: Sequence[Turn]) -> None:
    """Send one message for all cadences that meet; none during a standup, or after enough silence today."""
    tx, at = scene.tx, max(at for at, _, _ in turns)
    if person.quiet_until(tx.now) or person.slack_id == "" or _in_standup(tx, scene.plan_id, person):
        return
    before = store.of_person(tx, scene.plan_id, person.key)
    today = at.astimezone(person.zone).date()
    silent = [row for row in before if row.at.astimezone(person.zone).date() == today and _still_silent(tx, row)]
    if any(row.at >= at for row in before) or len(silent) >= ENOUGH:
        return
    items = list(dict.fromkeys(item for _, _, items in turns for item in items))[:MOST]
    closes = at + min(every for _, every, _ in turns)
    request = StatusRequest(
        plan_id=scene.plan_id, person=person.key, at=at, closes_at=closes, next_at=closes, items=items
    )
    tx.session.add(request)
    tx.session.flush()
    notices.ask(tx, scene.directory, request, person)


def _still_silent(tx: Tx, request: StatusRequest) -> bool:
    """Whether nobody answered, and there was no news of anything after all."""
    heard = (_heard(tx, request.plan_id, item, request.person, request.at) for item in request.items)
    return request.state == State.SILENT and not any(heard)


def _in_standup(tx: Tx, plan_id: int, person: Person) -> bool:
    """Whether a standup asks somebody right now, which covers their tasks."""
    latest = standups.of_person(tx, plan_id, person.key)[:3]
    return any(row.state == CheckInState.WAITING and row.asked_at <= tx.now < row.closes_at for row in latest)


def _heard(tx: Tx, plan_id: int, item: str, person: str, since: datetime) -> bool:
    """Whether there was news of it after an instant, in whatever way."""
    kind, _, key = item.partition(":")
    if kind == TASK:
        (task,) = tasks.tasks(tx, plan_id, [key]) or (None,)
        return task is not None and task.moved_at is not None and task.moved_at > since
    latest = store.of_person(tx, plan_id, person, 1)
    return any(item in row.replies and row.answered_at is not None and row.answered_at > since for row in latest)


def _next(scene: Scene) -> datetime | None:
    """When somebody may be asked next: anybody, since tasks may change hands until then."""
    start = scene.tx.now + MOMENT
    for ahead in AHEAD:
        window = (start, scene.tx.now + ahead)
        calendars = {scene.directory.working(person) for person in scene.directory.people.values()}
        firsts = (
            next(plan.beats(scene.document, part, calendar, window), None)
            for part in scene.parts.values()
            for calendar in calendars
        )
        if (first := min(filter(None, firsts), default=None)) is not None:
            return first
    return None


def _close(tx: Tx, numbers: Sequence[int]) -> None:
    """Close what nobody answered before the next request; after the second time their leads are told, once."""
    told: dict[tuple[int, str], list[StatusRequest]] = defaultdict(list)
    for number in numbers:
        request = store.request(tx, number, lock=True)
        if request is None or request.state != State.WAITING or request.next_at is None or request.next_at > tx.now:
            continue
        models.fall_silent(request)
        service.show(tx, request)
        timeline.record(tx, request.plan_id, request.subject, Verb.NOT_ANSWERED, person=request.person)
        directory = teams.directory(tx, request.plan_id)
        if _second(tx, request) and request.person in directory.people:
            for lead in directory.leads_over(request.person, tx.now):
                told[request.plan_id, lead.key].append(request)
    for (plan_id, key), requests in told.items():
        directory = teams.directory(tx, plan_id)
        notices.silent(tx, directory, directory.people[key], requests)


def _second(tx: Tx, request: StatusRequest) -> bool:
    latest = store.of_person(tx, request.plan_id, request.person, 3)
    silent = [row.state == State.SILENT for row in latest if row.at <= request.at]
    return silent[:2] == [True, True] and silent[2:] != [True]


requests = rows_due("status requests", _close, StatusRequest.id, StatusRequest.next_at)
cadences = ticks.watch(CADENCES, _attend)
