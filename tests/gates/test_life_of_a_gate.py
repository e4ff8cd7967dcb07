"""The life of a gate, as the people in it see it."""

from __future__ import annotations

import pytest

from tests.gates.company import PLAN_WITH_GATES, company, tested, validated

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


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


async def test_nobody_has_the_right_to_sign_a_gate_early_and_who_tries_reads_what_is_open(world):
    await world.completes("pb", "O-1")
    early = await world.says("olga", "/gate sign validated", channel="release")
    assert "Nobody can sign Omega signs off yet (0 of 2 met). Open:" in early.text
    for words in ("No credentials in git: not ticked yet", "O-1..O-2 completed: 1 of 2; open: O-2 (not started)"):
        assert words in early.text
    assert world.entries("gate", "signed", "validated") == []
    await world.completes("pb", "O-2")
    await world.says("pa", "/gate tick validated 1", channel="release")
    assert world.row("gate", "validated").state == "ready"
    await world.signs("olga", "validated")
    assert world.row("gate", "validated").state == "passed"


async def test_signatures_of_a_gate_are_asked_for_once_when_it_is_ready(world):
    await world.completes("pb", "O-1", "O-2")
    assert world.dm("olga").count("Please sign") == 0
    await world.says("pa", "/gate tick validated 1", channel="release")
    assert world.dm("olga").count("*Omega signs off*: all criteria are met. Please sign") == 1
    await world.advance(minutes=10)
    for verb in ("untick", "tick"):
        await world.says("pa", f"/gate {verb} validated 1", channel="release")
    assert world.dm("olga").count("Please sign") == 1
    await world.clicks("olga", "Sign...", world.dm("olga").expect("Please sign"))
    shown = (await world.opened("olga")).shown
    assert "Since this button was shown: <@UPA> unticked" in shown
    assert "You sign 2 met criteria" in shown
    await world.says("pa", "/gate untick validated 1", channel="release")
    await world.advance(hours=2)
    await world.says("pa", "/gate tick validated 1", channel="release")
    assert world.dm("olga").count("Please sign") == 2


@pytest.mark.both_databases
async def test_signatures_of_a_gate_are_asked_of_whoever_wants_to_be_told_too(world):
    said = await world.says("amp", "/gate sign validated", channel="release")
    assert "does not ask you to sign. Only <@UOLGA> can sign it." in said.text
    said = await world.says("amp", "/gate ask validated", channel="release")
    assert said.text == "I'll tell you when Omega signs off is ready (0 of 2 met now)."
    await world.says("olga", "/gate sign validated", channel="release")
    offer = world.slack.ephemerals("olga", "release")[-1]
    assert "I'll ask you when Omega" in (await world.clicks("olga", "Ask me when it is ready", offer)).text
    await world.completes("pb", "O-1", "O-2")
    await world.says("pa", "/gate tick validated 1", channel="release")
    world.dm("amp").expect("*Omega signs off*: all criteria are met. It waits for <@UOLGA>.")
    world.dm("olga").expect("Please sign")
    said = await world.says("amp", "/gate ask validated", channel="release")
    assert said.text == "Omega signs off is ready already. It waits for <@UOLGA>."
    said = await world.says("olga", "/gate ask validated", channel="release")
    assert said.text == "Omega signs off is ready. Sign now: `/gate sign validated`."


