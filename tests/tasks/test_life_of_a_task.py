"""From claiming to completing, as people type and click it."""

from __future__ import annotations

import pytest

from callboard.core import timeline
from callboard.plans import service as plans
from tests.tasks.conftest import WORK
from tests.world import World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


@pytest.mark.both_databases
async def test_the_task_service_claims_starts_and_completes_a_task_and_records_each_step(work):
    assert "A-3 is yours" in (await work.says("pb", "/task claim a-3")).text
    assert "in progress" in (await work.says("pb", "/task start A-3")).text
    await work.advance(minutes=90)
    assert "at 60%" in (await work.says("pb", "/task progress A-3 60% two of three hosts")).text
    assert "A-3 is completed" in (await work.says("pb", "/task complete A-3")).text
    now = work.row("task", "A-3")
    assert (now.status, now.percent, now.completed_by, now.assignees) == ("completed", 100, "pb", ["pb"])
    entries = work.app.db.transact(timeline.history, now.subject)
    assert [one.verb for one in entries] == ["claimed", "started", "progressed", "completed"]
    shown = (await work.says("pb", "/task show A-3")).text
    for words in ("*Completed* by <@UPB>", "took 1h30m", "updated it to 60%: two of three hosts"):
        assert words in shown


async def test_task_verbs_typed_in_slack_for_several_tasks_are_done_for_each_by_itself(work):
    said = (await work.says("pb", "/task claim A-2, A-3 and A-1")).text
    assert [work.row("task", key).assignees for key in ("A-1", "A-2", "A-3")] == [["pa"], ["pb"], ["pb"]]
    assert "<@UPA> has A-1" in said


async def test_the_dependencies_of_a_task_keep_it_from_starting_and_say_who_has_them(work):
    refused = (await work.says("pb", "/task start A-2")).text
    assert "A-2 can't start: A-1 (Schema validated) is not started" in refused
    assert "<@UPA> has it" in refused
    assert work.row("task", "A-2").status == "not started"
    assert "A-2 can't start" in (await work.says("pb", "/task progress A-2 10%")).text
    assert "A-2 can't start" in (await work.says("pb", "/task complete A-2")).text


@pytest.mark.both_databases
async def test_the_notice_that_a_task_can_start_tells_its_team_with_the_briefing(work):
    await work.says("pa", "/task start A-1")
    assert "A-2 waited for it" in (await work.completes("pa", "A-1")).text
    told = work.channel("omega").expect("Schema validated", "was completed by <@UPA>", "can start now", "A-2")
    assert "Use the big machine" in told.shown
    await work.clicks("pb", "Start", told)
    now = work.row("task", "A-2")
    assert (now.status, now.assignees) == ("in progress", ["pb"])


async def test_the_notice_to_a_team_that_waited_for_a_task_names_all_that_can_start(work):
    assert "S-1 can't start: the task Schema validated" in (await work.says("sc", "/task start S-1")).text
    await work.completes("pa", "A-1")
    work.channel("sigma").expect("Led by <@USARA>")
    work.channel("sigma").expect("can start now", "S-1")
    assert "in progress" in (await work.says("sc", "/task start S-1")).text


async def test_the_dependencies_of_a_task_keep_it_from_completion_until_criteria_are_ticked(work):
    refused = (await work.says("pa", "/task complete A-1")).text
    assert "Tick “Schema matches the model” and “Indexes checked, both ways”" in refused
    assert "1 of 2 criteria" in (await work.says("pa", "/task tick A-1 2")).text
    assert "“Schema matches the model”" in (await work.says("pa", "/task complete A-1")).text
    await work.says("pa", "/task tick A-1 schema")
    assert "completed" in (await work.says("pa", "/task complete A-1")).text
    assert [one["by"] for one in work.row("task", "A-1").criteria] == ["pa", "pa"]


async def test_the_button_complete_of_a_task_opens_a_form_with_all_its_criteria(work):
    await work.says("pa", "/task start A-1")
    card = (await work.says("pa", "/task show A-1")).messages[-1]
    await work.clicks("pa", "Complete", card)
    await work.opened("pa")
    outcome = await work.slack.submit("pa", {"Criteria": ["Schema matches the model"]})
    assert "Tick all criteria" in outcome.errors["criteria"]
    assert work.row("task", "A-1").open_criteria
    both = {"Criteria": ["Schema matches the model", "Indexes checked, both ways"], "What is the result?": "fine"}
    assert (await work.slack.submit("pa", both)).ok
    await work.settled()
    assert work.row("task", "A-1").status == "completed"


