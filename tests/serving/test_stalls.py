"""A process is stopped by the system for so long that others take over, and then goes on: it does no harm."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.serving.house import SOCKET, House
from tests.serving.updates import LADDER, People, nothing_is_lost

DATABASES = ("postgresql",)  # on SQLite there is nobody to take over


@pytest.fixture
async def house(database_url, tmp_path):
    async with House(database_url, tmp_path, LADDER, SOCKET) as house:
        await house.begins()
        yield house


async def test_a_process_that_was_stopped_while_it_paged_sends_nothing_twice_connects_anew_and_knows_the_time(house):
    stopped, people = await house.process(), People(house)
    await house.slack.connected()
    house.slack.fault("chat.postMessage", "lost", channel="olga", delay=60)
    await people.raises()
    await house.until(lambda: house.at("chat.postMessage", "UOLGA"))
    stopped.send(signal.SIGSTOP)
    other = await house.process()
    # Slack sends to the one that is stopped too, until it sees that its connection is dead.
    await house.until_quiet(60)
    stopped.send(signal.SIGCONT)
    await stopped.ready()
    await other.stop()
    began = house.now()
    await people.raises()
    await house.until(lambda: len(house.slack.dm("amp")) == len(people.raised))
    await nothing_is_lost(house, people)
    assert await house.opened(2) - began < timedelta(seconds=10)


def test_a_process_that_was_stopped_in_a_transaction_kept_no_rows_from_others_and_does_it_again(db):
    assert db.transact(lambda tx: tx.connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar())
    number, tries = text("SELECT pg_backend_pid()"), []
    ended = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :number")

    def stopped(tx):
        tries.append(tx.connection.execute(number).scalar())
        if len(tries) == 1:
            tx.connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '1ms'"))
            with db.engine.connect() as other:
                while other.execute(ended, {"number": tries[0]}).scalar():
                    other.rollback()
        return tx.connection.execute(number).scalar()

    assert db.transact(stopped) == tries[1] != tries[0]
