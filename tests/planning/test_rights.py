"""Who may change what a plan says of who may do what: every way to a right is tried."""

from __future__ import annotations

from typing import get_args

import httpx
import pytest
from pydantic import BaseModel

from callboard.app import scopes, sections
from callboard.plans import service as plans
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # rights are read from the plan

ADA = "  ada: {name: Ada, slack: UADA, roles: [coordinator]}\n"
GATED = (
    PLAN.replace("roles: [coordinator]}\n", f"roles: [coordinator, keeper]}}\n{ADA}")
    .replace("pb: {name: Person B, slack: UPB}", "pb: {name: Person B, slack: UPB, deputies: [pa]}")
    + """\
roles: {keeper: Keeper}
tasks: [{for: {team: omega}, A-1: {title: One, due: 2025-11-14 12:00}}]
zones: [{team: omega, paths: [/src/**]}]
gates:
  ready: {name: Ready, due: 2025-11-14 12:00, criteria: [{tick: Seen, by: [olga]}], sign_off: [{lead_of: omega}]}
"""
)  # fmt: skip
ALONE = GATED.replace(ADA, "")
WHO = ("olga", "pa", "pb", "sara", "sc", "amp", "exec", "stan", "ada", "omega2")


@pytest.fixture
async def gated(database_url):
    async with World(database_url, GATED, people=WHO) as world:
        yield world


@pytest.fixture
async def program(gated):
    asgi = httpx.ASGITransport(gated.app.web)
    async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as http:
        yield http


@pytest.fixture
async def alone(database_url):
    async with World(database_url, ALONE, people=WHO) as world:
        yield world


async def handed_in(world, person, text):
    await world.says(person, "/plan apply", "release")
    await world.opened(person)
    return await world.slack.submit(person, {"text": text})


def shown(outcome):
    return outcome.view.shown if outcome.view else outcome.text


RIGHTS = (
    "olga roles [coordinator]", "olga slack UOMEGA2", "pa slack UOMEGA2", "pb email a@example.com",
    "pa deputies [olga]", "pa fallback env:X", "pa phone +491", "pb vacant true", "pb github olga", "pb git o@x",
    "pb away [2025-11-14]", "omega lead [olga, pa]", "omega members [pa]", "omega branches [main]",
    "A-1 team sigma", "A-1 needs nothing", "A-1 status completed", "A-1 criteria nothing",
)  # fmt: skip


async def test_a_lead_has_no_right_to_change_what_gives_rights(gated):
    for change in RIGHTS:
        for verb in (f"set {change} because x", f"unset {' '.join(change.split()[:2])}"):
            assert "Only <@UAMP> or <@UADA> can change" in (await gated.says("olga", f"/plan {verb}")).text, verb
    assert not gated.entries("plan", "edited")


async def test_a_lead_keeps_the_right_to_change_the_work_of_their_team(gated):
    for change in ("A-1 due 2025-11-13 15:00", "A-1 assignee @pb", "omega about Ships", "pa title Tester"):
        assert "•" in (await gated.says("olga", f"/plan set {change}")).text
    assert "Only <@UAMP> or <@UADA>" in (await gated.says("olga", "/plan set pa roles [coordinator]")).text
    assert "You can change `title`, `assignee`" in (await gated.says("olga", "/plan set A-1 needs nothing")).text


async def test_only_a_coordinator_has_the_right_to_hand_in_a_file_that_raises_roles(gated):
    raised = GATED.replace("slack: UPA}", "slack: UPA, roles: [coordinator]}")
    for who in ("olga", "pa", "stan", "stranger"):
        assert "Only <@UAMP> or <@UADA> can apply Release" in shown(await handed_in(gated, who, raised)), who
    assert not gated.entries("plan", "applied")[1:]


