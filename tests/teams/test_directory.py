"""Who is meant, who stands in, and where each is reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from callboard.core.calendar import DateRange
from callboard.teams.plan.directory import drafted, meant
from callboard.teams.service import Concern, who
from tests.planfile.sample import GOOD, check

NOON = datetime(2026, 3, 30, 12, tzinfo=UTC)
PLAN = """\
callboard: 1
key: harbor
name: Harbor
timezone: UTC
from: 2026-03-25 08:00
to: 2026-04-02 18:00
channels: {coordination: "#harbor", urgent: C0URGENT1}
roles: {coordinator: Managing engineer, keeper: Gate keeper}
people:
  ann: {name: Ann, slack: U0ANN, deputies: [bob]}
  bob: {name: Bob, slack: U0BOB}
  cid: {name: Cid, slack: U0CID}
  dot: {name: Dot, slack: U0DOT, quiet: "22:00-07:00"}
  eve: {name: Eve, slack: U0EVE, roles: [stakeholder]}
  amp: {name: Amp, slack: U0AMP, roles: [coordinator, keeper], quiet: "22:00-07:00", around_the_clock: true}
  ned: {name: Ned, email: ned@example.com, phone: "+49 30 1234"}
teams:
  red: {name: Red, lead: ann, members: [bob, cid], channel: "#red"}
  blue: {name: Blue, lead: [dot, cid], members: [eve, dot]}
