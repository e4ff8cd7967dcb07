"""The Home tab as people open it: what each role reads, and that its buttons do what those of the cards do."""

from __future__ import annotations

from importlib import resources

import pytest

from callboard.board.home import messages, views
from callboard.board.home.overview import Reader
from callboard.gallery import example
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from slack_standin.methods.views import check_view
from tests.contract import published
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # it asks what the commands ask; how it stays fresh is tried on both
RICH = PLAN.replace(
    "roles: [stakeholder]}", "roles: [stakeholder]}\n  obs: {name: Observer, slack: UOBS, roles: [observer]}"
) + """\
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-13 18:00}
  ship: {name: Ship, from: 2025-11-14 09:00, to: 2025-11-15 18:00}
tasks:
  O-1: {title: Gather the adapters, team: omega, phase: build, assignees: [pa], due: 2025-11-13 12:00}
  O-2: {title: Call them in parallel, team: omega, phase: ship, assignees: [pa], needs: [O-1]}
  S-1: {title: Test the adapters, team: sigma, phase: ship, assignees: [sc], needs: [tested]}
gates:
  tested:
    name: Tested
    due: 2025-11-13 17:00
    criteria: [{tick: All tests are green, by: [pb]}]
    sign_off: [{who: olga}]
standups:
  - {name: Daily, at: "09:30", who: [omega], questions: ["What did you do?", "What blocks you?"], window: 1h}
"""  # fmt: skip
PEOPLE = ("olga", "pa", "pb", "sara", "sc", "amp", "exec", "stan", "obs")


@pytest.fixture
async def world(database_url):
    async with World(database_url, RICH, people=PEOPLE) as world:
        yield world


def buttons(home):
    """What can be clicked, as it is called."""
    every = [element for block in home.blocks for element in block.get("elements", ()) if "action_id" in element]
    return [element["text"]["text"] for element in every if element["type"] == "button"]


def texts(home):
    """The lines of a Home."""
    return home.shown.splitlines()


def number(home, heading):
    return next(line for line in texts(home) if line.startswith(heading)).rpartition(" ")[2]


async def clicks(world, person, label, **more):
    outcome = await world.slack.click_in_view(person, label, view_id=world.slack.home(person).id, **more)
    await world.settled()
    return outcome


async def test_the_home_of_a_lead_holds_the_page_that_nobody_has_taken_and_who_of_the_team_is_silent(world):
    await world.advance(minutes=35)
    await world.says("pa", "/blocker mongo is down")
    home = await world.home("olga")
    assert number(home, "Do now:") == "2"
    assert "mongo is down" in home.shown
    assert {"Take it", "Resolve", "Escalate now", "Fill in"} <= set(buttons(home))
    assert "• <@UPA>: waits for blocker 1; no check-in yet (Daily)" in texts(home)
    assert ":large_yellow_circle: *Omega*: minor delays, 1 blocker open" in texts(home)
    assert ":large_green_circle: *Sigma*: on track" in texts(home)
    assert "Control desk" not in home.shown


async def test_the_home_of_a_member_has_their_tasks_and_what_they_wait_for(world):
    await world.says("pa", "/blocker mongo is down")
    home = await world.home("pa")
    doing, waiting = home.shown.split("You wait for")
    assert "*O-1*  Gather the adapters" in doing
    assert "O-2" not in doing
    assert {"Start", "Raise blocker"} <= set(buttons(home))
    assert "*Blocker 1*  mongo is down: nobody has it yet" in waiting
    assert "*O-2*  Call them in parallel: O-1 (Gather the adapters) is not started" in waiting


async def test_the_home_of_whoever_ticks_has_no_button_to_sign_and_of_whoever_signs_it_has_once_it_is_ready(world):
    assert "Tested" not in (await world.home("olga")).shown.split("The plan at a glance")[0]
    ticks = await world.home("pb")
    assert [label for label in buttons(ticks) if label != "Fill in"] == ["Tick..."]
    await world.says("pb", "/gate tick tested 1")
    await world.advance(seconds=6)
    assert {"Sign...", "Reject..."} <= set(buttons(world.slack.home("olga")))


async def test_the_home_of_a_coordinator_is_the_control_desk(world):
    await world.advance(minutes=35)
    await world.says("sc", "/blocker nobody can log in", "elsewhere")
    home = await world.home("amp")
    assert "Nobody has blocker 1, nobody can log in" in home.shown
    assert "Daily: no check-in from <@UOLGA>, <@UPA> and <@UPB>" in texts(home)
    await world.until("2025-11-13 17:01")
    later = await world.home("amp")
    assert ":red_circle: Tested is overdue since" in later.shown
    assert "Ship begins (phase)" in later.shown


async def test_the_home_of_a_stakeholder_or_an_observer_has_no_buttons(world):
    await world.says("stan", "/blocker the shop is down")
    for person in ("stan", "obs"):
        home = await world.home(person)
        assert buttons(home) == []
        assert "`/gate` shows what must be met and signed." in home.shown
        assert "*Build*, 0%" in home.shown
    assert "*Blocker 1*  the shop is down: nobody has it yet" in (await world.home("stan")).shown


async def test_the_home_of_an_executive_has_a_page_only_once_they_are_paged(world):
    await world.says("pa", "/blocker mongo is down")
    assert "Nothing waits for you now" in (await world.home("exec")).shown
    await world.advance(minutes=11)
    assert "Take it" in buttons(await world.home("exec"))


async def test_the_home_says_at_the_first_visit_only_what_to_try(world):
    first = (await world.home("pa")).shown
    assert first.count("\n1. ") == first.count("\n3. ") == 1
    await world.advance(minutes=5)
    assert "New here?" in world.slack.home("pa").shown
    assert "New here?" not in (await world.home("pa")).shown


