"""What people type in their own words after a verb: it is understood, or nothing happens and they read why."""

from __future__ import annotations

import pytest

from callboard.teams import service as teams
from tests.runbooks.shipping import SHIPPING, Shipping
from tests.world import at

DATABASES = ("sqlite",)  # words
PLAN = (
    SHIPPING.replace(
        "gates:\n",
        """gates:
  tested: {name: Everything tested, criteria: [{measure: tests_passed, at_least: 68}], sign_off: [{role: coordinator}]}
""",
    )
    + """\
measures: {tests_passed: {name: Tests passed, of: 72, by: [omega]}, load: {of: 100, by: [omega]}}
tasks:
  - for: {team: omega}
    O-1: {title: Server compiles, assignee: pa, criteria: [It compiles, Docs are read, It is signed]}
meetings: [{name: Planning, days: sat, at: "16:00", lead: coordinator, who: [all leads]}]
risks: [{risk: Vendor is late, probability: medium, impact: high, owner: amp, mitigation: A second vendor}]
"""
)


@pytest.fixture
async def world(database_url):
    async with Shipping(database_url, PLAN, at=at("2025-11-15 13:30")) as made:
        yield made


async def said(world, person, text):
    return str((await world.says(person, text, "release")).text)


async def running(world):
    await world.passes()
    await world.until("2025-11-15 14:00")


async def test_own_words_for_how_much_longer_a_step_takes(world):
    await running(world)
    for words in ("by 5m", "another 5 minutes because it is slow", "for 5 min"):
        assert "is expected until" in await said(world, "amp", f"/run delay announce {words}"), words
    assert "`soon` is no duration." in await said(world, "amp", "/run delay announce soon")


@pytest.mark.parametrize("second", [", deploy because no", " and deploy because no", ", Deploy"])
async def test_own_words_that_name_two_steps_change_neither(world, second):
    await running(world)
    answer = await said(world, "amp", f"/run skip catch-up{second}")
    assert answer == "Nothing has happened yet. One step at a time: `/run skip catch-up ...`, then `deploy`."
    assert world.step("catch-up").state == "waiting"


async def test_own_words_for_a_reason_may_name_another_step(world):
    await running(world)
    await world.done("amp", "announce")
    assert "is skipped" in await said(world, "amp", "/run skip catch-up because deploy and notes are late")


async def test_own_words_for_items_of_a_checklist(world):
    await running(world)
    for words in ("1-2", "1, 2", "#1 #2", "one and 2", "all"):
        await said(world, "olga", f"/run items deploy {words}")
        assert world.step("deploy").open_items == [], words


async def test_own_words_for_criteria_of_a_task(world):
    assert "2 of 3 criteria" in await said(world, "pa", "/task tick O-1 1-2")
    assert "0 of 3 criteria" in await said(world, "pa", "/task untick O-1 1..2")
    assert "Tick 1 to 3 of O-1" in await said(world, "pa", "/task tick O-1 2-9")


@pytest.mark.parametrize(
    "typed",
    [
        "tests_passed: 68", "Tests passed 68", "tested 68", "tested Tests passed 68", "tested tests_passed 68",
        "“Everything tested” 68", "Everything tested tests_passed: 68",
    ],
)  # fmt: skip
async def test_own_words_for_a_measure(world, typed):
    assert "Reported for Tests passed: 68 of 72." in await said(world, "pa", f"/gate report {typed}")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/task O-1 50%", "/task progress O-1 50%"), ("/task O-1 @pb", "/task assign O-1 @pb"),
        ("/task O-1 done", "/task done O-1"), ("/task due O-1 friday", "/plan set O-1 due friday"),
        ("/task progress 50% O-1", "/task progress O-1 50%"), ("/task assign @pb O-1", "/task assign O-1 @pb"),
        ("/risk hand pb 1", "/risk hand 1 pb"), ("/plan away @pb tomorrow", "/plan away tomorrow @pb"),
        ("/task priority O-1 high", "/plan set O-1 priority high"), ("/risk 1 @pb", "/risk hand 1 @pb"),
    ],
)  # fmt: skip
async def test_own_words_without_the_verb_or_with_that_of_another_command_are_asked_about(world, typed, meant):
    answer = await world.says("olga", typed, "release")
    assert f"Did you mean `{meant}`?" in answer.text
    assert world.row("task", "O-1").percent == 0


