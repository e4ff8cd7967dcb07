"""Every query about mirrors, branches, pull requests and checks of CI."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Table, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.branches.models import Branch, CheckReport, CheckState, HookReceived, Merge, Mirror, Pull
from callboard.core import leases
from callboard.core.db import Tx
from callboard.core.memory import Each
from callboard.core.retention import Sweep


def mirrors(tx: Tx, plan_id: int) -> Sequence[Mirror]:
    """The mirrors of a plan, also those that are not followed any more."""
    return tx.session.exec(select(Mirror).where(Mirror.plan_id == plan_id).order_by(col(Mirror.id))).all()


def followed(tx: Tx) -> Sequence[Mirror]:
    """The mirrors of every plan that are still fetched."""
    return tx.session.exec(select(Mirror).where(col(Mirror.next_at).is_not(None)).order_by(col(Mirror.id))).all()


def mirror(tx: Tx, number: int) -> Mirror | None:
    """A mirror as it is now."""
    return tx.get(Mirror, number, fresh=True)


def due(tx: Tx) -> Sequence[int]:
    """The first mirrors to scan now that no process scans."""
    return leases.due(tx, Mirror)


def claim(tx: Tx, number: int, until: datetime) -> bool:
    """Keep other processes from scanning a mirror until then; whether it was free."""
    return leases.claim(tx, Mirror, number, until)


def next_at(tx: Tx) -> datetime | None:
    return tx.session.exec(select(func.min(Mirror.next_at))).one()


def standing(tx: Tx, mirror: Mirror) -> Sequence[Branch]:
    """The branches that a mirror has now."""
    wanted = select(Branch).where(Branch.plan_id == mirror.plan_id, col(Branch.gone_at).is_(None))
    own = wanted.where(Branch.repository == mirror.repository, Branch.mirror_id == mirror.number)
    return tx.session.exec(own.order_by(col(Branch.id))).all()


def called(tx: Tx, mirror: Mirror, names: Collection[str]) -> Sequence[Branch]:
    """The branches with these names that are or were in a mirror."""
    wanted = select(Branch).where(Branch.mirror_id == mirror.number, col(Branch.name).in_(names))
    return tx.session.exec(wanted).all() if names else ()


def live(tx: Tx, plan_id: int) -> Sequence[Branch]:
    """The live branches of a plan, by repository and name."""
    wanted = select(Branch).where(Branch.plan_id == plan_id, col(Branch.gone_at).is_(None))
    return tx.session.exec(wanted.order_by(col(Branch.repository), col(Branch.name))).all()


def merge_of(tx: Tx, about: int) -> Merge | None:
    """The last merge that was wanted because of a conflict."""
    return tx.session.exec(select(Merge).where(Merge.about == about).order_by(col(Merge.id).desc()).limit(1)).first()


def _merges_of(tx: Tx, about: list[int]) -> dict[int, list[Merge]]:
    found: dict[int, list[Merge]] = {}
    for merge in tx.session.exec(select(Merge).where(col(Merge.about).in_(about)).order_by(col(Merge.id))):
        found.setdefault(merge.about, []).append(merge)
    return found


merges_of = Each[int, list[Merge]](_merges_of, list, Merge)
"""Every merge that was wanted because of a conflict."""


def merges(tx: Tx, mirror_id: int) -> Sequence[Merge]:
    """What git is to merge in a mirror."""
    wanted = select(Merge).where(Merge.mirror_id == mirror_id, col(Merge.ended_at).is_(None))
    return tx.session.exec(wanted.order_by(col(Merge.id))).all()


def check_reports(tx: Tx, plan_id: int, repository: str, commit: str) -> Sequence[CheckReport]:
    """What CI reported of a commit, by the names of the checks."""
    row = CheckReport
    wanted = select(row).where(row.plan_id == plan_id, row.repository == repository, row.commit == commit)
    return tx.session.exec(wanted.order_by(col(row.name))).all()


def keep_check(
    tx: Tx, mirror: Mirror, commit: str, name: str, state: CheckState, as_of: datetime | None = None
) -> None:
    """Keep how a check of a commit stands, in the place of what it reported before; not if that was later.

    In the second in which it ended, that it runs is no news.
    """
    at, still = as_of or tx.now, bool(as_of) and state == CheckState.RUNNING
    row = {"plan_id": mirror.plan_id, "repository": mirror.repository, "commit": commit, "name": name}
    new = tx.insert(CheckReport).values(**row, state=state, at=at)
    is_news = or_(CHECKS.c.at.is_(None), CHECKS.c.at < at if still else CHECKS.c.at <= at)
    tx.connection.execute(
        new.on_conflict_do_update(index_elements=list(row), set_={"state": state, "at": at}, where=is_news)
    )


def open_pulls(tx: Tx, plan_id: int, repository: str) -> Sequence[Pull]:
    wanted = select(Pull).where(Pull.plan_id == plan_id, Pull.repository == repository, col(Pull.open))
    return tx.session.exec(wanted.order_by(col(Pull.id))).all()


def pull_of(tx: Tx, mirror: Mirror, number: int) -> Pull | None:
    """The request with this number on the forge."""
    place = Pull.plan_id == mirror.plan_id, Pull.repository == mirror.repository
    return tx.session.exec(select(Pull).where(*place, Pull.number == number)).first()


def is_new(tx: Tx, digest: str) -> bool:
    """Remember a request of a forge; whether it was not received before."""
    new = tx.insert(HookReceived).values(digest=digest, at=tx.now).on_conflict_do_nothing()
    return tx.connection.execute(new.returning(HookReceived.digest)).first() is not None


BRANCHES: Table = Branch.__table__  # type: ignore[attr-defined]
CHECKS: Table = CheckReport.__table__  # type: ignore[attr-defined]
HOOKS: Table = HookReceived.__table__  # type: ignore[attr-defined]
_HEADS = (
    select_columns(BRANCHES.c.head).where(BRANCHES.c.gone_at.is_(None)),
    select_columns(col(Mirror.main_head)),
    select_columns(col(Pull.head)).where(col(Pull.open)),
)
SWEEPS = (
    Sweep(HOOKS.c.at, kept=timedelta(days=90)),
    Sweep(BRANCHES.c.gone_at),
    Sweep(CHECKS.c.at, [CHECKS.c.commit.not_in(heads) for heads in _HEADS]),
)
"""What was reported of a commit stays as long as a branch or an open request ends in it."""
