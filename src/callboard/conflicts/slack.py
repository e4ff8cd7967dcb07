"""How people meet conflicts in Slack: verbs of `/lock`, and the buttons of the card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.conflicts import messages, service, store
from callboard.conflicts.models import Degree
from callboard.conflicts.severity import of_task
from callboard.core.errors import Refused
from callboard.locks import rights
from callboard.locks.messages import card as lock_messages
from callboard.locks.messages import git_activity
from callboard.locks.slack import wishes
from callboard.locks.slack.wishes import asker
from callboard.locks.store import rivals
from callboard.locks.targets import Target
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Text
from callboard.slack.grammar import Arguments, Command, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = "That conflict is not there any more. `/lock conflicts` shows those that are."
FEW = 5
Press = Callable[["Tx", Asker, int, int], str]


def conflicts(tx: Tx, request: Request, args: Arguments) -> Answer:
    """List those that stand, between which teams, and how many were worth telling."""
    who = asker(tx, request)
    word = (args["word"] or "").lower()
    found = [
        one for one in service.going(tx, who.directory.plan_id)
        if word in " ".join([one.one, one.other, one.degree, *one.files, *one.teams, *one.people]).lower()
    ]  # fmt: skip
    found.sort(key=lambda one: -_rank(one.degree))
    shown = [messages.conflict_view(tx, one) for one in found[: messages.LISTED]]
    worth = service.precision(tx, who.directory.plan_id)
    table = b.escape(messages.matrix(who.directory, found))
    return Say(f"{len(found)} conflicts", messages.listed(shown, len(found), table, worth.share, worth.judged))


def dry_run(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say which live branches and locks touch the files of a task, before anybody works on it."""
    who = asker(tx, request)
    plan_id = who.directory.plan_id
    task = tasks.get(tx, plan_id, args["task"])
    wanted = of_task(task, *wishes.repositories(tx, plan_id))
    if not wanted:
        raise Refused(f"{b.escape(task.key)} names no files: `/task files {b.escape(task.key)} src/api/**` names some.")
    what = " ".join(f"`{b.escape(str(one))}`" for one in wanted[:FEW])
    lines = [f"{b.bold(task.key)} {b.escape(task.title)}: {what}"]
    lines += list(dict.fromkeys(_owned(tx, who, one) for one in wanted))[:FEW]
    held = rivals(tx, plan_id, wanted)
    lines += [lock_messages.one_line(lock_messages.lock_view(tx, one.lock)) for one in held[:FEW]]
    touching = git_activity.touching(tx, plan_id, wanted)
    lines += [git_activity.branch_line(who.directory, branch, files) for branch, files in touching[:10]]
    if not held and not touching:
        lines.append(":white_check_mark: No lock and no live branch touches them.")
    return Say("\n".join(lines))


def _owned(tx: Tx, who: Asker, target: Target) -> str:
    found = rights.owned_by(tx, who.directory.plan_id, target)
    whose = dict.fromkeys(rights.whose(who.directory, one) for one in found)
    return f"`{b.escape(str(target))}` is {' and '.join(whose) or 'nobody’s'}."


def _rank(degree: str) -> int:
    return Degree(degree).rank


def _button(press: Press) -> Callable[[Tx, Request], Answer]:
    def pressed(tx: Tx, request: Request) -> Answer:
        number, _, changes = request.value.rpartition(":")
        conflict = store.find(tx, int(number))
        if conflict is None:
            raise Refused(GONE)
        directory = teams.directory(tx, conflict.plan_id)
        if directory.workspace not in ("", request.workspace):
            raise Refused(GONE)
        return Say(press(tx, asker(tx, replace(request, plan=directory.plan_key)), int(number), int(changes)))

    return pressed


def _talk(tx: Tx, who: Asker, number: int, changes: int) -> str:
    service.answer(tx, who, number, "talk", changes)
    return f"Conflict {number}: the others see that you talk about it. It closes itself when the branches go together."


def _rebase(tx: Tx, who: Asker, number: int, changes: int) -> str:
    service.answer(tx, who, number, "rebase", changes)
    return f"Conflict {number}: the others see that you rebase. It closes itself when the branches go together."


def _fine(tx: Tx, who: Asker, number: int, changes: int) -> str:
    service.accept(tx, who, number, "", changes)
    return f"Conflict {number} is fine, then: I tell nobody any more, unless it gets worse. *Look again* undoes that."


def _reopen(tx: Tx, who: Asker, number: int, changes: int) -> str:
    service.reopen(tx, who, number, changes)
    return f"Conflict {number} is open again."


def _useless(tx: Tx, who: Asker, number: int, _changes: int) -> str:
    service.judge(tx, who, number, useful=False)
    return "Noted: this was not worth telling. `/lock conflicts` shows how many are."


def _useful(tx: Tx, who: Asker, number: int, _changes: int) -> str:
    service.judge(tx, who, number, useful=True)
    return "Noted: this was worth telling."


command = Command(
    word="lock",
    about="",
    verbs=(
        Verb(
            "conflicts", conflicts, "which branches collide, between which teams; with a word, those that have it",
            (Text("word", optional=True),), reads=True,
        ),
        Verb(
            "plan", dry_run, "a dry run: which branches and locks touch the files of a task",
            (Text("task"),), reads=True,
        ),
    ),
)  # fmt: skip

interactions = (
    Interaction("button", "conflict.talk", _button(_talk)),
    Interaction("button", "conflict.rebase", _button(_rebase)),
    Interaction("button", "conflict.fine", _button(_fine)),
    Interaction("button", "conflict.reopen", _button(_reopen)),
    Interaction("button", "conflict.useless", _button(_useless)),
    Interaction("button", "conflict.useful", _button(_useful)),
)
