"""The verbs of jobs: register a type; create, claim, keep, complete, fail. One worker wins, and holds a lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from callboard import blocks as b
from callboard.core import timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.core.timeline import Subject
from callboard.jobs import store
from callboard.jobs.models import KIND, State, TaskType
from callboard.plans import service as plans
from callboard.tasks.plan.types import TaskTypePart
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

MOST_ATTEMPTS = 10
"""A job whose worker was lost so often is given up: it is likely what kills them."""
WATCHERS = {"stakeholder", "observer"}


class NoJob(Refused):
    """There is no such job in the plan."""


@dataclass(frozen=True)
class Kind:
    """A type of job: what its parameters are, and for how long a claim holds. `by` is who registered it, or nobody."""

    name: str
    version: str
    params: Mapping[str, Any]
    lease: timedelta
    by: str = ""
    at: datetime | None = None


def kinds(tx: Tx, plan_id: int) -> dict[str, Kind]:
    """The types of a plan by name: those of its file, and those that programs have registered."""
    found = {row.name: _registered(row) for row in store.types(tx, plan_id)}
    written: Mapping[str, TaskTypePart] = plans.live(tx, plan_id).values.get("task_types") or {}
    return found | {name: Kind(name, part.version, part.params, part.lease) for name, part in written.items()}


def kind(tx: Tx, plan_id: int, name: str) -> Kind:
    """One type. Raises Refused with what may have been meant."""
    known = kinds(tx, plan_id)
    if name not in known:
        raise Refused(f"There is no task type `{b.escape(name)}`; {did_you_mean(name, known)}")
    return known[name]


def register(tx: Tx, asker: Asker, name: str, version: str, params: Mapping[str, Any], lease: timedelta) -> Kind:
    """Make a type known, or a new version of it; jobs that are there keep the one they were made by."""
    from callboard.jobs import schemas

    _not_a_watcher(asker, "register a type")
    plan_id = asker.directory.plan_id
    if name in (plans.live(tx, plan_id).values.get("task_types") or {}):
        raise Refused(f"{b.escape(name)} is in the plan file, under `task_types`: change it there.")
    schemas.refuse_unusable(params)
    row = store.type_called(tx, plan_id, name) or TaskType(
        plan_id=plan_id, name=name, version="", params={}, lease=0, by="", at=tx.now
    )
    given = (version, dict(params), int(lease.total_seconds()))
    if (row.version, row.params, row.lease) == given:
        return _registered(row)
    if row.version == version:
        raise Refused(f"{b.escape(name)} {version} is registered already, and is different: give it a new version.")
    (row.version, row.params, row.lease), row.by, row.at = given, asker.person.key, tx.now
    tx.session.add(row)
    tx.session.flush()
    timeline.record(tx, plan_id, row.subject, "registered", actor=row.by, type=name, version=version)
    return _registered(row)


def create(tx: Tx, asker: Asker, name: str, params: Mapping[str, Any], priority: int = 0) -> Row[Any]:
    """Put a job into the queue. Raises Refused for parameters that its type does not take."""
    from callboard.jobs import schemas

    _not_a_watcher(asker, "create a job")
    plan_id, by = asker.directory.plan_id, asker.person.key
    known = kind(tx, plan_id, name)
    schemas.refuse_wrong(name, known.params, params)
    row = store.make(
        tx, plan_id=plan_id, type=name, version=known.version, params=dict(params), priority=-priority,
        lease=max(int(known.lease.total_seconds()), 1), made_by=by, made_at=tx.now,
    )  # fmt: skip
    _record(tx, row, "created", by, type=name)
    return row


def claim(tx: Tx, asker: Asker, worker: str, types: Sequence[str] = ()) -> Row[Any] | None:
    """Take the next job of these types, or of any, the most pressing first; None where none waits."""
    _not_a_watcher(asker, "claim a job")
    plan_id = asker.directory.plan_id
    first = store.first_waiting(tx, plan_id, types)
    if first is None:
        for name in types:
            kind(tx, plan_id, name)
        return None
    row = store.claim(tx, first.id, worker, asker.person.key, tx.now + timedelta(seconds=first.lease))
    _record(tx, row, "claimed", row.person, worker=worker)
    return row


def keep(tx: Tx, asker: Asker, number: int, attempt: int) -> Row[Any]:
    """Still at it: the lease begins anew. Raises Refused for whoever has lost it."""
    there = known(tx, asker, number)
    until = tx.now + timedelta(seconds=there.lease)
    return store.keep(tx, there.plan_id, number, attempt, until) or _lost(tx, asker, number, attempt)


def complete(tx: Tx, asker: Asker, number: int, attempt: int, result: Mapping[str, Any]) -> Row[Any]:
    """It is done. Said twice by who has done it, it is still done once; raises Refused for whoever has lost it."""
    return _ended(tx, asker, number, attempt, State.COMPLETED, result=dict(result))


def fail(tx: Tx, asker: Asker, number: int, attempt: int, error: str, *, again: bool = False) -> Row[Any]:
    """It did not work; `again` puts it back into the queue. Raises Refused for whoever has lost it."""
    state = State.WAITING if again and attempt < MOST_ATTEMPTS else State.FAILED
    return _ended(tx, asker, number, attempt, state, error=error)


def lapse(tx: Tx, numbers: Sequence[int]) -> None:
    """Nothing was heard of whoever has these: they go back to the queue, or are given up after many times."""
    for row in store.numbered(tx, numbers):
        if row.state != State.CLAIMED or row.leased_until > tx.now:
            continue
        given_up = row.attempt >= MOST_ATTEMPTS
        error = f"its lease has lapsed {row.attempt} times, last with {row.worker}" if given_up else ""
        state = State.FAILED if given_up else State.WAITING
        store.end(tx, row.plan_id, row.id, row.attempt, state, error=error)
        _record(tx, row, "given up" if given_up else "lapsed", timeline.BOT, worker=row.worker)


def known(tx: Tx, asker: Asker, number: int) -> Row[Any]:
    """A job of the asker's plan. Raises NoJob where there is none."""
    row = store.find(tx, asker.directory.plan_id, number)
    if row is None:
        raise NoJob(f"There is no job {number} in {asker.directory.plan_name}.")
    return row


