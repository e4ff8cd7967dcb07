"""What a new version of a plan would do to blockers that are open is said before it is applied."""

from __future__ import annotations

import pytest

from callboard.app import sections
from callboard.plans import service as plans

DATABASES = ("sqlite",)  # what a preview says

WITHOUT = {
    "severity": ("severities: {normal: default, critical: default}", "severities: {critical: default}"),
    "category": ("categories: [service down, access denied]", "categories: [access denied]"),
}


def meaning(world, text):
    checked = plans.check(text, "plan.yml", sections())
    assert not checked.errors, checked.report()
    return world.app.db.transact(plans.preview, checked, world.slack.spec.team_id).consequences


async def test_the_plan_files_blockers_section_names_owners_of_open_blockers_who_leave(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pa", "/blocker redis is down too")
    for number in (1, 2):
        await world.says("pb", f"/blocker ack {number}")
    without = world.plan.replace("  pb: {name: Person B, slack: UPB}\n", "").replace(
        "members: [pa, pb]", "members: [pa]"
    )
    assert "pb leaves the plan and has blockers 1 and 2: nobody has them then, and escalation resumes" in meaning(
        world, without
    )


async def test_the_plan_files_escalation_section_names_people_who_would_be_paged_next_and_leave(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    new = world.plan.replace("amp: {name: Amp, slack: UAMP", "bob: {name: Bob, slack: UBOB")
    said = [one for one in meaning(world, new) if one.startswith("amp leaves the plan and would be paged next")]
    assert "for blocker 1" in said[0]


async def test_the_plan_files_blockers_section_names_open_blockers_of_a_team_that_goes(world):
    await world.says("sc", "/blocker mongo refuses TLS", "sigma")
    lines = [line for line in world.plan.splitlines(keepends=True) if "sigma:" not in line]
    assert "sigma leaves the plan and blocker 1 is open there" in meaning(world, "".join(lines))


async def test_the_plan_files_blockers_section_names_open_blockers_of_a_severity_that_goes(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    assert meaning(world, world.plan.replace("name: Release\n", "name: Release 2\n")) == []
    said = meaning(world, world.plan.replace(*WITHOUT["severity"]))
    assert said == ["severity normal goes; blocker 1 keeps it, and the ladder"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_plan_files_blockers_section_does_not_name_resolved_blockers(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pa", "/blocker resolve 1")
    assert meaning(world, world.plan.replace(*WITHOUT["severity"])) == []


async def test_the_plan_files_escalation_section_lets_a_climb_keep_the_policy_it_began_with(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    faster = world.plan.replace("notify: [lead], respond_within: 5m", "notify: [lead], respond_within: 1m")
    assert meaning(world, faster) == ["1 climb keeps the policy default as it was when the climb began"]
    world.apply(faster)
    await world.says("pa", "/blocker redis is down too")
    await world.advance(minutes=1)
    assert (world.dm("amp").count("mongo"), world.dm("amp").count("redis")) == (0, 1)
    await world.advance(minutes=4)
    assert (world.dm("amp").count("mongo"), world.dm("amp").count("redis")) == (1, 1)
