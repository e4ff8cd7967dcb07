"""The form of a standup: prefilled, with one's tasks, errors at their fields, and lines to raise as blockers."""

from __future__ import annotations

import pytest

from callboard.core.errors import Refused
from callboard.slack.requests import Request
from callboard.standups import slack
from tests.standups.conftest import DAILY, fills_in, standing_up

DATABASES = ("sqlite",)  # words


def press(world, user, value):
    """Click a button that Slack shows no more, as somebody with an old page may."""
    (button,) = [one for one in slack.interactions if one.id == "standup.raise"]
    request = Request(workspace=world.slack.spec.team_id, user=user, value=value)
    return world.app.db.transact(button.run, request)


async def test_the_standup_form_has_the_questions_ones_tasks_and_open_blockers(daily):
    await daily.says("pa", "/blocker mongo refuses TLS")
    await daily.says("pa", "/task start A-1")
    await daily.says("pa", "/task progress A-1 30%")
    await daily.says("pa", "/standup")
    form = await daily.opened("pa")
    blocks = {block.get("block_id"): block for block in form.body["blocks"]}
    assert [blocks[f"q{n}"]["label"]["text"] for n in range(3)] == ["Yesterday", "Today", "Blockers"]
    assert "A-1 Schema validated" in blocks["status0"]["label"]["text"]
    assert blocks["status0"]["element"]["initial_option"]["value"] == "in progress"
    assert blocks["percent0"]["element"]["initial_value"] == "30"
    assert "Blocker 1: mongo refuses TLS" in form.shown
    assert blocks["waits_for"]["element"]["type"] == "users_select"


async def test_the_standup_form_changes_ones_tasks(daily):
    await daily.says("pa", "/task start A-1")
    assert (await fills_in(daily, "pa", {"Today": "Schema", "percent0": "60"})).ok
    assert "60%" in (await daily.says("pa", "/task show A-1")).text
    assert (await fills_in(daily, "pa", {"Today": "Schema", "status0": "completed"})).ok
    assert "completed" in (await daily.says("pa", "/task show A-1")).text


async def test_the_standup_form_leaves_out_what_begins_later_than_in_a_week(daily):
    daily.apply(daily.plan.replace("A-1: {", "A-1: {from: 2025-11-21 09:00, due: 2025-11-21 12:00, ", 1))
    await daily.says("pa", "/standup")
    form = await daily.opened("pa")
    assert "A-1" not in form.shown
    assert "A-2 API under load" in form.shown
    assert "and 1 more: `/task mine`" in form.shown


async def test_the_standup_form_may_be_sent_empty_as_it_says(daily):
    await daily.until("2025-11-13 09:00")
    await daily.says("pa", "/standup")
    await daily.opened("pa")
    assert (await daily.slack.submit("pa", {})).ok
    await daily.settled()
    daily.dm("pa").expect("Nothing to report")


async def test_the_standup_form_shows_each_error_at_its_field_and_saves_nothing(daily):
    await daily.until("2025-11-13 09:00")
    await daily.says("pa", "/standup")
    await daily.opened("pa")
    outcome = await daily.slack.submit("pa", {"Today": "Schema", "percent0": "lots"})
    assert outcome.errors == {"percent0": "Write a number from 0 to 100."}
    outcome = await daily.slack.submit("pa", {"percent0": "20", "status1": "in progress"})
    assert "A-2 can't start: A-1 (Schema validated) is in progress (20%), <@UPA> has it." in outcome.view.shown
    await daily.slack.close_view("pa")
    daily.dm("pa").expect("what is new?")
    assert "Not started" in (await daily.says("pa", "/task show A-1")).text
    assert (await daily.slack.submit("pa", {"Today": "Schema", "status1": "not started"})).ok
    await daily.settled()
    assert "20%" in (await daily.says("pa", "/task show A-1")).text


async def test_the_standup_service_makes_a_blocker_of_a_line_and_finds_whom_it_waits_for(daily):
    await fills_in(daily, "pa", {"Today": "Schema", "Blockers": "- A-1: no access to the cluster, ask <@USC>\n- none"})
    message = daily.dm("pa").expect("no access to the cluster")
    assert message.shown.count("Raise blocker") == 1
    await daily.clicks("pa", "Raise blocker", "no access")
    card = daily.card(1)
    assert "no access to the cluster" in card.shown
    assert "<@USC>" in card.shown
    daily.dm("pa").expect("(blocker 1)")
    assert "*Blocked* by blocker 1" in (await daily.says("pa", "/task show A-1")).text
    await daily.until("2025-11-13 11:00")
    daily.channel("omega").expect("in the way:", "Person A", "(blocker 1)")


async def test_the_standup_service_finds_nothing_in_the_way_of_whoever_says_so_in_more_words(daily):
    await fills_in(daily, "pa", {"Today": "Schema", "Blockers": "No blockers on my side today :tada:"})
    assert "Raise blocker" not in daily.dm("pa").expect("on my side").buttons
    await daily.until("2025-11-13 11:00")
    assert "in the way" not in daily.channel("omega").expect("reported").shown


