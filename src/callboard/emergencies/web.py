"""Emergencies over HTTP, by the same verbs as in Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import unknown
from callboard.emergencies import report, rights, service, store
from callboard.emergencies.models import Emergency, State
from callboard.teams.directory import Asker
from callboard.teams.service import Directory
from callboard.teams.web import plain
from callboard.web import pages
from callboard.web.api import READS, WRITES, Api, ToRead, ToWrite, router
from callboard.web.fields import Body, Number, Said, Text, Word
from callboard.web.pages import Cursor, Limit, Page
from callboard.web.problems import found

READ, DECLARE, UPDATE, END = SCOPES = (
    "emergencies:read", "emergencies:declare", "emergencies:update", "emergencies:end",
)  # fmt: skip


class EmergencyOut(BaseModel):
    """An emergency as it is now. People and teams go by their ids in the plan."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    level: str
    name: str
    what: str
    cause: str
    state: State
    team: str | None
    by: str | None
    roles: dict[str, str]
    declared_at: datetime
    commanded_at: datetime | None
    resolve_at: datetime | None
    overdue: bool
    update_at: datetime | None
    updated_at: datetime | None
    last_update: str
    ended_at: datetime | None
    ended_by: str | None
    summary: str


class ReportOut(BaseModel):
    """The report of an emergency."""

    markdown: str


class EmergencyIn(Body):
    """What happened, and its level of the plan. The same `key` while one is open changes nothing."""

    level: Word
    what: Said
    team: Word | None = None
    key: Word | None = None


class UpdateIn(Body):
    """How it stands."""

    text: Said


class SummaryIn(Body):
    """What happened, and what helped."""

    summary: Text


def view(directory: Directory, emergency: Emergency) -> EmergencyOut:
    """An emergency as programs read it, without Slack's markup."""
    texts = {field: plain(directory, getattr(emergency, field)) for field in ("what", "last_update", "summary")}
    return EmergencyOut.model_validate(emergency).model_copy(update=texts)


def routes(api: Api[Asker]) -> APIRouter:
    """List, look, declare, update, end, report."""
    routes = router("emergencies")
    _reading(routes, api)

    async def change(asked: ToWrite, scope: str, number: int, verb: Callable[[Tx, Asker], Emergency]) -> Response:
        def run(tx: Tx, asker: Asker) -> EmergencyOut:
            found(lambda: rights.known(tx, asker, number, lock=False))
            return view(asker.directory, verb(tx, asker))

        return await api.write(asked, scope, run)

    @routes.post("/emergencies", status_code=201, response_model=EmergencyOut, responses=WRITES)
    async def declare_emergency(asked: ToWrite, body: EmergencyIn) -> Response:
        """Declare an emergency: everybody whom its level names is told at once."""

        def run(tx: Tx, asker: Asker) -> EmergencyOut:
            directory = asker.directory
            if body.team is not None and body.team not in directory.teams:
                raise unknown(f"There is no team {m.code(body.team)}", body.team, directory.teams)
            own = [team.key for team in directory.teams_of(asker.person)]
            emergency = service.declare(
                tx, directory.plan_id, body.level, m.escape(body.what), by=asker, cause="",
                key=f"api:{body.key}" if body.key else "", team=body.team or next(iter(own), None),
            )  # fmt: skip
            return view(directory, emergency)

        return await api.write(asked, DECLARE, run, status=201)

    @routes.post("/emergencies/{number}/updates", response_model=EmergencyOut, responses=WRITES)
    async def update_emergency(asked: ToWrite, number: Number, body: UpdateIn) -> Response:
        """Say how it stands, for its commander."""
        return await change(asked, UPDATE, number, lambda tx, who: service.update(tx, who, number, m.escape(body.text)))

    @routes.post("/emergencies/{number}/end", response_model=EmergencyOut, responses=WRITES)
    async def end_emergency(asked: ToWrite, number: Number, body: SummaryIn) -> Response:
        """End it: whoever was told reads the summary."""
        return await change(asked, END, number, lambda tx, who: service.end(tx, who, number, m.escape(body.summary)))

    return routes


def _reading(routes: APIRouter, api: Api[Asker]) -> None:
    @routes.get("/emergencies", response_model=Page[EmergencyOut], responses=READS)
    async def list_emergencies(
        asked: ToRead, limit: Limit = 50, cursor: Cursor = "",
        state: Annotated[Literal["open", "over"], Query()] = "open",
    ) -> Response:  # fmt: skip
        """List emergencies, oldest first."""

        def query(tx: Tx, asker: Asker) -> BaseModel:
            begun = pages.after(cursor)[0]
            rows = store.page(tx, asker.directory.plan_id, begun, limit + 1, is_open=state == "open")
            page = pages.of(list(rows), lambda emergency: (emergency.number,), limit)
            return Page[EmergencyOut](items=[view(asker.directory, each) for each in page.items], next=page.next)

        return await api.read(asked, READ, query)

    @routes.get("/emergencies/{number}", response_model=EmergencyOut, responses=READS)
    async def get_emergency(asked: ToRead, number: Number) -> Response:
        """Look at an emergency."""
        return await api.read(
            asked, READ, lambda tx, asker: view(asker.directory, rights.known(tx, asker, number, lock=False))
        )

    @routes.get("/emergencies/{number}/report", response_model=ReportOut, responses=READS)
    async def report_emergency(asked: ToRead, number: Number) -> Response:
        """Its report as Markdown: timeline, times against targets, actions, decisions, lessons."""
        return await api.read(
            asked, READ,
            lambda tx, asker: ReportOut(markdown=report.markdown(tx, rights.known(tx, asker, number, lock=False))),
        )  # fmt: skip
