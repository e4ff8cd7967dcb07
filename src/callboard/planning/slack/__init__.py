"""`/plan`: what is typed, pressed and handed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core import ticks, timeline
from callboard.core.calendar import DateRange
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.outbox import Medium, Message, addresses
from callboard.core.registry import Key
from callboard.core.timeline import Entry, Subject
from callboard.core.words import counted, few_lines, joined
from callboard.planfile.names import named
from callboard.planning import briefings, chapters, lookup, messages, notices, service
from callboard.planning import store as rows
from callboard.planning.feeds import answer, renew_feed, stop_feed
from callboard.planning.messages import Overview
from callboard.planning.slack import apply, changes
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Choice, Command, Name, Number, Person, Text, Verb, Word
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import directory, hindrances
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory
from callboard.teams.models import PersonRow
from callboard.teams.rights import discreet
from callboard.teams.slack import About, Answerable, Click, asker, coordinator, person, reasoned
from callboard.teams.slack.days import Days, read_days

DAYS = ("today", "tomorrow", "next", "week", "mine", "me")
"""What people type after `calendar`, which shows what comes next."""
LAST, MOST_CHANGES, LONGEST_CHANGE = 20, 8, 250
CHANGED = ("applied", "edited")
BOARD: Key[Callable[[Tx, Asker], b.Block | None]] = Key("the button that opens the board", lambda _tx, _who: None)


def show(tx: Tx, request: Request, _args: Arguments) -> Answer:
    who = asker(tx, request)
    said, button = _say(messages.plan(overview(tx, who.directory, who.person))), tx.of(BOARD)(tx, who)
    return replace(said, blocks=[*said.blocks, b.actions(button)]) if button else said


def overview(tx: Tx, directory: Directory, reader: directory.Person) -> Overview:
    """Read what runs, what waits for the reader, and what is wrong."""
    plan_id, unknown = directory.plan_id, {f"#{each.name}" for each in directory.channels if not each.slack_id}
    parked = rows.refusals(tx, plan_id)
    closed = {where for where, error in parked.items() if hindrances.code(error) == rows.OUTSIDE} - unknown
    closed |= {row.slack_id for row in rows.closed_channels(tx, plan_id) if row.slack_id}
    return Overview(
        plan=plans.plan(tx, plan_id), directory=directory, now=tx.now, closed=sorted(closed),
        chapters=chapters.of(tx, directory, reader),
        stuck={where: error for where, error in parked.items() if where not in closed | unknown},
        given_up=[messages.failed_work(each.work, each.row_id, each.error) for each in ticks.parked(tx)],
    )  # fmt: skip


def show_item(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    on = briefings.stage(tx, who.directory.plan_id)
    return _say(lookup.shown(on, lookup.find(on.document, args["what"]), who.person))


def versions(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Who changed what, when and why: by a file, with `set`, `unset` and `shift`, or by a decision. Newest first."""
    who = asker(tx, request)
    directory = who.directory
    entries = timeline.history(tx, Subject("plan", directory.plan_id))
    changes = [entry for entry in reversed(entries) if entry.verb in CHANGED]
    page = args["page"] or 1
    begun = (page - 1) * LAST
    if not changes[begun:]:
        has = f"{m.escape(directory.plan_name)} has {counted(len(changes), 'change')}"
        raise Refused(f"{has}, {LAST} on a page: `/plan versions`")
    blocks = [b.section(_change(who, entry)) for entry in changes[begun:][:LAST]]
    more = [b.context(f"Earlier changes: `/plan versions {page + 1}`")] if len(changes) > page * LAST else []
    return Say(f"The last changes of {m.escape(directory.plan_name)}", [*blocks, *more])


