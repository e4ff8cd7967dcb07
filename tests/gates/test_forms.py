"""Forms of gates: they do what they showed, or nothing."""

from __future__ import annotations

import pytest

from tests.gates.company import company

DATABASES = ("sqlite",)
CRITERION = "      - {tick: No credentials in git, by: [omega], evidence: docs/SECRETS.md}\n"


@pytest.fixture
async def world(database_url):
    async with company(database_url) as world:
        yield world


async def opens(world, person, gate, label, value=None):
    """Click on a card that was shown now; what the form or the answer says."""
    await world.says(person, f"/gate show {gate}", "release")
    return await presses(world, person, world.slack.ephemerals(person, "release")[-1], label, value)


async def presses(world, person, card, label, value=None):
    await world.clicks(person, label, card, value=value)
    views = world.slack.views(person)
    return views[-1].shown if views else world.slack.ephemerals(person, "release")[-1].shown


def ticks(world, gate="validated"):
    return [entry.facts["criterion"] for entry in world.entries("gate", "ticked", gate)]


async def test_a_form_ticks_what_was_chosen_though_the_plan_has_other_criteria_before_it_now(world):
    await opens(world, "pa", "validated", "Tick...")
    world.apply(world.plan.replace(CRITERION, f"      - {{tick: Backups tested, by: [omega]}}\n{CRITERION}"))
    assert "Ticked." in await world.submits("pa", {"What did you check?": "No credentials in git"})
    assert ticks(world) == ["No credentials in git"]
    await opens(world, "pa", "validated", "Tick...")
    world.apply(world.plan.replace("tick: No credentials in git", "tick: No passwords in git"))
    assert "No criterion is called" in await world.submits("pa", {"What did you check?": "Backups tested"})


async def test_the_form_to_tick_opens_for_whoever_can_and_offers_only_that(world):
    for person, words in (("sc", "Only <@UOLGA>, <@UPA> or <@UPB> can tick that"), ("obi", "as Observer")):
        assert words in await opens(world, person, "validated", "Tick...")
        assert not world.slack.views(person)
    both = CRITERION + "      - {tick: The window is free, by: [amp]}\n"
    world.apply(world.plan.replace(CRITERION, both))
    offered = await opens(world, "pa", "validated", "Tick...")
    assert "No credentials in git" in offered
    assert "The window is free" not in offered


async def test_a_no_go_of_an_earlier_attempt_does_not_end_the_next_one(world):
    await opens(world, "amp", "go", "NO-GO...")
    await opens(world, "stan", "go", "NO-GO...")
    await world.submits("stan", {"Why": "the window is taken"})
    assert world.row("gate", "go").attempt == 2
    said = await world.submits("amp", {"Why": "nothing was tested"})
    assert said.startswith("Callboard\nAttempt 1 of Go or no-go has ended since you opened this form.")
    assert world.row("gate", "go").attempt == 2
    assert world.entries("gate", "refused", "go")[-1].facts["tried"] == "reject"


async def test_a_waiver_covers_only_what_its_form_showed(world):
    await world.says("pa", "/gate tick validated 1", "release")
    why = {"Why": "paperwork", "Risk of adding": "none", "Risk of cutting": "a day"}
    shown = await opens(world, "amp", "validated", "gate.more", "Waive...")
    assert "No credentials in git" not in shown
    await world.says("pa", "/gate untick validated 1", "release")
    said = await world.submits("amp", why)
    assert "lacks more than this form showed, so I waived nothing" in said
    assert "No credentials in git" in said
    assert world.row("gate", "validated").state == "pending"
    await opens(world, "amp", "validated", "gate.more", "Waive...")
    await world.says("pa", "/gate tick validated 1", "release")
    assert "You waived it." in await world.submits("amp", why)
