"""The buttons and forms of tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.blockers import service as blockers
from callboard.blockers.plan import settings, usual_severity
from callboard.blockers.service import Raised
from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.core.outbox import Message
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.tasks import rights, service, store
from callboard.tasks.messages import card, views
from callboard.tasks.models import Task
from callboard.tasks.service import Scene
from callboard.tasks.slack import forms
from callboard.teams import service as teams
from callboard.teams.service import Asker, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = "That task is not in the plan any more. `/task list` shows those that are."
MOST = 100
Press = Callable[["Tx", Asker, Task, int], Answer]
Submit = Callable[["Tx", Asker, Request, Task, int], Answer]


def asker(tx: Tx, request: Request) -> Asker:
    """Who asks, in which plan."""
    return teams.identify(
        tx, request.workspace, request.channel, request.channel_name, request.user, request.plan, is_bot=request.is_bot
    )


def say(message: Message) -> Say:
    """A message as an answer."""
    return Say(message.text, message.blocks)


def person(who: Asker, user: str) -> Person:
    """Whom somebody means. Raises Refused for whoever is not in the plan."""
    found = who.directory.by_slack(user)
    if found is None:
        plan = who.directory.plan_name
        raise Refused(f"{b.mention(user)} is not in {plan}. Name somebody of the plan; `/plan people` lists them.")
    return found


def _of(tx: Tx, request: Request, number: int) -> tuple[Asker, Task]:
    """Who asks, in the plan of the task they ask about; one of another workspace does not exist for them."""
    task = store.find(tx, number)
    if task is None or task.gone:
        raise Refused(GONE)
    directory = teams.directory(tx, task.plan_id)
    if directory.workspace not in ("", request.workspace):
        raise Refused(GONE)
    return asker(tx, replace(request, plan=directory.plan_key)), task


def _button(press: Press) -> Callable[[Tx, Request], Answer]:
    def pressed(tx: Tx, request: Request) -> Answer:
        number, _, changes = request.value.rpartition(":")
        return press(tx, *_of(tx, request, int(number)), int(changes))

    return pressed


def _form(submit: Submit) -> Callable[[Tx, Request], Answer]:
    def submitted(tx: Tx, request: Request) -> Answer:
        who, task = _of(tx, request, int(request.private["number"]))
        return submit(tx, who, request, task, int(request.private["changes"]))

    return submitted


def _view(tx: Tx, who: Asker, task: Task) -> views.TaskView:
    return views.view(Scene(tx, task.plan_id), task, who.person.key)


def _now(tx: Tx, who: Asker, task: Task) -> Say:
    """The task as it stands now, with its buttons."""
    return say(card.card(_view(tx, who, task)))


def _claim(tx: Tx, who: Asker, task: Task, changes: int) -> Answer:
    return _now(tx, who, service.claim(tx, who, task.key, changes))


def _start(tx: Tx, who: Asker, task: Task, changes: int) -> Answer:
    return _now(tx, who, service.start(tx, who, task.key, changes))


def _reopen(tx: Tx, who: Asker, task: Task, changes: int) -> Answer:
    return _now(tx, who, service.reopen(tx, who, task.key, "", changes))


def _complete(tx: Tx, who: Asker, task: Task, changes: int) -> Answer:
    """At once, or by a form where there are criteria to tick."""
    rights.unsettled(tx, who, task.key, changes)
    if task.open_criteria and len(task.criteria) <= forms.BOXES:
        rights.needs_worker(who, task, "complete it")
        return Modal(forms.complete(_view(tx, who, task)))
    return _now(tx, who, service.complete(tx, who, task.key, "", changes))


def _ask_progress(tx: Tx, who: Asker, task: Task, changes: int) -> Answer:
    rights.unsettled(tx, who, task.key, changes)
    rights.needs_worker(who, task, "say how far it is")
    return Modal(forms.progress(_view(tx, who, task)))


def _ask_block(tx: Tx, who: Asker, task: Task, changes: int) -> Answer:
    rights.unsettled(tx, who, task.key, changes)
    rules = settings(tx, task.plan_id)
    usual = usual_severity(rules)
    return Modal(forms.block(_view(tx, who, task), list(rules.severities), rules.categories, usual))


def choose_more(tx: Tx, request: Request) -> Answer:
    """Do what was chosen in the menu behind the dots: `note:12:3`."""
    verb, number, changes = request.value.split(":")
    who, task = _of(tx, request, int(number))
    if verb == "show":
        lines = [views.line(who.directory, entry) for entry in timeline.history(tx, task.subject)]
        return say(card.card(_view(tx, who, task), lines))
    rights.unsettled(tx, who, task.key, int(changes))
    form = {"note": forms.note, "tick": forms.tick, "assign": forms.assign, "drop": forms.drop}[verb]
    return Modal(form(_view(tx, who, task)))


def _submit_progress(tx: Tx, who: Asker, request: Request, task: Task, changes: int) -> Answer:
    text = (request.values.get("percent") or "").strip().removesuffix("%").strip()
    if not text.isdigit() or int(text) > MOST:
        return Errors({"percent": "Write a number from 0 to 100."})
    rights.unsettled(tx, who, task.key, changes)
    _tick(tx, who, request, task)
    service.progress(tx, who, task.key, int(text), request.values.get("said") or "")
    return Done()


def _submit_complete(tx: Tx, who: Asker, request: Request, task: Task, changes: int) -> Answer:
    rights.unsettled(tx, who, task.key, changes)
    chosen = forms.ticked(task.criteria, request.values)
    if len(chosen) < len(task.criteria):
        return Errors({"criteria": "It is complete when all of these are fulfilled. *How far* keeps some of them."})
    _tick(tx, who, request, task)
    service.complete(tx, who, task.key, request.values.get("said") or "")
    return Done()


def _submit_tick(tx: Tx, who: Asker, request: Request, task: Task, changes: int) -> Answer:
    rights.unsettled(tx, who, task.key, changes)
    _tick(tx, who, request, task)
    return Done()


def _submit_block(tx: Tx, who: Asker, request: Request, task: Task, changes: int) -> Answer:
    values = request.values
    if not blockers.WORD.search(values.get("what") or ""):
        return Errors({"what": "Say in a few words what is in the way."})
    waits_for = who.directory.by_slack(values.get("waits_for") or "")
    if values.get("waits_for") and waits_for is None:
        return Errors({"waits_for": f"They are not in {who.directory.plan_name}: pick somebody of the plan."})
    service.block(tx, who, task.key, Raised(
        what=values["what"], severity=values.get("severity"), category=values.get("category"),
        waits_for=waits_for.key if waits_for else None,
    ), changes)  # fmt: skip
    return Done()


def _submit_note(tx: Tx, who: Asker, request: Request, task: Task, _changes: int) -> Answer:
    service.note(tx, who, task.key, request.values["said"])
    return Done()


def _submit_assign(tx: Tx, who: Asker, request: Request, task: Task, changes: int) -> Answer:
    users = request.values.get("people") or []
    strangers = [user for user in users if who.directory.by_slack(user) is None]
    if strangers or not users:
        return Errors({"people": f"Pick people of {who.directory.plan_name}."})
    service.assign(tx, who, task.key, [person(who, user) for user in users], changes)
    return Done()


def _submit_drop(tx: Tx, who: Asker, request: Request, task: Task, changes: int) -> Answer:
    service.drop(tx, who, task.key, request.values.get("why") or "", changes)
    return Done()


def _tick(tx: Tx, who: Asker, request: Request, task: Task) -> None:
    """Tick and untick what is different in a form."""
    chosen = forms.ticked(task.criteria, request.values)
    for place, one in enumerate(task.criteria[: forms.BOXES]):
        if one["done"] != (place in chosen):
            service.tick(tx, who, task.key, str(place + 1), done=place in chosen)


interactions = (
    Interaction("button", "task.claim", _button(_claim)),
    Interaction("button", "task.start", _button(_start)),
    Interaction("button", "task.reopen", _button(_reopen)),
    Interaction("button", "task.complete", _button(_complete)),
    Interaction("button", "task.progress", _button(_ask_progress)),
    Interaction("button", "task.block", _button(_ask_block)),
    Interaction("button", "task.more", choose_more),
    Interaction("modal", "task.progress", _form(_submit_progress)),
    Interaction("modal", "task.complete", _form(_submit_complete)),
    Interaction("modal", "task.tick", _form(_submit_tick)),
    Interaction("modal", "task.block", _form(_submit_block)),
    Interaction("modal", "task.note", _form(_submit_note)),
    Interaction("modal", "task.assign", _form(_submit_assign)),
    Interaction("modal", "task.drop", _form(_submit_drop)),
)
