"""Long lists in pages: a cursor says after which row the next one begins, whatever has changed meanwhile."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from callboard.web.problems import Problem

T = TypeVar("T")

LONGEST_CURSOR, ROWS = 80, 10**18
Place = tuple[int, ...]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[
    str, Query(max_length=LONGEST_CURSOR, description="`next` of the page before; the first page without.")
]


class Page(BaseModel, Generic[T]):
    """Some of a list, and the cursor of the next page; null at the end."""

    items: list[T]
    next: str | None = Field(examples=["MTI"])


def cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(".".join(map(str, place)).encode()).decode().rstrip("=")


def after(written: str, length: int = 1) -> Place:
    """Read where the page before ended; before everything where nothing is written. Raises Problem for no cursor."""
    if not written:
        return (-1,) * length
    try:
        text = base64.b64decode(f"{written}{'=' * (-len(written) % 4)}", altchars=b"-_", validate=True).decode("ascii")
        place = tuple(map(int, text.split(".")))
    except (binascii.Error, ValueError):
        place = ()
    if len(place) != length or cursor(place) != written or not all(0 <= part < ROWS for part in place):
        sentence = "Unknown cursor. Send `next` of the page before; leave it out for the first page."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", sentence)
    return place


def cut(rows: Iterable[T], place: Callable[[T], Place], written: str, limit: int, length: int = 1) -> Page[T]:
    """The page of a whole list that follows a cursor; `place` is by what the list is ordered."""
    begun = after(written, length)
    left = sorted((row for row in rows if place(row) > begun), key=place)
    return of(left[: limit + 1], place, limit)


def of(rows: list[T], place: Callable[[T], Place], limit: int) -> Page[T]:
    """The page of rows of which one more was asked for than it holds."""
    items = rows[:limit]
    return Page(items=items, next=cursor(place(items[-1])) if len(rows) > limit else None)
