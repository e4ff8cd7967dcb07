"""The buttons and forms of tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from callboard import blocks as b
from callboard.blockers.plan import settings, usual_severity
from callboard.blockers.service import Raised
from callboard.blockers.slack import choices
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.slack.answers import Answer, Modal, Say
from callboard.tasks import messages, rights, service, store
from callboard.tasks.dependencies import Scene
from callboard.tasks.messages import TaskView
from callboard.tasks.models import ALL, Task
from callboard.teams.directory import Asker, Person
from callboard.teams.slack import About, Click, Misfit, Press, Promised, is_promise

Form = dict[str, Any]
May = Callable[[Asker, Task], None]
SHORT = 200
FORMS = {
    "note": ("Add note", "Save", forms.text_input("What is new?", "said", multiline=True, max_length=2000)),
    "assign": ("Assign", "Assign", forms.user_input("Who does it?", "people", multi=True)),
    "drop": ("Drop task", "Drop", forms.text_input("Why will it not be done?", "why", multiline=True, max_length=1000)),
}
TASK = About[Task](
    store.find, "That task has left the plan. `/task list` shows all tasks.",
    lambda tx, task: messages.card(messages.view(Scene(tx, task.plan_id), task)),
)  # fmt: skip


def view(tx: Tx, task: Task) -> TaskView:
    return messages.view(Scene(tx, task.plan_id), task)


def say(message: Message) -> Say:
    return Say(message.text, message.blocks)


def show(tx: Tx, task: Task, *, history: bool = False) -> Say:
    scene = Scene(tx, task.plan_id)
    entries = timeline.history(tx, task.subject) if history else ()
    lines = [messages.history_line(scene.directory, entry) for entry in entries]
    return say(messages.card(messages.view(scene, task), lines))


def read_percent(text: str | None) -> int | None:
    """Read `50%` or `50`; None for anything else."""
    digits = (text or "").removeprefix("to").removeprefix("at").strip(" ~≈").removesuffix("%").strip()
    return int(digits) if digits.isdecimal() and int(digits) <= ALL else None


def _at_once(verb: Callable[..., Task]) -> Press[Task]:
    return lambda click: show(click.tx, verb(click.tx, click.asker, click.row.key, expected=click.changes))


def _opens(form: Callable[[TaskView], Form], may: May) -> Press[Task]:
    """A form; who can't send it reads that before they fill it in."""

    def press(click: Click[Task]) -> Answer:
        task = _fresh(click)
        may(click.asker, task)
        return Modal(form(view(click.tx, task)))

    return press


def _asks(verb: str, may: May) -> Press[Task]:
    title, submit, field = FORMS[verb]
    return _opens(lambda view: _modal(view, title, f"task.{verb}", submit, field), may)


def _saves(verb: Callable[[Click[Task]], object]) -> Press[Task]:
    """A form that is sent becomes the card: whoever clicked it may have done so where no card changes."""

    def submit(click: Click[Task]) -> Answer:
        verb(click)
        return show(click.tx, service.get(click.tx, click.row.plan_id, click.row.key))

    return submit


def _fresh(click: Click[Task]) -> Task:
    return rights.unsettled(click.tx, click.asker, click.row.key, click.changes)


def _complete(click: Click[Task]) -> Answer:
    """At once, or by a form where there are criteria to tick."""
    task = _fresh(click)
    if task.open_criteria and len(task.criteria) <= forms.MOST_BOXES:
        rights.needs_worker(click.asker, task, f"complete {task.key}")
        shown = view(click.tx, task)
        result = forms.text_input("What is the result?", "said", optional=True, max_length=2000)
        return Modal(_modal(shown, "Complete", "task.complete", "Complete", *_boxes(shown, optional=False), result))
    return show(click.tx, service.complete(click.tx, click.asker, task.key))


def _ask_progress(click: Click[Task]) -> Answer:
    task = _fresh(click)
    rights.needs_worker(click.asker, task, f"update {task.key}")
    shown = view(click.tx, task)
    percent = forms.text_input("Percent done", "percent", initial=str(task.percent), max_length=4)
    news = forms.text_input("What is new?", "said", multiline=True, optional=True, max_length=2000)
    return Modal(_modal(shown, "Update progress", "task.progress", "Save", percent, news, *_boxes(shown)))


def _ask_block(click: Click[Task]) -> Answer:
    task, rules = _fresh(click), settings(click.tx, click.row.plan_id)
    rights.may_block(click.asker, task)
    severities, kinds = (choices(names) for names in (rules.severities, rules.categories))
    return Modal(_modal(
        view(click.tx, task), "Raise blocker", "task.block", "Raise",
        forms.text_input("What is in the way?", "what", multiline=True, max_length=3000),
        forms.select_input("How bad is it?", "severity", severities, initial=b.option_value(usual_severity(rules))),
        *([forms.select_input("What kind?", "category", kinds, optional=True)] if kinds else []),
        forms.user_input("Who are you waiting for?", "waits_for", optional=True),
    ))  # fmt: skip


