"""Which plan somebody means, who they are in it, for whom they may act, and when they are away."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event

from callboard.core.calendar import DateRange
from callboard.core.errors import Refused, WhichPlan
from callboard.plans import service as plans
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams import several_plans
from callboard.teams.directory import Asker
from callboard.teams.models import PersonAway
from tests.planfile.sample import GOOD, apply

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

OTHER = (
    GOOD.replace("key: harbor", "key: quay")
    .replace("Harbor 2.0", "Quay & Co")
    .replace("#harbor", "#quay")
    .replace("U0BE1", "U0QUAY")
    .replace("U0CHIEF", "U0QCHIEF")
)


@pytest.fixture
def harbor(db):
    return apply(db, GOOD)


@pytest.fixture
def both(db, harbor):
    apply(db, OTHER)


def asking(db, user="U0BE1", channel="C0RANDOM", name="random", plan=None, workspace="T1", **more):
    request = Request(workspace=workspace, user=user, channel=channel, channel_name=name, plan=plan, **more)
    return db.transact(lambda tx: several_plans.identify(tx, request))


def test_the_teams_service_takes_an_asker_to_mean_the_only_plan_in_every_channel(db, harbor):
    for channel, name in (("C0RANDOM", "random"), ("D0DM", "directmessage"), ("C0H", "harbor")):
        found = asking(db, channel=channel, name=name)
        assert (found.directory.plan_key, found.person.key) == ("harbor", "one")


def test_the_teams_service_tells_an_asker_where_no_plan_runs_how_to_start_one(db):
    with pytest.raises(Refused, match="callboard apply"):
        asking(db)


def test_the_teams_service_tells_an_asker_who_is_in_no_plan_who_can_add_them(db, harbor):
    with pytest.raises(Refused, match=r"You are not in the plan Harbor 2.0\. <@U0CHIEF> can change that"):
        asking(db, user="U0STRANGER")


def test_the_teams_service_takes_no_orders_from_an_asker_that_is_a_bot(db, harbor):
    with pytest.raises(Refused, match="people only"):
        asking(db, is_bot=True)


def test_the_teams_service_shows_an_asker_no_plan_of_another_workspace(db, harbor):
    with pytest.raises(Refused, match="No plan runs"):
        asking(db, workspace="T2")


def test_the_teams_service_takes_an_asker_in_a_channel_of_a_plan_to_mean_it(db, both):
    assert asking(db, user="U0EXEC", channel="C0Q", name="quay").directory.plan_key == "quay"
    assert asking(db, user="U0EXEC", channel="C0H", name="harbor-urgent").directory.plan_key == "harbor"
    with pytest.raises(Refused, match="You are not in the plan Quay &amp; Co"):
        asking(db, user="U0BE1", channel="C0Q", name="quay")


def test_the_teams_service_asks_an_asker_of_several_plans_which_they_mean(db, both):
    assert asking(db, user="U0BE1").directory.plan_key == "harbor"
    assert asking(db, user="U0QUAY").directory.plan_key == "quay"
    with pytest.raises(WhichPlan) as asked:
        asking(db, user="U0EXEC")
    assert asked.value.choices == (("harbor", "Harbor 2.0"), ("quay", "Quay & Co"))
    with pytest.raises(Refused, match="You are in no plan"):
        asking(db, user="U0STRANGER")


def test_the_teams_service_lets_an_asker_name_a_plan(db, both):
    assert asking(db, user="U0EXEC", plan="quay").directory.plan_key == "quay"
    assert asking(db, user="U0EXEC", plan="Quay").directory.plan_key == "quay"
    with pytest.raises(Refused, match=r"no plan `pier`.*`harbor` \(Harbor 2.0\), `quay`"):
        asking(db, plan="pier")
    assert db.transact(plans.is_plan_key, "T1", "QUAY")
    assert not db.transact(plans.is_plan_key, "T2", "quay")


def test_the_teams_service_finds_an_asker_again_with_one_query_at_most(db, both):
    asking(db, user="U0BE1")
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    asking(db, user="U0BE1")
    assert len([s for s in statements if s.lstrip().upper().startswith("SELECT")]) == (0 if db.on_sqlite else 1)


def test_only_a_deputy_has_the_right_to_act_for_another_person_of_the_plan(db, harbor):
    found = asking(db)
    assert teams.acting(found.directory, found.person, "one") is None
    assert teams.acting(found.directory, found.person, "be-lead") == "be-lead"
    lead = found.directory.people["be-lead"]
    with pytest.raises(Refused, match="no deputy for them"):
        teams.acting(found.directory, lead, "one")
    with pytest.raises(Refused, match="Only <@U0BE1> can"):
        teams.acting(found.directory, found.directory.people["chief"], "be-lead")
    with pytest.raises(Refused, match="is called `x`"):
        teams.acting(found.directory, lead, "x")


def days(first, last=None):
    return DateRange(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.both_databases
def test_the_teams_service_publishes_a_persons_absence_and_removes_it(db, harbor):
    heard = []
    db.bus.subscribe(PersonAway, lambda _tx, happened: heard.append(happened))
    found = asking(db)
    db.transact(teams.away, found, found.person, days("2026-03-30", "2026-03-31"))
    assert asking(db).person.away == (days("2026-03-30", "2026-03-31"),)
    again = asking(db)
    with pytest.raises(Refused, match="already noted"):
        db.transact(teams.away, again, again.person, days("2026-03-31"))
    assert db.transact(teams.back, again, again.person) == [days("2026-03-30", "2026-03-31")]
    assert asking(db).person.away == ()
    assert heard == [PersonAway(harbor.plan_id, "one")] * 2
    with pytest.raises(Refused, match="No absence of you"):
        db.transact(teams.back, again, again.person)


def test_only_leads_and_the_coordinator_have_the_right_to_note_others_absences(db, harbor):
    known = asking(db).directory
    person = known.people["two"]
    for key in ("be-lead", "chief", "two"):
        db.transact(teams.away, Asker(known, known.people[key]), person, days(f"2026-04-0{len(key) % 5 + 1}"))
    with pytest.raises(Refused, match="Only Backend two, <@U0BELEAD> or <@U0CHIEF> can say when Backend two is away"):
        db.transact(teams.away, Asker(known, known.people["one"]), person, days("2026-04-09"))


@pytest.mark.parametrize(
    ("first", "last", "why"), [("2025-11-01", None, "is over"), ("2026-01-01", "2028-01-01", "more than a year")]
)
def test_the_teams_service_refuses_absences_on_impossible_days(db, harbor, first, last, why):
    found = asking(db)
    with pytest.raises(Refused, match=why):
        db.transact(teams.away, found, found.person, days(first, last))
