"""Leave to change what is another team's: given by who leads that team, for a while."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index
from sqlmodel import JSON, Field, SQLModel, col, select

from callboard.core import blocks as b
from callboard.core import outbox, timeline
from callboard.core.db import Instant
from callboard.core.errors import Refused
from callboard.core.outbox import Post, Priority
from callboard.core.subject import Subject
from callboard.core.timeline import BigId
from callboard.locks import owning, targets
from callboard.locks.reading import Wish
from callboard.locks.targets import Target
from callboard.teams.service import Asker, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

KIND = "allowance"
USUAL, LONGEST = timedelta(days=1), timedelta(days=30)


class Allowance(SQLModel, table=True):
    """What one person may change until then, though it is not their team's; `by` who allowed it."""

    __tablename__ = "lock_allowances"
    __table_args__ = (Index("lock_allowances_plan", "plan_id", "until"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    person: str
    by: str
    reason: str
    targets: list[str] = Field(default_factory=list, sa_type=JSON)
    given_at: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)

    @property
    def number(self) -> int:
        """What people call it by."""
        return self.id or 0

    @property
    def subject(self) -> Subject:
        """What timeline and messages are about."""
        return Subject(KIND, self.number)


def allow(tx: Tx, asker: Asker, to: Person, wish: Wish) -> Allowance:
    """Let somebody change what is the asker's team's. Raises Refused where it is not theirs to allow."""
    _refuse_foreign(tx, asker, wish.targets)
    until = wish.until or tx.now + (wish.span or USUAL)
    if not wish.reason:
        raise Refused("Say why, the others read it: `/lock allow @bob src/api/x.py for the fix until 17:00`.")
    if not tx.now < until <= tx.now + LONGEST:
        raise Refused("Leave is given for some hours or days, 30 days at most: name another end.")
    made = Allowance(
        plan_id=asker.directory.plan_id, person=to.key, by=asker.person.key, reason=wish.reason,
        targets=[str(one) for one in wish.targets], given_at=tx.now, until=until,
    )  # fmt: skip
    tx.session.add(made)
    tx.session.flush()
    facts: dict[str, Any] = {"person": to.key, "targets": made.targets, "until": until.isoformat()}
    timeline.record(tx, made.plan_id, made.subject, "allowed", actor=asker.person.key, said=wish.reason, **facts)
    if to.slack_id and to.key != asker.person.key:
        outbox.enqueue(tx, [
            Post(
                key=f"{KIND}:{made.number}", plan_id=made.plan_id, workspace=asker.directory.workspace,
                address=to.slack_id, kind="lock.allowed", subject=made.subject, priority=Priority.ANSWER,
            )
        ])  # fmt: skip
    return made


def standing(tx: Tx, plan_id: int, people: Collection[str]) -> Sequence[Allowance]:
    """What these people may do now, beyond what is their teams'."""
    wanted = select(Allowance).where(
        Allowance.plan_id == plan_id, col(Allowance.until) > tx.now, col(Allowance.person).in_(people)
    )
    return tx.session.exec(wanted.order_by(col(Allowance.id))).all()


def covers(
    allowances: Iterable[Allowance], repository: str, path: str, stacks: Collection[tuple[str, ...]] | None
) -> bool:
    """Whether a change is allowed by any of them."""
    every = (targets.read(text, targets.Known((repository,))) for one in allowances for text in one.targets)
    return any(reaches(target, repository, path, stacks) and _whole(target, stacks) for target in every)


def reaches(target: Target, repository: str, path: str, stacks: Collection[tuple[str, ...]] | None) -> bool:
    """Whether a change to a file touches a target; where its sections are not known, it touches all of them."""
    if target.kind == "thing" or target.repository not in ("", repository) or not target.pattern.matches(path):
        return False
    if not target.section or stacks is None:
        return True
    wanted = target.section.casefold()
    return any(wanted == name.casefold() for stack in stacks for name in stack)


def _whole(target: Target, stacks: Collection[tuple[str, ...]] | None) -> bool:
    """Whether all sections that a change touches are within the target."""
    if not target.section:
        return True
    wanted = target.section.casefold()
    return stacks is not None and all(any(wanted == name.casefold() for name in stack) for stack in stacks)


def _refuse_foreign(tx: Tx, asker: Asker, wanted: Iterable[Target]) -> None:
    directory, runs = asker.directory, asker.directory.has_role(asker.person, "coordinator")
    for target in wanted:
        for owned in owning.owned_by(tx, directory.plan_id, target):
            led = any(directory.is_lead(asker.person, team) for team in owned.teams)
            if owned.teams and not led and not runs:
                whose = owning.whose(directory, owned)
                raise Refused(f"`{b.escape(str(target))}` is {whose}: only who leads them may allow that.")
            if not owned.teams:
                raise Refused(f"`{b.escape(owned.path)}` is nobody's: anybody may change it, and leave takes nobody.")
