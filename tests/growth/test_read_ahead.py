"""Messages that are written together ask as much for twelve subjects as for two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint, cast, delete, insert, select
from sqlmodel import SQLModel, col
from sqlmodel import select as select_rows
from sqlmodel.sql.sqltypes import AutoString

from callboard import gallery
from callboard.app import CAPABILITIES, renderers
from callboard.board.home import service as home
from callboard.board.home.models import Visit
from callboard.board.home.notices import HOME
from callboard.core.courier import Courier
from callboard.core.db import Database, Tx
from callboard.core.notices import aheads
from callboard.core.outbox import Delivery
from callboard.core.rows import bare
from callboard.core.timeline import Numbered
from callboard.escalation.models import Climb
from callboard.gallery.stage import Stage
from tests.growth import statements
from tests.growth.history import FIRST, _numbers
from tests.world import PLAN, World

NOTICES = [notice for capability in CAPABILITIES for notice in capability.notices]
FEW, MANY = 2, 12
TEXT = (AutoString, String)
TABLES: dict[str, Table] = {
    kind.subjects: kind.__table__ for kind in Numbered.__subclasses__() if hasattr(kind, "__table__")
}  # fmt: skip
ONCE = 2
"""What is asked once in a while, and kept as long as the plan stays as it is."""
EACH = {
    "lock.card": "who is near it, by its paths", "lock.ended": "what was pushed meanwhile",
    "report.closing": "everything", "report.sent": "everything", "status.silent": "the requests that it names",
    "risk.ask": "the risk of each, which no copy of a question has",
}  # fmt: skip
"""What is asked for each subject nevertheless."""
FEW_AT_ONCE = ("forecast", "preflight", "rehearsal", "retrospective")
"""Subjects of which a plan has one at a time."""


def test_renderers_of_each_kind_ask_as_much_for_twelve_subjects_as_for_two():
    asked: dict[str, list[int]] = {}
    with gallery.example() as (db, plan_id):
        for screens in gallery.SHOWN.values():
            db.transact(_play, db, plan_id, screens, asked)
    more = {kind: found for kind, found in asked.items() if found[1] > found[0] + ONCE}
    assert len(asked) > 20
    assert not more, more


def _play(tx: Tx, db: Database, plan_id: int, screens: Any, asked: dict[str, list[int]]) -> None:
    before = tx.connection.begin_nested()
    with tx.part(tx.trace) as part:
        list(screens(Stage(part, plan_id, gallery.WORKSPACE, renderers())))
        part.flush()
        every = part.session.exec(select_rows(Delivery).order_by(col(Delivery.id).desc())).all()
        kinds = TABLES.keys() - FEW_AT_ONCE
        wanted = (each for each in every if each.subject_kind in kinds and each.kind not in EACH)
        for delivery in {each.kind: each for each in wanted}.values():
            first = _copied(part, delivery)
            asked[delivery.kind] = [_asked(part, db, delivery, range(first, first + count)) for count in (FEW, MANY)]
    before.rollback()


def _copied(tx: Tx, delivery: Delivery) -> int:
    """The first of many more subjects like that of a delivery, with climbs like its climb and of their numbers."""
    first = tx.local["copies"] = tx.local.get("copies", FIRST) + MANY
    numbers, n = _numbers(MANY)
    subjects, climbs = TABLES[delivery.subject_kind], SQLModel.metadata.tables[str(Climb.__tablename__)]
    about = (climbs.c.subject_kind == delivery.subject_kind) & (climbs.c.subject_id == delivery.subject_id)
    for table, which in ((subjects, subjects.c.id == delivery.subject_id), (climbs, about)):
        made: dict[str, Any] = {column.name: column for column in table.columns}
        made |= {
            column.name: column + "-" + cast(first + n, String) if isinstance(column.type, TEXT) else first + n
            for column in _unique(table)
        }
        made |= dict.fromkeys(("id", *(["subject_id"] * (table is climbs))), first - 1 + n)
        rows = select(*(value.label(name) for name, value in made.items())).select_from(numbers.join(table, which))
        tx.connection.execute(insert(table).from_select(list(made), rows))
    return first


def _unique(table: Table) -> Iterator[Column[Any]]:
    """Of each set of columns that no two rows have alike the last text, or else the last number."""
    sets: list[UniqueConstraint | Index] = [index for index in table.indexes if index.unique]
    for together in [*sets, *(each for each in table.constraints if isinstance(each, UniqueConstraint))]:
        for kind in (TEXT, Integer):
            found = [each for each in together.columns if isinstance(each.type, kind) and each.name != "plan_id"]
            if found:
                yield found[-1]
                break


def _asked(tx: Tx, db: Database, delivery: Delivery, subjects: Iterable[int]) -> int:
    """How many statements it takes to write the same message about each of these."""

    def args(subject: int) -> dict[str, Any]:
        return {**delivery.args, **({"climb": subject} if "climb" in delivery.args else {})}

    some = [
        bare(Delivery, {**delivery.model_dump(), "id": each, "subject_id": each, "args": args(each)}.items())
        for each in subjects
    ]
    courier = Courier(db, {}, renderers(), aheads=aheads(NOTICES))
    with tx.part(tx.trace) as part, statements.asked(db) as found:
        courier._write(part, some)
    return len(found)


async def test_homes_of_many_ask_no_more_than_those_of_few(database_url):
    many = 40
    people = "".join(f"  q{n}: {{name: Person {n}, slack: UQ{n}}}\n" for n in range(many))
    async with World(database_url, PLAN.replace("people:\n", f"people:\n{people}")) as world:
        for text in ("mongo is down again", "redis is down as well"):
            await world.says("pa", f"/blocker {text}")
        few, asked = (_homes(world, count) for count in (2, many))
    assert asked[0] == few[0]
    assert asked[1] <= few[1]


def _homes(world: World, count: int) -> tuple[int, int]:
    """How many statements it takes to have so many Homes written anew, and to write them."""
    app, now = world.app, world.clock.now()
    at: Any = dict.fromkeys(("fresh_until", "rests_until", "look_at"), now)

    def look(tx: Tx) -> list[int]:
        tx.connection.execute(delete(Visit))
        tx.session.add_all(
            Visit(workspace=world.slack.spec.team_id, slack_id=f"UQ{n}", plan_id=1, **at) for n in range(count)
        )
        tx.session.flush()
        return [visit.number for visit in tx.session.exec(select_rows(Visit))]

    def written(tx: Tx) -> None:
        wanted = select_rows(Delivery).where(Delivery.kind == HOME.kind, col(Delivery.subject_id).in_(numbers))
        letters = Courier(app.db, {}, renderers(), aheads=aheads([HOME]))._write(tx, tx.session.exec(wanted).all())
        assert len(letters) == count

    numbers = app.db.transact(look)
    app.db.transact(home.attend, numbers)
    with statements.asked(app.db) as attended:
        app.db.transact(home.attend, numbers)
    with statements.asked(app.db) as found:
        app.db.transact(written)
    return len(attended), len(found)
