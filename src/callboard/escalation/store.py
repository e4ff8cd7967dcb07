"""Every query about climbs and policies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Table, bindparam, exists, func, literal_column, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.deliveries import DELIVERIES, FINAL, LONG_AGO, NO_CARD, Medium
from callboard.core.errors import Refused
from callboard.core.retention import BEFORE, Sweep
from callboard.core.rows import Bulk, bare
from callboard.core.timeline import ENTRIES, Subject
from callboard.escalation.models import DONE, POLICY, Climb, PlanPolicy, Policy, PolicyText, State
from callboard.plans.models import Plan
from callboard.teams.service import Directory

POLICIES: Table = PolicyText.__table__  # type: ignore[attr-defined]
CLIMBS: Table = Climb.__table__  # type: ignore[attr-defined]
MOVED = (
    *("id", "state", "reached", "repetition", "repeats", "response_from", "stepped_at", "idle_from", "idle_told"),
    *("resolve_at", "due_at", "snoozed_at", "snoozed_until", "exhausted_at", "trail"),
)
NAMES = tuple(CLIMBS.c.keys())
KEEPING = Bulk(CLIMBS, changes=MOVED)
# Written out: an index of few rows is used only where its condition is seen.
IS_RUNNING = col(Climb.state) != literal_column("'ended'")
STILL_DUE = (
    select(*CLIMBS.c)
    .where(CLIMBS.c.id.in_(bindparam("ids", expanding=True)), CLIMBS.c.due_at <= bindparam("at_present"))
    .order_by(CLIMBS.c.id)
    .with_for_update()
)
LATEST = (
    select(Climb)
    .where(col(Climb.subject_kind) == bindparam("of_kind"), col(Climb.subject_id) == bindparam("of_id"))
    .order_by(col(Climb.id).desc())
    .limit(1)
)
CLIMBS_OF = (
    select(Climb)
    .where(col(Climb.subject_kind) == bindparam("of_kind"), col(Climb.subject_id).in_(bindparam("ids", expanding=True)))
    .order_by(col(Climb.id))
)
# Whoever locks a row wants it as it is then, even where it was read before.
LATEST_LOCKED = LATEST.with_for_update().execution_options(populate_existing=True)


def still_due(tx: Tx, ids: Collection[int]) -> Sequence[Climb]:
    """Those of these climbs that are due and that nobody else has advanced meanwhile, locked; `keep` stores them."""
    rows = tx.connection.execute(STILL_DUE, {"ids": list(ids), "at_present": tx.now})
    return [bare(Climb, zip(NAMES, row, strict=True)) for row in rows]


def keep(tx: Tx, climbs: Iterable[Climb]) -> None:
    """Store climbs as `still_due` found them and a move has left them."""
    tx.defer(KEEPING, [vars(climb) for climb in climbs])


def latest(tx: Tx, subject: Subject, *, lock: bool = False) -> Climb | None:
    """The climb of a subject, the newest where it was reopened."""
    about = {"of_kind": subject.kind, "of_id": subject.id}
    return tx.session.execute(LATEST_LOCKED if lock else LATEST, about).scalar()


def latest_of(tx: Tx, kind: str, ids: Collection[int]) -> dict[int, Climb]:
    """The newest climbs of several subjects."""
    asked = tx.session.exec(CLIMBS_OF, params={"of_kind": kind, "ids": list(ids)})
    return {climb.subject_id: climb for climb in asked}


def waiting(tx: Tx, plan_id: int) -> Sequence[Climb]:
    climbs = select(Climb).where(Climb.plan_id == plan_id, IS_RUNNING, Climb.state == State.CLIMBING)
    return tx.session.exec(climbs.order_by(col(Climb.id)).with_for_update()).all()


def held(tx: Tx, plan_id: int, holder: str) -> Sequence[Climb]:
    """The climbs whose subject somebody has."""
    climbs = select(Climb).where(Climb.plan_id == plan_id, Climb.state == State.HELD, Climb.holder == holder)
    return tx.session.exec(climbs.order_by(col(Climb.id)).with_for_update()).all()


def running(tx: Tx, plan_id: int) -> Sequence[Climb]:
    climbs = select(Climb).where(Climb.plan_id == plan_id, IS_RUNNING, col(Climb.state).not_in(DONE))
    return tx.session.exec(climbs.order_by(col(Climb.id))).all()


def unsettled(tx: Tx, plan_id: int) -> Sequence[Climb]:
    """The climbs of a plan whose subjects are not settled, those that the plan's end has stopped among them."""
    climbs = select(Climb).where(Climb.plan_id == plan_id, IS_RUNNING)
    return tx.session.exec(climbs.order_by(col(Climb.id))).all()


