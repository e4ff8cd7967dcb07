"""Why a climb moved, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from callboard.blocks import markup as m
from callboard.core.words import complete
from callboard.escalation.ladder import Ladder
from callboard.escalation.models import Why
from callboard.teams.directory import Directory

BECAUSE = complete(Why, {
    Why.OPENED: "it was raised",
    Why.RESPONSE: "nobody has taken it",
    Why.IDLE: "{silent}",
    Why.NUDGE: "{silent}",
    Why.RESOLUTION: "it is still unresolved",
    Why.REPEAT: "nobody has taken it yet",
    Why.SNOOZE: "the snooze is over",
    Why.ASKED: "somebody escalated it",
    Why.EXHAUSTED: "everybody was paged and nobody has taken it",
    Why.OVER: "the plan is over",
    Why.STANDS_IN: Why.STANDS_IN,
})  # fmt: skip
Place = Callable[[Mapping[str, Any]], str]
NOBODY = "no step of the escalation reaches anybody else"


def because(why: Why, directory: Directory, args: Mapping[str, Any]) -> str:
    """Why a climb moved: `@lead has had it since 13:05 and has said nothing`."""
    idle = f"{directory.called(args['holder'])} {silent(args, 'has')}" if args.get("holder") else ""
    if why == Why.EXHAUSTED and args.get("unheard"):
        return NOBODY
    return BECAUSE[why].format(silent=idle or "nothing has happened")


def silent(args: Mapping[str, Any], has: str) -> str:
    """How long somebody has had it, and since when they have said nothing: `have had it since 13:05 and have ...`."""
    since, quiet = (m.date(datetime.fromisoformat(args[key])) for key in ("since", "silent"))
    lately = "" if since == quiet else f" since {quiet}"
    return f"{has} had it since {since} and {has} said nothing{lately}"


def nudged(directory: Directory, args: Mapping[str, Any]) -> str:
    """That whoever has it has said nothing, to them; while they are away, to whoever stands in."""
    if args.get("instead_of"):
        return f"{directory.called(args['holder'])} {silent(args, 'has')}. They are away, and you stand in."
    return f"You {silent(args, 'have')}."


def still_silent(ladder: Ladder | None, args: Mapping[str, Any]) -> bool:
    """Whether a reminder still says what is so: the same person has it, and has said and done nothing since."""
    return ladder is not None and ladder.silent_since == datetime.fromisoformat(args["silent"])


def standing_in(directory: Directory, args: Mapping[str, Any]) -> str:
    """For whom the reader of a page stands in: `, standing in for @lead, who is away`; empty where they do not."""
    person = directory.people.get(args.get("instead_of") or "")
    if person is None:
        return ""
    why = "whose seat is vacant" if person.vacant else "who is away"
    return f", standing in for {directory.called(person.key)}, {why}"


def duties(directory: Directory, args: Mapping[str, Any], place: Place = lambda _: "") -> str:
    """As what the reader of a page is paged: `Coordinator, standing in for @lead, who is away, and Executive`.

    `place` says where on the ladder each of it is. Empty where no words of the plan name them.
    """
    every: dict[str, str] = {}
    for each in (args, *args.get("also", ())):
        if each.get("reason"):
            duty = f"{m.escape(each['reason'])}{standing_in(directory, each)}"
            every.setdefault(duty, f"{duty}{place(each)}")
    return ", and ".join(every.values())


def why_paged(directory: Directory, args: Mapping[str, Any], duty: str) -> str:
    """The duty that a page is for, and what made it necessary: `you are Executive: nobody has taken it yet`."""
    why = args.get("why", Why.OPENED)
    plain = why not in set(Why) or why in (Why.OPENED, Why.RESPONSE)
    return duty if plain else f"{duty}: {because(Why(why), directory, args)}"
