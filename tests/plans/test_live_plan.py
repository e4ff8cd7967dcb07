"""People change a plan while it runs; a new file is merged with that, and asks where both changed the same."""

from __future__ import annotations

from datetime import date

import pytest

from callboard.app import sections
from callboard.core import timeline
from callboard.core.calendar import DateRange
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.planfile.sections import SECTIONS, Section
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.planfile.sample import GOOD, apply, check

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

PLAN = (
    GOOD
    + """\
tasks:
  - for: {team: backend, due: 2026-03-26 17:00}
    A-1: {title: Schema, assignee: one}
    A-2: {title: Load}
gates:
  ready: {name: Ready, due: 2026-03-27 17:00, criteria: [Seen by somebody], sign_off: [{lead_of: backend}]}
meetings:
  - {name: Weekly, days: mon, at: "10:00", who: [all leads]}
"""
)
DUE = ("tasks", "A-1", "due")
DUE_1 = "tasks.A-1.due"
AT = "2025-11-13 10:00: ill"


def preview(db, text, *, theirs=(), ours=()):
    return db.transact(plans.preview, check(text), "T1", plans.answers(theirs, ours))


def edit(db, done, path, value, author="one", reason=""):
    return db.transact(
        plans.edit, done.plan_id, path, value, author=author, reason=reason
    )  # fmt: skip


def live(db, done):
    return db.transact(plans.live, done.plan_id).body


def edits(db, done):
    found = db.transact(plans.edits, done.plan_id)
    return {".".join(one.path): (one.author, plans.ABSENT if one.removed else one.value) for one in found}


def changed(old, new, text=PLAN):
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.mark.both_databases
def test_a_change_of_the_live_plan_is_in_force_at_once_recorded_and_told_in_words(db):
    done = apply(db, PLAN)
    said = edit(db, done, ("people", "one", "name"), "Backend number one", reason="married")
    assert said == ["person one: name Backend one -> Backend number one"]
    assert live(db, done)["people"]["one"]["name"] == "Backend number one"
    assert db.transact(teams.directory, done.plan_id).people["one"].name == "Backend number one"
    assert edits(db, done) == {"people.one.name": ("one", "Backend number one")}
    told = db.transact(timeline.history, Subject("plan", done.plan_id))[-1]
    assert (told.verb, told.actor, told.said, told.facts["changes"]) == ("edited", "one", "married", said)


def test_a_change_of_the_live_plan_made_again_changes_nothing(db):
    done = apply(db, PLAN)
    edit(db, done, DUE, "2026-03-27 12:00")
    revision = db.transact(plans.revision, done.plan_id)
    assert edit(db, done, DUE, "2026-03-27 12:00", author="two") == []
    assert db.transact(plans.revision, done.plan_id) == revision


def test_a_change_of_the_live_plan_that_is_changed_back_is_no_change_any_more(db):
    done = apply(db, PLAN)
    edit(db, done, DUE, "2026-03-27 12:00")
    edit(db, done, DUE, "2026-03-26 17:00")
    assert edits(db, done) == {}


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("tasks", "A-1", "assignee"), "nobody", "there is no person `nobody`"),
        (("tasks", "A-1", "dew"), "2026-03-27", "there is no such key here"),
        (("tasks", "A-9", "due"), "2026-03-27", "There is no tasks.A-9 in Harbor 2.0"),
        (("risks", "R-1"), "late", "Harbor 2.0 has no risks."),
        (("people", "one"), plans.ABSENT, "there is no person `one`"),
        (("gates", "ready", "due"), "soon", "`soon` is no moment, and no date of this plan"),
        (("key",), "other", "cannot be changed while the plan runs"),
        ((), {}, "cannot be changed while the plan runs"),
        (("tasks", "A-1", "title"), "bell \x07", "cannot stand in a plan"),
        (("tasks", "A-1", "title"), None, "cannot stand in a plan"),
        (("tasks", "A-1", "points"), {"x-own": "backend"}, "no plan can have"),
        (("tasks", "A-1", "estimate"), 1e300, "cannot stand in a plan"),
    ],
)
def test_a_change_that_makes_the_live_plan_invalid_is_refused(db, path, value, words):
    done = apply(db, PLAN)
    with pytest.raises(Refused) as refused:
        edit(db, done, path, value)
    assert words in refused.value.sentence
    assert edits(db, done) == {}
    assert live(db, done) == check(PLAN).document.body


def test_several_changes_of_the_live_plan_are_made_together_or_not_at_all(db):
    done = apply(db, PLAN)
    both = {DUE: "2026-03-27 12:00", ("tasks", "A-2", "assignee"): "nobody"}
    with pytest.raises(Refused):
        db.transact(plans.edit_all, done.plan_id, both, author="one")
    assert edits(db, done) == {}
    both["tasks", "A-2", "assignee"] = "two"
    assert len(db.transact(plans.edit_all, done.plan_id, both, author="one")) == 2


