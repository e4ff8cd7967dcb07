"""`/plan preflight`, and the button of a test page."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.preflight import messages, notices, service, store
from callboard.preflight.models import TestPage
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Choice, Command, Person, Verb
from callboard.slack.requests import Request
from callboard.teams import slack
from callboard.teams.slack import About, Click

START = "`/plan preflight start` sends everybody a test page."


def preflight(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show the latest one; coordinators begin one, or say that they heard from somebody."""
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
        case _:
            directory = slack.asker(tx, request).directory
            last = store.latest(tx, directory.plan_id)
            if last is None:
                raise Refused(f"There was no preflight yet. A coordinator begins one: {START}")
            message = messages.card(notices.view(tx, last))
            return Say(message.text, message.blocks)


def _got(click: Click[TestPage]) -> Answer:
    return Say(service.answer(click.tx, click.asker, click.row))


ABOUT: About[TestPage] = About(store.page, "This test page is not here any more.")
INTERACTIONS = (ABOUT.button(messages.GOT, _got),)
command = Command(
    word="plan",
    about="test pages to everybody who may be paged on the day",
    verbs=(
        Verb("preflight", preflight, "who was reached by the test pages; coordinators: `start` sends them",
             (Choice("what", ("start", "reached"), optional=True), Person("person", optional=True))),
    ),
    examples=("preflight",),
)  # fmt: skip
