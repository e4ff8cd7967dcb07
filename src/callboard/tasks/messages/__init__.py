"""What is read of tasks: one of them, and lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.timeline import BOT, Entry
from callboard.core.words import complete, few_lines, joined
from callboard.planfile.names import named
from callboard.planfile.times import show_span
from callboard.tasks import models
from callboard.tasks.dependencies import Holding, Scene
from callboard.tasks.models import State, Task, Verb
from callboard.teams.service import Directory

Block = dict[str, Any]
LIGHTS = complete(State, {
    State.NOT_STARTED: ":white_circle:", State.IN_PROGRESS: ":large_blue_circle:", State.BLOCKED: ":red_circle:",
    State.COMPLETED: ":large_green_circle:", State.DROPPED: ":heavy_multiplication_x:",
})  # fmt: skip
HISTORY = complete(Verb, {
    Verb.CLAIMED: "{actor} claimed it", Verb.GIVEN_BACK: "{actor} gave it back",
    Verb.ASSIGNED: "{actor} assigned it to {to}", Verb.STARTED: "{actor} started it",
    Verb.LEFT: "{left} had it and has left the plan.",
    Verb.PROGRESSED: "{actor} updated it to {percent}%", Verb.COMPLETED: "{actor} completed it",
    Verb.REOPENED: "{actor} reopened it", Verb.DROPPED: "{actor} dropped it",
    Verb.OVERRIDDEN: "{actor} let it start early", Verb.NOTED: "{actor} noted", Verb.FILES: "{actor} changed its files",
    Verb.TICKED: "{actor} ticked {criteria}", Verb.UNTICKED: "{actor} unticked {criteria}",
    Verb.POINT: "{actor} set {point} to {stands}", Verb.SPENT: "{actor} set how long it took",
    Verb.BLOCKED: "{actor} raised blocker {blocker}", Verb.UNBLOCKED: "{actor} ended blocker {blocker}",
    Verb.APPLIED: "{actor} changed it", Verb.OVERDUE: "It was overdue.", Verb.STUCK: "It had no update for too long.",
})  # fmt: skip
PARAGRAPHS, MOST_ITEMS = 1, 15


@dataclass(frozen=True)
class Item:
    """A criterion, a component or a point where teams meet: what it is, how it stands, and by whom."""

    text: str
    status: str
    by: str = ""

    @property
    def mark(self) -> str:
        return ":ballot_box_with_check:" if self.status in models.SETTLED else ":white_medium_small_square:"

    def __str__(self) -> str:
        how = f", {self.status}" if self.status not in ("", State.COMPLETED) else ""
        return f"{self.mark} {self.text}{how}{f', {self.by}' if self.by else ''}"


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A task with the names of all that it refers to, in Slack's markup. `waiting` are the ids of those behind it."""

    task: Task
    title: str
    teams: tuple[str, ...]
    phase: str
    people: str
    completed_by: str
    took: str
    criteria: tuple[Item, ...]
    components: tuple[Item, ...]
    points: tuple[Item, ...]
    waits: tuple[Holding, ...]
    wants: tuple[str, ...]
    wanting: tuple[str, ...]
    waiting: tuple[str, ...]
    overridden: tuple[str, ...]
    is_overdue: bool
    is_stuck: bool

    @property
    def key(self) -> str:
        return self.task.key

    @property
    def state(self) -> State:
        return State(self.task.status)

    @property
    def blocker(self) -> int | None:
        return self.task.blocker if self.state == State.BLOCKED else None

    @property
    def value(self) -> str:
        return f"{self.task.number}:{self.task.changes}"


def view(scene: Scene, task: Task) -> TaskView:
    directory, document, now = scene.directory, scene.document, scene.tx.now
    settled = models.settled(task)
    return TaskView(
        task=task, title=m.escape(task.title),
        teams=tuple(_team(directory, team) for team in task.teams),
        phase=named(document, task.phase) if task.phase else "", took=took(directory, task),
        people=joined(map(directory.called, directory.named(task.assignees))) or "nobody yet",
        completed_by=called(directory, task.completed_by),
        criteria=tuple(
            Item(m.escape(one["text"]), State.COMPLETED if one["done"] else "", called(directory, one["by"]))
            for one in task.criteria
        ),
        components=tuple(
            Item(f"{part.key} {m.escape(part.title)}", part.status)
            for part in map(scene.tasks.get, task.components) if part
        ),
        points=tuple(
            Item(f"{m.escape(point['name'])} ({_team(directory, point['team'])})", point["status"],
                 called(directory, point["by"]))
            for point in task.points
        ),
        waits=() if settled or task.started_at else tuple(scene.holding(task)),
        wants=tuple(named(document, key) for key in task.wants),
        wanting=() if settled else tuple(scene.wanting(task)),
        waiting=tuple(waiting.key for waiting in scene.waiting(task.key)),
        overridden=tuple(named(document, key) for key in task.overridden),
        is_overdue=models.is_overdue(task, now), is_stuck=models.is_stuck(task, now),
    )  # fmt: skip


