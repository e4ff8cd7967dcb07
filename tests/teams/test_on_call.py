"""Who is on call: turns by the wall clock, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.app import sections
from callboard.planfile import calendar
from callboard.plans import service as plans
from callboard.teams.plan.turns import Rotation, on_call
from tests.planfile.sample import GOOD, check
from tests.world import NIGHT, PLAN, World

ZONES = (
    "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo",
    "Australia/Sydney", "America/Sao_Paulo", "Pacific/Honolulu", "Pacific/Auckland",
)  # fmt: skip
ON_CALL = "on_call: {backend: {rotation: [be-lead, one], every: 1w, from: 2026-03-26 09:00}}\n"
PEOPLE = ("anna", "bob", "carl")


def problems(written):
    found = check(GOOD + written).problems
    return [(str(p.degree), p.sentence) for p in found if p.sentence.startswith("on_call")]


def test_on_call_turns_begin_at_the_same_time_when_clocks_change():
    found = calendar.happenings(check(GOOD + ON_CALL).document)
    turns = [h for h in found if h.kind == "on call"]
    assert [(f"{h.at:%m-%d %H:%M}", h.who, h.name, h.team) for h in turns] == [
        ("03-26 08:00", ("be-lead",), "On call for Backend", "backend"),
        ("04-02 07:00", ("one",), "On call for Backend", "backend"),
    ]


def test_an_on_call_rotation_may_begin_before_the_plan():
    written = ON_CALL.replace("2026-03-26 09:00", "2026-03-18 09:00").replace("1w", "1d")
    found = calendar.happenings(check(GOOD + written).document)
    assert [" ".join(h.who) for h in found if h.kind == "on call"][:3] == ["one", "be-lead", "one"]


@pytest.mark.parametrize(
    ("old", "new", "degree", "said"),
    [
        ("backend:", "backnd:", "error", "on_call.backnd: there is no team `backnd`; did you mean `backend`?"),
        ("one]", "onne]", "error", "rotation[2]: there is no person `onne`; did you mean `one`?"),
        ("one]", "backend]", "error", "`backend` is a team: name its people"),
        ("[be-lead, one]", "[]", "error", "at least one is needed"),
        ("1w", "5m", "error", "nobody hands over that often"),
        ("every: 1w, ", "evry: 1w, ", "error", "did you mean `every`?"),
        (", from: 2026-03-26 09:00", "", "error", "`from` is missing: write `from: 2026-03-30 09:00`"),
        ("2026-03-26 09:00", "nowhere", "", ""),
    ],
)
def test_errors_in_the_on_call_section_are_explained(old, new, degree, said):
    assert ON_CALL.count(old) == 1
    found = problems(ON_CALL.replace(old, new))
    assert any(given == degree and said in sentence for given, sentence in found) or not degree, found


def test_a_vacant_seat_on_call_is_listed():
    plan = GOOD.replace("name: Backend one, slack: U0BE1", "name: Backend one, vacant: true")
    assert any("has turns on call" in p.sentence and p.degree == "vacant" for p in check(plan + ON_CALL).problems)


starts = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))  # noqa: DTZ001 - wall time
spans = st.sampled_from(
    [timedelta(hours=8), timedelta(hours=12), timedelta(days=1), timedelta(weeks=1), timedelta(weeks=2)]
)


@settings(max_examples=300)
@given(st.sampled_from(ZONES), starts, spans, st.integers(-100, 4_000))
def test_on_call_is_whoever_has_the_turn_that_began_last(zone, start, every, hours):
    found = Rotation(PEOPLE, every, start, ZoneInfo(zone))
    now = found.begins(0) + timedelta(hours=hours)
    begun = (
        [n for n in range(hours // (every // timedelta(hours=1)) + 3) if n >= 0 and found.begins(n) <= now]
        if hours >= 0
        else []
    )
    turn = on_call(found, now)
    assert (turn is None) == (not begun)
    if turn:
        assert turn.person == PEOPLE[begun[-1] % 3]
        assert turn.at <= now < turn.until
        assert turn.at == found.begins(begun[-1])


@settings(max_examples=100)
@given(st.sampled_from(ZONES), starts, spans, st.lists(st.integers(0, 2_000), min_size=2, max_size=2, unique=True))
def test_on_call_turns_have_no_gaps(zone, start, every, hours):
    found = Rotation(PEOPLE, every, start, ZoneInfo(zone))
    first, last = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in sorted(hours))
    turns = list(found.turns((first, last)))
    assert all(one.until == other.at for one, other in pairwise(turns))
    assert all(turn.at < last and turn.until > first for turn in turns)


def test_weekly_on_call_turns_begin_at_nine_in_every_zone():
    for name in ZONES:
        zone = ZoneInfo(name)
        found = Rotation(PEOPLE, timedelta(weeks=1), datetime(2026, 1, 5, 9), zone)  # noqa: DTZ001 - wall time
        turns = list(found.turns((found.begins(0), found.begins(104))))
        assert len(turns) == 104
        assert {(turn.at.astimezone(zone).weekday(), turn.at.astimezone(zone).hour) for turn in turns} == {(0, 9)}


TWO_TEAMS = PLAN.replace(
    "escalation:",
    "on_call: {omega: {rotation: [pb, pa], every: 1d, from: 2025-11-13 08:00}}\nescalation:",
).replace("{level: Team lead, notify: [lead]", "{level: On call, notify: [NOTIFY]")


@pytest.fixture
async def rotating(request, database_url):
    async with World(database_url, plan=TWO_TEAMS.replace("NOTIFY", request.param)) as world:
        yield world


@pytest.mark.parametrize("rotating", ["on_call"], indirect=True)
async def test_on_call_of_the_team_concerned_is_paged_by_turns_and_the_lead_where_nobody_has_turns(rotating):
    world = rotating
    await world.says("olga", "/blocker mongo refuses TLS")
    world.dm("pb").expect("mongo refuses TLS", "you are on call for Omega")
    await world.says("sc", "/blocker tests are red", "sigma")
    world.dm("sara").expect("tests are red", "you are lead of Sigma")
    await world.says("olga", "/blocker resolve 1")
    await world.advance(days=1)
    await world.says("olga", "/blocker the disk is full")
    world.dm("pa").expect("the disk is full", "you are on call for Omega")
    assert world.dm("pb").count("the disk is full") == 0


@pytest.mark.parametrize("rotating", ["{on_call: omega}"], indirect=True)
async def test_on_call_of_another_team_is_paged_where_the_plan_names_it(rotating):
    await rotating.says("sc", "/blocker tests are red", "sigma")
    rotating.dm("pb").expect("tests are red", "you are on call for Omega")
    assert len(rotating.dm("sara")) == 0


@pytest.mark.parametrize(
    ("notify", "sentence"),
    [
        ("{on_call: omga}", "there is no team `omga`; did you mean `omega`?"),
        ("{on_call: sigma}", "nobody of `sigma` takes turns: write its rotation under `on_call:`"),
        ("{oncall: omega}", "or {on_call: ops} for whoever of a team is on call"),
        ("{on_call: [omega]}", "or {on_call: ops} for whoever of a team is on call"),
        ("{on_call: omega, level: 2}", "or {on_call: ops} for whoever of a team is on call"),
        ("on_cal", "did you mean `on_call`?"),
    ],
)
def test_on_call_in_a_step_of_the_plan_is_checked(notify, sentence):
    checked = plans.check(TWO_TEAMS.replace("NOTIFY", notify), "plan.yml", sections())
    assert sentence in str(checked.errors)


def test_on_call_is_refused_where_nobody_takes_turns():
    without = PLAN.replace("notify: [lead]", "notify: [on_call]")
    assert "nobody takes turns in this plan" in str(plans.check(without, "plan.yml", sections()).errors)


GAP = "nobody of backend is on call from 2026-03-25 08:00 to 2026-03-26 09:00, so its leads are meant then"


@pytest.mark.parametrize(
    ("written", "warned"),
    [
        ("meetings: [{name: Sync, days: thu, at: '10:00', who: [{on_call: backend}]}]\n", True),
        ("meetings: [{name: Sync, days: thu, at: '10:00', who: [backend]}]\n", False),
        ("reports: {daily: {at: '18:00', to: [on_call]}}\n", True),
    ],
)
def test_on_call_hours_without_a_holder_are_a_warning_where_somebody_asks_for_them(written, warned):
    assert any(GAP in sentence for _, sentence in problems(ON_CALL + written)) is warned
    before = ON_CALL.replace("2026-03-26", "2026-03-23")
    assert not any("so its leads are meant" in sentence for _, sentence in problems(before + written))


WHEN = """\
standups: [{name: Daily, at: "10:00", window: 1h, who: [{on_call: omega}], questions: [Now?]}]
checkpoints: [{name: Noon, team: omega, at: 2025-11-13 12:00, who: [on_call], ask: [All well?]}]
meetings: [{name: Sync, days: mon-sun, at: "11:00", lead: {on_call: omega}, who: [{on_call: omega}]}]
gates:
  seen: {name: Seen, due: 2025-11-14 12:00, criteria: [{tick: Looked at, by: {on_call: omega}}],
         sign_off: [{who: [{on_call: omega}]}, {role: stakeholder}]}
