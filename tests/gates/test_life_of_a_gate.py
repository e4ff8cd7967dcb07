"""The life of a gate, as the people in it see it."""

from __future__ import annotations

from tests.gates.company import tested, validated


async def card(world, key="validated"):
    await world.advance(seconds=10)  # Slack takes one edit a second
    return world.channel("release").expect(f"({key})")


async def test_the_card_of_a_gate_shows_which_criteria_are_met_and_who_must_sign(world):
    shown = (await world.says("pa", "/gate show validated", channel="release")).text
    for words in ("Omega signs off", "0 of 2 met", "docs/SECRETS.md", "open: O-1 (not started)", "<@UOLGA>"):
        assert words in shown
    await world.says("pa", "/gate tick validated 1 see https://ci.example/run/7", channel="release")
    assert "No credentials in git: ticked by <@UPA>, https://ci.example/run/7" in (await card(world)).shown
    await world.completes("pb", "O-1")
    assert "1 of 2; open: O-2" in (await card(world)).shown
    assert world.channel("release").count("(validated)") == 1


async def test_the_outcome_of_a_gate_is_passed_when_all_criteria_are_met_and_all_signers_sign(world):
    await world.says("pa", "/gate tick validated 1", channel="release")
    await world.completes("pb", "O-1", "O-2")
    world.dm("olga").expect("*Omega signs off*: all criteria are met", "Please sign")
    shown = await world.signs("olga", "validated")
    assert "You sign 2 met criteria. If one changes, your signature is void." in shown
    assert "The gate passes at once" in shown
    assert "Sigma" in shown
    assert world.row("gate", "validated").state == "passed"
    assert "Passed" in (await card(world)).shown
    assert (await card(world)).buttons == []
    world.channel("sigma").expect("Sigma")
    outcome = await world.says("amp", "/plan lift sigma because I say so", channel="release")
    assert "is not on hold" in outcome.text
    assert world.verified() == []


async def test_the_slack_form_to_sign_a_gate_early_says_what_it_does_not_cover(world):
    await world.completes("pb", "O-1", "O-2")
    shown = await world.signs("olga", "validated")
    assert "You sign 1 met criterion" in shown
    assert "It does not cover 1 open criterion" in shown
    assert "1 open criterion must be met" in shown
    assert world.row("gate", "validated").state == "pending"
    await world.says("pa", "/gate tick validated 1", channel="release")
    assert world.row("gate", "validated").state == "passed"


async def test_signatures_of_a_gate_are_void_when_a_task_is_reopened_and_the_signer_reads_why(world):
    await world.completes("pb", "O-1", "O-2")
    await world.signs("olga", "validated")
    await world.says("pb", "/task reopen O-2", channel="omega")
    world.dm("olga").expect("Your signature for *Omega signs off* is void", "O-1..O-2 completed: was 2 of 2; is 1 of 2")
    await world.says("pb", "/task complete O-2", channel="omega")
    await world.says("pa", "/gate tick validated 1", channel="release")
    assert world.row("gate", "validated").state == "ready"
    await world.signs("olga", "validated")
    assert world.row("gate", "validated").state == "passed"
    assert len(world.entries("gate", "voided", "validated")) == 1


async def test_the_criteria_of_a_gate_count_blockers_of_their_severity_or_above_and_no_others(world):
    await validated(world)
    await tested(world)
    await world.signs("olga", "tested")
    await world.says("pa", "/blocker the printer is jammed", channel="omega")
    assert world.entries("gate", "voided", "tested") == []
    await world.says("pa", "/blocker critical: mongo refuses TLS", channel="omega")
    assert len(world.entries("gate", "voided", "tested")) == 1
    await world.advance(seconds=10)
    world.dm("olga").expect("is void", "No open blocker of severity critical or above: was none open; is open: 2")


async def test_the_criteria_of_a_gate_look_at_the_link_behind_a_measure_too(world):
    await validated(world)
    await world.says("sc", "/gate report tested tests_passed 70 <https://ci.example/run/1>", channel="release")
    await world.says("sc", "/gate tick tested 1", channel="release")
    await world.signs("olga", "tested")
    await world.says("sc", "/gate report tested tests_passed 70 <https://ci.example/run/2>", channel="release")
    world.dm("olga").expect("is void", "https://ci.example/run/1", "https://ci.example/run/2")


async def test_a_gate_that_comes_due_soon_reminds_whoever_must_still_sign(world):
    await world.completes("pb", "O-1")
    await world.advance(hours=5, minutes=59)
    assert world.dm("olga").count("is due") == 0
    await world.advance(minutes=1)
    world.dm("olga").expect("Omega signs off", "is due", "You have not signed yet", "open: O-2")


async def test_the_outcome_of_a_gate_not_passed_in_time_is_missed_and_people_are_paged(world):
    await world.completes("pb", "O-1")
    await world.advance(hours=8)
    assert world.row("gate", "validated").state == "failed"
    world.dm("exec").expect("is overdue since", "What waits for it stays on hold", "Sigma cannot start")
    world.dm("olga").expect("Omega signs off", "*Why you:* you are lead of Omega")
    assert "*Overdue* since" in (await card(world)).shown
    await world.advance(minutes=5)
    page = world.dm("amp").expect("Omega signs off", "Why you")
    await world.clicks("amp", "I have it", page)
    assert "<@UAMP> has it" in (await card(world)).shown
    await world.advance(minutes=10)
    assert world.dm("exec").count("Why you") == 0


