"""The verbs of rehearsals: asked for, claimed by whoever reads the plan, answered or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.rows import fresh
from callboard.gates import store as gates
from callboard.plans import service as plans
from callboard.preflight.rehearsal import notices, store
from callboard.preflight.rehearsal.models import Plain, Rehearsal, State
from callboard.teams import service as teams
from callboard.teams.directory import Asker

LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class Claim:
    """A rehearsal that somebody reads now: its number, which claim it is, and what is to be read."""

    number: int
    fence: int
    question: Plain


def ask(tx: Tx, asker: Asker) -> Rehearsal:
    """Ask what will go wrong from now on. Refused while the last one who asked still waits."""
    directory, plan_id = asker.directory, asker.directory.plan_id
    is_first = _begin(tx, plan_id, asker.person.key)
    row = store.locked(tx, plan_id)
    assert row is not None  # noqa: S101 - there is one by now
    if row.is_going(tx.now) and not is_first:
        who = directory.called(row.asked_by)
        raise Refused(
            f"I'm still looking at {m.escape(directory.plan_name)}: {who} asked {m.date(row.asked_at)}. "
            "Ask again in a minute."
        )
    row.asked_by, row.asked_at, row.state, row.why = asker.person.key, tx.now, State.WAITING, ""
    row.findings, row.leased_until = [], None
    tx.session.add(row)
    tx.session.flush()
    return row


def _begin(tx: Tx, plan_id: int, person: str) -> bool:
    """Have a row for the plan, whoever else asks at the same time; whether it is new."""
    new = fresh(Rehearsal, plan_id=plan_id, asked_by=person, asked_at=tx.now).model_dump(exclude={"id"})
    table = Rehearsal.__table__  # type: ignore[attr-defined]
    inserting = tx.insert(table).values(**new).on_conflict_do_nothing().returning(table.c.id)
    return tx.connection.execute(inserting).first() is not None


def claim(tx: Tx, number: int) -> Claim | None:
    """Take a rehearsal that waits, with the plan as it stands; None where somebody else has it."""
    row = store.held(tx, number)
    if row is None or row.state != State.WAITING or (row.leased_until and row.leased_until > tx.now):
        return None
    row.leased_until, row.fence = tx.now + LEASE, row.fence + 1
    tx.session.add(row)
    try:
        question = _question(tx, row.plan_id)
    except Refused as refused:
        _settle(tx, row, State.FAILED, why=refused.sentence)
        return None
    return Claim(number, row.fence, question)


def _question(tx: Tx, plan_id: int) -> Plain:
    """The plan as it stands: its file with the changes since, who is away, which gates have passed."""
    people = teams.directory(tx, plan_id).people.values()
    return {
        "source": plans.export(tx, plan_id), "now": tx.now.isoformat(),
        "passed": [gate.key for gate in gates.every_gate(tx, plan_id) if gate.settled],
        "away": {person.key: [[str(days.first), str(days.last)] for days in person.away] for person in people},
    }  # fmt: skip


def found(tx: Tx, claimed: Claim, findings: Sequence[dict[str, Any]]) -> None:
    """Keep what was found, and tell whoever asked."""
    if row := _own(tx, claimed):
        _settle(tx, row, State.FOUND, findings)


def give_up(tx: Tx, claimed: Claim, why: str) -> None:
    """Tell whoever asked that nothing could be found, and why."""
    if row := _own(tx, claimed):
        _settle(tx, row, State.FAILED, why=why)


def _own(tx: Tx, claimed: Claim) -> Rehearsal | None:
    """The rehearsal of a claim, unless somebody else has claimed it since."""
    row = store.held(tx, claimed.number)
    return row if row and row.fence == claimed.fence and row.state == State.WAITING else None


def _settle(tx: Tx, row: Rehearsal, state: State, findings: Sequence[dict[str, Any]] = (), why: str = "") -> None:
    row.state, row.findings, row.why, row.leased_until = state, list(findings), why, None
    tx.session.add(row)
    tx.session.flush()
    notices.tell(tx, row)
