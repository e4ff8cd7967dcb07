"""Who is on call: asked for, handed over at its instant, taken over, and what is refused."""

from __future__ import annotations

import pytest

from callboard.plans import service as plans
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

ROTA = PLAN.replace(
    "escalation:",
    "on_call: {omega: {rotation: [pb, pa], every: 12h, from: 2025-11-13 08:00}}\nescalation:",
).replace("{level: Team lead, notify: [lead]", "{level: On call, notify: [on_call]")


@pytest.fixture
async def world(database_url):
    async with World(database_url, plan=ROTA) as world:
        yield world


async def test_stints_say_who_is_on_call_since_when_until_when_and_who_is_next(world):
    answer = await world.says("stan", "/plan oncall")
    for words in ("Omega", "<@UPB>", "Next: <@UPA>", "2025-11-13 20:00", "2025-11-13 08:00", "Sigma: no rotation"):
        assert words in answer.text, answer.text
    answer = await world.says("stan", "/plan oncall omega")
    assert "<@UPB>" in answer.text


async def test_a_stint_is_handed_over_once_at_its_instant_and_the_night_of_whoever_ends_is_left_alone(world):
    await world.advance(hours=10, minutes=59)
    assert world.dm("pa").count("on call") == 0
    await world.advance(minutes=2)
    world.dm("pa").expect("You are on call for Omega", "You take over from <@UPB>")
    world.dm("pb").expect("You are no longer on call for Omega")
    await world.advance(hours=12)
    assert world.dm("pb").count("You are on call for Omega") == 1
    await world.advance(hours=12)
    assert world.dm("pa").count("You are on call for Omega") == 2
    assert len(world.entries("plan", "handed on-call over")) == 3


@pytest.mark.both_databases
async def test_a_stint_that_ends_at_night_is_told_in_the_morning_and_to_whoever_begins_at_once(database_url):
    plan = ROTA.replace("2025-11-13 08:00", "2025-11-13 02:00").replace(
        "pb: {name: Person B, slack: UPB}", 'pb: {name: Person B, slack: UPB, quiet: "23:00-06:00"}'
    )
    async with World(database_url, plan=plan) as world:
        await world.advance(hours=17, minutes=1)  # 02:01: pa has ended, pb begins
        world.dm("pb").expect("You are on call for Omega")
        assert world.dm("pa").count("no longer") == 0
        await world.advance(hours=5)
        world.dm("pa").expect("You are no longer on call for Omega")


async def test_stints_that_were_missed_in_an_outage_are_told_as_the_last_one(world):
    await world.jump(hours=25)
    assert world.dm("pa").count("You are on call for Omega") == 0
    world.dm("pb").expect("You are on call for Omega")
    assert world.dm("pb").count("on call for Omega") == 1


async def test_a_stint_is_taken_over_kept_by_apply_told_to_both_and_handed_back(world):
    answer = await world.says("pa", "/plan oncall omega @pa until 12:00 because pb is at the dentist")
    assert "You are on call for Omega until" in answer.text
    world.dm("pa").expect("You are on call for Omega", "Reason: pb is at the dentist")
    world.dm("pb").expect("You are no longer on call for Omega", "<@UPA> is now")
    await world.says("pb", "/blocker mongo refuses TLS")
    world.dm("pa").expect("mongo refuses TLS", "on call for Omega")
    world.apply(ROTA.replace("name: Release\n", "name: Release two\n", 1))
    shown = (await world.says("sc", "/plan oncall omega")).text
    assert "<@UPA> took this over from <@UPB>, because pb is at the dentist" in shown
    await world.advance(hours=3, minutes=1)
    world.dm("pb").expect("You are on call for Omega", "You take over from <@UPA>")
    assert world.dm("pb").count("You are on call for Omega") == 1
    assert world.dm("pa").count("You are on call for Omega") == 1


async def test_a_stint_given_by_a_coordinator_or_the_holder_tells_both_and_nothing_of_rights(world):
    await world.says("amp", "/plan oncall Omega @olga for 2h because of the vendor call")
    world.dm("olga").expect("You are on call for Omega")
    await world.says("olga", "/plan oncall omega @pa tomorrow 9:00")
    world.dm("olga").expect("You are no longer on call")
    world.dm("pa").expect("You are on call for Omega")
    assert not any(world.dm(person).count("who may do what") for person in ("olga", "pa", "pb"))


