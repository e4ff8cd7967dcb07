"""A climb as people see it: its steps, who was reached, and what happens next if nobody does anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from callboard.blocks import markup
from callboard.core.db import Tx
from callboard.escalation import climbs
from callboard.escalation.models import Climb, Policy, State, Step, Why
from callboard.escalation.pages import plus, steps, was_paged
from callboard.escalation.readers import Readers
from callboard.escalation.receipts import Arrival, Receipts, grouped, receipts
from callboard.escalation.store import policy_of
from callboard.teams import service as teams
from callboard.teams.service import Recipients


class RungState(StrEnum):
    PAGED = "paged"
    MISSED = "missed"
    EMPTY = "empty"
    KNOWS = "knows"
    NEXT = "next"
    LATER = "later"
    SPARED = "spared"


@dataclass(frozen=True)
class Rung:
    """A step. `told`: how far its pages have come, once it was paged; `whom` are the same people, or those to come.

    `arrivals` is the same as `told`, by the key of a person or the address of a channel.
    """

    level: str
    whom: tuple[str, ...]
    state: RungState
    at: datetime | None
    told: Mapping[Arrival, tuple[str, ...]] = field(default_factory=dict)
    arrivals: Mapping[str, Arrival] = field(default_factory=dict)


@dataclass(frozen=True)
class Next:
    """The next page that goes out if nobody does anything; `again`: they were paged before.

    With `Why.OVER` nobody is paged until the plan, or the phase, is over.
    """

    at: datetime
    why: Why
    level: str = ""
    whom: tuple[str, ...] = ()
    again: bool = False
    step: int | None = None


@dataclass(frozen=True)
class Ladder:
    climb: int | None
    state: str
    rungs: tuple[Rung, ...]
    next: Next | None
    snoozed_until: datetime | None = None
    silent_since: datetime | None = None

    @property
    def receipt(self) -> str:
        """Who was paged and whether that has arrived: `Paged: @a. Being paged: @b.`; empty for nobody."""
        told: dict[Arrival, list[str]] = {}
        for rung in self.rungs:
            for arrival, names in rung.told.items():
                told.setdefault(arrival, []).extend(names)
        return " ".join(
            f"{arrival.capitalize()}: {', '.join(dict.fromkeys(told[arrival]))}."
            for arrival in Arrival
            if arrival in told
        )


def ladder_of(tx: Tx, climb: Climb) -> Ladder:
    policy, readers = policy_of(tx, climb.policy), Readers(tx)
    following = _next(tx, climb, policy, readers)
    return Ladder(
        climb=climb.id, state=climb.state, rungs=tuple(_rungs(tx, climb, policy, readers, following)), next=following,
        snoozed_until=climb.snoozed_until if climb.state == State.SNOOZED else None, silent_since=climb.idle_from,
    )  # fmt: skip


def paged_by(tx: Tx, climb: Climb, until: datetime) -> dict[str, datetime]:
    """Whom it pages until then for the first time, and when, if nobody does anything."""
    policy, readers = policy_of(tx, climb.policy), Readers(tx)
    coming: dict[str, datetime] = {}
    for move in climbs.foresee(climb, policy, tx.now, plus(tx, climb), lambda at: readers.crew(climb, policy, at)):
        if move.due > until:
            break
        for recipient in readers.of_move(climb, policy, move, move.due)[1].people:
            coming.setdefault(recipient.person.key, move.due)
    return coming


def _next(tx: Tx, climb: Climb, policy: Policy, readers: Readers) -> Next | None:
    for move in climbs.foresee(climb, policy, tx.now, plus(tx, climb), lambda at: readers.crew(climb, policy, at)):
        at = max(move.due, tx.now)
        if move.why == Why.OVER:
            return Next(at, Why.OVER)
        level, recipients = readers.of_move(climb, policy, move, at)
        if move.why != Why.NUDGE and not recipients.nobody:
            again = move.again and was_paged(climb, recipients)
            return Next(at, move.why, markup.escape(level), _called(tx, climb, recipients), again, move.step)
    return None


def _rungs(tx: Tx, climb: Climb, policy: Policy, readers: Readers, following: Next | None) -> Iterator[Rung]:
    sent = {step: move for move in reversed(climb.trail) for step in steps(move) if step is not None}
    empty, missed = ({step for move in climb.trail for step in move[why]} for why in ("empty", "missed"))
    arrived = receipts(tx, climb.subject) if sent else Receipts()
    for number, step in enumerate(policy.steps):
        if number in sent:
            yield _paged(tx, climb, step, sent[number], arrived)
            continue
        at = _expected(tx, climb, policy, number, following)
        recipients = readers.of_step(climb, step.notify, at or tx.now)
        knowing = readers.knowing(climb, step, at or tx.now) if recipients.nobody else []
        called = tuple(map(teams.directory(tx, climb.plan_id).called, knowing)) or _called(tx, climb, recipients)
        yield Rung(markup.escape(step.level), called, _state(climb, number, following, empty, missed, knowing), at)


def _state(
    climb: Climb, number: int, following: Next | None, empty: set[int], missed: set[int], knowing: list[str]
) -> RungState:  # fmt: skip
    if knowing:
        return RungState.KNOWS
    if following and following.step == number:
        return RungState.NEXT
    if number in empty:
        return RungState.EMPTY
    if number in missed:
        return RungState.MISSED
    spared = number <= climb.reached or climb.state in (State.HELD, State.ENDED, State.OVER)
    return RungState.SPARED if spared else RungState.LATER


def _expected(tx: Tx, climb: Climb, policy: Policy, number: int, following: Next | None) -> datetime | None:
    """When a step that was not paged yet is paged."""
    if following and following.step == number:
        return following.at
    ahead = climb.state == State.CLIMBING and number > climb.reached
    return climbs.step_due(climb, policy, number, plus(tx, climb)) if ahead else None


def _paged(tx: Tx, climb: Climb, step: Step, sent: Mapping[str, Any], arrived: Receipts) -> Rung:
    names = _names(tx, climb, sent)
    place = (climb.id or 0, sent["step"], sent["repetition"])
    arrivals = arrived.of_step(climb.id, sent["step"], names)
    told, at = grouped(arrivals, arrived.noted(place, names)), datetime.fromisoformat(sent["due"])
    return Rung(markup.escape(step.level), tuple(names.values()), RungState.PAGED, at, told, arrivals)


def _names(tx: Tx, climb: Climb, sent: Mapping[str, Any]) -> dict[str, str]:
    called = teams.directory(tx, climb.plan_id).called
    return {key: called(key) for key in sent["people"]} | {key: markup.channel(key) for key in sent["channels"]}


def _called(tx: Tx, climb: Climb, recipients: Recipients) -> tuple[str, ...]:
    called = teams.directory(tx, climb.plan_id).called
    people = (called(recipient.person) for recipient in recipients.people)
    return (*people, *map(markup.channel, recipients.channels))
