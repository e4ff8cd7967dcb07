"""How people meet tasks in Slack: `/task` and its verbs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.blockers.service import Raised
from callboard.core import timeline
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Choice, Span, Taken, Text
from callboard.slack.grammar import Arguments, Command, Person, Verb
from callboard.slack.requests import Request
from callboard.tasks import service
from callboard.tasks.messages import card, views
from callboard.tasks.service import Scene, Task
from callboard.tasks.slack import buttons, lists
from callboard.tasks.slack.buttons import asker
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

BECAUSE = re.compile(r"because\s+", re.IGNORECASE)
ID = re.compile(r"`?[A-Za-z0-9][\w.-]*`?(?=\s|$)")
PERCENT = re.compile(r"(\d{1,3})\s*%?(?=\s|$)")
MOST = 100


@dataclass(frozen=True)
class Percent:
    """`50%` or `50`; gives an int from 0 to 100."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """An example."""
        return "50%"

    def take(self, text: str) -> Taken | None:
        """Read a number, with or without the sign."""
        found = PERCENT.match(text)
        return (int(found[1]), text[found.end() :]) if found and int(found[1]) <= MOST else None


@dataclass(frozen=True)
class Key:
    """The id of a task, `A-1`; gives the text."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """An example."""
        return "A-1"

    def take(self, text: str) -> Taken | None:
        """Read up to the next space."""
        found = ID.match(text)
        return (found[0], text[found.end() :]) if found else None


def _simple(verb: Callable[[Tx, Asker, str], Task], said: str) -> Callable[[Tx, Request, Arguments], Answer]:
    """A verb that takes only a task; `said` is how its answer goes on."""

    def run(tx: Tx, request: Request, args: Arguments) -> Answer:
        return Say(said.format(key=verb(tx, asker(tx, request), args["key"]).key))

    return run


def progress(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say how far it is."""
    task = service.progress(tx, asker(tx, request), args["key"], args["percent"], args["said"] or "")
    return Say(f"{task.key} is at {task.percent}%, {task.status}.")


def complete(tx: Tx, request: Request, args: Arguments) -> Answer:
    """All of it is done."""
    task = service.complete(tx, asker(tx, request), args["key"], args["said"] or "")
    return Say(f"{task.key} is completed. :tada: {_waiting(tx, task)}By mistake? `/task reopen {task.key}`")


