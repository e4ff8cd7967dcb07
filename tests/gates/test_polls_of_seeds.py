"""Seed 004's third day from eleven to two, with its decision polled: the stakeholder, then the managing engineer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callboard.gates import service as gates
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.gates.test_seeds import at, example, on_hold, ticks, world_of

DATABASES = ("sqlite",)  # lives of polls run on both
PLAN = (
    example("deployment")
    .replace("      - {tick: Stakeholder approval granted, by: [stakeholder]}\n", "")
    .replace(
        "    sign_off: [{role: coordinator}]\n    if_no_go",
        "    poll: {opens: target - 135m, order: [stakeholder, coordinator], answer_within: 7m}\n    if_no_go",
    )
)


def let_go(tx):
    """The four gates before the decision are done with."""
    amp = Asker(teams.directory(tx, 1), teams.directory(tx, 1).people["amp"])
    for key in ("validated", "tested", "audited", "operable"):
        gates.waive(tx, amp, key, "done", risk_of_adding="none", risk_of_cutting="none")


@pytest.fixture
async def eleven(database_url):
    """Four gates are done with; it is eleven in New York."""
    async with world_of(database_url, PLAN, datetime(2025, 11, 15, 16, tzinfo=UTC)) as world:
        world.app.db.transact(let_go)
        await world.settled()
        yield world


async def test_the_poll_of_the_example_plan_deployment_is_go_before_noon(eleven):
    world = eleven
    assert on_hold(world) == {"go-live"}
    await at(world, "2025-11-15 11:40")
    await ticks(world, "amp", "go", "Deployment window confirmed", "Communication plan ready")
    await at(world, "2025-11-15 11:45")
    page = world.dm("stakeholder").expect("GO or NO-GO for *Stakeholder*")
    await world.clicks("stakeholder", "GO", page)
    await world.advance(seconds=10)
    await world.clicks("amp", "GO", world.dm("amp").expect("GO or NO-GO for *Managing engineer*"))
    await world.advance(seconds=10)
    world.channel("release").expect("*GO*", "Gate 5: Final go or no-go", "GO from <@USTAKEHOLDER> and <@UAMP>")
    assert on_hold(world) == set()
    await at(world, "2025-11-15 14:00")
    assert world.entries("gate", "no-go", "go") == []
    assert world.verified() == []


async def test_the_poll_of_the_example_plan_deployment_is_no_go_where_the_stakeholder_is_silent(eleven):
    world = eleven
    await at(world, "2025-11-15 11:45")
    world.channel("release").expect(
        "The poll of *Gate 5: Final go or no-go* can't open yet", "Communication plan ready"
    )
    await at(world, "2025-11-15 11:50")
    await ticks(world, "amp", "go", "Deployment window confirmed", "Communication plan ready")
    await world.advance(minutes=6)
    assert world.row("gate", "go").state == "ready"
    await world.advance(minutes=2)
    world.channel("release").expect(
        "*NO-GO*", "no answer from Stakeholder (<@USTAKEHOLDER>)", "silence is NO-GO", "Next attempt"
    )
    world.dm("amp").expect_nothing("GO or NO-GO for")
    await at(world, "2025-11-15 14:00")
    assert on_hold(world) == {"go-live"}
    # The next window is a day later, and its poll opens as long before it.
    await ticks(world, "amp", "go", "Deployment window confirmed", "Communication plan ready")
    await at(world, "2025-11-16 11:46")
    world.dm("stakeholder").expect("GO or NO-GO for")
    for person in ("stakeholder", "amp"):
        await world.says(person, "/gate go go", channel="release")
    assert world.row("gate", "go").state == "passed"
