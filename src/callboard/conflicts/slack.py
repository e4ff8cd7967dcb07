"""Conflicts in Slack: verbs of `/lock`, and the buttons of the card."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.branches.models import Merge
from callboard.branches.service import repositories
from callboard.conflicts import messages, notices, resolution, service, store
from callboard.conflicts.models import Answer as How
from callboard.conflicts.models import Conflict, Degree, State
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted, few, few_lines, joined
from callboard.locks import messages as lock_messages
from callboard.locks import notices as lock_notices
from callboard.locks import pushes, rights
from callboard.locks.store import rivals
from callboard.locks.targets import Target
from callboard.slack.answers import Answer, Modal, Say
from callboard.slack.grammar import Arguments, Command, Number, Text, Verb
from callboard.slack.requests import Request
from callboard.tasks import service as tasks
from callboard.teams.directory import Asker
from callboard.teams.slack import About, Answerable, Click, asker

TARGETS, BRANCHES = 5, 10
DOES = {How.TALK: "talk about it", How.REBASE: "rebase"}
CONFLICTS: About[Conflict] = About(
    store.find, "This conflict does not exist any more. `/lock conflicts` lists them.",
    lambda tx, row: messages.card(notices.view(tx, row)),
)  # fmt: skip


def conflicts(tx: Tx, request: Request, args: Arguments) -> Answer:
    """List the worst that stand, between which teams, and how many were worth telling."""
    directory = asker(tx, request).directory
    word = (args["word"] or "").lower()
    found = [
        each for each in service.going(tx, directory.plan_id)
        if word in " ".join([each.one, each.other, each.degree, *each.files, *each.teams, *each.people]).lower()
    ]  # fmt: skip
    found.sort(key=lambda conflict: -Degree(conflict.degree).rank)
    views = [notices.view(tx, each) for each in found[: messages.LISTED]]
    worth = service.precision(tx, directory.plan_id)
    table = messages.matrix(directory, found)
    return Say(counted(len(found), "conflict"), messages.listed(views, len(found), table, worth.share, worth.judged))


def dry_run(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say which live branches and locks touch the files of a task, before anybody works on it."""
    who = asker(tx, request)
    plan_id = who.directory.plan_id
    task = tasks.get(tx, plan_id, args["task"])
    wanted, key = pushes.of_task(task, *repositories(tx, plan_id)), m.escape(task.key)
    if not wanted:
        raise Refused(f"{key} names no files. Name some: `/task files {key} src/api/**`.")
    what = few([m.code(str(target)) for target in wanted], TARGETS, " ")
    lines = [f"{m.bold(task.key)} {m.escape(task.title)}: {what}"]
    lines += few_lines(dict.fromkeys(_owned(tx, who, target) for target in wanted), TARGETS)
    held = rivals(tx, plan_id, wanted)
    lines += few_lines([lock_messages.one_line(lock_notices.view(tx, rival.lock)) for rival in held], TARGETS)
    touching = pushes.touching(tx, plan_id, wanted)
    lines += few_lines([pushes.branch_line(who.directory, branch, files) for branch, files in touching], BRANCHES)
    if not held and not touching:
        lines.append(":white_check_mark: No lock and no live branch touches them.")
    return Say("\n".join(lines))


def _owned(tx: Tx, who: Asker, target: Target) -> str:
    owners = [rights.whose(who.directory, owned) for owned in rights.owned_by(tx, who.directory.plan_id, target)]
    return f"{m.code(str(target))} is {joined(owners) or 'nobody’s'}."


def _answer(click: Click[Conflict], how: How) -> Answer:
    service.answer(click.tx, click.asker, click.row.number, how, click.changes)
    return Say(f"Conflict {click.row.number}: the others see that you {DOES[how]}. It closes when git can merge.")


def decide(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say what becomes of a conflict."""
    return _decided(resolution.decide(tx, asker(tx, request), args["number"], args["text"]))


def _decided(conflict: Conflict) -> Answer:
    return Say(f"Conflict {conflict.number} is decided. Its people and the leads read what you wrote.")


def _open_decision(click: Click[Conflict]) -> Answer:
    conflict = service.still_open(click.tx, click.asker, click.row.number, "decide", click.changes)
    resolution.may_decide(click.tx, click.asker, conflict)
    return Modal(messages.form(conflict))


def _submit_decision(click: Click[Conflict]) -> Answer:
    return _decided(
        resolution.decide(click.tx, click.asker, click.row.number, click.values.get("text") or "", click.changes)
    )


def merge(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Let git merge a simple conflict; whoever leads neither team asks those who do."""
    return _merged(resolution.merge(tx, asker(tx, request), args["number"]))


def _merged(merge: Merge | None) -> Answer:
    if merge is None:
        return Say("I asked the leads of both teams: one of them has to say that git may merge it.")
    if merge.id:
        own = m.code(merge.branch)
        return Say(f"Git merges both into {own}. I tell you and the leads when it is there. Neither branch changes.")
    return Say(
        "The plan does not let me push, so please type this; git merges it by itself. To let me do it: "
        f"`merge: true` at the repository in the plan.\n{resolution.by_hand(merge)}"
    )


def _accept(click: Click[Conflict]) -> Answer:
    service.accept(click.tx, click.asker, click.row.number, "", click.changes)
    return Say(f"Conflict {click.row.number} is accepted. I tell nobody, unless it gets worse. Undo: *Look again*.")


def _reopen(click: Click[Conflict]) -> Answer:
    service.reopen(click.tx, click.asker, click.row.number, click.changes)
    return Say(f"Conflict {click.row.number} is open again.")


def _judge(click: Click[Conflict], *, useful: bool) -> Answer:
    service.judge(click.tx, click.asker, click.row.number, useful=useful)
    return Say(f"Noted: this was {'worth' if useful else 'not worth'} telling.")


NUMBER = Number("number", find=store.find)
command = Command(
    word="lock",
    about="",
    verbs=(
        Verb(
            "conflicts", conflicts, "list which branches collide, between which teams; with a word, what has it",
            (Text("word", optional=True),), reads=True,
        ),
        Verb(
            "decide", decide, "say what becomes of a conflict: the people of its branches read it",
            (NUMBER, Text("text", sample="omega rebases, sigma waits")),
        ),
        Verb("merge", merge, "let git merge a simple conflict, into a branch of its own", (NUMBER,)),
        Verb(
            "plan", dry_run, "a dry run: list which branches and locks touch the files of a task",
            (Text("task", sample="A-1"),), reads=True,
        ),
    ),
)  # fmt: skip

ANSWER = Answerable(
    CONFLICTS, lambda click: _answer(click, How.TALK), "I talk about it", lambda _, row: row.state == State.OPEN,
    lambda _: "/lock conflicts",
)  # fmt: skip
interactions = (
    CONFLICTS.button("conflict.talk", lambda click: _answer(click, How.TALK)),
    CONFLICTS.button("conflict.rebase", lambda click: _answer(click, How.REBASE)),
    CONFLICTS.button("conflict.merge", lambda c: _merged(resolution.merge(c.tx, c.asker, c.row.number, c.changes))),
    CONFLICTS.button("conflict.decide", _open_decision),
    CONFLICTS.form("conflict.decide", _submit_decision),
    CONFLICTS.button("conflict.fine", _accept),
    CONFLICTS.button("conflict.reopen", _reopen),
    CONFLICTS.button("conflict.useless", lambda click: _judge(click, useful=False)),
    CONFLICTS.button("conflict.useful", lambda click: _judge(click, useful=True)),
)