def views(scene: Scene, tasks: Iterable[Task]) -> list[TaskView]:
    tasks = list(tasks)
    scene.read_ahead(tasks)
    return [view(scene, task) for task in tasks]


def called(directory: Directory, key: str | None) -> str:
    """How to speak of somebody; empty for nobody."""
    return "the plan" if key == BOT else directory.called(key) if key else ""


def _team(directory: Directory, key: str) -> str:
    return m.escape(directory.teams[key].name if key in directory.teams else key)


def took(directory: Directory, task: Task) -> str:
    """As somebody said, else the working time from its start to its end."""
    if task.spent is not None:
        return show_span(timedelta(seconds=task.spent))
    if task.started_at is None or task.completed_at is None or task.status != State.COMPLETED:
        return ""
    worked = directory.calendar.between(task.started_at, task.completed_at)
    return show_span(worked - worked % timedelta(minutes=1)) if worked >= timedelta(minutes=1) else "under a minute"


def card(view: TaskView, history: Sequence[str] = ()) -> Message:
    blocks = [
        b.section(f"{LIGHTS[view.state]} {m.bold(view.key)}  {view.title}"),
        b.context(" · ".join(_origin(view))),
        b.section("\n".join(state(view))),
        *map(b.section, _parts(view)),
    ]
    if history:
        blocks += fit.newest(history, PARAGRAPHS)
    return Message(text=f"{view.key} ({view.state}): {m.clip(view.title, 200)}", blocks=[*blocks, *actions(view)])


def assigned(view: TaskView, by: str) -> Message:
    head = f":inbox_tray: {by} assigned you {m.bold(view.key)} {view.title}."
    return Message(f"You have {view.key}", [b.section("\n".join([head, *state(view)])), *actions(view)])


def taken(view: TaskView, by: str) -> Message:
    """To whoever had a task that somebody gave to another."""
    return Message(f":outbox_tray: {m.bold(view.key)} {view.title} is no longer yours: {by} gave it to {view.people}.")


def unblocked(view: TaskView, blocker: int, by: str, state: str, outcome: str) -> Message:
    """To those who have a task, when its last blocker is over."""
    helped = f": {m.clip(outcome, 500)}" if outcome else "."
    text = f":large_green_circle: {m.bold(view.key)} {view.title} is unblocked. {by} has {state} blocker {blocker}"
    return Message(f"{view.key} is unblocked", [b.section("\n".join([text + helped, *why_not(view)])), *actions(view)])


def overridden(view: TaskView, by: str, held: str, reason: str) -> Message:
    text = f":arrow_forward: {by} let {m.bold(view.key)} {view.title} start without {held}, because {reason}"
    return Message(text=m.clip(text, m.TEXT))


def history_line(directory: Directory, entry: Entry) -> str:
    to = joined(called(directory, key) for key in entry.facts.get("to", ()))
    facts = {**entry.facts, "to": to, "criteria": m.escape("; ".join(entry.facts.get("criteria", ())))}
    facts["left"] = joined(called(directory, key) for key in facts.get("left", ()))
    facts["point"] = m.escape(facts.get("point", ""))
    sentence = HISTORY[Verb(entry.verb)].format(**facts, actor=called(directory, entry.actor))
    said = f": {m.clip(entry.said, 300)}" if entry.said else ""
    return f"{m.date(entry.at, 'both')}  {m.clip(sentence, 250)}{said}"


def actions(view: TaskView) -> list[Block]:
    value = view.value
    if models.settled(view.task):
        return [b.actions(b.button("Reopen", "task.reopen", value))]
    more = b.overflow("task.more", [
        ("Show", f"show:{value}"), ("Add note", f"note:{value}"),
        *([("Tick criteria", f"tick:{value}")] if view.criteria else []),
        ("Assign", f"assign:{value}"), ("Drop", f"drop:{value}"),
    ])  # fmt: skip
    return [b.actions(*_buttons(view), more)]


