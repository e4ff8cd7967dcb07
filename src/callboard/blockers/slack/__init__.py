"""`/blocker`, the buttons on its cards, its forms and its message shortcuts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from callboard import blocks as b
from callboard.blockers import messages, rights, service, store
from callboard.blockers.messages import history
from callboard.blockers.models import Blocker, State
from callboard.blockers.plan import settings, usual_severity
from callboard.blockers.service import MENTION, Raised
from callboard.core import calendar, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.escalation import service as escalation
from callboard.slack.answers import Answer, Errors, Modal, Say
from callboard.slack.grammar import Arguments, Command, Number, Person, Text, Verb, When
from callboard.slack.requests import Request
from callboard.teams.directory import Asker
from callboard.teams.slack import asker, person

SEVERITY = re.compile(r"\s*!?([\w-]{1,40})\s*[:!]\s+(?=\S)")
WAITS_FOR = re.compile(r"\bwait(?:s|ing)?\s+(?:for|on)\s+<@([A-Z0-9]+)", re.IGNORECASE)
LATELY, MOST_NAMED, SHORT = 10, 8, 200
EVERY_DAY = frozenset(range(7))
NUMBER = Number("number")
Act = Callable[[Tx, Asker, int, int | None], Answer]


def raise_it(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open a blocker from what was typed: `critical: mongo refuses TLS, waits for @somebody`."""
    who = asker(tx, request)
    what, severity = _severity(tx, who, args["what"])
    named = WAITS_FOR.search(what)
    helper = who.directory.by_slack(named[1]) if named else None
    raising = Raised(what=what, severity=severity, waits_for=helper.key if helper else None)
    return raised(tx, who, service.raise_blocker(tx, who, raising, channel_team(who, request)))


def ask_to_raise(tx: Tx, request: Request, _args: Arguments) -> Answer:
    return raise_form(tx, request, asker(tx, request))


def raise_form(tx: Tx, request: Request, who: Asker, what: str = "") -> Modal:
    """The form for a new blocker, with what was said already."""
    rules, teams = settings(tx, who.directory.plan_id), [(team.name, team.key) for team in who.directory.teams.values()]
    severities, categories = ([(name.capitalize(), name) for name in names]
                              for names in (rules.severities, rules.categories))  # fmt: skip
    usual = service.team_concerned(who, channel_team(who, request))
    inputs = [
        b.text_input("What is blocked?", "what", multiline=True, initial=what, max_length=3000,
                     placeholder="mongo refuses TLS from staging"),
        b.select_input("How bad is it?", "severity", severities, initial=usual_severity(rules)),
        *([b.select_input("What kind?", "category", categories, optional=True)] if categories else []),
        *([b.select_input("Which team?", "team", teams, initial=usual, optional=True)] if teams else []),
        b.user_input("Who can help?", "waits_for", optional=True),
        b.text_input("What does it block?", "blocks", optional=True, max_length=300),
    ]  # fmt: skip
    private = {"plan": who.directory.plan_key, "channel": request.channel, "channel_name": request.channel_name}
    return Modal(b.modal("Raise a blocker", inputs, callback_id="blocker.raise", submit="Raise", private=private))


def submit_raise(tx: Tx, request: Request) -> Answer:
    """Open a blocker from the form, as if it were typed where the form was opened."""
    opened = {"plan": None, "channel": "", "channel_name": ""} | dict(request.private)
    who, values = asker(tx, replace(request, **opened)), request.values
    if not service.WORD.search(values.get("what") or ""):
        return Errors({"what": "Say in a few words what is blocked."})
    helper = who.directory.by_slack(values.get("waits_for") or "")
    if values.get("waits_for") and helper is None:
        return Errors({"waits_for": f"They are not in {who.directory.plan_name}. Choose somebody else, or nobody."})
    fields = {field: values.get(field) for field in ("severity", "category", "team", "blocks")}
    raising = Raised(what=values["what"], waits_for=helper.key if helper else None, **fields)
    return raised(tx, who, service.raise_blocker(tx, who, raising))


def raised(tx: Tx, who: Asker, blocker: Blocker) -> Answer:
    mentioned = dict.fromkeys(MENTION.findall(blocker.what))
    strangers = [b.mention(user) for user in mentioned if not who.directory.by_slack(user)]
    return Say(messages.raised(messages.view(tx, blocker, troubled=()), strangers))


def _does(verb: Callable[..., Blocker], sentence: str, undo: str = "") -> Act:
    """A verb, and what is answered: `sentence` and `undo` have a place for the number."""
    return lambda tx, who, number, changes: _done(
        tx, verb(tx, who, number, expected=changes), sentence.format(number), undo.format(number)
    )


def withdraw(tx: Tx, who: Asker, number: int, changes: int | None = None, reason: str | None = None) -> Answer:
    service.withdraw(tx, who, number, reason or "", changes)
    return Say(f"Blocker {number} is withdrawn. By mistake? `/blocker reopen {number}`")


def _done(tx: Tx, blocker: Blocker, sentence: str, undo: str = "") -> Answer:
    tx.session.flush()
    return Say(f"{sentence} {messages.what_next(messages.view(tx, blocker, troubled=()))}{undo}")


def typed(act: Act) -> Callable[[Tx, Request, Arguments], Answer]:
    return lambda tx, request, args: act(tx, asker(tx, request), args["number"], None)