def digests(tx: Tx, plan_id: int) -> dict[str, str]:
    policies = select(PlanPolicy.name, PlanPolicy.digest).where(PlanPolicy.plan_id == plan_id)
    return dict(tx.session.exec(policies).all())


def present_digests(tx: Tx, directory: Directory) -> dict[str, str]:
    """The same, read once for each version of the plan's directory."""
    known: dict[int, tuple[Directory, dict[str, str]]] = tx.memo.setdefault("plan policies", {})
    plan_id = directory.plan_id
    if plan_id not in known or known[plan_id][0] is not directory:
        known[plan_id] = (directory, digests(tx, plan_id))
    return known[plan_id][1]


def digest(tx: Tx, directory: Directory, name: str) -> str:
    """What names the plan's policy of this name as it is now. Refused where the plan has none."""
    policies = present_digests(tx, directory)
    if name not in policies:
        raise Refused(f"{m.escape(directory.plan_name)} has no escalation policy `{name}`, so I can't page anybody. "
                      "Add it under `escalation:` in the plan file.")  # fmt: skip
    return policies[name]


def keep_policy(tx: Tx, policy: Policy) -> str:
    """Keep a policy for climbs to follow; return what names it."""
    name, body = policy.encoded()
    tx.connection.execute(tx.insert(POLICIES).values(digest=name, body=body).on_conflict_do_nothing())
    return name


def policy_of(tx: Tx, digest: str) -> Policy:
    """The policy with this digest: a climb keeps the one it began with."""
    known: dict[str, Policy] = tx.memo.setdefault("policies", {})
    if digest not in known:
        text = tx.session.exec(select(PolicyText).where(PolicyText.digest == digest)).one()
        known[digest] = POLICY.validate_python(text.body)
    return known[digest]


_SENT, _ENTRY = DELIVERIES.c, ENTRIES.c
_LAST_ENTRY = (
    select_columns(_ENTRY.at)
    .where(_ENTRY.subject_kind == _SENT.subject_kind, _ENTRY.subject_id == _SENT.subject_id)
    .order_by(_ENTRY.id.desc())
    .limit(1)
    .correlate(DELIVERIES)
    .scalar_subquery()
)
_CLIMBS_ON = exists().where(
    CLIMBS.c.subject_kind == _SENT.subject_kind, CLIMBS.c.subject_id == _SENT.subject_id, IS_RUNNING
)
_IS_QUIET = func.coalesce(_LAST_ENTRY, LONG_AGO) < BEFORE
_IS_MESSAGE = _SENT.medium.not_in((str(Medium.HOME), str(Medium.CANVAS)))
_PLANS_OVER = select_columns(col(Plan.id)).where(col(Plan.to_at) < BEFORE)
SWEEPS = (
    Sweep(
        _SENT.created_at,
        (literal_column(NO_CARD), _IS_MESSAGE, ~_CLIMBS_ON, or_(~_SENT.editable, _SENT.superseded, _IS_QUIET)),
    ),
    Sweep(_SENT.created_at, (literal_column(FINAL), _IS_MESSAGE, ~_CLIMBS_ON, _SENT.plan_id.in_(_PLANS_OVER))),
)
"""Messages. What a person was sent and is edited goes so long after the last that happened to what it is about. What
stands in a channel stays as long as the plan: it is edited whenever something happens."""
