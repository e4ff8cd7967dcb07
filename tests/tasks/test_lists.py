"""Lists of tasks: one's own, free ones, who waits for whom, and how far phases and areas are."""

from __future__ import annotations

from callboard.tasks import service


async def test_the_task_list_of_ones_own_shows_buttons_and_the_free_tasks_of_the_team(work):
    answer = await work.says("pb", "/task")
    for words in ("You have 1 task", "*MOLECULE-1*", "Free in your team", "*A-3*  Monitoring on"):
        assert words in answer.text
    assert "*A-2*" not in answer.text  # it waits
    assert {"Start", "Claim"} <= {str(button) for button in answer.messages[-1].buttons}
    await work.clicks("pb", "Claim", answer.messages[-1], value=f"{work.row('task', 'A-3').number}:0")
    assert work.row("task", "A-3").assignees == ["pb"]
    assert "You have 2 tasks" in (await work.says("pb", "/task mine")).text


async def test_typed_task_alone_gives_ones_own_tasks_with_the_overdue_ones_first(work):
    await work.says("olga", "/task assign A-3 <@UPA>")
    await work.says("pa", "/task start A-3")
    shown = (await work.says("pa", "/task")).text
    assert shown.index("*A-3*") < shown.index("*A-1*")
    await work.advance(hours=6)
    shown = (await work.says("pa", "/task")).text
    assert shown.index("*A-1*") < shown.index("*A-3*")
    assert "*overdue*" in shown
    assert "You have no tasks" in (await work.says("exec", "/task", "release")).text


async def test_the_task_list_of_waiting_shows_who_waits_for_whom(work):
    mine = (await work.says("pa", "/task waiting")).text
    assert "Others wait for you" in mine
    assert "A-2 waits for it" in mine
    await work.says("olga", "/task assign A-2 <@UPB>")
    theirs = (await work.says("pb", "/task waiting")).text
    assert "Waits: A-1 (Schema validated) is not started" in theirs
    assert "Nobody waits for you" in (await work.says("exec", "/task waiting", "release")).text


async def test_task_lists_by_phase_and_by_area_sum_up_their_tasks(work):
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


async def test_other_capabilities_ask_the_task_service_how_tasks_stand_and_what_holds_them(work):
    (held,) = work.app.db.transact(service.holding, 1, "A-2")
    assert (held.by, held.sentence.split(" is ")[0]) == ("A-1", "A-1 (Schema validated)")
    await work.completes("pa", "A-1")
    assert work.app.db.transact(service.holding, 1, "A-2") == []
    found = work.app.db.transact(service.tasks, 1, ["A-1", "S-1"])
    assert [(one.key, service.settled(one)) for one in found] == [("A-1", True), ("S-1", False)]


async def test_the_task_list_finds_tasks_by_words_of_their_titles(work):
    for verb in ("list", "search"):
        answer = (await work.says("pb", f"/task {verb} MONITORING")).text
        assert ("Tasks with “monitoring”" in answer, "*A-3*" in answer, "*A-1*" in answer) == (True, True, False)
    assert "is called `no such words`" in (await work.says("pb", "/task list no such words")).text


async def test_typed_task_knows_what_other_tools_call_its_verbs(work):
    assert "at 30%" in (await work.says("pa", "/task update A-1 30%")).text
    assert "Note added to A-1" in (await work.says("pa", "/task comment A-1 the vendor is slow")).text
    assert "Tasks come from the plan file" in (await work.says("pa", "/task create Write the docs")).text
    assert "is dropped" in (await work.says("olga", "/task delete A-3 because nobody needs it")).text