def block(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Raise a blocker for it."""
    who = asker(tx, request)
    task, blocker = service.block(tx, who, args["key"], Raised(what=args["what"]))
    return Say(
        f"{task.key} is blocked: blocker {blocker.number} is open, and climbs until somebody has it. "
        f"`/blocker resolve {blocker.number} what helped` unblocks it."
    )


def reopen(tx: Tx, request: Request, args: Arguments) -> Answer:
    """It is not over after all."""
    task = service.reopen(tx, asker(tx, request), args["key"], args["said"] or "")
    return Say(f"{task.key} is {task.status} again, at {task.percent}%. Who waits for it is told.")


def assign(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Give it to somebody."""
    who = asker(tx, request)
    people = [buttons.person(who, user) for user in (args["person"], args["second"], args["third"]) if user]
    task = service.assign(tx, who, args["key"], people)
    return Say(f"{task.key} is {', '.join(map(who.directory.called, people))}'s now; they are told.")


def note(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say something about it."""
    task = service.note(tx, asker(tx, request), args["key"], args["text"])
    return Say(f"Noted on {task.key}. `/task show {task.key}` has its history.")


def files(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Name its files, or see them."""
    who = asker(tx, request)
    paths = b.unescape(args["paths"] or "").replace(",", " ").split()
    known = service.get(tx, who.directory.plan_id, args["key"])
    task = service.files(tx, who, known.key, paths) if paths else known
    named = "\n".join(f"• `{b.escape(path)}`" for path in task.files) or "none yet"
    return Say(
        f"Files of {task.key}:\n{named}\n`/task files {task.key} src/a.py -src/b.py` adds one and takes one out."
    )


def tick(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Tick a criterion."""
    task = service.tick(tx, asker(tx, request), args["key"], args["which"])
    return Say(_ticked(task))


def untick(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Untick a criterion."""
    task = service.tick(tx, asker(tx, request), args["key"], args["which"], done=False)
    return Say(_ticked(task))


def point(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say how it stands where teams meet."""
    *name, last = args["point"].split()
    known = last.lower() in STANDS
    words, state = (" ".join(name), last) if known and name else (args["point"], "completed")
    if words.lower().endswith(" in") and state == "progress":
        words, state = words[:-3], "in progress"
    task = service.point(tx, asker(tx, request), args["key"], words, service.stands(state))
    left = ", ".join(map(b.escape, task.open_points))
    return Say(f"{b.escape(words)} is {service.stands(state)}. {f'Open: {left}.' if left else 'All points are met.'}")


def drop(tx: Tx, request: Request, args: Arguments) -> Answer:
    """It will not be done."""
    task = service.drop(tx, asker(tx, request), args["key"], _reason(args["reason"]))
    return Say(f"{task.key} is dropped. {_waiting(tx, task)}By mistake? `/task reopen {task.key}`")


def override(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Let it start whatever holds it."""
    task = service.override(tx, asker(tx, request), args["key"], _reason(args["reason"]))
    return Say(f"{task.key} may start. It is recorded with your reason, and announced.")


def start(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Begin it; what it wants and goes on without is told."""
    task = service.start(tx, asker(tx, request), args["key"])
    how = f"`/task progress {task.key} 50%` says how far, `/task complete {task.key}` ends it."
    told = card.wanted(views.view(Scene(tx, task.plan_id), task)) if task.wants else []
    return Say("\n".join([f"{task.key} is in progress. {how}", *told]))


def spent(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say how long it took."""
    task = service.spent(tx, asker(tx, request), args["key"], args["span"])
    return Say(f"{task.key} took {views.view(Scene(tx, task.plan_id), task).actual}.")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show one with its history."""
    who = asker(tx, request)
    task = service.get(tx, who.directory.plan_id, args["key"])
    lines = [views.line(who.directory, entry) for entry in timeline.history(tx, task.subject)]
    return buttons.say(card.card(views.view(Scene(tx, task.plan_id), task, who.person.key), lines))


def _ticked(task: Task) -> str:
    left = task.open_criteria
    if not left:
        return f"All criteria of {task.key} are ticked: `/task complete {task.key}` ends it."
    rest = "\n".join(f"• {b.escape(text)}" for text in left)
    return f"{len(task.criteria) - len(left)} of {len(task.criteria)} criteria of {task.key} are ticked. Left:\n{rest}"


def _waiting(tx: Tx, task: Task) -> str:
    waiting = Scene(tx, task.plan_id).waiting(task.key)
    return f"{', '.join(one.key for one in waiting)} waited for it. " if waiting else ""


def _reason(text: str | None) -> str:
    """What follows `because`, or all of it."""
    return BECAUSE.sub("", text or "", count=1).strip() if (text or "").lower().startswith("because") else text or ""


STANDS: Sequence[str] = ("completed", "done", "progress", "started", "open")
KEY = Key("key")
claim = _simple(service.claim, "{key} is yours. `/task start {key}` begins it.")
release = _simple(service.release, "{key} is given back.")

command = Command(
    word="task",
    about="Your tasks: what may start, how far it is, what it waits for",
    verbs=(
        Verb("claim", claim, "take one that nobody has", (KEY,), aliases=("take",)),
        Verb("start", start, "begin it; refused while it waits for something", (KEY,), aliases=("begin",)),
        Verb("progress", progress, "how far it is", (KEY, Percent("percent"), Text("said", optional=True))),
        Verb("block", block, "something is in the way: a blocker is raised", (KEY, Text("what")), aliases=("blocked",)),
        Verb("tick", tick, "a criterion is fulfilled, by its number or its words, or `all`", (KEY, Text("which"))),
        Verb("untick", untick, "it is not after all", (KEY, Text("which"))),
        Verb("complete", complete, "all of it is done", (KEY, Text("said", optional=True)), aliases=("done", "finish")),
        Verb("reopen", reopen, "it is not over after all", (KEY, Text("said", optional=True))),
        Verb(
            "assign", assign, "give it to somebody, who is told",
            (KEY, Person("person"), Person("second", optional=True), Person("third", optional=True)),
            aliases=("give", "reassign"),
        ),
        Verb("release", release, "give it back, so that somebody else may claim it", (KEY,), aliases=("unclaim",)),
        Verb("note", note, "say something about it", (KEY, Text("text"))),
        Verb("files", files, "the files it touches; `-` in front takes one out", (KEY, Text("paths", optional=True))),
        Verb("point", point, "how it stands where teams meet: `Sign-in completed`", (KEY, Text("point"))),
        Verb("spent", spent, "how long it took, where the clock cannot know", (KEY, Span("span"))),
        Verb("drop", drop, "it will not be done: `because ...`", (KEY, Text("reason", optional=True))),
        Verb(
            "override", override, "let it start before its time: `because ...`, for the coordinator",
            (KEY, Text("reason", optional=True)),
        ),
        Verb("show", show, "one of them, with its history", (KEY,), reads=True),
        Verb("mine", lists.mine, "what you have, with buttons", reads=True),
        Verb("waiting", lists.waiting, "who waits for you, and for whom you wait", reads=True),
        Verb(
            "list", lists.every, "all of them by phase; or of a phase, team, area, kind, state or person",
            (Choice("by", ("by area", "by team", "by phase"), optional=True), Text("what", optional=True)), reads=True,
        ),
    ),
    otherwise=Verb("show", show, "one of them, with its history", (KEY,), reads=True),
    alone=lists.mine,
    alone_reads=True,
    examples=("start A-1", "progress A-1 50%", "block A-1 mongo refuses TLS", "complete A-1", "list backend"),
)  # fmt: skip