async def test_signatures_of_a_gate_are_void_when_a_tick_is_taken_back_and_the_signer_is_asked_anew(world):
    await validated(world)
    await tested(world)
    await world.signs("olga", "tested")
    await world.says("sc", "/gate untick tested 1", channel="release")
    world.dm("olga").expect(
        "Your signature for *Sigma signs off* is void", "Performance baseline documented: was ticked by <@USC>; is not",
        "I ask you again when all criteria are met.",
    )  # fmt: skip
    await world.says("sc", "/gate tick tested 1", channel="release")
    assert world.row("gate", "tested").state == "ready"
    await world.advance(seconds=10)
    assert world.dm("olga").count("*Sigma signs off*: all criteria are met. Please sign") == 2
    assert world.dm("sara").count("*Sigma signs off*: all criteria are met. Please sign") == 1
    await world.signs("olga", "tested")
    await world.says("sc", "/gate report tested tests_passed 71", channel="release")
    await world.advance(seconds=10)
    world.dm("olga").expect("is void", "All criteria are met. To sign again: `/gate sign tested`")
    assert world.dm("olga").count("*Sigma signs off*: all criteria are met. Please sign") == 2
    await world.signs("olga", "tested")
    await world.signs("sara", "tested")
    assert world.row("gate", "tested").state == "passed"
    assert len(world.entries("gate", "voided", "tested")) == 2


async def test_the_criteria_of_a_gate_count_blockers_of_their_severity_or_above_and_no_others(world):
    await validated(world)
    await tested(world)
    await world.signs("olga", "tested")
    await world.says("pa", "/blocker the printer is jammed", channel="omega")
    assert world.entries("gate", "voided", "tested") == []
    await world.says("pa", "/blocker critical: mongo refuses TLS", channel="omega")
    assert len(world.entries("gate", "voided", "tested")) == 1
    await world.advance(seconds=10)
    world.dm("olga").expect("is void", "No open blocker of severity critical: was none open; is blocker 2 open")


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
    world.dm("olga").expect("Omega signs off", "is due", "You can't sign yet (0 of 2 met)", "open: O-2")


async def test_a_gate_that_comes_due_soon_reminds_whoever_must_tick_once_with_what_else_waits_for_them(database_url):
    by = "No credentials in git, by: [pa, olga]"
    async with company(database_url, PLAN_WITH_GATES.replace("No credentials in git, by: [omega]", by)) as world:
        await world.advance(hours=6)
        asked = world.dm("pa").expect("Omega signs off", "is due", "Look and tick what is so:", "No credentials in git")
        assert "O-2" not in asked.shown
        world.dm("olga").expect(
            "You can't sign yet (0 of 2 met)", "No credentials in git", "O-2 (not started)", "Tick..."
        )
        assert [world.dm(person).count("is due") for person in ("pa", "olga", "pb")] == [1, 1, 0]
        assert world.entries("gate", "reminded", "validated")[-1].facts["people"] == ["olga", "pa"]


async def test_a_gate_that_comes_due_soon_reminds_nobody_of_what_is_ticked_and_of_a_team_its_lead_alone(world):
    await world.says("pa", "/gate tick validated 1 docs/SECRETS.md", "release")
    await world.advance(hours=6)
    assert [world.dm(person).count("is due") for person in ("pa", "pb", "olga")] == [0, 0, 1]
    world.dm("olga").expect("is due", "You can't sign yet (1 of 2 met)")


async def test_typed_gate_tick_takes_several_numbers_and_says_which_there_is_not(world):
    said = (await world.says("pa", "/gate tick validated 1, 9", channel="release")).text
    assert "Ticked. Omega signs off: 1 of 2 met" in said
    assert "No criterion is called `9`" in said
    assert len(world.entries("gate", "ticked", "validated")) == 1


async def test_what_is_typed_behind_the_number_of_a_criterion_of_a_gate_is_its_evidence(world):
    await world.says("pa", "/gate tick validated 1 12 pages in docs/SECRETS.md", channel="release")
    world.channel("release").expect("ticked by <@UPA>", "12 pages in docs/SECRETS.md")


@pytest.mark.parametrize(("which", "promise"), [("1", "tomorrow"), ("credentials", "by friday"), ("1", "soon")])
async def test_what_is_typed_behind_a_criterion_of_a_gate_is_no_evidence_where_it_only_promises(world, which, promise):
    answer = (await world.says("pa", f"/gate tick validated {which} {promise}", "release")).text
    assert answer == f"`{promise}` says when, so nothing is ticked. Is it so now? `/gate tick validated {which}`"
    assert "0 of 2 met" in (await world.says("pa", "/gate show validated", "release")).text


