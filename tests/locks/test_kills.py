"""A crowd wants overlapping locks over HTTP, Slack and git while servers are killed: nobody gets another's.

`make bench ARGS=locks` has two hundred people do the same.
"""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import col, select

from benchmarks.crowd import Rush, doubly_held, lost, rush
from callboard.cli import tokens as issuing
from callboard.core.timeline import Entry
from callboard.locks.models import Lock
from tests.locks.git import INSTALLED
from tests.serving.house import House, plan
from tests.world import MORNING

PEOPLE, CLIENTS = [f"p{number}" for number in range(40)], 2
CROWD = "".join(f"  {key}: {{name: Person {key}, slack: U{key.upper()}}}\n" for key in PEOPLE)
PLAN = plan("level: Lead, notify: [lead]").replace("  exec:", f"{CROWD}  exec:").replace(
    "members: [pa]", f"members: [pa, {', '.join(PEOPLE)}]"
)  # fmt: skip


@pytest.fixture
async def house(database_url, tmp_path):
    async with House(database_url, tmp_path, PLAN) as house:
        await house.begins()
        yield house


def tokens(tx):
    return [issuing.create(tx, "release", key, "locks", "1d", "", "test") for key in PEOPLE]


async def rushed(house, processes, folder):
    """Everybody at once, and each server killed and started again in the midst of it."""
    secrets = await house.db.write(tokens)
    for _ in range(processes):
        await house.process(ready=False)
    for process in house.processes:
        await process.ready()
    people = [(key, f"Person {key}", f"U{key.upper()}", "COMEGA", secret)
              for key, secret in zip(PEOPLE, secrets, strict=True)]  # fmt: skip
    spec = house.slack.spec
    asked = Rush(
        ports=[process.port for process in house.processes], secret=spec.signing_secret, workspace=spec.team_id,
        plan="release", people=people, folder=str(folder), seconds=2.0, clients=CLIENTS if INSTALLED else 0,
    )  # fmt: skip
    rushing = asyncio.create_task(rush(asked))
    for process in house.processes:
        await asyncio.sleep(0.7)  # the moment is what the load decides
        await process.kill()
        await process.start()
        await process.ready()
    async with asyncio.timeout(120):
        return await rushing


async def nobody_has_anothers(house, done):
    assert done.wrong == []
    assert done.granted
    assert done.refused
    assert done.resent
    async with asyncio.timeout(60):
        await house.until_sealed()
    wanted = select(Entry).where(Entry.subject_kind == "lock").order_by(col(Entry.seq))
    entries = await house.db.read(lambda tx: tx.session.exec(wanted).all())
    assert list(doubly_held(entries)) == []
    states = await house.db.read(lambda tx: {one.number: one.state for one in tx.session.exec(select(Lock))})
    assert list(lost(done, entries, states)) == []
    await house.expect_an_unbroken_seal()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_store_of_locks_lets_people_lock_in_turn_while_a_process_is_killed_on_sqlite(house, tmp_path):
    await nobody_has_anothers(house, await rushed(house, 1, tmp_path))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_store_of_locks_lets_people_lock_in_turn_while_two_are_killed_on_postgresql(house, tmp_path):
    await nobody_has_anothers(house, await rushed(house, 2, tmp_path))


def test_the_tests_own_check_for_doubly_held_locks_finds_one():
    def had(number, target):
        return Entry(plan_id=1, at=MORNING, subject_kind="lock", subject_id=number, verb="acquired", actor=f"p{number}",
                     facts={"targets": [target]})  # fmt: skip

    over = Entry(plan_id=1, at=MORNING, subject_kind="lock", subject_id=1, verb="released", actor="p1")
    assert list(doubly_held([had(1, "src/a/**"), had(2, "src/b/f1.py"), over, had(3, "src/a/f1.py")])) == []
    assert len(list(doubly_held([had(1, "src/a/**"), had(2, "src/**/f1.py")]))) == 1
