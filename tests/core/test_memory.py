"""What a transaction keeps of what it has read."""

from __future__ import annotations

from sqlalchemy import insert
from sqlmodel import col, select

from callboard.core.memory import Each, remembered
from callboard.core.ticks import Trouble
from tests.growth.statements import asked


@remembered(Trouble)
def troubles(tx):
    return [row.row_id for row in tx.session.exec(select(Trouble).order_by(col(Trouble.row_id)))]


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
