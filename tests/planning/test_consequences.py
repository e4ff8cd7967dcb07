"""A plan changes while everything is under way: whoever hands it in reads first what becomes of that."""

from __future__ import annotations

import pytest

from callboard.app import sections
from callboard.plans import service as plans
from tests.planning.moving import WITHOUT_PB, changed, moving, under_way

DATABASES = ("sqlite",)  # what is written is tried on both in test_moving_plan


@pytest.fixture
async def world(database_url):
    async with moving(database_url) as world:
        await under_way(world)
        yield world


def means(world, text):
    """What an apply would mean now, in sentences."""
    checked = plans.check(text, "plan.yml", sections())
    assert not checked.errors, checked.errors
    return world.app.db.transact(plans.preview, checked, world.slack.spec.team_id).consequences


async def test_an_apply_says_what_becomes_of_all_that_somebody_has_who_leaves_the_plan(world):
    await world.says("amp", "/emergency 1 the shop is shut", "release")
    await world.says("pb", "/emergency take 1 scribe", "release")
    assert means(world, changed(*WITHOUT_PB)) == [
        "pa is on call for omega from now on, and no longer pb",
        "pb leaves the plan and has blocker 2: nobody has it then, and escalation resumes",
        "pb leaves the plan and has lock 1 (src/auth/**): a lead or a coordinator can break it",
        "pb leaves the plan and is scribe of emergency 1: nobody is then",
        "Cast-off runs, and goes on with the steps it began with: what changed counts for its next run",
        "pb leaves the plan and would lead the step Open the gate of Cast-off: `/run hand open-the-gate @somebody`",
    ]
    olga = ("  olga: {name: Omega lead, slack: UOLGA, deputies: [pa]}\n", ""), ("lead: olga", "lead: pa")
    assert means(world, changed(*olga)) == ["olga leaves the plan and has signed gate ready: that no longer counts"]


async def test_an_apply_says_what_becomes_of_a_gate_that_people_have_worked_on(world):
    for edit, said in (
        (
            ("criteria: [Seen,", "criteria: [Seen by two,"),
            ["gate ready asks for something else, so olga must sign it again"],
        ),
        (
            ("due: 2025-11-13 15:00", "due: 2025-11-13 09:05"),
            ["gate ready is overdue at once: 2025-11-13 09:05 has passed"],
        ),
        (("due: 2025-11-13 15:00", "due: 2025-11-13 16:30"), []),
    ):
        assert means(world, changed(edit)) == said
    said = means(world, changed(("  ready:\n", "  set:\n")))
    assert said[0].startswith("gate ready goes and set comes, and both are called the same")
    assert said[1:] == ["gate ready leaves the plan, with 2 ticks and the signature of olga"]


async def test_an_apply_says_that_what_runs_keeps_its_steps_and_its_ladder(world):
    keeps = "Cast-off runs, and goes on with the steps it began with: what changed counts for its next run"
    step = '      - {at: "10:40", title: Tell people, lead: sigma}\n'
    assert means(world, changed((step, ""))) == [keeps]
    away = means(
        world, changed(("runbooks:\n  cast-off:\n    day: 2025-11-13", "runbooks:\n  other:\n    day: 2025-11-14"))
    )
    assert away[-1] == "Cast-off leaves the plan while it runs: it goes on to its end, unless somebody stops it"
    nobody = changed(("roles: [executive]", "roles: [observer]"), ("notify: [executive]", "notify: [stakeholder]"))
    assert means(world, nobody)[0] == "2 climbs keep the policy default as it was when the climb began"


async def test_an_apply_names_a_step_of_a_climb_that_reaches_nobody_any_more(database_url):
    nobody = changed(("roles: [executive]", "roles: [observer]"), ("notify: [executive]", "notify: [stakeholder]"))
    async with moving(database_url) as world:
        await world.says("sc", "/blocker mongo refuses TLS connections", "sigma")
        assert "nobody is on the step Executive any more, which blocker 1 may climb to" in means(world, nobody)


async def test_an_apply_says_whose_lock_is_in_the_zone_of_another_team_from_now_on(world):
    said = means(world, changed(('{team: omega, paths: ["src/**"]}', '{team: sigma, paths: ["src/**"]}')))
    assert said == ["lock 1 (src/auth/**) of pb is in the zone of sigma from now on, and stays until it ends"]


async def test_an_apply_says_what_another_zone_and_earlier_times_mean_today(world):
    assert means(world, changed(("timezone: UTC", "timezone: Europe/Berlin"))) == [
        "times without a zone are by the clocks of Europe/Berlin now: 1h earlier",
        "past at once by their new times: Daily (standup, 13 Nov 09:30)",
    ]
    said = means(world, changed(('at: "11:00"', 'at: "09:05"'), ("at: 2025-11-13 12:00", "at: 2025-11-13 09:10")))
    assert said == ["past at once by their new times: Sync (meeting, 13 Nov 09:05), Noon (checkpoint, 13 Nov 09:10)"]


async def test_an_apply_asks_whether_what_goes_and_what_comes_with_its_name_are_the_same(world):
    psi = (
        ("  omega: {name: Omega", "  psi: {name: Omega"),
        ("team: omega", "team: psi"),
        ("lead_of: omega", "lead_of: psi"),
    )
    said = means(
        world, changed(*psi, ("by: [omega]", "by: [psi]"), ("lead: omega", "lead: psi"), ("omega: {rot", "psi: {rot"))
    )
    assert said[0] == (
        "team omega goes and psi comes, and both are called the same: what people did with omega stays behind. "
        "To keep it, keep the key omega"
    )
    assert means(world, changed(("  O-2: {title: Sign-in", "  O-3: {title: Another"))) == []