"""


@pytest.fixture
async def asked(database_url):
    plan = TWO_TEAMS.replace("NOTIFY", "on_call").replace(
        "every: 1d, from: 2025-11-13 08:00", "every: 1d, from: 2025-11-12 13:00"
    )
    async with World(database_url, plan=plan + WHEN) as world:
        yield world


async def test_on_call_is_whoever_has_the_turn_when_a_schedule_asks(asked):
    assert "not asked in Daily" in (await asked.says("sc", "/standup")).text
    await asked.advance(hours=3)
    assert asked.dm("pb").count("Now?") + asked.dm("pb").count("Daily") >= 1
    asked.dm("pb").expect("All well?")
    assert asked.dm("pa").count("Daily") + asked.dm("pa").count("All well?") == 0
    await asked.advance(days=1)
    assert asked.dm("pa").count("Daily") >= 1


async def test_on_call_ticks_and_signs_whoever_has_the_turn_then_and_the_signature_counts_after_it(asked):
    assert "Only <@UPB> can tick that" in (await asked.says("pa", "/gate tick seen 1")).text
    await asked.says("pb", "/gate tick seen 1")
    assert "Only <@UPB>" in (await asked.says("pa", "/gate sign seen")).text
    await asked.signs("pb", "seen")
    await asked.advance(hours=5)
    await asked.signs("stan", "seen")
    assert asked.row("gate", "seen").state == "passed"


async def test_on_call_is_whoever_stands_in_where_the_holder_is_away(asked):
    await asked.says("pb", "/plan away today")
    await asked.advance(hours=3)
    asked.dm("olga").expect("All well?")


@pytest.mark.parametrize("rotating", ["{on_call: omega}"], indirect=True)
async def test_on_call_is_what_a_briefing_says_of_the_ladder(rotating):
    rotating.channel("omega").expect("whoever is on call for Omega at once")


@pytest.mark.parametrize(
    ("of_pb", "respects", "night"),
    [
        ('quiet: "22:00-07:00"', "false", "pb"),  # pages ignore quiet hours
        ('quiet: "22:00-07:00"', "true", ""),  # unless the policy respects them
        ('quiet: "22:00-07:00", around_the_clock: true', "true", "pb"),
        ("away: [2025-11-13], deputies: [sc]", "false", "sc"),  # the deputy, not the lead
        ("away: [2025-11-13]", "false", "olga"),
        ("vacant: true", "false", "olga"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_call_people_keep_their_quiet_hours_absences_and_deputies_as_the_policy_says(
    database_url, of_pb, respects, night
):
    plan = (
        TWO_TEAMS.replace("NOTIFY", "on_call")
        .replace("name: Person B, slack: UPB", f"name: Person B, slack: UPB, {of_pb}" if "vacant" not in of_pb else
                 f"name: Person B, {of_pb}")
        .replace("idle_after: 15m", f"idle_after: 15m\n    respect_quiet: {respects}")
        .replace("from: 2025-11-13 09:00", "from: 2025-11-12 09:00").replace("2025-11-13 08:00", "2025-11-12 08:00")
        .replace("[pb, pa]", "[pb]")
    )  # fmt: skip
    async with World(database_url, plan=plan, at=NIGHT) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        told = [person for person in ("pb", "sc", "olga") if world.dm(person).count("mongo refuses TLS")]
        assert told == ([night] if night else [])
        if not night:
            await world.advance(hours=4, minutes=31)
            world.dm("pb").expect("mongo refuses TLS")
