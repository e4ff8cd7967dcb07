"""How people meet tasks in Slack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import compress

from callboard.blockers.service import Raised
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, did_you_mean
from callboard.core.words import joined
from callboard.planfile import task_sets
from callboard.planfile.names import named
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Choice, Command, Person, Span, Taken, Text, Verb
from callboard.slack.number_lists import read_keys
from callboard.slack.requests import Request
from callboard.tasks import messages, service
from callboard.tasks.messages import lists
from callboard.tasks.models import Rolled, State, Task, is_overdue, is_stuck, rolled, settled
from callboard.tasks.service import Scene
from callboard.tasks.slack import buttons
from callboard.tasks.slack.buttons import read_percent
from callboard.teams.directory import Asker
from callboard.teams.slack import BECAUSE, asker
from callboard.teams.slack import person as mentioned

MENTION = re.compile(r"<@([UW][A-Z0-9]+)")
KEYS = ("phase", "team", "area", "kind", "priority")
PRESSING = (State.IN_PROGRESS, State.BLOCKED, State.NOT_STARTED)
LATE = ("overdue", "stuck", "free")
STANDS = re.compile(r"(.*\S)\s+(completed|done|in progress|started|open|failed|blocked)", re.IGNORECASE)


@dataclass(frozen=True)
class Like:
    """What is written like its shape, `A-1` or `50%`; gives what `read` makes of it."""

    name: str
    shape: str
    noun: str
    pattern: re.Pattern[str]
    read: Callable[[str], object] = str
    optional: bool = False

    @property
    def example(self) -> str:
        return self.shape

    def wrong(self, word: str) -> str:
        return f"{word} is not {self.noun}. Say {self.shape}."

    def take(self, text: str) -> Taken | None:
        found = self.pattern.match(text)
        value = self.read(found[0]) if found else None
        return (value, text[found.end() :]) if found and value is not None else None


def _does(
    verb: Callable[..., Task], answer: Callable[[Tx, Task], str], *given: str
) -> Callable[[Tx, Request, Arguments], Answer]:
    """A verb that changes a task: it takes the key and what else is `given`, and answers in a sentence."""

    def run(tx: Tx, request: Request, args: Arguments) -> Answer:
        more = ("" if args[name] is None else args[name] for name in given)
        return Say(answer(tx, verb(tx, asker(tx, request), args["key"], *more)))

    return run


def block(tx: Tx, request: Request, args: Arguments) -> Answer:
    task, blocker = service.block(tx, asker(tx, request), args["key"], Raised(what=args["what"]))
    return Say(
        f"{task.key} is blocked: blocker {blocker.number} is open, and pages people until somebody takes it. "
        f"`/blocker resolve {blocker.number} what helped` unblocks it."
    )


def assign(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    people = [mentioned(who, user) for user in (args["person"], args["second"], args["third"]) if user]
    task = service.assign(tx, who, args["key"], people)
    return Say(f"{task.key} is {', '.join(map(who.directory.called, people))}'s now. They get a message.")


def files(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    paths = m.unescape(args["paths"] or "").replace(",", " ").split()
    task = service.get(tx, who.directory.plan_id, args["key"])
    task = service.files(tx, who, task.key, paths) if paths else task
    listed = "\n".join(f"• {m.code(path)}" for path in task.files) or "none yet"
    how = f"`/task files {task.key} src/a.py -src/b.py` adds one and removes one."
    return Say(f"Files of {task.key}:\n{listed}\n{how}")


def point(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Set how it stands where teams meet: `Sign-in completed`, `Sign-in in progress`."""
    found = STANDS.fullmatch(args["point"])
    words, state = found.groups() if found else (args["point"], "completed")
    task = service.point(tx, asker(tx, request), args["key"], words, service.stands(state))
    left = ", ".join(map(m.escape, task.open_points))
    return Say(f"{m.escape(words)} is {service.stands(state)}. {f'Open: {left}.' if left else 'All teams have met.'}")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return buttons.show(tx, service.get(tx, who.directory.plan_id, args["key"]), history=True)


def mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """One's tasks, with buttons; and what nobody of one's teams has taken."""
    who = asker(tx, request)
    scene = Scene(tx, who.directory.plan_id)
    teams = {team.key for team in who.directory.teams_of(who.person)}
    free = [
        task for task in _open(scene)
        if not task.assignees and teams & {task.team, *task.teams} and not scene.waits(task)
    ]  # fmt: skip
    own = _pressing(scene, (task for task in _open(scene) if who.person.key in task.assignees))
    return buttons.say(lists.mine(messages.views(scene, own), messages.views(scene, free[: lists.FREE])))


