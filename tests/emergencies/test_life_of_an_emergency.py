"""An emergency from the word that declares it to its report."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callboard.core import outbox
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.emergencies import service
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

LEVELS = """\
emergencies:
  1: {name: Critical, when: [System down], respond_within: 5m, resolve_within: 30m, update_every: 10m,
      tell: [everyone, stakeholder], actions: [Investigate, Prepare rollback], freezes: [code], channel: urgent,
      meet: "https://meet.example.com/war-room"}
  2: {name: High, respond_within: 15m, tell: [all leads]}
  3: {name: Medium, tell: [leads]}
gates:
  ready: {name: Ready, sign_off: [{lead_of: omega}]}
  seen: {name: Seen, criteria: [Looked at]}
"""
TAKEN_BACK = "*Emergency 1, Critical* is not over: <@UAMP> reopened it."
DECLARED = "/emergency 1 the database is gone"


@pytest.fixture
async def world(database_url):
    async with World(database_url, PLAN + LEVELS) as made:
        yield made


def card(world, number=1, channel="urgent"):
    return world.channel(channel).expect(f"*Emergency {number}", "Declared by")


def shown(outcome):
    return outcome.messages[-1].shown


@pytest.mark.both_databases
async def test_a_life_of_an_emergency_from_its_word_to_its_report(world):
    answer = (await world.says("pa", DECLARED)).text
    assert "Emergency 1 (Critical) is declared. I am telling 5 people." in answer
    text = card(world).shown
    for words in ("the database is gone", "Declared by <@UPA>", "*Nobody has command.* Respond by", "Resolve by",
                  "Told 5 of 5", "no gate passes, no lock is given, no branch takes changes", "war-room"):  # fmt: skip
        assert words in text, words
    for person in ("olga", "pb", "sara", "sc", "stan"):
        world.dm(person).expect("the database is gone", "Nobody has command yet")
    assert len(world.dm("pa")) == len(world.dm("amp")) == 0
    assert "Take command" not in world.dm("stan").expect("database").shown
    assert (
        "You have command of emergency 1" in (await world.clicks("olga", "Take command", "the database is gone")).text
    )
    assert "*Command: <@UOLGA>*" in card(world).shown
    world.thread(card(world)).expect("<@UOLGA> took command")
    await world.says("olga", "/emergency update the replica takes over")
    world.channel("urgent").expect("*Update by <@UOLGA>:* the replica takes over")
    await world.says("pb", "/emergency action 1")
    assert "Action 3" in (await world.says("pb", "/emergency action call the vendor")).text
    await world.says("sara", "/emergency decide 1 we restore the backup of noon")
    await world.says("sara", "/emergency take scribe")
    await world.advance(seconds=10)
    text = card(world).shown
    for words in (":white_check_mark: 1  Investigate  (<@UPB>", ":white_small_square: 3  call the vendor",
                  "we restore the backup of noon  (<@USARA>)", "Scribe: <@USARA>"):  # fmt: skip
        assert words in text, words
    await world.advance(minutes=8, seconds=50)
    assert "Emergency 1 is over" in (await world.says("olga", "/emergency end 1 restored it from the backup")).text
    assert "*Ended by <@UOLGA>*" in card(world).shown
    assert "Response: a moment, target 5 min" in card(world).shown
    world.dm("stan").expect("is over. <@UOLGA>: restored it from the backup")
    world.channel("urgent").expect("is over. <@UOLGA>: restored it from the backup")
    await world.advance(seconds=10)
    await world.says("sara", "/emergency lesson 1 watch the disk")
    await world.says("sara", "/emergency lesson 1 see [x](javascript:alert(1)) <b> ![](https://example.com/a.png)")
    assert world.row("emergency", 1).wake_at is None
    report = world.app.db.transact(_report)
    for words in ("# Emergency 1 (Critical): the database is gone", "| Response | a moment | 5 min |",
                  "| Resolution | 9 min | 30 min |", "- [x] Investigate (Person B", "- [ ] call the vendor",
                  "- we restore the backup of noon (Sigma lead, 2025-11-13 09:00 UTC)", "- watch the disk",
                  "- see \\[x\\](javascript:alert(1)) \\<b\\> !\\[\\](https\\://example.com/a.png)",
                  "Omega lead took command", "Update by Omega lead: the replica takes over", "## Told"):  # fmt: skip
        assert words in report, (words, report)
    assert "watch the disk" in (await world.says("pb", "/emergency report")).text, "the last one, while none is open"
    assert "watch the disk" in (await world.says("pb", "/emergency show")).text
    times = [line for line in report.splitlines() if " UTC: " in line or "Declared: " in line or "Ended: " in line]
    assert len(times) > 5
    assert [line for line in times if "2025-11-13 09:0" not in line] == [], "each with its day"


def _report(tx):
    from callboard.emergencies import report, store

    return report.markdown(tx, store.known(tx, 1))


async def test_the_audience_of_an_emergency_climbs_while_nobody_takes_command(world):
    await world.says("pa", "/emergency 2 sign-in is slow")
    assert "If nobody takes it by" in card(world, channel="omega").shown
    for lead in ("olga", "sara"):
        world.dm(lead).expect("sign-in is slow")
    await world.advance(minutes=14)
    assert len(world.dm("amp")) == 0
    await world.advance(minutes=1, seconds=5)
    assert world.dm("olga").count("sign-in is slow") == 1
    world.dm("amp").expect("sign-in is slow", "you are Coordinator", "Nobody has command yet")
    world.thread(card(world, channel="omega")).expect("Nobody has taken command.", "<@UAMP>")
    await world.says("amp", "/emergency take 1 commander")
    await world.advance(hours=2)
    assert len(world.dm("exec")) == 0
    assert world.dm("amp").count("sign-in is slow") == 1


async def test_an_emergency_of_which_nobody_says_how_it_stands_tells_that_less_and_less_often(world):
    await world.says("pa", DECLARED)
    await world.says("olga", "/emergency take")
    began = world.clock.now()
    for missed in (0, 1, 2, 2, 3, 3):  # the second that is missing, the third, the fourth, the fifth
        await world.advance(minutes=10, seconds=1)
        assert world.thread(card(world)).count("No update came in time") == missed
    since, due = (f"<!date^{int((began + timedelta(minutes=n)).timestamp())}^" for n in (0, 10))
    world.dm("olga").expect(f"no update came since {since}")
    await world.advance(minutes=40)
    every = world.app.db.transact(outbox.about, Subject("emergency", 1))
    asked = [post.created_at - began for post in every if post.kind == "emergency.question"]
    assert sorted(since // timedelta(minutes=1) for since in asked) == [10, 15, 20, 25, 30, 35, 50, 55, 90, 95]
    assert f"Update was due {due}" in card(world).shown


@pytest.mark.both_databases
async def test_the_clock_of_updates_asks_reminds_and_says_what_was_missed(world):
    await world.says("pa", DECLARED)
    await world.says("olga", "/emergency take")
    await world.advance(minutes=9, seconds=59)
    world.dm("olga").expect_nothing("update is due")
    await world.advance(minutes=1)
    world.dm("olga").expect("an update is due now")
    await world.advance(minutes=5)
    world.dm("olga").expect("is still missing")
    await world.advance(minutes=5)
    world.dm("olga").expect("no update came since")
    world.thread(card(world)).expect("No update came in time")
    assert "Update was due" in card(world).shown
    await world.clicks("olga", "Post an update", "no update came since")
    await world.opened("olga")
    await world.submits("olga", {"How does it stand?": "the replica takes over"})
    await world.advance(seconds=5)
    assert "Update was due" not in card(world).shown
    world.dm("olga").expect("no update is missing any more")
    await world.jump(minutes=35)
    assert world.dm("olga").count("no update came since") == 1
    world.thread(card(world)).expect("It is not resolved in time")
    assert world.dm("amp").count("is not resolved in time") == 1
    assert "*Not resolved in time*" in card(world).shown
    await world.jump(hours=3)
    assert world.dm("amp").count("is not resolved in time") == 1


@pytest.mark.both_databases
async def test_the_halts_of_an_emergency_stop_gates_locks_and_code_until_it_ends(world):
    await world.says("pa", "/lock src/a.py for a fix")
    await world.says("pa", DECLARED)
    reason = "Emergency 1 (Critical) lasts: the database is gone. Only its commander or <@UAMP> can end it"
    assert f"No lock is given now. {reason}" in (await world.says("pa", "/lock src/b.py for a fix")).text
    assert f"No gate passes now. {reason}" in (await world.says("olga", "/gate sign ready", "release")).text
    await world.says("pa", "/gate tick seen 1")
    await world.advance(minutes=1)
    assert world.row("gate", "seen").state != "passed"
    assert "until the emergency is over" in (await world.says("pa", "/gate list")).text
    world.channel("release").expect("Emergency 1 (Critical) has begun", "until the emergency is over")
    world.apply(world.plan.replace("name: Ready", "name: Ready now"))
    assert "until the emergency is over" in (await world.says("pa", "/gate list")).text
    await world.says("amp", "/emergency end 1 the replica took over")
    await world.advance(minutes=1)
    assert world.row("gate", "seen").state == "passed"
    world.channel("release").expect("Emergency 1 (Critical) ended")
    assert "until the emergency is over" not in (await world.says("pa", "/gate list")).text
    assert "No lock" not in (await world.says("pa", "/lock src/b.py for a fix")).text


async def test_what_somebody_wrote_as_a_sentence_ends_with_one_full_stop_wherever_it_stands(world):
    await world.says("pa", "/emergency 1 the database is gone.")
    reason = "Emergency 1 (Critical) lasts: the database is gone. Only its commander"
    assert reason in (await world.says("pa", "/lock src/b.py for a fix")).text


DUE = """\
gates:
  early: {name: Early, due: 2025-11-13 10:00, criteria: [Looked at], sign_off: [{lead_of: omega}],
      remind: [15m], if_missed: {escalate: default}}
  late: {name: Late, due: 2025-11-13 09:01, sign_off: [{lead_of: sigma}], if_missed: {escalate: default}}