async def test_an_old_button_of_a_task_changes_nothing_and_says_what_happened_since(work):
    card = (await work.says("pa", "/task")).messages[-1]
    await work.says("olga", "/task assign A-1 <@UPB>")
    outcome = await work.clicks("pa", "Start", card)
    await work.slack.until(lambda: "A-1 was already assigned by <@UOLGA>" in outcome.text)
    await work.slack.until(lambda: "Here it is as it is now:" in outcome.messages[-1].shown)
    assert "with <@UPB>" in outcome.messages[-1].shown
    assert work.row("task", "A-1").status == "not started"


async def test_an_old_button_of_a_task_still_works_for_whoever_changed_it_themselves(work):
    card = (await work.says("pa", "/task")).messages[-1]
    await work.clicks("pa", "Start", card)
    card = (await work.says("pa", "/task show A-1")).messages[-1]
    for percent in ("40", "60"):
        await work.clicks("pa", "Update progress", card)
        await work.opened("pa")
        shown = await work.submits("pa", {"Percent done": percent})
        assert f"*In progress*, {percent}%" in shown
    assert work.row("task", "A-1").percent == 60


async def test_only_whoever_has_a_task_has_the_right_to_work_on_it_until_a_lead_assigns_it(work):
    assert "<@UPA> has A-1" in (await work.says("pb", "/task claim A-1")).text
    for typed in ("start A-1", "complete A-1", "tick A-1 1"):
        assert "Only <@UPA>, <@UOLGA> or <@UAMP> can" in (await work.says("pb", f"/task {typed}")).text
    assert "Only <@UOLGA> or <@UAMP> can assign A-1" in (await work.says("pb", "/task assign A-1 <@UPB>")).text
    assert "<@UPB>'s now" in (await work.says("olga", "/task assign A-1 <@UPB>")).text
    work.dm("pb").expect("<@UOLGA> assigned you", "A-1", "Schema validated")
    assert "in progress" in (await work.says("pb", "/task start A-1")).text


async def test_whoever_only_follows_the_plan_has_no_right_to_a_task_that_the_plan_does_not_give_them(work):
    for typed in ("<@USTAN>", "<@UPB> <@USTAN>"):
        refused = (await work.says("olga", f"/task assign A-1 {typed}")).text
        assert "<@USTAN> only follows Release, so they can't have A-1" in refused
    assert work.row("task", "A-1").assignees == ["pa"]


async def test_whoever_has_a_task_has_the_right_to_assign_it_or_give_it_back(work):
    assert "<@UPB>'s now" in (await work.says("pa", "/task assign A-1 <@UPB>")).text
    assert "You gave A-1 back" in (await work.says("pb", "/task release A-1")).text
    assert work.row("task", "A-1").assignees == []
    assert "don't have A-1" in (await work.says("pb", "/task release A-1")).text


async def test_other_teams_and_watchers_have_no_right_to_claim_a_task_and_read_whom_to_ask(work):
    assert "Only Omega can claim A-3. Ask <@UOLGA> or <@UAMP>" in (await work.says("sc", "/task claim A-3")).text
    assert "Only Omega can start A-3" in (await work.says("stan", "/task start A-3", "release")).text


@pytest.mark.both_databases
async def test_the_task_service_drops_a_task_with_a_reason_and_lets_go_what_waited_for_it(work):
    assert "Only <@UOLGA> or <@UAMP> can drop A-1" in (await work.says("pa", "/task drop A-1 because it is late")).text
    assert "Say why" in (await work.says("olga", "/task drop A-1")).text
    assert "A-1 is dropped. A-2 waited for it" in (await work.says("olga", "/task drop A-1 because no time")).text
    work.channel("omega").expect("was dropped by <@UOLGA>, because no time", "A-2")
    assert "already dropped by <@UOLGA>" in (await work.says("pa", "/task start A-1")).text
    assert work.row("task", "A-1").percent == 0


async def test_the_notice_of_a_reopened_task_tells_the_teams_whose_tasks_wait_for_it_again(work):
    await work.completes("pa", "A-1")
    assert "is reopened: in progress" in (await work.says("pa", "/task reopen A-1 an index was missing")).text
    work.channel("omega").expect("<@UPA> reopened Schema validated", "A-2 waits for it again")
    assert "A-2 can't start: A-1" in (await work.says("pb", "/task start A-2")).text


