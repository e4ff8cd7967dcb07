"""The status of each team in the canvas of its channel: what is sent, what survives, and what if Slack refuses."""

from __future__ import annotations

import pytest

from callboard.doctor.round import examine
from slack_standin import RateLimits
from tests.board.conftest import OBSERVED, PEOPLE
from tests.world import World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

KEPT = OBSERVED + "workspace: {canvases: true}\n"
NOTE = "## Our notes\n\nTasks of Omega are hard.\n\n- Ask *Bob* first"


@pytest.fixture
async def world(database_url):
    async with World(database_url, KEPT, people=PEOPLE) as world:
        yield world


def line(world, label, channel="omega"):
    """The line of a canvas that begins so, without its label."""
    [found] = [text for text in world.slack.canvas(channel).split("\n\n") if text.startswith(f"**{label} ")]
    return found.partition(":** ")[2]


def written(world):
    return [
        call for name in ("conversations.canvases.create", "canvases.edit") for call in world.slack.record.calls(name)
    ]


async def test_canvases_show_the_status_of_each_team_and_send_only_the_line_that_is_different(world):
    await world.advance(minutes=2)
    assert world.slack.canvas("omega").startswith(
        "## Omega in Release\n\n**Completed by Omega in Release:** 0 of 3 tasks\n"
    )
    assert world.slack.canvas("sigma").startswith("## Sigma in Release\n")
    world.slack.record.clear()
    await world.says("pa", "/task start A-1")
    await world.advance(minutes=2)
    [change] = [call["arguments"]["changes"][0] for call in world.slack.record.calls("canvases.edit")]
    assert change["operation"] == "replace"
    assert change["document_content"]["markdown"] == (
        "**In progress at Omega in Release:** A-1 Schema validated (Person A)"
    )
    await world.says("pa", "/blocker mongo [refuses] TLS")
    await world.says("pa", "/lock src/auth.py")
    await world.advance(minutes=3)
    assert line(world, "Open blockers of") == r"1 mongo \[refuses\] TLS (normal, nobody has it)"
    assert line(world, "Completed by", "sigma") == "0 of 1 tasks"


@pytest.mark.both_databases
async def test_canvases_are_written_at_most_once_a_minute_for_each_team_however_much_happens(world):
    await world.advance(minutes=2)
    world.slack.record.clear()
    for percent in range(10, 100, 5):
        await world.says("pa", f"/task progress A-1 {percent}%")
        await world.advance(seconds=10)
    await world.advance(minutes=2)
    assert line(world, "In progress at") == "A-1 Schema validated (95 %, Person A)"
    assert len(world.slack.record.calls("canvases.edit")) <= 5
    assert not world.slack.record.calls("conversations.canvases.create")


async def test_canvases_leave_what_people_write_where_it_stands(world):
    await world.advance(minutes=2)
    world.slack.write_canvas("olga", "omega", NOTE)
    await world.says("pa", "/task start A-1")
    await world.advance(minutes=2)
    assert line(world, "In progress at") == "A-1 Schema validated (Person A)"
    assert world.slack.canvas("omega").endswith(f"\n\n{NOTE}")


async def test_canvases_begin_below_what_people_had_written_before(database_url):
    async with World(database_url, OBSERVED, people=PEOPLE) as world:
        world.slack.write_canvas("sara", "sigma", NOTE)
        world.apply(KEPT)
        await world.advance(minutes=2)
        await world.says("sc", "/task start S-1")
        await world.advance(minutes=2)
        assert world.slack.canvas("sigma").startswith(f"{NOTE}\n\n## Sigma in Release\n\n")
        assert line(world, "In progress at", "sigma") == "S-1 Dashboard final (Person C)"


@pytest.mark.both_databases
async def test_canvases_are_made_once_although_slacks_answer_is_lost(database_url):
    async with World(database_url, OBSERVED, people=PEOPLE) as world:
        world.slack.fault("conversations.canvases.create", "lost", times=2)
        world.slack.fault("canvases.edit", "lost", times=2)
        world.apply(KEPT)
        await world.advance(minutes=5)
        await world.says("pa", "/task start A-1")
        await world.advance(minutes=5)
        for channel in ("omega", "sigma"):
            text = world.slack.canvas(channel)
            assert text.count("## ") == 1
            assert text.count("**Completed by") == text.count("**Status of") == 1
        assert line(world, "In progress at") == "A-1 Schema validated (Person A)"


