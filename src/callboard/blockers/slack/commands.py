"""How people meet blockers in Slack: `/blocker`, and the form to raise one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.blockers import service, store
from callboard.blockers.messages import card, thread
from callboard.blockers.models import Blocker, Settings
from callboard.blockers.plan import settings
from callboard.blockers.service import MENTION, Raised
from callboard.core import calendar, timeline
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Modal, Say
from callboard.slack.grammar import Arguments, Command, Number, Person, Text, Verb, When
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams.service import Asker
from callboard.teams.slack import asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

SEVERITY = re.compile(r"\s*!?([\w-]{1,40})\s*[:!]\s+(?=\S)")
WAITS_FOR = re.compile(r"\bwait(?:s|ing)?\s+(?:for|on)\s+<@([A-Z0-9]+)", re.IGNORECASE)
LATELY = 10
EVERY_DAY = frozenset(range(7))
NUMBER = Number("number")


def raise_form(
    settings: Settings,
    teams: Sequence[tuple[str, str]],
    *,
    what: str = "",
    team: str | None = None,
    private: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The form for a new blocker."""
    severities = [(name.capitalize(), name) for name in settings.severities]
    usual = list(settings.severities)[(len(settings.severities) - 1) // 2]
    inputs = [
        b.text_input(
            "What is blocked?",
            "what",
            multiline=True,
            initial=what,
            max_length=3000,
            placeholder="mongo refuses TLS from staging",
        ),
        b.select_input("How bad is it?", "severity", severities, initial=usual),
    ]
    if settings.categories:
        inputs.append(
            b.select_input("What kind?", "category", [(c.capitalize(), c) for c in settings.categories], optional=True)
        )
    if teams:
        inputs.append(b.select_input("Which team?", "team", teams, initial=team, optional=True))
    inputs += [
        b.user_input("Whom does it wait for?", "waits_for", optional=True),
        b.text_input("What does it hold up?", "blocks", optional=True, max_length=300),
    ]
    return b.modal("Raise a blocker", inputs, callback_id="blocker.raise", submit="Raise it", private=private)


def raise_it(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open a blocker from what was typed: `critical: mongo refuses TLS, waits for @somebody`."""
    who = asker(tx, request)
    said, severity = _severity(tx, who, args["what"])
    waits_for = WAITS_FOR.search(said)
    person = who.directory.by_slack(waits_for[1]) if waits_for else None
    what = Raised(what=said, severity=severity, waits_for=person.key if person else None)
    return raised(tx, who, service.raise_blocker(tx, who, what, channel_team(who, request)))


def ask_to_raise(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Open the form."""
    return form(tx, request, asker(tx, request))


def acknowledge(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take it; without a number, the only one that waits for the asker."""
    who = asker(tx, request)
    number = args["number"] if args["number"] is not None else _only_one(tx, who)
    blocker = service.acknowledge(tx, who, number)
    return Say(f"You have blocker {number}. {what_now(tx, blocker)}")


def unacknowledge(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Give it back."""
    blocker = service.unacknowledge(tx, asker(tx, request), args["number"])
    return Say(f"Blocker {blocker.number} is given back. {what_now(tx, blocker)}")


def snooze(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Page nobody for a while."""
    who = asker(tx, request)
    until = _until(tx, who, args["when"])
    blocker = service.snooze(tx, who, args["number"], until)
    return Say(f"Blocker {blocker.number} is snoozed until {b.date(until, 'both')}. Then it climbs on where it stood.")


def escalate(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Page the next step now."""
    blocker = service.escalate(tx, asker(tx, request), args["number"])
    return Say(f"Blocker {blocker.number} went a step up. {what_now(tx, blocker)}")


def reassign(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Hand it to somebody."""
    who = asker(tx, request)
    blocker = service.reassign(tx, who, args["number"], _person(who, args["person"]))
    return Say(f"{b.mention(args['person'])} is asked to take blocker {blocker.number}. {what_now(tx, blocker)}")


def resolve(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Close it as solved."""
    blocker = service.resolve(tx, asker(tx, request), args["number"], args["outcome"] or "")
    return Say(f"Blocker {blocker.number} is resolved. By mistake? `/blocker reopen {blocker.number}`")


def withdraw(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Close it as none."""
    blocker = service.withdraw(tx, asker(tx, request), args["number"], args["reason"] or "")
    return Say(f"Blocker {blocker.number} is withdrawn. By mistake? `/blocker reopen {blocker.number}`")


def reopen(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open it again."""
    blocker = service.reopen(tx, asker(tx, request), args["number"])
    return Say(f"Blocker {blocker.number} is open again. {what_now(tx, blocker)}")


def note(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say something about it."""
    blocker = service.note(tx, asker(tx, request), args["number"], args["text"])
    return Say(f"Noted in the thread of blocker {blocker.number}. {what_now(tx, blocker)}")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show one with its history."""
    who = asker(tx, request)
    blocker = service.known(tx, who, args["number"])
    view = card.card_view(tx, blocker)
    lines = [thread.line_of_entry(tx, entry) for entry in timeline.history(tx, blocker.subject)]
    return Say(f"Blocker {blocker.number}: {b.clip(blocker.what, 200)}", thread.history(view, lines))


def list_open(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """List what is open, and what was closed last."""
    who = asker(tx, request)
    open_ones = [card.card_view(tx, one) for one in store.open_in(tx, who.directory.plan_id)]
    closed = [card.card_view(tx, one) for one in store.closed_lately(tx, who.directory.plan_id, LATELY)]
    blocks = thread.listed("Open blockers", open_ones, "No blocker is open. :tada:")
    if closed:
        blocks += thread.listed("Closed last", closed, "")
    return Say(f"{len(open_ones)} open blockers", blocks)


def list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """List what waits for the asker."""
    mine = [card.card_view(tx, one) for one in service.waiting_for(tx, asker(tx, request))]
    return Say(
        f"{len(mine)} blockers wait for you", thread.listed("These wait for you", mine, "Nothing waits for you.")
    )


def raised(tx: Tx, who: Asker, blocker: Blocker) -> Answer:
    """What is answered to who has raised a blocker."""
    strangers = [
        b.mention(user) for user in dict.fromkeys(MENTION.findall(blocker.what)) if not who.directory.by_slack(user)
    ]
    return Say(card.raised(card.card_view(tx, blocker, troubled=()), strangers))


def form(tx: Tx, request: Request, who: Asker, what: str = "") -> Answer:
    """The form to raise one, with what was said already."""
    rules = settings(tx, who.directory.plan_id)
    choices = [(team.name, team.key) for team in who.directory.teams.values()]
    usual = service.team_concerned(who, channel_team(who, request))
    carried = {"plan": who.directory.plan_key, "channel": request.channel, "channel_name": request.channel_name}
    return Modal(raise_form(rules, choices, what=what, team=usual, private=carried))


def _person(who: Asker, user: str) -> teams.Person:
    found = who.directory.by_slack(user)
    if found is None:
        plan = who.directory.plan_name
        raise Refused(f"{b.mention(user)} is not in {plan}. Name somebody of the plan; `/plan people` lists them.")
    return found


def _severity(tx: Tx, who: Asker, text: str) -> tuple[str, str | None]:
    """`critical: mongo is down` names a severity; any other word before a colon belongs to the text."""
    found = SEVERITY.match(text)
    rules = settings(tx, who.directory.plan_id)
    by_name = {name.lower(): name for name in rules.severities}
    if found and found[1].lower() in by_name:
        return text[found.end() :], by_name[found[1].lower()]
    return text, None


def channel_team(who: Asker, request: Request) -> str | None:
    """The team whose channel it is."""
    for team in who.directory.teams.values():
        channel = who.directory.channel(team.channel) if team.channel else None
        if channel and request.channel and request.channel in (channel.slack_id, channel.name):
            return team.key
        if channel and not channel.slack_id and request.channel_name == channel.name:
            return team.key
    return None


def _only_one(tx: Tx, who: Asker) -> int:
    mine = [one for one in service.waiting_for(tx, who) if one.state == "open"]
    if len(mine) == 1:
        return mine[0].number
    if not mine:
        raise Refused("No blocker waits for you. `/blocker list` shows those that are open.")
    numbers = ", ".join(f"`/blocker ack {one.number}`" for one in mine[:8])
    raise Refused(f"{len(mine)} blockers wait for you. Say which: {numbers}.")


def _until(tx: Tx, who: Asker, when: Any) -> datetime:
    """A span from now, or the next time it is that hour where the asker is."""
    if isinstance(when, timedelta):
        return tx.now + when
    return calendar.next_occurrence(tx.now, EVERY_DAY, when, who.person.zone)


def what_now(tx: Tx, blocker: Blocker) -> str:
    """What is next, for who did something."""
    tx.session.flush()
    return card.what_now(card.card_view(tx, blocker))


command = Command(
    word="blocker",
    about="Say what keeps you from going on; whoever can help is paged until somebody has it",
    verbs=(
        Verb(
            "ack",
            acknowledge,
            "you have it: the climb stops",
            (Number("number", optional=True),),
            aliases=("acknowledge", "take"),
        ),
        Verb("unack", unacknowledge, "give it back: it climbs on", (NUMBER,), aliases=("unacknowledge", "release")),
        Verb(
            "resolve",
            resolve,
            "it is solved; say what helped",
            (NUMBER, Text("outcome", optional=True)),
            aliases=("close", "done"),
        ),
        Verb("snooze", snooze, "page nobody for a while", (NUMBER, When("when"))),
        Verb("escalate", escalate, "page the next step now", (NUMBER,)),
        Verb(
            "reassign",
            reassign,
            "hand it to somebody, who is paged",
            (NUMBER, Person("person")),
            aliases=("assign", "hand"),
        ),
        Verb("note", note, "say something about it", (NUMBER, Text("text"))),
        Verb("reopen", reopen, "it is not over after all", (NUMBER,)),
        Verb("withdraw", withdraw, "it was none", (NUMBER, Text("reason", optional=True))),
        Verb("show", show, "one blocker with its history", (NUMBER,), reads=True),
        Verb("list", list_open, "what is open, and what was closed last", reads=True),
        Verb("mine", list_mine, "what waits for you", aliases=("waiting",), reads=True),
        Verb("raise", raise_it, "open one, whatever its first word is", (Text("what"),)),
    ),
    otherwise=Verb("", raise_it, "raise a blocker", (Text("what"),)),
    alone=ask_to_raise,
    alone_reads=True,
    examples=(
        "mongo refuses TLS",
        "critical: sign-in is down, waiting for @somebody",
        "ack 12",
        "resolve 12 rotated the certificate",
    ),
)