"""


@pytest.mark.both_databases
async def test_the_halts_of_an_emergency_keep_gates_quiet_and_say_once_where_each_stands_when_it_ends(database_url):
    async with World(database_url, PLAN + LEVELS.partition("gates:")[0] + DUE) as world:
        await world.advance(minutes=2)
        assert world.dm("sara").count("Late") == 2, "asked to sign, and paged"
        await world.says("pa", "/emergency 1 the database is gone")
        await world.says("olga", "/emergency take")
        await world.advance(seconds=5)
        before = {person: len(world.dm(person)) for person in ("olga", "sara", "amp", "exec")}
        await world.advance(minutes=7)
        await world.says("olga", "/emergency update we restore it")
        assert len(world.dm("amp")) == before["amp"], "the page of Late does not climb"
        await world.advance(minutes=55)
        world.dm("olga").expect_nothing("Early")
        assert world.row("gate", "early").state == "pending"
        stopped = world.channel("release").expect("Late (late)", "Nobody is paged while gates are stopped.").shown
        assert ":snowflake: *No gate passes now*: Emergency 1 (Critical) lasts: the database is gone." in stopped
        await world.says("amp", "/emergency end 1 the replica took over")
        await world.advance(seconds=10)
        told = world.dm("olga").expect("Gates are not stopped any more. *Early*", "Looked at")
        assert "0 of 1 met. Due" in told.shown
        assert world.dm("olga").count("Early") == 1
        world.dm("sara").expect("Gates are not stopped any more. *Late*", "*Overdue* since")
        assert "No gate passes now" not in world.channel("release").expect("Late (late)").shown
        await world.advance(minutes=4)
        world.dm("amp").expect("Late", "*Why you:*")
        assert world.row("gate", "early").state == "pending"
        await world.advance(hours=1)
        assert world.row("gate", "early").state == "failed"


async def test_the_halts_of_an_emergency_are_lifted_by_a_coordinator_for_a_reason(world):
    await world.says("pa", DECLARED)
    await world.says("amp", "/plan lift every lock because the fix needs one")
    assert "No lock" not in (await world.says("pa", "/lock src/b.py for a fix")).text
    assert "No gate passes" in (await world.says("olga", "/gate sign ready", "release")).text


async def test_withdrawing_an_emergency_leaves_a_line_and_tells_whom_it_told(world):
    answer = await world.says("pa", DECLARED)
    assert "Undo" in answer.text
    assert "Only <@UPA> or <@UAMP> can withdraw" in (await world.says("sc", "/emergency withdraw 1 no")).text
    await world.says("pa", "/emergency withdraw 1 the monitor was wrong")
    for person in ("olga", "stan"):
        world.dm(person).expect("was a false alarm, says <@UPA>. the monitor was wrong")
    world.thread(card(world)).expect("withdrew it as a false alarm: the monitor was wrong")
    assert "False alarm, withdrawn by <@UPA>" in card(world).shown
    said = (await world.says("olga", "/emergency take 1")).text
    assert "Emergency 1 was withdrawn as a false alarm by <@UPA>" in said
    await world.advance(hours=1)
    assert world.dm("amp").count("database") == 0
    assert "withdrawn" in (await world.says("pb", "/emergency list")).text


@pytest.mark.both_databases
async def test_the_level_of_an_emergency_changes_and_a_graver_one_tells_more(world):
    await world.says("pa", "/emergency 3 the menu flickers")
    assert len(world.dm("olga")) >= 1
    world.dm("sara").expect_nothing("flickers")
    await world.says("olga", "/emergency take")
    assert "Only <@UOLGA> or <@UAMP> can change the level" in (await world.says("sc", "/emergency level 1")).text
    await world.says("olga", "/emergency level 1")
    for person in ("sara", "sc", "stan"):
        world.dm(person).expect("*Emergency 1, Critical*", "the menu flickers")
    assert world.row("emergency", 1).actions == [{"text": "Investigate"}, {"text": "Prepare rollback"}]
    assert "No lock is given" in (await world.says("pa", "/lock src/b.py for a fix")).text
    told = world.slack.record.calls("chat.postMessage")
    await world.says("olga", "/emergency level 1 3")
    assert "No lock is given" not in (await world.says("pa", "/lock src/b.py for a fix")).text
    assert not [call for call in world.slack.record.calls("chat.postMessage")[len(told) :]
                if call["arguments"]["channel"] == "USC"]  # fmt: skip
    await world.advance(hours=1)
    assert len(world.dm("exec")) == 0


@pytest.mark.both_databases
async def test_who_is_not_reached_by_an_emergency_is_named_on_its_card(database_url):
    plan = (PLAN + LEVELS).replace("sc: {name: Person C, slack: USC}", "sc: {name: Person C}")
    async with World(database_url, plan) as world:
        await world.says("amp", "/plan away today <@UPB>")
        await world.says("pa", DECLARED)
        assert "not reached: Person B (away) and Person C (no address)" in card(world).shown


async def test_roles_of_an_emergency_are_taken_once_and_handed_over(world):
    await world.says("pa", DECLARED)
    for who, typed, said in (
        ("olga", "take", "You have command"), ("olga", "take 1", "You are commander of emergency 1 already"),
        ("sara", "take commander", "<@UOLGA> is commander of emergency 1. They can `/emergency hand 1 commander"),
        ("sara", "take cook", "There is no role `cook`; write one of `commander`, `scribe`, `liaison`"),
        ("stan", "take scribe", "Only team members, leads and coordinators can be scribe of emergency 1"),
        ("sara", "hand 1 commander <@USARA>", "Only <@UOLGA> or <@UAMP> can name the commander of"),
        ("olga", "hand commander <@USTAN>", "only follows Release, so they can't be commander"),
        ("olga", "hand commander <@USARA>", "<@USARA> is commander of emergency 1. I told them."),
        ("olga", "update all is well", "Only <@USARA> or <@UAMP> can post an update on emergency 1"),
        ("sara", "update all is well", "Your update on emergency 1 is posted"),
    ):  # fmt: skip
        assert said in (await world.says(who, f"/emergency {typed}")).text, typed
    world.dm("sara").expect("<@UOLGA> made you commander")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("4 the moon is gone", "There is no level `4`; write one of `1`, `2`, `3`"),
        ("update 7 x y z", "There is no emergency 7 in Release"),
        ("end", "No emergency is open in Release. Declare one: `/emergency 1 what happened`"),
        ("take", "No emergency is open in Release"),
        ("show 99999999999999999999", "no"),
        ("report", "There was no emergency in Release yet"),
        ("list", "No emergency was ever declared here"),
        ("lesson 1 watch it", "There is no emergency 1"),
        ("level x", "Type two numbers, the emergency's first: `/emergency level 3 2`"),
    ],
)
async def test_rights_of_emergencies_say_what_to_type_instead(world, typed, said):
    assert said in (await world.says("pa", f"/emergency {typed}")).text


async def test_rights_of_emergencies_ask_which_one_where_several_are_open(world):
    await world.says("pa", "/emergency 2 sign-in is slow")
    await world.says("pa", "/emergency 2 the menu is slow")
    said = (await world.says("olga", "/emergency take")).text
    assert "2 emergencies are open. Type which: 1 (sign-in is slow), 2 (the menu is slow)." in said
    for typed, answer in (
        ("action 1 7", "There is no action 7"), ("action 1 look at it", "Action 1 is on the card"),
        ("action 1 1", "is done. Not done?"), ("action 1 1", "<@UPA> did action 1 already"),
        ("untick 1 1", "Action 1 of emergency 1 is open again"), ("untick 1 1", "Action 1 is not done yet"),
        ("end 1 it is fine", "Only <@UAMP> can end emergency 1. Nobody has command: `/emergency take 1 commander`"),
        ("level 1 2", "Only <@UAMP> can change the level"),
    ):  # fmt: skip
        assert answer in (await world.says("pa", f"/emergency {typed}")).text, typed


async def test_the_card_of_an_emergency_says_since_when_whoever_has_command_has_it(world):
    await world.says("pa", "/emergency 1 the database is gone")
    await world.says("olga", "/emergency take 1")
    await world.advance(minutes=20)
    await world.says("olga", "/emergency hand 1 commander <@USARA>")
    since = f"<!date^{int(world.clock.now().timestamp())}"
    await world.advance(seconds=5)
    world.channel("urgent").expect(f"Command: <@USARA>* since {since}")
    told = world.dm("sara").expect("<@UOLGA> made you commander of *Emergency 1, Critical*", "the database is gone")
    assert "`/emergency update 1 ...`" in told.shown
    assert "`/emergency end 1 what helped`" in told.shown


async def test_whoever_stands_in_for_the_commander_of_an_emergency_hears_so_and_can_end_it(world):
    await world.says("pa", "/emergency 1 the database is gone")
    await world.says("olga", "/emergency take 1")
    assert "Only <@UOLGA> or <@UAMP> can end" in (await world.says("pa", "/emergency end 1 restarted it")).text
    await world.says("olga", "/plan away today")
    world.dm("pa").expect("<@UOLGA> has command of *Emergency 1, Critical* and is away now. You stand in.")
    assert "is over" in (await world.says("pa", "/emergency end 1 restarted it")).text


async def test_whoever_is_stopped_by_an_emergency_reads_who_stands_in_for_the_coordinator(database_url):
    plan = PLAN.replace("roles: [coordinator]}", "roles: [coordinator], deputies: [sara]}") + LEVELS
    async with World(database_url, plan) as world:
        await world.says("pa", "/emergency 1 the database is gone")
        assert "Only its commander or <@UAMP> can end it" in (await world.says("pa", "/lock src/a.py for it")).text
        await world.says("amp", "/plan away today")
        stopped = (await world.says("pa", "/lock src/a.py for it")).text
        assert "Only its commander, <@USARA> or <@UAMP> can end it" in stopped
        await world.says("amp", "/plan back")
        assert "Only its commander or <@UAMP> can end it" in (await world.says("pa", "/lock src/a.py for it")).text


async def test_command_of_an_emergency_is_free_again_when_whoever_has_it_leaves_the_plan(world):
    await world.says("pa", "/emergency 1 the database is gone")
    await world.says("pb", "/emergency take 1")
    await world.says("pb", "/emergency take 1 scribe")
    world.apply(
        world.plan.replace("  pb: {name: Person B, slack: UPB}\n", "").replace("members: [pa, pb]", "members: [pa]")
    )
    await world.advance(seconds=5)
    card = world.channel("urgent").expect("*Nobody has command.*", "If nobody takes it by")
    world.thread(card).expect("was commander and has left the plan. Nobody is commander now.")
    for person in ("olga", "sara", "amp"):
        assert world.dm(person).count("Person B had command and has left the plan.", "Take command") == 1, person
    world.dm("sc").expect_nothing("has left the plan")
    await world.advance(minutes=15)
    world.dm("amp").expect("*Emergency 1, Critical*", "Nobody has command yet")
    assert "You have command" in (await world.says("olga", "/emergency take 1")).text
    assert world.verified() == []


async def test_whoever_is_stopped_by_an_emergency_reads_who_runs_the_plan_now(world):
    await world.says("pa", "/emergency 1 the database is gone")
    await world.says("amp", "/plan set exec roles [coordinator] because I have to leave")
    await world.says("exec", "/plan set amp roles [] because Amp has left")
    stopped = (await world.says("olga", "/lock src/b.py for a fix")).text
    assert "Only its commander or <@UEXEC> can end it" in stopped


async def test_a_plan_without_emergencies_says_where_they_go(database_url):
    async with World(database_url) as world:
        said = (await world.says("pa", "/emergency 1 the database is gone")).text
        assert said == "This plan has no emergencies. They go into the plan file, under `emergencies`."


async def test_forms_of_an_emergency_do_what_is_typed(world):
    form = await world.opens("pa", "/emergency the database is gone")
    assert "How grave is it?" in form
    assert "*1*  Critical: System down" in form
    assert "the database is gone" in str(world.slack.views("pa")[-1].body)
    assert "Emergency 1 (High) is declared" in await world.submits("pa", {"How grave is it?": "2: High"})
    await world.says("pa", "/emergency action 1 look at the log")
    await world.clicks("olga", "Take command", card(world, channel="omega"))
    await world.clicks("olga", "Actions", card(world, channel="omega"))
    await world.opened("olga")
    await world.submits("olga", {"What is done?": ["1 look at the log"], "What else is to be done?": "- call\n- write"})
    assert [action["text"] for action in world.row("emergency", 1).actions] == ["look at the log", "call", "write"]
    assert world.row("emergency", 1).actions[0]["by"] == "olga"
    await world.advance(seconds=10)
    await world.clicks("olga", "End", card(world, channel="omega"))
    await world.opened("olga")
    await world.submits("olga", {"What happened, and what helped?": "a full disk; emptied it",
                                 "What was learned?": "- watch the disk"})  # fmt: skip
    row = world.row("emergency", 1)
    assert (row.state, row.summary, row.lessons) == ("ended", "a full disk; emptied it", ["watch the disk"])
    await world.advance(seconds=10)
    assert "# Emergency 1 (High)" in (await world.clicks("pa", "Report", card(world, channel="omega"))).text


async def test_a_meeting_on_an_emergency_is_offered_to_those_who_lead_it(world):
    await world.says("pa", DECLARED)
    await world.says("pb", "/emergency take scribe")
    await world.says("olga", "/emergency meet")
    for person in ("pb", "sara"):
        world.dm(person).expect("<@UOLGA> calls a meeting on", "https://meet.example.com/war-room")
    world.dm("sc").expect_nothing("calls a meeting")
    world.channel("urgent").expect("calls a meeting")


async def test_declaring_an_emergency_with_the_same_key_while_one_is_open_is_done_once(world):
    def declare(tx, what="errors"):
        return service.declare(tx, 1, "2", what, by=None, cause="alert HighErrorRate", key="alert:1").number

    run = world.app.db.transact
    assert [run(declare), run(declare)] == [1, 1]
    await world.settled()
    assert "Declared by Callboard: alert HighErrorRate" in card(world, channel="release").shown
    world.dm("sara").expect("errors")
    await world.says("amp", "/emergency end 1 gone again")
    assert run(declare) == 2
    with pytest.raises(Refused, match="Say in a few words"):
        run(declare, "...")


@pytest.mark.parametrize(
    ("typed", "label", "said"),
    [
        ("update", "Post an update", "Only <@UOLGA> or <@UAMP> can post an update on emergency 1"),
        ("end", "End", "Only <@UOLGA> or <@UAMP> can end emergency 1"),
        ("action", "Actions", "Only team members, leads and coordinators can tick actions of emergency 1. You follow"),
        ("decide", "Record a decision", "leads and coordinators can record decisions of emergency 1. You follow"),
        ("", "Hand a role over", "Only <@UOLGA> or <@UAMP> can name the roles of emergency 1"),
    ],
)  # fmt: skip
async def test_forms_of_an_emergency_open_for_nobody_who_has_no_right_to_send_them(world, typed, label, said):
    await world.says("pa", DECLARED)
    await world.says("olga", "/emergency take")
    if typed:
        assert said in (await world.says("stan", f"/emergency {typed}")).text
        assert world.slack.views("stan") == []
        assert await world.opens("olga", f"/emergency {typed}")
    menu = {"Record a decision": "emergency.more", "Hand a role over": "emergency.more"}
    pressed = await world.clicks("stan", menu.get(label, label), card(world), value=label if label in menu else None)
    assert said in pressed.text
    assert world.slack.views("stan") == []


@pytest.mark.both_databases
async def test_the_end_of_an_emergency_is_taken_back_and_everybody_who_was_called_off_hears_so(world):
    await world.says("pa", DECLARED)
    await world.says("olga", "/emergency take")
    await world.advance(minutes=2)
    ended = await world.says("olga", "/emergency end 1 users can't log in")
    assert ended.text.endswith("Report: `/emergency report 1`.\nUndo")
    world.dm("sara").expect("is over", "users can't log in")
    await world.advance(minutes=1)
    answer = (await world.says("amp", "/emergency reopen")).text
    assert answer == (
        "Emergency 1 goes on. I tell whoever was told. "
        "Until it is over: no gate passes, no lock is given, no branch takes changes."
    )
    for person in ("olga", "pa", "pb", "sara", "sc", "stan"):
        assert world.dm(person).count(TAKEN_BACK, "the database is gone", "no gate passes") == 1, person
    assert world.channel("urgent").count(TAKEN_BACK) == 1
    for words in ("*Command: <@UOLGA>*", "Told 5 of 5", "no gate passes"):
        assert words in card(world).shown, words
    assert "Ended" not in card(world).shown
    world.thread(card(world)).expect("<@UAMP> reopened it. It was not over.")
    await world.says("amp", "/gate tick seen 1")
    assert world.row("gate", "seen").state == "ready"
    await world.until("2025-11-13 09:13")
    assert world.dm("olga").count("an update is due now") == 1
    assert "still open" in (await world.says("amp", "/emergency reopen 1")).text
    assert "Ended: not yet" in (await world.says("pa", "/emergency report 1")).messages[-1].shown
    await world.says("olga", "/emergency end 1 the replica took over")
    assert world.dm("sara").count("*Emergency 1, Critical* is over.") == 2
    assert not world.verified()


async def test_an_emergency_that_is_reopened_while_nobody_has_command_pages_on_where_it_stood(world):
    await world.says("pa", DECLARED)
    pages = len(world.dm("olga"))
    await world.advance(minutes=3)
    await world.says("amp", "/emergency withdraw 1 the monitor was wrong")
    await world.advance(minutes=10)
    assert "Not over? `/emergency reopen 1`" in (await world.says("amp", "/emergency end 1 done")).text
    await world.clicks("pa", "Reopen", card(world))
    await world.advance(seconds=30)
    assert world.dm("olga").count("is not over") == 1
    assert len(world.dm("olga")) == pages + 2  # that it was a false alarm, and that it was none
    world.dm("amp").expect("is not over: <@UPA> reopened it")
    assert world.dm("amp").count("Nobody has command yet") == 0
    await world.advance(minutes=2)
    world.dm("amp").expect("the database is gone", "Nobody has command yet")
    world.dm("olga").expect("the database is gone", "Take command")


async def test_an_end_of_long_ago_and_one_that_somebody_else_has_no_say_in_is_not_taken_back(world):
    await world.says("pa", DECLARED)
    await world.says("olga", "/emergency take")
    assert (await world.says("olga", "/emergency reopen 1")).text == "Emergency 1 is still open."
    await world.says("olga", "/emergency end 1 restarted it")
    assert (await world.says("sc", "/emergency reopen 1")).text == (
        "Only <@UOLGA>, <@UPA> or <@UAMP> can reopen emergency 1."
    )
    closed = card(world)
    await world.advance(minutes=61)
    answer = (await world.clicks("olga", "Reopen", closed)).text
    assert "It could be reopened for 1h. Is it back? `/emergency 1 the database is gone`" in answer
    assert world.row("emergency", 1).state == "ended"


async def test_whoever_was_not_told_yet_that_it_is_over_never_is_once_that_was_taken_back(world):
    await world.says("pa", DECLARED)
    world.slack.fault("chat.postMessage", "ratelimited", channel="sara", seconds=30)
    await world.says("amp", "/emergency end 1 restarted it")
    await world.says("amp", "/emergency reopen 1")
    await world.advance(minutes=1)
    world.dm("sara").expect(TAKEN_BACK)
    world.dm("sara").expect_nothing("*Emergency 1, Critical* is over.")


async def test_whoever_had_command_of_an_emergency_reads_that_somebody_else_has_it(world):
    await world.says("pa", "/emergency 1 the shop is shut")
    await world.says("sara", "/emergency take commander")
    await world.says("amp", "/emergency hand 1 commander <@UOLGA>")
    world.dm("sara").expect("<@UAMP> made <@UOLGA> commander in your place.")
    await world.says("amp", "/emergency hand 1 commander me")
    await world.advance(seconds=5)
    world.dm("olga").expect("<@UAMP> took over as commander.")
    world.dm("amp").expect_nothing("in your place")