OWN = (
    ("[coordinator, keeper]", "[coordinator, keeper, executive]", "people.amp.roles"),
    ("slack: UAMP,", "slack: UAMP, deputies: [pa],", "people.amp.deputies"),
    ("lead: olga, members: [pa, pb]", "lead: [olga, amp], members: [pa, pb]", "teams.omega.lead"),
    ("members: [pa, pb]", "members: [pa, pb, amp]", "teams.omega.members"),
    ("deputies: [pa]}", "deputies: [amp]}", "people.olga.deputies"),
    ("by: [olga]", "by: [amp]", "gates.ready.criteria.seen.by"),
    ("[{lead_of: omega}]", "[{role: keeper}]", "gates.ready.sign_off"),
    ("[{lead_of: omega}]", "[{lead_of: omega}, {person: amp}]", "gates.ready.sign_off"),
    ("slack: UPB, deputies: [pa]", "slack: UPB, deputies: [pa, amp]", "people.pb.deputies"),
    ("gates:\n", "gates:\n  mine: {name: Mine, sign_off: [{person: amp}]}\n", "gates.mine.sign_off"),
)


async def test_a_coordinator_has_no_right_to_give_rights_to_themselves_by_a_file(gated):
    for was, becomes, place in OWN:
        text = GATED.replace(was, becomes, 1)
        answer = shown(await handed_in(gated, "amp", text))
        assert "You can't change what you may do yourself" in answer, becomes
        assert f"`{place}`" in answer
        assert "<@UADA> can" in answer
        assert "This changes" in shown(await handed_in(gated, "ada", text)), becomes
        await gated.slack.close_view("ada", everything=True)
        await gated.slack.close_view("amp", everything=True)


BOTH_LEAD = (
    GATED.replace("lead: olga, members: [pa, pb]", "lead: [olga, amp], members: [pa, pb]")
    .replace("lead: sara", "lead: [sara, ada]")
    .replace("slack: UPB, deputies: [pa]", "slack: UPB, deputies: [pa, amp]")
    .replace("[{lead_of: omega}]", "[{lead_of: sigma}]")
)
"""Each coordinator leads a team, and one of them stands in for a member."""


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        ("[{lead_of: sigma}]", "[{lead_of: omega}]", "gates.ready.sign_off"),
        ("slack: UPB,", "slack: UPB, away: [2025-11-13],", "people.pb.away"),
        ("slack: UPB,", "vacant: true,", "people.pb.vacant"),
    ],
)
async def test_a_coordinator_has_no_right_to_take_what_another_has_or_to_act_for_whom_they_send_away(
    database_url, was, becomes, place
):
    async with World(database_url, BOTH_LEAD, people=WHO) as world:
        answer = shown(await handed_in(world, "amp", BOTH_LEAD.replace(was, becomes, 1)))
        assert "You can't change what you may do yourself" in answer
        assert f"`{place}`" in answer


async def test_a_coordinator_has_no_right_to_sign_by_a_rule_that_they_took_away_before(database_url):
    bare = BOTH_LEAD.replace(", sign_off: [{lead_of: sigma}]", "")
    async with World(database_url, bare, people=WHO) as world:
        answer = shown(await handed_in(world, "amp", BOTH_LEAD.replace("[{lead_of: sigma}]", "[{lead_of: omega}]")))
        assert "You can't change what you may do yourself: `gates.ready.sign_off`. <@UADA> can" in answer
        await world.slack.close_view("amp", everything=True)
        refused = (await world.says("amp", "/plan set pb away [2025-11-13] because x")).text
        assert "You can't change what you may do yourself: `people.pb.away`. <@UADA> can" in refused


async def test_a_lead_has_no_right_to_say_when_a_coordinator_is_reached(database_url):
    text = BOTH_LEAD.replace("members: [pa, pb]", "members: [pa, pb, ada]")
    async with World(database_url, text, people=WHO) as world:
        for change in ("quiet 00:00-23:59", "timezone Asia/Tokyo"):
            for who in ("ada", "amp"):
                refused = (await world.says("olga", f"/plan set {who} {change}")).text
                assert f"Only <@UAMP> or <@UADA> can change person `{who}`" in refused
            assert "•" in (await world.says("olga", f"/plan set pa {change}")).text