@pytest.mark.parametrize(
    ("who", "typed", "sentence"),
    [
        ("sc", "oncall omega @sc until 12:00", "You take no turns on call for Omega."),
        ("amp", "oncall omega @amp until 12:00", "You take no turns on call for Omega."),
        ("sc", "oncall omega @pa until 12:00", "can give this turn to somebody"),
        ("stan", "oncall omega @pa until 12:00", "can give this turn to somebody"),
        ("amp", "oncall omega @stan until 12:00", "only follows Release"),
        ("amp", "oncall omega @pa", "Until when?"),
        ("amp", "oncall omega until 18:00", "Who takes it over?"),
        ("amp", "oncall omega @pa for 20d", "more than two weeks"),
        ("amp", "oncall omega @pa until 2025-11-12 10:00", "is past"),
        ("amp", "oncall omega @pa 2h maybe", "I can't read `2h maybe` as a time"),
        ("amp", "oncall omega @pb until 12:00", "is on call already, until"),
        ("amp", "oncall omga", "There is no team `omga`"),
        ("amp", "oncall sigma", "Nobody of Sigma takes turns: I page the lead, <@USARA>."),
        ("amp", "oncall sigma @sc 2h", "on_call: {sigma: {rotation"),
        ("amp", "oncall omega @nobody 2h", "Nobody in Release is called `nobody`"),
        ("amp", f"oncall omega @pa 2h because {'x' * 301}", "300 at most"),
    ],
)
async def test_stints_are_refused_with_who_can_and_what_to_type(world, who, typed, sentence):
    answer = await world.says(who, f"/plan {typed}")
    assert sentence in answer.text, answer.text
    assert not world.entries("plan", "handed on-call over")


async def test_stints_pass_to_whoever_stands_in_for_an_absence_and_back(world):
    await world.says("pb", "/plan away today")
    world.dm("olga").expect("You are on call for Omega", "You stand in for <@UPB>")
    shown = (await world.says("pa", "/plan oncall omega")).text
    assert "<@UOLGA> stands in" in shown
    assert "<@UPB> is away" in (await world.says("amp", "/plan oncall omega @pb until 12:00")).text
    await world.says("pb", "/plan back")
    world.dm("pb").expect("You are on call for Omega")


async def test_without_any_rotation_the_answer_says_what_to_write(database_url):
    async with World(database_url) as world:
        assert "on_call: {TEAM:" in (await world.says("amp", "/plan oncall")).text


def test_overrides_are_checked_in_the_plan_file():
    from callboard.app import sections

    for written, sentence in (
        ("{key: k, person: nobody, from: 2025-11-13 10:00, until: 2025-11-13 12:00}", "there is no person `nobody`"),
        ("{key: k, person: pa, from: 2025-11-13 10:00, until: 2025-11-13 09:00}", "this is over before it begins"),
        ("{key: k, person: pa, from: 2025-11-13 10:00}", "`until` is missing"),
    ):
        text = ROTA.replace("from: 2025-11-13 08:00}}", f"from: 2025-11-13 08:00, overrides: [{written}]}}}}")
        assert sentence in str(plans.check(text, "plan.yml", sections()).errors), written


@pytest.mark.parametrize(
    "typed",
    ["<@UPA|pa> omega until 18:00", "pa omega until 18:00", "<@UPA|pa> until 18:00", "omega <@UPA|pa> until 18:00"],
)
async def test_a_turn_is_given_whichever_of_team_and_person_is_typed_first(world, typed):
    assert "<@UPA> is on call for Omega until" in (await world.says("amp", f"/plan oncall {typed}")).text


@pytest.mark.parametrize("group", ["<!subteam^S0123ABC|@omega-devs>", "<!subteam^S0123ABC>"])
@pytest.mark.parametrize(
    "typed", ["/plan oncall omega {} until 18:00", "/task assign O-1 {}", "/plan test {}", "/plan set pa deputies {}"]
)
async def test_a_user_group_of_slack_is_refused_where_one_person_is_asked_for_and_says_why(world, typed, group):
    answer = (await world.says("amp", typed.format(group))).text
    assert "is a group of Slack, and this takes one person" in answer
    assert "subteam" not in answer
