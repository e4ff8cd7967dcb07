"""Conflicts in Slack: verbs of `/lock`, and the buttons of the card."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.branches.service import repositories
from callboard.conflicts import messages, notices, service, store
from callboard.conflicts.models import Answer as How
from callboard.conflicts.models import Conflict, Degree, State
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import complete, counted, joined
from callboard.locks import messages as lock_messages
from callboard.locks import notices as lock_notices
from callboard.locks import pushes, rights
from callboard.locks.store import rivals
from callboard.locks.targets import Target
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Text, Verb
from callboard.slack.requests import Request
from callboard.tasks import service as tasks
from callboard.teams.directory import Asker
from callboard.teams.slack import About, Answerable, Click, asker

TARGETS, BRANCHES = 5, 10
DOES = complete(How, {How.TALK: "talk about it", How.REBASE: "rebase"})
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
    what = " ".join(f"{m.code(str(target))}" for target in wanted[:TARGETS])
    lines = [f"{m.bold(task.key)} {m.escape(task.title)}: {what}"]
    lines += list(dict.fromkeys(_owned(tx, who, target) for target in wanted))[:TARGETS]
    held = rivals(tx, plan_id, wanted)
    lines += [lock_messages.one_line(lock_notices.view(tx, rival.lock)) for rival in held[:TARGETS]]
    touching = pushes.touching(tx, plan_id, wanted)
    lines += [pushes.branch_line(who.directory, branch, files) for branch, files in touching[:BRANCHES]]
    if not held and not touching:
        lines.append(":white_check_mark: No lock and no live branch touches them.")
    return Say("\n".join(lines))


def _owned(tx: Tx, who: Asker, target: Target) -> str:
    owners = [rights.whose(who.directory, owned) for owned in rights.owned_by(tx, who.directory.plan_id, target)]
    return f"{m.code(str(target))} is {joined(owners) or 'nobody’s'}."


def _answer(click: Click[Conflict], how: How) -> Answer:
    service.answer(click.tx, click.asker, click.row.number, how, click.changes)
    return Say(f"Conflict {click.row.number}: the others see that you {DOES[how]}. It closes when git can merge.")


def _accept(click: Click[Conflict]) -> Answer:
    service.accept(click.tx, click.asker, click.row.number, "", click.changes)
    return Say(f"Conflict {click.row.number} is accepted. I tell nobody, unless it gets worse. Undo: *Look again*.")


def _reopen(click: Click[Conflict]) -> Answer:
    service.reopen(click.tx, click.asker, click.row.number, click.changes)
    return Say(f"Conflict {click.row.number} is open again.")


def _judge(click: Click[Conflict], *, useful: bool) -> Answer:
    service.judge(click.tx, click.asker, click.row.number, useful=useful)
    return Say(f"Noted: this was {'worth' if useful else 'not worth'} telling.")


command = Command(
    word="lock",
    about="",
    verbs=(
        Verb(
            "conflicts", conflicts, "list which branches collide, between which teams; with a word, what has it",
            (Text("word", optional=True),), reads=True,
        ),
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
    CONFLICTS.button("conflict.fine", _accept),
    CONFLICTS.button("conflict.reopen", _reopen),
    CONFLICTS.button("conflict.useless", lambda click: _judge(click, useful=False)),
    CONFLICTS.button("conflict.useful", lambda click: _judge(click, useful=True)),
)