async def test_the_words_of_a_criterion_of_a_gate_may_have_with_or_see_in_them_before_the_evidence(database_url):
    plan = PLAN_WITH_GATES.replace("No credentials in git", "No secrets with us as all can see in git")
    async with company(database_url, plan) as world:
        await world.says("pa", "/gate tick validated no secrets with us as all can see in git", channel="release")
        assert "No secrets with us as all can see in git: ticked by <@UPA>" in (await card(world)).shown
        assert "ticked by <@UPA>," not in (await card(world)).shown
        await world.says("pa", "/gate untick validated 1", channel="release")
        words = "/gate tick validated No secrets with us as all can see in git with docs/SECRETS.md"
        await world.says("pa", words, channel="release")
        assert "in git: ticked by <@UPA>, docs/SECRETS.md" in (await card(world)).shown


async def test_the_outcome_of_a_gate_not_passed_in_time_is_missed_and_people_are_paged(world):
    await world.completes("pb", "O-1")
    await world.advance(hours=8)
    assert world.row("gate", "validated").state == "failed"
    world.dm("olga").expect("Omega signs off", "*Why you:* you are lead of Omega")
    assert "*Overdue* since" in (await card(world)).shown
    await world.advance(minutes=5)
    page = world.dm("amp").expect("Omega signs off", "Why you")
    await world.clicks("amp", "I have it", page)
    assert "<@UAMP> has it" in (await card(world)).shown
    assert world.dm("exec").count("overdue") == 0
    await world.advance(minutes=10)
    world.dm("exec").expect("is overdue since", "What waits for it stays on hold", "Sigma cannot start")
    assert world.dm("exec").count("Why you") == 0


async def test_the_notices_of_a_gate_remind_whoever_has_it_and_then_page_the_next_step(world):
    await world.advance(hours=8, minutes=5)
    await world.clicks("amp", "I have it", world.dm("amp").expect("Omega signs off", "Why you"))
    await world.advance(minutes=8)
    world.dm("amp").expect("You have it, and nothing has happened since", "I page <@UEXEC>")
    assert world.dm("exec").count("Why you") == 0
    await world.says("pa", "/gate tick validated 1", channel="release")
    world.dm("amp").expect_nothing("nothing has happened since")
    world.dm("amp").expect(":wave:", "<@UAMP> has it. If nothing happens, I page <@UEXEC>")
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
    world.thread(await card(world)).expect("Passed", "1 h late")


async def test_the_gate_service_tells_a_waiting_task_how_the_gate_stands_and_who_can_sign(world):
    outcome = await world.says("sc", "/task start S-1", channel="sigma")
    for words in ("Omega signs off", "is not signed (0 of 2 met)", "<@UOLGA> signs when all is met"):
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
    assert "You waived it." in await world.submits("amp", {**record, "Until when": in_an_hour})


@pytest.mark.both_databases
async def test_the_gate_service_waives_a_gate_with_an_exception_record_and_work_can_start(world):
    await waived_for_an_hour(world)
    assert world.row("gate", "validated").state == "waived"
    for words in ("Waived", "the vault is down", "keys may leak", "risk of cutting: a day"):
        assert words in (await card(world)).shown
    assert "can't start" not in (await world.says("sc", "/task start S-1", channel="sigma")).text
    kept = world.entries("gate", "waived", "validated")[0]
    assert kept.said == "the vault is down"
    assert kept.facts["risk_of_adding"] == "keys may leak"


@pytest.mark.both_databases
async def test_the_end_of_a_gates_waiver_comes_due_and_holds_its_work_again(world):
    await waived_for_an_hour(world)
    await world.advance(hours=1)
    assert world.row("gate", "validated").state == "pending"
    world.dm("olga").expect("The waiver of *Omega signs off* has ended", "on hold again")
    assert "can't start" in (await world.says("sc", "/task start S-1", channel="sigma")).text


