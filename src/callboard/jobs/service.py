"""The verbs of jobs: register a type; create, claim, keep, complete, fail. One worker wins and holds a lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.rows import fresh
from callboard.core.timeline import Subject
from callboard.jobs import claims, store
from callboard.jobs.examiner import Verdict
from callboard.jobs.models import KIND, State, TaskType, Verb
from callboard.plans import service as plans
from callboard.tasks.plan import TYPES
from callboard.teams.directory import Asker
from callboard.teams.rights import refuse_onlooker

CHANGED = "This type changed while I looked at it. Send it again."
MOST_ATTEMPTS = 10
"""After so many lost workers a job is given up: it probably kills them."""


class NoJob(Refused):
    """The plan has no such job."""


def kinds(tx: Tx, plan_id: int) -> dict[str, TaskType]:
    """The types of a plan by name: those that programs registered, and those of its file, which are `by` nobody."""
    kinds = {row.name: row for row in store.types(tx, plan_id)}
    for name, part in (plans.live(tx, plan_id).of(TYPES) or {}).items():
        kinds[name] = fresh(
            TaskType, plan_id=plan_id, name=name, version=part.version, params=part.params,
            lease=max(int(part.lease.total_seconds()), 1), by="", at=tx.now,
        )  # fmt: skip
    return kinds


def kind(tx: Tx, plan_id: int, name: str) -> TaskType:
    """One type. Raises Refused with what may have been meant."""
    known = kinds(tx, plan_id)
    if name not in known:
        raise unknown(f"There is no task type {m.code(name)}", name, known)
    return known[name]


def refuse_to_register(tx: Tx, asker: Asker, name: str) -> None:
    """Raise Refused for whoever may not register types, and for a type of the plan file."""
    _needs_worker(asker, "register a type")
    if name in (plans.live(tx, asker.directory.plan_id).of(TYPES) or {}):
        raise Refused(f"{m.escape(name)} is in the plan file. Change it there, under `task_types`.")


def register(tx: Tx, asker: Asker, name: str, version: str, verdict: Verdict | None, lease: int) -> TaskType:
    """Register a type or a new version of it; existing jobs keep the version they were created with."""
    refuse_to_register(tx, asker, name)
    plan_id, params = asker.directory.plan_id, _accepted(verdict)
    row = store.type_called(tx, plan_id, name) or TaskType(
        plan_id=plan_id, name=name, version="", params={}, lease=0, by="", at=tx.now
    )
    if (row.version, row.params, row.lease) == (version, params, lease):
        return row
    if row.version == version:
        what = f"{m.escape(name)} {version} is already registered, with another schema or lease."
        raise Refused(f"{what} Give it a new version.")
    row.version, row.params, row.lease, row.by, row.at = version, params, lease, asker.person.key, tx.now
    tx.session.add(row)
    tx.session.flush()
    timeline.record(tx, plan_id, row.subject, "registered", actor=row.by, type=name, version=version)
    return row


def wanted(tx: Tx, asker: Asker, name: str) -> TaskType:
    """The type of a job that somebody wants. Raises Refused for whoever may not create any."""
    _needs_worker(asker, "create a job")
    return kind(tx, asker.directory.plan_id, name)


def create(
    tx: Tx, asker: Asker, name: str, params: Mapping[str, Any], verdict: Verdict | None, priority: int = 0
) -> Row[Any]:
    """Put a job into the queue. Raises Refused for parameters that its type does not take."""
    plan_id, by, known = asker.directory.plan_id, asker.person.key, wanted(tx, asker, name)
    if _accepted(verdict) != known.params:
        raise Refused(CHANGED)
    row = store.make(
        tx, plan_id=plan_id, type=name, version=known.version, params=dict(params), priority=-priority,
        lease=known.lease, made_by=by, made_at=tx.now,
    )  # fmt: skip
    _record(tx, row, Verb.CREATED, by, type=name)
    return row


def _accepted(verdict: Verdict | None) -> dict[str, Any]:
    """The schema that was looked at. Raises Refused where something was wrong."""
    if verdict is None or verdict.sentence:
        raise Refused(verdict.sentence if verdict else CHANGED)
    return dict(verdict.schema)


def claim(tx: Tx, asker: Asker, worker: str, types: Sequence[str] = ()) -> Row[Any] | None:
    """Take the next job of these types, or of any, highest priority first; None where none waits."""
    _needs_worker(asker, "claim a job")
    plan_id = asker.directory.plan_id
    first = claims.first_waiting(tx, plan_id, types)
    if first is None:
        for name in types:
            kind(tx, plan_id, name)
        return None
    row = claims.claim(tx, first.id, worker, asker.person.key, tx.now + timedelta(seconds=first.lease))
    _record(tx, row, Verb.CLAIMED, row.person, worker=worker)
    return row


def keep(tx: Tx, asker: Asker, number: int, attempt: int) -> Row[Any]:
    """Renew the lease. Raises Refused for whoever has lost the job."""
    job = known(tx, asker, number)
    _needs_claim(job, asker, "keep")
    until = tx.now + timedelta(seconds=job.lease)
    return claims.keep(tx, job.plan_id, number, attempt, until) or _lost(tx, asker, number, attempt)


def complete(tx: Tx, asker: Asker, number: int, attempt: int, result: Mapping[str, Any]) -> Row[Any]:
    """Complete a job; twice by the same worker counts once. Raises Refused for whoever has lost it."""
    return _ended(tx, asker, number, attempt, State.COMPLETED, result=dict(result))


def fail(tx: Tx, asker: Asker, number: int, attempt: int, error: str, *, again: bool = False) -> Row[Any]:
    """Fail a job, or with `again` put it back into the queue. Raises Refused for whoever has lost it."""
    state = State.WAITING if again and attempt < MOST_ATTEMPTS else State.FAILED
    return _ended(tx, asker, number, attempt, state, error=error)


def lapse(tx: Tx, numbers: Sequence[int]) -> None:
    """Put jobs with lapsed leases back into the queue, or give them up after many times."""
    for row in store.numbered(tx, numbers):
        if row.state != State.CLAIMED or row.leased_until > tx.now:
            continue
        given_up = row.attempt >= MOST_ATTEMPTS
        error = f"its lease has lapsed {row.attempt} times, last with {row.worker}" if given_up else ""
        state = State.FAILED if given_up else State.WAITING
        claims.end(tx, row.plan_id, row.id, row.attempt, state, error=error)
        _record(tx, row, Verb.GIVEN_UP if given_up else Verb.LAPSED, timeline.BOT, worker=row.worker)


def known(tx: Tx, asker: Asker, number: int) -> Row[Any]:
    """A job of the asker's plan. Raises NoJob where there is none."""
    row = store.find(tx, asker.directory.plan_id, number)
    if row is None:
        raise NoJob(f"{m.escape(asker.directory.plan_name)} has no job {number}.")
    return row