def _buttons(view: TaskView) -> list[Block]:
    value = view.value
    blocked, progress = (
        b.button("Raise blocker", "task.block", value),
        b.button("Update progress", "task.progress", value),
    )
    if view.state == State.BLOCKED:
        return [progress]
    if view.state == State.IN_PROGRESS:
        return [b.button("Complete", "task.complete", value, style="primary"), progress, blocked]
    claim = [] if view.task.assignees else [b.button("Claim", "task.claim", value)]
    return [b.button("Start", "task.start", value, style=None if view.waits else "primary"), *claim, blocked]


def state(view: TaskView) -> Iterator[str]:
    yield _stands(view)
    if not models.settled(view.task):
        yield from why_not(view)
        yield from wanting(view)
        if view.overridden:
            yield f"It can start without {joined(view.overridden)}."
        if view.waiting:
            yield f"Waiting for it: {', '.join(view.waiting)}."


def _stands(view: TaskView) -> str:
    task, overdue = view.task, ", *overdue*" if view.is_overdue else ""
    people = f"with {view.people}" if task.assignees else "nobody has it yet"
    due = f" Due {m.date(task.due_at, 'both')}{overdue}." if task.due_at else ""
    match view.state:
        case State.COMPLETED | State.DROPPED:
            when = f", {m.date(task.completed_at, 'both')}" if task.completed_at else ""
            why = f" because {task.why}" if task.why else ""
            return m.sentence(f"*{view.state.capitalize()}* by {view.completed_by}{when}{why}")
        case State.BLOCKED:
            return f"*Blocked* by blocker {view.blocker or ''}, at {task.percent}%, {people}.{due}"
        case State.IN_PROGRESS:
            since = f" Started {m.date(task.started_at, 'both')}." if task.started_at else ""
            stuck = " *No update for too long.*" if view.is_stuck else ""
            return f"*In progress*, {task.percent}%, {people}.{since}{due}{stuck}"
        case State.NOT_STARTED:
            return f"*Not started*, {people}.{due}"


def wanting(view: TaskView) -> list[str]:
    return [
        f":bell: Not ready: {what}. You can start without it. I'll tell your team when it is." for what in view.wanting
    ]


def why_not(view: TaskView) -> list[str]:
    return [f":hourglass_flowing_sand: Waits: {reason.sentence}" for reason in view.waits]


def _parts(view: TaskView) -> Iterator[str]:
    task = view.task
    for title, items in (("Criteria", view.criteria), ("Parts", view.components), ("Where teams meet", view.points)):
        if items:
            yield "\n".join([m.bold(title), *few_lines(list(map(str, items)), MOST_ITEMS)])
    lists: tuple[tuple[str, Iterable[str]], ...] = (
        ("Brief", map(m.escape, task.brief)), ("Files", (f"{m.code(path)}" for path in task.files)),
        ("Delivers", map(m.escape, task.deliverable)), ("Wants", () if view.wanting else view.wants),
        ("Note", filter(None, [m.escape(task.note)])),
    )  # fmt: skip
    lines = [f"{m.bold(title)} {text}" for title, texts in lists if (text := " · ".join(texts))]
    if lines:
        yield "\n".join(lines)


def _origin(view: TaskView) -> Iterator[str]:
    task = view.task
    first, *others = view.teams or ("",)
    yield " with ".join(filter(None, (first, ", ".join(others))))
    ranks = (("priority", task.priority), ("complexity", m.escape(task.complexity)))
    yield from filter(None, (task.kind, *(f"{word} {rank}" for word, rank in ranks if rank), view.phase))
    yield from filter(None, (m.escape(task.area), _estimate(task), view.took and f"took {view.took}"))


def _estimate(task: Task) -> str:
    if task.least is None or task.most is None:
        return ""
    units = "dhms" if task.written.get("days", True) else "hms"
    low, high = (show_span(timedelta(seconds=seconds), units) for seconds in (task.least, task.most))
    likely = f", most likely {show_span(timedelta(seconds=task.likely), units)}" if task.likely else ""
    return f"estimate {low}" if low == high else f"estimate {low} to {high}{likely}"
