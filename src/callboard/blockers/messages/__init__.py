"""What people read about a blocker: its card, its line in a list, what its reporter reads at once.

page: what whoever is paged reads
proposal: how it stands with its class, and what those who vote on it read
history: what happened to it, line by line, and what its reporter is told
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callboard import blocks as b
from callboard.blockers import classes
from callboard.blockers.classes import Classed
from callboard.blockers.messages import proposal
from callboard.blockers.models import LINE, STEP, Blocker, State
from callboard.blockers.plan import settings
from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.registry import Key
from callboard.core.words import capital, complete, is_are, joined, lasted
from callboard.escalation import receipts
from callboard.escalation import service as escalation
from callboard.escalation.models import State as Climbing
from callboard.escalation.models import Why
from callboard.escalation.receipts import Arrival
from callboard.escalation.service import Ladder, Rung, RungState
from callboard.teams import hindrances
from callboard.teams import service as teams
from callboard.teams.service import Directory

LONG, SHORT, OUTCOME, BLOCKS, IN_A_LIST = 600, 200, 1000, 300, 120
MOST_NOTES, MOST_LISTED = 10, 100
LIGHTS = complete(State, {
    State.OPEN: ":red_circle:",
    State.ACKNOWLEDGED: ":large_yellow_circle:",
    State.RESOLVED: ":large_green_circle:",
    State.WITHDRAWN: ":white_circle:",
})  # fmt: skip
RUNGS = complete(RungState, {
    RungState.PAGED: (":white_check_mark:", ""),
    RungState.NEXT: (":arrow_right:", ""),
    RungState.LATER: (":white_small_square:", ""),
    RungState.MISSED: (":warning:", " (missed while I was not running)"),
    RungState.EMPTY: (":heavy_minus_sign:", " (skipped)"),
    RungState.KNOWS: (":heavy_minus_sign:", " (knows already)"),
    RungState.SPARED: (":heavy_minus_sign:", ""),
})  # fmt: skip
ARRIVED = complete(Arrival, {
    Arrival.SENT: ":white_check_mark:",
    Arrival.TOGETHER: ":repeat:",
    Arrival.UNSURE: ":grey_question:",
    Arrival.SENDING: ":hourglass_flowing_sand:",
    Arrival.LATER: ":zzz:",
    Arrival.FAILED: ":warning:",
    Arrival.DROPPED: ":heavy_minus_sign:",
})  # fmt: skip
NOBODY = "Nobody is paged. Ask somebody to take it: `/blocker reassign {} @somebody`"
UNTAKEN = "If nobody takes it by {at}, {whom} {are} paged{again}."
UNTOUCHED = "If nothing happens by {at}, {whom} {are} paged{again}."
NEXT = complete(Why, {
    Why.OPENED: UNTAKEN,
    Why.RESPONSE: UNTAKEN,
    Why.ASKED: UNTAKEN,
    Why.STANDS_IN: UNTAKEN,
    Why.SNOOZE: UNTAKEN,
    Why.REPEAT: UNTAKEN,
    Why.IDLE: UNTOUCHED,
    Why.NUDGE: UNTOUCHED,
    Why.EXHAUSTED: "If nobody takes it by {at}, {whom} {hear} that nobody is left to page.",
    Why.RESOLUTION: "If it is not resolved by {at}, {whom} {are} paged{again}.",
    Why.OVER: "Nobody else is paged.",
})  # fmt: skip


BACKGROUND: Key[Mapping[str, Callable[[Tx, Blocker], str]]] = Key(
    "what a card says besides, by which program raised it", {}
)


@dataclass(frozen=True)
class View:
    """A blocker with its people and its ladder. `troubled` are the messages about it that wait or could not be sent.

    `severities` are those of the plan, the gravest last; `background` is what the program that raised it says besides.
    """

    blocker: Blocker
    directory: Directory
    severities: Sequence[str]
    ladder: Ladder | None
    troubled: Sequence[Any]
    classed: Classed | None = None
    background: str = ""

    @property
    def gravest(self) -> bool:
        return self.blocker.severity in self.severities[-1:]

    @property
    def value(self) -> str:
        """What its buttons carry."""
        return f"{self.blocker.number}:{self.blocker.changes}"

    @property
    def team(self) -> str:
        team = self.directory.teams.get(self.blocker.team or "")
        return m.escape(team.name) if team else ""

    @property
    def title(self) -> str:
        return m.bold(f"Blocker {self.blocker.number}")


def view(tx: Tx, blocker: Blocker, troubled: Sequence[Any] | None = None) -> View:
    """Read all that a card shows; `troubled` where it is known already."""
    troubled = outbox.troubled(tx, blocker.subject) if troubled is None else troubled
    severities = tuple(settings(tx, blocker.plan_id).severities)
    background = tx.of(BACKGROUND).get(blocker.reporter)
    return View(
        blocker, teams.directory(tx, blocker.plan_id), severities,
        escalation.ladder(tx, blocker.subject), [message for message in troubled if message.kind not in (LINE, STEP)],
        classes.read(tx, blocker), background(tx, blocker) if background else "",
    )  # fmt: skip


def in_list(tx: Tx, blocker: Blocker) -> View:
    """The same without its ladder and its messages, which a line in a list does not show."""
    directory, classed = teams.directory(tx, blocker.plan_id), classes.read(tx, blocker)
    return View(blocker, directory, severities=(), ladder=None, troubled=(), classed=classed)


def card(shown: View, held_until: datetime | None = None) -> Message:
    """The one card of a blocker; `held_until` says how long Slack held it back."""
    blocker = shown.blocker
    rungs = map(_rung, shown.ladder.rungs) if blocker.is_open and shown.ladder else ()
    notes = footnotes(shown, held_until)
    blocks = [
        b.section(f"{LIGHTS[State(blocker.state)]} {shown.title}  {m.clip(blocker.what, LONG)}"),
        b.context(*origin(shown)),
        b.section("\n".join([state_now(shown), *rungs])),
        *([b.context(*notes)] if notes else []),
        b.actions(*buttons(shown)),
        *proposal.voted(shown),
    ]
    return Message(f"Blocker {blocker.number} ({blocker.state}): {m.clip(blocker.what, SHORT)}", blocks)


def raised(shown: View, strangers: Sequence[str] = ()) -> str:
    """What the reporter reads at once; `strangers` were mentioned and are not in the plan."""
    number, ladder = shown.blocker.number, shown.ladder
    receipt = (ladder and ladder.receipt) or "Nobody could be paged yet."
    if ladder and not ladder.rungs:
        receipt = f"{m.escape(shown.directory.plan_name)} has no escalation."
    team = f" for {shown.team}" if shown.team else ""
    yours = [rung.level for rung in ladder.rungs if rung.state == RungState.KNOWS] if ladder else []
    passed = f" You know of it, so {joined(yours)} {is_are(yours)} skipped." if yours else ""
    unknown = f"\n{joined(strangers)} {is_are(strangers)} not in the plan, so I can't page them." if strangers else ""
    return (
        f"Blocker {number} is open{team}. {receipt}{passed} {what_next(shown)}{unknown}\n"
        f"Raised by mistake? `/blocker withdraw {number}`"
    )


def state_now(shown: View) -> str:
    blocker, called = shown.blocker, shown.directory.called
    match State(blocker.state):
        case State.OPEN:
            asked = f" {called(blocker.handed_to)} was asked to take it." if blocker.handed_to else ""
            return f"*Nobody has it yet.*{asked} {what_next(shown)}"
        case State.ACKNOWLEDGED:
            return f"{held(shown)}. {what_next(shown)}"
        case State.RESOLVED | State.WITHDRAWN:
            when, took = "", ""
            if blocker.closed_at:
                when = f", {m.date(blocker.closed_at, 'both')}"
                took = f", {lasted(blocker.closed_at - blocker.opened_at)} after it was raised"
            outcome = f"\n> {m.clip(blocker.outcome, OUTCOME)}" if blocker.outcome else ""
            return f"*{blocker.state.capitalize()}* by {called(blocker.closed_by)}{when}{took}.{outcome}"


def held(shown: View) -> str:
    """`*@lead has it* (since 13:05)`."""
    since = f" (since {m.date(shown.blocker.owner_at)})" if shown.blocker.owner_at else ""
    return f"*{shown.directory.called(shown.blocker.owner)} has it*{since}"


def what_next(shown: View, reader: str | None = None) -> str:
    """What happens if nobody does anything, and when; `reader` is you there."""
    if not shown.blocker.is_open:
        return ""
    ladder = shown.ladder
    snoozed = f"Snoozed until {m.date(ladder.snoozed_until)}. " if ladder and ladder.snoozed_until else ""
    if ladder and ladder.state == Climbing.OVER:
        return "The plan is over, so nobody is paged any more."
    if ladder and not ladder.rungs and not (shown.blocker.owner or shown.blocker.handed_to):
        return NOBODY.format(shown.blocker.number)
    if ladder is None or ladder.next is None:
        return f"{snoozed}Nobody else is paged."
    coming, you = ladder.next, shown.directory.called(reader) if reader else ""
    whom = ["you" if each == you else each for each in coming.whom]
    one = len(whom) == 1 and whom != ["you"]
    words = {
        "at": m.date(coming.at), "whom": joined(whom), "are": "is" if one else "are",
        "hear": "hears" if one else "hear", "again": " again" if coming.again else "",
    }  # fmt: skip
    return snoozed + NEXT[coming.why].format(**words)


def _rung(rung: Rung) -> str:
    mark, note = RUNGS[rung.state]
    if rung.told:
        mark = ARRIVED[max(rung.told, key=list(ARRIVED).index)]
    whom = receipts.listed(rung.told) or f"{_whom(rung)}{note}"
    return f"{mark}  {f'{m.date(rung.at)}  ' if rung.at else ''}{rung.level}: {whom}"


def _whom(rung: Rung) -> str:
    return ", ".join(rung.whom) or "nobody"


def origin(shown: View) -> list[str]:
    """Who raised it and when, how bad it is, and whatever else was said about it."""
    blocker, called, star = shown.blocker, shown.directory.called, "*" if shown.gravest else ""
    team = f" ({shown.team})" if shown.team else ""
    lines = [
        f"Raised by {called(blocker.reporter)}{team}, {m.date(blocker.opened_at, 'both')}",
        f"Severity: {star}{m.escape(blocker.severity)}{star}",
        m.escape(capital(blocker.category)) if blocker.category else "",
        f"Waits for {called(blocker.waits_for)}" if blocker.waits_for else "",
        f"Blocks: {m.clip(blocker.blocks, BLOCKS)}" if blocker.blocks else "",
        shown.background,
    ]
    return list(filter(None, lines))


def footnotes(shown: View, held_until: datetime | None = None) -> list[str]:
    """What could not be shown or sent."""
    notes = [f":hourglass_flowing_sand: Slack held this card back until {m.date(held_until)}."] if held_until else []
    for message in shown.troubled:
        who = shown.directory.called(message.recipient) if message.recipient else m.channel(message.address)
        if message.state == "parked":
            what = f"My message in {who} could not be updated" if message.posted_as else f"{who} could not be reached"
            notes.append(f":warning: {what}. {hindrances.reason(message.error or '')}")
        else:
            until = m.date(message.delayed_until)
            notes.append(f":hourglass_flowing_sand: Slack holds the message to {who} back until {until}.")
    if len(shown.blocker.what) > LONG:
        notes.append(f"Read all of it: `/blocker show {shown.blocker.number}`")
    return notes[:MOST_NOTES]


def buttons(shown: View) -> list[b.Block]:
    value = shown.value
    if not shown.blocker.is_open:
        return [b.button("Reopen", "blocker.reopen", value)]
    take = b.button("Take it", "blocker.ack", value, style="primary")
    resolve = b.button("Resolve", "blocker.resolve", value)
    more = b.overflow("blocker.more", [
        ("Snooze 30 minutes", f"snooze:{value}"),
        ("Add a note", f"note:{value}"),
        ("Reassign", f"reassign:{value}"),
        *([("Change its severity", f"severity:{value}")] if len(shown.severities) > 1 else []),
        ("Withdraw", f"withdraw:{value}"),
    ])  # fmt: skip
    taken = shown.blocker.state == State.ACKNOWLEDGED
    first = [resolve, b.button("Hand back", "blocker.unack", value)] if taken else [take, resolve]
    return [*first, b.button("Escalate now", "blocker.escalate", value), more]


def listed(title: str, blockers: Sequence[View], empty: str = "", count: int = 0) -> list[b.Block]:
    """A list of the first blockers of so many; a long one says how many more there are."""
    if not blockers:
        return [b.section(empty)] if empty else []
    lines, left = map(_line, blockers[:MOST_LISTED]), (count or len(blockers)) - MOST_LISTED
    more = [b.context(f"and {left} more: `/blocker mine` shows yours")] if left > 0 else []
    return [b.section(m.bold(title)), *map(b.section, lines), *more]


def _line(shown: View) -> str:
    blocker, called = shown.blocker, shown.directory.called
    has = f"{called(blocker.owner)} has it" if blocker.owner else "nobody has it"
    when = f"raised {m.date(blocker.opened_at, 'both')}"
    if blocker.closed_at:
        when = f"{m.date(blocker.closed_at, 'both')}, {when}"
    who = has if blocker.is_open else f"{blocker.state} by {called(blocker.closed_by)}"
    what = m.clip(" ".join(blocker.what.split()), IN_A_LIST)
    badge = f"*{shown.classed.badge}*  ·  " if shown.classed and shown.classed.badge else ""
    return (
        f"{LIGHTS[State(blocker.state)]} *{blocker.number}*  {what}  ·  {badge}{shown.team or 'no team'}  ·  {who}"
        f"{'  ·  ' if blocker.is_open else ' '}{when}"
    )
