"""What is told at a hand-over: whoever begins at once, whoever ends when it is not their night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from callboard.core import outbox, timeline
from callboard.core.calendar import Hours
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.core.registry import Key
from callboard.core.ticks import MOMENT
from callboard.core.timeline import Subject
from callboard.plans import service as plans
from callboard.rota import messages
from callboard.rota.stints import Stint, around
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person
from callboard.teams.plan.turns import rotations

KNOW: Key[Callable[[Tx, int, str], Sequence[str]]] = Key("what to know for whoever begins on call", lambda *_: ())
JUST = timedelta(minutes=5)
NIGHT = Hours(time(22), time(7))
"""When nobody hears that their turn has ended, if they have no quiet hours of their own."""


def _begins(tx: Tx, delivery: Delivery) -> Message | Drop:
    directory, args = teams.directory(tx, delivery.plan_id), delivery.args
    team, rotation = directory.teams.get(args["team"]), rotations(plans.live(tx, delivery.plan_id)).get(args["team"])
    now = around(directory, rotation, tx.now)[0] if rotation else None
    if team is None or now is None or now.acting is None or now.acting.key != args["person"]:
        return Drop("somebody else is on call by now")
    know = tx.of(KNOW)(tx, delivery.plan_id, args["team"])
    return messages.begins(directory, team, now, directory.called(args["before"]) if args["before"] else "", know)


def _ends(tx: Tx, delivery: Delivery) -> Message | Drop:
    directory, args = teams.directory(tx, delivery.plan_id), delivery.args
    team, rotation = directory.teams.get(args["team"]), rotations(plans.live(tx, delivery.plan_id)).get(args["team"])
    now = around(directory, rotation, tx.now)[0] if rotation else None
    if team is None or now is None or now.acting is None:
        return Drop("nobody is on call any more")
    if now.acting.key == args["person"]:
        return Drop("they are on call again")
    return messages.ends(team, directory.called(now.acting), args["because"])


BEGINS = Notice(
    kind="rota.begins", told="whoever is on call from now on, at the hand-over, also in their quiet hours",
    render=_begins, priority=Priority.PROMPT,
)  # fmt: skip
ENDS = Notice(
    kind="rota.ends", told="whoever was on call until now, at the hand-over, or after their night", render=_ends,
    priority=Priority.PROMPT,
)  # fmt: skip
NOTICES = (BEGINS, ENDS)


def tell(tx: Tx, directory: Directory, team: str, stint: Stint, before: Person | None, at: datetime) -> None:
    """Tell both of a hand-over, once."""
    person, about = stint.acting, Subject("plan", directory.plan_id)
    if person is None or before == person:
        return
    stem = f"rota:{directory.plan_id}:{team}:{at:%Y-%m-%dT%H:%M:%S}"
    key, args = f"{stem}:{person.key}:begins", {"team": team, "because": stint.because}
    mine = args | {"person": person.key, "before": before.key if before else ""}
    reach = directory.reach(person)
    posts: list[Post | None] = [BEGINS.post(directory, reach, about, key, args=mine, recipient=person.key)]
    if before:
        own, name = args | {"person": before.key}, f"{stem}:{before.key}:ends"
        rests = quiet_until(before, tx.now)
        posts.append(ENDS.post(directory, directory.reach(before), about, name, args=own, not_before=rests))
    outbox.enqueue(tx, posts)
    timeline.record(
        tx, directory.plan_id, about, "handed on-call over", team=team, person=person.key, before=mine["before"],
        key=stem,
    )  # fmt: skip


def begins_now(tx: Tx, directory: Directory, team: str) -> bool:
    """Whether a turn has just begun: whoever has it hears of it by that."""
    rotation = rotations(plans.live(tx, directory.plan_id)).get(team)
    now = around(directory, rotation, tx.now)[0] if rotation else None
    return now is not None and now.acting is not None and tx.now - now.at <= JUST


def before(directory: Directory, stint: Stint, team: str, tx: Tx, at: datetime) -> Person | None:
    """Who was on call for a team until an instant."""
    rotation = rotations(plans.live(tx, directory.plan_id)).get(team)
    last = around(directory, rotation, at - MOMENT)[0] if rotation else None
    return last.acting if last and last.acting != stint.acting else None


def quiet_until(person: Person, now: datetime) -> datetime | None:
    """When the night of somebody ends; None by day, and for whoever is there around the clock."""
    if person.around_the_clock or person.quiet:
        return person.quiet_until(now)
    return NIGHT.until(now, person.zone)
