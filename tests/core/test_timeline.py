"""The timeline and its seal: whatever is done to a sealed entry is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from callboard.core import seal, timeline
from callboard.core.errors import Refused
from callboard.core.timeline import Subject

ABOUT = Subject("blocker", 1)


@pytest.fixture
def sealed(db):
    """Five sealed entries."""
    for number in range(5):
        db.transact(timeline.record, 1, ABOUT, "noted", actor="pa", said=f"note {number}", number=number)
    db.transact(lambda tx: seal.seal(tx, seal.unsealed(tx, 100)))
    return db


def verified(db):
    return db.transact(seal.verify, 1)


def change(db, statement):
    with db.engine.begin() as connection:
        connection.execute(text(statement))


def test_the_seal_of_a_timeline_left_alone_verifies(sealed):
    assert verified(sealed) == (5, [])


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE timeline SET actor = 'pb' WHERE seq = 3", "entry 3 (noted blocker 1) was changed"),
        ("UPDATE timeline SET facts = '{}' WHERE seq = 2", "entry 2 (noted blocker 1) was changed"),
        ("UPDATE timeline SET said = 'another' WHERE seq = 4", "entry 4: its text was changed after it was sealed"),
        ("DELETE FROM timeline WHERE seq = 3", "entry 3 is missing"),
        ("DELETE FROM timeline WHERE seq = 5", "the tail was cut"),
        ("DELETE FROM timeline", "the tail was cut"),
    ],
)
def test_the_seal_finds_any_change_to_a_timeline_entry(sealed, statement, sentence):
    change(sealed, statement)
    assert any(sentence in found for found in verified(sealed)[1])


def test_the_seal_finds_two_swapped_timeline_entries(sealed):
    change(sealed, "UPDATE timeline SET seq = 99 WHERE seq = 2")
    change(sealed, "UPDATE timeline SET seq = 2 WHERE seq = 3")
    change(sealed, "UPDATE timeline SET seq = 3 WHERE seq = 99")
    assert verified(sealed)[1]


def test_the_seal_holds_when_a_text_is_erased_from_the_timeline(sealed):
    sealed.transact(timeline.erase, 1, 2, actor="amp", reason="asked to")
    assert verified(sealed) == (5, [])
    erased = sealed.transact(timeline.history, ABOUT)[1]
    assert (erased.said, erased.salt) == (None, None)
    with pytest.raises(Refused, match="Entry 2 holds no text"):
        sealed.transact(timeline.erase, 1, 2, actor="amp", reason="asked to")


@pytest.mark.parametrize(
    "blank",
    [
        "UPDATE timeline SET said = NULL, salt = NULL WHERE seq = 2",
        "UPDATE timeline SET said = NULL WHERE seq = 2",
        "UPDATE timeline SET said = '' WHERE seq = 2",
        "UPDATE timeline SET salt = NULL WHERE seq = 2",
    ],
)
def test_the_seal_finds_a_text_that_was_blanked_in_silence_on_the_timeline(sealed, blank):
    change(sealed, blank)
    assert "entry 2" in verified(sealed)[1][0]


def test_the_seal_of_a_timeline_continues_where_it_stopped(sealed):
    sealed.transact(timeline.record, 1, ABOUT, "noted", actor="pa")
    sealed.transact(lambda tx: seal.seal(tx, seal.unsealed(tx, 100)))
    assert verified(sealed) == (6, [])


def test_the_seal_chain_stays_one_when_the_same_entries_are_sealed_twice(sealed):
    sealed.transact(timeline.record, 1, ABOUT, "noted", actor="pa")
    ids = sealed.transact(seal.unsealed, 100)
    sealed.transact(seal.seal, ids)
    sealed.transact(seal.seal, ids)
    assert verified(sealed) == (6, [])


def test_a_published_seal_finds_a_timeline_that_was_written_anew(sealed):
    head = sealed.transact(lambda tx: tx.session.get(seal.Chain, 1).hash)
    assert sealed.transact(seal.verify, 1, {5: head[:16]}) == (5, [])
    assert "rewritten" in sealed.transact(seal.verify, 1, {5: "0" * 16})[1][0]
    assert "the tail was cut" in sealed.transact(seal.verify, 1, {6: head})[1][0]


def test_the_seal_is_verified_as_of_one_moment_while_the_timeline_goes_on(sealed):
    def looked(tx):
        seal.announced(tx, 1)
        sealed.transact(timeline.record, 1, ABOUT, "noted", actor="pb", said="meanwhile")
        sealed.transact(lambda other: seal.seal(other, seal.unsealed(other, 100)))
        return seal.verify(tx, 1)

    assert sealed.snapshot(looked) == (5, [])
    assert verified(sealed) == (6, [])