@pytest.mark.both_databases
async def test_signatures_of_a_gate_are_void_when_the_plan_asks_for_other_criteria(world):
    await validated(world)
    await tested(world)
    await world.signs("olga", "tested")
    world.apply(world.plan.replace("- Performance baseline documented", "- Performance baseline written"))
    await world.settled()
    world.dm("olga").expect("is void", "Performance baseline documented: no longer asked for")
    world.apply(
        world.plan.replace("- Performance baseline documented", "- Performance baseline written") + "\n# a comment\n"
    )
    assert len(world.entries("gate", "voided", "tested")) == 1


async def test_the_outcome_of_a_passed_gate_is_in_doubt_when_a_task_is_reopened_and_stays_passed(world):
    await validated(world)
    await world.says("pb", "/task reopen O-1", channel="omega")
    assert world.row("gate", "validated").state == "passed"
    world.dm("amp").expect("*in doubt*", "O-1..O-2 completed: was 2 of 2; is 1 of 2")
    assert "in doubt" in (await card(world)).shown
    await world.says("pb", "/task complete O-1", channel="omega")
    assert world.row("gate", "validated").state == "passed"


async def test_the_doubt_about_a_gate_ends_when_its_task_is_completed_again_and_whoever_read_of_it_hears(world):
    await validated(world)
    await world.says("pb", "/task reopen O-1", channel="omega")
    await world.advance(minutes=30)
    await world.says("pb", "/task complete O-1", channel="omega")
    assert world.row("gate", "validated").doubt == []
    assert "in doubt" not in (await card(world)).shown
    for person in ("olga", "amp"):
        world.dm(person).expect("is no longer in doubt: all is as it was when it passed")
    world.thread(await card(world)).expect_nothing("In doubt*: .")


async def test_the_doubt_about_a_gate_says_what_is_left_of_it_when_one_of_two_things_is_well_again(world):
    await validated(world)
    await world.says("pb", "/task reopen O-1", channel="omega")
    await world.says("olga", "/task reopen O-2", channel="omega")
    await world.says("pb", "/task complete O-1", channel="omega")
    world.thread(await card(world)).expect("*In doubt*: O-1..O-2 completed: was 2 of 2; is 1 of 2; open: O-2")
    assert world.dm("amp").count("*in doubt*") == 1, "told once"


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


TITLED = PLAN_WITH_GATES.replace("name: Omega signs off", 'name: "Gate 1: Omega signs off"').replace(
    "name: Sigma signs off", 'name: "Gate 2: Sigma signs off"'
)


@pytest.fixture
async def titled(database_url):
    async with company(database_url, TITLED) as world:
        yield world


async def test_the_gate_store_finds_a_gate_by_its_number_its_title_or_its_key_in_every_verb(titled):
    world = titled
    for name in ("1", "#1", "gate 1", "Gate 1", "Gate1", "gate-1", "Gate 1:", '"Gate 1"', "Gate 1: Omega signs off",
                 "gate 1: omega  signs off", "VALIDATED", "gate validated", "`validated`"):  # fmt: skip
        assert "(validated)" in (await world.says("pa", f"/gate show {name}", channel="release")).text, name
    said = await world.says("pa", "/gate tick Gate 1 1 see docs/SECRETS.md", channel="release")
    assert "Ticked. Gate 1: Omega signs off: 1 of 2 met" in said.text
    assert "Unticked" in (await world.says("pa", "/gate untick 1 1", channel="release")).text
    said = await world.says("sc", "/gate report gate 2 tests_passed 66", channel="release")
    assert said.text.startswith("Reported for Tests passed: 66 of 72. 68 needed, 2 more.\nGate 2: Sigma signs off: ")
    for verb in ("sign", "ask", "reject", "withdraw", "ack", "history", "waive", "hand"):
        said = (await world.says("olga", f"/gate {verb} Gate 1", channel="release")).text
        assert "There is no gate" not in said, said


