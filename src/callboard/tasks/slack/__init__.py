"""How people meet tasks in Slack."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from callboard.blockers.service import Raised
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.slack import small_words
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Choice, Command, Person, Span, Taken, Text, Verb
from callboard.slack.help import on_another
from callboard.slack.number_lists import read_keys
from callboard.slack.requests import Request
from callboard.tasks import messages, service, store
from callboard.tasks.dependencies import Scene
from callboard.tasks.models import Task
from callboard.tasks.slack import buttons, lists
from callboard.tasks.slack.buttons import read_percent
from callboard.teams.slack import BECAUSE, asker
from callboard.teams.slack import person as mentioned
from callboard.zones.paths import composed, of_address
from callboard.zones.patterns import Pattern

STANDS = re.compile(r"(.*\S)\s+(completed|done|in progress|started|open|failed|blocked)", re.IGNORECASE)


PATH = re.compile(r"""(-?)(?:["“”„]([^"“”„]+)["“”„]|([^\s,"“”„]+))""")
WORK = r"([A-Za-z][\w.-]*\d[\w.-]*)"
WHAT_NOW = (
    r"what(?:['’]s|\s+is|\s+should\s+i\s+do|\s+can\s+i\s+do|\s+do\s+i\s+(?:do|have))(?:\s+(?:now|next|to\s+do))?|"
    r"(?:show\s+)?my\s+tasks?"
)
I_HAVE = r"(?:i(?:['’]m|\s+am|\s+have)?\s+)?"
PHRASES = (
    (re.compile(WHAT_NOW, re.IGNORECASE), "mine"),
    (re.compile(rf"{I_HAVE}(?:done\s+with|finished|completed)\s+{WORK}", re.IGNORECASE), r"complete \1"),
    (re.compile(rf"{WORK}\s+(?:is\s+)?(?:now\s+)?(?:done|finished|completed?)", re.IGNORECASE), r"complete \1"),
    (re.compile(rf"{I_HAVE}(?:start(?:ed|ing)?|working\s+on)\s+{WORK}", re.IGNORECASE), r"start \1"),
)
"""What people write to the bot about their tasks."""
MINUS = re.compile(r"(?:^|(?<=[\s,]))[-–—]\s*(?=\S)")


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
    verb: Callable[..., Task], answer: Callable[[Tx, Task], str], *given: str, now: str = ""
) -> Callable[[Tx, Request, Arguments], Answer]:
    """A verb that changes a task: it takes the key and what else is `given`, and answers in a sentence.

    One that ends something `now` has its name there.
    """

    def run(tx: Tx, request: Request, args: Arguments) -> Answer:
        who, more = asker(tx, request), ["" if args[name] is None else args[name] for name in given]
        if now and small_words.says_now(more[0], today=True):
            more = [""]
        elif now:
            buttons.refuse_promise(tx, who, args["key"], more[0], now)
        return Say(answer(tx, verb(tx, who, args["key"], *more)))

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
    paths = _paths(m.unlinked(args["paths"] or ""))
    task = service.get(tx, who.directory.plan_id, args["key"])
    task = service.files(tx, who, task.key, paths) if paths else task
    listed = "\n".join(f"• {m.code(path)}" for path in task.files) or "none yet"
    how = f"`/task files {task.key} src/a.py -src/b.py` adds one and removes one."
    return Say(f"Files of {task.key}:\n{listed}\n{how}")


def _paths(text: str) -> list[str]:
    """The paths, each with a `-` in front where it is to go. Quotes hold spaces together."""
    words = PATH.findall(MINUS.sub(" -", text))
    paths = ((minus, quoted or bare) for minus, quoted, bare in words if bare != "and")
    return [f"{minus}{path}" if minus else _path(path) for minus, path in paths]


def _path(written: str) -> str:
    """A path or pattern of the dialect of zones. Raises Refused."""
    path = composed(written).replace("\\", "/").removeprefix("./")
    if why := of_address(path):
        raise Refused(f"{m.code(path)}: {m.escape(why)}.")
    try:
        Pattern.parse(path)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None
    return path


NONE_OPEN = "All points where teams meet are completed."


def point(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Set how it stands where teams meet: `Sign-in completed`, `Sign-in in progress`."""
    found = STANDS.fullmatch(args["point"])
    words, state = found.groups() if found else (args["point"], "completed")
    task = service.point(tx, asker(tx, request), args["key"], words, service.stands(state))
    left = ", ".join(map(m.escape, task.open_points))
    return Say(f"{m.escape(words)} is {service.stands(state)}. {f'Open: {left}.' if left else NONE_OPEN}")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return buttons.show(tx, service.get(tx, who.directory.plan_id, args["key"]), history=True)


