"""Asking people how it goes, and what they answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import Raised
from callboard.cadences import models, notices, plan, store
from callboard.cadences.models import GATE, KIND, PHASE, PLAN, TASK, TEAM, How, State, StatusRequest
from callboard.cadences.plan import CadencePart
from callboard.checkpoints import evaluation
from callboard.checkpoints.plan import rhythm
from callboard.core import outbox, timeline
from callboard.core.errors import Refused
from callboard.core.watches import MOMENT
from callboard.gates.service import gates
from callboard.planfile.sections import Document, Window
from callboard.planfile.values import keyed
from callboard.plans import service as plans
from callboard.standups import schedule
from callboard.standups import store as standups
from callboard.standups.models import State as CheckInState
from callboard.tasks import service as tasks
from callboard.tasks.service import Task
from callboard.teams import recipients as meaning
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person
from callboard.teams.recipients import Concern
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = "That request is not there any more. `/task mine` shows what is yours."


def mine(tx: Tx, who: Asker, number: int) -> StatusRequest:
    """What somebody was asked, held until the end of the transaction. Refuses what others were asked."""
    one = store.request(tx, number, lock=True)
    if one is None or one.plan_id != who.directory.plan_id:
        raise Refused(GONE)
    if one.person != who.person.key:
        raise Refused(f"That is for {who.directory.called(one.person)}.")
    return one


def as_planned(tx: Tx, who: Asker, number: int, item: str = "") -> StatusRequest:
    """It goes as planned: one thing, or all that nothing was said about yet."""
    one = mine(tx, who, number)
    for each in [item] if item else one.left:
        kind, _, key = each.partition(":")
        if kind == TASK:
            tasks.note(tx, who, key, str(How.AS_PLANNED))
        _replied(tx, who, one, each, How.AS_PLANNED)
    return one


def behind(tx: Tx, who: Asker, number: int, item: str) -> StatusRequest:
    """It does not go as planned, and nothing is in the way."""
    one = mine(tx, who, number)
    _replied(tx, who, one, item, How.BEHIND)
    return one


def progress(tx: Tx, who: Asker, number: int, item: str, percent: int, expected: int | None = None) -> StatusRequest:
    """So far is a task; at 100 it is completed. Raises Refused as `/task progress` does."""
    one = mine(tx, who, number)
    tasks.progress(tx, who, item.partition(":")[2], percent, expected=expected)
    _replied(tx, who, one, item, f"{percent}%")
    return one


def blocked(tx: Tx, who: Asker, number: int, item: str, what: str, waits_for: str | None) -> Blocker:
    """Something is in the way: a blocker is raised, which climbs by itself."""
    one = mine(tx, who, number)
    kind, _, key = item.partition(":")
    if kind == TASK:
        _, blocker = tasks.block(tx, who, key, Raised(what=what, waits_for=waits_for))
    else:
        team = key if kind == TEAM else None
        blocker = blockers.raise_blocker(tx, who, Raised(what=what, team=team, waits_for=waits_for))
    _replied(tx, who, one, item, How.BLOCKED)
    return blocker


def heard(tx: Tx, plan_id: int, task: str) -> None:
    """Somebody did something to a task: nobody need say anything about it any more."""
    for one in store.current(tx, plan_id):
        if f"{TASK}:{task}" in one.left:
            models.reply(one, f"{TASK}:{task}", How.HEARD, tx.now)
            _keep(tx, one)


def stale(tx: Tx, plan_id: int, since: datetime) -> list[str]:
    """The tasks of which nothing was heard though it was asked for, from an instant on."""
    keys = {
        item.partition(":")[2]: one.at
        for one in store.silent_since(tx, plan_id, since)
        for item in one.items
        if item.startswith(TASK)
    }
    found = tasks.tasks(tx, plan_id, list(keys)) if keys else ()
    return [one.key for one in found if not tasks.settled(one) and not (one.moved_at and one.moved_at > keys[one.key])]


def _replied(tx: Tx, who: Asker, one: StatusRequest, item: str, how: str) -> None:
    models.reply(one, item, how, tx.now)
    _keep(tx, one)
    timeline.record(tx, one.plan_id, one.subject, "answered", actor=who.person.key, item=item, how=str(how))


def _keep(tx: Tx, one: StatusRequest) -> None:
    tx.session.add(one)
    tx.session.flush()
    outbox.touch(tx, KIND, [one.number])


MOST = 8
SOON = timedelta(days=1)
AHEAD = (timedelta(days=2), timedelta(days=9))
ENOUGH = 2


@dataclass
class Scene:
    """A plan as it stands, looked at once for all cadences."""

    tx: Tx
    plan_id: int
    parts: dict[str, CadencePart] = field(init=False)
    document: Document = field(init=False)
    directory: Directory = field(init=False)
    held: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        live = plans.live(self.tx, self.plan_id)
        self.parts = dict(zip(keyed(live.body.get("cadences") or ()), live.values.get("cadences") or (), strict=False))
        self.document = evaluation.document_of(self.tx, self.plan_id)
        self.directory = teams.directory(self.tx, self.plan_id)
        self.held = schedule.on_hold(self.tx, self.plan_id)

    def items(self, part: CadencePart) -> Iterator[tuple[str, tuple[Person, ...]]]:
        """Everything that a cadence is about, with those who know of it."""
        if part.about == TEAM + "s":
            for team in self.directory.teams:
                if team not in self.held and any(team in task.teams for task in self._running()):
                    yield f"{TEAM}:{team}", self._who(part, (team,), ())
        elif part.about == PHASE + "s":
            yield from ((f"{PHASE}:{phase}", self._who(part, (), ())) for phase in self._phases())
        elif part.about == GATE + "s":
            pending = (gate for gate in gates.gates(self.tx, self.plan_id) if not gate.settled)
            yield from ((f"{GATE}:{gate.key}", self._who(part, (), ())) for gate in list(pending)[:1])
        elif part.about == PLAN:
            yield PLAN, self._who(part, (), ())
        else:
            wanted = set(plan.about(self.document, part))
            for task in self._running():
                if task.key in wanted:
                    yield f"{TASK}:{task.key}", self._who(part, tuple(task.teams), tuple(task.assignees))

    def _who(self, part: CadencePart, of: tuple[str, ...], assignees: tuple[str, ...]) -> tuple[Person, ...]:
        concern = Concern(team=of[0] if of else None, teams=of, assignees=assignees)
        people = meaning.seats(self.directory, part.who, concern)
        own = [one for one in people if any(self.directory.is_lead(one, team) for team in of)]
        others = [one for one in people if one not in own and not self.directory.is_lead(one)]
        chosen = [*own, *others] if "all leads" in part.who and own else people
        return tuple(one for one in self.directory.asked([one.key for one in chosen]) if not one.vacant)

    def _running(self) -> Iterable[Task]:
        """The tasks that are worked on, or should be by now."""
        scene = tasks.Scene(self.tx, self.plan_id)
        for task in tasks.tasks(self.tx, self.plan_id):
            if tasks.settled(task):
                continue
            by_now = task.from_at is not None and task.from_at <= self.tx.now
            soon = task.due_at is not None and task.due_at <= self.tx.now + SOON
            if tasks.begun(task) or ((by_now or soon) and not scene.holding(task)):
                yield task

    def _phases(self) -> Iterator[str]:
        for phase in self.document.keys("phases"):
            if any(begin <= self.tx.now < end for begin, end in rhythm.stretches(self.document, (phase,))):
                yield phase


def attend(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Ask everybody whose time has come since, each once, and say when the next one's time comes."""
    scene = Scene(tx, plan_id)
    if not scene.parts:
        return None
    asked: dict[str, dict[str, list[str]]] = defaultdict(dict)
    began: dict[str, datetime] = {}
    for key, part in scene.parts.items():
        by_person: dict[str, list[str]] = defaultdict(list)
        for item, people in scene.items(part):
            for person in people:
                by_person[person.key].append(item)
        for name, items in by_person.items():
            window = (max(since + MOMENT, tx.now - part.every / 2), tx.now + MOMENT)
            at = max(_beats(scene, part, scene.directory.people[name], window), default=None)
            left = [item for item in items if at and not _heard(tx, plan_id, item, name, at - part.every / 2)]
            if at and left:
                asked[name][key] = left
                began[name] = max(at, began.get(name, at))
    for name, cadences in asked.items():
        _ask(scene, scene.directory.people[name], began[name], cadences)
    return _next(scene)


