"""How people meet blockers in Slack: `/blocker`, the buttons on its cards, its forms, and its message shortcuts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard.blockers import messages, service, store, views
from callboard.blockers.models import Blocker
from callboard.blockers.service import MENTION, Raised
from callboard.core import blocks as b
from callboard.core import calendar, outbox, timeline
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.grammar import Arguments, Command, Number, Person, Text, Verb, When
from callboard.slack.requests import Request
from callboard.slack.routing import Hears, Interaction
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

SEVERITY = re.compile(r"\s*!?([\w-]{1,40})\s*[:!]\s+(?=\S)")
WAITS_FOR = re.compile(r"\bwait(?:s|ing)?\s+(?:for|on)\s+<@([A-Z0-9]+)", re.IGNORECASE)
LATELY = 10
EVERY_DAY = frozenset(range(7))
SNOOZED_BY_BUTTON = timedelta(minutes=30)


def asker(tx: Tx, request: Request) -> Asker:
    """Who asks, in which plan."""
    return teams.identify(
        tx, request.workspace, request.channel, request.channel_name, request.user, request.plan, is_bot=request.is_bot
    )


def raise_it(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open a blocker from what was typed: `critical: mongo refuses TLS, waits for @somebody`."""
    who = asker(tx, request)
    said, severity = _severity(tx, who, args["what"])
    waits_for = WAITS_FOR.search(said)
    person = who.directory.by_slack(waits_for[1]) if waits_for else None
    raised = Raised(what=said, severity=severity, waits_for=person.key if person else None)
    return _raised(tx, who, service.raise_blocker(tx, who, raised, _channel_team(who, request)))


