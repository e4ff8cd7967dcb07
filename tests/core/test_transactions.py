"""A verb runs whole or not at all, loses nothing to others, and is told of its own failure only."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import event, insert, select, update

from callboard.core.db import current_trace
from callboard.core.errors import Refused
from callboard.core.ticks import Trouble
from callboard.core.write_queue import Patience

TABLE = Trouble.__table__  # type: ignore[attr-defined]
ROW = {"work": "counting", "row_id": 1, "failures": 0, "error": ""}


def begin(tx):
    tx.connection.execute(insert(TABLE), ROW)


def count(tx):
    """Read, then write: what a lost update would lose."""
    seen = tx.connection.execute(select(TABLE.c.failures).with_for_update()).scalar_one()
    tx.connection.execute(update(TABLE).values(failures=seen + 1))
    return seen + 1


def counted(tx):
    return tx.connection.execute(select(TABLE.c.failures)).scalar_one()


def refuse(tx):
    count(tx)
    raise Refused("Not this one.")


async def test_forty_database_transactions_at_once_lose_nothing(db):
    await db.write(begin)
    seen = await asyncio.gather(*(db.write(count) for _ in range(40)))
    assert sorted(seen) == list(range(1, 41))
    assert await db.read(counted) == 40


async def test_a_refused_database_transaction_undoes_itself_and_no_other(db):
    await db.write(begin)
    verbs = [refuse if n % 5 == 2 else count for n in range(20)]
    answers = await asyncio.gather(*map(db.write, verbs), return_exceptions=True)
    assert [isinstance(answer, Refused) for answer in answers] == [verb is refuse for verb in verbs]
    assert await db.read(counted) == 16


async def test_what_one_database_transaction_caches_another_does_not_see(db):
    await db.write(begin)

    def look(tx, name):
        found = dict(tx.local)
        tx.local["name"] = name
        return found, count(tx)

    answers = await asyncio.gather(*(db.write(look, name) for name in range(12)))
    assert all(found == {} for found, _ in answers)


async def test_the_write_queue_commits_together_what_waits_for_one_writer(db):
    if not db.on_sqlite:
        return
    commits: list[object] = []
    event.listen(db.engine, "commit", commits.append)
    await db.write(begin)
    await asyncio.gather(*(db.write(count) for _ in range(17)))
    assert len(commits) < 10
    assert await db.read(counted) == 17


async def test_the_write_queue_lets_whoever_waits_for_an_answer_go_first_and_the_others_come_too(db):
    order = []

    def note(tx, name):
        order.append(name)
        return current_trace()

    behind = [db.write_behind(Patience.SENT, note, "sent") for _ in range(12)]
    await asyncio.gather(*behind, *(db.write(note, "answer") for _ in range(12)))
    assert sorted(order) == ["answer"] * 12 + ["sent"] * 12
    if db.on_sqlite:
        assert "sent" in order[-8:]
        assert "answer" not in order[-8:]


@pytest.mark.parametrize("way", ["write", "write_together"])
async def test_the_write_queue_goes_on_when_a_write_that_waits_in_it_is_cancelled(db, way):
    await db.write(begin)
    write = getattr(db, way)
    tasks = [asyncio.create_task(write(count)) for _ in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[3], asyncio.CancelledError)
    assert sum(isinstance(answer, int) for answer in answers) == 9