@pytest.mark.both_databases
async def test_the_task_service_overrides_what_holds_a_task_with_a_reason_that_is_announced(work):
    assert "Only <@UAMP> can let A-2" in (await work.says("olga", "/task override A-2 because we must")).text
    assert "Say why" in (await work.says("amp", "/task override A-2", "release")).text
    assert "can start now" in (await work.says("amp", "/task override A-2 because load is apart", "release")).text
    for channel in ("release", "omega"):
        work.channel(channel).expect("<@UAMP> let *A-2* API under load start without", "because load is apart")
    assert "in progress" in (await work.says("pb", "/task start A-2")).text
    entry = work.app.db.transact(timeline.history, work.row("task", "A-2").subject)[0]
    assert (entry.verb, entry.actor, entry.said, entry.facts["by"]) == ("overridden", "amp", "load is apart", ["A-1"])


async def test_the_notice_that_what_a_task_wanted_is_ready_goes_to_its_team(work):
    await work.completes("pa", "A-1")
    assert "in progress" in (await work.says("sc", "/task start S-1")).text
    await work.says("pb", "/task complete A-3")
    work.channel("sigma").expect("Monitoring on", "was completed by <@UPB>", "*S-1* wanted it")


@pytest.mark.both_databases
async def test_the_dependencies_of_a_molecule_task_are_its_parts_and_that_its_teams_have_met(work):
    refused = (await work.says("pb", "/task complete MOLECULE-1")).text
    assert "Complete its parts: A-1 (not started) and S-1 (not started)" in refused
    assert "Teams must still meet: Connectivity and Sign-in" in refused
    await work.completes("pa", "A-1")
    await work.says("sc", "/task complete S-1")
    work.channel("omega").expect("All parts of *MOLECULE-1* are done")
    assert "Only <@UOLGA>" in (await work.says("pb", "/task point MOLECULE-1 sign-in completed")).text
    assert "Open: Connectivity" in (await work.says("sc", "/task point MOLECULE-1 sign-in completed")).text
    await work.says("pb", "/task point MOLECULE-1 Connectivity in progress")
    assert work.row("task", "MOLECULE-1").points[0]["status"] == "in progress"
    assert (
        "All points where teams meet are completed."
        in (await work.says("pb", "/task point MOLECULE-1 Connectivity done")).text
    )
    assert "completed" in (await work.says("pb", "/task complete MOLECULE-1")).text


async def test_the_dependencies_of_a_task_hold_it_until_the_phase_that_it_needs_begins(work):
    assert "S-2 can't start: the phase Staging" in (await work.says("pb", "/task start S-2")).text
    await work.advance(hours=27)
    work.channel("omega").expect("Staging", "S-2", "can start now")
    assert "in progress" in (await work.says("pb", "/task start S-2")).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("strat A-1", "Did you mean `/task start A-1`"),
        ("progress A-1", "`progress` needs a percentage up to 100.\nFor example: `/task progress A-1 50%`."),
        ("progress A-1 700%", "`700%` is not a percentage up to 100. Say 50%."),
        ("what am I to do", "Did you mean `/task help`?"),
    ],
)
async def test_the_command_parser_answers_a_task_command_that_does_not_fit_with_its_usage(work, typed, words):
    assert words in (await work.says("pa", f"/task {typed}")).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("show A-9", "did you mean"),
        ("tick A-1 3", "Tick 1 to 2"),
        ("tick A-3 1", "no criteria"),
        ("files A-1 -/db/43.sql", "has no file"),
        ("point A-1 Sign-in done", "no points where teams meet"),
        ("assign A-1 <@USTRANGER>", "is not in Release"),
        ("list nonsense", "No phase, team, area"),
        ("reopen A-1", "Only completed or dropped tasks can be reopened"),
        ("override A-1 because so", "Only <@UAMP> can let A-1 start early"),
    ],
)
async def test_the_task_service_refuses_in_a_sentence_what_cannot_be_done(work, typed, words):
    assert words in (await work.says("pa", f"/task {typed}")).text


