"""The forms of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callboard import blocks as b
from callboard.tasks.messages.views import TaskView

Form = dict[str, Any]
BOXES = 10


def progress(view: TaskView) -> Form:
    """How far it is, what is new, and which criteria are fulfilled."""
    inputs = [
        _head(view),
        b.text_input("How far is it, in percent?", "percent", initial=str(view.percent), max_length=4),
        b.text_input("What is new?", "said", multiline=True, optional=True, max_length=2000),
        *_boxes(view),
    ]
    return _modal(view, "How far is it?", inputs, "task.progress", "Say it")


def complete(view: TaskView) -> Form:
    """What must be there before it is completed."""
    inputs = [_head(view), *_boxes(view), b.text_input("What came of it?", "said", optional=True, max_length=2000)]
    return _modal(view, "Complete", inputs, "task.complete", "Complete it")


def tick(view: TaskView) -> Form:
    """Its criteria."""
    boxes = _boxes(view) or [b.section("This task has no criteria.")]
    return _modal(view, "Criteria", [_head(view), *boxes], "task.tick", "Save" if view.criteria else None)


def block(view: TaskView, severities: Sequence[str], categories: Sequence[str], usual: str) -> Form:
    """The blocker that holds it up."""
    inputs = [
        _head(view),
        b.text_input("What is in the way?", "what", multiline=True, max_length=3000),
        b.select_input("How bad is it?", "severity", [(s.capitalize(), s) for s in severities], initial=usual),
        *([b.select_input("What kind?", "category", [(c.capitalize(), c) for c in categories], optional=True)]
          if categories else []),
        b.user_input("Whom does it wait for?", "waits_for", optional=True),
    ]  # fmt: skip
    return _modal(view, "I'm blocked", inputs, "task.block", "Raise a blocker")


def note(view: TaskView) -> Form:
    """Something about it."""
    inputs = [_head(view), b.text_input("What is new?", "said", multiline=True, max_length=2000)]
    return _modal(view, "Say something", inputs, "task.note", "Say it")


def assign(view: TaskView) -> Form:
    """Who is to do it."""
    inputs = [_head(view), b.user_input("Who does it?", "people", multi=True)]
    return _modal(view, "Give it to", inputs, "task.assign", "Give it")


def drop(view: TaskView) -> Form:
    """Why it will not be done."""
    inputs = [_head(view), b.text_input("Why will it not be done?", "why", multiline=True, max_length=1000)]
    return _modal(view, "Drop it", inputs, "task.drop", "Drop it")


def ticked(criteria: Sequence[Any], values: Mapping[str, Any]) -> list[int]:
    """The places of the criteria that are ticked in a submitted form."""
    chosen = values.get("criteria") or ()
    return [int(place) for place in chosen if str(place).isdigit() and int(place) < len(criteria)]


def _head(view: TaskView) -> dict[str, Any]:
    return b.section(f"{b.bold(view.key)}  {view.title}")


def _boxes(view: TaskView) -> list[dict[str, Any]]:
    shown = view.criteria[:BOXES]
    boxes = [(item.text, str(place)) for place, item in enumerate(shown)]
    done = [str(place) for place, item in enumerate(shown) if item.is_done]
    return [b.checkboxes_input("Criteria", "criteria", boxes, initial=done)] if boxes else []


def _modal(view: TaskView, title: str, inputs: Sequence[Any], callback_id: str, submit: str | None) -> Form:
    private = {"number": view.number, "changes": view.changes}
    return b.modal(title, inputs, callback_id=callback_id, submit=submit, private=private)