async def test_the_only_coordinator_has_the_right_to_correct_their_address_and_no_more(alone):
    assert "•" in (await alone.says("amp", "/plan set amp email amp@example.com because it was wrong")).text
    refused = (await alone.says("amp", "/plan set amp roles [coordinator, executive]")).text
    for words in ("You are the only coordinator", "`/plan set PERSON roles [coordinator]`", "`callboard apply`"):
        assert words in refused
    assert "You can correct your own email, phone, fallback, git or github" in refused
    await alone.says("amp", "/plan set olga roles [coordinator] because I leave")
    alone.dm("olga").expect(
        "<@UAMP> changed who may do what", "person olga: roles: nothing -&gt; coordinator", "I leave"
    )
    assert "<@UOLGA> can" in (await alone.says("amp", "/plan set amp roles [coordinator, executive]")).text
    assert "<@UOLGA> can" in (await alone.says("amp", "/plan set amp email other@example.com")).text


async def test_planning_notices_tell_both_accounts_when_a_seat_is_given_to_another(gated):
    await gated.says("amp", "/plan set pb slack UOMEGA2 because a new phone")
    for account in ("pb", "omega2"):
        gated.dm(account).expect(
            "<@UAMP> changed who may do what in *Release*", "slack: UPB -&gt; UOMEGA2", "new phone"
        )
    gated.dm("pa").expect_nothing("who may do what")


async def test_planning_notices_tell_whom_a_new_version_gives_or_takes_rights(gated):
    fewer = GATED.replace("members: [pa, pb]", "members: [pa]").replace("{lead_of: omega}", "{person: sara}")
    gated.apply(fewer)
    await gated.settled()
    gated.dm("pb").expect("team omega: members: pa, pb -&gt; pa")
    gated.dm("sara").expect("gate ready: sign_off")
    gated.dm("olga").expect("gate ready: sign_off")
    gated.dm("sc").expect_nothing("who may do what")


async def test_a_plan_that_was_exported_gives_nobody_a_right_when_it_is_applied_again(gated):
    await gated.says("olga", "/plan set A-1 due 2025-11-13 15:00")
    text = gated.app.db.transact(plans.export, 1)
    assert "Only <@UAMP> or <@UADA> can apply" in shown(await handed_in(gated, "olga", text))
    raised = text.replace("[coordinator, keeper]", "[coordinator, keeper, executive]")
    assert "You can't change what you may do yourself" in shown(await handed_in(gated, "amp", raised))


async def test_a_shift_of_the_plan_moves_no_right(gated):
    assert "Only <@UAMP> or <@UADA>" in (await gated.says("olga", "/plan shift 1d")).text
    shown = (await gated.says("amp", "/plan shift 1d")).messages[-1]
    await gated.clicks("amp", "Move all of it", shown)
    assert gated.entries("plan", "edited")
    for person in WHO[:-1]:
        gated.dm(person).expect_nothing("who may do what")


async def test_a_token_has_no_right_to_change_the_plan_whatever_its_scopes(gated, program):
    headers = {"Authorization": f"Bearer {gated.token('amp', *scopes())}"}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("", "/people", "/people/olga", "/teams/omega", "/roles"):
            answer = await program.request(method, f"/api/v1/plans/release{path}", headers=headers, json={})
            assert answer.status_code in (404, 405)