async def test_the_gate_service_offers_what_may_be_meant_by_an_unknown_or_ambiguous_gate(titled):
    world = titled
    for name, sentence in (
        ("3", "There is no gate `3`; write one of `validated`, `tested`, `go`"),
        ("valdated", "did you mean `validated`?"), ("signs", "did you mean `validated` or `tested`?"),
        ("Sigma signs", "did you mean `tested`?"), ("1 and more", "There is no gate `1 and more`"),
    ):  # fmt: skip
        assert sentence in (await world.says("pa", f"/gate show {name}", channel="release")).text
    world.apply(TITLED.replace("Gate 2: Sigma", "Gate 1: Sigma"))
    said = (await world.says("pa", "/gate show gate 1", channel="release")).text
    assert said == (
        "Which gate do you mean? Type `validated` (Gate 1: Omega signs off) or `tested` (Gate 1: Sigma signs off)."
    )


async def test_the_outcome_passed_of_a_gate_is_seen_in_the_channel_and_told_to_the_coordinator_once(world):
    await validated(world)
    await world.advance(seconds=10)
    passed = world.channel("release").expect("*Omega signs off* passed, ", "Signed by <@UOLGA>.")
    assert "No longer on hold: " in passed.shown
    assert "Sigma" in passed.shown
    assert world.channel("release").count("*Omega signs off* passed") == 1
    assert world.dm("amp").count("*Omega signs off* passed") == 1
    lines = world.thread(await card(world))
    assert lines.count("signed.") == 0
    assert lines.count("*Passed*. Signed by <@UOLGA>.") == 1


async def test_the_words_of_a_gates_form_and_card_are_those_of_a_person_who_signs_once_all_is_met(world):
    shown = (await card_of(world)).text
    assert "0 of 2 met" in shown
    assert "to be signed by <@UOLGA>" in shown
    assert "waiting for" not in shown


async def card_of(world):
    return await world.says("pa", "/gate show validated", channel="release")


async def test_what_comes_due_with_a_gate_asks_the_deputy_once_whoever_must_sign_goes_away(world):
    await world.completes("pb", "O-1", "O-2")
    await world.says("pa", "/gate tick validated 1", channel="release")
    await world.advance(seconds=10)
    world.dm("olga").expect("all criteria are met. Please sign.")
    world.dm("pa").expect_nothing("Please sign")
    await world.says("olga", "/plan away today")
    await world.advance(seconds=10)
    world.dm("pa").expect("*Omega signs off*: all criteria are met. Please sign for <@UOLGA>.")


@pytest.mark.both_databases
async def test_the_notices_of_a_missed_gate_say_what_made_them_necessary_and_replace_each_other(world):
    await world.until("2025-11-13 17:01")
    world.dm("olga").expect("*Why you:* you are lead of Omega.")
    await world.until("2025-11-13 17:26")
    world.dm("amp").expect("*Why you:* you are Coordinator: everybody was paged and nobody has taken it.")
    await world.says("pa", "/gate tick validated 1", channel="release")
    await world.until("2025-11-13 17:41")
    again = world.dm("exec").expect("nobody has taken it yet.", "*New since <!date^", ":* <@UPA> ticked")
    await world.says("olga", "/gate ack validated", channel="release")
    await world.advance(minutes=1)
    world.channel("release").expect("<@UOLGA> has it. If nothing happens by", "I page <@UEXEC> again")
    await world.advance(minutes=15)
    silent = world.dm("exec").expect("you are Executive: <@UOLGA> has had it since", "has said nothing")
    assert silent.ts != again.ts
    assert world.dm("exec").count("There is a newer message about it further down.") == 2
    assert world.dm("exec").count(":rotating_light:") == 1
    await world.advance(days=1, hours=6)
    assert world.dm("exec").count("is still overdue, since") == 1
    await world.completes("pb", "O-1", "O-2")
    await world.signs("olga", "validated")
    await world.advance(seconds=5)
    assert world.dm("exec").count("further down") == 0
    world.dm("amp").expect("passed 1 d 6 h late")
    assert world.dm("exec").count("*Overdue*") == 0