"""
WITH_VACANCY = GOOD.replace("  chief:", "  night: {name: Night shift, vacant: true}\n  chief:").replace(
    "[one, two]", "[one, two, night]"
)


@pytest.fixture
def plan():
    checked = check(PLAN)
    assert not checked.errors, checked.report()
    return drafted(checked.document)


def away(plan, *keys, days="2026-03-30"):
    """The same plan, with people away."""
    absent = (DateRange(date.fromisoformat(days), date.fromisoformat(days)),)
    return replace(plan, people={k: replace(p, away=absent) if k in keys else p for k, p in plan.people.items()})


def told(plan, *expressions, now=NOON, **concern):
    found = who(plan, expressions, Concern(**concern), now)
    return [r.person.key for r in found.people], list(found.channels)


@pytest.mark.parametrize(
    ("expression", "keys"),
    [
        ("lead", ["ann"]),
        ("leads", ["ann", "dot", "cid"]),
        ("member", ["bob", "cid"]),
        ("all leads", ["ann", "dot", "cid"]),
        ("everyone", ["ann", "dot", "cid", "bob"]),
        ("assignees", ["bob"]),
        ("reporter", ["cid"]),
        ("red", ["ann", "bob", "cid"]),
        ("blue", ["dot", "cid", "eve"]),
        ("coordinator", ["amp"]),
        ("keeper", ["amp"]),
        ("stakeholder", ["eve"]),
        ("executive", []),
        ("dot", ["dot"]),
        ("nobody-there", []),
    ],
)
def test_recipients_are_whom_a_who_expression_of_the_plan_names(plan, expression, keys):
    assert told(plan, expression, team="red", teams=("blue",), assignees=("bob",), reporter="cid")[0] == keys


def test_recipients_for_assignees_are_the_lead_where_a_task_has_no_assignee(plan):
    assert told(plan, "assignees", team="red")[0] == ["ann"]


def test_recipients_for_lead_are_nobody_without_a_team(plan):
    assert who(plan, ["lead"], Concern(), NOON).nobody


def test_recipients_are_distinct_and_in_order_with_channels_beside_them(plan):
    people, channels = told(plan, "lead", "#urgent", "red", "#elsewhere", "coordinator", "#urgent", team="red")
    assert people == ["ann", "bob", "cid", "amp"]
    assert channels == ["C0URGENT1", "#elsewhere"]


def test_every_recipient_has_a_reason(plan):
    found = who(plan, ["lead", "coordinator"], Concern(team="red"), NOON)
    assert [r.why for r in found.people] == ["lead of Red", "Managing engineer"]


def test_the_directory_names_a_deputy_as_the_first_stand_in(plan):
    found = who(away(plan, "ann"), ["lead"], Concern(team="red"), NOON)
    assert [(r.person.key, r.instead_of) for r in found.people] == [("bob", away(plan, "ann").people["ann"])]


def test_the_directory_names_another_lead_then_the_coordinator_as_stand_in_after_deputies(plan):
    assert away(plan, "dot").standing_in(plan.people["dot"], NOON) == plan.people["dot"]
    for absent, other in ((["dot"], "cid"), (["dot", "cid"], "amp"), (["dot", "cid", "amp"], None)):
        now = away(plan, *absent)
        found = now.standing_in(now.people["dot"], NOON)
        assert (found.key if found else None) == other


def test_recipients_who_are_away_without_a_stand_in_are_named_as_missing(plan):
    found = who(away(plan, "amp"), ["coordinator"], Concern(), NOON)
    assert found.nobody
    assert [person.key for person in found.missing] == ["amp"]


def test_recipients_who_are_absent_members_have_no_stand_in(plan):
    assert told(away(plan, "bob"), "member", team="red")[0] == ["cid"]


def test_recipients_in_their_own_right_are_not_told_as_stand_ins(plan):
    found = who(away(plan, "ann"), ["lead", "member"], Concern(team="red"), NOON)
    assert [(r.person.key, r.instead_of) for r in found.people] == [("bob", None), ("cid", None)]


def test_the_directory_counts_a_vacant_seat_as_away(plan):
    vacant = replace(plan, people={**plan.people, "ann": replace(plan.people["ann"], vacant=True)})
    assert told(vacant, "lead", team="red")[0] == ["bob"]


def test_the_directory_reckons_days_of_absence_in_the_persons_time_zone(plan):
    abroad = replace(away(plan, "ann").people["ann"], timezone="Pacific/Auckland")
    assert abroad.present(datetime(2026, 3, 29, 10, 59, tzinfo=UTC))
    assert not abroad.present(datetime(2026, 3, 29, 11, 0, tzinfo=UTC))
    assert not abroad.present(datetime(2026, 3, 30, 10, 59, tzinfo=UTC))
    assert abroad.present(datetime(2026, 3, 30, 11, 0, tzinfo=UTC))


def test_the_directory_finds_channels_by_key_name_and_id(plan):
    assert [plan.address(ref) for ref in ("urgent", "#urgent", "#harbor", "coordination", "C0URGENT1", "#other")] == [
        "C0URGENT1", "C0URGENT1", "#harbor", "#harbor", "C0URGENT1", "#other",
    ]  # fmt: skip
    assert plan.home_channel("red") == "#red"
    assert plan.home_channel("blue") == plan.home_channel() == "#harbor"
    assert plan.has_channel("C0URGENT1")
    assert plan.has_channel("C0WHATEVER", "red")
    assert not plan.has_channel("C0WHATEVER", "green")


def test_the_directory_knows_the_teams_and_roles_of_people(plan):
    people = plan.people
    assert [team.key for team in plan.teams_of(people["cid"])] == ["blue", "red"]
    assert plan.is_lead(people["cid"])
    assert not plan.is_lead(people["cid"], "red")
    assert plan.has_role(people["bob"], "member")
    assert not plan.has_role(people["amp"], "member")
    assert plan.by_slack("U0BOB") == people["bob"]


def test_the_directory_reaches_people_without_slack_by_fallback_phone_or_mail(plan):
    assert plan.reach(plan.people["ned"]) == plan.fall_back(plan.people["ned"])
    assert plan.reach(plan.people["ned"]).address == "+49301234 ned@example.com"
    assert plan.reach(plan.people["ann"]).medium == "slack"
    assert plan.reach(replace(plan.people["bob"], slack_id="")) is None
    assert [person.key for person in plan.unlinked] == ["ned"]


def test_the_directory_knows_each_persons_quiet_hours_and_none_around_the_clock(plan):
    night = datetime(2026, 3, 30, 23, tzinfo=UTC)
    assert plan.people["dot"].quiet_until(night) == datetime(2026, 3, 31, 7, tzinfo=UTC)
    assert plan.people["dot"].quiet_until(NOON) is None
    assert plan.people["amp"].quiet_until(night) is None


@pytest.mark.parametrize(
    ("expressions", "team", "people"),
    [
        (["everyone"], "", "be-lead one two"),
        (["backend"], "", "be-lead one two"),
        (["two", "chief", "be-lead", "two"], "", "be-lead two chief"),
        (["coordinator", "executive"], "", "chief boss"),
        (["keeper"], "", "chief"),
        (["all leads"], "", "be-lead"),
        (["lead", "leads"], "backend", "be-lead"),
        (["member"], "backend", "one two"),
        (["lead", "member"], "", ""),
        (["assignees", "reporter"], "backend", ""),
        (["night", "#urgent", "nobody"], "", ""),
    ],
)
def test_the_directory_of_a_plan_file_knows_whom_who_expressions_mean_in_its_order(expressions, team, people):
    assert " ".join(meant(check(WITH_VACANCY).document, expressions, team)) == people


def test_the_directory_of_a_plan_file_that_is_not_valid_knows_nobody():
    document = check(WITH_VACANCY.replace("timezone: Europe/Berlin", "timezone: Europe/Berlinn")).document
    assert drafted(document) is None
    assert meant(document, ["everyone"]) == ()


def test_the_directory_of_a_plan_file_is_made_once_for_a_document():
    document = check(WITH_VACANCY).document
    assert drafted(document) is drafted(document)
    assert drafted(document) is not drafted(check(WITH_VACANCY).document)
