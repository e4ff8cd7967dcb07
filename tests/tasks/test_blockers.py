"""A blocked task raises a blocker, and the end of that blocker unblocks the task."""

from __future__ import annotations


async def test_a_task_subscribes_to_the_blocker_that_it_raised_and_is_unblocked_by_its_end(work):
    await work.says("pa", "/task start A-1")
    assert "blocker 1 is open" in (await work.says("pa", "/task block A-1 mongo refuses TLS")).text
    assert "Blocks: A-1 (Schema validated)" in work.card().shown
    assert (work.row("task", "A-1").status, work.row("task", "A-1").blocker) == ("blocked", 1)
    assert "blocked by blocker 1" in (await work.says("pa", "/task complete A-1")).text
    await work.says("olga", "/blocker resolve 1 rotated the certificate")
    assert work.row("task", "A-1").status == "in progress"
    work.dm("pa").expect(
        "*A-1* Schema validated is unblocked. <@UOLGA> has resolved blocker 1: rotated the certificate"
    )


async def test_a_task_that_is_unblocked_and_still_waits_says_what_for(work):
    await work.says("sc", "/task block S-1 staging is full", "sigma")
    await work.says("sara", "/blocker resolve 1", "sigma")
    work.dm("sc").expect("*S-1* Dashboard final is unblocked. <@USARA> has resolved blocker 1.", "Waits: the task")


async def test_tasks_subscribe_to_blockers_that_are_reopened_or_withdrawn(work):
    await work.says("pa", "/task block A-1 mongo refuses TLS")
    await work.says("olga", "/blocker resolve 1")
    assert work.row("task", "A-1").status == "not started"
    await work.says("olga", "/blocker reopen 1")
    assert work.row("task", "A-1").status == "blocked"
    await work.says("olga", "/blocker withdraw 1")
    assert work.row("task", "A-1").status == "not started"


async def test_a_task_subscribes_to_two_blockers_and_is_blocked_until_both_are_over(work):
    await work.says("pa", "/task start A-1")
    await work.says("pa", "/task block A-1 mongo refuses TLS")
    await work.says("pa", "/task block A-1 no access to the cluster")
    await work.says("olga", "/blocker resolve 2")
    assert (work.row("task", "A-1").status, work.row("task", "A-1").blocker) == ("blocked", 1)
    await work.says("olga", "/blocker resolve 1")
    assert work.row("task", "A-1").status == "in progress"


async def test_a_task_stays_blocked_while_what_its_blocker_is_the_same_as_is_open(work):
    await work.says("pa", "/task start A-1")
    await work.says("pb", "/blocker mongo refuses TLS on staging")
    await work.says("pa", "/task block A-1 no connection to mongo")
    await work.says("olga", "/blocker resolve 2 same as 1")
    assert (work.row("task", "A-1").status, work.row("task", "A-1").blocker) == ("blocked", 1)
    assert "Blocks: A-1" in work.card(1).shown
    await work.says("olga", "/blocker resolve 1 rotated the certificate")
    assert work.row("task", "A-1").status == "in progress"


async def test_the_button_raise_blocker_of_a_task_opens_a_form_that_raises_it(work):
    card = (await work.says("pa", "/task show A-1")).messages[-1]
    await work.clicks("pa", "Raise blocker", card)
    await work.opened("pa")
    assert (await work.slack.submit("pa", {"What is in the way?": "mongo", "How bad is it?": "Critical"})).ok
    await work.settled()
    assert "critical" in work.card().shown
    assert work.row("task", "A-1").status == "blocked"


async def test_tasks_subscribe_to_blockers_and_one_that_names_tasks_blocks_them(work):
    await work.says("pb", "/blocker")
    await work.opened("pb")
    assert (await work.slack.submit("pb", {"What is blocked?": "mongo", "What does it block?": "a-1, A-3"})).ok
    await work.settled()
    assert (work.row("task", "A-1").status, work.row("task", "A-3").status) == ("blocked", "blocked")
