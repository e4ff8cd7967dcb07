"""Checkpoints in Slack: `/checkpoint`, its buttons and forms."""

from __future__ import annotations

from typing import Any

from callboard import blocks as b
from callboard.blockers.service import Raised
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.checkpoints import messages, service, store
from callboard.checkpoints.messages import views
from callboard.checkpoints.messages.views import InquiryView
from callboard.checkpoints.models import Checkpoint, Inquiry
from callboard.checkpoints.service import Planned
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.grammar import Arguments, Command, Name, Verb
from callboard.slack.requests import Request
from callboard.teams.slack import About, Answerable, Click, Misfit, asker

LINES, LONGEST = 20, 2000
ABOUT = About[Inquiry](store.inquiry, service.GONE, lambda tx, row: messages.ask(views.inquiry(tx, row)))


def _on_it(click: Click[Inquiry]) -> Answer:
    service.on_it(click.tx, click.asker, click.row.number, click.changes)
    return Done()


def _help(click: Click[Inquiry]) -> Answer:
    told = service.needs_help(click.tx, click.asker, click.row.number, click.changes)
    return Say(f"I told {joined(told)} that you need help.")


def _ask_blocker(click: Click[Inquiry]) -> Answer:
    inquiry = service.mine(click.tx, click.asker, click.row.number, click.changes)
    return Modal(blocker(views.inquiry(click.tx, inquiry)))


def _ask_answer(click: Click[Inquiry]) -> Answer:
    return Modal(answer(views.inquiry(click.tx, service.mine(click.tx, click.asker, click.row.number))))


def _answer(click: Click[Inquiry]) -> Answer:
    asked = enumerate(click.row.questions)
    answers = [(question, (click.values.get(f"q{place}") or "").strip()) for place, question in asked]
    if not answers[0][1]:
        raise Misfit("q0", "Answer this one at least.")
    service.say(click.tx, click.asker, click.row.number, answers)
    return Done()


def _raise(click: Click[Inquiry]) -> Answer:
    person = click.person("waits_for")
    raised = Raised(
        what=click.values.get("what") or "", waits_for=person.key if person else None, blocks=click.values.get("blocks")
    )
    service.blocked(click.tx, click.asker, click.row.number, raised, click.changes)
    return Done()


def _on_all(click: Click[Checkpoint]) -> Answer:
    """Somebody who was paged answers for all that nobody has answered."""
    silent = store.silent(click.tx, click.row.number)
    if not silent:
        raise Refused("All of it is answered, or over.")
    for inquiry in silent:
        service.on_it(click.tx, click.asker, inquiry.number)
    return Say("You are on it. Nobody else is paged.")


CHECKPOINTS = About[Checkpoint](
    lambda tx, number: tx.get(Checkpoint, number), service.GONE,
    lambda tx, row: messages.card(views.checkpoint(tx, row)),
)  # fmt: skip
ANSWER = Answerable(
    CHECKPOINTS, _on_all, "I'm on it", lambda tx, row: bool(store.silent(tx, row.number)),
    lambda row: f"/checkpoint show {row.key}",
)  # fmt: skip
interactions = (
    ABOUT.button(messages.ON_IT, _on_it),
    ABOUT.button(messages.HELP, _help),
    ABOUT.button(messages.BLOCKER, _ask_blocker),
    ABOUT.button(messages.ANSWER, _ask_answer),
    ABOUT.form(messages.ANSWER, _answer),
    ABOUT.form(messages.BLOCKER, _raise),
)


def answer(view: InquiryView) -> dict[str, Any]:
    said = dict(view.answers)
    inputs = [
        forms.text_input(
            question,
            f"q{place}",
            multiline=True,
            optional=place > 0,
            initial=said.get(question, ""),
            max_length=LONGEST,
        )
        for place, question in enumerate(view.questions)
    ]
    private = {"number": view.row.number}
    head = b.context("Your answers appear on the card in the channel.")
    return forms.modal(view.checkpoint, [head, *inputs], callback_id=messages.ANSWER, submit="Send", private=private)


def blocker(view: InquiryView) -> dict[str, Any]:
    """What is in the way, what it holds up, and whom it waits for."""
    tasks = [line for line in view.off if line.task]
    options = [(m.clip(m.unescape(line.says.replace("*", "")), b.BUTTON), line.task) for line in tasks]
    initial = tasks[0].task if len(tasks) == 1 else None
    held_up = [forms.select_input("What does it hold up?", "blocks", options, initial=initial, optional=True)]
    inputs = [
        forms.text_input(
            "What is in the way?", "what", multiline=True, max_length=LONGEST, placeholder="mongo refuses TLS"
        ),
        *(held_up if tasks else []),
        forms.user_input("Whom does it wait for?", "waits_for", optional=True),
    ]
    private = {"number": view.row.number, "changes": view.row.changes}
    return forms.modal("Raise a blocker", inputs, callback_id=messages.BLOCKER, submit="Raise", private=private)


def listed(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """All checkpoints of the plan: how the past ones stood, and when the others are."""
    every = service.checkpoints(tx, asker(tx, request).directory.plan_id)
    if not every:
        return Say(service.NONE)
    lines = [_line(tx, planned) for planned in every]
    shown = [b.section("\n".join(lines[start : start + LINES])) for start in range(0, len(lines), LINES)]
    return Say("Checkpoints", [*shown, b.context("`/checkpoint show NAME` shows one, `run NAME` checks it now.")])


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """One checkpoint: as it stood when it was checked, or as it stands now."""
    planned = service.named(tx, asker(tx, request).directory.plan_id, args["name"])
    row = planned.row
    message = messages.card(views.checkpoint(tx, row) if row.id else views.coming(tx, row, planned.part), whole=True)
    return Say(message.text, message.blocks)


def run(tx: Tx, request: Request, args: Arguments) -> Answer:
    view = views.checkpoint(tx, service.run(tx, asker(tx, request), args["name"]))
    return Say(f"{m.bold(view.name)} checked: {messages.headline(view)}. The card is in the channel.")


def _line(tx: Tx, planned: Planned) -> str:
    row, head = planned.row, f"{m.date(planned.row.at, 'both')}  {m.bold(m.escape(planned.part.name))}"
    if row.id is None:
        return f":black_square_button: {head}"
    view = views.checkpoint(tx, row)
    icon = ":warning:" if view.off or row.missed else ":white_check_mark:"
    return f"{icon} {head}: {messages.headline(view)}"


command = Command(
    word="checkpoint",
    about="see what is expected when, and how it stands",
    verbs=(
        Verb("list", listed, "all checkpoints and how they stood", reads=True),
        Verb("show", show, "one checkpoint with all it expects", (Name("name"),), reads=True),
        Verb("run", run, "check one now (leads and coordinators)", (Name("name"),)),
    ),
    alone=listed,
    alone_reads=True,
    examples=("list", "show Mid-point", "run Mid-point"),
)
