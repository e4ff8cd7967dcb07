"""Who runs a plan is told their part in it: each team once, when nothing holds it, and later what changed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callboard.cli.main import main
from callboard.planning import briefings, lookup
from callboard.planning.messages import greetings
from callboard.plans import holds
from tests.contract import published
from tests.planning.conftest import BRIEFED
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # words


async def test_the_briefing_of_a_team_has_all_that_it_has_to_know(stage):
    greeting = stage.channel("omega").expect("*Omega*", "*Release*")
    for words in (
        "Led by <@UOLGA>. With <@UPA> and <@UPB>.",
        "• Ships Omega",
        "• If blocked, escalate at once",
        "• `/src/**`",
        "• `/openapi/*.yml`, together with Sigma",
        "• `/README.md`, there: `Omega*`",
        "Omega lead at once; Amp after 5 min; Executive after 10 min",
        "All ready (`ready`), due <!date^",
        "First checkpoint (checkpoint)",
        "Schema validated (task)",
        "Board: <https://example.com/board>",
        "`/blocker what is wrong`",
    ):
        assert words in greeting.shown
    assert greeting.shown.index("First checkpoint") < greeting.shown.index("Schema validated")
    stage.apply(BRIEFED.replace("name: Release", "name: Release 2"))
    await stage.settled()
    assert len(stage.channel("omega")) == 1


async def test_the_briefing_of_a_team_leaves_out_what_risks_ask_of_each_by_themselves(database_url):
    asks = ", ".join(f"{{ask: pa, question: Is it {much}?, every: 1d}}" for much in ("a", "b", "c", "d", "e", "f"))
    risks = f"risks: [{{risk: Overload, probability: low, impact: low, owner: olga, indicators: [{asks}]}}]\n"
    async with World(database_url, BRIEFED + risks) as world:
        greeting = world.channel("omega").expect("*Omega*", "Schema validated (task)")
        assert "Is it" not in greeting.shown


async def test_a_planning_notice_tells_a_team_what_it_waits_for_and_greets_it_when_it_can_start(stage):
    waits = stage.channel("sigma").expect("*Sigma*", "on hold", "All ready (`ready`)")
    assert "Led by" not in waits.shown
    stage.app.db.transact(holds.lift, 1, by="ready", reason="passed")
    await stage.settled()
    stage.channel("sigma").expect(
        "Led by <@USARA>", "`/web/**`", "I tell you when these are done", "Schema validated (`A-1`)"
    )
    assert len(stage.channel("sigma")) == 2


async def test_a_planning_notice_greets_a_person_in_working_hours_by_direct_message(stage):
    stage.dm("amp").expect_nothing("Gate keeper")
    await stage.advance(hours=4, minutes=59)
    stage.dm("amp").expect_nothing("Gate keeper")
    await stage.advance(minutes=1)
    stage.dm("amp").expect("you are Gate keeper", "• You sign what you have seen")


async def test_the_briefing_of_a_team_tells_later_only_what_has_changed_in_it(stage):
    stage.apply(
        BRIEFED.replace('paths: ["/src/**"]', 'paths: ["/src/**", "/lib/**"]').replace(
            "notify: [coordinator], respond_within: 5m", "notify: [coordinator], after: 20m, respond_within: 5m"
        )
    )
    await stage.settled()
    said = stage.channel("omega").expect("what changed for you (version 2 of the plan)")
    for words in ("*Your zones*", "• `/src/**`, `/lib/**`", "• no longer: `/src/**`", "Amp after 20 min"):
        assert words in said.shown
    assert "Ships Omega" not in said.shown
    assert stage.channel("sigma").count("what changed") == 0


async def test_the_planning_message_that_greets_a_team_is_cut_and_names_the_command_for_more(database_url):
    zones = "\n".join(f'  - {{team: omega, paths: ["/src/{n:02}/**"]}}' for n in range(60))
    brief = ", ".join(f"Mind the {n}th thing" + " very much" * 30 for n in range(40))
    long = PLAN.replace('channel: "#omega"}', f'channel: "#omega", brief: [{brief}]}}') + f"zones:\n{zones}\n"
    async with World(database_url, long) as world:
        greeting = world.channel("omega").expect("*Omega*")
    assert "`/src/11/**`" in greeting.shown
    assert "and 48 more: `/plan show omega`" in greeting.shown
    assert "`/src/12/**`" not in greeting.shown


async def test_no_planning_notice_greets_the_teams_of_a_plan_that_is_over(database_url):
    past = PLAN.replace("2025-11-13 09:00", "2025-11-03 09:00").replace("2025-11-15 18:00", "2025-11-05 18:00")
    async with World(database_url, past) as world:
        assert len(world.channel("omega")) == 0


async def test_a_planning_notice_greets_teams_as_soon_as_the_plan_has_a_workspace(database_url):
    async with World(database_url, plan="") as world:
        world.slack.spec.team_id, mine = "", world.slack.spec.team_id
        world.apply(PLAN)
        world.slack.spec.team_id = mine
        await world.settled()
        assert len(world.channel("omega")) == 0
        await world.app.arrival.look(link=True)
        await world.settled()
        assert world.channel("omega").count("*Omega*", "Led by") == 1


async def test_a_planning_notice_names_the_channels_without_the_bot_until_it_is_invited(database_url):
    world = World(database_url, PLAN.replace('channel: "#omega"', 'channel: "#nowhere"'))
    world.slack.remove_bot("urgent")
    async with world:
        world.dm("amp").expect("I can't find #nowhere", "I'm not in #urgent", "/invite @Callboard")
        world.channel("release").expect("I can't find #nowhere")
        shown = (await world.says("pa", "/plan")).text
        assert "I'm not in <#CURGENT>" in shown
        world.slack.add_bot("urgent")
        await world.heard("member_joined_channel")
        told = world.dm("amp").expect("needs me in more channels")
        assert "#urgent" not in told.shown


async def test_the_command_line_for_plans_names_channels_without_the_bot_after_an_apply(database_url, tmp_path):
    file = tmp_path / "plan.yml"
    file.write_text(PLAN.replace('channel: "#omega"', 'channel: "#nowhere"'))
    async with World(database_url, plan="") as world:
        spec = world.slack.spec
        environment = {
            "DATABASE_URL": database_url, "SLACK_BOT_TOKEN": spec.bot_token, "SLACK_API_URL": world.slack.api_url,
            "SLACK_APP_TOKEN": spec.app_token, "SLACK_SIGNING_SECRET": spec.signing_secret,
        }  # fmt: skip
        typed = ["apply", str(file), "--yes"]
        done = await asyncio.to_thread(CliRunner().invoke, main, typed, env=environment)
    assert "release is at version 1." in done.output
    assert "I can't find #nowhere" in done.output


@pytest.mark.parametrize(
    "file", sorted((Path(briefings.__file__).parents[1] / "examples").glob("*.yml")), ids=lambda f: f.stem
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_planning_messages_that_greet_teams_of_the_example_plans_are_as_slack_takes_them(database_url, file):
    async with World(database_url, file.read_text()) as world:

        def written(tx):
            on = briefings.stage(tx, 1)
            for team in on.directory.teams:
                yield greetings.greeting(briefings.team_view(on, team))
                yield lookup.shown(on, lookup.find(on.document, team), on.directory.coordinators[0])

        for message in world.app.db.transact(lambda tx: list(written(tx))):
            posted = {"channel": "C0123ABCD", "text": message.text, "blocks": list(message.blocks)}
            assert published.check_call("chat.postMessage", posted) == []


SHARED = (
    PLAN.replace('channel: "#omega"', "").replace('channel: "#sigma"', "")
    + """\
