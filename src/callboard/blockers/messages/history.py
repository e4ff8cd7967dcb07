"""What happened to a blocker, line by line, and what its reporter is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from callboard import blocks as b
from callboard.blockers.messages import LIGHTS, SHORT, View, card
from callboard.blockers.messages.page import BECAUSE
from callboard.blockers.models import Blocker, State, Verb
from callboard.core.db import Tx
from callboard.core.outbox import Delivery, Message
from callboard.core.timeline import Entry
from callboard.core.words import complete, lasted
from callboard.escalation import service as escalation
from callboard.escalation.models import ClimbVerb, Why
from callboard.teams import service as teams
from callboard.teams.service import Directory

MOST_SAID, MOST_OUTCOME, LATEST = 2500, 500, 25
LATE = timedelta(seconds=30)
DONE = complete(Verb, {
    Verb.RAISED: "raised it{said}",
    Verb.ACKNOWLEDGED: "has it.",
    Verb.GAVE_BACK: "handed it back. Nobody has it now.",
    Verb.SNOOZED: "snoozed it until {until}.",
    Verb.ESCALATED: "escalated it.",
    Verb.HANDED_ON: "asked {to} to take it.",
    Verb.NOTED: "said{said}",
    Verb.RESOLVED: "resolved it{said}",
    Verb.WITHDRAWN: "withdrew it{said}",
    Verb.REOPENED: "reopened it. Escalation starts again.",
    Verb.PROPOSED: "proposed it as {name}{said}",
    Verb.ACCEPTED: "accepted it as {name}: {of}.",
    Verb.REJECTED: "rejected it as {name}{said}",
    Verb.CLASSED: "decided it: {of} accepted, it is a {name} now.",
    Verb.DECLINED: "decided it: it is not a {name}.",
    Verb.UNPROPOSED: "took back that it is a {name}.",
})  # fmt: skip
UNSENT = {"dropped a message": "did not send a message to {to}: {reason}.",
          "parked a message": "could not send a message to {to}: {reason}."}  # fmt: skip


def line(tx: Tx, delivery: Delivery) -> Message:
    args, directory = delivery.args, teams.directory(tx, delivery.plan_id)
    levels = escalation.levels(tx, args["climb"]) if args.get("missed") or args.get("empty") else {}
    passed = {key: [levels.get(step, "") for step in args.get(key, ())] for key in ("missed", "empty")}
    return Message(_line(directory, args | passed))


def history(shown: View, entries: Sequence[Entry]) -> list[b.Block]:
    lines = [_line(shown.directory, _facts(entry)) for entry in entries[-LATEST:]]
    return [*card(shown).blocks, b.divider(), b.section("\n".join(lines) or "Nothing has happened to it yet.")]


def news(blocker: Blocker, directory: Directory, args: Mapping[str, Any]) -> Message:
    """What the reporter reads when somebody else takes or closes their blocker."""
    by, outcome = directory.called(args["by"]), args["outcome"]
    its = f"your blocker {blocker.number} ({b.clip(blocker.what, SHORT)})"
    state = State(args["state"])
    if state == State.ACKNOWLEDGED:
        return Message(f":raised_hand: {by} has {its}.")
    how = f": {b.clip(outcome, MOST_OUTCOME)}" if outcome else "."
    return Message(f"{LIGHTS[state]} {by} {'resolved' if state == State.RESOLVED else 'withdrew'} {its}{how}")


def _facts(entry: Entry) -> dict[str, Any]:
    climbed = entry.verb in set(ClimbVerb)
    verb = entry.facts["why"] if climbed else entry.verb
    return entry.facts | {"verb": verb, "actor": entry.actor, "said": entry.said, "at": entry.at.isoformat()}


def _line(directory: Directory, args: Mapping[str, Any]) -> str:
    return f"{b.date(datetime.fromisoformat(args['at']))}  {_told(directory, args)}"


def _told(directory: Directory, args: Mapping[str, Any]) -> str:
    verb = args["verb"]
    sentence = DONE[Verb(verb)] if verb in set(Verb) else UNSENT.get(verb)
    if sentence is None:
        return _climbed(directory, Why(verb), args)
    words = {
        "said": f": {b.clip(args['said'], MOST_SAID)}" if args.get("said") else ".",
        "until": b.date(datetime.fromisoformat(args["until"]), "both") if args.get("until") else "later",
        "to": directory.called(args.get("to")), "reason": args.get("reason", ""),
        "name": args.get("name", ""), "of": args.get("of", ""),
    }  # fmt: skip
    return f"{directory.called(args.get('actor'))} {sentence.format(**words)}"


def _climbed(directory: Directory, why: Why, args: Mapping[str, Any]) -> str:
    people, channels = map(directory.called, args.get("people", ())), map(b.channel, args.get("channels", ()))
    whom = ", ".join([*people, *channels]) or "nobody"
    span = datetime.fromisoformat(args["at"]) - datetime.fromisoformat(args.get("due", args["at"]))
    late = f" {lasted(span)} late, because I was not running" if span > LATE else ""
    passed = [f"{level} had nobody on it" for level in args.get("empty", ())]
    passed += [f"{level} was missed" for level in args.get("missed", ())]
    aside = f" ({'; '.join(passed)})" if passed else ""
    match why:
        case Why.SNOOZE:
            return "The snooze is over."
        case Why.EXHAUSTED:
            return f"Everybody was paged and nobody has taken it. Told {whom}{late}.{aside}"
        case _:
            return f"Paged {args.get('level', '')}: {whom}{late}.{aside} Why: {BECAUSE[why]}."