def refuse_promise(tx: Tx, who: Asker, key: str, said: str | None, verb: str) -> None:
    """What is typed happens now: `done A-1 tomorrow` completes nothing."""
    if said and is_promise(tx, who, said):
        key = service.get(tx, who.directory.plan_id, key).key
        instead = f"Is it so now? `/task {verb} {key}`. Not yet? `/task note {key} {m.clip(said, SHORT)}`"
        raise Promised(said, f"{key} is as it was", instead)


def _save_progress(click: Click[Task]) -> None:
    percent = read_percent(click.values.get("percent"))
    if percent is None:
        raise Misfit("percent", "Write a number from 0 to 100.")
    task = _fresh(click)
    _tick(click, task)
    service.progress(click.tx, click.asker, task.key, percent, click.values.get("said") or "")


def _save_complete(click: Click[Task]) -> None:
    task = _fresh(click)
    if len(_ticked(click, task)) < len(task.criteria):
        raise Misfit("criteria", "Tick all criteria to complete it. *Update progress* saves some of them.")
    refuse_promise(click.tx, click.asker, task.key, click.values.get("said"), "complete")
    _tick(click, task)
    service.complete(click.tx, click.asker, task.key, click.values.get("said") or "")


def _block(click: Click[Task]) -> None:
    values, waits_for, rules = click.values, click.person("waits_for"), settings(click.tx, click.row.plan_id)
    if not m.says_something(values.get("what") or ""):
        raise Misfit("what", "Say in a few words what is in the way.")
    service.block(click.tx, click.asker, click.row.key, Raised(
        what=values["what"], severity=b.option_text(values.get("severity"), rules.severities),
        category=b.option_text(values.get("category"), rules.categories),
        waits_for=waits_for.key if waits_for else None,
    ), click.changes)  # fmt: skip


def _drop(click: Click[Task]) -> None:
    why = click.values.get("why") or ""
    refuse_promise(click.tx, click.asker, click.row.key, why, "drop")
    service.drop(click.tx, click.asker, click.row.key, why, click.changes)


def _assign(click: Click[Task]) -> None:
    directory = click.asker.directory
    people: list[Person | None] = [directory.by_slack(user) for user in click.values.get("people") or []]
    known = [person for person in people if person]
    if not known or len(known) < len(people):
        raise Misfit("people", f"Choose people of {directory.plan_name}.")
    service.assign(click.tx, click.asker, click.row.key, known, click.changes)


def _ticked(click: Click[Task], task: Task) -> list[int]:
    chosen = click.values.get("criteria") or ()
    return [int(place) for place in chosen if str(place).isdecimal() and int(place) < len(task.criteria)]


def _tick(click: Click[Task], task: Task) -> None:
    chosen = _ticked(click, task)
    for place, criterion in enumerate(task.criteria[: forms.MOST_BOXES]):
        if criterion["done"] != (place in chosen):
            service.tick(click.tx, click.asker, task.key, str(place + 1), done=place in chosen)


def _tick_form(view: TaskView) -> Form:
    boxes = _boxes(view) or [b.section("This task has no criteria.")]
    return _modal(view, "Tick criteria", "task.tick", "Save" if view.criteria else None, *boxes)


def _boxes(view: TaskView, *, optional: bool = True) -> list[dict[str, Any]]:
    shown = list(enumerate(zip(view.criteria[: forms.MOST_BOXES], view.task.criteria, strict=False)))
    boxes = [(item.text, str(place)) for place, (item, _) in shown]
    done = [str(place) for place, (_, criterion) in shown if criterion["done"]]
    return forms.boxes_inputs("Criteria", "criteria", boxes, initial=done, optional=optional)


def _modal(view: TaskView, title: str, id: str, submit: str | None, *inputs: dict[str, Any]) -> Form:  # noqa: A002 - as in Interaction
    head = b.section(f"{m.bold(view.key)}  {view.title}")
    private = {"number": view.task.number, "changes": view.task.changes}
    return forms.modal(title, [head, *inputs], callback_id=id, submit=submit, private=private)


interactions = (
    TASK.button("task.claim", _at_once(service.claim)),
    TASK.button("task.start", _at_once(service.start)),
    TASK.button("task.reopen", _at_once(service.reopen)),
    TASK.button("task.complete", _complete),
    TASK.button("task.progress", _ask_progress),
    TASK.button("task.block", _ask_block),
    TASK.menu("task.more", {
        "show": lambda click: show(click.tx, click.row, history=True), "note": _asks("note", rights.may_note),
        "tick": _opens(_tick_form, rights.may_tick), "assign": _asks("assign", rights.may_assign),
        "drop": _asks("drop", rights.may_drop),
    }),
    TASK.form("task.progress", _saves(_save_progress)),
    TASK.form("task.complete", _saves(_save_complete)),
    TASK.form("task.tick", _saves(lambda click: _tick(click, _fresh(click)))),
    TASK.form("task.block", _saves(_block)),
    TASK.form("task.note", _saves(lambda c: service.note(c.tx, c.asker, c.row.key, c.values["said"] or ""))),
    TASK.form("task.assign", _saves(_assign)),
    TASK.form("task.drop", _saves(_drop)),
)  # fmt: skip
