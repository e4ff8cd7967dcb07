"""How people meet the plan in Slack: `/plan`, its test page, and the channels that the bot is invited to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from callboard.core import blocks as b
from callboard.core import outbox
from callboard.core.calendar import DateRange
from callboard.core.errors import Refused
from callboard.planfile.times import parse_date, parse_dates
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Taken
from callboard.slack.grammar import Arguments, Command, Person, Verb
from callboard.slack.requests import Request
from callboard.slack.routing import Hears, Interaction
from callboard.teams import changing, directory, handing_in, links, messages, service, shifting, steering, trying, views
from callboard.teams.service import Asker
from callboard.teams.steering import asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

_DAYS = re.compile(r"(?:today|tomorrow|(?:until\s+)?\d{4}-\d{2}-\d{2}(?:\s*\.\.\s*[\d-]+)?)(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Days:
    """`today`, `tomorrow`, `2026-03-30`, `2026-03-30..31`, `until 2026-04-02`; gives the text."""

    name: str
    optional: bool = False

    @property
    def shape(self) -> str:
        """An example of each."""
        return "2026-03-30..31|today|until 2026-04-02"

    def take(self, text: str) -> Taken | None:
        """Read days."""
        found = _DAYS.match(text)
        return (found[0].lower(), text[found.end() :]) if found else None


def show(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """What runs, and what is wrong."""
    message = messages.plan(views.plan(tx, asker(tx, request).directory))
    return Say(message.text, message.blocks)


def people(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Who is who."""
    who = asker(tx, request)
    message = messages.people(who.directory.plan_name, views.groups(who.directory, tx.now))
    return Say(message.text, message.blocks)


def test(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Send a test page."""
    who = asker(tx, request)
    person = _named(who, args["person"])
    reach = trying.page(tx, who, person)
    whom = "you" if person.key == who.person.key else who.directory.called(person)
    how = "as a direct message" if reach.medium == "slack" else "by their fallback, as they are not known in Slack"
    return Say(f"A test page is on its way to {whom}, {how}.")


def got_it(tx: Tx, request: Request) -> Answer:
    """Note that a test page was seen."""
    parts = request.value.split(":")
    plan_id = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    known = service.directory(tx, plan_id)
    person = known.by_slack(request.user) if known.workspace in ("", request.workspace) else None
    if person is None:
        raise Refused("This test page is of a plan that you are not in.")
    trying.got(tx, Asker(known, person), request.value)
    return Say("It works: pages reach you here.")


def away(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Note an absence."""
    who = asker(tx, request)
    person = _named(who, args["person"])
    days = _read(args["days"], tx.now.astimezone(person.zone).date())
    service.away(tx, who, person, days)
    whom = "You are" if person.key == who.person.key else f"{who.directory.called(person)} is"
    return Say(f"{whom} away {days}. {_instead(tx, who, person, days)} `/plan back` takes it back.")


def back(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Call an absence off."""
    who = asker(tx, request)
    person = _named(who, args["person"])
    days = service.back(tx, who, person)
    whom = "You are" if person.key == who.person.key else f"{who.directory.called(person)} is"
    return Say(f"{whom} back: {', '.join(map(str, days))} is called off.")


def hear_joined(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    """Somebody came into a channel, perhaps the bot: what waits for it is tried again."""
    channel = str(event.get("channel", ""))
    names = [
        f"#{row.name}"
        for standing in plans.running(tx, workspace)
        for row in plans.channels(tx, standing.id)
        if row.slack_id == channel
    ]
    outbox.unpark(tx, workspace, [channel, *names])
    links.joined(tx, workspace, channel)


def _named(who: Asker, user: str | None) -> directory.Person:
    if user is None:
        return who.person
    found = who.directory.by_slack(user)
    if found is None:
        raise Refused(f"{b.mention(user)} is not in {who.directory.plan_name}. `/plan people` lists everybody who is.")
    return found


def _read(text: str, today: date) -> DateRange:
    try:
        if text.startswith("until"):
            return DateRange(today, max(today, parse_date(text.removeprefix("until"))))
        if text in ("today", "tomorrow"):
            day = today + timedelta(days=text == "tomorrow")
            return DateRange(day, day)
        return parse_dates(text)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None


def _instead(tx: Tx, who: Asker, person: directory.Person, days: DateRange) -> str:
    """Who stands in, as far as is known today."""
    now = service.directory(tx, who.directory.plan_id)
    away = views.person(now, now.people[person.key], now.calendar.ends(days.first))
    if not away.instead:
        return "Nobody stands in: the plan names no deputy who is there, and no coordinator."
    return f"{away.instead} is paged instead then."


command = Command(
    word="plan",
    about="what runs, who is in it, who is away",
    verbs=(
        Verb("people", people, "who is who, who is away and who stands in", aliases=("who",), reads=True),
        Verb("test", test, "send a test page to yourself; leads to anybody", (Person("person", optional=True),)),
        Verb("away", away, "say when you, or somebody, will be away", (Days("days"), Person("person", optional=True))),
        Verb("back", back, "take an absence back", (Person("person", optional=True),)),
        *steering.verbs,
        *changing.verbs,
        *shifting.verbs,
        *handing_in.verbs,
    ),
    alone=show,
    examples=("people", "show backend", "test", "away 2026-03-30..31", "away tomorrow @somebody", "calendar"),
    alone_reads=True,
)
interactions = (Interaction("button", messages.GOT_IT, got_it), *handing_in.interactions, *shifting.interactions)
hears = (Hears("member_joined_channel", hear_joined),)
