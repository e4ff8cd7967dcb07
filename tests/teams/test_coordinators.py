"""Who stands in for a coordinator who is away can do what only coordinators can; nobody else can, and reads who."""

from __future__ import annotations

import pytest

from tests.gates.company import PLAN_WITH_GATES
from tests.world import World

DATABASES = ("sqlite",)
DEPUTY = PLAN_WITH_GATES.replace("name: Amp, slack: UAMP,", "name: Amp, slack: UAMP, deputies: [sara],")
TYPED = {
    "/plan lift sigma because it is only paperwork": "can go on without",
    "/task override S-1 because the interface is agreed": "S-1",
    "/plan retry": "Nothing to retry",
    "/plan shift 1d": "A shift by 1d moves",
    "/plan preflight start": "Nobody is to be asked",
}


@pytest.mark.parametrize(("typed", "said"), TYPED.items())
async def test_the_rights_of_a_coordinator_are_those_of_who_stands_in_while_they_are_away(database_url, typed, said):
    async with World(database_url, DEPUTY) as world:
        refused = (await world.says("sara", typed, "release")).text
        assert "Only <@UAMP>" in refused, refused
        await world.says("amp", "/plan away today", "release")
        refused = (await world.says("olga", typed, "release")).text
        assert "Only <@USARA>" in refused, refused
        answer = (await world.says("sara", typed, "release")).text
        assert said in answer, answer


async def test_the_rights_of_who_stands_in_for_a_coordinator_hold_for_waivers_of_gates(database_url):
    async with World(database_url, DEPUTY) as world:
        assert "Only <@UAMP>" in (await world.says("sara", "/gate waive validated because of that", "release")).text
        await world.says("amp", "/plan away today", "release")
        assert "Only <@USARA>" in (await world.says("olga", "/gate waive validated because of that", "release")).text
        await world.opens("sara", "/gate waive validated", "release")
        in_an_hour = int(world.clock.now().timestamp()) + 3600
        record = {"Why": "the vault is down", "Risk of adding": "keys may leak", "Risk of cutting": "a day"}
        assert "You waived it." in await world.submits("sara", {**record, "Until when": in_an_hour})
        assert world.row("gate", "validated").state == "waived"


async def test_nobody_who_stands_in_for_a_coordinator_has_the_right_to_change_the_plan(database_url):
    async with World(database_url, DEPUTY) as world:
        await world.says("amp", "/plan away today", "release")
        refused = (await world.says("sara", "/plan set sara roles [coordinator]", "release")).text
        assert "Only <@UAMP> can change" in refused