@pytest.mark.both_databases
async def test_canvases_are_given_up_politely_where_slack_has_none_and_come_when_it_has(database_url):
    async with World(database_url, OBSERVED, people=PEOPLE) as world:
        world.slack.spec.canvases = "free"
        world.apply(KEPT)
        await world.advance(minutes=2)
        [told] = [message for message in world.slack.dm("amp") if "as a canvas" in message.shown]
        assert "This workspace's Slack plan has no canvases for channels." in told.shown
        assert "<#COMEGA> and <#CSIGMA>" in told.shown
        found = [finding for finding in await examine(world.settings(), world.clock) if "canvases" in finding.sentence]
        assert [finding.sentence for finding in found if "cannot" in finding.sentence] == [
            "2 canvases cannot be written: This workspace's Slack plan has no canvases for channels."
        ]
        world.slack.record.clear()
        for _ in range(5):
            await world.says("pa", "/task start A-1")
            await world.says("pa", "/task stop A-1")
            await world.advance(minutes=5)
        assert not written(world)
        world.slack.spec.canvases = "on"
        await world.advance(hours=1)
        assert line(world, "Completed by") == "0 of 3 tasks"
        assert len([message for message in world.slack.dm("amp") if "canvas" in message.shown]) == 1
        world.dm("amp").expect("The status of Release is in canvases again.")


@pytest.mark.both_databases
async def test_canvases_end_with_a_last_line_when_the_plan_ends_or_keeps_them_no_more(world):
    await world.advance(minutes=2)
    world.apply(OBSERVED)
    await world.advance(minutes=2)
    assert line(world, "Status of") == "no longer kept here. It may be out of date."
    assert line(world, "Completed by") == "0 of 3 tasks"
    world.apply(KEPT)
    await world.advance(minutes=2)
    assert line(world, "Status of") == "kept by Callboard. Your own lines stay as they are."
    await world.jump(days=3)
    await world.advance(minutes=2)
    assert line(world, "Status of") == "as the plan ended on 2025-11-15 18:00 UTC."


@pytest.mark.both_databases
async def test_canvases_that_somebody_deletes_are_made_again_and_a_line_comes_back_when_it_changes(world):
    await world.advance(minutes=2)
    state = world.slack.workspace.state
    state.files.pop(state.conversations["CSIGMA"].canvas)
    omega = state.files[state.conversations["COMEGA"].canvas]
    omega.content = b"ours alone"
    await world.says("pa", "/task start A-1")
    await world.says("sc", "/task start S-1")
    await world.advance(minutes=3)
    assert (
        world.slack.canvas("omega")
        == "ours alone\n\n**In progress at Omega in Release:** A-1 Schema validated (Person A)"
    )
    assert line(world, "In progress at", "sigma") == "S-1 Dashboard final (Person C)"


@pytest.mark.both_databases
async def test_canvases_wait_when_slack_asks_for_patience_and_pages_do_not(world):
    await world.advance(minutes=2)
    world.slack.use_limits(RateLimits(tiers={1: 1, 2: 1, 3: 1, 4: 100}))
    world.slack.fault("canvases.edit", "ratelimited", seconds=120, retry_after=30)
    await world.says("pa", "/task start A-1")
    await world.advance(seconds=40)
    await world.says("pb", "/blocker mongo is down")
    world.dm("olga").expect("mongo is down")
    await world.advance(minutes=10)
    assert line(world, "Open blockers of") == "1 mongo is down (normal, nobody has it)"


@pytest.mark.both_databases
async def test_canvases_follow_a_team_that_moves_and_leave_a_last_line_where_it_was(world):
    await world.advance(minutes=2)
    world.apply(KEPT.replace('channel: "#omega"', 'channel: "#urgent"').replace("name: Sigma,", "name: Sigma two,"))
    await world.advance(minutes=3)
    assert line(world, "Status of") == "no longer kept here. It may be out of date."
    assert line(world, "Completed by", "urgent") == "0 of 3 tasks"
    text = world.slack.canvas("sigma")
    assert "**Status of Sigma in Release:** no longer kept here." in text
    assert "**Status of Sigma two in Release:** kept by Callboard." in text


async def test_canvases_without_their_scopes_say_what_to_do(database_url):
    async with World(database_url, OBSERVED, people=PEOPLE) as world:
        world.slack.spec.scopes = [scope for scope in world.slack.spec.scopes if scope != "canvases:write"]
        world.slack.remove_bot("sigma")
        world.apply(KEPT)
        await world.advance(minutes=2)
        told = world.dm("amp").expect("The app lacks the scopes `canvases:read` and `canvases:write`").shown
        assert "Paste `callboard manifest` under App Manifest, then reinstall the app" in told
        world.dm("amp").expect(
            "Slack shows me no such channel: it is private, or gone.", "`/invite @Callboard`", "<#CSIGMA>"
        )
        world.dm("amp").expect_nothing("can't post")
        assert "canvas" not in (await world.says("amp", "/plan")).text