@pytest.mark.parametrize("typed", ["/task start O-1 :pray:", "/task start O-1, please :pray: :+1:", "/task Start: O-1"])
async def test_own_words_with_an_emoji_or_a_colon_are_the_same_verb(world, typed):
    answer = await said(world, "pa", typed)
    assert "O-1 is in progress." in answer or "Did you mean `/task start O-1`?" in answer


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("sunday", "2025-11-16"),
        ("on Sat", "2025-11-15"),
        ("until tomorrow", "2025-11-15..2025-11-16"),
        ("until wednesday", "2025-11-15..2025-11-19"),
        ("for 3 days", "2025-11-15..2025-11-17"),
        ("a week", "2025-11-15..2025-11-21"),
        ("this week", "2025-11-15..2025-11-16"),
        ("next  week", "2025-11-17..2025-11-23"),
        ("2025-11-20..21", "2025-11-20..2025-11-21"),
    ],
)
async def test_own_words_for_days(world, typed, days):
    await said(world, "pa", f"/plan away {typed}")
    assert str(world.app.db.transact(teams.directory, 1).people["pa"].away[0]) == days


async def test_own_words_for_days_that_are_none_say_which_are(world):
    for typed in ("friyay", "next year", "0 days", "@pb"):
        answer = await said(world, "pa", f"/plan away {typed}")
        assert "is no day. Say today, friday, next week" in answer or "is no time at all" in answer, typed


async def test_own_words_of_thanks_to_several_people_reach_each_of_them(world):
    answer = await said(world, "amp", "/plan kudos @pa, @pb and @sc for the night with @olga")
    assert answer.count("saved. I'm telling <@") == 3
    for person in ("pa", "pb", "sc"):
        world.dm(person).expect("Kudos from <@UAMP>", "the night with <@UOLGA>")
    world.dm("olga").expect_nothing("Kudos")


async def test_own_words_of_a_reason_keep_their_emoji(world):
    await said(world, "amp", "/risk close 1 they have delivered :tada:")
    assert ":tada:" in await said(world, "amp", "/risk show 1")


async def test_own_words_for_a_task_that_is_to_be_unblocked_name_its_blocker(world):
    assert "O-1 is not blocked by a blocker." in await said(world, "pa", "/task unblock O-1")
    await said(world, "pa", "/task block O-1 mongo is down")
    assert "`/blocker resolve 1 what helped` ends that" in await said(world, "pa", "/task unblock O-1 it is back")


async def test_own_words_for_a_measure_that_nothing_has(world):
    assert "There is no gate and no measure `speed`" in await said(world, "pa", "/gate report speed 5")
    assert "Type a gate, a measure and an amount" in await said(world, "pa", "/gate report go 5")


async def test_own_words_for_a_signature(world):
    await said(world, "pa", "/gate report tests_passed 70")
    shown = await world.opens("amp", "/gate sign off tested", "release")
    assert "Everything tested" in shown


async def test_own_words_for_meetings_without_a_name(world):
    for verb in ("show", "record"):
        answer = await said(world, "amp", f"/meeting {verb}")
        assert answer.startswith("No meeting was announced yet: I do that 15 minutes before it begins. Next: Planning,")


async def test_own_words_for_whose_a_risk_or_task_is(world):
    assert "<@UPB> owns risk 1 now." in await said(world, "amp", "/risk assign 1 to pb")
    assert "`resolve` needs" not in (answer := await said(world, "pb", "/risk resolved 1 they have delivered"))
    assert "is closed" in answer
    assert "You gave O-1 back." in await said(world, "pa", "/task unassign O-1")


