"""How an emergency reads: its card, lists, and what whoever declares one reads.

news: what people are told in messages of their own: pages, questions, its end
history: what happened, line by line
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, exact, few_lines, is_are, joined, lasted
from callboard.emergencies import halts
from callboard.emergencies.models import Emergency, State, Verb
from callboard.emergencies.plan import COMMANDER, EmergencyPart, part_of
from callboard.escalation import service as escalation
from callboard.escalation.models import State as Climbed
from callboard.escalation.models import Why
from callboard.escalation.service import Arrival, Ladder
from callboard.teams import service as teams
from callboard.teams.directory import Directory

SHORT, LONG, UPDATE, FEW, LISTED = 200, 600, 1000, 5, 50
LIGHTS = complete(State, {
    State.OPEN: ":rotating_light:", State.ENDED: ":large_green_circle:", State.WITHDRAWN: ":white_circle:",
})  # fmt: skip
FEW_PAGES = 20
REACHED = (Arrival.SENT, Arrival.TOGETHER)


@dataclass(frozen=True, kw_only=True)
class View:
    """An emergency at an instant, with what its level asks for, and how far its pages have come."""

    emergency: Emergency
    part: EmergencyPart
    directory: Directory
    ladder: Ladder | None
    now: datetime
    teams: Sequence[str] = ()
    led_since: datetime | None = None
    """Since when whoever has command now has it: another may have had it before."""

    @property
    def title(self) -> str:
        return m.bold(f"Emergency {self.emergency.number}, {m.escape(self.emergency.name)}")

    @property
    def place(self) -> str:
        """Where people meet: the link of the plan, else the channel of the card."""
        if self.part.meet.startswith(("https://", "http://")):
            return m.bare(self.part.meet)
        return m.escape(self.part.meet) or f"in {m.channel(self.emergency.channel)}"

    @property
    def is_wide(self) -> bool:
        """Whether so many were told that their pages stay as they are until it is over: Slack lets few be edited."""
        return len(self.emergency.told) > FEW_PAGES

    def value(self, rest: str = "") -> str:
        """What its buttons carry."""
        return f"{self.emergency.number}:{self.emergency.changes}{f':{rest}' if rest else ''}"


def view(tx: Tx, emergency: Emergency) -> View:
    concern = escalation.concern_of(tx, emergency.subject)
    return View(
        emergency=emergency, part=part_of(emergency), directory=teams.directory(tx, emergency.plan_id),
        ladder=escalation.ladder(tx, emergency.subject), now=tx.now, teams=concern.teams if concern else (),
    )  # fmt: skip


def whole(tx: Tx, emergency: Emergency) -> View:
    """The same for the card, which also says since when whoever has command has it."""
    shown = view(tx, emergency)
    return replace(shown, led_since=_led_since(tx, emergency)) if COMMANDER in emergency.roles else shown


def _led_since(tx: Tx, emergency: Emergency) -> datetime | None:
    """When command was handed over last, else when it was taken."""
    entries = timeline.history(tx, emergency.subject)
    handed = [entry.at for entry in entries if entry.verb == Verb.HANDED and entry.facts.get("role") == COMMANDER]
    return handed[-1] if handed else emergency.commanded_at


def card(shown: View) -> Message:
    """The one card, edited while it lasts; then how it ended."""
    emergency = shown.emergency
    head = f"{LIGHTS[State(emergency.state)]} {shown.title}  {m.clip(emergency.what, LONG)}"
    chapters = [
        "\n".join(stands(shown)), "\n".join(_actions(shown)), "\n".join(_decisions(shown)),
        "\n".join(_listed("Learned", emergency.lessons)),
    ]  # fmt: skip
    notes = list(_notes(shown))
    blocks = [
        b.section(head), b.context(*origin(shown)),
        *(b.section(m.clip(text, m.TEXT)) for text in chapters if text),
        *([b.context(*notes)] if notes else []),
        b.actions(*buttons(shown)),
    ]  # fmt: skip
    return Message(f"{m.escape(emergency.called)}, {emergency.state}: {m.clip(emergency.what, SHORT)}", blocks)


def origin(shown: View) -> list[str]:
    emergency, known = shown.emergency, shown.directory.teams
    concerned = [
        m.escape(known[key].name) for key in dict.fromkeys((emergency.team or "", *shown.teams)) if key in known
    ]
    by = f"Declared by {shown.directory.called(emergency.by)}" if emergency.by else "Declared by Callboard"
    because = f": {m.escape(emergency.cause)}" if emergency.cause else ""
    return [
        f"{by}{because}, {m.date(emergency.declared_at, 'both')}",
        *([f"{'Team' if len(concerned) == 1 else 'Teams'}: {joined(concerned)}"] if concerned else []),
    ]


def stands(shown: View) -> Iterator[str]:
    emergency, called = shown.emergency, shown.directory.called
    if not emergency.is_open and emergency.ended_at:
        took = lasted(emergency.ended_at - emergency.declared_at)
        how = "Ended by" if emergency.state == State.ENDED else "False alarm, withdrawn by"
        yield f"*{how} {called(emergency.ended_by)}*, {m.date(emergency.ended_at, 'both')}, after {took}."
        if emergency.summary:
            yield f"> {m.clip(emergency.summary, UPDATE)}"
        yield from _times(shown)
        return
    yield _command(shown)
    for role in shown.part.every_role[1:]:
        if role in emergency.roles:
            yield f"{role.capitalize()}: {called(emergency.roles[role])}"
    if emergency.resolve_at:
        late = ":warning: *Not resolved in time*: due" if emergency.overdue else "Resolve by"
        yield f"{late} {m.date(emergency.resolve_at)}"
    yield from _updates(shown)


def _command(shown: View) -> str:
    emergency = shown.emergency
    if commander := emergency.roles.get(COMMANDER):
        since = f" since {m.date(shown.led_since)}" if shown.led_since else ""
        return f"*Command: {shown.directory.called(commander)}*{since}"
    by = respond_by(shown)
    coming = shown.ladder.next if shown.ladder else None
    then = " Nobody else is paged: its cause is over." if shown.ladder and shown.ladder.state == Climbed.ENDED else ""
    if coming and coming.whom:
        what = f"{is_are(coming.whom)} paged{' again' if coming.again else ''}"
        if coming.why == Why.EXHAUSTED:
            what = f"{'hears' if len(coming.whom) == 1 else 'hear'} that nobody is left to page"
        then = f" If nobody takes it by {m.date(coming.at)}, {joined(coming.whom, FEW)} {what}."
    return f"*Nobody has command.*{by}{then}"


def respond_by(shown: View) -> str:
    """By when somebody is to have command; empty where the level says nothing."""
    within = shown.part.respond_within
    due = shown.emergency.declared_at + within if within else None
    return f" {'Respond by' if shown.now < due else 'It was due'} {m.date(due)}." if due else ""


def _updates(shown: View) -> Iterator[str]:
    emergency, every = shown.emergency, shown.part.update_every
    if emergency.last_update and emergency.updated_at:
        yield f"Update {m.date(emergency.updated_at)}: {m.clip(emergency.last_update, UPDATE)}"
    if emergency.update_at and every:
        late, first = emergency.asked and shown.now >= emergency.update_at, emergency.heard_at
        due = first + every if late and first else emergency.update_at
        yield f"{':warning: Update was due' if late else 'Next update'} {m.date(due)}"


def _times(shown: View) -> Iterator[str]:
    for name, took, target in times(shown.emergency, shown.part):
        yield f"{name}: {took}{f', target {exact(target)}' if target else ''}"


def times(emergency: Emergency, part: EmergencyPart) -> Iterator[tuple[str, str, timedelta | None]]:
    """How long until somebody had command, and until it was over, each with its target."""
    if emergency.commanded_at or part.respond_within:
        at = emergency.commanded_at
        yield "Response", lasted(at - emergency.declared_at) if at else "nobody took command", part.respond_within
    if emergency.state == State.ENDED and emergency.ended_at:
        yield "Resolution", lasted(emergency.ended_at - emergency.declared_at), part.resolve_within


def _actions(shown: View) -> Iterator[str]:
    if shown.emergency.actions:
        yield "*Actions*"
    for number, action in enumerate(shown.emergency.actions, 1):
        done = f"  ({shown.directory.called(action['by'])}, {m.date(instant(action['at']))})" if "by" in action else ""
        mark = ":white_check_mark:" if done else ":white_small_square:"
        yield f"{mark} {number}  {m.clip(action['text'], SHORT)}{done}"


def _decisions(shown: View) -> list[str]:
    made = shown.emergency.decisions
    return _listed("Decided", [f"{each['text']}  ({shown.directory.called(each['by'])})" for each in made])


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [f"*{title}*", *few_lines([f"• {m.clip(line, SHORT)}" for line in lines], FEW)] if lines else []


def _notes(shown: View) -> Iterator[str]:
    emergency = shown.emergency
    if told := told_line(shown):
        yield told
    if emergency.is_open and (frozen := halts.said(emergency.level, shown.part)):
        yield f":snowflake: Until it is over: {frozen}"
    if emergency.is_open:
        yield f":telephone_receiver: Meet: {shown.place}"
    if emergency.is_open and shown.part.rollback:
        yield f":rewind: Rollback of the plan: {m.code(shown.part.rollback)}"


def told_line(shown: View) -> str:
    """Of people, not of channels: `Told 97 of 100; 1 being told; not reached: @a, B (away)`."""
    arrivals: dict[str, Arrival] = {}
    for rung in shown.ladder.rungs if shown.ladder else ():
        people = {key: arrival for key, arrival in rung.arrivals.items() if key in shown.directory.people}
        arrivals.update({key: arrival for key, arrival in people.items() if arrivals.get(key) not in REACHED})
    absent = [_absent(shown, person) for person in shown.directory.named(shown.emergency.absent)]
    sent = sum(arrival in REACHED for arrival in arrivals.values())
    coming = sum(arrival in (Arrival.SENDING, Arrival.LATER) for arrival in arrivals.values())
    lost = [shown.directory.called(key) for key, arrival in arrivals.items() if arrival == Arrival.FAILED]
    total = len(arrivals) + len(absent)
    if not total:
        return ""
    parts = [f":loudspeaker: Told {sent} of {total}", *([f"{coming} being told"] if coming else [])]
    return "; ".join([*parts, *([f"not reached: {joined([*lost, *absent], LISTED)}"] if lost or absent else [])])


def _absent(shown: View, person: Any) -> str:
    why = "away" if not person.present(shown.now) else "no address"
    return f"{m.escape(person.name)} ({why})"


def buttons(shown: View) -> list[b.Block]:
    emergency = shown.emergency
    if not emergency.is_open:
        return [b.button("Report", "emergency.report", shown.value()),
                b.button("Reopen", "emergency.reopen", shown.value())]  # fmt: skip
    free = [role for role in shown.part.every_role if role not in emergency.roles]
    takes = [
        b.button("Take command", "emergency.take", shown.value(role), style="primary") if role == COMMANDER
        else b.button(f"Be {role}", f"emergency.take:{role}", shown.value(role)) for role in free
    ]  # fmt: skip
    more = b.overflow("emergency.more", [
        ("Record a decision", f"decide:{shown.value()}"), ("Call a meeting", f"meet:{shown.value()}"),
        ("Change the level", f"level:{shown.value()}"), ("Hand a role over", f"hand:{shown.value()}"),
        ("False alarm", f"withdraw:{shown.value()}"),
    ])  # fmt: skip
    return [
        *takes, b.button("Post an update", "emergency.update", shown.value()),
        b.button("Actions", "emergency.actions", shown.value()), b.button("End", "emergency.end", shown.value()), more,
    ]  # fmt: skip


def listed(directory: Directory, rows: Sequence[Emergency]) -> list[str]:
    lines = []
    for row in rows:
        commander = directory.called(row.roles[COMMANDER]) if COMMANDER in row.roles else "nobody"
        how = f"{commander} has command" if row.is_open else row.state
        when = m.date(row.declared_at, "both")
        lines.append(f"{LIGHTS[State(row.state)]} *{row.number}*  {m.escape(row.name)}: {m.clip(row.what, SHORT)}  ·  "
                     f"{how}  ·  {when}")  # fmt: skip
    return lines


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def summed_up(shown: View) -> str:
    """What whoever declares one reads at once."""
    emergency = shown.emergency
    rungs = shown.ladder.rungs if shown.ladder else ()
    count = len({name for rung in rungs for names in rung.told.values() for name in names})
    told = f"I am telling {counted(count, 'person', 'people')}. " if count else ""
    return (
        f"{m.escape(emergency.called)} is declared. {told}The card is in {m.channel(emergency.channel)}. "
        f"Take command: `/emergency take {emergency.number} {COMMANDER}`\n"
        f"By mistake? `/emergency withdraw {emergency.number}`"
    )
