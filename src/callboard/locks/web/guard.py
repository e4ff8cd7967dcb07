"""What `callboard guard` asks over the automation API: may this push, and what went by while nobody could be asked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from callboard import blocks as b
from callboard.branches.plan import REPOSITORIES
from callboard.core import outbox, timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.core.outbox import Post, Priority
from callboard.core.timeline import Subject
from callboard.locks import push_rules
from callboard.locks.push_rules import Finding, Push, Touched
from callboard.plans import service as plans
from callboard.teams.service import Asker
from callboard.web.api import WRITES, Api, ToWrite, router
from callboard.web.fields import Body, Line, Word

if TYPE_CHECKING:
    from callboard.core.db import Tx

(CHECK,) = SCOPES = ("locks:check",)

MOST, LONGEST_PATH = 1000, 5000
Name = Annotated[str, Field(max_length=500)]


class TouchedIn(Body):
    """A file that is different, and the names of each section that is; without `sections` all of it is meant."""

    path: Annotated[str, Field(min_length=1, max_length=LONGEST_PATH)] = Field(examples=["src/api/x.py"])
    kind: Literal["added", "changed", "deleted"] = "changed"
    sections: list[list[Name]] | None = None
    fresh: bool = Field(default=True, description="False where these commits were on the server before.")


class CheckIn(Body):
    """A push, or a part of one; `pushed_by` holds what git and its server call whoever pushes, the surest first."""

    repository: Word = Field(examples=["harbor"])
    branch: Line = Field(examples=["main"])
    pushed_by: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    touched: Annotated[list[TouchedIn], Field(max_length=MOST)] = Field(default_factory=list)


class RefusalOut(BaseModel):
    """A file that may not be changed: `why` is `locked` or `zone`."""

    path: str
    kind: str
    why: str
    detail: str
    lock: int | None


class CheckOut(BaseModel):
    """What was looked at, and what is refused."""

    allowed: bool
    pushed_by: str
    team: str
    files: int
    locks: int
    zones: int
    refused: list[RefusalOut]


class MissedIn(Body):
    """A push that was let through while Callboard could not be asked."""

    repository: Word
    branch: Line
    pushed_by: Line
    old: Annotated[str, Field(pattern=r"^[0-9a-f]{4,64}$")]
    new: Annotated[str, Field(pattern=r"^[0-9a-f]{4,64}$")]
    at: Annotated[datetime, Field(strict=False)]
    why: Line


class MissedOut(BaseModel):
    """How many were announced."""

    announced: int


class AllMissedIn(Body):
    """What went by."""

    pushes: Annotated[list[MissedIn], Field(min_length=1, max_length=200)]


def routes(api: Api[Asker]) -> APIRouter:
    """Check a push; tell of those that nobody checked."""
    made = router("locks")

    @made.post("/locks/checks", response_model=CheckOut, responses=WRITES)
    async def check_push(asked: ToWrite, body: CheckIn) -> Response:
        """Say whether these files may be changed, and why not. What is refused stays on the timeline."""
        return await api.write(asked, CHECK, lambda tx, who: _checked(tx, who, body))

    @made.post("/locks/unchecked", response_model=MissedOut, responses=WRITES)
    async def tell_unchecked(asked: ToWrite, body: AllMissedIn) -> Response:
        """Tell of pushes that were let through while Callboard could not be asked: the plan's channel reads it."""
        return await api.write(asked, CHECK, lambda tx, who: _told(tx, who, body))

    return made


def _checked(tx: Tx, who: Asker, body: CheckIn) -> CheckOut:
    plan_id = who.directory.plan_id
    repository = _known(tx, plan_id, body.repository)
    touched = [
        Touched(one.path, one.kind, None if one.sections is None else {tuple(each) for each in one.sections}, one.fresh)
        for one in body.touched
    ]
    push = Push(repository, body.branch, body.pushed_by, touched)
    found = push_rules.judge(tx, plan_id, push)
    push_rules.keep(tx, plan_id, push, found)
    return _shown(tx, plan_id, len(touched), found)


def _shown(tx: Tx, plan_id: int, files: int, found: Finding) -> CheckOut:
    refused = [
        RefusalOut(path=one.path, kind=one.kind, why=one.why, detail=one.said, lock=one.lock or None)
        for one in found.refused
    ]
    return CheckOut(
        allowed=not refused, pushed_by=push_rules.who(tx, plan_id, found.person), team=found.team, files=files,
        locks=found.locks, zones=found.zones, refused=refused,
    )  # fmt: skip


def _told(tx: Tx, who: Asker, body: AllMissedIn) -> MissedOut:
    directory = who.directory
    for one in body.pushes:
        _known(tx, directory.plan_id, one.repository)
    kept = [one.model_dump(mode="json") for one in body.pushes]
    entry = timeline.row(
        tx, directory.plan_id, Subject("guard", directory.plan_id), "let through unchecked", actor=who.person.key,
        pushes=kept,
    )  # fmt: skip
    timeline.append(tx, [entry])
    first, last = body.pushes[0], body.pushes[-1]
    outbox.enqueue(tx, [
        Post(
            key=f"guard:unchecked:{directory.plan_id}:{first.repository}:{first.new}:{first.at.isoformat()}:{last.new}",
            plan_id=directory.plan_id, workspace=directory.workspace, address=directory.home_channel(),
            kind="lock.unchecked", subject=Subject("guard", directory.plan_id), priority=Priority.UPDATE,
            args={"pushes": [_escaped(one) for one in kept]},
        )
    ])  # fmt: skip
    return MissedOut(announced=len(kept))


def _escaped(push: dict[str, str]) -> dict[str, str]:
    return {name: b.escape(value) for name, value in push.items()}


def _known(tx: Tx, plan_id: int, repository: str) -> str:
    """A repository of the plan. Refused for another: whoever guards one under a wrong name would guard nothing."""
    parts = plans.live(tx, plan_id).of(REPOSITORIES) or {}
    if parts and repository not in parts:
        raise Refused(f"The plan has no repository `{repository}`; {did_you_mean(repository, parts)}")
    return repository