def _ended(tx: Tx, asker: Asker, number: int, attempt: int, state: State, **what: Any) -> Row[Any]:
    row = claims.end(tx, asker.directory.plan_id, number, attempt, state, **what)
    if row is not None:
        _needs_claim(row, asker, "end")
    else:
        job = known(tx, asker, number)
        same = job.attempt == attempt and job.state == state and state != State.WAITING
        return job if same else _lost(tx, asker, number, attempt)
    verb = Verb.PUT_BACK if state == State.WAITING else Verb(state)
    _record(tx, row, verb, asker.person.key, said=what.get("error") or None, worker=row.worker)
    return row


def _lost(tx: Tx, asker: Asker, number: int, attempt: int) -> Row[Any]:
    job = known(tx, asker, number)
    if job.attempt != attempt:
        worker = m.escape(job.worker)
        raise Refused(f"Job {number} is no longer yours: its lease lapsed, and {worker} claimed it. Claim another.")
    state = "back in the queue" if job.state == State.WAITING else f"already {job.state}"
    raise Refused(f"Job {number} is {state}, so nothing changed. Claim another.")


def _needs_worker(asker: Asker, what: str) -> None:
    refuse_onlooker(asker, what, "team members, leads and coordinators")


def _needs_claim(job: Row[Any], asker: Asker, what: str) -> None:
    """Refuse all but whoever claimed it: another program may know its number, and has not done the work."""
    if job.person and job.person != asker.person.key:
        raise Refused(f"{asker.directory.called(job.person)} has job {job.id}, so only their token can {what} it.")


def _record(tx: Tx, row: Row[Any], verb: Verb, actor: str, *, said: str | None = None, **facts: Any) -> None:
    timeline.record(tx, row.plan_id, Subject(KIND, row.id), verb, actor=actor, said=said, attempt=row.attempt, **facts)
