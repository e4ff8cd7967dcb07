"""Lists of tasks: one's own, free ones, who waits for whom, and how far phases and areas are."""

from __future__ import annotations

from callboard.tasks import service


async def test_task_alone_lists_ones_own_tasks_with_buttons_and_the_free_ones_of_the_team(work):
    answer = await work.says("pb", "/task")
    for words in ("You have 1 task", "*MOLECULE-1*", "Free in your team", "*A-3*  Monitoring on"):
        assert words in answer.text
    assert "*A-2*" not in answer.text  # it waits
    assert {"Start", "Claim"} <= {str(button) for button in answer.messages[-1].buttons}
    await work.clicks("pb", "Claim", answer.messages[-1], value=f"{work.row('task', 'A-3').number}:0")
    assert work.row("task", "A-3").assignees == ["pb"]
    assert "You have 2 tasks" in (await work.says("pb", "/task mine")).text


async def test_overdue_tasks_come_first_in_ones_list_and_whoever_has_no_tasks_reads_that(work):
    await work.says("olga", "/task assign A-3 <@UPA>")
    await work.says("pa", "/task start A-3")
    shown = (await work.says("pa", "/task")).text
    assert shown.index("*A-3*") < shown.index("*A-1*")
    await work.advance(hours=6)
    shown = (await work.says("pa", "/task")).text
    assert shown.index("*A-1*") < shown.index("*A-3*")
    assert "*overdue*" in shown
    assert "You have no tasks" in (await work.says("exec", "/task", "release")).text


async def test_task_waiting_lists_who_waits_for_ones_tasks_and_for_whom_these_wait(work):
    mine = (await work.says("pa", "/task waiting")).text
    assert "Others wait for you" in mine
    assert "A-2 waits for it" in mine
    await work.says("olga", "/task assign A-2 <@UPB>")
    theirs = (await work.says("pb", "/task waiting")).text
    assert "Waits: A-1 (Schema validated) is not started" in theirs
    assert "Nobody waits for you" in (await work.says("exec", "/task waiting", "release")).text


async def test_phases_and_areas_sum_up_their_tasks(work):
    await work.says("pb", "/task complete A-3")
    await work.says("pa", "/task progress A-1 50%")
    listed = (await work.says("amp", "/task list", "release")).text
    assert "Preparation (`prepare`)*: 1 of 5 completed (30%), 1 in progress" in listed
    assert "API*: 1 of 4 completed (37%)" in (await work.says("amp", "/task list by area", "release")).text
    sigma = (await work.says("amp", "/task list sigma", "release")).text
    assert "*S-1*" in sigma
    assert "*A-1*" not in sigma
    assert "*A-1*" in (await work.says("amp", "/task list <@UPA>", "release")).text
    assert "*A-1*" in (await work.says("amp", "/task list in progress", "release")).text


async def test_other_capabilities_ask_how_tasks_stand_and_what_holds_them(work):
    scene = work.app.db.transact(service.holding, 1, "A-2")
    assert [(one.by, one.kind) for one in scene] == [("A-1", "task")]
    await work.completes("pa", "A-1")
    assert work.app.db.transact(service.holding, 1, "A-2") == []
    found = work.app.db.transact(service.tasks, 1, ["A-1", "S-1"])
    assert [(one.key, service.settled(one)) for one in found] == [("A-1", True), ("S-1", False)]
