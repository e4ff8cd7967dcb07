"""A blocked task opens a blocker that knows it, and the end of that lets it go on."""

from __future__ import annotations

from tests.tasks.test_life_of_a_task import task


async def test_blocked_it_opens_a_blocker_that_knows_it_and_resolving_that_unblocks_it(work):
    await work.says("pa", "/task start A-1")
    assert "blocker 1 is open" in (await work.says("pa", "/task block A-1 mongo refuses TLS")).text
    assert "Blocks: A-1 (Schema validated)" in work.card().shown
    assert (task(work).status, task(work).blocker) == ("blocked", 1)
    assert "blocked by blocker 1" in (await work.says("pa", "/task complete A-1")).text
    await work.says("olga", "/blocker resolve 1 rotated the certificate")
    assert task(work).status == "in progress"
    work.dm("pa").expect("Blocker 1 is resolved by <@UOLGA>: rotated the certificate", "*A-1*", "goes on")


async def test_reopened_the_blocker_blocks_it_again_and_withdrawn_it_lets_it_go(work):
    await work.says("pa", "/task block A-1 mongo refuses TLS")
    await work.says("olga", "/blocker resolve 1")
    assert task(work).status == "not started"
    await work.says("olga", "/blocker reopen 1")
    assert task(work).status == "blocked"
    await work.says("olga", "/blocker withdraw 1")
    assert task(work).status == "not started"


async def test_two_blockers_hold_it_until_both_are_over(work):
    await work.says("pa", "/task start A-1")
    await work.says("pa", "/task block A-1 mongo refuses TLS")
    await work.says("pa", "/task block A-1 no access to the cluster")
    await work.says("olga", "/blocker resolve 2")
    assert (task(work).status, task(work).blocker) == ("blocked", 1)
    await work.says("olga", "/blocker resolve 1")
    assert task(work).status == "in progress"


async def test_the_button_opens_a_form_and_the_blocker_takes_what_it_says(work):
    card = (await work.says("pa", "/task show A-1")).messages[-1]
    await work.clicks("pa", "I'm blocked", card)
    await work.opened("pa")
    assert (await work.slack.submit("pa", {"What is in the way?": "mongo", "How bad is it?": "Critical"})).ok
    await work.settled()
    assert "critical" in work.card().shown
    assert task(work).status == "blocked"


async def test_a_blocker_whose_form_names_a_task_blocks_it_too(work):
    await work.says("pb", "/blocker")
    await work.opened("pb")
    assert (await work.slack.submit("pb", {"What is blocked?": "mongo", "What does it block?": "a-1, A-3"})).ok
    await work.settled()
    assert (task(work).status, task(work, "A-3").status) == ("blocked", "blocked")
