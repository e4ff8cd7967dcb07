"""The board over HTTP: what a plan looks like now, or looked like at any instant, as JSON."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator
from starlette.responses import Response

from callboard.board.picture import picture
from callboard.board.picture.body import body
from callboard.core.db import Tx
from callboard.teams.directory import Asker
from callboard.web.api import READS, Api, ToRead, router
from callboard.web.fields import Moment

(READ,) = SCOPES = ("board:read",)
Things = list[dict[str, Any]]
OFFSET = re.compile(r"(?<=[0-9]) (?=[0-9]{2}:?[0-9]{2}$)")


def _plus(written: Any) -> Any:
    """An address has a space for `+`, where a client does not write `%2B`."""
    return OFFSET.sub("+", written) if isinstance(written, str) and written.count(":") > 1 else written


Then = Annotated[
    Moment | None, BeforeValidator(_plus),
    Query(description="The instant to look at, in UTC unless it has an offset; else now."),
]  # fmt: skip


class BoardOut(BaseModel):
    """What a plan looked like `at` an instant; `now` is the time of the server.

    A count is a `number`, and the `rows` that it was counted from: names that `rows` explains. `revision` is the last
    entry of the timeline that shows, and nothing changes by itself before `until`.
    """

    plan: str
    name: str
    zone: str
    version: int
    revision: int
    now: datetime
    at: datetime
    until: datetime | None
    begins: datetime
    ends: datetime
    tasks: dict[str, Any]
    phases: Things
    gates: Things
    lights: Things
    pairs: Things
    blockers: Things
    opened: dict[str, Any]
    locks: Things
    conflicts: Things
    runs: Things
    emergencies: Things
    latest: Things
    rows: dict[str, dict[str, Any]]


def routes(api: Api[Asker]) -> APIRouter:
    """Look at the board."""
    made = router("board")

    @made.get("/board", response_model=BoardOut, responses=READS)
    async def get_board(asked: ToRead, at: Then = None) -> Response:
        """Look at the board: phases, gates, lights of teams, what is open, run-books, and the latest."""

        def query(tx: Tx, who: Asker) -> BaseModel:
            drawn = picture(tx, who.directory.plan_id, at)
            return BoardOut.model_validate({**body(drawn), "now": tx.now})

        return await api.read(asked, READ, query)

    return made
