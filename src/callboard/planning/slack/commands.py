"""`/plan` and its verbs, but for those that change the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.calendar import DateRange
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.planning import briefs, duties, lookup, notices, service
from callboard.planning.calendar import answer, renew_feed, stop_feed
from callboard.planning.messages import overview
from callboard.planning.slack import apply, changes
from callboard.plans import holds, store
from callboard.plans.models import PlanVersion
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Choice, Text, Word
from callboard.slack.grammar import Arguments, Command, Person, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import directory
from callboard.teams import service as teams
from callboard.teams.directory import Directory
from callboard.teams.service import Asker
from callboard.teams.slack import Days, asker, coordinator, read_days, reasoned

if TYPE_CHECKING:
    from callboard.core.db import Tx

LAST, MOST_CHANGES = 10, 8


def show_item(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What the plan says about something."""
    on = briefs.stage(tx, asker(tx, request).directory.plan_id)
    message = lookup.shown(on, lookup.find(on.document, args["what"]))
    return Say(message.text, message.blocks)


def versions(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Who applied what, when and why."""
    directory = asker(tx, request).directory
    found = [b.section(_version(directory, one)) for one in store.versions(tx, directory.plan_id, LAST)]
    return Say(f"The last versions of {directory.plan_name}", found)


def calendar(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What comes next for whoever asks, and their calendar feed."""
    who, team = asker(tx, request), args["team"] or ""
    change = {"new": renew_feed, "stop": stop_feed}.get(args["change"] or "")
    text, blocks = change(tx, who, team) if change else answer(tx, who)
    return Say(text, blocks)


def lift(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Let something go on that is on hold."""
    who = coordinator(tx, request)
    target, reason = reasoned(args["target"])
    plan_id = who.directory.plan_id
    lifted = holds.overrule(tx, plan_id, target, who.person.key, reason)
    document = briefs.stage(tx, plan_id).document
    by = joined(duties.named(document, hold.by) for hold in lifted)
    notices.tell_lifted(tx, plan_id, target, [hold.by for hold in lifted], who.person.key, reason)
    what = duties.named(document, target)
    return Say(f"{what} goes on, without {by}. It is recorded with your reason, and announced.")


def _version(directory: Directory, version: PlanVersion) -> str:
    why = f" because {b.escape(version.reason)}" if version.reason else ""
    head = f"*Version {version.number}*, {b.date(version.at, 'both')}, by {directory.called(version.author)}{why}"
    said = [f"• {b.clip(b.escape(sentence), 250)}" for sentence in version.changes[:MOST_CHANGES]]
    left = len(version.changes) - MOST_CHANGES
    return "\n".join([head, *said, *([f"and {left} more changes"] if left > 0 else [])])


look_ups = (
    Verb(
        "show", show_item, "what the plan says about anything in it: a task, a team, a gate", (Text("what"),),
        reads=True,
    ),
    Verb("versions", versions, "who changed the plan, when and why", aliases=("history",), reads=True),
    Verb(
        "calendar", calendar, "what comes next for you, and your calendar feed",
        (Choice("change", ("new", "stop"), optional=True), Word("team", optional=True)),
    ),
    Verb("lift", lift, "let something go on that is on hold: `ops because ...`", (Text("target"),)),
)  # fmt: skip


def show(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """What runs, and what is wrong."""
    message = overview.plan(overview.plan_view(tx, asker(tx, request).directory))
    return Say(message.text, message.blocks)


def people(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Who is who."""
    who = asker(tx, request)
    message = overview.people(who.directory.plan_name, overview.group_views(who.directory, tx.now))
    return Say(message.text, message.blocks)


def test(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Send a test page."""
    who = asker(tx, request)
    person = _named(who, args["person"])
    reach = service.send_test_page(tx, who, person)
    whom = "you" if person.key == who.person.key else who.directory.called(person)
    how = "as a direct message" if reach.medium == "slack" else "by their fallback, as they are not known in Slack"
    return Say(f"A test page is on its way to {whom}, {how}.")


def got_it(tx: Tx, request: Request) -> Answer:
    """Note that a test page was seen."""
    parts = request.value.split(":")
    plan_id = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    known = teams.directory(tx, plan_id)
    person = known.by_slack(request.user) if known.workspace in ("", request.workspace) else None
    if person is None:
        raise Refused("This test page is of a plan that you are not in.")
    service.confirm_test_page(tx, Asker(known, person), request.value)
    return Say("It works: pages reach you here.")


def away(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Note an absence."""
    who = asker(tx, request)
    person = _named(who, args["person"])
    days = read_days(args["days"], tx.now.astimezone(person.zone).date())
    teams.away(tx, who, person, days)
    whom = "You are" if person.key == who.person.key else f"{who.directory.called(person)} is"
    return Say(f"{whom} away {days}. {_instead(tx, who, person, days)} `/plan back` takes it back.")


def back(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Call an absence off."""
    who = asker(tx, request)
    person = _named(who, args["person"])
    days = teams.back(tx, who, person)
    whom = "You are" if person.key == who.person.key else f"{who.directory.called(person)} is"
    return Say(f"{whom} back: {', '.join(map(str, days))} is called off.")


def _named(who: Asker, user: str | None) -> directory.Person:
    if user is None:
        return who.person
    found = who.directory.by_slack(user)
    if found is None:
        raise Refused(f"{b.mention(user)} is not in {who.directory.plan_name}. `/plan people` lists everybody who is.")
    return found


def _instead(tx: Tx, who: Asker, person: directory.Person, days: DateRange) -> str:
    """Who stands in, as far as is known today."""
    now = teams.directory(tx, who.directory.plan_id)
    away = overview.person_view(now, now.people[person.key], now.calendar.ends(days.first))
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
        *look_ups,
        *changes.verbs,
        *changes.shift_verbs,
        *apply.verbs,
    ),
    alone=show,
    examples=("people", "show backend", "test", "away 2026-03-30..31", "away tomorrow @somebody", "calendar"),
    alone_reads=True,
)


interactions = (Interaction("button", overview.GOT_IT, got_it), *apply.interactions, *changes.interactions)
