"""The forms of emergencies: to declare one, to post an update, to tick actions, to end it."""

from __future__ import annotations

from typing import Any

from callboard import blocks as b
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.emergencies import halts, messages, service, store
from callboard.emergencies.models import Emergency
from callboard.emergencies.plan import COMMANDER, part_of
from callboard.teams.directory import Asker

LONGEST = 2000
ALONE = " What only it stopped goes on."
"""Said where it stops something: another emergency may stop the same."""


def declare_form(tx: Tx, who: Asker, team: str | None, level: str = "", what: str = "") -> dict[str, Any]:
    """What happened, and how grave it is: each level with when it is declared."""
    parts, open_ones = service.levels(tx, who.directory.plan_id), store.open_in(tx, who.directory.plan_id)
    options = [(f"{key}: {part.name}", key) for key, part in parts.items()]
    when = [f"*{key}*  {m.escape(part.name)}: {m.escape(', '.join(part.when) or part.about)}"
            for key, part in parts.items() if part.when or part.about]  # fmt: skip
    teams = [(team.name, team.key) for team in who.directory.teams.values()]
    blocks = [
        forms.text_input("What happened?", "what", multiline=True, initial=what, max_length=LONGEST,
                         placeholder="the database is gone"),
        forms.select_input("How grave is it?", "level", options, initial=level or None),
        *([b.context(*when)] if when else []),
        *([forms.select_input("Which team?", "team", teams, initial=team, optional=True)]
          if teams else []),
        *([b.context("*Open now*", *messages.listed(who.directory, open_ones))] if open_ones else []),
        b.context("Everybody whom the level names is told at once."),
    ]  # fmt: skip
    private = {"plan": who.directory.plan_key}
    return forms.modal("Emergency", blocks, callback_id="emergency.declare", submit="Declare", private=private)


def end_form(emergency: Emergency) -> dict[str, Any]:
    return _form(emergency, f"End emergency {emergency.number}", "emergency.end", "End it", [
        forms.text_input("What happened, and what helped?", "summary", multiline=True, max_length=LONGEST),
        forms.text_input("What was learned?", "lessons", multiline=True, optional=True, max_length=LONGEST,
                         placeholder="One per line"),
        b.context(f"Whoever was told reads it.{ALONE * bool(halts.said(emergency.level, part_of(emergency)))}"),
    ])  # fmt: skip


def update_form(emergency: Emergency) -> dict[str, Any]:
    return _form(emergency, "Post an update", "emergency.update", "Post", [
        forms.text_input("How does it stand?", "text", multiline=True, max_length=LONGEST),
    ])  # fmt: skip


def actions_form(emergency: Emergency) -> dict[str, Any]:
    open_ones = [
        (f"{number} {action['text']}", str(number))
        for number, action in enumerate(emergency.actions, 1) if "by" not in action
    ]  # fmt: skip
    boxes = forms.boxes_inputs("What is done?", "done", open_ones) if open_ones else []
    return _form(emergency, "Actions", "emergency.actions", "Save", [
        *boxes, forms.text_input("What else is to be done?", "new", multiline=True, optional=True, max_length=LONGEST,
                                 placeholder="One per line"),
    ])  # fmt: skip


def decide_form(emergency: Emergency) -> dict[str, Any]:
    return _form(emergency, "Record a decision", "emergency.decide", "Record", [
        forms.text_input("What was decided?", "text", multiline=True, max_length=LONGEST),
    ])  # fmt: skip


def withdraw_form(emergency: Emergency) -> dict[str, Any]:
    return _form(emergency, "False alarm", "emergency.withdraw", "Withdraw", [
        forms.text_input("Why?", "text", multiline=True, optional=True, max_length=LONGEST),
        b.context("Whoever was told hears that it was a false alarm."),
    ])  # fmt: skip


def level_form(tx: Tx, emergency: Emergency) -> dict[str, Any]:
    parts = service.levels(tx, emergency.plan_id)
    options = [(f"{key}: {part.name}", key) for key, part in parts.items() if key != emergency.level]
    if not options:
        raise Refused(f"The plan has no level but {emergency.level}.")
    return _form(emergency, "Change the level", "emergency.level", "Change", [
        forms.select_input("How grave is it?", "level", options),
        b.context("Whom a graver level names is told at once."),
    ])  # fmt: skip


def hand_form(emergency: Emergency) -> dict[str, Any]:
    roles = [(role.capitalize(), role) for role in part_of(emergency).every_role]
    return _form(emergency, "Hand a role over", "emergency.hand", "Hand over", [
        forms.select_input("Which role?", "role", roles, initial=COMMANDER), forms.user_input("To whom?", "to"),
    ])  # fmt: skip


def _form(
    emergency: Emergency, title: str, callback_id: str, submit: str, inputs: list[b.Block]
) -> dict[str, Any]:  # fmt: skip
    private = {"number": emergency.number, "changes": emergency.changes}
    about = b.context(f"{m.escape(emergency.called)}: {m.clip(emergency.what, 200)}")
    return forms.modal(title, [about, *inputs], callback_id=callback_id, submit=submit, private=private)
