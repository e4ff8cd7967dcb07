"""Blockers over HTTP, by the same verbs as in Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from callboard.blockers import plan, rights, service, store
from callboard.blockers.models import Blocker, ClassState, State
from callboard.blockers.service import Raised
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import unknown
from callboard.teams.directory import Asker
from callboard.teams.service import Directory
from callboard.teams.web import plain
from callboard.web import pages
from callboard.web.api import READS, WRITES, Api, ToRead, ToWrite, router
from callboard.web.fields import Body, Line, Number, Said, Text, Word
from callboard.web.pages import Cursor, Limit, Page
from callboard.web.problems import found

READ, RAISE, ACKNOWLEDGE, GRADE, RESOLVE = SCOPES = (
    "blockers:read", "blockers:raise", "blockers:acknowledge", "blockers:grade", "blockers:resolve",
)  # fmt: skip
STATES = {"open": (State.OPEN, State.ACKNOWLEDGED), "closed": (State.RESOLVED, State.WITHDRAWN), "all": tuple(State)}


class BlockerOut(BaseModel):
    """A blocker as it is now. People and teams go by their ids in the plan."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    what: str
    state: State
    severity: str
    category: str | None
    team: str | None
    reporter: str
    owner: str | None
    waits_for: str | None
    blocks: str | None
    opened_at: datetime
    owner_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None
    class_name: str | None
    class_state: ClassState | None


class RaisedIn(Body):
    """What is in the way. Severity, category, team and person are as the plan names them."""

    what: Said
    severity: Word | None = None
    category: Word | None = None
    team: Word | None = None
    waits_for: Word | None = None
    blocks: Line | None = None


class SeverityIn(Body):
    """How bad it is, as the plan names that, and why."""

    severity: Word
    reason: Text = ""


class OutcomeIn(Body):
    """What helped."""

    outcome: Text = ""


def view(directory: Directory, blocker: Blocker) -> BlockerOut:
    """A blocker as programs read it, without Slack's markup."""
    texts = {"what": blocker.what, "blocks": blocker.blocks, "outcome": blocker.outcome}
    plain_texts = {field: plain(directory, text) if text else text for field, text in texts.items()}
    return BlockerOut.model_validate(blocker).model_copy(update=plain_texts)


def routes(api: Api[Asker]) -> APIRouter:
    """List, look, raise, acknowledge, grade, resolve."""
    routes = router("blockers")
    _reading(routes, api)

    async def change(asked: ToWrite, scope: str, number: int, verb: Callable[[Tx, Asker], Blocker]) -> Response:
        def run(tx: Tx, asker: Asker) -> BlockerOut:
            found(lambda: rights.known(tx, asker, number, lock=False))
            return view(asker.directory, verb(tx, asker))

        return await api.write(asked, scope, run)

    @routes.post("/blockers", status_code=201, response_model=BlockerOut, responses=WRITES)
    async def raise_blocker(asked: ToWrite, body: RaisedIn) -> Response:
        """Raise a blocker: whoever can help is paged until somebody has it."""
        return await api.write(
            asked, RAISE,
            lambda tx, asker: view(asker.directory, service.raise_blocker(tx, asker, _raised(tx, asker, body))),
            status=201,
        )  # fmt: skip

    @routes.post("/blockers/{number}/acknowledge", response_model=BlockerOut, responses=WRITES)
    async def acknowledge_blocker(asked: ToWrite, number: Number) -> Response:
        """Take a blocker: nobody else is paged."""
        return await change(asked, ACKNOWLEDGE, number, lambda tx, asker: service.acknowledge(tx, asker, number))

    @routes.post("/blockers/{number}/severity", response_model=BlockerOut, responses=WRITES)
    async def grade_blocker(asked: ToWrite, number: Number, body: SeverityIn) -> Response:
        """Make a blocker graver or milder: it escalates as the new severity does."""
        reason = m.escape(body.reason)
        return await change(
            asked, GRADE, number, lambda tx, asker: service.grade(tx, asker, number, body.severity, reason)
        )

    @routes.post("/blockers/{number}/resolve", response_model=BlockerOut, responses=WRITES)
    async def resolve_blocker(asked: ToWrite, number: Number, body: OutcomeIn | None = None) -> Response:
        """Close a blocker as solved."""
        outcome = m.escape(body.outcome if body else "")
        return await change(asked, RESOLVE, number, lambda tx, asker: service.resolve(tx, asker, number, outcome))

    return routes


def _reading(routes: APIRouter, api: Api[Asker]) -> None:
    @routes.get("/blockers", response_model=Page[BlockerOut], responses=READS)
    async def list_blockers(
        asked: ToRead, limit: Limit = 50, cursor: Cursor = "",
        state: Annotated[Literal["open", "closed", "all"], Query()] = "open",
    ) -> Response:  # fmt: skip
        """List blockers, oldest first."""

        def query(tx: Tx, asker: Asker) -> BaseModel:
            begun = pages.after(cursor)[0]
            rows = store.page(tx, asker.directory.plan_id, STATES[state], begun, limit + 1)
            page = pages.of(list(rows), lambda blocker: (blocker.number,), limit)
            return Page[BlockerOut](items=[view(asker.directory, blocker) for blocker in page.items], next=page.next)

        return await api.read(asked, READ, query)

    @routes.get("/blockers/{number}", response_model=BlockerOut, responses=READS)
    async def get_blocker(asked: ToRead, number: Number) -> Response:
        """Look at a blocker."""
        return await api.read(
            asked, READ, lambda tx, asker: view(asker.directory, rights.known(tx, asker, number, lock=False))
        )


def _raised(tx: Tx, asker: Asker, body: RaisedIn) -> Raised:
    """Refused for what the plan does not have."""
    rules = plan.settings(tx, asker.directory.plan_id)
    for what, name, known in (
        ("severity", body.severity, list(rules.severities)),
        ("category", body.category, rules.categories),
        ("team", body.team, list(asker.directory.teams)),
        ("person", body.waits_for, list(asker.directory.people)),
    ):
        if name is not None and name not in known:
            raise unknown(f"There is no {what} {m.code(name)}", name, known)
    return Raised(**body.model_dump() | {"what": m.escape(body.what), "blocks": m.escape(body.blocks or "")})
