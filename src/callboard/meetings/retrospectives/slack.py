"""`/plan retro`: to read, to answer, to make a task or a lesson of a line; the buttons, menus and the form."""

from __future__ import annotations

import re

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.words import folded
from callboard.meetings.retrospectives import messages, rights, service, store
from callboard.meetings.retrospectives.models import Line, Retrospective
from callboard.meetings.retrospectives.plan import of_phase
from callboard.planfile.times import parse_date
from callboard.plans import service as plans
from callboard.plans.plan import PHASES
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.grammar import Arguments, Choice, Command, Number, Text, Verb
from callboard.slack.requests import Request
from callboard.teams.directory import Asker, Person
from callboard.teams.slack import About, Click, Misfit, asker, person

DUE = re.compile(r"(?:^|\s)(?:by\s+)?(\d{4}-\d{1,2}-\d{1,2})$", re.IGNORECASE)
NONE = "This plan has no retrospectives. They go into the plan file, under `retrospective`."
NOT_YET = "No phase is over yet. I ask when one is: {}."
WHICH = "Which line? `/plan retro` numbers them: `/plan retro {} 12`"
ABOUT = About[Retrospective](store.retrospective, rights.GONE)
LINES = About[Line](store.line, rights.GONE)


def retro(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show the newest or one by its name; open the form; make a task or a lesson of a line."""
    who, number, words = asker(tx, request), args["number"], args["words"] or ""
    match args["change"]:
        case "answer":
            return _form(tx, who, _open_one(tx, who, words))
        case messages.TASK | messages.LEARN as verb if number is None:
            raise Refused(WHICH.format(verb))
        case messages.TASK:
            owner, due = _owner_and_due(tx, who, words)
            return _as_task(service.make_task(tx, who, number, owner, due))
        case messages.LEARN:
            return _as_lesson(tx, who, number)
    every = store.retrospectives(tx, who.directory.plan_id)
    row = _named(tx, who, words or (str(number) if number else ""))
    shown = messages.listed(messages.view(tx, row), [other for other in every if other is not row])
    return Say(shown.text, shown.blocks)


def _as_task(line: Line) -> Answer:
    return Say(
        f"Line {line.number} is task {line.task} now. `/task show {line.task}` shows it, `/task assign` gives it on."
    )


def _as_lesson(tx: Tx, who: Asker, number: int) -> Answer:
    _, lesson = service.make_lesson(tx, who, number)
    return Say(f"Line {number} is lesson {lesson.number} now. Undo: `/plan lessons withdraw {lesson.number}`")


def _named(tx: Tx, who: Asker, name: str) -> Retrospective:
    """The newest, or the one of a phase. Raises Refused."""
    every, wanted = store.retrospectives(tx, who.directory.plan_id), m.as_typed(name)
    for row in every:
        if wanted in ("", *map(folded, (row.name, row.key, *row.phases))):
            return row
    document = plans.live(tx, who.directory.plan_id)
    ahead = [part.name for key, part in (document.of(PHASES) or {}).items() if of_phase(document, key)]
    if every:
        names = dict.fromkeys(row.name for row in every)
        raise unknown(f"No retrospective is called `{m.clip(m.escape(name), 60)}`", wanted, names)
    raise Refused(NOT_YET.format(m.escape(", ".join(ahead))) if ahead else NONE)


def _open_one(tx: Tx, who: Asker, name: str) -> Retrospective:
    """What somebody has still to answer; else the newest, or what they name."""
    if not name:
        for row in store.retrospectives(tx, who.directory.plan_id):
            own = [seat for seat in store.seats(tx, row.number) if seat.person == who.person.key] if row.is_open else []
            if own and own[0].answered_at is None:
                return row
    return _named(tx, who, name)


def _form(tx: Tx, who: Asker, row: Retrospective) -> Answer:
    rights.answers(tx, who, row.number)
    own = [line for line in store.lines(tx, row.number) if line.by == who.person.key]
    return Modal(messages.form(row, own))


def _owner_and_due(tx: Tx, who: Asker, words: str) -> tuple[Person | None, str]:
    """`@somebody by 2026-03-30`, either of them, or nothing."""
    found, due = DUE.search(words), ""
    if found:
        try:
            day = parse_date(found[1])
        except ValueError as wrong:
            raise Refused(f"{wrong}.") from None
        if day < tx.now.astimezone(who.directory.calendar.zone).date():
            raise Refused(f"{day} is over. Write a day to come: `by 2026-03-30`.")
        due, words = str(day), words[: found.start()]
    name = words.strip().removesuffix(" by").strip("<@>, ").partition("|")[0]
    return (person(who, name) if name else None), due


def _answered(click: Click[Retrospective]) -> Answer:
    said = {place: str(click.values.get(f"q{place}") or "") for place in range(len(click.row.questions))}
    try:
        service.answer(click.tx, click.asker, click.row.number, said)
    except Refused as refused:
        raise Misfit("q0", refused.sentence) from None
    return Done()


def _task(click: Click[Line]) -> Answer:
    service.make_task(click.tx, click.asker, click.row.number, expected=click.changes)
    return Done()


def _lesson(click: Click[Line]) -> Answer:
    service.make_lesson(click.tx, click.asker, click.row.number, click.changes)
    return Done()


interactions = (
    ABOUT.button(messages.ANSWER, lambda click: _form(click.tx, click.asker, click.row)),
    ABOUT.form(messages.ANSWER, _answered),
    LINES.menu(messages.LINE, {messages.TASK: _task, messages.LEARN: _lesson}),
)
command = Command(
    word="plan",
    about="",
    verbs=(
        Verb("retro", retro, "how a phase was: read it, `answer`, or make a `task` or `lesson` of a line",
             (Choice("change", ("answer", messages.TASK, messages.LEARN), optional=True),
              Number("number", optional=True, find=store.line),
              Text("words", optional=True, sample="@somebody by 2026-03-30")),
             aliases=("retrospective", "retros", "retrospectives")),
    ),
    examples=("retro", "retro task 12 @somebody by 2026-03-30"),
)  # fmt: skip