@pytest.mark.both_databases
async def test_the_notice_that_reminds_about_a_gate_is_not_sent_once_it_is_overdue(world):
    world.slack.fault("chat.postMessage", "error", channel="olga", code="service_unavailable", seconds=8 * 3600 + 200)
    await world.until("2025-11-13 17:05")
    world.dm("olga").expect("*Overdue*")
    world.dm("olga").expect_nothing(":alarm_clock:")


async def test_a_missed_gate_with_a_new_date_needs_nobody_to_take_it(world):
    await world.until("2025-11-13 17:01")
    await world.says("amp", "/plan set validated due 2025-11-14 17:00", channel="release")
    refused = await world.says("olga", "/gate ack validated", channel="release")
    assert "Nobody is paged about Omega signs off, so you don't have to take it." in refused.text


async def test_the_outcome_of_a_gate_frees_only_what_waits_for_nothing_else(world):
    await world.says("pa", "/gate tick validated 1", channel="release")
    await world.completes("pb", "O-1", "O-2")
    shown = await world.signs("olga", "validated")
    await world.advance(seconds=10)
    passed = world.channel("release").expect("*Omega signs off* passed, ")
    for text in (shown, passed.shown):
        assert "No longer on hold: Sigma (`sigma`)" in text
        assert "Go or no-go" not in text.partition("No longer on hold")[2], "it waits for Sigma's gate as well"


async def test_the_notices_of_a_missed_gate_say_how_much_is_met_and_who_is_paged_next(world):
    await world.completes("pb", "O-1", "O-2")
    await world.until("2025-11-13 17:01")
    page = world.dm("olga").expect("*Overdue* since", "1 of 2 met.", "*Next:* If nobody takes it by", "I page <@UAMP>.")
    ticked = await world.says("pa", "/gate tick validated 1", channel="release")
    assert "2 of 2 met. What waits for it stays on hold." in ticked.text
    await world.says("amp", "/plan set validated due 2025-11-14 17:00", channel="release")
    await world.advance(seconds=10)
    later = world.dm("olga").expect("(validated)", ":rotating_light:")
    assert later.ts == page.ts
    assert ("I have it" in later.buttons, "*Next:*" in later.shown, "*Why you:*" in later.shown) == (False,) * 3


async def test_the_report_of_a_gate_takes_an_amount_with_its_unit_for_no_link(database_url):
    measure = "tests_passed: {name: Response, unit: ms, at_most: 200, by: [sigma, api]}"
    plan = PLAN_WITH_GATES.replace("tests_passed: {name: Tests passed, of: 72, by: [sigma, api]}", measure)
    plan = plan.replace("{measure: tests_passed, at_least: 68}", "{measure: tests_passed}")
    async with company(database_url, plan) as world:
        said = await world.says("sc", "/gate report tested tests_passed 160 ms", channel="release")
        assert said.text.startswith("Reported for Response: 160 ms.\n")
        shown = (await world.says("sc", "/gate show tested", channel="release")).text
        assert "Response at most 200 ms: 160 ms, by <@USC>\n" in shown


async def test_what_comes_due_with_a_gate_does_not_remind_whoever_was_just_asked_to_sign_it(world):
    await world.until("2025-11-13 14:45")
    await world.says("pa", "/gate tick validated 1", channel="release")
    await world.completes("pb", "O-1", "O-2")
    await world.until("2025-11-13 15:01")
    world.dm("olga").expect("all criteria are met. Please sign.")
    world.dm("olga").expect_nothing(":alarm_clock:")
    world.thread(await card(world)).expect_nothing("Reminded")
