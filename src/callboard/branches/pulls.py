"""Pull and merge requests as a forge tells of them, and what it has told already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, UniqueConstraint, delete
from sqlmodel import Field, SQLModel, col, select

from callboard.branches import ci, service
from callboard.branches.models import Mirror
from callboard.core.db import Instant
from callboard.core.subject import Subject
from callboard.core.timeline import BigId

if TYPE_CHECKING:
    from callboard.core.db import Tx

KIND = "pull"
KEPT = timedelta(days=90)


class Pull(SQLModel, table=True):
    """A pull or merge request. `said` is what its status said last; a `fork` has its branch in another repository."""

    __tablename__ = "pulls"
    __table_args__ = (UniqueConstraint("plan_id", "repository", "number"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    repository: str
    forge: str
    project: str
    number: int = Field(sa_type=BigInteger)
    head: str
    branch: str
    base: str
    author: str
    said: str = ""
    fork: bool = False
    open: bool = True
    heard_at: datetime = Field(sa_type=Instant)

    @property
    def subject(self) -> Subject:
        """What timeline and messages are about."""
        return Subject(KIND, self.id or 0)


class HookReceived(SQLModel, table=True):
    """A request of a forge that was received, by the digest of all that is signed of it."""

    __tablename__ = "hooks_received"

    digest: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True)
class Told:
    """What a forge tells: of which repository (its addresses), a push, a request, or what a check says of a head."""

    forge: str
    digest: str
    addresses: Sequence[str]
    project: str
    pull: int = 0
    head: str = ""
    branch: str = ""
    base: str = ""
    author: str = ""
    fork: bool = False
    open: bool = True
    check: str = ""
    state: str = ""


@dataclass(frozen=True)
class PullChanged:
    """A request was opened, or has other commits."""

    pull: Pull


class Again(Exception):
    """The very same was received before."""


def received(tx: Tx, told: Told) -> int:
    """Take in what a forge tells; for how many of the plans' repositories that is. Raises Again for a replay."""
    tx.connection.execute(delete(HookReceived).where(col(HookReceived.at) < tx.now - KEPT))
    new = tx.insert(HookReceived).values(digest=told.digest, at=tx.now).on_conflict_do_nothing()
    if tx.connection.execute(new.returning(HookReceived.digest)).first() is None:
        raise Again
    wanted = {normal(address) for address in told.addresses if address}
    mirrors = [one for one in _followed(tx) if normal(service.address(one.clone)) in wanted]
    for mirror in mirrors:
        if told.check:
            ci.keep(tx, mirror, told.head, told.check, told.state)
            continue
        service.pushed(tx, mirror)
        if told.pull:
            _keep(tx, mirror, told)
    return len(mirrors)


def standing(tx: Tx, plan_id: int, repository: str) -> Sequence[Pull]:
    """The open requests of a repository."""
    wanted = select(Pull).where(Pull.plan_id == plan_id, Pull.repository == repository, col(Pull.open))
    return tx.session.exec(wanted.order_by(col(Pull.id))).all()


def find(tx: Tx, number: int) -> Pull | None:
    """One of them, as it is now."""
    wanted = select(Pull).where(Pull.id == number).execution_options(populate_existing=True)
    return tx.session.exec(wanted).first()


def normal(address: str) -> str:
    """An address without how it is reached: `host/group/name`, the same over https and ssh."""
    bare = address.strip().lower().partition("://")[2] or address.strip().lower().replace(":", "/", 1)
    host, _, path = bare.rpartition("@")[2].partition("/")
    return f"{host.partition(':')[0]}/{path.strip('/').removesuffix('.git')}"


def _followed(tx: Tx) -> Sequence[Mirror]:
    return [one for one in tx.session.exec(select(Mirror).order_by(col(Mirror.id))) if one.next_at is not None]


def _keep(tx: Tx, mirror: Mirror, told: Told) -> None:
    wanted = select(Pull).where(
        Pull.plan_id == mirror.plan_id, Pull.repository == mirror.repository, Pull.number == told.pull
    )
    pull = tx.session.exec(wanted).first() or Pull(
        plan_id=mirror.plan_id, repository=mirror.repository, forge=told.forge, project=told.project, number=told.pull,
        head="", branch="", base="", author="", heard_at=tx.now,
    )  # fmt: skip
    if pull.head != told.head:
        pull.said = ""
    pull.head, pull.branch, pull.base, pull.author = told.head, told.branch, told.base, told.author
    pull.fork, pull.open, pull.heard_at = told.fork, told.open, tx.now
    tx.session.add(pull)
    tx.session.flush()
    if pull.open:
        tx.publish(PullChanged(pull))