@pytest.mark.both_databases
def test_a_change_of_the_live_plan_is_taken_back_and_the_file_counts_again(db):
    done = apply(db, PLAN)
    edit(db, done, DUE, "2026-03-27 12:00")
    edit(db, done, ("tasks", "A-1", "assignee"), "two")
    edit(db, done, ("meetings", "weekly"), plans.ABSENT)
    undo = {"author": "chief"}
    assert db.transact(plans.unedit, done.plan_id, DUE, **undo) == [
        "task A-1: due 2026-03-27 12:00 -> 2026-03-26 17:00"
    ]
    assert set(edits(db, done)) == {"tasks.A-1.assignee", "meetings.weekly"}
    db.transact(plans.unedit, done.plan_id, ("meetings", "weekly"), **undo)
    db.transact(plans.unedit, done.plan_id, ("tasks",), **undo)
    assert edits(db, done) == {}
    with pytest.raises(Refused, match="Nothing was changed at tasks"):
        db.transact(plans.unedit, done.plan_id, DUE, **undo)


def test_a_list_item_taken_out_of_the_live_plan_comes_back_to_its_place(db):
    done = apply(db, PLAN + '  - {name: Daily, days: mon-fri, at: "09:00", who: [everyone]}\n')
    edit(db, done, ("meetings", "weekly"), plans.ABSENT)
    db.transact(plans.unedit, done.plan_id, ("meetings", "weekly"), author="chief")
    assert [meeting["name"] for meeting in live(db, done)["meetings"]] == ["Weekly", "Daily"]
    assert edits(db, done) == {}


def test_the_live_plan_keeps_changes_and_their_authors_when_a_new_file_is_applied(db):
    done = apply(db, PLAN)
    edit(db, done, DUE, "2026-03-27 12:00", reason="ill")
    edit(db, done, ("meetings", "weekly", "at"), "11:00", author="two")
    again = apply(db, changed("title: Load", "title: Heavy load"), author="boss")
    assert (again.version, again.changes) == (2, ["task A-2: title Load -> Heavy load"])
    assert live(db, done)["tasks"]["A-1"]["due"] == "2026-03-27 12:00"
    assert live(db, done)["tasks"]["A-2"]["title"] == "Heavy load"
    assert edits(db, done) == {"tasks.A-1.due": ("one", "2026-03-27 12:00"), "meetings.weekly.at": ("two", "11:00")}
    assert [one.reason for one in db.transact(plans.edits, done.plan_id)] == ["ill", ""]


def test_the_live_plan_keeps_a_changed_person_in_the_rows_when_a_new_file_is_applied(db):
    done = apply(db, PLAN)
    edit(db, done, ("people", "one", "name"), "Number one")
    apply(db, changed("name: Backend two", "name: Number two"))
    people = db.transact(teams.directory, done.plan_id).people
    assert (people["one"].name, people["two"].name) == ("Number one", "Number two")


def test_the_live_plan_keeps_its_changes_when_the_same_file_is_applied_again(db):
    done = apply(db, PLAN)
    edit(db, done, DUE, "2026-03-27 12:00")
    revision = db.transact(plans.revision, done.plan_id)
    assert apply(db, PLAN).changes == []
    assert db.transact(plans.revision, done.plan_id) == revision
    assert live(db, done)["tasks"]["A-1"]["due"] == "2026-03-27 12:00"


def test_a_change_of_the_live_plan_that_a_new_file_says_too_is_settled(db):
    done = apply(db, PLAN)
    edit(db, done, ("tasks", "A-2", "title"), "Heavy load")
    text = changed("title: Load", "title: Heavy load")
    found = preview(db, text)
    assert (found.changes, found.notes()) == ([plans.WORDING_ONLY], ["1 live change is in the file now"])
    assert apply(db, text).changes == [plans.WORDING_ONLY]
    assert edits(db, done) == {}


CONFLICT = changed("  - for: {team: backend, due: 2026-03-26 17:00}", "  - for: {team: backend, due: 2026-03-28 17:00}")


def test_the_plans_service_asks_what_counts_where_a_file_and_a_live_change_differ(db):
    done = apply(db, PLAN)
    edit(db, done, DUE, "2026-03-27 12:00", reason="ill")
    with pytest.raises(Refused) as refused:
        apply(db, CONFLICT)
    assert refused.value.sentence.splitlines()[:2] == [
        "People changed what this file changes too:",
        f"  {DUE_1}: it was 2026-03-26 17:00; it is 2026-03-27 12:00 (one on {AT}); the file says 2026-03-28 17:00",
    ]
    assert "--theirs tasks.A-1.due" in refused.value.sentence
    assert preview(db, CONFLICT).question() == refused.value.sentence
    assert db.transact(plans.plan, done.plan_id).version == 1
    assert live(db, done)["tasks"]["A-2"]["due"] == "2026-03-26 17:00"


