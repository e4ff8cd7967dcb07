"""A step of a run that somebody else leads from now on."""

from __future__ import annotations

import pytest

from tests.runbooks.shipping import shipping

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from another file


@pytest.fixture
async def ship(database_url):
    """Ten past two: whoever leads the release notes by name has begun them."""
    async with shipping(database_url) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        await world.done("amp", "announce")
        yield world


async def said(world, person, text):
    return str((await world.says(person, text, "release")).text)


async def test_a_step_that_is_handed_over_is_led_by_somebody_else_in_this_run(ship):
    ship.dm("sc").expect("You lead *Release notes* now")
    answer = await said(ship, "amp", "/run hand notes to @pb")
    assert answer.startswith("<@UPB> leads Release notes now.")
    ship.dm("pb").expect("You lead *Release notes* now", "Done")
    told = ship.dm("sc").expect("*Release notes* (Go-live) is now led by Person B. Nothing to do.")
    assert told.buttons == []
    await ship.advance(seconds=10)
    ship.channel("release").expect("*Release notes*  Person B: until")
    assert "Only <@UPB>" in await said(ship, "sc", "/run confirm notes")
    assert "Release notes is done." in await said(ship, "pb", "/run confirm notes")
    assert ship.entries("step", "handed over")[0].facts["to"] == "pb"
    assert ship.verified() == []


async def test_a_step_can_be_handed_back_by_whoever_leads_it(ship):
    await said(ship, "sc", "/run assign notes pb")
    assert "<@USC> leads Release notes now." in await said(ship, "pb", "/run hand notes sc")
    assert "Only <@USC> or <@UAMP> can hand over Release notes." in await said(ship, "pb", "/run hand notes pb")
    assert "<@USC> leads Release notes already." in await said(ship, "sc", "/run hand notes sc")


async def test_a_step_of_a_team_that_is_handed_over_is_told_to_its_new_lead_once_it_is_near(ship):
    answer = await said(ship, "olga", "/run hand deploy to @pa")
    assert answer.startswith("<@UPA> leads Deploy now.")
    ship.dm("pa").expect_nothing("Deploy")
    await ship.until("2025-11-15 14:25")
    ship.dm("pa").expect("You lead *Deploy* now")
    ship.channel("omega").expect_nothing("leads *Deploy* now")


async def test_a_step_is_handed_only_to_whoever_can_lead_it(ship):
    assert "only follows Release, so they can't lead Release notes" in await said(ship, "amp", "/run hand notes stan")
    assert "Nobody in Release is called `nina`" in await said(ship, "amp", "/run hand notes nina")
    assert "`hand` needs a person." in await said(ship, "amp", "/run hand notes")
    assert "is a reserve, and nobody leads it" in await said(ship, "amp", "/run hand catch-up pa")
    assert "was already confirmed" in await said(ship, "amp", "/run hand announce pa")
    assert "Only <@USC> or <@UAMP> can hand over Release notes." in await said(ship, "pa", "/run hand notes pa")
