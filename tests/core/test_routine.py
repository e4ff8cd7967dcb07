"""Statements that are run again and again: what they answer, write and refuse is what SQLAlchemy would."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, event, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import select as orm_select

from callboard.core.glance import NOW
from callboard.core.routine import KNOWN
from callboard.core.ticks import Trouble

DATABASES = ("sqlite",)  # PostgreSQL has no such way

AT = datetime(2025, 11, 13, 9, 30, tzinfo=UTC)
TROUBLES = Trouble.__table__  # type: ignore[attr-defined]
NEW = insert(TROUBLES)
RETURNED = insert(TROUBLES).values(work="b", failures=7, error="").returning(TROUBLES.c.failures)
LATER = update(TROUBLES).where(TROUBLES.c.row_id == bindparam("row")).values(retry_at=NOW)
SOME = (
    select(TROUBLES.c.row_id, TROUBLES.c.retry_at, func.coalesce(TROUBLES.c.error, "none").label("why"))
    .where(TROUBLES.c.row_id.in_(bindparam("rows", expanding=True)), TROUBLES.c.work.in_(["a", "b"]))
    .order_by(TROUBLES.c.row_id)
    .limit(bindparam("most"))
)
ONES, SEVENS = (select(TROUBLES.c.row_id).where(TROUBLES.c.failures == many) for many in (1, 7))


def trouble(row_id, failures=1):
    return {"work": "a", "row_id": row_id, "failures": failures, "error": ""}


@pytest.mark.both_databases
def test_the_third_time_is_like_the_first(db):
    def story(tx):
        run = tx.connection.execute
        for number in range(1, 5):
            run(NEW, trouble(number))
            assert run(RETURNED, {"row_id": number}).scalar_one() == 7
            assert run(LATER, {"row": number, "now": AT + timedelta(hours=number)}).rowcount == 2
            assert run(LATER, [{"row": 9, "now": AT}]).rowcount == 0
        assert tx.on_postgres or any(KNOWN[NEW].values())
        assert tx.on_postgres or all(all(KNOWN[each].values()) for each in (RETURNED, LATER))
        for rows in ([1], [2], [3], [1, 4], [1, 4], [2, 3], [], [], [], [9], (4,)):
            found = run(SOME, {"rows": rows, "most": 3}).all()
            written = [row for row in rows if row < 9 for _ in range(2)][:3]
            assert [(row.row_id, row.retry_at, row.why) for row in found] == [
                (row, AT + timedelta(hours=row), "") for row in written
            ]
        assert tx.on_postgres or all(KNOWN[SOME].values())
        for _ in range(3):
            assert run(ONES).scalars().all() == run(SEVENS).scalars().all() == [1, 2, 3, 4]
            assert run(select(TROUBLES.c.row_id).where(TROUBLES.c.row_id == 2)).scalars().all() == [2, 2]

    db.transact(story)


def test_a_session_is_given_its_own_rows(db):
    wanted = orm_select(Trouble).where(Trouble.failures == bindparam("many")).execution_options(populate_existing=True)
    numbers = orm_select(Trouble.row_id, Trouble.failures).where(Trouble.failures == bindparam("many"))

    def story(tx):
        tx.session.add_all([Trouble(**trouble(number, failures=2)) for number in (1, 2)])
        rows = [tx.session.exec(wanted, params={"many": 2}).all() for _ in range(4)]
        assert all(one is other for later in rows[1:] for one, other in zip(rows[0], later, strict=True))
        tx.connection.execute(LATER, {"row": 1, "now": AT})
        assert tx.session.exec(wanted, params={"many": 2}).first().retry_at == AT
        for _ in range(4):
            assert tx.session.exec(numbers, params={"many": 2}).all() == [(1, 2), (2, 2)]
            assert tx.connection.execute(numbers, {"many": 2}).all() == [(1, 2), (2, 2)]
        assert all(KNOWN[wanted].values())
        assert len(KNOWN[numbers]) == 2

    db.transact(story)


def test_what_is_refused_the_third_time_is_refused_as_the_first(db):
    def story(tx):
        for number in (1, 2, 3):
            tx.connection.execute(NEW, trouble(number))
            tx.connection.execute(LATER, {"row": number, "now": AT})
        with pytest.raises(IntegrityError, match="UNIQUE"):
            tx.connection.execute(NEW, trouble(3))
        with pytest.raises(StatementError, match="naive"):
            tx.connection.execute(LATER, {"row": 3, "now": AT.replace(tzinfo=None)})
        with pytest.raises(StatementError, match="required"):
            tx.connection.execute(SOME, {"rows": [1]})
        assert tx.connection.execute(select(func.count()).select_from(TROUBLES)).scalar() == 3

    db.transact(story)


def test_what_undid_the_whole_transaction_is_not_run_again_by_itself(db):
    new = insert(TROUBLES).prefix_with("OR ROLLBACK")

    def story(tx):
        for number in (1, 2, 3):
            tx.connection.execute(new, trouble(number))
        assert any(KNOWN[new].values())
        tx.connection.execute(new, trouble(3))

    with pytest.raises(DBAPIError, match="UNIQUE"):
        db.transact(story)
    assert db.transact(lambda tx: tx.connection.execute(select(func.count()).select_from(TROUBLES)).scalar()) == 0


def test_a_text_says_what_it_found_wrote_and_was_refused(db):
    new = "INSERT INTO troubles (work, row_id, failures, error) VALUES ('ring', ?, 1, '')"

    def story(tx):
        assert tx.connection.exec_driver_sql(new, [(1,), (2,), (3,)]).rowcount == 3
        assert tx.connection.exec_driver_sql("SELECT row_id FROM troubles WHERE row_id > ?", (1,)).scalars().all() == [
            2,
            3,
        ]
        with pytest.raises(IntegrityError, match="UNIQUE"):
            tx.connection.exec_driver_sql(new, (3,))
        assert tx.connection.exec_driver_sql("DELETE FROM troubles").rowcount == 3

    db.transact(story)


def test_whoever_listens_to_statements_hears_all(db):
    heard = []

    def story(tx):
        for _ in range(3):
            tx.connection.execute(ONES).all()
        event.listen(db.engine, "before_cursor_execute", lambda *said: heard.append(said[2]))
        tx.connection.execute(ONES).all()

    db.transact(story)
    assert len(heard) == 1


def test_a_statement_that_is_gone_is_forgotten(db):
    def story(tx):
        wanted = select(TROUBLES.c.error).where(TROUBLES.c.failures == 3)
        before = len(KNOWN)
        for _ in range(4):
            tx.connection.execute(wanted).all()
        assert len(KNOWN) == before + 1

    gc.collect()
    known = len(KNOWN)
    for _ in range(4):
        db.transact(story)
    gc.collect()
    assert len(KNOWN) <= known + 1  # SQLAlchemy keeps the first
