"""Owners of areas: they may do for its tasks what a lead may, and hear what the lead hears."""

from __future__ import annotations

import pytest

from tests.planfile.sample import check
from tests.tasks.conftest import WORK
from tests.world import World

OWNED = WORK.replace("areas: {API: {planned: 4}}", "areas: {API: {planned: 4, owner: stan}}")


@pytest.fixture
async def work(database_url):
    async with World(database_url, OWNED) as world:
        yield world


async def test_the_owner_of_an_area_may_do_with_its_tasks_what_a_lead_may_and_is_named(work):
    refused = (await work.says("sc", "/task assign A-2 @pb", "release")).text
    assert "<@USTAN>" in refused
    assert "<@UOLGA>" in refused
    await work.says("stan", "/task assign A-2 @pb", "release")
    assert work.row("task", "A-2").assignees == ["pb"]
    assert "<@USTAN>" not in (await work.says("sara", "/task assign S-2 @pb", "release")).text


async def test_the_owner_of_an_area_hears_that_its_task_is_overdue(work):
    await work.advance(hours=5)
    work.dm("stan").expect("Late in your area", "*A-1*", "<@UPA> has it: ask how far it is")


def test_the_check_of_areas_in_the_plan_file_knows_their_owners():
    text = OWNED.replace("owner: stan", "owner: stn")
    assert any(
        "areas.API.owner: there is no person `stn`; did you mean `stan`?" in p.sentence for p in check(text).errors
    )
    lone = OWNED.replace("slack: USTAN, roles: [stakeholder]", "slack: USTAN")
    assert not [problem for problem in check(lone).problems if "in no team" in problem.sentence]
