"""Retrospectives in pictures: the card, the question, the form, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.core.timeline import Subject
from callboard.gallery.stage import Screen, Stage
from callboard.meetings.retrospectives import due, messages, service, slack, store
from callboard.slack.answers import Modal

CARD = "retro.card"


def screens(stage: Stage) -> Iterator[Screen]:
    """The first phase of the example, looked back on by Omega when it is over."""
    tx, who, lead = stage.tx, stage.asker("omega-a"), stage.asker("amp")
    stage.later(timedelta(hours=8), due.ends)
    (row,) = store.retrospectives(tx, stage.plan_id)
    yield stage.sent(CARD, "A phase is over: how it went", row.subject)
    seat = next(seat for seat in store.seats(tx, row.number) if seat.person == who.person.key)
    yield stage.sent("retro.ask", "Everybody of the phase is asked", seat.subject)
    yield stage.answered("retro.answer", "The form", Modal(messages.form(row, ())))
    said = {0: "We tried every variable twice", 1: "Ask for the domain a day earlier", 2: "Write the run-book first"}
    service.answer(tx, who, row.number, said)
    yield stage.sent("retro.ask", "They have answered", seat.subject, posted_as="1.0")
    service.make_task(tx, lead, store.lines(tx, row.number)[2].number, who.person)
    service.make_lesson(tx, lead, store.lines(tx, row.number)[1].number)
    yield stage.sent(CARD, "The answers, and what became of them", row.subject, posted_as="1.0")
    yield stage.typed(slack.command, who.person.slack_id, "retro", "All lines, to read")
    stage.later(timedelta(days=1, hours=2), due.moves)
    other = next(seat for seat in store.seats(tx, row.number) if seat.person != who.person.key)
    yield stage.told("retro.again", "Who has said nothing is reminded once")
    stage.later(timedelta(days=2), due.moves)
    yield stage.sent("retro.ask", "It is closed", Subject(other.subjects, other.number), posted_as="1.0")
    yield stage.told("retro.closed", "Who leads it is told when it is closed")