def _ended(tx: Tx, asker: Asker, number: int, attempt: int, state: State, **what: Any) -> Row[Any]:
    row = store.end(tx, asker.directory.plan_id, number, attempt, state, **what)
    if row is None:
        there = known(tx, asker, number)
        same = there.attempt == attempt and there.state == state and state != State.WAITING
        return there if same else _lost(tx, asker, number, attempt)
    error = what.get("error") or None
    _record(
        tx, row, {State.WAITING: "put back"}.get(state, state.value), asker.person.key, said=error, worker=row.worker
    )
    return row


def _lost(tx: Tx, asker: Asker, number: int, attempt: int) -> Row[Any]:
    there = known(tx, asker, number)
    if there.attempt != attempt:
        raise Refused(f"Job {number} is not yours any more: its lease lapsed, and it was claimed for the "
                      f"{there.attempt}. time by {b.escape(there.worker)}. Claim another.")  # fmt: skip
    why = {State.WAITING: "is back in the queue", State.CLAIMED: "is claimed"}.get(
        there.state, f"is {there.state} already"
    )
    raise Refused(f"Job {number} {why}: nothing was changed. Claim another.")


def _registered(row: TaskType) -> Kind:
    return Kind(row.name, row.version, row.params, timedelta(seconds=row.lease), row.by, row.at)


def _not_a_watcher(asker: Asker, what: str) -> None:
    """Refuse those who only follow the plan."""
    person, directory = asker.person, asker.directory
    if set(person.roles) & WATCHERS and not directory.teams_of(person) and not directory.is_lead(person):
        roles = " and ".join(map(directory.role_name, person.roles))
        raise Refused(
            f"You follow this plan as {roles}; to {what} takes somebody of a team, a lead or the coordinator."
        )


def _record(tx: Tx, row: Row[Any], verb: str, actor: str, *, said: str | None = None, **facts: Any) -> None:
    timeline.record(tx, row.plan_id, Subject(KIND, row.id), verb, actor=actor, said=said, attempt=row.attempt, **facts)