def _ask(scene: Scene, person: Person, at: datetime, cadences: dict[str, list[str]]) -> None:
    """One message, whatever number of cadences meet; none where a standup or enough silence is open already."""
    tx = scene.tx
    if person.quiet_until(tx.now) or person.slack_id == "" or _standing(tx, scene.plan_id, person):
        return
    before = store.of_person(tx, scene.plan_id, person.key)
    today = [one for one in before if one.at.astimezone(person.zone).date() == at.astimezone(person.zone).date()]
    silent = [one for one in today if one.state == State.SILENT and not _stirred(tx, one)]
    if any(one.at >= at for one in before) or len(silent) >= ENOUGH:
        return
    items = list(dict.fromkeys(item for each in cadences.values() for item in each))[:MOST]
    closes = at + min(scene.parts[key].every for key in cadences)
    one = StatusRequest(
        plan_id=scene.plan_id, person=person.key, at=at, closes_at=closes, next_at=closes, cadences=list(cadences),
        items=items,
    )  # fmt: skip
    tx.session.add(one)
    tx.session.flush()
    notices.ask(tx, scene.directory, one, person)


def _stirred(tx: Tx, one: StatusRequest) -> bool:
    """Whether something was heard after all."""
    return any(_heard(tx, one.plan_id, item, one.person, one.at) for item in one.items)


