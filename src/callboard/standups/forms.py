"""The forms of a standup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from callboard.core import blocks as b
from callboard.standups import words
from callboard.standups.models import day_name
from callboard.standups.views import Draft, TaskLine
from callboard.standups.working import CHOICES

Form = dict[str, Any]
LONGEST = 2500


def check_in(draft: Draft) -> Form:
    """The questions, the tasks, and whom a blocker waits for."""
    private = {
        "plan": draft.plan, "standup": draft.standup, "day": draft.day.isoformat(),
        "ask": [ask for ask, _ in draft.questions], "tasks": {t.key: [t.status, t.percent] for t in draft.tasks},
    }  # fmt: skip
    inputs = [b.context(day_name(draft.day)), *_questions(draft), *_blockers(draft), *_tasks(draft)]
    submit = "Change it" if draft.again else "Report"
    return b.modal(draft.name, inputs, callback_id="standup.submit", submit=submit, private=_fitting(private))


def skip(plan: str, standup: str, name: str, day: date) -> Form:
    """Why somebody skips a round."""
    private = {"plan": plan, "standup": standup, "day": day.isoformat()}
    inputs = [
        b.section(f"{b.bold(b.escape(name))}, {day_name(day)}: the others see why."),
        b.text_input("Why do you skip it?", "why", max_length=200, placeholder="All day at the dentist"),
    ]
    return b.modal("Skip this round", inputs, callback_id="standup.skip", submit="Skip it", private=private)


def answers(private: Mapping[str, Any], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each question of a submitted form with what was said."""
    return [(str(ask), (values.get(f"q{place}") or "").strip()) for place, ask in enumerate(private["ask"])]


def _questions(draft: Draft) -> Iterator[dict[str, Any]]:
    asked_for = False
    for place, (ask, said) in enumerate(draft.questions):
        about_blockers = words.is_in_the_way(ask)
        hint = "One on each line; afterwards each becomes a blocker with one click." if about_blockers else None
        yield b.text_input(ask, f"q{place}", multiline=True, optional=True, initial=said, max_length=LONGEST, hint=hint)
        if about_blockers and not asked_for:
            asked_for = True
            initial = draft.waits_for or None
            yield b.user_input("Whom does it wait for?", "waits_for", optional=True, initial=initial)


def _blockers(draft: Draft) -> Iterator[dict[str, Any]]:
    if draft.blockers:
        listed = "\n".join(f":octagonal_sign: {line}" for line in draft.blockers)
        yield b.context(b.clip(f"Open already, no need to repeat them:\n{listed}", b.TEXT))


def _tasks(draft: Draft) -> Iterator[dict[str, Any]]:
    if draft.tasks:
        yield b.divider()
        yield b.section("*Your tasks*, as they stand; what you change here is changed at once.")
    for place, task in enumerate(draft.tasks):
        label = b.clip(f"{task.key} {task.title}", 150)
        yield b.select_input(label, f"status{place}", _choices(task), initial=task.status)
        yield b.text_input(
            f"{task.key}: how far, in percent?", f"percent{place}", initial=str(task.percent), max_length=4,
            optional=True,
        )  # fmt: skip
    if draft.more_tasks:
        yield b.context(f"and {draft.more_tasks} more: `/task mine` has them all")


def _choices(task: TaskLine) -> Sequence[tuple[str, str]]:
    states = dict.fromkeys([task.status, *map(str, CHOICES)])
    return [(state.capitalize(), state) for state in states]


def _fitting(private: dict[str, Any]) -> dict[str, Any]:
    """What the form carries along, within Slack's limit: questions are the only long part of it."""
    short = {**private, "ask": [b.clip(ask, 200) for ask in private["ask"]]}
    return short if len(str(private)) > b.PRIVATE - 500 else private