async def test_a_deputy_has_no_right_to_send_away_whom_they_stand_in_for(gated):
    refused = (await gated.says("pa", "/plan away today @pb")).text
    assert "Only <@UPB>, <@UOLGA>, <@UAMP> or <@UADA> can say when <@UPB> is away: you are their deputy" in refused
    await gated.says("olga", "/plan away today @pb")
    gated.dm("pb").expect("<@UOLGA> noted that you are away on 2025-11-13. Not so? `/plan back`")
    assert "Only" in (await gated.says("pa", "/plan back @pb")).text
    await gated.says("olga", "/plan back @pb")
    gated.dm("pb").expect("<@UOLGA> removed your absence on 2025-11-13")


async def test_a_rule_for_all_coordinators_alike_is_the_right_of_each_to_change(gated):
    text = GATED.replace("[{lead_of: omega}]", "[{lead_of: omega}, {role: coordinator}]")
    assert "This changes" in shown(await handed_in(gated, "amp", text))
    await gated.slack.submit("amp", {})
    await gated.settled()
    gated.dm("ada").expect("<@UAMP> changed who may do what", "gate ready: sign_off")


MINE = (
    PLAN.replace("key: release\nname: Release", "key: mine\nname: Mine")
    .replace("slack: UOLGA", "slack: UOLGA, roles: [coordinator]")
    .replace("#release", "#mine").replace("#urgent", "#mine-now")
    .replace("#omega", "#mine-o").replace("#sigma", "#mine-s")
)  # fmt: skip
"""Another plan of the same people, in channels of its own, in which olga is a coordinator too."""


class Told(World):
    """A world whose operator has said who may begin plans."""

    starters: tuple[str, ...] = ("admins",)
    shared: tuple[str, ...] = ()

    def settings(self):
        more = {"plan_starters": self.starters, "shared_channels": self.shared}
        return super().settings().model_copy(update=more)


async def test_a_new_plan_is_the_right_of_admins_and_of_whom_the_operator_names(database_url):
    async with Told(database_url) as world:
        refused = shown(await handed_in(world, "olga", MINE))
        assert "Mine is a new plan, and only workspace admins can begin it" in refused
        assert "they can use `callboard apply`" in refused
        world.slack.workspace.state.users["UOLGA"].is_admin = True
        assert "a new plan: Mine" in shown(await handed_in(world, "olga", MINE))
        world.slack.workspace.state.users["UOLGA"].is_admin = False
        assert "only workspace admins can begin it" in shown(await world.slack.submit("olga", {}))
        assert not world.dm("sc").count("Mine")


@pytest.mark.parametrize(
    ("starters", "words"),
    [
        (("UOLGA",), "a new plan: Mine"), (("anybody",), "a new plan: Mine"),
        (("admins", "USARA"), "only workspace admins or <@USARA> can begin it"), ((), "nobody can begin it in Slack"),
    ],
)  # fmt: skip
async def test_the_setting_says_who_has_the_right_to_begin_a_plan(database_url, starters, words):
    class Named(Told):
        pass

    Named.starters = starters
    async with Named(database_url) as world:
        assert words in shown(await handed_in(world, "olga", MINE))


async def test_a_plan_has_no_right_to_post_in_a_channel_of_another(database_url):
    async with Told(database_url, PLAN, people=WHO) as world:
        world.slack.workspace.state.users["UOLGA"].is_admin = True
        there = MINE.replace("#mine-now", "#urgent")
        refused = shown(await handed_in(world, "olga", there))
        for words in ("#urgent belongs to the plan Release", "<@UAMP> can do this, as a coordinator of both plans"):
            assert words in refused
        await handed_in(world, "olga", MINE)
        await world.slack.submit("olga", {})
        await world.settled()
        refused = (await world.says("olga", "/plan mine: set omega channel #urgent", "elsewhere")).text
        assert "<#CURGENT> belongs to the plan Release" in refused
        world.slack.workspace.state.users["UOLGA"].is_admin = False


async def test_the_setting_says_in_which_channels_several_plans_have_the_right_to_post(database_url):
    class Shared(Told):
        starters, shared = ("anybody",), ("#urgent",)

    async with Shared(database_url) as world:
        assert "a new plan: Mine" in shown(await handed_in(world, "olga", MINE.replace("#mine-now", "#urgent")))