def ask_to_raise(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Open the form."""
    return _form(tx, request, asker(tx, request))


def raise_from_message(tx: Tx, request: Request) -> Answer:
    """Open the form with what a message says."""
    return _form(tx, request, asker(tx, request), what=request.message_text)


def submit_raise(tx: Tx, request: Request) -> Answer:
    """Open a blocker from the form."""
    who = asker(tx, _as_in(request))
    values = request.values
    if not service.WORD.search(values.get("what") or ""):
        return Errors({"what": "Say in a few words what is blocked."})
    waits_for = who.directory.by_slack(values.get("waits_for") or "")
    if values.get("waits_for") and waits_for is None:
        return Errors(
            {"waits_for": f"They are not in {who.directory.plan_name}: pick somebody of the plan, or leave it empty."}
        )
    raised = Raised(
        what=values["what"],
        severity=values.get("severity"),
        category=values.get("category"),
        team=values.get("team"),
        waits_for=waits_for.key if waits_for else None,
        blocks=values.get("blocks"),
    )
    return _raised(tx, who, service.raise_blocker(tx, who, raised))


def acknowledge(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take it; without a number, the only one that waits for the asker."""
    who = asker(tx, request)
    number = args["number"] if args["number"] is not None else _only_one(tx, who)
    blocker = service.acknowledge(tx, who, number)
    return Say(f"You have blocker {number}. {_what_now(tx, blocker)}")


def unacknowledge(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Give it back."""
    blocker = service.unacknowledge(tx, asker(tx, request), args["number"])
    return Say(f"Blocker {blocker.number} is given back. {_what_now(tx, blocker)}")


def snooze(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Page nobody for a while."""
    who = asker(tx, request)
    until = _until(tx, who, args["when"])
    blocker = service.snooze(tx, who, args["number"], until)
    return Say(f"Blocker {blocker.number} is snoozed until {b.date(until, 'both')}. Then it climbs on where it stood.")


def escalate(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Page the next step now."""
    blocker = service.escalate(tx, asker(tx, request), args["number"])
    return Say(f"Blocker {blocker.number} went a step up. {_what_now(tx, blocker)}")


def reassign(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Hand it to somebody."""
    who = asker(tx, request)
    blocker = service.reassign(tx, who, args["number"], _person(who, args["person"]))
    return Say(f"{b.mention(args['person'])} is asked to take blocker {blocker.number}. {_what_now(tx, blocker)}")


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
    return Say(f"Blocker {blocker.number} is open again. {_what_now(tx, blocker)}")


def note(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say something about it."""
    blocker = service.note(tx, asker(tx, request), args["number"], args["text"])
    return Say(f"Noted in the thread of blocker {blocker.number}. {_what_now(tx, blocker)}")


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show one with its history."""
    who = asker(tx, request)
    blocker = service.known(tx, who, args["number"])
    view = views.card(tx, blocker)
    lines = [views.of_entry(tx, entry) for entry in timeline.history(tx, blocker.subject)]
    return Say(f"Blocker {blocker.number}: {b.clip(blocker.what, 200)}", messages.history(view, lines))


def list_open(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """List what is open, and what was closed last."""
    who = asker(tx, request)
    open_ones = [views.card(tx, one) for one in store.open_in(tx, who.directory.plan_id)]
    closed = [views.card(tx, one) for one in store.closed_lately(tx, who.directory.plan_id, LATELY)]
    blocks = messages.listed("Open blockers", open_ones, "No blocker is open. :tada:")
    if closed:
        blocks += messages.listed("Closed last", closed, "")
    return Say(f"{len(open_ones)} open blockers", blocks)


def list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """List what waits for the asker."""
    mine = [views.card(tx, one) for one in service.waiting_for(tx, asker(tx, request))]
    return Say(
        f"{len(mine)} blockers wait for you", messages.listed("These wait for you", mine, "Nothing waits for you.")
    )


Press = Callable[["Tx", Asker, Request, int, int], Answer]


def _button(press: Press) -> Callable[[Tx, Request], Answer]:
    def pressed(tx: Tx, request: Request) -> Answer:
        number, _, changes = request.value.rpartition(":")
        blocker = store.find(tx, int(number))
        who = _of_plan(tx, request, blocker)
        return press(tx, who, request, int(number), int(changes))

    return pressed


def _press_ack(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    return Say(f"You have blocker {number}. {_what_now(tx, service.acknowledge(tx, who, number, changes))}")


def _press_unack(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    return Say(f"Blocker {number} is given back. {_what_now(tx, service.unacknowledge(tx, who, number, changes))}")


def _press_escalate(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    return Say(f"Blocker {number} went a step up. {_what_now(tx, service.escalate(tx, who, number, changes))}")


def _press_reopen(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    return Say(f"Blocker {number} is open again. {_what_now(tx, service.reopen(tx, who, number, changes))}")


def _press_resolve(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    blocker = service.still(tx, who, number, changes)
    return Modal(messages.resolve_form(views.card(tx, blocker), service.settings(tx, blocker.plan_id)))


def choose_more(tx: Tx, request: Request) -> Answer:
    """Do what was chosen in the menu behind the dots: `snooze:12:3`."""
    verb, number, changes = request.value.split(":")
    who = _of_plan(tx, request, store.find(tx, int(number)))
    expected = int(changes)
    if verb == "snooze":
        until = tx.now + SNOOZED_BY_BUTTON
        service.snooze(tx, who, int(number), until, expected)
        return Say(f"Blocker {number} is snoozed until {b.date(until)}. Longer: `/blocker snooze {number} 2h`.")
    if verb == "withdraw":
        service.withdraw(tx, who, int(number), "", expected)
        return Say(f"Blocker {number} is withdrawn. By mistake? `/blocker reopen {number}`")
    view = views.card(tx, service.still(tx, who, int(number), expected))
    return Modal(messages.note_form(view) if verb == "note" else messages.reassign_form(view))


def act_on_thread(tx: Tx, request: Request) -> Answer:
    """Show the blocker in whose thread, or on whose card, the shortcut was chosen: with its buttons."""
    channel, stamp = request.message or ("", "")
    delivery = outbox.posted(tx, channel, request.thread_ts or stamp) or outbox.posted(tx, channel, stamp)
    blocker = store.find(tx, delivery.subject_id) if delivery and delivery.subject_kind == "blocker" else None
    if blocker is None:
        raise Refused("That message belongs to no blocker. Choose the shortcut on a blocker's card or in its thread.")
    _of_plan(tx, request, blocker)
    return Modal(messages.act_form(views.card(tx, blocker)))


def submit_resolve(tx: Tx, request: Request) -> Answer:
    """Close it from the form."""
    blocker, who = _carried(tx, request)
    checklist = service.settings(tx, blocker.plan_id).checklist
    ticked = [checklist[int(k)] for k in request.values.get("checklist") or () if int(k) < len(checklist)]
    service.resolve(tx, who, blocker.number, request.values.get("outcome") or "", ticked, request.private["changes"])
    return Done()


def submit_note(tx: Tx, request: Request) -> Answer:
    """Say something about it from the form."""
    blocker, who = _carried(tx, request)
    service.note(tx, who, blocker.number, request.values["note"])
    return Done()


def submit_reassign(tx: Tx, request: Request) -> Answer:
    """Hand it on from the form."""
    blocker, who = _carried(tx, request)
    person = who.directory.by_slack(request.values.get("to") or "")
    if person is None:
        return Errors({"to": f"They are not in {who.directory.plan_name}: pick somebody of the plan."})
    service.reassign(tx, who, blocker.number, person, request.private["changes"])
    return Done()


def hear_message(tx: Tx, _workspace: str, event: Mapping[str, Any]) -> None:
    """What is said in a card's thread keeps the blocker from being idle."""
    if event.get("thread_ts") and not event.get("bot_id") and not event.get("subtype"):
        service.said_in_thread(tx, event["channel"], event["thread_ts"])


def _raised(tx: Tx, who: Asker, blocker: Blocker) -> Answer:
    strangers = [
        b.mention(user) for user in dict.fromkeys(MENTION.findall(blocker.what)) if not who.directory.by_slack(user)
    ]
    return Say(messages.raised(views.card(tx, blocker, troubled=()), strangers))


def _form(tx: Tx, request: Request, who: Asker, what: str = "") -> Answer:
    rules = service.settings(tx, who.directory.plan_id)
    choices = [(team.name, team.key) for team in who.directory.teams.values()]
    usual = service.team_concerned(who, _channel_team(who, request))
    carried = {"plan": who.directory.plan_key, "channel": request.channel, "channel_name": request.channel_name}
    return Modal(messages.raise_form(rules, choices, what=what, team=usual, private=carried))


def _person(who: Asker, user: str) -> teams.Person:
    found = who.directory.by_slack(user)
    if found is None:
        plan = who.directory.plan_name
        raise Refused(f"{b.mention(user)} is not in {plan}. Name somebody of the plan; `/plan people` lists them.")
    return found


def _severity(tx: Tx, who: Asker, text: str) -> tuple[str, str | None]:
    """`critical: mongo is down` names a severity; any other word before a colon belongs to the text."""
    found = SEVERITY.match(text)
    rules = service.settings(tx, who.directory.plan_id)
    by_name = {name.lower(): name for name in rules.severities}
    if found and found[1].lower() in by_name:
        return text[found.end() :], by_name[found[1].lower()]
    return text, None


def _channel_team(who: Asker, request: Request) -> str | None:
    for team in who.directory.teams.values():
        channel = who.directory.channel(team.channel) if team.channel else None
        if channel and request.channel and request.channel in (channel.slack_id, channel.name):
            return team.key
        if channel and not channel.slack_id and request.channel_name == channel.name:
            return team.key
    return None


def _as_in(request: Request) -> Request:
    private = request.private
    return replace(
        request,
        plan=private.get("plan"),
        channel=private.get("channel", ""),
        channel_name=private.get("channel_name", ""),
    )


def _of_plan(tx: Tx, request: Request, blocker: Blocker | None) -> Asker:
    """Who asks, in the plan of the blocker they ask about; a blocker of another workspace does not exist for them."""
    if blocker is None:
        raise Refused("That blocker is not there any more. `/blocker list` shows those that are.")
    directory = teams.directory(tx, blocker.plan_id)
    if directory.workspace not in ("", request.workspace):
        raise Refused("That blocker is not there any more. `/blocker list` shows those that are.")
    return asker(tx, replace(request, plan=directory.plan_key))


def _carried(tx: Tx, request: Request) -> tuple[Blocker, Asker]:
    blocker = store.find(tx, int(request.private["number"]))
    who = _of_plan(tx, request, blocker)
    assert blocker is not None  # noqa: S101 - refused above
    return blocker, who


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


def _what_now(tx: Tx, blocker: Blocker) -> str:
    tx.session.flush()
    return messages.what_now(views.card(tx, blocker))


NUMBER = Number("number")
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

interactions = (
    Interaction("button", "blocker.ack", _button(_press_ack)),
    Interaction("button", "blocker.unack", _button(_press_unack)),
    Interaction("button", "blocker.escalate", _button(_press_escalate)),
    Interaction("button", "blocker.reopen", _button(_press_reopen)),
    Interaction("button", "blocker.resolve", _button(_press_resolve), reads=True),
    Interaction("button", "blocker.more", choose_more),
    Interaction("modal", "blocker.raise", submit_raise),
    Interaction("modal", "blocker.resolve", submit_resolve),
    Interaction("modal", "blocker.note", submit_note),
    Interaction("modal", "blocker.reassign", submit_reassign),
    Interaction(
        "shortcut",
        "blocker.raise",
        raise_from_message,
        reads=True,
        title="Raise a blocker",
        description="Open a blocker with what this message says",
    ),
    Interaction(
        "shortcut",
        "blocker.act",
        act_on_thread,
        reads=True,
        title="Act on this blocker",
        description="Acknowledge, resolve or escalate the blocker this message belongs to",
    ),
)
hears = (Hears("message", hear_message),)