def unblock(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What unblocks a task is the end of its blocker."""
    shown = buttons.view(tx, service.get(tx, asker(tx, request).directory.plan_id, args["key"]))
    if not shown.blocker:
        return Say(f"{shown.key} is not blocked by a blocker. How it stands: `/task show {shown.key}`")
    ends = f"`/blocker resolve {shown.blocker} what helped` ends that and unblocks it."
    return Say(f"{shown.key} is blocked by blocker {shown.blocker}. {ends}")


def added(_tx: Tx, _request: Request, _args: Arguments) -> Answer:
    in_file = "Tasks come from the plan file: add it there, under `tasks`, and hand the file in with `/plan apply`."
    return Say(f"{in_file} What a meeting gives somebody to do becomes one, too: `/meeting record`.")


def planned(_tx: Tx, request: Request, args: Arguments) -> Answer:
    """`due A-1 friday` is of the plan: `/plan set A-1 due friday`."""
    word, _, _ = request.text.strip().partition(" ")
    field = PLANNED.get(word.lower(), "due")
    return on_another(f"set {args['key']} {field} {args['value']}", "plan", command, request)


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


WRITTEN = re.compile(
    r"(?:(?:the\s+)?task\s+(?=\S*\d))?[`\"'“”‘’(#]*[A-Za-z0-9][\w.–-]*[`\"'“”‘’)]*[:,]?(?=\s|$)",  # noqa: RUF001
    re.IGNORECASE,
)


class Paths(Text):
    """The dash in front of a path takes it away."""


def _last_word(written: str) -> str:
    """The key in `the task A-1`."""
    return written.rsplit(maxsplit=1)[-1]


PLANNED = {"due": "due", "deadline": "due", "priority": "priority", "estimate": "estimate", "rename": "title"}
"""What the plan says of a task, by the word that people type after `/task`."""
KEY = Like("key", "A-1", "a task", WRITTEN, _last_word)
SOME = Keys("key", "A-1", "a task", WRITTEN, _last_word)
PERCENT = Like("percent", "50%", "a percentage up to 100", re.compile(r"(?:(?:to|at)\s+)?[~≈]?\d{1,3}\s*%?(?=\s|$)"),
               read_percent)  # fmt: skip
claim = _does(service.claim, lambda _, task: f"{task.key} is yours. Next: `/task start {task.key}`.")
release = _does(service.release, lambda _, task: f"You gave {task.key} back. Undo: `/task claim {task.key}`.")
start = _does(service.start, _started)
progress = _does(
    service.progress, lambda _, task: f"{task.key} is at {task.percent}%, {task.status}.", "percent", "said"
)
tick = _does(service.tick, _ticked, "which")
untick = _does(partial(service.tick, done=False), _ticked, "which")
complete = _does(service.complete, _settled, "said", now="complete")
drop = _does(lambda tx, who, key, why: service.drop(tx, who, key, _because(why)), _settled, "reason", now="drop")
override = _does(
    lambda tx, who, key, why: service.override(tx, who, key, _because(why)),
    lambda _, task: f"{task.key} can start now. Your reason is announced.", "reason",
)  # fmt: skip
reopen = _does(
    service.reopen,
    lambda _, task: f"{task.key} is reopened: {task.status}, {task.percent}%. Teams that wait for it are told.", "said",
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
        Verb("progress", progress, "update how far it is", (KEY, PERCENT, Text("said", optional=True)),
             aliases=("update",)),
        Verb(
            "block", block, "raise a blocker for it", (KEY, Text("what", sample="mongo refuses TLS")),
            aliases=("blocked",),
        ),
        Verb("tick", tick, "tick a criterion, by its number or its words, or `all`", (KEY, Text("which", sample="1"))),
        Verb("untick", untick, "untick a criterion", (KEY, Text("which", sample="1"))),
        Verb("complete", complete, "complete it", (SOME, Text("said", optional=True)),
             aliases=("done", "finish", "close")),
        Verb("reopen", reopen, "reopen it after it was completed or dropped", (SOME, Text("said", optional=True))),
        Verb(
            "assign", assign, "give it to people, who are told",
            (KEY, Person("person"), Person("second", optional=True), Person("third", optional=True)),
            aliases=("give", "reassign"),
        ),
        Verb(
            "release", release, "give it back, so that somebody else can claim it", (SOME,),
            aliases=("unclaim", "unassign"),
        ),
        Verb("note", note, "add a note", (KEY, Text("text", sample="waits for the vendor")), aliases=("comment",)),
        Verb("files", files, "add files it touches; `-` in front removes one", (KEY, Paths("paths", optional=True))),
        Verb(
            "point", point, "update where teams meet: `Sign-in completed`",
            (KEY, Text("point", sample="Sign-in completed")),
        ),
        Verb("spent", spent, "set how long it took", (KEY, Span("span"))),
        Verb("drop", drop, "drop it: `because ...`", (KEY, Text("reason", optional=True)),
             aliases=("delete", "remove", "cancel")),
        Verb(
            "override", override, "let it start early: `because ...`; for coordinators",
            (KEY, Text("reason", optional=True)),
        ),
        Verb("unblock", unblock, "show what unblocks it", (KEY, Text("said", optional=True)), reads=True),
        Verb(
            "due", planned, "change its due date: asks for `/plan set`, as do `priority`, `estimate` and `rename`",
            (KEY, Text("value", sample="friday")), aliases=("deadline", "priority", "estimate", "rename"), reads=True,
        ),
        Verb("show", show, "show one, with its history", (KEY,), reads=True),
        Verb("mine", lists.mine, "show your tasks, with buttons", aliases=("next", "todo"), reads=True),
        Verb("waiting", lists.waiting, "show who waits for you, and for whom you wait", reads=True),
        Verb(
            "list", lists.every, "list all by phase; or those of a phase, team, area, kind, state or person",
            (Choice("by", ("by area", "by team", "by phase"), optional=True), Text("what", optional=True)),
            aliases=("search", "find", "ls"), reads=True,
        ),
        Verb("add", added, "say how the plan gets one more", (Text("what", optional=True),),
             aliases=("create", "new"), reads=True),
    ),
    otherwise=Verb("show", show, "show one, with its history", (KEY,), reads=True),
    alone=lists.mine,
    alone_reads=True,
    which=lists.which,
    phrases=PHRASES,
    sentences=False,
    called=lambda tx, number: task.key if (task := store.find(tx, number)) else None,
    examples=("start A-1", "progress A-1 50%", "block A-1 mongo refuses TLS", "complete A-1", "list backend"),
)  # fmt: skip
