"""Numbers, each with the rows it was counted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that was counted: what it is, as people call it, and how it stood.

    `key` is what a command takes: `A-1`, `12`, `gate-1`. `at` is what matters next, or since when: a deadline, an
    opening, an expiry.
    """

    kind: str
    key: str
    name: str
    state: str = ""
    team: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Count:
    """A number, and the rows it was counted from."""

    rows: tuple[Row, ...] = ()

    @property
    def number(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)


NONE = Count()


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Some tasks. `total` leaves out dropped ones; `percent` is of all, each task counting as much as any other."""

    total: Count = NONE
    completed: Count = NONE
    in_progress: Count = NONE
    blocked: Count = NONE
    not_started: Count = NONE
    late: Count = NONE
    percent: int = 0
