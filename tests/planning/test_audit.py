"""What somebody does behind Callboard's back to any column of timeline, chain or plan is found, and said in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlmodel import SQLModel

from callboard.core import seal
from callboard.core.deliveries import DELIVERIES
from callboard.core.errors import Refused
from callboard.planning import audit
from tests.world import PLAN, World

ENTRIES = seal.ENTRIES
CHAINS, PLANS, VERSIONS, EDITS = (
    SQLModel.metadata.tables[name] for name in ("chains", "plans", "plan_versions", "plan_edits")
)
EARLY, LATE = timedelta(days=-900), timedelta(days=900)
HARMLESS = {("plans", "revision"), ("chains", "publish_at", EARLY)}
"""A mark that only caches know, and a head that is published sooner."""


class UndoneError(Exception):
    """Ends the transaction of an attack with what was found."""


@pytest.fixture
async def world(database_url):
    """A plan with some days behind it, two texts that people said, a live change and published heads."""
    async with World(database_url, PLAN) as world:
        await world.says("pa", "/blocker mongo is down")
        await world.says("amp", "/plan set omega about Sign-in because people asked")
        await world.says("olga", "/blocker ack 1 I look into it")
        await world.advance(minutes=1)
        await world.jump(days=1)
        await world.says("olga", "/blocker resolve 1 restarted")
        await world.advance(minutes=2)
        yield world


def found(world, *statements, heads=None, key="release"):
    """What an audit finds after these statements; then they are undone."""

    def attack(tx):
        for statement in statements:
            for each in statement(tx) if callable(statement) else [statement]:
                tx.connection.execute(each)
        findings = audit.verify(tx, key, heads)
        raise UndoneError([sentence for finding in findings for sentence in finding.wrong])

    with pytest.raises(UndoneError) as undone:
        world.app.db.transact(attack)
    return undone.value.args[0]


def forged(column, old):
    """Other values for a column."""
    if isinstance(old, datetime):
        yield from (old + EARLY, old + LATE)
    elif isinstance(old, bool):
        yield not old
    elif isinstance(old, int | float):
        yield from (old + 1000, 0)
    elif isinstance(old, dict):
        yield from ({}, {"forged": True})
    else:
        yield from ("forged", "")
    if column.nullable:
        yield None


def edits(world, table, where):
    """Every edit of every column of one row: what was written, and what is found then."""
    (row,) = world.app.db.transact(lambda tx: tx.connection.execute(select(table).where(where)).all())
    for column in table.c:
        old = getattr(row, column.name)
        for value in forged(column, old):
            how = value - old if isinstance(old, datetime) and value else None
            harmless = {(table.name, column.name), (table.name, column.name, how)} & HARMLESS
            if value not in (old, "" if old is None else old) and not harmless:
                sentences = found(world, update(table).where(where).values({column.name: value}))
                yield f"{table.name}.{column.name} = {value!r}", sentences


async def test_an_audit_finds_nothing_in_what_was_left_alone(world):
    assert found(world) == []
    assert found(world, key="") == []
    with pytest.raises(Refused, match="There is no plan `other`"):
        world.app.db.transact(audit.verify, "other")


async def test_an_audit_finds_every_edit_of_every_column_of_an_entry_and_says_where(world):
    seq = world.app.db.transact(
        lambda tx: tx.connection.execute(select(func.min(ENTRIES.c.seq)).where(ENTRIES.c.said.is_not(None))).scalar()
    )
    tried = dict(edits(world, ENTRIES, ENTRIES.c.seq == seq))
    assert len(tried) > 20
    missed = {what: sentences for what, sentences in tried.items() if f"entry {seq}" not in " ".join(sentences)}
    assert missed == {}


async def test_an_audit_finds_every_edit_of_the_chain_and_of_the_plan(world):
    tried = dict(edits(world, CHAINS, CHAINS.c.plan_id == 1)) | dict(edits(world, PLANS, PLANS.c.id == 1))
    tried |= dict(edits(world, VERSIONS, VERSIONS.c.number == 1))
    notes = {what for what in tried if what.split(" ")[0] in ("plan_versions.reason", "plan_versions.at")}
    missed = [what for what, sentences in tried.items() if not sentences and what not in notes]
    assert missed == []
    assert "plan `release`: its name was changed since entry" in tried["plans.name = 'forged'"][0]
    assert "live change" in str(found(world, delete(EDITS)))


def _anew(tx):
    """Rewrite an entry, and every hash after it, and the head."""
    yield update(ENTRIES).where(ENTRIES.c.verb == "raised").values(actor="sc")
    previous = seal.BEGINNING
    for entry in tx.connection.execute(select(ENTRIES).where(ENTRIES.c.seq.is_not(None)).order_by(ENTRIES.c.seq)).all():
        previous = seal.link(previous, entry.seq, entry)
        yield update(ENTRIES).where(ENTRIES.c.id == entry.id).values(hash=previous)
    yield update(CHAINS).values(hash=previous)


LAST = select(func.max(ENTRIES.c.seq)).scalar_subquery()
FROM_2 = delete(ENTRIES).where(ENTRIES.c.seq >= 2)
NO_SEQ, NO_SEAL = update(ENTRIES).values(seq=None), update(ENTRIES).values(seq=None, hash=None)
NO_CHAIN, NO_PLAN, NO_HEADS = delete(CHAINS), delete(PLANS), delete(DELIVERIES).where(DELIVERIES.c.kind == seal.HEAD)
ATTACKS: dict[str, tuple[list[Any], str]] = {
    "the last entry is deleted": ([delete(ENTRIES).where(ENTRIES.c.seq == LAST)], "the tail was cut"),
    "the first entry is deleted": ([delete(ENTRIES).where(ENTRIES.c.seq == 1)], "entry 1 is missing"),
    "the tail and the chain's row are deleted": ([FROM_2, NO_CHAIN], "the row that says where the chain ends is gone"),
    "the chain's row is deleted": ([NO_CHAIN], "the row that says where the chain ends is gone"),
    "the tail is cut, and the chain's row fits": (
        [FROM_2, update(CHAINS).values(seq=1, hash=select(ENTRIES.c.hash).where(ENTRIES.c.seq == 1).scalar_subquery())],
        "was published and is not here: the tail was cut",
    ),
    "everything is written anew": ([_anew], "everything up to it was rewritten"),
    "no entry has a place": ([NO_SEQ], "was taken out of the chain"),
    "no entry has a seal": ([NO_SEAL], "the chain ends at entry 0"),
    "no entry has a seal, and the chain's row is gone": ([NO_SEAL, NO_CHAIN], "was published and is not here"),
    "and no head is here": ([NO_SEAL, NO_CHAIN, NO_HEADS], "was taken out of the chain"),
    "published heads are deleted": ([NO_HEADS], "no published head is here"),
    "the timeline is deleted": ([delete(ENTRIES), NO_CHAIN, NO_HEADS], "its timeline was deleted"),
    "the plan's row is deleted": ([NO_PLAN], "the row of the plan with id 1 is gone"),
    "only messages are left": ([delete(ENTRIES), NO_CHAIN, NO_PLAN], "the row of the plan with id 1 is gone"),
    "two entries change places": (
        [update(ENTRIES).where(ENTRIES.c.seq == 2).values(seq=900),
         update(ENTRIES).where(ENTRIES.c.seq == 3).values(seq=2),
         update(ENTRIES).where(ENTRIES.c.seq == 900).values(seq=3)],
        "entry 2",
    ),
}  # fmt: skip


async def test_an_audit_finds_deletions_reordering_and_a_chain_written_anew(world):
    missed = {
        name: said for name, (done, sentence) in ATTACKS.items() if sentence not in str(said := found(world, *done))
    }
    assert missed == {}


async def test_an_audit_takes_a_head_that_only_the_channel_has(world):
    cut = ATTACKS["the tail is cut, and the chain's row fits"][0]
    lost = "entry 5 was published and is not here: the tail was cut"
    assert lost in found(world, *cut, delete(DELIVERIES), heads={5: "ab"})
