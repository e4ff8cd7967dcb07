"""Applying a plan: all or nothing, once, by version, and with respect for what people did since."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlmodel import col, select

from callboard.app import sections
from callboard.core import timeline
from callboard.core.calendar import DateRange
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.planfile import diff
from callboard.planfile.sections import SECTIONS, Section
from callboard.plans import service as plans
from callboard.plans.models import Plan, PlanVersion
from callboard.teams import links
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.links import Found
from callboard.teams.models import PersonRow
from tests.planfile.sample import GOOD, apply, broken, check

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


def directory(db, done):
    return db.transact(teams.directory, done.plan_id)


def test_the_diff_of_a_new_plan_says_what_is_in_it(db):
    done = apply(db, reason="kick-off")
    assert (done.key, done.version) == ("harbor", 1)
    assert done.changes == ["a new plan: Harbor 2.0, with 5 people, 1 team"]
    plan = db.transact(plans.plan, done.plan_id)
    assert plan.from_at == datetime(2026, 3, 25, 7, tzinfo=UTC)
    assert plan.to_at == datetime(2026, 4, 2, 16, tzinfo=UTC)


def test_the_plans_service_makes_no_new_version_of_the_same_file(db):
    first = apply(db)
    plan = db.transact(plans.plan, first.plan_id)
    again = apply(db)
    assert (again.plan_id, again.version, again.changes) == (first.plan_id, 1, [])
    assert db.transact(plans.plan, first.plan_id).revision == plan.revision
    assert db.transact(lambda tx: plans.preview(tx, check(GOOD), "T1").changes) == []


@pytest.mark.both_databases
def test_the_plans_service_makes_a_version_of_a_changed_file_with_author_and_reason(db):
    done = apply(db)
    apply(db, broken("respond_within: 15m", "respond_within: 5m"), reason="faster", author="boss")
    versions = db.transact(lambda tx: tx.session.exec(select(PlanVersion).order_by(col(PlanVersion.number))).all())
    assert [(v.number, v.author, v.reason) for v in versions] == [(1, "chief", ""), (2, "boss", "faster")]
    assert versions[0].source == GOOD
    told = db.transact(timeline.history, Subject("plan", done.plan_id))
    assert [(entry.verb, entry.actor, entry.said) for entry in told] == [
        ("applied", "chief", None), ("applied", "boss", "faster"),
    ]  # fmt: skip


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: Harbor 2.0", "name: Harbor 2.1", "name: Harbor 2.0 -> Harbor 2.1"),
        ("to: 2026-04-02 18:00", "to: 2026-04-03 18:00", "to: 2026-04-02 18:00 -> 2026-04-03 18:00"),
        ("slack: U0EXEC", "slack: U0OTHER", "person boss: slack U0EXEC -> U0OTHER"),
        (", timezone: America/New_York", "", "person one: timezone is no longer America/New_York"),
        ("members: [one, two]", "members: [two]", "team backend: members one, two -> two"),
        ("roles: {keeper: Gate keeper}", "roles: {keeper: Keeper}", "role keeper: Gate keeper -> Keeper"),
        ('urgent: "#harbor-urgent"', 'urgent: "#urgent"', "channel urgent: #harbor-urgent -> #urgent"),
        ("holidays: [2026-04-03]\n", "", "holidays is no longer 2026-04-03"),
        ("teams:\n", "risks: [{risk: Late, probability: low, impact: high}]\nteams:\n", "section risks is added"),
        (
            "  boss:",
            "  new: {name: New one, slack: U0NEW, roles: [observer]}\n  boss:",
            "person new (New one) is added",
        ),
        ("timezone: Europe/Berlin\n", "timezone: Europe/Berlin # there\n", plans.WORDING_ONLY),
    ],
)
def test_the_diff_of_two_plan_versions_is_told_in_words(db, old, new, said):
    apply(db)
    text = broken(old, new)
    assert db.transact(lambda tx: plans.preview(tx, check(text), "T1").changes) == [said]
    assert apply(db, text).changes == [said]
    assert apply(db, text).changes == []


STEPS = (
    {"at": "09:00", "title": "Copy the database", "lead": "omega"},
    {"at": "10:00", "title": "Open the gate", "lead": "omega"},
    {"at": "11:00", "title": "Tell people", "lead": "sigma"},
)


@pytest.mark.parametrize(
    ("places", "later", "said"),
    [
        ((0, 2, 1), {}, ["in another order now, Copy the database, Tell people, Open the gate"]),
        ((0, 2), {}, ["Open the gate is removed"]),
        ((0, 2, 1), {"at": "12:00"}, ["Open the gate at 10:00 -> 12:00", "in another order now, "]),
        (
            (2, 1),
            {"lead": "sigma"},
            ["Open the gate lead omega -> sigma", "Copy the database is removed", "in an"],
        ),
    ],
)
def test_the_diff_of_a_list_in_another_order_says_what_else_is_different_in_it(places, later, said):
    before, after = ({"runbooks": {"go": {"steps": steps}}} for steps in (
        list(STEPS), [STEPS[place] | (later if place == 1 else {}) for place in places],
    ))  # fmt: skip
    words = diff.in_words(before, after, sections())
    assert len(words) == len(said)
    assert all(part in words[place] for place, part in enumerate(said)), words


@pytest.mark.parametrize(("was", "now"), [(0, 1), (1, 0)])
def test_the_diff_of_one_more_criterion_that_is_only_a_text_says_whether_it_came_or_went(was, now):
    lists = ["Seen", {"tick": "Tried"}], ["Seen", "Heard", {"tick": "Tried"}]
    before, after = ({"gates": {"ready": {"criteria": lists[place]}}} for place in (was, now))
    assert diff.in_words(before, after, sections()) == [
        f"gate ready: criteria Heard is {'added' if now else 'removed'}"
    ]


def test_the_plans_service_refuses_a_file_with_errors_whole(db):
    done = apply(db)
    with pytest.raises(Refused, match="1 error") as refused:
        db.transact(plans.apply, check(broken("lead: be-lead", "lead: who")), author="x", workspace="T1")
    assert "plan.yml:22" in refused.value.sentence
    assert db.transact(plans.plan, done.plan_id).version == 1


def test_the_plans_service_leaves_nothing_behind_of_an_apply_that_fails_half_way(db):
    class Broken(Exception):
        pass

    def fail(tx, plan_id, document):
        teams.directory(tx, plan_id)
        raise Broken

    failing = (*sections(), Section(name="last", model=dict[str, str], apply=fail))
    db.registry.put(SECTIONS, failing)
    with pytest.raises(Broken):
        db.transact(plans.apply, check(GOOD), author="x", workspace="T1")
    assert db.transact(plans.every) == []
    db.registry.put(SECTIONS, sections())
    done = apply(db)
    db.registry.put(SECTIONS, failing)
    with pytest.raises(Broken):
        db.transact(plans.apply, check(broken("Backend lead", "Somebody")), author="x", workspace="T1")
    assert directory(db, done).people["be-lead"].name == "Backend lead"


@pytest.mark.both_databases
def test_the_teams_service_never_uses_a_directory_read_in_a_rolled_back_transaction(db):
    done = apply(db)

    def change_look_and_fail(tx):
        row = tx.session.exec(select(PersonRow).where(PersonRow.key == "one")).one()
        row.slack_id = "U0WRONG"
        tx.session.add(row)
        plans.changed(tx, done.plan_id)
        assert teams.directory(tx, done.plan_id).people["one"].slack_id == "U0WRONG"
        raise Refused("after all not")

    with pytest.raises(Refused):
        db.transact(change_look_and_fail)
    assert directory(db, done).people["one"].slack_id == "U0BE1"


def test_a_person_taken_out_of_the_plan_files_people_section_is_gone_but_their_row_stays(db):
    done = apply(db)
    apply(db, broken("  boss: {name: Executive, slack: U0EXEC, roles: [executive]}\n", ""))
    assert "boss" not in directory(db, done).people
    row = db.transact(lambda tx: tx.session.exec(select(PersonRow).where(PersonRow.key == "boss")).one())
    assert row.gone
    apply(db)
    assert directory(db, done).people["boss"].slack_id == "U0EXEC"


def test_people_keep_the_order_of_the_plan_file(db):
    done = apply(db)
    line = '  two: {name: Backend two, email: two@example.com, fallback: ["env:TWO"]}\n'
    apply(db, broken(line, "").replace("people:\n", "people:\n" + line))
    assert list(directory(db, done).people) == ["two", "be-lead", "one", "chief", "boss"]


@pytest.mark.both_databases
def test_the_plan_files_people_section_keeps_slack_links_and_live_absences(db):
    done = apply(db)
    db.transact(links.linked, "T1", Found({"two@example.com": "U0TWO"}, {"harbor": "C0HARBOR"}))
    now = directory(db, done)
    days = DateRange(date(2026, 3, 30), date(2026, 3, 31))
    db.transact(teams.away, Asker(now, now.people["one"]), now.people["one"], days)
    apply(db, broken("name: Backend two", "name: Backend number two"))
    now = directory(db, done)
    assert now.people["two"].slack_id == "U0TWO"
    assert now.address("#coordination") == "C0HARBOR"
    assert now.people["one"].away == (days,)


@pytest.mark.both_databases
def test_the_plan_files_people_section_drops_a_slack_id_found_by_another_mail_address(db):
    done = apply(db)
    db.transact(links.linked, "T1", Found({"two@example.com": "U0TWO"}))
    apply(db, broken("two@example.com", "second@example.com"))
    assert directory(db, done).people["two"].slack_id == ""


def test_the_plan_files_people_section_takes_a_slack_id_from_whom_it_was_found_for(db):
    done = apply(db)
    db.transact(links.linked, "T1", Found({"two@example.com": "U0TWO"}))
    apply(db, broken("slack: U0EXEC", "slack: U0TWO"))
    assert directory(db, done).by_slack("U0TWO").key == "boss"


@pytest.mark.both_databases
def test_an_absence_in_the_plan_files_people_section_goes_with_it_but_a_removed_one_stays_so(db):
    away = broken("slack: U0EXEC,", "slack: U0EXEC, away: [2026-03-30..2026-03-31],")
    done = apply(db, away)
    now = directory(db, done)
    assert len(now.people["boss"].away) == 1
    db.transact(teams.back, Asker(now, now.people["boss"]), now.people["boss"])
    apply(db, away.replace("name: Executive", "name: The executive"))
    assert directory(db, done).people["boss"].away == ()
    apply(db, GOOD)
    apply(db, away)
    assert len(directory(db, done).people["boss"].away) == 1


@pytest.mark.both_databases
def test_the_plans_service_adopts_a_plan_without_a_workspace_for_the_first(db):
    done = apply(db, workspace="")
    assert db.transact(plans.running, "T1") == []
    assert db.transact(plans.adopt, "T1") == ["harbor"]
    assert db.transact(plans.adopt, "T2") == []
    assert [plan.id for plan in db.transact(plans.running, "T1")] == [done.plan_id]
    assert directory(db, done).workspace == "T1"


def test_the_plans_service_never_touches_a_plan_of_another_workspace(db):
    first, second = apply(db, workspace="T1"), apply(db, broken("name: Harbor 2.0", "name: Theirs"), workspace="T2")
    assert first.plan_id != second.plan_id
    assert directory(db, first).plan_name == "Harbor 2.0"
    apply(db, broken("name: Harbor 2.0", "name: Changed"), workspace="T2")
    assert directory(db, first).plan_name == "Harbor 2.0"
    with pytest.raises(Refused, match="2 workspaces"):
        apply(db, workspace="")


def test_the_plans_service_takes_a_file_without_a_workspace_for_the_one_plan_of_that_key(db):
    done = apply(db, workspace="T1")
    again = apply(db, broken("name: Harbor 2.0", "name: Harbor 3"), workspace="")
    assert (again.plan_id, again.version) == (done.plan_id, 2)
    assert db.transact(plans.plan, done.plan_id).workspace == "T1"


@pytest.mark.both_databases
def test_the_plans_service_adopts_no_plan_over_one_that_runs(db):
    apply(db, workspace="")
    db.transact(lambda tx: tx.session.add(Plan(workspace="T1", **_row(tx))))
    assert db.transact(plans.adopt, "T1") == []


def _row(tx):
    plan = plans.every(tx)[0]
    return plan.model_dump(exclude={"id", "workspace"})


@pytest.mark.both_databases
def test_the_plans_service_gives_people_who_apply_at_once_a_version_each(db):
    done = apply(db)
    files = [broken("name: Harbor 2.0", f"name: Harbor {n}") for n in range(4)]
    with ThreadPoolExecutor(4) as at_once:
        versions = sorted(one.version for one in at_once.map(lambda text: apply(db, text), files))
    assert versions == [2, 3, 4, 5]
    assert db.transact(plans.plan, done.plan_id).version == 5


@pytest.mark.both_databases
def test_the_plans_service_starts_one_plan_for_people_who_apply_the_same_at_once(db):
    with ThreadPoolExecutor(4) as at_once:
        done = list(at_once.map(lambda _: apply(db), range(4)))
    assert len({one.plan_id for one in done}) == 1
    assert sorted(bool(one.changes) for one in done) == [False, False, False, True]


@pytest.mark.both_databases
def test_the_plans_service_keeps_sections_without_rows_as_they_are_in_a_version(db):
    apply(db, GOOD + "risks: [{risk: Late, probability: low, impact: high}]\nx-notes: {a: 1}\n")
    version = db.transact(lambda tx: tx.session.exec(select(PlanVersion)).one())
    assert version.body["risks"] == [{"risk": "Late", "probability": "low", "impact": "high"}]
    assert "x-notes" not in version.body