async def test_links_by_mail_go_to_nobody_who_has_only_typed_the_address_and_are_not_moved(database_url):
    mailed = PLAN.replace("slack: UPB}", "email: pb@example.com}")
    async with World(database_url, mailed, people=WHO) as world:
        users = world.slack.workspace.state.users
        users["USC"].email, users["USC"].email_confirmed = "pb@example.com", False
        await world.app.linker.link(world.slack.spec.team_id)
        assert "<@UPB>" not in (await world.says("amp", "/plan people")).text
        users["USC"].email, users["UPB"].email = None, "pb@example.com"
        await world.advance(minutes=1)
        await world.app.linker.link(world.slack.spec.team_id)
        assert "<@UPB>" in (await world.says("amp", "/plan people")).text
        users["UPB"].email, users["UOMEGA2"].email = None, "pb@example.com"
        await world.advance(minutes=30)
        await world.app.linker.link(world.slack.spec.team_id)
        world.apply(mailed.replace("name: Release\n", "name: Release 2\n"))
        await world.app.linker.link(world.slack.spec.team_id)
        people = (await world.says("amp", "/plan people")).text
        assert "<@UPB>" in people
        assert "UOMEGA2" not in people


PLAIN = """
    answer_within answers_within anonymous away because blocker concerns fails follow_up freezes grace group_by
    heartbeat meet merge night opens preflight missed_rounds never people responds_within roles slip until work branch
    folders joint repository
    about above actions after again agenda all announce any are area around_the_clock ask ask_within assignee
    assignees at at_least at_most attempts back_off before below blocked blockers branches brief callboard capacity
    canvases categories channel channels checklist classes clock clocks clone complex complexity components computed
    confirm count criteria critical critical_path daily dates day days decision deliverable deliverables detect
    drill distinct due during each emergency escalate estimate every evidence exceptions expects expire_after
    files focus for forecast form fresh from gate goal holidays hours id idle_after if_failed if_missed if_no_go
    ignore impact in_progress indicators items key kind lasts late_tasks later_than lead lead_of lease level
    high likely low
    link links mail main match meanwhile measure measures medium meetings messages_per_day minutes_each mitigation
    more_than name needs no_go not note notify objectives of on on_call order outputs owner page pages_per_hour
    params part_of per percent person phase phases planned points policy priority probability promised protected
    question questions quiet remind remind_after remind_at reopened repeat_every reported reserve repositories
    resolve resolve_within respect_quiet respond respond_within retrospective risk role rollback say scan_every
    scope severities severity share shift simple staff start starts status steps stuck takes targets tasks team teams
    tell
    tick timezone title to turn_back unit update_every validate version violation wants watch weekly weights
    when who window windows with within working_hours
"""
"""The keys of a plan that give nobody a right, in the sections that do not say that they do."""


def keys(model, seen):
    """Every key of a section's types, at any depth."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        for inner in get_args(model):
            yield from keys(inner, seen)
    elif model not in seen:
        seen.add(model)
        for name, field in model.model_fields.items():
            yield field.alias or name
            yield from keys(field.annotation, seen)


def test_for_every_key_of_a_plan_it_is_decided_whether_it_gives_a_right():
    for section in sections():
        known = set(keys(section.model, set()))
        assert not known - set(section.gives) - set(PLAIN.split()), section.name
        assert set(section.gives) | set(section.led) <= known, section.name
        assert not set(section.gives) & set(section.led), section.name


async def test_whoever_becomes_coordinator_is_not_sent_to_themselves_if_that_is_wrong(world):
    await world.says("amp", "/plan set olga roles [coordinator] because I have to leave")
    told = world.dm("olga").expect("changed who may do what", "Is that wrong? Tell <@UAMP>.")
    assert "Tell <@UOLGA>" not in told.shown
