"""What happened to a blocker, line by line, and what its reporter is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from callboard import blocks as b
from callboard.blockers.messages import LIGHTS, SHORT, View, card
from callboard.blockers.models import SAME, Blocker, State, Verb
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.outbox import Delivery, Message
from callboard.core.timeline import Entry
from callboard.core.words import capital, complete, lasted
from callboard.escalation import service as escalation
from callboard.escalation.messages import because
from callboard.escalation.models import ClimbVerb, Why
from callboard.escalation.receipts import Arrival, Receipts
from callboard.teams import service as teams
from callboard.teams.service import Directory

CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
MOST_SAID, MOST_OUTCOME, LATEST, FEW, PARAGRAPHS = 2500, 500, 200, 3, 2
EARLIER = ": see the thread of its card"
LATE = timedelta(seconds=30)
DONE = complete(Verb, {
    Verb.RAISED: "raised it{said}",
    Verb.ACKNOWLEDGED: "has it.",
    Verb.GAVE_BACK: "handed it back. Nobody has it now.",
    Verb.SNOOZED: "snoozed it until {until}.",
    Verb.ESCALATED: "escalated it.",
    Verb.GRADED: "made it {severity}{said}",
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
PAGED = complete(Arrival, {
    Arrival.SENT: "Paged{again} {level}{whom}{late}.",
    Arrival.TOGETHER: "Reminded {level}{whom} together with other matters.",
    Arrival.UNSURE: "Sent a page to {level}{whom}{late}, not sure it arrived.",
    Arrival.SENDING: "Paging{again} {level}{whom}{late}.",
    Arrival.LATER: "{level}{whom} will be paged when their quiet hours end.",
    Arrival.FAILED: "Could not page {level}{whom}.",
    Arrival.DROPPED: "Did not page {level}{whom}: no longer needed.",
})  # fmt: skip
EXHAUSTED = complete(Arrival, {
    Arrival.SENT: "Told {whom}{late}.",
    Arrival.TOGETHER: "Told {whom} together with other matters.",
    Arrival.UNSURE: "Sent word to {whom}{late}, not sure it arrived.",
    Arrival.SENDING: "Telling {whom}.",
    Arrival.LATER: "{whom} will hear when their quiet hours end.",
    Arrival.FAILED: "Could not tell {whom}.",
    Arrival.DROPPED: "Did not tell {whom}: no longer needed.",
})  # fmt: skip
FOLDED = "folded a message"
"""The line of the reminder says so already."""
UNSENT = {"dropped a message": "did not send a message to {to}: {reason}.",
          "parked a message": "could not send a message to {to}: {reason}.",
          "could not change a message": "could not change a message to {to}: {reason}.",
          "posts a message anew": "posts a message in {to} anew, as it could not be changed: {reason}."}  # fmt: skip


def line(tx: Tx, delivery: Delivery) -> Message:
    args, directory = delivery.args, teams.directory(tx, delivery.plan_id)
    levels = escalation.levels(tx, args["climb"]) if args.get("missed") or args.get("empty") else {}
    passed = {key: [levels.get(step, "") for step in args.get(key, ())] for key in ("missed", "empty")}
    arrived = escalation.receipts(tx, delivery.subject) if "climb" in args else Receipts()
    return Message(_line(directory, args | passed, arrived))


def history(shown: View, entries: Sequence[Entry], arrived: Receipts) -> list[b.Block]:
    entries = [entry for entry in entries if entry.verb != FOLDED]
    lines = [_line(shown.directory, _facts(entry), arrived) for entry in entries[-LATEST:]]
    told = fit.newest(lines or ["Nothing has happened to it yet."], PARAGRAPHS, max(len(entries) - LATEST, 0), EARLIER)
    return [*card(shown).blocks, b.divider(), *told]


def since(directory: Directory, entries: Sequence[Entry], before: datetime) -> list[str]:
    """What people did and said since somebody was paged before, shortly; that it was raised, the page said."""
    people = [entry for entry in entries if entry.at >= before and entry.verb in set(Verb) - {Verb.RAISED}]
    return [m.clip(_told(directory, _facts(entry), Receipts()), SHORT).rstrip(".") for entry in people[-FEW:]]


def news(blocker: Blocker, directory: Directory, args: Mapping[str, Any]) -> Message:
    """What the reporter reads when somebody else takes or closes it, and whoever had it, when it is handed on."""
    by, outcome, to = directory.called(args["by"]), args.get("outcome"), args.get("to")
    what = m.clip(blocker.what, SHORT)
    if to:
        how = "took over" if to == args["by"] else f"asked {directory.called(to)} to take over"
        return Message(f":outbox_tray: {by} {how} blocker {blocker.number} ({what}) from you.")
    its = f"your blocker {blocker.number} ({what})"
    if args.get("same"):
        its = f"blocker {blocker.number} ({what}), the same as your blocker {args['same']}"
    state = State(args["state"])
    if state == State.WITHDRAWN and (same := SAME.fullmatch(outcome or "")):
        return Message(
            f"{LIGHTS[state]} {by} closed {its}: it is the same as blocker {same[1]}. I tell you of that one."
        )
    if state == State.ACKNOWLEDGED:
        return Message(f":raised_hand: {by} has {its}.")
    how = f": {m.clip(outcome, MOST_OUTCOME)}" if outcome else "."
    return Message(f"{LIGHTS[state]} {by} {'resolved' if state == State.RESOLVED else 'withdrew'} {its}{how}")


def _facts(entry: Entry) -> dict[str, Any]:
    climbed = entry.verb in set(ClimbVerb)
    verb = entry.facts["why"] if climbed else entry.verb
    return entry.facts | {"verb": verb, "actor": entry.actor, "said": entry.said, "at": entry.at.isoformat()}


def _line(directory: Directory, args: Mapping[str, Any], arrived: Receipts) -> str:
    return f"{m.date(datetime.fromisoformat(args['at']))}  {_told(directory, args, arrived)}"


def _told(directory: Directory, args: Mapping[str, Any], arrived: Receipts) -> str:
    verb = args["verb"]
    sentence = DONE[Verb(verb)] if verb in set(Verb) else UNSENT.get(verb)
    if sentence is None:
        return _climbed(directory, Why(verb), args, arrived)
    if args.get("left"):
        return f"{directory.called(args['left'])} had it and has left the plan. Nobody has it now."
    words = {
        "said": f": {m.clip(args['said'], MOST_SAID)}" if args.get("said") else ".",
        "until": m.date(datetime.fromisoformat(args["until"]), "both") if args.get("until") else "later",
        "to": _whom(directory, args.get("to")), "reason": m.escape(args.get("reason", "")),
        "name": m.escape(args.get("name", "")), "of": args.get("of", ""),
        "severity": m.escape(args.get("severity", "")),
    }  # fmt: skip
    ticked = f" Done of the checklist: {m.escape('; '.join(args['ticked']))}." if args.get("ticked") else ""
    return f"{directory.called(args.get('actor'))} {sentence.format(**words)}{ticked}"


def _whom(directory: Directory, to: str | None) -> str:
    """A person, or the channel where a message could not stand."""
    return m.channel(to) if to and CHANNEL.fullmatch(to) else directory.called(to)


def _climbed(directory: Directory, why: Why, args: Mapping[str, Any], arrived: Receipts) -> str:
    match why:
        case Why.SNOOZE:
            return "The snooze is over."
        case Why.OVER:
            return "The plan is over, so nobody is paged any more. It is still open."
        case Why.NUDGE:
            return f"{capital(because(why, directory, args))}. {_asked(directory, args)}"
        case Why.EXHAUSTED:
            known = args.get("knows", {}).get(args.get("level"))
            told = _paged(directory, args, arrived, EXHAUSTED) or ([] if known else ["No coordinator can be told."])
            return " ".join([f"{capital(because(why, directory, args))}.", *told, *_passed(directory, args)])
        case _:
            told = _paged(directory, args, arrived, PAGED) or ["Nobody could be paged."]
            return " ".join([*_passed(directory, args), *told, f"Why: {because(why, directory, args)}."])


def _asked(directory: Directory, args: Mapping[str, Any]) -> str:
    people = args.get("people", ())
    if args.get("holder") in people:
        return "I asked how it goes."
    whom = ", ".join(map(directory.called, people))
    return f"I asked {whom}, who stands in, how it goes." if whom else "Nobody can be asked how it goes."


def _paged(
    directory: Directory, args: Mapping[str, Any], arrived: Receipts, frames: Mapping[Arrival, str]
) -> list[str]:  # fmt: skip
    """Whom a step has reached, and whom not."""
    names = {key: directory.called(key) for key in args.get("people", ())}
    names |= {channel: m.channel(channel) for channel in args.get("channels", ())}
    place = (args.get("climb", 0), args.get("step"), args.get("repetition", 0))
    span = datetime.fromisoformat(args["at"]) - datetime.fromisoformat(args.get("due", args["at"]))
    words = {
        "level": f"{m.escape(args['level'])}: " if args.get("level") else "",
        "again": " again" if args.get("again") else "",
        "late": f" {lasted(span)} late, because I was not running" if span > LATE else "",
    }  # fmt: skip
    told = escalation.grouped(arrived.of_move(place, names), arrived.noted(place, names))
    return [frames[arrival].format(whom=", ".join(whom), **words) for arrival, whom in told.items()]


def _passed(directory: Directory, args: Mapping[str, Any]) -> list[str]:
    """Steps that were not paged, and why."""
    knows, called = args.get("knows", {}), directory.called
    lines = []
    for written in args.get("empty", ()):
        level = m.escape(written)
        has = "has" if args.get("holder") in knows.get(written, ()) else "raised"
        on_it = " and ".join(map(called, knows.get(written, ())))
        lines.append(f"{level} is {on_it}, who {has} it." if on_it else f"{level} had nobody on it.")
    return [*lines, *(f"{m.escape(level)} was missed." for level in args.get("missed", ()))]
