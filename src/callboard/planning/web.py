"""Calendar feeds over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from callboard.core.db import Database
from callboard.planning import calendar as feeds

KIND = "text/calendar; charset=utf-8"
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {}}},
    404: {"description": "There is no such calendar, or not any more.", "content": {"application/json": {}}},
}
KEEP = {"Cache-Control": "private, max-age=300"}


def router(db: Database) -> APIRouter:
    """The route that calendar programs read."""
    routes = APIRouter()

    @routes.get("/calendar/{secret}.ics", response_class=Response, responses=ANSWERS)
    async def calendar(secret: str) -> Response:
        """Read the calendar of a person or a team; the secret in the address says whose."""
        found = await db.read(feeds.read_feed, secret)
        if found is None:
            raise HTTPException(404, "There is no such calendar, or not any more: ask Callboard for a new address.")
        return Response(found, media_type=KIND, headers=KEEP)

    return routes
