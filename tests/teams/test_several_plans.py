"""Two plans with the same people and channels in one workspace: which one is meant, and which one it was."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)
WINTER = (
    PLAN.replace("key: release\nname: Release", "key: winter\nname: Winter & Co")
    .replace("to: 2025-11-15", "to: 2025-11-20")
    .replace("  stan: {name: Stakeholder, slack: USTAN, roles: [stakeholder]}\n", "")
)


@pytest.fixture
async def both(database_url):
    async with World(database_url) as world:
        world.apply(WINTER)
        await world.app.linker.link(world.slack.spec.team_id)
        await world.settled()
        yield world


async def test_a_person_of_two_plans_is_asked_once_and_the_answer_stays_with_what_they_chose(both):
    asked = (await both.says("pa", "/blocker mongo is down")).messages[-1]
    assert "Which plan do you mean?\nRelease\nWinter & Co" in asked.shown
    assert "Next time you can write it in front: `/blocker release: …`" in asked.shown
    answer = (await both.clicks("pa", "Winter & Co", asked)).messages[-1]
    assert answer.shown.startswith("*Winter &amp; Co*\nBlocker 1 is open for Omega.")
    assert both.row("blocker", 1).plan_id == 2
    await both.clicks("pa", "Undo", answer)
    assert both.row("blocker", 1).state == "withdrawn"


async def test_a_number_says_which_plan_is_meant(both):
    await both.says("pa", "/blocker release: mongo is down")
    await both.says("pa", "/blocker winter: redis is down")
    assert [both.row("blocker", number).plan_id for number in (1, 2)] == [1, 2]
    shown = (await both.says("pa", "/blocker show 2")).messages[-1].shown
    assert shown.startswith("*Winter &amp; Co*\n")
    assert "redis is down" in shown
    done = (await both.says("pa", "/blocker resolve 1 and 2")).messages[-1].shown
    assert "*Release*" in done
    assert "*Winter &amp; Co*" in done
    assert {both.row("blocker", number).state for number in (1, 2)} == {"resolved"}
    assert "Which plan do you mean?" in (await both.says("pa", "/blocker show 7")).text
    await both.says("pa", "/lock winter: src/a.py for tests")
    assert "Released" in (await both.says("pa", "/lock release 1")).text


async def test_pages_and_cards_name_their_plan_where_it_may_be_another(both):
    await both.says("pa", "/blocker winter: redis is down")
    page, card = both.dm("olga").expect("Blocker 1"), both.card(1)
    for message in (page, card):
        assert message.shown.startswith("*Winter &amp; Co*\n")
        assert message.text.startswith("Winter &amp; Co: ")
    await both.advance(minutes=6)
    assert "Winter" not in both.thread(card).expect("Managing engineer").shown


async def test_whoever_has_one_plan_reads_no_name_of_it(both):
    await both.says("stan", "/plan test")
    assert not both.dm("stan").expect("test page").shown.startswith("*Release*")
    assert (await both.says("stan", "/plan")).text.startswith("*Release* (`release`)")


async def test_a_form_and_a_card_of_one_plan_stay_with_it_while_another_is_newer(both):
    await both.says("pa", "/blocker release: mongo is down")
    await both.clicks("olga", "Resolve", both.card(1))
    form = await both.opened("olga")
    assert form.shown.splitlines()[1] == "*Release*"
    await both.submits("olga", {})
    assert both.row("blocker", 1).state == "resolved"
    asked = (await both.says("pa", "/blocker")).messages[-1]
    await both.clicks("pa", "Winter & Co", asked)
    assert "*Winter &amp; Co*" in (await both.opened("pa")).shown
    await both.submits("pa", {"what": "redis is down"})
    assert both.row("blocker", 2).plan_id == 2


async def test_a_refusal_names_the_plan_that_refuses(both):
    assert (await both.says("sc", "/plan winter: away tomorrow @pa")).text.startswith("Winter &amp; Co: Only ")


async def test_a_plan_that_is_over_is_meant_only_where_it_is_named(both):
    await both.says("pa", "/blocker release: mongo is down")
    await both.home("pa")
    await both.jump(days=2, hours=10)
    assert (await both.says("pa", "/plan")).text.startswith("*Winter &amp; Co* (`winter`)")
    assert (await both.says("pa", "/plan release:")).text.startswith("*Release*\n*Release* (`release`)")
    assert "mongo is down" in (await both.says("pa", "/blocker show 1")).text
    assert "Winter & Co" in (await both.home("pa")).shown.splitlines()[1]
    await both.says("pa", "/blocker redis is down as well")
    assert not both.dm("olga").expect("redis is down").shown.startswith("*Winter")


async def test_plans_of_one_name_are_told_apart_by_their_keys(world):
    world.apply(PLAN.replace("key: release", "key: again"))
    asked = (await world.says("pa", "/task list")).messages[-1]
    assert "Release (again)\nRelease (release)" in asked.shown
    answer = (await world.clicks("pa", "Release (again)", asked)).messages[-1]
    assert answer.shown.startswith("*Release (again)*")
