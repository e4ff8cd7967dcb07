"""Buttons and forms of what has left the plan, has ended, or is not theirs: what whoever uses them reads."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)
RICH = f"""{PLAN}
tasks: [{{O-1: {{title: Schema, team: omega, assignee: pa}}}}]
gates:
  quick: {{name: Quick, due: 2025-11-14 17:00, criteria: [It works], sign_off: [{{lead_of: omega}}]}}
standups: [{{name: Daily, days: mon-sun, at: "09:00", who: [omega], window: 8h, questions: [Today]}}]
emergencies: {{1: {{name: Sinking, when: [All is down], respond_within: 6m, tell: [all leads]}}}}
rollbacks: {{ship: {{within: 40m, scope: All, order: [coordinator], confirm: 2, steps: [Close]}}}}
runbooks:
  cut: {{day: 2025-11-13, steps: [{{id: a, at: "09:00", title: Shut the door, lead: omega, items: [Left]}}]}}
"""


@pytest.fixture
async def world(database_url):
    async with World(database_url, RICH) as world:
        yield world


async def read(world, person, label, message, channel):
    """What somebody reads after a click on a message that they still see as it was."""
    await world.slack.click(person, message.channel, message.ts, label)
    await world.settled()
    views = world.slack.views(person)
    shown = views[-1].shown if views else world.slack.ephemerals(person, channel)[-1].shown
    assert "Something went wrong" not in shown
    return shown


async def test_old_buttons_and_forms_of_what_left_the_plan_say_that_it_has(world):
    await world.says("pa", "/gate show quick")
    gate = world.slack.ephemerals("pa", "omega")[-1]
    prompt = world.dm("pa").expect("Daily")
    await world.slack.click("pb", world.dm("pb").expect("Daily").channel, world.dm("pb").expect("Daily").ts, "Fill in")
    await world.opened("pb")
    drawn = list(prompt.blocks)
    world.apply(PLAN)
    assert "has left the plan" in await read(world, "pa", "Tick...", gate, "omega")
    assert (await world.says("pa", "/gate tick quick 1")).text.startswith("Gate `quick` has left the plan.")
    assert (await world.says("pa", "/task start O-1")).text.startswith("Task `O-1` has left the plan.")
    assert "That standup has left the plan" in await world.submits("pb", {"Today": "The schema"})
    assert prompt.buttons == []
    prompt.blocks = drawn
    assert "That standup has left the plan" in await read(world, "pa", "Fill in", prompt, "dm")


async def test_old_forms_of_a_run_say_who_ended_it_before_anybody_fills_them_in(world):
    await world.says("amp", "/run rollback ship because it broke", "release")
    card = next(each for each in world.channel("omega").messages if "Delay..." in each.buttons)
    drawn = list(card.blocks)
    await world.says("amp", "/run stop ship because it was called by mistake", "release")
    again = await world.says("amp", "/run stop ship because it was called by mistake", "release")
    assert again.text.startswith("Rollback ship was already stopped by <@UAMP>"), again.text
    await world.says("amp", "/run fail a because the door is stuck", "release")
    card.blocks = drawn
    shown = await read(world, "olga", "Delay...", card, "omega")
    assert "Shut the door has changed: <@UAMP> failed" in shown
    assert not world.slack.views("olga")


async def test_a_form_is_not_opened_for_whoever_cannot_send_it(world):
    await world.says("olga", "/emergency 1 everything is down")
    card = world.channel("omega").expect("everything is down")
    assert "Only <@UAMP>" in await read(world, "pa", "Post an update", card, "omega")
    assert not world.slack.views("pa")
    await world.says("sc", "/task show O-1", "sigma")
    task = world.slack.ephemerals("sc", "sigma")[-1]
    for value in ("Assign", "Drop", "Add note"):
        await world.clicks("sc", "task.more", task, value=value)
        assert world.slack.ephemerals("sc", "sigma")[-1].shown.startswith("Only ")
        assert not world.slack.views("sc")


async def test_a_sentence_with_names_stands_over_its_form_as_a_field_shows_plain_text(world):
    await world.says("olga", "/emergency 1 everything is down")
    card = world.channel("omega").expect("everything is down")
    await world.slack.click("amp", card.channel, card.ts, "End")
    await world.opened("amp")
    await world.says("olga", "/emergency withdraw 1")
    outcome = await world.slack.submit("amp", {"summary": "Restarted"})
    assert not outcome.errors
    assert "withdrawn as a false alarm by <@UOLGA>" in outcome.view.shown
    assert len(world.slack.views("amp")) == 2


async def test_the_checklist_of_a_blocker_keeps_what_was_ticked_though_the_plan_lists_more_now(world):
    world.apply(RICH)
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.clicks("amp", "Resolve", world.card())
    await world.opened("amp")
    more = RICH.replace("checklist: [Coordinator told", "checklist: [Vendor called, Coordinator told")
    world.apply(more)
    await world.submits("amp", {"Checklist": ["Coordinator told"]})
    assert world.entries("blocker", "resolved")[-1].facts["ticked"] == ["Coordinator told"]
