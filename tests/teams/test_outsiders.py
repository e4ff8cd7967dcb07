"""Guests, people of other workspaces, bots and accounts that are gone: in commands, `/plan people` and the doctor."""

from __future__ import annotations

from callboard.doctor.round import examine
from slack_standin.state import User
from tests.world import PLAN, World

DATABASES = ("sqlite",)
WITH_OTHERS = PLAN.replace("slack: UPB", "slack: UEVE").replace("slack: USC", "slack: UGIL")


def meet(world, name, *channels, **kind):
    """Somebody who is not simply one of the workspace."""
    person = User(name=name, **kind)
    world.slack.workspace.state.users[person.id] = person
    for channel in channels:
        world.slack.workspace.join(world.slack.workspace.conversation(channel), person.id)
    return person


async def test_a_guest_takes_part_like_anybody_and_the_doctors_round_notes_what_they_do_not_see(database_url):
    async with World(database_url, WITH_OTHERS) as world:
        meet(world, "gil", "sigma", is_ultra_restricted=True)
        await world.says("gil", "/blocker mongo refuses TLS", "sigma")
        await world.clicks("sara", "Take it", "mongo refuses TLS")
        assert world.row("blocker", 1).state == "acknowledged"
        lines = [one.line() for one in await examine(world.settings())]
        (line,) = [line for line in lines if "UGIL" in line]
        assert line.startswith("note")
        assert "is a guest in Slack" in line
        assert "Let an admin invite them" in line


async def test_somebody_of_another_workspace_reads_at_a_click_that_theirs_do_not_count(database_url):
    async with World(database_url, WITH_OTHERS) as world:
        meet(world, "eve", "omega", team_id="TOTHER")
        await world.says("pa", "/blocker mongo refuses TLS")
        outcome = await world.slack.click("eve", "omega", world.card().ts, "Take it")
        await world.settled()
        shown = outcome.text or world.slack.ephemerals("eve", "omega")[-1].shown
        assert "Your Slack account is of another workspace." in shown
        assert "<@UAMP>" in shown
        assert world.row("blocker", 1).state == "open"
        lines = [one.line() for one in await examine(world.settings())]
        (line,) = [line for line in lines if "UEVE" in line]
        assert line.startswith("bad")
        assert "has a Slack account of another workspace" in line
        (line,) = [line for line in lines if "shared with another organisation" in line]
        assert "#omega" in line


async def test_the_links_leave_an_account_of_another_workspace_alone_that_takes_no_messages(database_url):
    async with World(
        database_url, WITH_OTHERS.replace("lead: olga, members: [pa, pb]", "lead: pb, members: [pa]")
    ) as world:
        meet(world, "eve", team_id="TOTHER")
        await world.says("pa", "/blocker mongo refuses TLS")
        told = world.dm("amp").expect("Person B", "Slack account")
        for _ in range(2):
            await world.app.linker.link("T0SANDBOX")
            await world.advance(minutes=11)
        world.dm("amp").expect_nothing("Person B is in Slack again")
        assert world.dm("amp").count("Person B", "Slack account") == 1, told.shown
        await world.says("amp", "/plan people")
        assert "Person B (<@UEVE>)" in (shown := world.slack.ephemerals("amp", "omega")[-1].shown), shown
        assert "has a Slack account that this workspace does not know" in shown


async def test_links_by_mail_address_go_to_people_of_the_workspace_only(world):
    meet(world, "eve", "omega", team_id="TOTHER", email="eve@example.com")
    meet(world, "gil", "omega", is_restricted=True, email="gil@example.com")
    lookup = world.app.slack.lookup
    assert await lookup.user_by_email("eve@example.com", "T0SANDBOX") is None
    assert await lookup.user_by_email("gil@example.com", "T0SANDBOX") == "UGIL"
    assert await lookup.account("UEVE", "T0SANDBOX") == "is_stranger"
