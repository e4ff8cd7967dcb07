"""Long checklists, names and histories of a blocker: nothing of them is lost unsaid."""

from __future__ import annotations

import pytest

from tests.contract import published
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # what a form and an answer hold


def with_checklist(number: int, length: int = 20) -> str:
    items = ", ".join(f"Point {n} {'n' * length}"[:length].strip() for n in range(number))
    return PLAN.replace("checklist: [Coordinator told, Workaround found]", f"checklist: [{items}]")


async def test_the_form_that_resolves_a_blocker_has_every_point_of_a_long_checklist(database_url):
    async with World(database_url, with_checklist(25)) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        await world.clicks("olga", "Resolve", world.card())
        form = await world.opened("olga")
        elements = [block["element"] for block in form.body["blocks"] if block["type"] == "input"]
        every = [element["options"] for element in elements if element["type"] == "checkboxes"]
        assert [len(options) for options in every] == [10, 10, 5]
        first, last = (options[-1]["text"]["text"] for options in (every[0], every[-1]))
        ticked = {"Checklist, 1 to 10": [first], "Checklist, 21 to 25": [last]}
        assert (await world.slack.submit("olga", {"What helped?": "A restart", **ticked})).ok
        await world.settled()
        (resolved,) = world.entries("blocker", "resolved")
        assert resolved.facts["ticked"] == [first, last]


@pytest.mark.parametrize("length", [75, 76, 150, 151, 200])
async def test_the_form_of_a_blocker_takes_names_of_every_length_that_a_plan_may_have(database_url, length):
    severity, category = ("s" * length, "c" * length)
    plan = PLAN.replace("critical: default", f"critical: default, {severity}: default")
    plan = plan.replace("service down", category).replace("name: Omega,", f"name: {'O' * length},")
    async with World(database_url, plan) as world:
        await world.says("pa", "/blocker")
        form = await world.opened("pa")
        assert published.check_view({key: form.body[key] for key in ("type", "title", "submit", "blocks")}) == []
        chosen = [block["element"]["options"][-1]["value"] for block in form.body["blocks"][1:4]]
        values = {"severity": chosen[0], "category": form.body["blocks"][2]["element"]["options"][0]["value"]}
        assert (await world.slack.submit("pa", {"What is blocked?": "mongo refuses TLS", **values})).ok
        await world.settled()
        blocker = world.row("blocker", 1)
        assert (blocker.severity, blocker.category) == (severity, category)


async def test_the_history_of_a_blocker_shows_the_newest_and_counts_what_came_before(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    for number in range(12):
        await world.says("pa", f"/blocker note 1 note {number}: {'word ' * 140}")
    shown = (await world.says("olga", "/blocker show 1")).text
    assert "note 11:" in shown
    assert "note 0:" not in shown
    assert "earlier entries: see the thread of its card" in shown
    card = world.card()
    world.thread(card).expect("note 0:")
