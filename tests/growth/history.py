"""Years of history, put into a database in a moment: rows that are over and done with, by the thousand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import FunctionType
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    Float,
    Integer,
    String,
    Table,
    cast,
    create_engine,
    func,
    insert,
    literal,
    literal_column,
    select,
)  # fmt: skip
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from callboard.board.picture.state import State, packed
from callboard.core.db import Database, Instant, Tx
from tests.world import MORNING

FIRST = 1_000_000
"""The number of the first row that is history: none of what people made by themselves comes near."""
PAST = datetime.fromisoformat("2024-11-13T09:00:00+00:00")
Made = Callable[[Any, bool], Any]
"""A column of the n-th row, on PostgreSQL or not."""


def word(n: Any, _postgres: bool) -> Any:
    return literal("x-") + cast(n, String)


def number(n: Any, _postgres: bool) -> Any:
    return n + FIRST


def day(n: Any, postgres: bool) -> Any:
    return (
        literal(PAST.date(), Date) - n
        if postgres
        else func.date(PAST.date().isoformat(), literal("-") + cast(n, String) + " days")
    )


def hour(n: Any, postgres: bool) -> Any:
    if postgres:
        return literal(PAST) - n * literal_column("interval '1 hour'")
    span = literal("-") + cast(n, String) + " hours"
    return func.strftime("%Y-%m-%d %H:%M:%S", f"{PAST:%Y-%m-%d %H:%M:%S}", span) + ".000000"


def policy(_n: Any, _postgres: bool) -> Any:
    return select(SQLModel.metadata.tables["plan_policies"].c.digest).limit(1).scalar_subquery()


CLOSED = {"closed_at": PAST, "closed_by": "olga"}
OVER: Mapping[str, Mapping[str, Any]] = {
    "absences": {"person": "pb", "first_day": PAST.date(), "last_day": PAST.date(), "called_off_at": PAST},
    "alert_groups": {"rule": "HighErrorRate", "key": word, "title": "HighErrorRate", "source": "Alert webhook",
                     "blocker": number, **CLOSED},
    "alerts": {"fingerprint": word, "group_id": number, "title": "HighErrorRate", "state": "resolved",
               "labels": {"alertname": "HighErrorRate"}, "ended_at": PAST},
    "api_replies": {"token_id": 1, "key": word, "at": MORNING},
    "blockers": {"team": "omega", "reporter": "pa", "what": "it was down", "severity": "normal", "state": "resolved",
                 "outcome": "resolved", "owner": "olga", **CLOSED},
    "branches": {"mirror_id": 1, "repository": "shop", "name": word, "gone_at": PAST},
    "calendar_feeds": {"person": "pa", "digest": word, "ended_at": PAST},
    "check_ins": {"standup": "daily", "person": "pa", "day": day, "round_id": number, "state": "submitted",
                  "at": PAST, "asked_at": PAST, "closes_at": PAST, "answered_at": PAST, "prompted_at": PAST},
    "ci_reports": {"repository": "shop", "commit": word, "name": "unit", "state": "passed", "at": PAST},
    "climbs": {"subject_kind": "blocker", "subject_id": number, "state": "ended", "policy": policy},
    "conflicts": {"repository": "shop", "one": "a", "other": "b", "state": "over", "ended_at": PAST,
                  "kind": "merge", "degree": "simple"},
    "deliveries": {"key": word, "medium": "slack", "subject_kind": "blocker", "subject_id": number, "state": "sent",
                   "address": "UPA", "lane": "T1/slack/UPA", "kind": "blocker.page", "recipient": "pa",
                   "posted_in": "D1", "posted_as": word, "posted_at": PAST, "workspace": "T1", "editable": True},
    "emergencies": {"level": "2", "name": "High", "what": "it was slow", "state": "ended", "declared_at": PAST,
                    "ended_at": PAST, "ended_by": "olga", "channel": "C1"},
    "firings": {"trigger": "known", "event": "late tasks", "cause": word, "blocker": number, "over_at": PAST},
    "forecasts": {"kind": "gate", "key": word, "at": hour, "due_at": PAST, "chance": 0.8, "over_at": PAST,
                  "judged_at": PAST},
    "gate_signatures": {"gate_id": 1, "person": "olga", "seat": "olga", "verdict": "yes", "state": "void",
                        "ended_at": PAST},
    "gate_waivers": {"gate_id": 1, "by": "amp", "ended_at": PAST},
    "holds": {"kind": "task", "target": "O-1", "by": word, "lifted_at": PAST},
    "home_visits": {"slack_id": word, "plan_id": 1, "opens": 1, "fresh_until": PAST, "rests_until": PAST,
                    "look_at": PAST},
    "hooks_received": {"digest": word, "at": PAST + timedelta(days=360)},
    "inquiries": {"checkpoint_id": number, "seat": "lead", "state": "answered", "how": "x"},
    "jobs": {"type": "Release.Import.Run", "version": "1.0.0", "state": "completed", "made_by": "pa", "ended_at": PAST},
    "kudos": {"to": "pa", "by": "pb", "text": "for the sign-in", "at": PAST},
    "lessons": {"by": "pa", "text": "ask early", "about": "", "at": PAST},
    "lock_allowances": {"person": "pa", "by": "olga", "until": PAST},
    "lock_targets": {"lock_id": number, "live": False, "kind": "file", "text": "/src/a.py", "stem": "src/a.py"},
    "locks": {"state": "over", "holder": "pa", "ended_at": PAST, "team": "omega"},
    "measurements": {"measure": "tests_passed", "value": 3.0, "by": "sc"},
    "meetings": {"key": "sync", "name": "Sync", "at": hour, "state": "over"},
    "merges": {"mirror_id": 1, "about": number, "one": "a", "other": "b", "by": "olga", "ended_at": PAST},
    "preflights": {"by": "amp", "begun_at": PAST, "closes_at": PAST, "ended_at": PAST},
    "preflight_pages": {"preflight_id": number, "person": "pa", "answered_at": PAST, "by": "pa"},
    "pictures": {"at": hour, "state": packed(State(revision=2 * FIRST)), "body": b"x"},
    "polls": {"gate_id": number, "attempt": 1, "opened_at": PAST, "ended_at": PAST, "outcome": "go"},
    "pulls": {"repository": "shop", "forge": "github", "number": number, "open": False},
    "receipts": {"key": word, "at": MORNING},
    "reports": {"name": "daily", "day": day},
    "risk_questions": {"risk_id": number, "indicator": "x", "person": "pa", "question": "Too much?", "at": hour,
                       "said": "no", "answered_at": PAST},
    "retrospective_lines": {"retrospective_id": number, "question": 0, "by": "pa", "text": "ask early"},
    "retrospective_seats": {"retrospective_id": number, "person": "pa", "answered_at": PAST},
    "run_steps": {"run_id": number, "place": 1, "key": "day", "title": "Day", "state": "done", "ended_at": PAST},
    "runs": {"key": "day", "name": "Day", "state": "done", "begun_at": PAST, "ended_at": PAST},
    "sessions": {"nonce": word, "digest": word, "workspace": "T1", "account": "UPA", "made_at": MORNING, "at": MORNING},
    "standup_rounds": {"standup": "daily", "day": day, "name": "Daily", "digest_at": PAST, "posted_at": PAST},
    "status_requests": {"person": "pa", "at": hour, "state": "answered"},
    "timeline": {"subject_kind": "blocker", "subject_id": number, "verb": "raised", "actor": "pa", "seq": number,
                 "hash": "x"},
    "workspace_commits": {"workspace_id": number, "at": PAST, "zone": "UTC", "author": "pa", "mail": "pa@example.com"},
}  # fmt: skip
"""The tables that grow while people work, and what a row is like there once nobody needs it any more."""


def age(db: Database, count: int) -> None:
    """Put `count` rows of history into every table that grows."""
    entries = {name: OVER[name] for name in ("timeline", "alerts")}
    db.transact(_fill, {name: values for name, values in OVER.items() if name not in entries}, count)
    # PostgreSQL rightly reads all of a small table where it expects to change a hundred of its rows.
    db.transact(_fill, entries, count if db.on_sqlite else 30 * count)
    if not db.on_sqlite:
        refresh(db)


def raise_blockers(db: Database, count: int, first: int = 2 * FIRST) -> None:
    """So many blockers that nobody has taken yet."""
    opened = {**OVER["blockers"], "state": "open", "closed_at": None, "closed_by": None, "outcome": None, "owner": None}
    db.transact(_fill, {"blockers": {**opened, "id": lambda n, _: n + first}}, count)


def copy_plans(db: Database, count: int) -> None:
    """So many plans more, each like the first one."""
    db.transact(_copy, count)


def _copy(tx: Tx, count: int) -> None:
    numbers, n = _numbers(count)
    for table in SQLModel.metadata.sorted_tables:
        of = table.c.id if table.name == "plans" else table.c.get("plan_id")
        if of is None or table.name in ("deliveries", "timeline"):
            continue
        made: dict[str, Any] = {column.name: column for column in table.columns}
        made["key" if table.name == "plans" else "plan_id"] = table.c.key + cast(n, String) if of.key == "id" else n + 1
        if "id" in made:
            made["id"] = n + 1 if table.name == "plans" else table.c.id + n * FIRST
        rows = select(*(value.label(name) for name, value in made.items())).select_from(numbers.join(table, of == 1))
        tx.connection.execute(insert(table).from_select(list(made), rows))


def refresh(db: Database) -> None:
    """Have the planner look at what is there, as PostgreSQL does by itself and SQLite when somebody asks."""
    _asked_of(db, "ANALYZE")


def early_statistics(db: Database) -> list[str]:
    """What writes down what SQLite finds when somebody has it look now; nothing of that is left."""
    found = _asked_of(db, "ANALYZE", "SELECT quote(tbl), quote(idx), quote(stat) FROM sqlite_stat1")
    _asked_of(db, "DROP TABLE sqlite_stat1")
    return [f"INSERT INTO sqlite_stat1 VALUES ({', '.join(row)})" for row in found]  # noqa: S608 - of SQLite's own


def start_again_with(db: Database, statistics: list[str]) -> None:
    """Start on a database that was looked at when there was little."""
    _asked_of(db, "ANALYZE", "DELETE FROM sqlite_stat1", *statistics)
    db.engine.dispose()
    db._reader.dispose()


def _asked_of(db: Database, *statements: str) -> list[Any]:
    """What the last of these finds; they are asked as by somebody else."""
    plain = create_engine(db.url, isolation_level="AUTOCOMMIT")
    with plain.connect() as connection:
        found = [connection.exec_driver_sql(statement) for statement in statements][-1]
        rows = list(found) if found.returns_rows else []
    plain.dispose()
    return rows


def _numbers(count: int) -> tuple[Any, Any]:
    """A table of the numbers from 1 to `count`, and its only column."""
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    every = first.union_all(select(first.c.n + 1).where(first.c.n < count))
    return every, every.c.n


def _fill(tx: Tx, tables: Mapping[str, Mapping[str, Any]], count: int) -> None:
    numbers, n = _numbers(count)
    for name, values in tables.items():
        table = SQLModel.metadata.tables[name]
        made = {column.name: _made(table, column, values, n, tx) for column in table.columns}
        rows = select(*(value.label(key) for key, value in made.items())).select_from(numbers)
        tx.connection.execute(insert(table).from_select(list(made), rows))


def _made(table: Table, column: Any, values: Mapping[str, Any], n: Any, tx: Tx) -> Any:
    """A column of the n-th row: as it is written above, else its default, else nothing."""
    value = values[column.name] if column.name in values else DEFAULTS.get(column.name)
    if isinstance(value, FunctionType):
        return value(n, tx.on_postgres)
    if value is None and column.nullable:
        return cast(literal_column("NULL"), column.type)
    return literal(_usual(table, column) if value is None else value, column.type)


def _usual(table: Table, column: Any) -> Any:
    kind = next(mapper.class_ for mapper in MAPPERS if mapper.local_table is table)
    field = kind.model_fields[column.name]
    return NOTHING[type(column.type)] if field.is_required() else field.get_default(call_default_factory=True)


MAPPERS = list(SQLModel._sa_registry.mappers)
DEFAULTS = {"id": number, "plan_id": 1}
NOTHING: Mapping[type, Any] = {
    Boolean: False, Integer: 0, BigInteger: 0, Float: 0.0, AutoString: "", Date: PAST.date(), Instant: PAST, JSON: {},
}  # fmt: skip
