"""Meetings in Slack: `/meeting`, the button on the card, and the form for minutes."""

from __future__ import annotations

from typing import Any

from callboard import blocks as b
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.meetings import messages, service, store
from callboard.meetings.messages import MeetingView
from callboard.meetings.models import Meeting, Outcome
from callboard.planfile.sections import Happening
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.grammar import Arguments, Command, Text, Verb
from callboard.slack.requests import Request
from callboard.teams.directory import Asker
from callboard.teams.slack import About, Click, Misfit, asker

LONGEST, SHOWN = 2800, 5
NOTHING = "Nothing decided"
ABOUT = About(store.meeting, service.GONE)


def record_form(view: MeetingView, *, retrospective: bool) -> dict[str, Any]:
    """Decisions, actions and lessons, each on a line of its own, and notes."""
    hint = "One per line: who, what, and by when. Each becomes a task."
    inputs = [
        *([b.context(messages.expected(view))] if view.outputs else []),
        _lines("Decided", "decisions", view.row.decisions),
        forms.text_input(
            "To do", "actions", multiline=True, optional=True, max_length=LONGEST, hint=hint,
            placeholder="Person A: write the runbook, by 2026-03-30",
        ),
        *([b.context("Tasks already: " + ", ".join(view.actions))] if view.actions else []),
        _lines("What went well, what could be better?" if retrospective else "Learned", "lessons", view.row.lessons),
        forms.text_input("Notes", "notes", multiline=True, optional=True, initial=view.row.notes, max_length=LONGEST),
    ]  # fmt: skip
    private = {"number": view.row.number, "changes": view.row.changes}
    return forms.modal(view.name, inputs, callback_id=messages.RECORD, submit="Save", private=private)


def _lines(label: str, block: str, lines: list[str]) -> dict[str, Any]:
    return forms.text_input(
        label, block, multiline=True, optional=True, initial="\n".join(lines), max_length=LONGEST,
        placeholder="One per line",
    )  # fmt: skip


def _form(tx: Tx, who: Asker, number: int) -> Answer:
    meeting = service.mine(tx, who, number)
    part = service.written(tx, meeting.plan_id).get(meeting.key)
    return Modal(record_form(messages.meeting(tx, meeting), retrospective=bool(part and part.retrospective)))


def _record(click: Click[Meeting]) -> Answer:
    texts = {name: click.values.get(name) or "" for name in ("notes", "decisions", "lessons", "actions")}
    if not any(text.strip() for text in texts.values()):
        texts["decisions"] = NOTHING
    lines = {name: service.lines(text) for name, text in texts.items() if name != "notes"}
    try:
        service.record(click.tx, click.asker, click.row.number, Outcome(texts["notes"], **lines), click.changes)
    except Refused as refused:
        raise Misfit("actions", m.unescape(refused.sentence)) from None
    return Done()


interactions = (
    ABOUT.button(messages.RECORD, lambda click: _form(click.tx, click.asker, click.row.number)),
    ABOUT.form(messages.RECORD, _record),
)


def listed(tx: Tx, request: Request, _args: Arguments) -> Answer:
    plan_id = asker(tx, request).directory.plan_id
    if not service.written(tx, plan_id):
        return Say("This plan has no meetings. They go into the plan file, under `meetings`.")
    coming = [_coming(due) for due in service.coming(tx, plan_id)[:SHOWN]]
    past = [_past(meeting) for meeting in store.meetings(tx, plan_id, SHOWN)]
    shown = [b.section("\n".join(lines)) for lines in (coming, past) if lines]
    return Say("Meetings", [*shown, b.context("`/meeting show NAME` · `record NAME` · `lessons`")])


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """The newest of a name; one that was not announced yet as it is planned."""
    who, name = asker(tx, request), args["name"] or ""
    part, plan_id = service.planned(tx, who.directory.plan_id, name) if name else None, who.directory.plan_id
    if part and not any(
        row.key == part.key or row.name == part.name for row in store.meetings(tx, plan_id, service.LATELY)
    ):
        dates = [_coming(due) for due in service.coming(tx, plan_id) if due.name == part.name][:SHOWN]
        points = [f"• {m.escape(point.title)}" for point in part.agenda]
        announced = "I announce it 15 minutes before it begins, with how things stand."
        return Say("\n".join([*(dates or [m.bold(m.escape(part.name))]), *points, announced]))
    message = messages.card(messages.meeting(tx, service.latest(tx, asker(tx, request), args["name"] or "")))
    return Say(message.text, message.blocks)


def record(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return _form(tx, who, service.latest(tx, who, args["name"] or "").number)


def lessons(tx: Tx, request: Request, _args: Arguments) -> Answer:
    learned = service.lessons(tx, asker(tx, request).directory.plan_id)
    if not learned:
        return Say("No lessons yet. The minutes of every meeting take them.")
    lines = [f"• {text}  _{m.escape(meeting.name)}, {m.date(meeting.at, 'day')}_" for meeting, text in learned]
    return Say("Lessons", [b.section(m.clip("\n".join(lines), m.TEXT))])


def _coming(due: Happening) -> str:
    return f":spiral_calendar_pad: {m.date(due.at, 'both')}  {m.bold(m.escape(due.name))}"


def _past(meeting: Meeting) -> str:
    counts = {"decision": meeting.decisions, "action": meeting.actions, "lesson": meeting.lessons}
    results = ", ".join(counted(len(lines), word) for word, lines in counts.items() if lines)
    return f":memo: {m.date(meeting.at, 'both')}  {m.bold(m.escape(meeting.name))}: {results or meeting.state}"


command = Command(
    word="meeting",
    about="see agendas, and write minutes",
    verbs=(
        Verb("list", listed, "what comes next, and past meetings", reads=True),
        Verb("show", show, "the newest, or the newest of a name", (Text("name", optional=True),), reads=True),
        Verb("record", record, "write the minutes", (Text("name", optional=True),)),
        Verb("lessons", lessons, "everything that was learned", reads=True),
    ),
    alone=listed,
    alone_reads=True,
    examples=("list", "show Weekly planning", "record", "lessons"),
)
