"""`/plan oncall` and `/plan contacts`."""

from __future__ import annotations

from datetime import datetime

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.rota import contacts, messages, service
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import not_one_person
from callboard.slack.grammar import Arguments, Command, Person, Text, Verb, When, Word
from callboard.slack.requests import Request
from callboard.teams import slack
from callboard.teams.directory import Asker

SMALL = ("until", "till", "for", "because", "tomorrow", "to")
TYPE = "`/plan oncall {} @somebody until 18:00 because ...`"
MOST_REASON = 300


def on_call(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Who is on call; with somebody and an hour, they take the turn over."""
    who = slack.asker(tx, request)
    args = _in_order(who, args)
    team = service.team_called(who.directory, args["team"]) if args["team"] else ""
    if args["person"] is None and not args["more"] and args["until"] is None:
        message = messages.on_call(who.directory, service.duties(tx, who.directory, team), of_all=not team)
        return Say(message.text, message.blocks)
    if args["person"] is None or args["person"].lower() in SMALL:
        raise Refused(not_one_person(args["more"] or "") or f"Who takes it over? Type {TYPE.format(team)}")
    to = slack.person(who, args["person"])
    until, reason = _until(tx, who, team, args)
    was = service.duties(tx, who.directory, team)[0].now
    made = service.give(tx, who, team, to, until, reason)
    directory, name = who.directory, m.escape(who.directory.teams[team].name)
    whom = "You are" if to.key == who.person.key else f"{directory.called(to)} is"
    told = (
        "I told whoever had it." if to.key == who.person.key else f"I told {directory.called(to)} and whoever had it."
    )
    back = was.acting.key if was and was.acting else "@somebody"
    undo = f"To give it back: `/plan oncall {team} {back} until ...`"
    return Say(f"{whom} on call for {name} until {m.date(made.until, 'both')}. {told} {undo}")


def _in_order(who: Asker, args: Arguments) -> Arguments:
    """The team first, also where the person was typed before it; where only one team takes turns, that is meant."""
    typed, second, known = args["team"] or "", args["person"] or "", who.directory.teams.items()
    mention = m.MENTION.fullmatch(typed)
    first = mention[1] if mention else typed
    if any(m.means(second, key, team.name) for key, team in known if not m.means(first, key, team.name)):
        return {**args, "team": second, "person": first}
    turns = list(who.directory.on_call)
    if mention and (not second or second.lower() in SMALL):
        if len(turns) != 1:
            raise Refused(f"For which team? Type {TYPE.format('TEAM')}")
        return {**args, "team": turns[0], "person": first}
    return args


def _until(tx: Tx, who: Asker, team: str, args: Arguments) -> tuple[datetime, str]:
    """When it ends, by the asker's clock, and why. Raises Refused where no end was typed."""
    if args["until"] is None:
        raise Refused(f"Until when? Type {TYPE.format(team)}")
    what, reason = slack.reasoned(args["more"] or "")
    if what:
        raise Refused(f"I don't understand `{m.clip(m.escape(what), 40)}`. Type {TYPE.format(team)}")
    if len(reason) > MOST_REASON:
        raise Refused(f"This reason has {len(reason)} characters; {MOST_REASON} at most. Nothing changed.")
    return slack.instant(tx, who, args["until"]), " ".join(reason.split())


def list_contacts(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Everybody whom others turn to."""
    who = slack.asker(tx, request)
    duties = service.duties(tx, who.directory) if who.directory.on_call else []
    acting = {duty.team.key: duty.now.acting for duty in duties if duty.now and duty.now.acting}
    message = contacts.contacts(who.directory, who.person, acting, tx.now)
    return Say(message.text, message.blocks)


command = Command(
    word="plan",
    about="who is on call, and how everybody is reached",
    verbs=(
        Verb("oncall", on_call, "who is on call; or give somebody the turn: `ops @somebody until 18:00 because ...`",
             (Word("team", optional=True, sample="ops"), Person("person", optional=True), When("until", optional=True),
              Text("more", optional=True)), aliases=("on-call", "on_call")),
        Verb("contacts", list_contacts, "who does what, how fast they answer, and how each is reached", reads=True),
    ),
    examples=("oncall", "contacts"),
)  # fmt: skip