async def test_the_home_takes_a_blocker_says_what_is_next_and_shows_it_as_it_is_then(world):
    await world.says("pa", "/blocker mongo is down")
    await world.home("olga")
    outcome = await clicks(world, "olga", "Take it")
    assert outcome.ok
    assert "You have blocker 1. If nothing happens by" in (await world.opened("olga")).shown
    assert world.row("blocker", 1).owner == "olga"
    await world.advance(seconds=6)
    assert "<@UOLGA> has it" in world.slack.home("olga").shown


async def test_an_old_button_of_a_home_does_nothing_but_say_what_happened_since(world):
    await world.says("pa", "/blocker mongo is down")
    old = await world.home("olga")
    shown = [*old.blocks]
    world.slack.fault("views.publish", "broken", times=1)
    await world.says("amp", "/blocker ack 1")
    assert world.slack.home("olga").blocks == shown
    await clicks(world, "olga", "Take it")
    said = (await world.opened("olga")).shown
    assert "Blocker 1 was already acknowledged by <@UAMP>" in said
    assert "Your click did nothing." in said
    assert world.row("blocker", 1).owner == "amp"
    await world.advance(seconds=8)
    assert "Take it" not in buttons(world.slack.home("olga"))


async def test_the_home_of_somebody_in_no_plan_says_who_can_add_them(world):
    home = await world.home("stranger")
    assert (
        "You are in no plan of this workspace. *Release* runs. <@UAMP> can change that in the plan file." in home.shown
    )
    assert buttons(home) == []


async def test_the_home_says_who_can_begin_a_plan_where_none_runs(database_url):
    async with World(database_url, "") as world:
        home = await world.home("pa")
        assert "No plan runs in this workspace yet." in home.shown
        assert "Only workspace admins can begin one: upload its plan file and type `/plan apply`." in home.shown


async def test_the_home_of_somebody_in_several_plans_offers_them_and_remembers_the_last(world):
    world.apply(PLAN.replace("key: release", "key: winter").replace("name: Release", "name: Winter"))
    home = await world.home("pa")
    assert "O-1" in home.shown
    assert "You are also in *Winter* (nothing to do). Choose a plan above to see it." in home.shown
    assert "Nothing waits for you now" in (await world.says("pa", "/plan winter: mine")).text
    await clicks(world, "pa", messages.PLAN, value="winter")
    await world.advance(seconds=6)
    assert "You are also in *Release* (1 thing to do: `/plan release: mine`)." in world.slack.home("pa").shown
    assert "O-1" not in world.slack.home("pa").shown
    assert "Winter" in texts(world.slack.home("pa"))
    assert "O-1" not in (await world.home("pa")).shown


async def test_the_home_counts_what_waits_in_other_plans_and_names_those_with_the_most_first(world):
    for key in ("spring", "summer", "winter"):
        world.apply(PLAN.replace("key: release", f"key: {key}").replace("name: Release", f"name: {key.title()}"))
    await world.says("pb", "/blocker winter: mongo refuses TLS")
    await world.says("pb", "/blocker winter: no access to the cluster")
    await world.says("pb", "/blocker summer: mongo refuses TLS")
    told = (await world.home("olga")).shown
    assert (
        "You are also in *Winter* (2 things to do: `/plan winter: mine`), *Summer* (1 thing to do: `/plan summer: "
        "mine`), *Spring* (nothing to do)." in told
    )
    await world.says("olga", "/blocker winter: withdraw 1")
    await world.says("olga", "/blocker winter: withdraw 2")
    await world.advance(minutes=2)
    assert "*Winter* (nothing to do)" in world.slack.home("olga").shown


async def test_plan_mine_says_the_same_as_the_home(world):
    await world.says("pa", "/blocker mongo is down")
    for person in ("olga", "pa"):
        said = (await world.says(person, "/plan mine")).messages[0].shown
        home = (await world.home(person)).shown
        lines = [line for line in said.splitlines() if line.strip() and "to do in" not in line]
        assert len(lines) > 5
        assert [line for line in lines if line not in home] == []
    assert "Nothing waits for you now." in (await world.says("exec", "/plan waits")).text


@pytest.mark.parametrize("name", ["deployment", "meschain", "prismq"])
def test_the_home_of_everybody_in_an_example_is_what_slack_takes(name):
    text = (resources.files("callboard") / "examples" / f"{name}.yml").read_text()
    with example(text) as (db, plan_id):
        for key, home in db.transact(homes, plan_id).items():
            view = {"type": "home", "blocks": list(home.blocks)}
            assert published.check_view(view) == [], key
            assert check_view(view) == [], key
            assert any(block.get("text", {}).get("text") == "The plan at a glance" for block in home.blocks), key


def homes(tx, plan_id):
    """The Home of everybody in a plan."""
    directory = teams.directory(tx, plan_id)
    readers = {key: Reader(tx, Asker(directory, person)) for key, person in directory.people.items()}
    return {key: messages.home(views.of(reader, [directory])) for key, reader in readers.items()}


async def test_the_home_leaves_out_what_slack_does_not_take_and_says_where_it_is(database_url):
    more = "".join(f"  O-{n}: {{title: Task {n}, team: omega, phase: build, assignees: [pa]}}\n" for n in range(10, 60))
    async with World(database_url, RICH.replace("gates:\n", f"{more}gates:\n"), people=PEOPLE) as world:
        for n in range(12):
            await world.says("sc", f"/blocker waiting for <@UPA>, number {n} of many things that I need")
        home = await world.home("pa")
        assert len(home.blocks) <= 100
        assert "and 45 more: `/task mine`" in texts(home)
        assert "and 7 more: `/blocker mine`" in texts(home)
