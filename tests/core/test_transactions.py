"""A verb runs whole or not at all, loses nothing to others, and is told of its own failure only."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime
from importlib import resources

import pytest
from sqlalchemy import event, insert, select, update
from sqlmodel import col

from callboard.core import timeline, traces
from callboard.core.db import Database
from callboard.core.deliveries import DELIVERIES
from callboard.core.errors import Refused
from callboard.core.ticks import Trouble
from callboard.core.timeline import Entry, Subject
from callboard.core.write_queue import Patience
from tests.world import World

TABLE = Trouble.__table__  # type: ignore[attr-defined]
ABOUT = Subject("thing", 1)
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


@pytest.fixture
def commits(db):
    found: list[object] = []
    event.listen(db.engine, "commit", found.append)
    return found


async def test_the_write_queue_commits_together_what_waits_for_one_writer(db, commits):
    await db.write(begin)
    await asyncio.gather(*(db.write(count) for _ in range(33)))
    assert len(commits) < 6
    assert await db.read(counted) == 33


async def test_a_database_transaction_that_only_reads_in_the_one_thread_of_sqlite_is_committed_with_the_next(db):
    await db.write(begin)
    db.stay_in_one_thread()
    commits: list[object] = []
    event.listen(db.engine, "commit", commits.append)
    assert [await db.read(counted) for _ in range(3)] == [0, 0, 0]
    assert len(commits) == (0 if db.on_sqlite else 3)
    await db.write(count)
    with pytest.raises(Refused):
        await db.write(refuse)
    assert await db.read(counted) == 1


async def test_the_write_queue_lets_sixteen_commands_at_once_take_less_than_three_statements_each(world):
    await world.says("pa", "/blocker mongo is down again")
    answers, statements = await said_together(world, "pa", [f"/blocker mongo refuses host {n}" for n in range(16)])
    assert all("is open for Omega" in answer.text for answer in answers)
    assert statements < 16 * 3
    await world.settled()
    assert {f"blocker:{n}:card" for n in range(2, 18)} <= await world.app.db.read(_keys)
    taken, statements = await said_together(world, "pa", [f"/blocker ack {n}" for n in range(2, 18)])
    assert all("You have blocker" in answer.text for answer in taken)
    assert statements < 16 * (6 if world.app.db.on_sqlite else 8)


async def test_the_write_queue_lets_the_commands_of_a_plan_with_gates_share_what_their_gates_ask(database_url):
    plan = resources.files("callboard.examples").joinpath("deployment.yml").read_text()
    people, at = ("0omegaa", "0omega1", "0amp0001"), datetime(2025, 11, 13, 15, 0, tzinfo=UTC)
    async with World(database_url, plan=plan, at=at, people=people) as world:
        await world.says("0omegaa", "/blocker mongo is down again", "omega")
        raised = [f"/blocker mongo refuses host {n}" for n in range(16)]
        resolved = [f"/blocker resolve {n} it was dns" for n in range(2, 18)]
        # On PostgreSQL who is in the plan is asked again after each row that may have been waited for.
        for said, most in (raised, 4), (resolved, 7 if world.app.db.on_sqlite else 9):
            answers, statements = await said_together(world, "0omegaa", said)
            assert all("is open" in answer.text or "is resolved" in answer.text for answer in answers)
            assert statements < 16 * most


async def test_the_unit_of_a_database_transaction_does_at_its_end_once_what_its_parts_leave_for_later(db, commits):
    done: list[tuple[list[int], int]] = []

    def finish(tx, wishes):
        done.append((wishes, counted(tx)))

    def leave(tx, number):
        tx.later(finish, number)
        return count(tx)

    def leave_apart(tx):
        with suppress(Refused), tx.part("", apart=True) as part:
            part.later(finish, 7)
            refuse(part)
        with tx.part("", apart=True) as part:
            leave(part, 8)
        return len(done)

    await db.write(begin)
    await asyncio.gather(*(db.write(leave, number) for number in range(3)))
    assert await db.write(leave_apart) == len(done)
    assert [wish for wishes, _ in done for wish in wishes] == [0, 1, 2, 8]
    assert done[-2:] == [([0, 1, 2], 3), ([8], 4)] or len(commits) > 3
    with pytest.raises(Refused):
        await db.write(lambda tx: (count(tx), tx.later(lambda late, _: refuse(late), 1)))
    assert await db.read(counted) == 4


async def test_the_unit_of_a_database_transaction_keeps_what_a_part_that_is_apart_leaves_for_later(db):
    def write(tx, numbers):
        tx.session.add_all(Trouble(work="late", row_id=number) for number in numbers)

    def leave(tx):
        with tx.part("", apart=True) as part:
            part.later(write, 7)

    await db.write(leave)
    assert await db.read(counted) == 0


async def said_together(world, who, commands):
    """The answers to commands that somebody types at once, and how many statements those who write need."""
    statements: list[str] = []

    def note(_connection, _cursor, sql, *_):
        if threading.current_thread().name.startswith("write"):
            statements.append(sql)

    event.listen(world.app.db.engine, "before_cursor_execute", note)
    answers = await asyncio.gather(*(world.slack.command(who, "omega", command) for command in commands))
    event.remove(world.app.db.engine, "before_cursor_execute", note)
    return answers, len(statements)


def _keys(tx):
    return set(tx.connection.execute(select(DELIVERIES.c.key)).scalars())


async def test_the_write_queue_undoes_no_other_where_a_database_transaction_is_refused_before_it_wrote(db, commits):
    await db.write(begin)

    def refuse_at_once(tx):
        counted(tx)
        raise Refused("Not this one.")

    verbs = [refuse_at_once if n % 4 == 2 else count for n in range(16)]
    answers = await asyncio.gather(*map(db.write, verbs), return_exceptions=True)
    assert [isinstance(answer, Refused) for answer in answers] == [verb is refuse_at_once for verb in verbs]
    assert len(commits) == 2
    assert await db.read(counted) == 12


async def test_the_unit_of_a_database_transaction_shows_its_parts_what_those_before_them_deferred(db, commits):
    def note(tx):
        timeline.record(tx, 1, ABOUT, "noted", said="first")

    def look(tx):
        return list(tx.connection.execute(select(col(Entry.verb))).scalars())

    _, seen, _ = await asyncio.gather(db.write(note), db.write(look), db.write(note))
    assert seen == ["noted"]
    assert len(commits) == 1
    assert len(await db.read(look)) == 2


async def test_database_transactions_of_two_replicas_that_lock_each_others_rows_are_all_done(db, database_url, clock):
    await db.write(begin)
    await db.write(lambda tx: tx.connection.execute(insert(TABLE), {**ROW, "row_id": 2}))

    begun = {1: threading.Event(), 2: threading.Event()}

    def add(tx, row_id):
        """Locks one row after the other with those that share its transaction, when the other replica has the other."""
        mine = TABLE.c.row_id == row_id
        seen = tx.connection.execute(select(TABLE.c.failures).where(mine).with_for_update()).scalar_one()
        tx.connection.execute(update(TABLE).where(mine).values(failures=seen + 1))
        begun[row_id].set()
        if tx.on_postgres:
            assert begun[3 - row_id].wait(10)

    other = Database(database_url, clock, db.bus)
    one = [db.write(add, 1 + n % 2) for n in range(12)]
    two = [other.write(add, 2 - n % 2) for n in range(12)]
    await asyncio.gather(*one, *two)
    rows = await db.read(lambda tx: tx.connection.execute(select(TABLE.c.failures)).scalars().all())
    other.close()
    assert list(rows) == [12, 12]


async def test_the_write_queue_does_not_wait_for_a_long_batch_where_more_can_write(db):
    if db.on_sqlite:
        return
    begun, goes_on = threading.Event(), threading.Event()

    def wait(_):
        begun.set()
        return goes_on.wait(20)

    long = asyncio.create_task(db.write(wait))
    await asyncio.to_thread(begun.wait)
    assert await db.write(lambda _: "done") == "done"
    goes_on.set()
    assert await long


async def test_the_write_queue_lets_whoever_waits_for_an_answer_go_first_and_the_others_come_too(db):
    order = []

    def note(tx, name):
        order.append(name)
        return traces.current()

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