async def test_own_words_for_when_a_blocker_will_be_over_do_not_end_it(world):
    await said(world, "pa", "/blocker mongo refuses TLS")
    for promise in ("in 2 hours", "by friday", "tomorrow 9:00"):
        answer = await said(world, "pa", f"/blocker resolve 1 {promise}")
        assert f"`{promise}` says when, so blocker 1 is still open." in answer
        assert f"`/blocker note 1 {promise}`" in answer
    assert "There is no blocker 9" in await said(world, "pa", "/blocker resolve 9 in 2 hours")
    answer = await said(world, "pa", "/blocker withdraw 1 soon")
    assert "Was it raised by mistake? Say why, or nothing: `/blocker withdraw 1`." in answer
    assert "is resolved" in await said(world, "pa", "/blocker resolve 1 in 2 hours of work on the certificates")


@pytest.mark.parametrize("promise", ["in 10 minutes", "at 18:00", "soon"])
async def test_own_words_for_when_something_will_be_done_do_it_not(world, promise):
    await running(world)
    for verb in ("skip catch-up", "fail announce", "stop go-live", "rollback frontend"):
        answer = await said(world, "amp", f"/run {verb} {promise}")
        again = f"Is it so now? `/run {verb} because ...`"
        assert answer == f"`{promise}` says when, so nothing has happened. {again}"
    assert {world.step(key).state for key in ("catch-up", "announce")} == {"waiting", "running"}
    for verb in ("complete", "drop"):
        answer = await said(world, "pa", f"/task {verb} o-1 {promise}")
        again = f"Is it so now? `/task {verb} O-1`. Not yet? `/task note O-1 {promise}`"
        assert answer == f"`{promise}` says when, so O-1 is as it was. {again}"
    answer = await said(world, "amp", f"/risk close 1 {promise}")
    why = "Say why nobody need watch it any more: `/risk close 1 ...`"
    assert answer == f"`{promise}` says when, so risk 1 is still open. {why}"
    assert "is skipped" in await said(world, "amp", "/run skip catch-up because it would end at 18:00")


@pytest.mark.parametrize("words", ["mongo works again", "staging is back", "false alarm", "the site is fixed now"])
async def test_own_words_for_what_is_well_again_raise_no_blocker_before_somebody_says_so(world, words):
    await said(world, "pa", "/blocker mongo refuses TLS")
    answer = await said(world, "pa", f"/blocker {words}")
    assert answer == f"Raise “{words}” and page <@UOLGA>? Nothing has happened yet.\nRaise it\nResolve #1"


@pytest.mark.parametrize("words", ["mongo does not work again", "mongo is not back", "the window is down again"])
async def test_own_words_for_what_is_bad_again_raise_a_blocker_at_once(world, words):
    assert "Blocker 1 is open" in await said(world, "pa", f"/blocker {words}")


@pytest.mark.parametrize("words", ["not fixed", "still broken", "not working yet", "no"])
async def test_own_words_for_what_is_not_over_end_nothing(world, words):
    await said(world, "pa", "/blocker mongo refuses TLS")
    answer = await said(world, "pa", f"/blocker resolve 1 {words}")
    assert f"`{words}` says that it is not so yet, so blocker 1 is still open." in answer
    assert f"`{words}` says that it is not so yet, so O-1 is as it was." in await said(
        world, "pa", f"/task done o-1 {words}"
    )
    assert "is resolved" in await said(world, "pa", "/blocker resolve 1 not a fault of ours")


async def test_own_words_without_the_step_show_which_there_are_now_and_a_click_says_the_rest(world):
    assert (
        await said(world, "amp", "/run stop")
        == "`stop` needs a name.\nFor example: `/run stop name`. More: `/run help stop`."
    )
    await running(world)
    asked = await world.says("amp", "/run done", "release")
    assert asked.text == "`confirm` needs a step. Which one? `announce`.\nConfirm announce"
    await world.clicks("amp", "Confirm announce", asked.messages[-1])
    assert world.step("announce").state == "done"
    answer = await said(world, "amp", "/run delay")
    assert answer == "`delay` needs a step. Which one? `catch-up`, `notes`.\nFor example: `/run delay catch-up 30m`."
    assert "`rollback` needs a scope. Which one? `atomic`, `system`." in await said(world, "amp", "/run rollback")


async def test_own_words_without_the_task_show_the_own_ones_and_who_has_none_reads_an_example(world):
    assert await said(world, "pa", "/task start") == "`start` needs a task. Which one? `O-1`.\nStart O-1"
    answer = await said(world, "pa", "/task progress")
    assert answer == "`progress` needs a task. Which one? `O-1`.\nFor example: `/task progress O-1 50%`."
    assert "For example: `/task start A-1`." in await said(world, "pb", "/task start")
    assert "Which one?" not in await said(world, "pa", "/task reopen")