def _change(who: Asker, entry: Entry) -> str:
    directory = who.directory
    why = f" because {m.escape(entry.said)}" if entry.said else ""
    what = f"Version {entry.facts['version']}" if "version" in entry.facts else "Changed"
    head = f"*{what}*, {m.date(entry.at, 'both')}, by {directory.called(entry.actor)}{why}"
    changes = discreet(directory, who.person, entry.facts.get("changes", ()))
    lines = [f"• {m.clip(m.escape(change), LONGEST_CHANGE)}" for change in changes]
    return "\n".join([head, *few_lines(lines, MOST_CHANGES)])


def calendar(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What comes next for whoever asks, and their calendar feed."""
    who, team = asker(tx, request), args["team"] or ""
    match args["change"]:
        case "new":
            return _once(renew_feed(tx, who, team))
        case "stop":
            return _say(stop_feed(tx, who, team))
        case _ if team and team.lower() not in DAYS:
            raise Refused(f"`{m.clip(team, 40)}` is not `new` or `stop`. For a team: `/plan calendar new backend`.")
        case _:
            return _once(answer(tx, who))


def lift(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = coordinator(tx, request)
    target, reason = reasoned(args["target"])
    plan_id = who.directory.plan_id
    by = [hold.by for hold in holds.overrule(tx, plan_id, target, who.person.key, reason)]
    notices.tell_lifted(tx, plan_id, target, by, who.person.key, reason)
    document = briefings.stage(tx, plan_id).document
    without = joined(named(document, key) for key in by)
    return Say(f"{named(document, target)} can go on without {without}. I told the teams, with your reason.")


def test(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    to = _person(who, args["person"])
    reach = service.send_test_page(tx, who, to)
    whom = "you" if to.key == who.person.key else who.directory.called(to)
    how = "as a direct message" if reach.medium == Medium.SLACK else "by their fallback: I don't know them in Slack"
    return Say(f"A test page is on its way to {whom}, {how}.")


def got_it(tx: Tx, request: Request) -> Answer:
    """Note that a test page was seen."""
    parts = request.value.split(":")
    plan_id = int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else 0
    known = teams.directory(tx, plan_id)
    reader = known.by_slack(request.user) if known.workspace in ("", request.workspace) else None
    if reader is None:
        raise Refused("You are not in the plan of this test page.")
    service.confirm_test_page(tx, Asker(known, reader), request.value)
    return Say("It works: pages reach you here.")


def _seen(click: Click[PersonRow]) -> Answer:
    """The same by the link of a page."""
    service.confirm_test_page(click.tx, click.asker, click.request.value)
    return Say("It works: pages reach you here.")


def _test_page(tx: Tx, row: PersonRow) -> Message:
    return Message(f"This is a test page for {m.escape(teams.directory(tx, row.plan_id).called(row.key))}.")


def retry(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Send what was refused once more, now."""
    return _say(hindrances.retried(addresses.retry(tx, coordinator(tx, request).directory.plan_id)))


def away(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Note an absence, and say who stands in."""
    who = asker(tx, request)
    absent = _person(who, args["person"])
    days = read_days(args["days"], tx.now.astimezone(absent.zone).date())
    teams.away(tx, who, absent, days)
    subject = "You are" if absent.key == who.person.key else f"{who.directory.called(absent)} is"
    return Say(f"{subject} away {days}. {_instead(tx, who, absent, days)} Undo: `/plan back`")


def back(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    absent = _person(who, args["person"])
    days = joined(map(str, teams.back(tx, who, absent)))
    whose = "" if absent.key == who.person.key else f" of {who.directory.called(absent)}"
    return Say(f"Absence{whose} on {days} removed.")


def _instead(tx: Tx, who: Asker, absent: directory.Person, days: DateRange) -> str:
    """Who stands in, as far as is known today."""
    now = teams.directory(tx, who.directory.plan_id)
    stand_in = messages.stands_in(now, now.people[absent.key], now.calendar.ends(days.first))
    return f"I page {stand_in} instead." if stand_in else "Nobody stands in: the plan names no deputy who is there."


def _person(who: Asker, user: str | None) -> directory.Person:
    return person(who, user) if user else who.person


def _once(message: Message) -> Say:
    """An answer that may hold the address of a feed, which is kept nowhere."""
    again = "I gave you this calendar's address already, and I don't keep it. Make another: `/plan calendar new`"
    return replace(_say(message), again=again if "/calendar/" in str(message) else "")


def _say(message: Message) -> Say:
    return Say(message.text, message.blocks)


THING = Name("what", sample="backend")
I_AM_AWAY = (
    r"i(?:['’]m|\s+am|['’]ll\s+be|\s+will\s+be)\s+"
    r"(?:sick|ill|away|off|out(?:\s+of\s+office)?|ooo|on\s+(?:vacation|holiday|leave))"
)
A_DAY = r"(?:today|tomorrow|until|this|next|for|on|mon|tue|wed|thu|fri|sat|sun|\d{4}-)\S*(?:\s\S+){0,3}"
NOT_ME = r"(?:stop|don['’]t|do\s+not)\s+(?:pag|messag|ping|writ|notify)\w*(?:\s+me)?|mute(?:\s+me)?|unsubscribe"
HOW_IT_STANDS = (
    r"how\s+(?:are\s+we(?:\s+doing)?|is\s+it\s+going|does\s+it\s+stand)|where\s+(?:are|do)\s+we(?:\s+stand)?|"
    r"are\s+we\s+(?:late|on\s+time|on\s+track)"
)
PHRASES = (
    (re.compile(rf"{I_AM_AWAY}\s+(?:on\s+)?({A_DAY})", re.IGNORECASE), r"away \1"),
    (re.compile(rf"{I_AM_AWAY}|{NOT_ME}", re.IGNORECASE), "away today"),
    (re.compile(r"who(?:['’]s|\s+is|\s+has|\s+are)?\s+(?:on[\s-]?call|on\s+duty)(?:\s+\w+)?", re.IGNORECASE), "oncall"),
    (re.compile(r"when\s+(?:is|are|does|do|will)\s+\S.*|what\s+(?:happens|is\s+on|comes)\s+(?:today|tomorrow|next)",
                re.IGNORECASE), "calendar"),
    (re.compile(HOW_IT_STANDS, re.IGNORECASE), "status"),
)  # fmt: skip
"""What people write to the bot about themselves and the plan."""
SOMEBODY = Person("person", optional=True)
command = Command(
    word="plan",
    about="what runs, who is in it, who is away",
    verbs=(
        Verb("test", test, "send a test page to yourself; leads can send one to anybody", (SOMEBODY,)),
        Verb("retry", retry, "send again what Slack refused, once its cause is gone"),
        Verb("away", away, "say when you, or somebody, will be away", (Days("days"), SOMEBODY),
             aliases=("ooo", "sick", "vacation", "holiday")),
        Verb("back", back, "remove an absence", (SOMEBODY,)),
        Verb("show", show_item, "what the plan says about a task, a team, a gate...", (THING,),
             aliases=("team", "info"), reads=True),
        Verb("versions", versions, "who changed the plan, when and why; the newest first",
             (Number("page", optional=True),), aliases=("history",), reads=True),
        Verb("calendar", calendar, "what comes next for you, and your calendar feed",
             (Choice("change", ("new", "stop"), optional=True), Word("team", optional=True)),
             aliases=("today", "agenda", "schedule")),
        Verb("lift", lift, "let something go on that is on hold: `ops because ...`",
             (Text("target", sample="backend because the gate is only paperwork"),)),
        *changes.verbs,
        *apply.verbs,
    ),
    alone=show,
    phrases=PHRASES,
    examples=("show backend", "test", "away 2026-03-30..31", "away tomorrow @somebody", "calendar"),
    alone_reads=True,
)  # fmt: skip
PERSON = About[PersonRow](lambda tx, number: tx.get(PersonRow, number), "They left the plan.", _test_page)
ANSWER = Answerable(PERSON, _seen, "I got it", lambda *_: True, lambda _: "/plan test")
interactions = (Interaction("button", messages.GOT_IT, got_it), *apply.interactions, *changes.interactions)
