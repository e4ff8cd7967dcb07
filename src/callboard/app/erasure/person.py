"""Who somebody was in the plans: their seats, what says who they are, and what they typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, or_
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import Entry
from callboard.plans import service as plans
from callboard.plans.models import PlanVersion
from callboard.teams.models import PersonRow

ACCOUNT = ("slack", "email")
PERSONAL = ("name", *ACCOUNT, "phone", "fallback", "git", "github")
"""What a plan says of a person that says who it is."""
MARK = "erased-"
"""How that begins which stands for somebody who was erased."""
SHORTEST = 3
"""Characters of a name that is looked for within other texts."""
NEVER = datetime.min.replace(tzinfo=UTC)


class Holding(NamedTuple):
    """What a plan said at a time of whoever had one of its handles."""

    plan_id: int
    handle: str
    at: datetime
    written: Mapping[str, Any]
    workspace: str = ""

    @property
    def accounts(self) -> set[str]:
        """Whose seat it was; empty while it was vacant. An id of Slack's is one within its workspace."""
        every = {name: str(self.written[name]).casefold() for name in ACCOUNT if self.written.get(name)}
        return {
            f"{self.workspace}/{account}" if name == "slack" else account
            for name, account in every.items() if not account.startswith(MARK)
        }  # fmt: skip


@dataclass
class Person:
    """Whoever had some seats, by plan and handle, each with the time when somebody else took it."""

    seats: dict[tuple[int, str], datetime | None] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    """What says who it is: names, ids, addresses."""
    typed: set[str] = field(default_factory=set)

    @property
    def handles(self) -> set[str]:
        return {handle for _, handle in self.seats}

    def was(self, plan_id: int, handle: str, at: datetime) -> bool:
        """Whether they were the one with this handle at that time."""
        until = self.seats.get((plan_id, handle), NEVER)
        return until is None or at < until


def find(tx: Tx, key: str, handle: str) -> Person:
    """Whoever has, or last had, a handle in a plan, with all seats of the same Slack account or mail address."""
    plan_id = plans.called(tx, key).id or 0
    held = list(_held(tx))
    theirs = [each for each in held if (each.plan_id, each.handle) == (plan_id, handle) and each.accounts]
    if not theirs:
        raise Refused(f"Nothing says who `{handle}` in {key} was. Write the handle as the plan does.")
    accounts, person = theirs[-1].accounts, Person()
    for each in held:
        if accounts & each.accounts:
            person.marks |= set(texts({name: each.written.get(name) for name in PERSONAL}))
            person.seats[each.plan_id, each.handle] = _until(held, each, accounts)
    person.marks = {mark for mark in person.marks if len(mark) >= SHORTEST and not mark.startswith("env:")}
    person.marks -= person.handles
    person.typed = {entry.said for entry in entries(tx, person) if entry.said}
    return person


def entries(tx: Tx, person: Person) -> Iterator[Entry]:
    """What they did, on the timelines of their plans."""
    seats = [and_(col(Entry.plan_id) == plan_id, col(Entry.actor) == handle) for plan_id, handle in person.seats]
    for entry in tx.session.exec(select(Entry).where(or_(*seats)).order_by(col(Entry.id))):
        if person.was(entry.plan_id, entry.actor, entry.at):
            yield entry


def refuse_present(tx: Tx, person: Person) -> None:
    """Whoever still has a seat would be written anew with the next version of the plan."""
    for (plan_id, handle), until in person.seats.items():
        row = tx.session.exec(select(PersonRow).where(PersonRow.plan_id == plan_id, PersonRow.key == handle)).first()
        if row and not row.gone and until is None and not row.written.get("vacant"):
            raise Refused(
                f"`{handle}` is still in the plan {plans.plan(tx, plan_id).key}. Take them out of its file, or put "
                "somebody else or `vacant: true` in their seat, and apply it first."
            )


def texts(value: Any) -> Iterator[str]:
    """Every text in a value of JSON, and every key."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)


def _held(tx: Tx) -> Iterator[Holding]:
    """What every version of every plan says of each person, and then what is known of them now; oldest first."""
    home = {plan.id: plan.workspace for plan in plans.every(tx)}
    versions = select(PlanVersion).order_by(col(PlanVersion.plan_id), col(PlanVersion.number))
    for version in tx.session.exec(versions):
        for key, written in (version.body.get("people") or {}).items():
            yield Holding(version.plan_id, key, version.at, written if isinstance(written, dict) else {},
                          home.get(version.plan_id, ""))  # fmt: skip
    for row in tx.session.exec(select(PersonRow).order_by(col(PersonRow.id))):
        known = {"slack": row.slack_id, "email": row.email, "name": row.name}
        written = row.written | {name: text for name, text in known.items() if text}
        yield Holding(row.plan_id, row.key, tx.now, written, home.get(row.plan_id, ""))


def _until(held: list[Holding], one: Holding, accounts: set[str]) -> datetime | None:
    """When somebody else took a seat; None where nobody did."""
    of_seat = [each for each in held if each[:2] == one[:2]]
    last = max(place for place, each in enumerate(of_seat) if each.accounts & accounts)
    return next((each.at for each in of_seat[last + 1 :] if each.accounts), None)
