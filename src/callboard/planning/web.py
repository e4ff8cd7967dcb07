"""Calendar feeds over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from callboard.core.db import Database
from callboard.planning import feeds

KIND = "text/calendar; charset=utf-8"
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {}}},
    404: {"description": "This calendar does not exist, or has ended.", "content": {"application/json": {}}},
}
KEEP = {"Cache-Control": "private, max-age=300"}


def router(db: Database) -> APIRouter:
    """The route that calendar programs read."""
    routes = APIRouter()

    @routes.get("/calendar/{secret}.ics", response_class=Response, responses=ANSWERS)
    async def calendar(secret: str) -> Response:
        """Read the calendar of a person or a team; the secret in the address says whose."""
        feed = await db.read(feeds.read_feed, secret)
        if feed is None:
            raise HTTPException(404, "This calendar does not exist any more. Get a new address: /plan calendar new")
        return Response(feed, media_type=KIND, headers=KEEP)

    return routes
