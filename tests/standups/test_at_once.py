"""A round that three processes attend to at the same instants, on one database; and one whose window ends tomorrow."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from callboard.app import CAPABILITIES, database, sections
from callboard.checkpoints.models import Checkpoint, Inquiry
from callboard.core.clock import ManualClock
from callboard.core.outbox import Delivery
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.standups.models import CheckIn, Round, State
from tests.serving.house import NURSERY
from tests.standups.conftest import DAILY, fills_in, standing_up
from tests.world import at

NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)
PEOPLE, PROCESSES, PATIENCE = 24, 3, 120
BEATS = ("standups", "checkpoints", "cadences", "meetings", "board")
PLAN = """\
callboard: 1
key: many
name: Many
timezone: UTC
from: 2026-03-03
to: 2026-03-04
working_hours: {{days: mon-sun, hours: "00:00-24:00"}}
channels: {{coordination: "#many"}}
people:
{people}
teams: {{all: {{name: All, lead: p0, members: [{members}]}}}}
tasks: {{T-1: {{title: Something, team: all, assignee: p0}}}}
standups: [{{name: Daily, at: "09:00", who: [all], window: 1h, remind_after: 30m}}]
checkpoints: [{{name: First, team: all, at: 2026-03-03 09:00, expects: {{T-1: completed}}}}]
meetings: [{{name: Planning, at: 2026-03-03 09:15, who: [all]}}]
reports: {{daily: {{at: "10:00", to: ["#coordination"]}}}}
"""


def text():
    people = "\n".join(f"  p{n}: {{name: P{n}, slack: UP{n:04}}}" for n in range(PEOPLE))
    return PLAN.format(people=people, members=", ".join(f"p{n}" for n in range(1, PEOPLE)))


def attend(url, instants, together):
    """What each process does: at every instant, all that is due, at the same time as the others."""
    clock = ManualClock(instants[0])
    db = database(Settings(database_url=url), clock)
    works = [work for capability in CAPABILITIES if capability.name in BEATS for work in capability.due]

    def some(tx, work):
        found = work.claim(tx, 5)
        work.handle(tx, found)
        return len(found)

    for instant in instants:
        clock.move_to(instant)
        together.wait(PATIENCE)
        while sum(db.transact(some, work) for work in works):
            pass
        together.wait(PATIENCE)
    db.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_standup_that_comes_due_in_three_processes_asks_reminds_and_posts_once(database_url):
    db = database(Settings(database_url=database_url), ManualClock(NINE - timedelta(hours=1)))
    checked = plans.check(text(), "many.yml", sections())
    assert not checked.errors, checked.errors
    db.transact(plans.apply, checked, author="test", workspace="T1")
    together = NURSERY.Barrier(PROCESSES)
    instants = [NINE + timedelta(minutes=minutes) for minutes in (-60, 0, 30, 60)]
    running = [NURSERY.Process(target=attend, args=(database_url, instants, together)) for _ in range(PROCESSES)]
    for process in running:
        process.start()
    for process in running:
        process.join(2 * PATIENCE)
    assert [process.exitcode for process in running] == [0] * PROCESSES

    def kinds(tx):
        return Counter(one.kind for one in tx.session.exec(select(Delivery)))

    def rows(tx, kind):
        return tx.session.exec(select(kind)).all()

    sent = db.transact(kinds)
    expected = {
        "standup.prompt": PEOPLE, "standup.reminder": PEOPLE, "standup.digest": 1, "checkpoint.card": 1,
        "inquiry.ask": 1, "meeting.card": 1, "report.sent": 1,
    }  # fmt: skip
    assert {kind: sent[kind] for kind in expected} == expected
    assert [one.state for one in db.transact(rows, CheckIn)] == [State.MISSED] * PEOPLE
    assert [len(db.transact(rows, kind)) for kind in (Round, Checkpoint, Inquiry)] == [1, 1, 1]
    db.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_schedule_of_a_standup_counts_a_window_over_midnight_to_the_day_it_began(database_url):
    plan = DAILY.replace('at: "09:00", clock: person', 'at: "23:30"').replace(
        "timezone: UTC\n", 'timezone: UTC\nworking_hours: {days: mon-sun, hours: "00:00-24:00"}\n'
    )
    async with standing_up(database_url, plan, at("2025-11-13 22:00")) as world:
        await world.until("2025-11-13 23:30")
        world.dm("pa").expect("*Daily*: what is new?")
        await world.until("2025-11-14 00:45")
        await fills_in(world, "pa", {"Today": "Schema"})
        world.dm("pa").expect("*Daily* of Thursday, 13 November: thank you")
        await world.until("2025-11-14 01:30")
        world.channel("omega").expect("*Daily*", "Thursday, 13 November", "1 of 3 reported")
        await world.until("2025-11-14 23:29")
        assert world.channel("omega").count("*Daily*") == 1
        await world.until("2025-11-15 01:30")
        world.channel("omega").expect("*Daily*", "Friday, 14 November", "0 of 3 reported")
