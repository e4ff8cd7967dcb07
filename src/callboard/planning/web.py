"""A plan over HTTP: its version, its phases and what is on hold; and calendar feeds."""

from __future__ import annotations

import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from callboard.core.db import Database, Tx
from callboard.planfile.timetable import Timetable, instant_of, timetable
from callboard.planning import feeds
from callboard.plans import holds, service
from callboard.plans.plan import PhasePart
from callboard.teams.directory import Asker
from callboard.web.api import READS, Api, ToRead, router
from callboard.web.limits import Callers
from callboard.web.problems import Missing

(READ,) = SCOPES = ("plan:read",)
KIND = "text/calendar; charset=utf-8"
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {}}},
    304: {"description": "It is as `If-None-Match` has it."},
    404: READS[404] | {"description": "This calendar does not exist, or has ended."},
    429: READS[429] | {"description": "Too many wrong addresses came from here."},
}
KEEP = {"Cache-Control": "private, max-age=300"}


class PhaseOut(BaseModel):
    """A phase of the plan, and whether it is now."""

    key: str
    name: str
    from_at: datetime | None
    to_at: datetime | None
    is_now: bool


class HoldOut(BaseModel):
    """`target` may not go on, and `by` holds it: ids of the plan."""

    kind: str
    target: str
    by: str
    reason: str
    placed_at: datetime
    due_at: datetime | None


class PlanOut(BaseModel):
    """A plan as it stands; `revision` is another one whenever anything in it was changed."""

    key: str
    name: str
    state: str
    version: int
    revision: str
    phases: list[PhaseOut]
    holds: list[HoldOut]


def view(tx: Tx, plan_id: int) -> PlanOut:
    """A plan as programs read it."""
    plan, document = service.plan(tx, plan_id), service.live(tx, plan_id)
    table = timetable(document)
    phases = document.values.get("phases") or {}
    return PlanOut(
        key=plan.key, name=plan.name, state=plan.state, version=plan.version, revision=plan.revision,
        phases=[_phase(tx, table, key, part) for key, part in phases.items() if table],
        holds=[HoldOut.model_validate(hold, from_attributes=True) for hold in holds.standing(tx, plan_id)],
    )  # fmt: skip


def routes(api: Api[Asker]) -> APIRouter:
    """Look at the plan."""
    made = router("plan")

    @made.get("", response_model=PlanOut, responses=READS)
    async def get_plan(asked: ToRead) -> Response:
        """Look at the plan: its version, its phases and what is on hold."""
        return await api.read(asked, READ, lambda tx, who: view(tx, who.directory.plan_id))

    return made


def _phase(tx: Tx, table: Timetable, key: str, part: PhasePart) -> PhaseOut:
    from_at, to_at = instant_of(table, part.from_, opening=True), instant_of(table, part.to)
    is_now = bool(from_at and to_at and from_at <= tx.now < to_at)
    return PhaseOut(key=key, name=part.name, from_at=from_at, to_at=to_at, is_now=is_now)


def calendars(db: Database, callers: Callers) -> APIRouter:
    """The route that calendar programs read."""
    routes = APIRouter(tags=["calendars"])

    @routes.get("/calendar/{secret}.ics", response_class=Response, responses=ANSWERS, operation_id="get_calendar")
    async def calendar(secret: str, request: Request) -> Response:
        """Read the calendar of a person or a team; the secret in the address says whose."""
        if barred := callers.barred(request):
            raise barred
        feed = await db.read(feeds.read_feed, secret)
        if feed is None:
            callers.was_wrong(request)
            raise Missing("This calendar does not exist any more. Get a new address: /plan calendar new")
        if feed.changed:
            await db.write(feeds.note_changes, feed.changed)
        headers = KEEP | {"ETag": f'"{hashlib.sha256(feed.calendar).hexdigest()[:32]}"'}
        if _has(request, headers["ETag"]):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(feed.calendar, media_type=KIND, headers=headers)

    return routes


def _has(request: Request, tag: str) -> bool:
    """Whether who asks has this version already; a proxy that packs it calls it weak."""
    given = ",".join(request.headers.getlist("if-none-match")).split(",")
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in given)