def _standing(tx: Tx, plan_id: int, person: Person) -> bool:
    """Whether a standup has asked somebody already, tasks and all, and waits for them."""
    latest = standups.of_person(tx, plan_id, person.key)[:3]
    return any(one.state == CheckInState.WAITING and one.asked_at <= tx.now < one.closes_at for one in latest)


def _heard(tx: Tx, plan_id: int, item: str, person: str, since: datetime) -> bool:
    """Whether something was heard of it after an instant, in whatever way."""
    kind, _, key = item.partition(":")
    if kind == TASK:
        (task,) = tasks.tasks(tx, plan_id, [key]) or (None,)
        return task is not None and task.moved_at is not None and task.moved_at > since
    latest = store.of_person(tx, plan_id, person, 1)
    return any(item in one.replies and one.answered_at is not None and one.answered_at > since for one in latest)


def _beats(scene: Scene, part: CadencePart, person: Person, window: Window) -> Iterator[datetime]:
    calendar = scene.directory.working(person)
    for stretch in rhythm.stretches(scene.document, part.during):
        yield from rhythm.beats(calendar, part.every, stretch, window)


def _next(scene: Scene) -> datetime | None:
    """When the next one may be asked: of everybody there is, since who has something due may change until then."""
    start = scene.tx.now + MOMENT
    for ahead in AHEAD:
        found = [
            at
            for part in scene.parts.values()
            for person in _alike(scene, plan.asked(scene.document, part))
            for at in _first(_beats(scene, part, person, (start, scene.tx.now + ahead)))
        ]
        if found:
            return min(found)
    return None


def _alike(scene: Scene, keys: Iterable[str]) -> list[Person]:
    """One of each group of people who work at the same times; of everybody where nobody is known yet."""
    people = scene.directory.named(keys) or tuple(scene.directory.people.values())
    return list({scene.directory.working(one): one for one in (*people, *scene.directory.people.values())}.values())


def _first(found: Iterator[datetime]) -> list[datetime]:
    first = next(found, None)
    return [first] if first else []