def _take(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Without a number it is the only one that waits for the asker."""
    who = asker(tx, request)
    return take(tx, who, _only_one(tx, who) if args["number"] is None else args["number"], None)


def _snooze(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    until = _until(tx, who, args["when"])
    service.snooze(tx, who, args["number"], until)
    return Say(f"Blocker {args['number']} is snoozed until {b.date(until, 'both')}. Then escalation resumes.")


def _reassign(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    blocker = service.reassign(tx, who, args["number"], person(who, args["person"]))
    return _done(tx, blocker, f"{b.mention(args['person'])} is asked to take blocker {blocker.number}.")


def _resolve(tx: Tx, request: Request, args: Arguments) -> Answer:
    number = service.resolve(tx, asker(tx, request), args["number"], args["outcome"] or "").number
    return Say(f"Blocker {number} is resolved. By mistake? `/blocker reopen {number}`")


def _note(tx: Tx, request: Request, args: Arguments) -> Answer:
    blocker = service.note(tx, asker(tx, request), args["number"], args["text"])
    return _done(tx, blocker, f"Your note is in the thread of blocker {blocker.number}.")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    blocker = rights.known(tx, asker(tx, request), args["number"], lock=False)
    entries = timeline.history(tx, blocker.subject)
    title = f"Blocker {blocker.number}: {b.clip(blocker.what, SHORT)}"
    return Say(title, history.history(messages.view(tx, blocker), entries, escalation.receipts(tx, blocker.subject)))


def list_open(tx: Tx, request: Request, _args: Arguments) -> Answer:
    plan_id = asker(tx, request).directory.plan_id
    opened = [messages.view(tx, blocker) for blocker in store.open_in(tx, plan_id)]
    closed = [messages.view(tx, blocker) for blocker in store.closed_lately(tx, plan_id, LATELY)]
    blocks = messages.listed("Open blockers", opened, "No blocker is open. :tada:")
    return Say(counted(len(opened), "open blocker"), [*blocks, *messages.listed("Closed last", closed)])


def list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    mine = [messages.view(tx, blocker) for blocker in service.waiting_for(tx, asker(tx, request))]
    blocks = messages.listed("Waiting for you", mine, "No blocker waits for you.")
    return Say(f"{len(mine)} blockers wait for you", blocks)


def channel_team(who: Asker, request: Request) -> str | None:
    for team in who.directory.teams.values():
        channel = who.directory.channel(team.channel) if team.channel else None
        if channel and request.channel and request.channel in (channel.slack_id, channel.name):
            return team.key
        if channel and not channel.slack_id and request.channel_name == channel.name:
            return team.key
    return None


def _severity(tx: Tx, who: Asker, text: str) -> tuple[str, str | None]:
    """`critical: mongo is down` names a severity; any other word before a colon belongs to the text."""
    word = SEVERITY.match(text)
    names = {name.lower(): name for name in settings(tx, who.directory.plan_id).severities}
    if word and word[1].lower() in names:
        return text[word.end() :], names[word[1].lower()]
    return text, None


def _only_one(tx: Tx, who: Asker) -> int:
    numbers = [blocker.number for blocker in service.waiting_for(tx, who) if blocker.state == State.OPEN]
    if len(numbers) == 1:
        return numbers[0]
    if not numbers:
        raise Refused("No blocker waits for you. `/blocker list` shows the open ones.")
    choices = ", ".join(f"`/blocker ack {number}`" for number in numbers[:MOST_NAMED])
    raise Refused(f"{len(numbers)} blockers wait for you. Which one? {choices}")


def _until(tx: Tx, who: Asker, when: Any) -> datetime:
    """A span from now, or the next time it is that hour where the asker is."""
    if isinstance(when, timedelta):
        return tx.now + when
    return calendar.next_occurrence(tx.now, EVERY_DAY, when, who.person.zone)


take = _does(service.acknowledge, "You have blocker {}.", " By mistake? `/blocker unack {}`")
hand_back = _does(service.unacknowledge, "You handed back blocker {}.")
escalate = _does(service.escalate, "I am paging the next step of blocker {}.")
reopen = _does(service.reopen, "Blocker {} is open again.")
command = Command(
    word="blocker",
    about="Say what stops your work: whoever can help is paged until somebody takes it",
    verbs=(
        Verb("ack", _take, "take it: nobody else is paged", (Number("number", optional=True),),
             aliases=("acknowledge", "take")),
        Verb("unack", typed(hand_back), "hand it back: escalation resumes", (NUMBER,),
             aliases=("unacknowledge", "release")),
        Verb("resolve", _resolve, "close it and say what helped", (NUMBER, Text("outcome", optional=True)),
             aliases=("close", "done")),
        Verb("snooze", _snooze, "page nobody for a while", (NUMBER, When("when"))),
        Verb("escalate", typed(escalate), "page the next step now", (NUMBER,)),
        Verb("reassign", _reassign, "page somebody to take it", (NUMBER, Person("person")), aliases=("assign", "hand")),
        Verb("note", _note, "add a note to its thread", (NUMBER, Text("text"))),
        Verb("reopen", typed(reopen), "open it again", (NUMBER,)),
        Verb("withdraw", lambda tx, request, args: withdraw(tx, asker(tx, request), **args),
             "close it: raised by mistake", (NUMBER, Text("reason", optional=True))),
        Verb("show", show, "one blocker with its history", (NUMBER,), reads=True),
        Verb("list", list_open, "the open blockers, and the last closed ones", reads=True),
        Verb("mine", list_mine, "the blockers that wait for you", aliases=("waiting",), reads=True),
        Verb("raise", raise_it, "open one, whatever its first word is", (Text("what"),)),
    ),
    otherwise=Verb("", raise_it, "raise a blocker", (Text("what"),)),
    alone=ask_to_raise,
    alone_reads=True,
    examples=("mongo refuses TLS", "critical: sign-in is down, waiting for @somebody", "ack 12",
              "resolve 12 rotated the certificate"),
)  # fmt: skip
