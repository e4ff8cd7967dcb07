"""Every query about mirrors, branches, pull requests and checks of CI."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, update
from sqlmodel import col, select

from callboard.branches.models import Branch, CheckReport, Mirror, MirrorFiles, Pull

if TYPE_CHECKING:
    from callboard.core.db import Tx


def mirrors(tx: Tx, plan_id: int) -> Sequence[Mirror]:
    """The mirrors of a plan, those that are not followed any more too."""
    return tx.session.exec(select(Mirror).where(Mirror.plan_id == plan_id).order_by(col(Mirror.id))).all()


def mirror(tx: Tx, number: int) -> Mirror | None:
    """One mirror, as it is now."""
    return tx.session.exec(
        select(Mirror).where(Mirror.id == number).execution_options(populate_existing=True)
    ).first()  # fmt: skip


def called(tx: Tx, plan_id: int, repository: str) -> Mirror | None:
    """The mirror of a repository."""
    return tx.session.exec(select(Mirror).where(Mirror.plan_id == plan_id, Mirror.repository == repository)).first()


def due(tx: Tx, limit: int) -> Sequence[int]:
    """The mirrors that are to be looked into now, and that nobody looks into."""
    free = or_(col(Mirror.leased_until).is_(None), col(Mirror.leased_until) <= tx.now)
    wanted = select(Mirror.id).where(col(Mirror.next_at) <= tx.now, free).order_by(col(Mirror.next_at)).limit(limit)
    return [number for number in tx.session.exec(wanted) if number is not None]


def claim(tx: Tx, number: int, until: datetime) -> bool:
    """Keep others from looking into a mirror until then; whether it was free."""
    free = or_(col(Mirror.leased_until).is_(None), col(Mirror.leased_until) <= tx.now)
    claimed = tx.connection.execute(
        update(Mirror)
        .where(col(Mirror.id) == number, col(Mirror.next_at) <= tx.now, free)
        .values(leased_until=until, fence=col(Mirror.fence) + 1)
    )
    return bool(claimed.rowcount)


def next_at(tx: Tx) -> datetime | None:
    """When somebody is to look into a mirror next."""
    return tx.session.exec(select(func.min(Mirror.next_at))).one()


def of_mirror(tx: Tx, mirror_id: int) -> Sequence[Branch]:
    """Every branch that is or was in a mirror."""
    return tx.session.exec(select(Branch).where(Branch.mirror_id == mirror_id).order_by(col(Branch.id))).all()


def live(tx: Tx, plan_id: int) -> Sequence[Branch]:
    """The live branches of a plan, by repository and name."""
    wanted = select(Branch).where(Branch.plan_id == plan_id, col(Branch.gone_at).is_(None))
    return tx.session.exec(wanted.order_by(col(Branch.repository), col(Branch.name))).all()


def files(tx: Tx, mirror_id: int) -> MirrorFiles | None:
    """The files of a repository's main branch."""
    return tx.session.get(MirrorFiles, mirror_id)


def check_reports(tx: Tx, plan_id: int, repository: str, commit: str) -> Sequence[CheckReport]:
    """What is known of a commit, by the names of the checks."""
    wanted = select(CheckReport).where(
        CheckReport.plan_id == plan_id, CheckReport.repository == repository, CheckReport.commit == commit
    )
    return tx.session.exec(wanted.order_by(col(CheckReport.name))).all()


def open_pulls(tx: Tx, plan_id: int, repository: str) -> Sequence[Pull]:
    """The open requests of a repository."""
    wanted = select(Pull).where(Pull.plan_id == plan_id, Pull.repository == repository, col(Pull.open))
    return tx.session.exec(wanted.order_by(col(Pull.id))).all()


def find_pull(tx: Tx, number: int) -> Pull | None:
    """One of them, as it is now."""
    wanted = select(Pull).where(Pull.id == number).execution_options(populate_existing=True)
    return tx.session.exec(wanted).first()


def followed(tx: Tx) -> Sequence[Mirror]:
    return [one for one in tx.session.exec(select(Mirror).order_by(col(Mirror.id))) if one.next_at is not None]
