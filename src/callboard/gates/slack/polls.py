"""Answers to a poll in Slack: the three buttons of a page, and what is typed behind `/gate go`."""

from __future__ import annotations

import re
import zlib
from typing import Any

from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.outbox import Message
from callboard.gates import service as gates
from callboard.gates import store
from callboard.gates.assessment import Look
from callboard.gates.messages import of_look
from callboard.gates.messages import polls as messages
from callboard.gates.models import Gate, Poll
from callboard.gates.models.polls import Stand
from callboard.gates.service import polls
from callboard.gates.slack import ABOUT, ATTEMPTS, sent
from callboard.gates.slack.forms import form, rejection
from callboard.gates.slack.replies import heard
from callboard.slack.answers import Answer, Say
from callboard.teams.directory import Asker, Person
from callboard.teams.slack import About, Answerable, Click, Misfit, person

IF = re.compile(r"if\s", re.IGNORECASE)
MARKS = 10**8
WHICH = "Say the condition: `/gate go {} if the rollback was tried @somebody`. Whoever you name ticks it."


def typed(tx: Tx, who: Asker, key: str, for_person: str, more: str) -> Answer | None:
    """`/gate go launch`, `/gate go launch if the rollback was tried @pa`; None for whom no poll asks."""
    look = gates.open_gate(tx, who, key)
    seat = polls.seat(look, who, for_person)
    if not seat:
        return None
    if more and not IF.match(more):
        raise Refused(f"Type `/gate go {key}`, or `/gate go {key} if CONDITION @owner`.")
    if not more:
        return Say(heard(polls.answer(look, who, seat, go=True), who))
    condition, begin, end = more[2:].strip().rpartition("<@")
    named = m.MENTION.fullmatch(begin + end) if begin else None
    condition, owner = (condition.strip(), person(who, named[1])) if named else (more[2:].strip(), None)
    if not condition:
        raise Refused(WHICH.format(key))
    return Say(heard(polls.answer(look, who, seat, go=True, condition=condition, owner=owner), who))


def _press_go(click: Click[Gate]) -> Answer:
    look, seat = polls.may_answer(click.tx, click.asker, click.row.key, click.rest, go=True)
    return Say(heard(polls.answer(look, click.asker, seat, go=True), click.asker))


def _press_if(click: Click[Gate]) -> Answer:
    """The form that asks for the condition, and who ticks it."""
    look, _ = polls.may_answer(click.tx, click.asker, click.row.key, click.rest, go=True)
    blocks = [
        forms.text_input("GO if", "condition", placeholder="The rollback was tried", max_length=polls.LONGEST),
        forms.user_input("Who ticks it", "owner", initial=click.request.user),
    ]
    return form(of_look(look), "go_if", "Say GO if", blocks, question=click.rest)


def _press_no(click: Click[Gate]) -> Answer:
    look, _ = polls.may_answer(click.tx, click.asker, click.row.key, click.rest, go=False)
    return rejection(look)


def _submit_if(click: Click[Gate]) -> Answer:
    look, seat = polls.may_answer(
        click.tx, click.asker, click.row.key, str(click.request.private.get("question", "")), go=True
    )
    condition: Any = (click.values.get("condition") or "").strip()
    if not condition:
        raise Misfit("condition", "Say what must hold.")
    owner: Person | None = click.person("owner")
    return Say(heard(polls.answer(look, click.asker, seat, go=True, condition=condition, owner=owner), click.asker))


def _asked(tx: Tx, poll: Poll) -> tuple[Look, int | None]:
    """The decision of a poll, and which voice is asked now."""
    turn = poll.turn if poll.ended_at is None else None
    asked = turn is not None and poll.roles[turn].stand == Stand.ASKED
    return Look(tx, store.known(tx, poll.gate_id)), turn if asked else None


def _mark(tx: Tx, poll: Poll) -> int:
    """Another number once the question, or what a GO vouches for, is another one."""
    look, turn = _asked(tx, poll)
    return zlib.crc32(look.question(turn).encode()) % MARKS if turn is not None else 0


def _card(tx: Tx, poll: Poll) -> Message:
    look, turn = _asked(tx, poll)
    shown = messages.of_poll(look, poll)
    if turn is None:
        return messages.card(shown)
    return messages.page(shown, turn, poll.roles[turn].asks, look.question(turn), "")


def _press_link(click: Click[Poll]) -> Answer:
    look, turn = _asked(click.tx, click.row)
    if turn is None or click.changes != _mark(click.tx, click.row):
        raise Refused("The question has changed since you opened this page. Read it again. Nothing was answered.")
    look, seat = polls.may_answer(click.tx, click.asker, look.gate.key, look.question(turn), go=True)
    return Say(heard(polls.answer(look, click.asker, seat, go=True), click.asker))


ANSWER = Answerable(
    About[Poll](lambda tx, number: tx.get(Poll, number), "This poll is no longer there.", _card), _press_link,
    "Answer GO", lambda tx, poll: _asked(tx, poll)[1] is not None, lambda _: "/gate mine", _mark,
)  # fmt: skip
INTERACTIONS = tuple(map(ATTEMPTS.clicked, (
    ABOUT.button("gate.go", _press_go), ABOUT.button("gate.go_if", _press_if),
    ABOUT.button("gate.no_go", _press_no), sent("gate.go_if", _submit_if),
)))  # fmt: skip