def waiting(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Who waits for the asker's tasks and those of teams they lead, and whom these wait for."""
    who = asker(tx, request)
    scene, directory = Scene(tx, who.directory.plan_id), who.directory
    led = {team.key for team in directory.teams_of(who.person) if directory.is_lead(who.person, team.key)}
    own = (task for task in _open(scene) if task.team in led or who.person.key in task.assignees)
    views = messages.views(scene, own)
    on_others = [view for view in views if view.waits or view.blocker]
    return buttons.say(lists.waiting([view for view in views if view.waiting], on_others))


def every(tx: Tx, request: Request, args: Arguments) -> Answer:
    """All tasks, or those of one phase, team, area, kind, priority, state or person, by phase."""
    who = asker(tx, request)
    scene = Scene(tx, who.directory.plan_id)
    title, tasks = _chosen(scene, who, (args["what"] or "").strip())
    by = (args["by"] or "by phase").removeprefix("by ")
    groups = []
    for key in dict.fromkeys(getattr(task, by) for task in tasks):
        group = [task for task in tasks if getattr(task, by) == key]
        groups.append((_rolled(scene, by, key, group, whole=not args["what"]), messages.views(scene, group)))
    return buttons.say(lists.listed(title, groups))


def _open(scene: Scene) -> list[Task]:
    return [task for task in scene.tasks.values() if not settled(task)]


def _chosen(scene: Scene, who: Asker, what: str) -> tuple[str, list[Task]]:
    tasks = list(scene.tasks.values())
    if not what:
        return f"Tasks of {m.escape(who.directory.plan_name)}", tasks
    if found := MENTION.match(what):
        somebody = mentioned(who, found[1])
        return f"Tasks of {m.escape(somebody.name)}", [task for task in tasks if somebody.key in task.assignees]
    wanted = m.unescape(what).lower()
    known = [*LATE, *State, *(word.lower() for key in KEYS for word in task_sets.possible(scene.document, key))]
    if wanted not in known:
        near = did_you_mean(wanted, known)
        raise Refused(f"No phase, team, area, kind, priority or state is called `{m.clip(what, 40)}`; {near}")
    return f"Tasks: {m.escape(wanted)}", [task for task in tasks if wanted in _words(task, scene.tx.now)]


def _words(task: Task, now: datetime) -> set[str]:
    """What a list can be narrowed to so that a task is in it."""
    late = (is_overdue(task, now), is_stuck(task, now), not task.assignees and not settled(task))
    words = (task.status, *task.teams, task.phase, task.area, task.kind, task.priority)
    return {*compress(LATE, late), *(word.lower() for word in words)}


def _rolled(scene: Scene, by: str, key: str, tasks: Sequence[Task], *, whole: bool) -> Rolled:
    """A group summed up; an area that is shown whole counts all tasks it will have in the end."""
    area = (scene.document.values.get("areas") or {}).get(key) if by == "area" else None
    name = (m.escape(key) if by == "area" else named(scene.document, key)) if key else f"without {by}"
    owners = scene.directory.names_of(scene.directory.areas.get(key, ())) if by == "area" else ""
    name += f" (owner: {m.escape(owners)})" if owners else ""
    return rolled(name, tasks, scene.tx.now, (area.planned or 0) if area and whole else 0)


def _pressing(scene: Scene, tasks: Iterable[Task]) -> Sequence[Task]:
    """What is late first, then what is in progress, then what can start, then what waits."""
    now = scene.tx.now

    def order(task: Task) -> tuple[bool, int, bool, float]:
        due = task.due_at.timestamp() if task.due_at else float("inf")
        waits = not task.started_at and bool(scene.waits(task))
        return not is_overdue(task, now), PRESSING.index(State(task.status)), waits, due

    return sorted(tasks, key=order)


def _started(tx: Tx, task: Task) -> str:
    head = f"{task.key} is in progress. Next: `/task progress {task.key} 50%`, then `/task complete {task.key}`."
    return "\n".join([head, *messages.wanting(buttons.view(tx, task))])


def _ticked(_tx: Tx, task: Task) -> str:
    left = "\n".join(f"• {m.escape(text)}" for text in task.open_criteria)
    if not left:
        return f"All criteria of {task.key} are ticked. Complete it: `/task complete {task.key}`."
    every = len(task.criteria)
    return f"{every - len(task.open_criteria)} of {every} criteria of {task.key} are ticked. Left:\n{left}"


def _settled(tx: Tx, task: Task) -> str:
    keys = joined(behind.key for behind in Scene(tx, task.plan_id).waiting(task.key))
    party, waited = ":tada: " if task.status == "completed" else "", f"{keys} waited for it. " if keys else ""
    return f"{task.key} is {task.status}. {party}{waited}Undo: `/task reopen {task.key}`."


def _because(text: str) -> str:
    return text[found.end() :] if (found := BECAUSE.match(text)) else text


@dataclass(frozen=True)
class Keys(Like):
    """`A-1`, or several: `A-1, A-2 and B-3`. The verb is then done for each by itself."""

    def take(self, text: str) -> Taken | None:
        several = read_keys(text)
        return several if several and len(several[0]) > 1 else super().take(text)


KEY = Like("key", "A-1", "a task", re.compile(r"`?[A-Za-z0-9][\w.-]*`?(?=\s|$)"))
SOME = Keys("key", "A-1", "a task", re.compile(r"`?[A-Za-z0-9][\w.-]*`?(?=\s|$)"))
PERCENT = Like("percent", "50%", "a percentage up to 100", re.compile(r"\d{1,3}\s*%?(?=\s|$)"), read_percent)
claim = _does(service.claim, lambda _, task: f"{task.key} is yours. Next: `/task start {task.key}`.")
release = _does(service.release, lambda _, task: f"You gave {task.key} back. Undo: `/task claim {task.key}`.")
start = _does(service.start, _started)
progress = _does(
    service.progress, lambda _, task: f"{task.key} is at {task.percent}%, {task.status}.", "percent", "said"
)
tick = _does(service.tick, _ticked, "which")
untick = _does(partial(service.tick, done=False), _ticked, "which")
complete = _does(service.complete, _settled, "said")
drop = _does(lambda tx, who, key, why: service.drop(tx, who, key, _because(why)), _settled, "reason")
override = _does(
    lambda tx, who, key, why: service.override(tx, who, key, _because(why)),
    lambda _, task: f"{task.key} can start now. Your reason is announced.", "reason",
)  # fmt: skip
reopen = _does(
    service.reopen,
    lambda _, task: f"{task.key} is {task.status} again, at {task.percent}%. Teams that wait for it are told.", "said",
)  # fmt: skip
note = _does(
    service.note, lambda _, task: f"Note added to {task.key}. `/task show {task.key}` shows its history.", "text"
)
spent = _does(service.spent, lambda tx, task: f"{task.key} took {buttons.view(tx, task).took}.", "span")
command = Command(
    word="task",
    about="Your tasks: what can start, how far they are, what they wait for",
    verbs=(
        Verb("claim", claim, "take one that is free", (SOME,), aliases=("take",)),
        Verb("start", start, "start it; refused while it waits for something", (SOME,), aliases=("begin",)),
        Verb("progress", progress, "update how far it is", (KEY, PERCENT, Text("said", optional=True))),
        Verb(
            "block", block, "raise a blocker for it", (KEY, Text("what", sample="mongo refuses TLS")),
            aliases=("blocked",),
        ),
        Verb("tick", tick, "tick a criterion, by its number or its words, or `all`", (KEY, Text("which", sample="1"))),
        Verb("untick", untick, "untick a criterion", (KEY, Text("which", sample="1"))),
        Verb("complete", complete, "complete it", (SOME, Text("said", optional=True)), aliases=("done", "finish")),
        Verb("reopen", reopen, "reopen it after it was completed or dropped", (SOME, Text("said", optional=True))),
        Verb(
            "assign", assign, "give it to people, who are told",
            (KEY, Person("person"), Person("second", optional=True), Person("third", optional=True)),
            aliases=("give", "reassign"),
        ),
        Verb("release", release, "give it back, so that somebody else can claim it", (SOME,), aliases=("unclaim",)),
        Verb("note", note, "add a note", (KEY, Text("text", sample="waits for the vendor"))),
        Verb("files", files, "add files it touches; `-` in front removes one", (KEY, Text("paths", optional=True))),
        Verb(
            "point", point, "update where teams meet: `Sign-in completed`",
            (KEY, Text("point", sample="Sign-in completed")),
        ),
        Verb("spent", spent, "set how long it took", (KEY, Span("span"))),
        Verb("drop", drop, "drop it: `because ...`", (KEY, Text("reason", optional=True))),
        Verb(
            "override", override, "let it start early: `because ...`; for coordinators",
            (KEY, Text("reason", optional=True)),
        ),
        Verb("show", show, "show one, with its history", (KEY,), reads=True),
        Verb("mine", mine, "show your tasks, with buttons", reads=True),
        Verb("waiting", waiting, "show who waits for you, and for whom you wait", reads=True),
        Verb(
            "list", every, "list all by phase; or those of a phase, team, area, kind, state or person",
            (Choice("by", ("by area", "by team", "by phase"), optional=True), Text("what", optional=True)), reads=True,
        ),
    ),
    otherwise=Verb("show", show, "show one, with its history", (KEY,), reads=True),
    alone=mine,
    alone_reads=True,
    sentences=False,
    examples=("start A-1", "progress A-1 50%", "block A-1 mongo refuses TLS", "complete A-1", "list backend"),
)  # fmt: skip