@pytest.mark.both_databases
@pytest.mark.parametrize("place", ["", "tasks", "tasks.A-1", "tasks.A-1.due"])
def test_the_plans_service_takes_answers_for_the_live_changes_or_for_the_file(db, place):
    done = apply(db, PLAN)
    edit(db, done, DUE, "2026-03-27 12:00")
    assert preview(db, CONFLICT, ours=[place]).conflicts == []
    again = apply(db, CONFLICT, theirs=[place])
    assert again.changes == ["task A-2: due 2026-03-26 17:00 -> 2026-03-28 17:00"]
    assert live(db, done)["tasks"]["A-1"]["due"] == "2026-03-27 12:00"
    assert apply(db, CONFLICT).changes == []
    edit(db, done, ("tasks", "A-2", "due"), "2026-03-29 12:00")
    apply(
        db, CONFLICT.replace("2026-03-28 17:00", "2026-03-30 17:00"), ours=[place.replace("A-1", "A-2")], theirs=[DUE_1]
    )
    assert {key: task["due"] for key, task in live(db, done)["tasks"].items()} == {
        "A-1": "2026-03-27 12:00", "A-2": "2026-03-30 17:00",
    }  # fmt: skip


def test_the_plans_service_refuses_an_answer_about_what_nobody_asks(db):
    done = apply(db, PLAN)
    with pytest.raises(Refused, match="there is no conflict at all"):
        apply(db, CONFLICT, ours=[DUE_1])
    edit(db, done, DUE, "2026-03-27 12:00")
    with pytest.raises(Refused, match="did you mean `tasks"):
        apply(db, CONFLICT, ours=["tasks.A-1.dew"])


def test_the_plans_service_refuses_a_file_that_is_invalid_with_the_live_changes(db):
    done = apply(db, PLAN)
    edit(db, done, ("tasks", "A-2", "assignee"), "two")
    text = changed("members: [one, two]", "members: [one]")
    without = text.replace('  two: {name: Backend two, email: two@example.com, fallback: ["env:TWO"]}\n', "")
    with pytest.raises(Refused) as refused:
        apply(db, without)
    assert "there is no person `two`" in refused.value.sentence
    assert "These changes would stay: tasks.A-2.assignee" in refused.value.sentence
    assert db.transact(plans.plan, done.plan_id).version == 1


def test_the_plan_files_people_section_leaves_absences_that_were_noted_live(db):
    done = apply(db, PLAN)
    now = db.transact(teams.directory, done.plan_id)
    days = DateRange(date(2026, 3, 30), date(2026, 3, 31))
    db.transact(teams.away, Asker(now, now.people["one"]), now.people["one"], days)
    edit(db, done, DUE, "2026-03-27 12:00")
    apply(db, changed("title: Load", "title: Heavy load"))
    assert db.transact(teams.directory, done.plan_id).people["one"].away == (days,)
    assert "away" not in live(db, done)["people"]["one"]


def test_the_plans_service_previews_what_a_file_means_for_what_runs(db):
    def consequences(_tx, _plan_id, before, after):
        yield f"{before.body['tasks']['A-1']['due']} becomes {after.body['tasks']['A-2']['title']}"

    done = apply(db, PLAN)
    edit(db, done, DUE, "2026-03-27 12:00")
    told = (*sections(), Section(name="last", model=dict[str, str], consequences=consequences))
    text = changed("title: Load", "title: Heavy load")
    db.registry.put(SECTIONS, told)
    found = db.transact(plans.preview, check(text), "T1")
    assert found.notes() == ["2026-03-27 12:00 becomes Heavy load", "1 live change stays as it is"]
    assert db.transact(plans.preview, check(PLAN), "T1").notes() == []


def test_a_change_of_the_live_plan_that_fails_half_way_leaves_nothing_behind(db):
    class Broken(Exception):
        pass

    def fail(_tx, _plan_id, _document):
        raise Broken

    done = apply(db, PLAN)
    db.registry.put(SECTIONS, (*sections(), Section(name="last", model=dict[str, str], apply=fail)))
    with pytest.raises(Broken):
        db.transact(plans.edit, done.plan_id, ("people", "one", "name"), "X", author="one")
    assert edits(db, done) == {}
    assert live(db, done)["people"]["one"]["name"] == "Backend one"
    assert db.transact(teams.directory, done.plan_id).people["one"].name == "Backend one"


def test_the_document_of_a_live_plan_is_made_once_for_each_state(db):
    done = apply(db, PLAN)
    first = db.transact(plans.live, done.plan_id)
    assert db.transact(plans.live, done.plan_id) is first
    edit(db, done, DUE, "2026-03-27 12:00")
    assert db.transact(plans.live, done.plan_id) is not first
    with pytest.raises(Refused, match="not here any more"):
        db.transact(plans.live, 99)
