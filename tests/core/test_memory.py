"""What a transaction keeps of what it has read."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import func, insert
from sqlmodel import col, select

from callboard.core import timeline
from callboard.core.db import Database
from callboard.core.errors import Refused
from callboard.core.memory import Each, remembered
from callboard.core.registry import Bus
from callboard.core.ticks import Trouble
from callboard.core.timeline import Entry, Subject
from tests.growth.statements import asked


@remembered(Trouble)
def troubles(tx):
    return [row.row_id for row in tx.session.exec(select(Trouble).order_by(col(Trouble.row_id)))]


@remembered(Trouble, shared=True)
def numbers(tx):
    return tuple(tx.connection.execute(select(Trouble.row_id).order_by(col(Trouble.row_id))).scalars())


@remembered(Entry, shared=True)
def entries(tx):
    return tx.connection.execute(select(func.count()).select_from(Entry)).scalar_one()


def fail(tx, row_id):
    tx.connection.execute(insert(Trouble).values(work="a", row_id=row_id, failures=0, error=""))


def note(tx):
    timeline.record(tx, 1, Subject("thing", 1), "noted")


def _errors(tx, numbers):
    return {row.row_id: row.error for row in tx.session.exec(select(Trouble).where(col(Trouble.row_id).in_(numbers)))}


errors = Each(_errors, str, Trouble)


def test_memory_lasts_until_the_transaction_writes_to_the_table(db):
    def story(tx):
        tx.session.add(Trouble(work="a", row_id=1))
        with asked(db) as found:
            assert [troubles(tx), troubles(tx)] == [[1], [1]]
        assert len(found) == 2  # the row, and the question
        tx.session.add(Trouble(work="a", row_id=2))
        assert troubles(tx) == [1, 2]
        with tx.connection.begin_nested() as part:
            tx.connection.execute(insert(Trouble).values(work="a", row_id=3, failures=0, error=""))
            assert troubles(tx) == [1, 2, 3]
            part.rollback()
        assert troubles(tx) == [1, 2]

    db.transact(story)
    assert db.transact(troubles) == [1, 2]


def test_memory_ends_where_another_transaction_was_waited_for(db):
    def story(tx):
        troubles(tx)
        tx.session.exec(select(Trouble).with_for_update()).all()
        with asked(db) as found:
            troubles(tx)
        return len(found)

    # Nobody is waited for on SQLite: it has one writer.
    assert db.transact(story) == (0 if db.on_sqlite else 1)


def test_memory_of_many_is_one_question(db):
    def story(tx):
        tx.session.add_all(Trouble(work="a", row_id=number, error=f"{number}") for number in range(3))
        tx.session.flush()
        with asked(db) as found:
            assert errors.of(tx, [0, 1, 7]) == {0: "0", 1: "1", 7: ""}
            assert (errors(tx, 1), errors(tx, 7), errors(tx, 2)) == ("1", "", "2")
        assert len(found) == 2

    db.transact(story)


def test_memory_shared_by_the_parts_of_a_transaction_ends_with_what_one_of_them_writes_or_undoes(db):
    def story(tx):
        with tx.part("") as first, asked(db) as found:
            assert numbers(first) == ()
        with tx.part("") as second, asked(db) as again:
            assert numbers(second) == ()
            fail(second, 1)
            assert numbers(second) == (1,)
        with suppress(Refused), tx.part("", apart=True) as undone:
            fail(undone, 2)
            assert numbers(undone) == (1, 2)
            raise Refused("Not this one.")
        assert numbers(tx) == (1,)
        return len(found), len(again)

    assert db.transact(story) == (1, 2)


def test_memory_shared_by_the_parts_of_a_transaction_ends_where_another_one_was_waited_for(db):
    def story(tx):
        numbers(tx)
        with tx.part("") as part:
            part.session.exec(select(Trouble).with_for_update()).all()
        with asked(db) as found:
            numbers(tx)
        return len(found)

    assert db.transact(story) == (0 if db.on_sqlite else 1)


def test_memory_knows_of_rows_that_are_written_at_the_end(db):
    def story(tx):
        note(tx)
        assert entries(tx) == 1
        note(tx)
        with tx.part("") as part:
            assert entries(part) == 2
            note(part)
            assert entries(part) == 3
        assert entries(tx) == 3

    db.transact(story)


def test_memory_knows_of_no_rows_that_were_to_be_written_by_what_is_undone(db):
    def story(tx):
        note(tx)
        with suppress(Refused), tx.part("", apart=True) as undone:
            with undone.part("") as part:
                note(part)
            raise Refused("Not this one.")
        return entries(tx)

    assert db.transact(story) == 1
    assert db.transact(entries) == 1


def test_shared_memory_outlasts_a_transaction_until_another_connection_writes(db, database_url):
    def story(tx):
        with asked(db) as found:
            return numbers(tx), len(found)

    assert db.transact(story) == ((), 1)
    assert db.transact(story) == ((), 0 if db.on_sqlite else 1)
    other = Database(database_url, db.clock, Bus())
    other.transact(fail, 1)
    assert db.transact(story) == ((1,), 1)
    other.close()


def test_shared_memory_does_not_outlast_a_transaction_that_is_undone(db):
    def story(tx):
        fail(tx, 1)
        assert numbers(tx) == (1,)
        assert errors.of(tx, [1, 2]) == {1: "", 2: ""}
        raise Refused("Not this one.")

    with suppress(Refused):
        db.transact(story)
    assert db.transact(numbers) == ()


def test_that_there_is_nothing_is_known_to_every_part_of_a_transaction(db):
    def story(tx):
        assert errors(tx, 7) == ""
        with tx.part("") as part, asked(db) as found:
            assert errors(part, 7) == ""
            fail(part, 7)
            assert troubles(part) == [7]
        return len(found)

    assert db.transact(story) == 2  # the row, and the question after it