async def test_own_words_without_the_gate_show_those_that_wait_for_whoever_types_them_first(world):
    assert (
        await said(world, "amp", "/gate sign")
        == "`sign` needs a gate. Which one? `go`, `tested`.\nSign go\nSign tested"
    )
    await world.passes()
    assert await said(world, "amp", "/gate sign") == "`sign` needs a gate. Which one? `tested`.\nSign tested"
    assert "`go`" in await said(world, "amp", "/gate show")


async def test_own_words_after_a_command_that_are_a_name_show_what_is_called_so_with_a_click(world):
    asked = await world.says("pa", "/meeting planning", "release")
    assert "`/meeting` does not know `planning`" in asked.text
    assert "Planning" in (await world.clicks("pa", "Show planning", asked.messages[-1])).text


async def test_own_words_about_a_gate_are_verbs_that_other_tools_have(world):
    for typed, meant in (
        ("tested reject", "/gate reject tested"), ("tested sign for amp", "/gate sign tested for amp"),
        ("move tested to friday", "/plan set tested due friday"), ("due tested friday", "/plan set tested due friday"),
    ):  # fmt: skip
        assert f"Did you mean `{meant}`?" in await said(world, "amp", f"/gate {typed}"), typed
    assert "*Everything tested (tested)*" in (await world.says("amp", "/gate status tested", "release")).text
    answer = await said(world, "amp", "/gate report coverage 80")
    assert answer == "There is no gate and no measure `coverage`; write one of `tests_passed`, `load`, `go`, `tested`."
    assert "called so" not in await said(world, "amp", "/gate please do something else with tested")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("What should I do now?", "/task mine"), ("my tasks", "/task mine"),
        ("I'm done with O-1", "/task complete O-1"),
        ("o-1 is done!", "/task complete o-1"), ("I am working on O-1", "/task start O-1"),
        ("I am sick", "/plan away today"), ("I'm away tomorrow", "/plan away tomorrow"),
        ("I will be off until friday", "/plan away until friday"), ("please stop paging me", "/plan away today"),
        ("who is on call?", "/plan oncall"), ("when is the go-live?", "/plan calendar"),
        ("How are we doing?", "/plan status"), ("is the gate passed?", "/gate list"), ("can we go live?", "/gate list"),
        ("any blockers?", "/blocker list"), ("who has src/api/x.py?", "/lock who src/api/x.py"),
        ("I am out of disk on staging", "/blocker I am out of disk on staging"),
    ],
)  # fmt: skip
async def test_own_words_to_the_bot_itself_are_offered_as_the_command_that_does_it(world, written, meant):
    assert f"Did you mean `{meant}`? Nothing happens until you click." in await written_to_the_bot(world, written)


@pytest.mark.parametrize("thanks", ["thanks", "Thank you very much!", "thx", "thanks a lot :pray:"])
async def test_own_words_of_thanks_to_the_bot_get_no_manual(world, thanks):
    assert await written_to_the_bot(world, thanks) == "You're welcome."


async def written_to_the_bot(world, words):
    said = world.slack.say("pa", "dm", words)
    answers = await world.slack.until(lambda: [one for one in world.slack.dm("pa") if one.ts > said.ts and one.bot_id])
    return answers[0].shown


async def test_own_words_after_plan_are_what_other_tools_and_commands_call_it(world):
    for typed, meant in (
        ("move tested to friday", "/plan set tested due friday"),
        ("rename O-1 Client compiles", "/plan set O-1 title Client compiles"),
        ("rename tested All is tested", "/plan set tested name All is tested"),
        ("gates", "/gate"), ("risk 1", "/risk 1"),
    ):  # fmt: skip
        answer = await said(world, "amp", f"/plan {typed}")
        assert answer.startswith(f"Did you mean `{meant}`? Nothing has happened yet."), typed
    assert "Your next two weeks" in await said(world, "pa", "/plan calendar today")
    answer = await said(world, "amp", "/plan set tested due next week")
    assert answer == "`next week` is no moment. Say the day: `friday`, `next monday 12:00` or `in 2 days`."
    assert "due is now 2025-11-17 13:30" in await said(world, "amp", "/plan set tested due +2d")
    assert "is what the plan file says again" in await said(world, "amp", "/plan undo tested due")
    assert "There is no `plan`" not in await said(world, "pa", "/task plan")


