"""What is over goes after its time, and nothing that somebody still needs; each table is in the docs with how long."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlmodel import SQLModel

from callboard.app import CAPABILITIES, SWEEPS
from callboard.core.deliveries import DELIVERIES
from callboard.core.retention import BATCH, RETENTION, sweeper
from callboard.core.ticks import WATCHES
from callboard.core.timeline import ENTRIES
from tests.growth import history, statements
from tests.growth.company import growing
from tests.world import World, keys

COUNT = BATCH + 50
MOST_STEPS = 1_000
"""Of SQLite, to find that nothing is over, however much there is."""
RECENT = {"receipts", "api_replies", "sessions", "hooks_received"}
"""What history has of today."""
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


def counts(tx):
    tables = SQLModel.metadata.tables.values()
    return {table.name: tx.connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def sweep(tx):
    return [sweep.run(tx) for sweep in SWEEPS]


async def test_history_that_is_over_goes_in_small_parts_and_all_else_stays(database_url):
    async with growing(database_url) as desk:
        db = desk.world.app.db
        before = db.transact(counts)
        history.age(db, COUNT)
        aged, swept = db.transact(counts), {sweep.table.name for sweep in SWEEPS}
        assert max(db.transact(sweep)) == BATCH
        while any(db.transact(sweep)):
            pass
        after = db.transact(counts)
        gone = {name for name in aged if aged[name] != after[name]}
        assert gone == swept - RECENT
        assert {name: left for name in gone if (left := after[name] - before[name]) not in (0, 1)} == {}
        with statements.asked(db) as found:
            db.transact(sweep)
        dear = [(one.steps, one.short) for one in found.every if one.steps > MOST_STEPS]
        assert not dear


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_sweeper_goes_on_soon_while_much_is_left_and_then_rests_for_a_day(database_url):
    async with growing(database_url) as desk:
        db = desk.world.app.db
        wakes = select(WATCHES.c.wake_at).where(WATCHES.c.name == "retention")
        wake = db.transact(lambda tx: tx.connection.execute(wakes).scalar_one())
        assert wake == desk.world.clock.now() + timedelta(days=1)
        history.age(db, COUNT)
        work, rests = sweeper(SWEEPS), []
        for _ in range(4):
            desk.world.clock.move_to(db.transact(work.next_at) or db.clock.now())
            db.transact(lambda tx: work.handle(tx, work.claim(tx, 1)))
            rests.append((db.transact(work.next_at) or db.clock.now()) - db.clock.now())
        assert (rests[0], rests[-1]) == (timedelta(seconds=1), timedelta(days=1))


def grow_old(tx):
    tx.connection.execute(update(DELIVERIES).values(created_at=history.PAST))
    tx.connection.execute(update(ENTRIES).values(at=history.PAST))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_open_keeps_its_card_and_nothing_is_said_twice(database_url):
    async with World(database_url) as world:
        db = world.app.db
        await world.says("pa", "/blocker mongo is down")
        await world.says("pa", "/blocker redis is down")
        await world.says("olga", "/blocker resolve 2 restarted")
        await world.says("pa", "/blocker note 1 still down")
        await world.advance(minutes=1)
        about = select(DELIVERIES.c.subject_id, DELIVERIES.c.kind).where(DELIVERIES.c.subject_kind == "blocker")
        before = Counter(db.transact(lambda tx: tx.connection.execute(about).all()))
        assert {(1, "blocker.page"), (2, "blocker.page"), (2, "blocker.news")} <= set(before)
        db.transact(grow_old)
        said = len(world.channel("omega"))
        while any(db.transact(sweep)):
            pass
        after = Counter(db.transact(lambda tx: tx.connection.execute(about).all()))
        assert after == Counter({each: n for each, n in before.items() if each[0] == 1 or each[1] == "blocker.card"})
        await world.says("olga", "/blocker ack 1")
        assert "(acknowledged)" in world.card(1).text
        await world.says("pa", "/blocker reopen 2")
        await world.advance(minutes=1)
        assert world.channel("omega").count("*Blocker 1*") == 1
        assert "(open)" in world.card(2).text
        assert len(world.channel("omega")) == said
        world.apply(world.plan)
        await world.advance(minutes=1)
        assert len(world.channel("omega")) == said
        assert max(keys(world.slack).values()) == 1


def test_everything_stays_where_whoever_runs_it_says_so(db):
    table = next(sweep for sweep in SWEEPS if sweep.kept is None)
    assert db.registry.of(RETENTION) is None
    assert db.transact(table.run) == 0


def test_each_table_is_in_the_docs_with_how_long_it_is_kept():
    text = OPERATING.read_text()
    section = text[text.index("## What is kept") :].partition("\n## ")[0]
    swept, _, kept = section.partition("For ever:")
    named = {name: set(re.findall(r"`([a-z_]+)`", part)) for name, part in (("swept", swept), ("kept", kept))}
    tables = set(SQLModel.metadata.tables) - {"alembic_version"}
    assert named["swept"] & tables == {sweep.table.name for sweep in SWEEPS}
    assert tables - named["swept"] - named["kept"] == set()
    assert named["swept"] & named["kept"] == set()
    assert CAPABILITIES