async def test_the_standup_service_lets_a_raised_line_wait_for_whom_the_report_names(daily):
    await fills_in(daily, "pa", {"Blockers": "The cluster is gone", "Who are you waiting for?": "sc"})
    daily.dm("pa").expect("The cluster is gone", "(waits for <@USC>)")
    await daily.clicks("pa", "Raise blocker", "cluster")
    assert "<@USC>" in daily.card(1).shown


async def test_an_old_button_of_a_standup_report_changes_nothing_and_says_what_happened_since(daily):
    await fills_in(daily, "pa", {"Blockers": "The cluster is gone"})
    old = daily.dm("pa").expect("The cluster is gone")
    (button,) = [block["accessory"] for block in old.blocks if block.get("accessory")]
    await fills_in(daily, "pa", {"Blockers": "The key is gone"})
    with pytest.raises(Refused, match="Your report has changed"):
        press(daily, "UPA", button["value"])
    await daily.clicks("pa", "Raise blocker", "The key is gone")
    with pytest.raises(Refused, match="already blocker 1"):
        press(daily, "UPA", button["value"].replace(":1", ":2"))
    with pytest.raises(Refused, match="That is for <@UPA>"):
        press(daily, "UPB", button["value"])
    assert (await daily.says("pa", "/blocker list")).text.count("is gone") == 1


async def test_the_schedule_of_a_standup_tells_observers_and_other_teams_that_they_are_not_asked(daily):
    await daily.until("2025-11-13 09:00")
    await daily.says("obi", "/standup")
    said = (await daily.says("obi", "/standup")).text
    assert "Observers don't report" in said
    assert "You are not asked in Daily" in (await daily.says("sara", "/standup")).text


async def test_help_lists_the_verbs_of_the_standup_command(daily):
    text = (await daily.says("pa", "/standup help")).text
    for verb in ("show", "skip", "away", "stats"):
        assert verb in text
    assert "did you mean `Daily`" in (await daily.says("pa", "/standup Dialy")).text


async def test_typed_standup_show_gives_in_slack_what_was_answered_last(daily):
    assert "did you mean `Daily`" in (await daily.says("amp", "/standup show Dayly", "release")).text
    await fills_in(daily, "pb", {"Today": "Indexes"})
    await daily.until("2025-11-13 09:30")
    said = await daily.says("amp", "/standup show", "release")
    assert "1 of 3 reported" in said.text
    assert "Indexes" in said.text


async def test_the_standup_service_counts_reports_of_people_for_their_leads_and_themselves(daily):
    await fills_in(daily, "pb", {"Today": "Indexes"})
    await daily.until("2025-11-13 11:00")
    everything = (await daily.says("olga", "/standup stats")).text
    assert "33% reported (1 in time, 2 missed)" in everything
    assert "Person A: 0% reported" in everything
    own = (await daily.says("pb", "/standup stats")).text
    assert "Person B: 100% reported" in own
    assert "Person A" not in own


async def test_a_standup_report_of_any_length_is_in_the_thread_as_a_whole(database_url):
    asks = ["Yesterday", "Today", "Blockers", "Risks", "Metrics", "Help"]
    plan = DAILY.replace("questions: [Yesterday, Today, Blockers]", f"questions: [{', '.join(asks)}]")
    async with standing_up(database_url, plan) as world:
        await world.until("2025-11-13 09:00")
        said = {ask: f"{ask} begins {('word ' * 500)[:2450]} {ask} ends" for ask in asks}
        assert (await fills_in(world, "pa", said)).ok
        await world.advance(hours=4)
        card = world.channel("omega").expect("*Daily*")
        shown = "\n".join(message.shown for message in world.thread(card).messages)
        for ask in asks:
            assert f"{ask} begins" in shown
            assert f"{ask} ends" in shown
        world.dm("pa").expect("Daily", "Too long for one Slack message")
        assert "in the thread of the digest" in (await world.says("pa", "/standup show")).text
        await fills_in(world, "pa", dict.fromkeys(asks, "short"))
        await world.advance(minutes=5)
        assert "Help ends" not in "\n".join(message.shown for message in world.thread(card).messages)


@pytest.mark.parametrize(
    ("typed", "answers"),
    [
        ("the schema is nearly done now", ("the schema is nearly done now", "", "")),
        ("yesterday: the schema, today: the API; blockers: none", ("the schema", "the API", "none")),
        ("all is well. Today: the API", ("all is well", "the API", "")),
        ("the schema waits for <@UPB>", ("the schema waits for <@UPB>", "", "")),
    ],
)
async def test_the_standup_form_opens_with_the_report_that_was_typed(daily, typed, answers):
    await daily.says("pa", f"/standup {typed}")
    blocks = {block.get("block_id"): block for block in (await daily.opened("pa")).body["blocks"]}
    assert tuple(blocks[f"q{n}"]["element"].get("initial_value", "") for n in range(3)) == answers


async def test_the_standup_form_is_found_by_the_beginning_of_a_name_and_not_by_any_other_word(daily):
    assert "Daily" in await daily.opens("pa", "/standup dai")
    await daily.slack.close_view("pa")
    answer = (await daily.says("pa", "/standup weekly")).text
    assert answer == "There is no standup `weekly`; write one of `Daily`."
