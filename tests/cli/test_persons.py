"""`callboard person`: whoever left is nobody any more in the whole database, and what they did stays proven."""

from __future__ import annotations

import json
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel
from typer.testing import CliRunner

from callboard.app import erasure
from callboard.app.erasure.words import WORDS
from callboard.cli.main import main
from callboard.core.timeline import Entry
from tests.api.desk import PLAN
from tests.gates.company import PEOPLE
from tests.growth.company import MORE
from tests.world import World

DATABASES = ("sqlite",)  # what is erased is the same on both; how it is written is tried on both once
ZOE = (
    "pa: {name: Zoe Quillfeather, slack: UPA, email: Zoe@example.com, phone: '+4915100042', "
    "fallback: ['json://zoe.example.com/x'], git: [zq@git.example.com], github: zquill}"
)
WITH_ZOE = (PLAN + MORE).replace("pa: {name: Person A, slack: UPA}", ZOE)
WITHOUT = WITH_ZOE.replace(ZOE, "pa: {name: Seat A, vacant: true}")
STORY = """\
pa /blocker mongo refuses my certificate again
pa /blocker note 1 it is 4 o'clock
olga /blocker note 1 Zoe Quillfeather says it is the certificate
olga /blocker ack 1
pa /lock src/a.py for my long refactoring
pa /gate tick validated 1
pa /plan lesson ask my sister before you deploy
pa /plan kudos @pb for bringing me home
pa /task start O-1
pa /task block O-1 because I am ill today
pa /plan away tomorrow
pa /risk raise low high the vendor is late
pa /emergency 1 the database of my team burns
pb /emergency update 1 @pa is on it, call +4915100042
pa /plan
pa /plan contacts
pa /lock token
pa /plan calendar
olga /blocker resolve 1
olga /emergency end 1 the fire is out
"""
MARKS = ("Quillfeather", "UPA", "oe@example.com", "15100042", "zoe.example", "zq@git", "zquill")
TYPED = (
    "at home badly", "my garden", "my certificate", "4 o'clock", "my long refactoring", "my sister", "bringing me home",
    "ill today", "of my team",
)  # fmt: skip


def stored(world):
    """All that is in the database, as text."""

    def read(tx):
        names = [table.name for table in SQLModel.metadata.sorted_tables if table.name != "signing_keys"]
        asked = {name: text(f'SELECT * FROM "{name}"') for name in names}  # noqa: S608
        return {name: repr(tx.connection.execute(each).all()) for name, each in asked.items()}

    return world.app.db.transact(read)


def found(world, *words):
    return sorted((table, word) for table, rows in stored(world).items() for word in words if word in rows)


@pytest.fixture
async def company(database_url, monkeypatch):
    """Zoe did a bit of everything, as Person A."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    async with World(database_url, WITH_ZOE, people=PEOPLE) as world:
        for line in STORY.splitlines():
            who, _, said = line.partition(" ")
            await world.says(who, said)
        await world.advance(minutes=31)
        await world.opens("pa", "/standup")
        await world.submits("pa", {"Yesterday": "slept at home badly", "Today": "my garden", "Blockers": "none"})
        yield world


def person(*words):
    return CliRunner().invoke(main, ["person", *words, "--plan", "release"])


@pytest.mark.both_databases
async def test_persons_who_left_are_erased_from_the_whole_database_and_the_record_stays_proof(company):
    assert {word for _, word in found(company, *MARKS, *TYPED)} == {*MARKS, *TYPED}
    refused = person("erase", "pa", "--yes", "--reason", "asked for")
    assert refused.exit_code == 1
    assert "`pa` is still in the plan release. Take them out of its file, or put" in refused.stderr
    company.apply(WITHOUT)
    await company.settled()
    before = stored(company)
    dry = person("erase", "pa", "--dry-run")
    assert "timeline.said: " in dry.stdout
    assert stored(company) == before
    erased(company)
    assert found(company, *MARKS, *TYPED) == []
    assert company.verified() == []
    assert (await company.says("olga", "/blocker show 1")).text
    await company.says("pb", "/blocker the printer is on fire")
    await company.advance(minutes=30)
    assert [each.said for each in company.entries("blocker", "raised")][-1] == "the printer is on fire"
    assert company.verified() == []
    again = person("erase", "pa", "--yes", "--reason", "asked for")
    assert "Nothing says who `pa` in release was." in again.stderr


async def test_persons_can_read_all_that_is_stored_of_them(company):
    told = json.loads(person("export", "pa").stdout)
    assert {
        "blockers",
        "check_ins",
        "deliveries",
        "kudos",
        "lessons",
        "people",
        "plan_versions",
        "timeline",
    } <= told.keys()
    written = json.dumps(told)
    assert [word for word in (*MARKS, *TYPED) if word not in written] == []


async def test_the_audit_finds_whoever_edits_an_entry_of_somebody_who_was_erased(company):
    company.apply(WITHOUT)
    erased(company)
    ticked = company.entries("gate", "ticked")[0]

    def edit(tx):
        entry = tx.session.get(Entry, ticked.id)
        entry.facts = entry.facts | {"criterion": "Something else"}

    company.app.db.transact(edit)
    assert any("(ticked gate 1) was changed after it was sealed" in each for each in company.verified())


def test_persons_have_their_words_in_the_columns_that_erasure_knows():
    """A table with a new column for somebody's words is named there."""
    for name, kinds in WORDS.items():
        table = SQLModel.metadata.tables[name]
        for words in kinds:
            assert {words.by, *words.columns} <= set(table.c.keys()), name
    tables = [table for table in SQLModel.metadata.sorted_tables if "text" in table.c and "by" in table.c]
    assert [table.name for table in tables if table.name not in WORDS] == []


def erased(world):
    """Erase Zoe, as `callboard person erase` does, at the time of the world."""
    run = partial(erasure.erase, actor="test", reason="asked for")
    return world.app.db.transact(lambda tx: run(tx, erasure.find(tx, "release", "pa")))
