"""`/plan preflight`, and the button of a test page."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.outbox import Message
from callboard.preflight import messages, notices, service, store
from callboard.preflight.models import TestPage
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Choice, Command, Person, Verb
from callboard.slack.requests import Request
from callboard.teams import slack
from callboard.teams.slack import About, Answerable, Click

START = "`/plan preflight start` sends everybody a test page."


def preflight(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show the latest one, or answer it; coordinators begin one, or say that they heard from somebody."""
    match args["what"]:
        case "start":
            who = slack.coordinator(tx, request)
            flight = service.begin(tx, who.directory.plan_id, who.person.key)
            people = len(store.pages(tx, flight.number))
            get = "person gets" if people == 1 else "people get"
            return Say(f"{people} {get} a test page. Answers until {m.date(flight.closes_at, 'both')}. "
                       "You get one card that shows who was reached.")  # fmt: skip
        case "reached":
            who = slack.coordinator(tx, request)
            if args["person"] is None:
                raise Refused("Who was reached? Type `/plan preflight reached @somebody`.")
            return Say(service.vouch(tx, who, slack.person(who, args["person"])))
        case "got":
            who = slack.asker(tx, request)
            return Say(service.answer(tx, who, service.own_page(tx, who)))
        case _:
            directory = slack.asker(tx, request).directory
            last = store.latest(tx, directory.plan_id)
            if last is None:
                raise Refused(f"There was no preflight yet. A coordinator begins one: {START}")
            message = messages.card(notices.view(tx, last))
            return Say(message.text, message.blocks)


def _got(click: Click[TestPage]) -> Answer:
    return Say(service.answer(click.tx, click.asker, click.row))


def _waits(tx: Tx, page: TestPage) -> bool:
    flight = store.flight(tx, page.preflight_id)
    return page.answered_at is None and flight is not None and flight.is_open


def _card(tx: Tx, page: TestPage) -> Message:
    flight = store.flight(tx, page.preflight_id)
    return messages.test_page(notices.view(tx, flight), page, again=False) if flight else Message(GONE)


GONE = "This test page is not here any more."
ABOUT: About[TestPage] = About(store.page, GONE, _card)
ANSWER = Answerable(ABOUT, _got, "I got it", _waits, lambda _: "/plan preflight got")
INTERACTIONS = (ABOUT.button(messages.GOT, _got),)
command = Command(
    word="plan",
    about="test pages to everybody who may be paged on the day",
    verbs=(
        Verb("preflight", preflight, "who was reached by the test pages; `got` answers yours, `start` sends them",
             (Choice("what", ("start", "reached", "got"), optional=True), Person("person", optional=True))),
    ),
    examples=("preflight",),
)  # fmt: skip