async def test_the_notices_of_a_gate_remind_whoever_has_it_and_then_page_the_next_step(world):
    await world.advance(hours=8, minutes=5)
    await world.clicks("amp", "I have it", world.dm("amp").expect("Omega signs off", "Why you"))
    await world.advance(minutes=8)
    world.dm("amp").expect("You have it, and nothing has happened since", "I page <@UEXEC>")
    assert world.dm("exec").count("Why you") == 0
    await world.says("pa", "/gate tick validated 1", channel="release")
    await world.advance(minutes=14)
    assert world.dm("exec").count("Why you") == 0
    await world.advance(minutes=1)
    world.dm("exec").expect("Why you", "<@UAMP> has it")


async def test_the_outcome_of_a_missed_gate_may_still_be_passed_and_says_how_late(world):
    await world.completes("pb", "O-1", "O-2")
    await world.advance(hours=9)
    await world.says("pa", "/gate tick validated 1", channel="release")
    await world.signs("olga", "validated")
    assert world.row("gate", "validated").state == "passed"
    world.thread(await card(world)).expect("Passed", "1h late")


async def test_the_gate_service_tells_a_waiting_task_how_the_gate_stands_and_who_can_sign(world):
    outcome = await world.says("sc", "/task start S-1", channel="sigma")
    for words in ("Omega signs off", "is not signed (0 of 2 met)", "<@UOLGA> can sign"):
        assert words in outcome.text
    await validated(world)
    assert "can't start" not in (await world.says("sc", "/task start S-1", channel="sigma")).text


async def test_the_gate_service_keeps_a_rejected_gate_shut_until_whoever_said_no_signs_it(world):
    await validated(world)
    await tested(world)
    await world.says("sara", "/gate reject tested the report has no names", channel="release")
    await world.signs("olga", "tested")
    assert "<@USARA> says no: the report has no names" in (await card(world, "tested")).shown
    assert world.row("gate", "tested").state == "ready"
    assert "withdraw their no" not in await world.signs("sara", "tested")
    assert world.row("gate", "tested").state == "passed"


async def waived_for_an_hour(world):
    shown = await world.opens("amp", "/gate waive validated", "release")
    assert "No credentials in git" in shown
    in_an_hour = int(world.clock.now().timestamp()) + 3600
    record = {"Why": "the vault is down", "Risk of adding": "keys may leak", "Risk of cutting": "a day"}
    assert await world.submits("amp", {**record, "Until when": in_an_hour}) == ""


async def test_the_gate_service_waives_a_gate_with_an_exception_record_and_work_can_start(world):
    await waived_for_an_hour(world)
    assert world.row("gate", "validated").state == "waived"
    for words in ("Waived", "the vault is down", "keys may leak", "risk of cutting: a day"):
        assert words in (await card(world)).shown
    assert "can't start" not in (await world.says("sc", "/task start S-1", channel="sigma")).text
    kept = world.entries("gate", "waived", "validated")[0]
    assert kept.said == "the vault is down"
    assert kept.facts["risk_of_adding"] == "keys may leak"


async def test_the_end_of_a_gates_waiver_comes_due_and_holds_its_work_again(world):
    await waived_for_an_hour(world)
    await world.advance(hours=1)
    assert world.row("gate", "validated").state == "pending"
    world.dm("olga").expect("The waiver of *Omega signs off* has ended", "on hold again")
    assert "can't start" in (await world.says("sc", "/task start S-1", channel="sigma")).text


async def test_signatures_of_a_gate_are_void_when_the_plan_asks_for_other_criteria(world):
    await world.completes("pb", "O-1", "O-2")
    await world.signs("olga", "validated")
    world.apply(world.plan.replace("tick: No credentials in git", "tick: No credentials anywhere"))
    await world.settled()
    world.dm("olga").expect("is void", "the plan changed what this gate asks for")
    world.apply(world.plan.replace("tick: No credentials in git", "tick: No credentials anywhere") + "\n# a comment\n")
    assert len(world.entries("gate", "voided", "validated")) == 1


async def test_the_outcome_of_a_passed_gate_is_in_doubt_when_a_task_is_reopened_and_stays_passed(world):
    await validated(world)
    await world.says("pb", "/task reopen O-1", channel="omega")
    assert world.row("gate", "validated").state == "passed"
    world.dm("amp").expect("*in doubt*", "O-1..O-2 completed: was 2 of 2; is 1 of 2")
    assert "in doubt" in (await card(world)).shown
    await world.says("pb", "/task complete O-1", channel="omega")
    assert world.row("gate", "validated").state == "passed"


async def test_measures_of_the_plan_refuse_the_report_of_an_amount_that_they_cannot_have(world):
    for text, sentence in (
        ("tests_passed 73", "more than all 72"), ("tests_passed 68/80", "the plan measures out of 72"),
        ("tests_passed soon", "write a number"), ("test_passed 68", "did you mean `tests_passed`"),
        ("vulnerabilities 0", "does not look at `vulnerabilities`"),
    ):  # fmt: skip
        outcome = await world.says("sc", f"/gate report tested {text}", channel="release")
        assert sentence in outcome.text
    assert "94%" in (await world.says("sc", "/gate report tests_passed 94%", channel="release")).text


async def test_the_typed_command_gate_mine_lists_gates_that_wait_for_whoever_types_it(world):
    assert "No gate waits for you" in (await world.says("sc", "/gate mine", channel="release")).text
    assert "validated" in (await world.says("pa", "/gate mine", channel="release")).text
    assert "did you mean `validated`" in (await world.says("pa", "/gate show valdated", channel="release")).text
    assert "Omega signs off" in (await world.says("pa", "/gate", channel="release")).text
    assert "what happened to a gate" in (await world.says("pa", "/gate help", channel="release")).text
