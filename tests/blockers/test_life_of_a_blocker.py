"""The life of a blocker, as the people in it see it."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


async def test_the_blocker_card_shows_who_raised_it_who_is_paged_and_who_is_next(world):
    outcome = await world.says("pa", "/blocker mongo refuses TLS")
    assert "Blocker 1 is open for Omega" in outcome.text
    assert "<@UOLGA>" in outcome.text
    card = world.card()
    assert "mongo refuses TLS" in card.shown
    for words in ("Raised by <@UPA> (Omega)", "Team lead: <@UOLGA> paged", "Managing engineer: <@UAMP>", "Executive"):
        assert words in card.shown
    page = world.dm("olga").expect("mongo refuses TLS", "Why you", "you are lead of Omega")
    assert "<@UAMP> is paged" in page.shown
    assert page.buttons == ["Take it", "Resolve", "Escalate now"]


async def test_the_climb_of_an_unanswered_blocker_pages_at_its_minutes_and_then_the_coordinator(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=4, seconds=59)
    assert len(world.dm("amp")) == 0
    await world.advance(seconds=1)
    world.dm("amp").expect("mongo refuses TLS", "Why you")
    assert len(world.dm("exec")) == 0
    await world.advance(minutes=5)
    world.dm("exec").expect("mongo refuses TLS")
    assert len(world.dm("amp")) == 1
    await world.advance(minutes=15)
    world.dm("amp").expect("everybody was paged and nobody has taken it")
    await world.advance(minutes=15)
    assert world.dm("exec").count("mongo refuses TLS") == 2
    assert world.dm("olga").count("mongo refuses TLS") == 1


async def test_the_blocker_service_lets_one_click_acknowledge_and_pages_nobody_after_that(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=1)
    answer = await world.clicks("olga", "Take it", world.dm("olga").expect("mongo"))
    assert "You have blocker 1" in answer.text
    assert "<@UOLGA> has it" in world.card().shown
    world.dm("pa").expect("<@UOLGA> has your blocker 1")
    for _ in range(5):
        await world.advance(minutes=10)
        await world.says("olga", "/blocker note 1 still on it")
    assert len(world.dm("amp")) == 0
    assert len(world.dm("exec")) == 0


async def test_whoever_stands_in_for_the_owner_of_a_blocker_reads_whose_it_is(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker ack 1")
    await world.advance(minutes=2)
    await world.says("olga", "/plan away today")
    await world.advance(minutes=6)
    asked = world.dm("pa").expect("<@UOLGA> has had it since", "has said nothing. They are away, and you stand in.")
    assert "`/blocker reassign 1 me`" in asked.shown
    assert "You have had it" not in asked.shown
    await world.says("pa", "/blocker reassign 1 me")
    await world.says("pa", "/blocker ack 1")
    await world.advance(minutes=8)
    world.dm("pa").expect("You have had it since", "have said nothing")


@pytest.mark.both_databases
async def test_a_blocker_waits_for_somebody_again_when_whoever_has_it_leaves_the_plan(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pb", "/blocker ack 1")
    world.apply(
        world.plan.replace("  pb: {name: Person B, slack: UPB}\n", "").replace("members: [pa, pb]", "members: [pa]")
    )
    await world.settled()
    assert (world.row("blocker", 1).state, world.row("blocker", 1).owner) == ("open", None)
    world.thread(world.card()).expect("had it and has left the plan. Nobody has it now.")
    assert "*Nobody has it yet.* If nobody takes it by" in world.card().shown
    await world.advance(minutes=6)
    world.dm("amp").expect("Blocker 1", "Managing engineer")
    assert world.verified() == []


async def test_whoever_stands_in_for_the_owner_of_a_blocker_is_paged_where_nobody_else_would_be(database_url):
    plan = PLAN.replace("    idle_after: 15m\n", "").replace("    resolve_within: 1h\n", "")
    async with World(database_url, plan) as world:
        await world.says("pb", "/blocker mongo refuses TLS")
        await world.says("olga", "/blocker ack 1")
        await world.says("olga", "/plan away today")
        world.dm("pa").expect("<@UOLGA> has had it since", "is away now. You stand in.", "`/blocker reassign 1 me`")


async def test_the_climb_of_an_acknowledged_but_idle_blocker_goes_on(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker ack 1")
    await world.advance(minutes=7, seconds=29)
    assert world.dm("olga").count("have said nothing") == 0
    await world.advance(seconds=1)
    world.dm("olga").expect("You have had it since", "have said nothing", "<@UAMP> is paged")
    await world.advance(minutes=7, seconds=29)
    assert len(world.dm("amp")) == 0
    await world.advance(seconds=1)
    world.dm("amp").expect("<@UOLGA> has had it since", "has said nothing")


@pytest.mark.both_databases
async def test_the_blocker_service_takes_what_is_said_in_the_thread_of_a_card_for_activity(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker ack 1")
    await world.advance(minutes=14)
    world.slack.say("olga", "omega", "the certificate has expired, on it", thread_ts=world.card().ts)
    await world.heard("message")
    await world.advance(minutes=14)
    assert len(world.dm("amp")) == 0
    await world.advance(minutes=1)
    world.dm("amp").expect("mongo")


async def test_the_blocker_service_takes_pictures_and_what_is_said_to_the_channel_too_for_activity(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker ack 1")
    await world.advance(minutes=14)
    world.slack.upload("olga", "graph.png", "what the graph shows", "omega", world.card().ts)
    await world.heard("message")
    await world.advance(minutes=14)
    world.slack.say("olga", "omega", "half of it is back", world.card().ts, broadcast=True)
    await world.heard("message")
    await world.advance(minutes=14)
    assert len(world.dm("amp")) == 0
    await world.advance(minutes=1)
    world.dm("amp").expect("mongo")


async def test_the_climb_of_a_blocker_unresolved_for_an_hour_goes_straight_to_the_top(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker ack 1")
    for _ in range(5):
        await world.advance(minutes=10)
        await world.says("olga", "/blocker note 1 still on it")
    assert len(world.dm("exec")) == 0
    await world.advance(minutes=10)
    world.dm("exec").expect("mongo", "it is still unresolved")


async def test_number_lists_have_each_blocker_resolved_or_refused_by_itself_and_one_answer_says_which(world):
    for what in ("mongo refuses TLS", "redis is slow today", "the queue is full"):
        await world.says("pa", f"/blocker {what}")
    await world.says("pa", "/blocker resolve 2")
    answer = (await world.says("pa", "/blocker resolve 1-3, 8 and 9: the router was replaced")).text
    head, gone, unknown = answer.split("\n")
    assert head == "Resolved 1 and 3. By mistake? `/blocker reopen 1, 3`"
    assert "has resolved blocker 2" in gone
    assert "There is no blocker 8 or 9 in Release." in unknown
    assert [world.verbs("blocker", number)[-1] for number in (1, 2, 3)] == ["resolved"] * 3
    assert "are open again" in (await world.says("pa", "/blocker reopen 1, 3")).text


async def test_the_page_of_a_blocker_shows_everybody_paged_what_resolved_it(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=5)
    await world.says("olga", "/blocker resolve 1 rotated the certificate")
    for place in (world.dm("olga"), world.dm("amp")):
        place.expect("Resolved", "rotated the certificate")
    assert "rotated the certificate" in world.card().shown
    world.dm("pa").expect("resolved your blocker 1", "rotated the certificate")
    await world.advance(hours=3)
    assert len(world.dm("exec")) == 0


async def test_the_button_resolve_of_a_blocker_opens_a_form_with_the_plans_checklist(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.clicks("olga", "Resolve", world.card())
    await world.opened("olga")
    outcome = await world.slack.submit("olga", {"What helped?": "a new certificate", "Checklist": ["Workaround found"]})
    assert outcome.ok
    await world.settled()
    assert "Resolved" in world.card().shown


@pytest.mark.both_databases
async def test_the_climb_of_a_blocker_that_is_handed_back_resumes(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=2)
    await world.says("olga", "/blocker ack 1")
    await world.advance(minutes=10)
    answer = await world.says("olga", "/blocker unack 1")
    assert "You handed back blocker 1" in answer.text
    await world.advance(minutes=2, seconds=59)
    assert len(world.dm("amp")) == 0
    await world.advance(seconds=1)
    world.dm("amp").expect("mongo")
    world.thread(world.card()).expect("<@UOLGA> handed it back")


@pytest.mark.both_databases
async def test_the_climb_of_a_snoozed_blocker_pages_nobody_until_the_snooze_is_over(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    answer = await world.says("olga", "/blocker snooze 1 30m")
    assert "snoozed until" in answer.text
    await world.advance(minutes=34)
    assert len(world.dm("amp")) == 0
    await world.advance(minutes=1)
    world.dm("amp").expect("mongo")


async def test_typed_blocker_snooze_until_an_hour_means_it_in_the_askers_time_zone(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker snooze 1 until 09:20")
    await world.advance(minutes=24, seconds=59)
    assert len(world.dm("amp")) == 0
    await world.advance(seconds=1)
    world.dm("amp").expect("mongo")


@pytest.mark.both_databases
async def test_the_climb_of_a_blocker_that_is_escalated_pages_its_next_step_at_once(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.clicks("pa", "Escalate now", world.card())
    world.dm("amp").expect("somebody escalated it")
    await world.advance(minutes=10)
    assert len(world.dm("amp")) == 1
    world.dm("exec").expect("mongo")
    answer = await world.says("pa", "/blocker escalate 1")
    assert "was already paged" in answer.text


@pytest.mark.both_databases
async def test_the_blocker_service_reassigns_one_to_somebody_who_is_paged_and_takes_it(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker ack 1")
    await world.says("olga", "/blocker reassign 1 @pb")
    page = world.dm("pb").expect("<@UOLGA> hands it to you")
    assert "<@UPB> was asked to take it" in world.card().shown
    await world.clicks("pb", "Take it", page)
    assert "<@UPB> has it" in world.card().shown


async def test_the_blocker_service_reopens_one_and_pages_from_the_first_step_on(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker resolve 1")
    await world.advance(hours=1)
    await world.clicks("pa", "Reopen", world.card())
    assert world.dm("olga").count("mongo", "Why you") == 1
    await world.advance(minutes=5)
    world.dm("amp").expect("mongo")


async def test_whoever_was_paged_before_a_blocker_was_reopened_reads_so_until_they_are_paged_again(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=6)
    await world.says("olga", "/blocker resolve 1")
    await world.says("pa", "/blocker reopen 1")
    again = "Escalation has started again. Whoever is paged for it now gets a new message."
    assert again in world.dm("amp").expect("mongo").shown
    await world.advance(minutes=5)
    assert world.dm("amp").count("mongo") == 2
    assert world.dm("amp").count("Escalation has started again.") == 1


async def test_a_reminder_of_a_blocker_says_who_has_it_once_something_was_said_or_somebody_else_has_it(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker ack 1")
    await world.advance(minutes=8)
    world.dm("olga").expect("You have had it since", "and have said nothing", "Still on it?")
    await world.says("olga", "/blocker note 1 it is the certificate")
    world.dm("olga").expect_nothing("have said nothing")
    await world.advance(minutes=8)
    world.dm("olga").expect("and have said nothing since", "Still on it?")
    await world.says("pa", "/blocker reassign 1 @amp")
    world.dm("olga").expect(":wave:", "Nobody has it yet", "<@UAMP> was asked to take it")
    await world.says("amp", "/blocker ack 1")
    await world.advance(seconds=5)
    world.dm("olga").expect_nothing("have said nothing")
    world.dm("olga").expect(":wave:", "<@UAMP> has it")


async def test_only_reporter_lead_and_coordinator_have_the_right_to_withdraw_a_blocker(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    answer = await world.says("pb", "/blocker withdraw 1")
    assert "Only <@UPA>, <@UOLGA> or <@UAMP> can withdraw blocker 1" in answer.text
    answer = await world.says("pa", "/blocker withdraw 1 it was my cache")
    assert "withdrawn" in answer.text
    await world.advance(hours=2)
    assert len(world.dm("amp")) == 0


async def test_members_of_other_teams_have_the_right_to_resolve_only_blockers_they_took(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    answer = await world.says("sc", "/blocker resolve 1")
    assert "Only Omega, <@UOLGA> or <@UAMP> can resolve blocker 1" in answer.text
    assert "You have blocker 1" in (await world.says("sc", "/blocker ack 1")).text
    assert "is resolved" in (await world.says("sc", "/blocker resolve 1 done")).text


async def test_the_directory_has_a_deputy_stand_in_for_an_absent_lead_who_is_paged_for_a_blocker(world):
    await world.says("olga", "/plan away 2025-11-13")
    await world.says("pb", "/blocker mongo refuses TLS")
    page = world.dm("pa").expect("standing in for <@UOLGA>, who is away")
    assert len(world.dm("olga")) == 0
    await world.clicks("pa", "Take it", page)
    entry = world.entries("blocker", "acknowledged", 1)[0]
    assert (entry.actor, entry.on_behalf_of) == ("pa", "olga")


async def test_whoever_stands_in_for_a_coordinator_can_end_a_blocker_and_is_named_to_whoever_cannot(database_url):
    plan = PLAN.replace("roles: [coordinator]}", "roles: [coordinator], deputies: [sara]}")
    async with World(database_url, plan) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        assert "Only <@UPA>, <@UOLGA> or <@UAMP> can" in (await world.says("sara", "/blocker withdraw 1")).text
        await world.says("amp", "/plan away today")
        for typed in ("resolve 1", "snooze 1 1h", "withdraw 1"):
            assert "<@UOLGA> or <@USARA> can" in (await world.says("sc", f"/blocker {typed}")).text, typed
        assert "is withdrawn" in (await world.says("sara", "/blocker withdraw 1")).text
        await world.says("amp", "/plan back")
        await world.says("pa", "/blocker reopen 1")
        assert "<@UOLGA> or <@UAMP> can" in (await world.says("sara", "/blocker withdraw 1")).text


async def test_an_old_button_of_a_blocker_changes_nothing_and_says_what_happened_since(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    drawn_before = world.dm("olga").expect("mongo")
    await world.slack.command("amp", "omega", "/blocker ack 1")
    await world.slack.command("amp", "omega", "/blocker unack 1")
    answer = await world.clicks("olga", "Take it", drawn_before)
    assert "Blocker 1 has changed: <@UAMP> acknowledged" in answer.text
    assert "Here it is as it is now:" in answer.messages[-1].shown
    assert "Nobody has it yet" in world.card().shown


async def test_the_blocker_service_refuses_to_acknowledge_a_taken_one_and_says_who_has_it(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    assert "You have blocker 1" in (await world.says("amp", "/blocker ack 1")).text
    answer = await world.says("olga", "/blocker ack 1")
    assert "<@UAMP> has blocker 1 since" in answer.text


async def test_typed_blocker_ack_without_a_number_takes_the_only_one_that_waits_for_you(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    assert "You have blocker 1" in (await world.says("olga", "/blocker ack")).text
    await world.says("pa", "/blocker oauth is down")
    await world.says("pa", "/blocker mail is down")
    answer = await world.says("olga", "/blocker ack")
    assert "2 blockers wait for you" in answer.text
    assert "`/blocker ack 2`" in answer.text


async def test_the_slack_shortcut_of_a_message_opens_the_form_that_makes_a_blocker_of_it(world):
    said = world.slack.say("pb", "omega", "the VAPID keys are gone")
    await world.slack.shortcut("pb", "blocker.raise", "omega", said.ts)
    view = await world.opened("pb")
    assert "the VAPID keys are gone" in str(view.blocks)
    outcome = await world.slack.submit("pb", {"How bad is it?": "Critical", "Who can help?": "sc"})
    assert outcome.ok
    await world.settled()
    card = world.card()
    assert "the VAPID keys are gone" in card.shown
    assert "Waits for <@USC>" in card.shown
    assert "critical" in card.shown


async def test_the_form_that_raises_a_blocker_says_what_is_missing(world):
    await world.slack.command("pa", "omega", "/blocker")
    await world.opened("pa")
    outcome = await world.slack.submit("pa", {"What is blocked?": "?!"})
    assert not outcome.ok
    assert "Say in a few words what is blocked" in str(outcome.errors)


@pytest.mark.both_databases
async def test_the_climb_of_a_blocker_passes_a_step_with_nobody_on_it_at_once_and_says_so(world):
    nobody_leads = world.plan.replace(
        "name: Omega lead, slack: UOLGA, deputies: [pa]", "name: Omega lead, vacant: true"
    )
    world.apply(nobody_leads.replace("slack: UAMP, roles: [coordinator]", "slack: UAMP"))
    await world.says("pa", "/blocker mongo refuses TLS")
    world.dm("exec").expect("mongo")
    assert "Team lead" in world.thread(world.card()).expect("had nobody on it").shown


async def test_the_climb_of_a_blocker_pages_once_after_an_outage_and_says_which_step_it_missed(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.jump(minutes=12)
    world.dm("exec").expect("Managing engineer was not paged before you")
    assert len(world.dm("amp")) == 0
    await world.jump(days=2)
    assert world.dm("exec").count("mongo") <= 3


async def test_pages_of_an_escalation_policy_that_respects_quiet_hours_wait_for_morning(world_at_night):
    world = world_at_night
    await world.says("pa", "/blocker mongo refuses TLS")
    assert len(world.dm("olga")) == 0
    await world.says("pa", "/blocker critical: mongo is gone")
    world.dm("olga").expect("mongo is gone")
    await world.advance(hours=5)
    world.dm("olga").expect("mongo refuses TLS")


async def test_typed_blocker_list_mine_and_show_answer_in_slack(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("sc", "/blocker tests are red", "sigma")
    listed = await world.says("amp", "/blocker list")
    assert "mongo refuses TLS" in listed.text
    assert "tests are red" in listed.text
    mine = await world.says("olga", "/blocker mine")
    assert "mongo refuses TLS" in mine.text
    assert "tests are red" not in mine.text
    await world.says("olga", "/blocker note 1 asked the vendor")
    shown = await world.says("pa", "/blocker show 1")
    assert "raised it: mongo refuses TLS" in shown.text
    assert "asked the vendor" in shown.text


async def test_the_outbox_makes_one_card_and_one_edit_of_many_changes_of_a_blocker(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    before = len(world.slack.record.calls("chat.update"))
    for verb in ("note 1 a", "note 1 b"):
        await world.slack.command("olga", "omega", f"/blocker {verb}")
    await world.settled()
    assert len(world.slack.messages("omega")) >= 1
    assert world.channel("omega").count("Blocker 1") == 1
    assert len(world.slack.record.calls("chat.update")) <= before + 2


async def test_the_whole_story_of_a_blocker_is_on_the_timeline_and_under_its_seal(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=5)
    assert "You have blocker 1" in (await world.says("amp", "/blocker ack 1")).text
    await world.says("amp", "/blocker resolve 1 done")
    await world.advance(seconds=5)
    assert world.verbs("blocker", 1) == ["raised", "paged", "paged", "acknowledged", "resolved"]
    assert world.verified() == []


async def test_the_seal_of_the_timeline_is_published_once_a_day_where_everybody_sees_it(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pa", "/blocker resolve 1")
    await world.advance(hours=23)
    assert world.channel("release").count("sealed") == 0
    await world.advance(hours=2)
    thread = world.thread(world.channel("release").expect("The timeline of Release is sealed"))
    thread.expect("Sealed up to entry", "callboard audit verify --plan release --head")
    await world.advance(days=3)
    assert world.channel("release").count("sealed") == 1


async def test_whoever_had_a_blocker_reads_that_somebody_else_handed_it_on(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pb", "/blocker take 1")
    await world.says("olga", "/blocker reassign 1 <@UPA>")
    world.dm("pb").expect("<@UOLGA> asked <@UPA> to take over blocker 1 (mongo refuses TLS) from you.")
    await world.says("pa", "/blocker take 1")
    await world.says("amp", "/blocker reassign 1 me")
    assert world.dm("pa").count("<@UAMP>", "blocker 1") == 1
    world.dm("pa").expect("<@UAMP> has your blocker 1")
    await world.says("olga", "/blocker reassign 1 me")
    world.dm("amp").expect("<@UOLGA> took over blocker 1 (mongo refuses TLS) from you.")