links: {Guide for Sigma: "https://example.com/sigma", Board: "https://example.com/board"}
"""
)


async def test_planning_notices_to_teams_that_share_a_channel_are_one_message(database_url):
    async with World(database_url, SHARED) as world:
        (greeting,) = world.channel("release").messages
        for words in (
            "*Release* reaches these 2 teams here",
            "• *Omega*, led by <@UOLGA>.",
            "• *Sigma*, led by",
            "Blocked? `/blocker what is wrong` pages the right people",
        ):
            assert words in greeting.shown
        zones = 'zones: [{team: omega, paths: ["/a/**"]}, {team: sigma, paths: ["/b/**"]}]\n'
        world.apply(SHARED + zones)
        await world.settled()
        assert len(world.channel("release")) == 2
        world.channel("release").expect("• *Omega*, changed: `/a/**`", "• *Sigma*, changed: `/b/**`")


async def test_the_briefing_of_a_team_has_no_links_to_the_guides_of_other_teams(database_url):
    async with World(database_url, PLAN + SHARED.splitlines()[-1] + "\n") as world:
        assert "Guide for Sigma" not in world.channel("omega").expect("Board: <").shown
        world.channel("sigma").expect("Guide for Sigma: <", "Board: <")


async def test_planning_notices_of_sealed_heads_are_replies_in_one_thread(database_url):
    async with World(database_url, PLAN) as world:
        for _ in range(3):
            await world.says("pa", "/blocker mongo refuses TLS today")
            await world.advance(days=1)
        (root,) = [one for one in world.channel("release").messages if "timeline of Release is sealed" in one.shown]
        assert world.thread(root).count("Sealed up to entry") >= 2
        assert all("Sealed up" not in one.shown for one in world.channel("release").messages if not one.thread_ts)


ITEMS = """\
gates:
  enhancement:
    name: Enhancement frozen
    due: 2025-11-13 17:00
    each: {of: KEP, items: [K-1..K-6], owner: {pa: [K-1, K-2], "*": sara}}
    criteria: [Design merged]
    sign_off: [{owner: each}, {role: coordinator}]
"""


async def test_the_briefing_of_a_team_names_the_items_that_its_people_sign_for(database_url):
    async with World(database_url, PLAN + ITEMS) as world:
        own = world.channel("omega").expect("Enhancement frozen").shown
        assert "for K-1 and K-2: Person A" in own.replace("K-1, K-2", "K-1 and K-2")
        assert "for K-3" not in own
        assert "K-3, K-4" in world.channel("sigma").expect("Enhancement frozen", "Sigma lead").shown


@pytest.mark.parametrize(("plan", "channel"), [(PLAN, "omega"), (SHARED, "release")], ids=["alone", "together"])
async def test_the_briefing_of_a_team_promises_no_pages_where_no_policy_says_who_is_paged(database_url, plan, channel):
    async with World(database_url, plan.partition("escalation:")[0]) as world:
        assert "/blocker" not in world.channel(channel).expect("ed by <@UOLGA>", "what runs").shown