async def test_own_words_behind_the_number_of_a_blocker_do_it_and_are_its_note(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    for words, did in (
        ("ack 1 looking at it now", "You have blocker 1."),
        ("unack 1 I have no time", "You handed back blocker 1."),
        ("escalate 1 still down", "I am paging the next step of blocker 1."),
        ("ack #1 - on it", "You have blocker 1."),
        ("resolve 1 restarted", "Blocker 1 is resolved."),
        ("reopen 1 not fixed", "Blocker 1 is open again."),
    ):
        assert (await said(world, "olga", f"/blocker {words}")).startswith(did), words
    notes = [entry.said for entry in world.entries("blocker", "noted")]
    assert notes == ["looking at it now", "I have no time", "still down", "on it", "not fixed"]
    assert "<@UOLGA> said: not fixed" in await said(world, "pa", "/blocker show 1")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("ack 1 in 10 minutes", "`in 10 minutes` says when, so you don't have blocker 1 yet."),
        ("ack 1 not me, ask Sara", "`not me, ask Sara` says that you don't take it, so blocker 1 is as it was."),
        ("ack 1 I can't", "`I can't` says that you don't take it"),
        ("escalate 1 in an hour", "`in an hour` says when, so nobody is paged for blocker 1 now."),
        ("escalate 1 to amp", "`to` is too much after `escalate 1`."),
        ("escalate 1 <@UAMP>", "`@amp` is too much after `escalate 1`."),
        ("unack 1 tomorrow", "`tomorrow` says when, so blocker 1 is still yours."),
        ("resolve 1 by COB", "`by COB` says when, so blocker 1 is still open."),
        ("resolve 1 after lunch", "`after lunch` says when, so blocker 1 is still open."),
        ("snooze 1 tomorrow morning", "I can't read `tomorrow morning` as a time. Say until when: `until 17:00`"),
    ],
)
async def test_own_words_behind_the_number_of_a_blocker_that_say_another_thing_change_nothing(world, words, why):
    await world.says("pa", "/blocker mongo refuses TLS")
    before = [entry.verb for entry in world.entries("blocker")]
    assert why in await said(world, "olga", f"/blocker {words}")
    assert [entry.verb for entry in world.entries("blocker")] == before


async def test_own_words_behind_a_verb_without_its_number_are_no_note(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    assert "Did you mean `/blocker ack`?" in await said(world, "olga", "/blocker ack I'm on it")
    assert "Blocker 2 is open" in await said(world, "olga", "/blocker take down of the whole site")
    assert world.entries("blocker", "acknowledged") == []


@pytest.mark.parametrize(
    ("typed", "button", "did"),
    [
        ("/task start O-1 tomorrow", "Start O-1", "O-1 is in progress"),
        ("/lock release 1 done with it", "Release #1", "*Lock 1*"),
    ],
)
async def test_own_words_that_are_too_much_leave_the_rest_a_click_away(world, typed, button, did):
    await world.says("pa", "/lock src/a.py for the TLS fix")
    answer = await world.says("pa", typed)
    assert "is too much after" in answer.text
    assert did in (await world.clicks("pa", button, answer.messages[-1])).text


@pytest.mark.parametrize(
    ("typed", "did"),
    [
        ("/task start O-1 now", "O-1 is in progress"),
        ("/task complete O-1 today, please", "O-1 can't be completed yet."),
        ("/task mine today", "*You have 1 task*"),
        ("/lock mine right now", "*Your locks*"),
        ("/lock src/b.py now please for the TLS fix", "*Lock 2*  `src/b.py` for the TLS fix"),
        ("/lock release 1 now", "*Lock 1*"),
        ("/gate show tested immediately", "Everything tested"),
        ("/gate list now", "Gates"),
        ("/run show go-live asap thanks", "Go-live"),
        ("/plan show O-1 now", "(task `O-1`)"),
        ("/plan away now", "You are away 2025-11-15."),
        ("/blocker snooze 1 30m now please", "Blocker 1 is snoozed until"),
        ("/blocker list now please", "*Open blockers*"),
        ("/blocker escalate 1 now", "I am paging the next step of blocker 1."),
        ("/blocker resolve 1 at once, thanks", "Blocker 1 is resolved.\nUndo"),
    ],
)
async def test_words_for_now_behind_a_whole_command_change_nothing_of_it(world, typed, did):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pa", "/lock src/a.py for the TLS fix")
    assert did in await said(world, "pa", typed)
    assert not world.entries("blocker", "noted")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("/task start O-1 not now", "`not` is too much after `start O-1`."),
        ("/task start O-1 later today", "`later` is too much after `start O-1`."),
        ("/blocker escalate 1 not now", "`not now` says when, so nobody is paged for blocker 1 now."),
        ("/blocker ack 1 today", "`today` says when, so you don't have blocker 1 yet."),
    ],
)
async def test_words_that_say_not_now_do_nothing(world, typed, why):
    await world.says("pa", "/blocker mongo refuses TLS")
    before = world.entries("blocker")
    assert why in await said(world, "pa", typed)
    assert (world.entries("blocker"), world.row("task", "O-1").status) == (before, "not started")


