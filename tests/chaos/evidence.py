"""What the checks read: the history, the rows and timeline of the database, and what the stand-in has on record."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import select

from callboard.blockers.models import Blocker
from callboard.core.db import Tx
from callboard.core.deliveries import DELIVERIES
from callboard.core.timeline import STANDS, Entry
from callboard.escalation.models import Climb
from callboard.gates.models import Gate, Signature
from callboard.locks.models import Lock
from callboard.planning import audit
from callboard.standups.models import CheckIn
from callboard.tasks.models import Task
from tests.chaos import history
from tests.chaos.clocks import Tales
from tests.chaos.history import Op

HEARD_WITHIN = timedelta(seconds=15)
Row = Mapping[str, Any]
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    """A message as Slack has it, or one that was asked for: `ok` says whether Slack took it."""

    key: str
    channel: str
    ts: str
    text: str = ""
    at: datetime | None = None
    edits: bool = False
    ok: bool = True


@dataclass
class Evidence:
    """Rows as plain mappings, so that a test can write some down. Lists are in the order in which things came."""

    ops: list[Op] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    climbs: list[Row] = field(default_factory=list)
    blockers: list[Row] = field(default_factory=list)
    locks: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    gates: list[Row] = field(default_factory=list)
    signatures: list[Row] = field(default_factory=list)
    check_ins: list[Row] = field(default_factory=list)
    messages: list[Shown] = field(default_factory=list)
    asked: list[Shown] = field(default_factory=list)
    sealed: int = 0
    broken: list[str] = field(default_factory=list)
    ended_at: datetime = NEVER
    faults: int = 0
    moment: Callable[[datetime], datetime] = lambda at: at
    """When it was that the bot's clock, which somebody may have set, said this."""
    sets: Sequence[datetime] = ()
    """When somebody set a clock that the bot goes by."""
    began_at: datetime = NEVER
    """When the history begins."""

    def was_set(self, since: datetime, until: datetime) -> bool:
        """Whether somebody set a clock within, or so shortly before that not all replicas had heard of it."""
        return any(since - HEARD_WITHIN <= at <= until for at in self.sets)

    @cached_property
    def about(self) -> Mapping[tuple[str, int], list[Row]]:
        """The entries about each subject, by its kind and number, in order."""
        found = defaultdict(list)
        for entry in self.entries:
            found[entry["subject_kind"], entry["subject_id"]].append(entry)
        return found

    @cached_property
    def numbers(self) -> Mapping[tuple[str, str], int]:
        """The numbers of tasks and gates by their keys."""
        rows = (("task", self.tasks), ("gate", self.gates))
        return {(kind, row["key"]): row["id"] for kind, some in rows for row in some}


def gathered(tx: Tx, folder: Path, sets: Sequence[datetime], began_at: datetime) -> Evidence:
    """Read everything at the end of a part, which `began_at`, and in which clocks were set at some instants."""
    slack = json.loads((folder / "slack.json").read_text())
    findings = audit.verify(tx)
    return Evidence(
        ops=[op.after(slack["times"]) for op in history.read(folder / "history.jsonl")],
        entries=[row for row in _rows(tx, Entry) if row["verb"] != STANDS],
        deliveries=[dict(row._mapping) for row in tx.connection.execute(select(DELIVERIES).order_by(DELIVERIES.c.id))],
        climbs=_rows(tx, Climb), blockers=_rows(tx, Blocker), locks=_rows(tx, Lock), tasks=_rows(tx, Task),
        gates=_rows(tx, Gate), signatures=_rows(tx, Signature), check_ins=_rows(tx, CheckIn),
        messages=[Shown(one["key"], one["channel"], one["ts"], one["text"]) for one in slack["messages"]],
        asked=list(_asked(slack["asked"])), sealed=sum(finding.sealed for finding in findings),
        broken=[wrong for finding in findings for wrong in finding.wrong], ended_at=tx.now, faults=slack["faults"],
        moment=Tales(folder).moment, sets=sets, began_at=began_at,
    )  # fmt: skip


def _rows(tx: Tx, model: Any) -> list[Row]:
    table = model.__table__
    return [dict(row._mapping) for row in tx.connection.execute(select(table).order_by(table.c.id))]


def _asked(entries: Iterable[dict[str, Any]]) -> Iterable[Shown]:
    for one in entries:
        yield Shown(
            one["key"], one["channel"] or "", one["ts"] or "", one["text"], datetime.fromisoformat(one["at"]),
            edits=one["method"] == "chat.update", ok=one["ok"],
        )  # fmt: skip
