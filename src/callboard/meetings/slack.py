"""How people meet meetings in Slack: `/meeting`, the button on the card, and the form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.checkpoints import evaluation
from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.meetings import messages, service, store
from callboard.meetings import plan as times
from callboard.meetings.messages import MeetingView
from callboard.meetings.models import Meeting
from callboard.meetings.service import Outcome
from callboard.planfile import calendar
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.arguments import Text
from callboard.slack.grammar import Arguments, Command, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams
from callboard.teams.service import Asker
from callboard.teams.slack import asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

LONGEST = 2800


def record_form(plan: str, view: MeetingView, *, retrospective: bool) -> dict[str, Any]:
    """Decisions, actions, lessons and notes, each line one of them."""
    hint = "One on each line: who, what, and if you like by when. Each becomes a task."
    more = [b.context("Tasks already: " + ", ".join(view.actions))] if view.actions else []
    asks = "What went well, what could be better?" if retrospective else "Learned"
    inputs = [
        *([b.context(f"To come out of it: {', '.join(view.outputs)}")] if view.outputs else []),
        _lines("Decided", "decisions", "\n".join(view.decisions)),
        b.text_input(
            "To do", "actions", multiline=True, optional=True, max_length=LONGEST, hint=hint,
            placeholder="Person A: write the runbook, by 2026-03-30",
        ),
        *more,
        _lines(asks, "lessons", "\n".join(view.lessons)),
        b.text_input("Notes", "notes", multiline=True, optional=True, initial=view.notes, max_length=LONGEST),
    ]  # fmt: skip
    private = {"plan": plan, "number": view.number, "changes": view.changes}
    return b.modal(view.name, inputs, callback_id="meeting.record", submit="Write it down", private=private)


def _lines(label: str, block: str, initial: str) -> dict[str, Any]:
    return b.text_input(
        label, block, multiline=True, optional=True, initial=initial, max_length=LONGEST, placeholder="One on each line"
    )


COMING = 5


def listed(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """What comes next, and what was written down."""
    who = asker(tx, request)
    plan_id = who.directory.plan_id
    document, parts = evaluation.document_of(tx, plan_id), service.written(tx, plan_id)
    if not parts:
        return Say("This plan has no meetings. Whoever keeps the plan file can write some.")
    whole = calendar.plan_window(document)
    found = (
        sorted(times.happenings(document, parts.values(), (tx.now, whole[1])), key=lambda one: one.at) if whole else []
    )
    coming = [f":spiral_calendar_pad: {b.date(one.at, 'both')}  {b.bold(b.escape(one.name))}" for one in found[:COMING]]
    held = [_held(one) for one in store.meetings(tx, plan_id)[:COMING]]
    shown = [b.section("\n".join(lines)) for lines in (coming, held) if lines]
    return Say("Meetings", [*shown, b.context("`/meeting show NAME` · `record NAME` · `lessons`")])


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """The newest meeting, or the newest of a name: its agenda, or what came of it."""
    who = asker(tx, request)
    message = messages.card(messages.meeting(tx, service.latest(tx, who, args["name"] or "")))
    return Say(message.text, message.blocks)


def record(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Write down what came of the newest meeting, or the newest of a name."""
    who = asker(tx, request)
    return _form(tx, who, service.latest(tx, who, args["name"] or "").number)


def lessons(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Everything that was learned."""
    who = asker(tx, request)
    found = service.lessons(tx, who.directory.plan_id)
    if not found:
        return Say(
            "Nothing was written down as learned yet: retrospectives ask for it, and every other meeting takes it."
        )
    lines = [f"• {text}  _{b.escape(one.name)}, {b.date(one.at, 'day')}_" for one, text in found]
    return Say("Lessons", [b.section(b.clip("\n".join(lines), b.TEXT))])


def _held(one: Meeting) -> str:
    counts = (("decision", one.decisions), ("action", one.actions), ("lesson", one.lessons))
    came = ", ".join(counted(len(each), word) for word, each in counts if each)
    return f":memo: {b.date(one.at, 'both')}  {b.bold(b.escape(one.name))}: {came or one.state}"


def _form(tx: Tx, who: Asker, number: int) -> Answer:
    one = service.mine(tx, who, number)
    part = service.written(tx, one.plan_id).get(one.key)
    return Modal(
        record_form(who.directory.plan_key, messages.meeting(tx, one), retrospective=bool(part and part.retrospective))
    )


def _clicked(tx: Tx, request: Request) -> Answer:
    one = store.meeting(tx, int(request.value))
    directory = teams.directory(tx, one.plan_id) if one else None
    if one is None or directory is None or directory.workspace not in ("", request.workspace):
        raise Refused(service.GONE)
    return _form(tx, asker(tx, replace(request, plan=directory.plan_key)), one.number)


def _submit(tx: Tx, request: Request) -> Answer:
    private, values = request.private, request.values
    who = asker(tx, replace(request, plan=str(private["plan"])))
    said = {name: values.get(name) or "" for name in ("notes", "decisions", "lessons", "actions")}
    if not any(text.strip() for text in said.values()):
        return Errors({"decisions": "Write a line or two; “nothing was decided” is one too."})
    outcome = Outcome(
        said["notes"], service.lines(said["decisions"]), service.lines(said["lessons"]), service.lines(said["actions"])
    )
    try:
        service.record(tx, who, int(private["number"]), outcome, int(private["changes"]))
    except Refused as refused:
        return Errors({"actions": b.unescape(refused.sentence)})
    return Done()


command = Command(
    word="meeting",
    about="see what is on the agenda, and write down what came of it",
    verbs=(
        Verb("list", listed, "what comes next, and what was written down", reads=True),
        Verb("show", show, "the newest one, or the newest of a name", (Text("name", optional=True),), reads=True),
        Verb("record", record, "write down what came of it", (Text("name", optional=True),)),
        Verb("lessons", lessons, "everything that was learned", reads=True),
    ),
    alone=listed,
    alone_reads=True,
    examples=("list", "show Weekly planning", "record", "lessons"),
)
interactions = (Interaction("button", messages.RECORD, _clicked), Interaction("modal", "meeting.record", _submit))