@pytest.mark.parametrize(
    ("who", "typed", "button", "did"),
    [
        ("pa", "/blocker escalate 1 to amp", "Reassign 1 amp", "<@UAMP> is asked to take blocker 1."),
        ("pa", "/blocker escalate 1 <@UAMP>", "Reassign 1 @amp", "<@UAMP> is asked to take blocker 1."),
        ("olga", "/blocker unack 1 to pb", "Reassign 1 pb", "<@UPB> is asked to take blocker 1."),
        ("olga", "/task release O-1 to pb", "Assign O-1 pb", "O-1 is <@UPB>'s now."),
        ("pa", "/lock release 1 to pb", "Hand 1 pb", "Lock 1 is <@UPB>'s now."),
    ],
)
async def test_somebody_behind_a_verb_that_takes_nobody_leads_to_the_verb_that_does(world, who, typed, button, did):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pa", "/lock src/a.py for the TLS fix")
    answer = await world.says(who, typed)
    assert f"For somebody: `{typed.split()[0]} {button[0].lower()}{button[1:]}`." in answer.text
    assert did in (await world.clicks(who, button, answer.messages[-1])).text


async def test_who_is_to_sign_behind_sign_is_handed_the_gate(world):
    answer = await said(world, "amp", "/gate sign tested to pb")
    assert answer == "To let somebody sign for you: `/gate hand tested to pb`."


@pytest.mark.parametrize(
    ("typed", "did"),
    [
        ("/blocker snooze 1 Monday EOD", "|2025-11-17 17:00 UTC>"),
        ("/blocker snooze 1 until COB monday", "|2025-11-17 17:00 UTC>"),
        ("/blocker snooze 1 in an hour and a half", "|2025-11-15 15:00 UTC>"),
        ("/lock src/a.py for the TLS fix until monday EOD", "`src/a.py` for the TLS fix: yours until"),
        ("/lock src/a.py for the TLS fix until EOD monday", "|2025-11-17 17:00 UTC>"),
        ("/lock src/a.py for the TLS fix for an hour and a half", "|2025-11-15 15:00 UTC>"),
        ("/lock src/a.py for the TLS fix until tomorrow morning", "I can't read `tomorrow morning` as a time."),
        ("/plan away until monday COB", "You are away 2025-11-15..2025-11-17."),
        ("/plan away until EOD", "You are away 2025-11-15."),
        ("/plan away tomorrow morning", "An absence has whole days. Say `tomorrow`, or hand over what can't wait."),
        ("/task spent O-1 an hour and a half", "O-1 took 1h30m."),
    ],
)
async def test_times_as_people_say_them_are_read_wherever_a_time_is_typed(world, typed, did):
    await world.says("pa", "/blocker mongo refuses TLS")
    assert did in (await world.says("pa", typed, "release")).text