@pytest.mark.both_databases
async def test_the_plan_files_tasks_section_applied_again_changes_only_what_the_file_changed(work):
    await work.says("pa", "/task start A-1")
    await work.says("pa", "/task tick A-1 1")
    await work.says("olga", "/task assign A-1 <@UPB>")
    address = await work.says("pb", "/task files A-1 https://github.com/acme/harbor/blob/main/db/0043.sql")
    assert "this is an address, not a path in the repository: write `db/0043.sql`" in address.text
    await work.says("pb", "/task files A-1 /db/0043.sql")
    work.apply(
        WORK.replace("title: Schema validated", "title: Schema is good").replace("2025-11-13 14:00", "2025-11-13 15:00")
    )
    now = work.row("task", "A-1")
    assert (now.title, now.status, now.assignees) == ("Schema is good", "in progress", ["pb"])
    assert (now.due_at.hour, now.files) == (15, ["/db/0042.sql", "/db/0043.sql"])
    assert [one["done"] for one in now.criteria] == [True, False]
    work.apply(WORK.replace("assignee: pa, priority", "assignee: olga, status: completed, priority"))
    assert (work.row("task", "A-1").assignees, work.row("task", "A-1").status) == (["olga"], "completed")


@pytest.mark.both_databases
async def test_tasks_subscribe_to_the_export_of_a_plan_and_write_who_has_each_and_how_far_it_is(work):
    assert work.app.db.transact(plans.export, 1) == WORK
    await work.says("olga", "/task assign A-1 <@UPB> <@UPA>")
    await work.says("pb", "/task progress A-1 40%")
    await work.says("pb", "/task complete A-3")
    written = work.app.db.transact(plans.export, 1)
    assert "Schema validated, assignee: [pb, pa]" in written
    before = work.row("task", "A-3").completed_at
    await work.advance(minutes=5)
    work.apply(written)
    now = work.row("task", "A-1")
    assert (now.assignees, now.status, now.percent) == (["pb", "pa"], "in progress", 40)
    assert (work.row("task", "A-3").completed_by, work.row("task", "A-3").completed_at) == ("pb", before)
    assert work.app.db.transact(plans.export, 1) == written


@pytest.mark.both_databases
async def test_a_task_that_leaves_the_plan_files_tasks_section_comes_back_as_it_was(work):
    await work.says("pb", "/task complete A-3")
    work.apply(WORK.replace("    A-3: Monitoring on\n", "").replace(", wants: [A-3]", ""))
    assert "Task `A-3` has left the plan" in (await work.says("pb", "/task show A-3")).text
    work.apply(WORK)
    assert work.row("task", "A-3").status == "completed"


async def test_the_buttons_of_a_task_open_forms_with_all_of_its_criteria(database_url):
    criteria = ", ".join(f"Point {number}" for number in range(25))
    plan = WORK.replace('[Schema matches the model, "Indexes checked, both ways"]', f"[{criteria}]")
    async with World(database_url, plan) as world:
        await world.says("pa", "/task start A-1")
        card = await world.says("pa", "/task show A-1")
        await world.clicks("pa", "Update progress", card.messages[-1])
        await world.opened("pa")
        ticked = {"criteria": ["0", "9"], "Criteria, 11 to 20": ["Point 15"], "Criteria, 21 to 25": ["24"]}
        assert (await world.slack.submit("pa", {"Percent done": "20", **ticked})).ok
        await world.settled()
        done = [place for place, one in enumerate(world.row("task", "A-1").criteria) if one["done"]]
        assert done == [0, 9, 15, 24]


async def test_the_notice_that_all_parts_are_there_is_one_for_all_tasks_of_a_team_that_are_made_of_them(database_url):
    other = "    MOLECULE-2: {title: Documents, lead_team: omega, phase: prepare, components: [A-3]}\n"
    third = "    MOLECULE-3: {title: Drawings, lead_team: omega, phase: prepare, components: [A-3]}\n"
    async with World(database_url, WORK + other + third) as world:
        await world.completes("pa", "A-3")
        world.channel("omega").expect("All parts of *MOLECULE-2* and *MOLECULE-3* are done")
        assert world.channel("omega").count("All parts of") == 1


async def test_whoever_had_a_task_reads_that_somebody_else_gave_it_away(work):
    await work.says("pb", "/task claim A-3")
    await work.says("olga", "/task assign A-3 <@UPA>")
    work.dm("pb").expect("*A-3*", "is no longer yours: <@UOLGA> gave it to <@UPA>.")
    await work.says("pa", "/task assign A-3 <@UPB>")
    work.dm("pa").expect_nothing("no longer yours")
