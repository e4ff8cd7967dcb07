"""A day of locks, as people type and click it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.locks.conftest import live

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


async def test_the_verb_acquire_of_a_lock_posts_its_card_to_the_team_and_release_ends_it(files):
    said = (await files.says("pa", "/lock src/api/** for refactoring until 17:00")).text
    assert "Lock 1" in said
    assert "yours until" in said
    card = files.channel("omega").expect("Lock 1", "src/api/**", "refactoring", "<@UPA> (Omega) has it")
    assert live(files) == {1: ("held", "pa", "src/api/**")}
    await files.clicks("pa", "Release", card)
    assert live(files) == {}
    files.channel("omega").expect("Lock 1", "Released")
    assert files.channel("omega").count("Lock 1") == 1
    assert files.verbs("lock", 1) == ["acquired", "released"]


async def test_the_message_about_a_taken_lock_says_who_why_until_when_and_what_to_do(files):
    await files.says("pa", "/lock src/api/** for refactoring until 17:00")
    await files.advance(hours=2, minutes=5)
    said = (await files.says("pb", "/lock src/api/x.py for a fix")).text
    for words in ("src/api/x.py", "locked by <@UPA> (Omega)", "2 h 5 min ago", "for refactoring", "until", "lock 1",
                  "`/lock wait 1`", "<@UOLGA> or <@UAMP> can break it: `/lock break 1 because ...`"):  # fmt: skip
        assert words in said
    assert list(live(files)) == [1]


async def test_only_a_zones_own_team_has_the_right_to_a_lock_on_its_files(files):
    said = (await files.says("sc", "/lock src/api/x.py for a look")).text
    assert "is Omega's (led by <@UOLGA>), by the zone `/src/api/**`" in said
    part = (await files.says("pa", "/lock assets/ for tidying")).text
    assert "part of it" in part
    assert "Sigma's" in part
    assert live(files) == {}
    assert "yours until" in (await files.says("pa", "/lock tools/build.py for tidying")).text


@pytest.mark.both_databases
async def test_the_lock_verb_agree_makes_a_lock_on_joint_files_held(files):
    said = (await files.says("pa", "/lock openapi/v1.yml for the new login")).text
    assert "Sigma must agree first" in said
    card = files.channel("sigma").expect("<@UPA> (Omega) asks for it", "Sigma must agree")
    refused = await files.clicks("pb", "Agree", files.channel("omega").expect("asks for it"))
    assert "Only somebody of Sigma can agree to lock 1" in refused.text
    await files.clicks("sc", "Agree", card)
    assert live(files)[1][0] == "held"
    files.dm("pa").expect("<@USC> agrees, so you hold it now")
    files.channel("sigma").expect("has it", "Sigma: <@USC> agrees")
    assert files.verbs("lock", 1) == ["asked", "agreed", "acquired"]


@pytest.mark.both_databases
async def test_the_lock_verb_decline_ends_a_lock_and_its_holder_reads_why(files):
    await files.says("pa", "/lock openapi/v1.yml for the new login")
    await files.clicks("sara", "Decline", files.channel("sigma").expect("asks for it"))
    await files.opened("sara")
    await files.submits("sara", {"Why not?": "we release today"})
    assert live(files) == {}
    files.dm("pa").expect("<@USARA> declined", "we release today")


async def test_a_lock_target_may_be_a_part_of_a_file_that_two_teams_share(files):
    assert "yours" in (await files.says("pa", "/lock README.md#Backend for the API")).text
    assert "yours" in (await files.says("sc", "/lock README.md#Frontend for the menu", "sigma")).text
    assert "is Omega's" in (await files.says("sc", "/lock README.md#Backend for the menu", "sigma")).text
    whole = (await files.says("olga", "/lock README.md for all of it")).text
    assert "README.md#Backend" in whole
    assert "README.md#Frontend" in whole
    assert len(live(files)) == 2


@pytest.mark.both_databases
async def test_a_lock_target_may_be_a_thing_that_is_no_file(files):
    assert "yours" in (await files.says("pa", "/lock staging db-migrations for 2h because of the load test")).text
    said = (await files.says("sc", "/lock staging for a demo", "sigma")).text
    assert "`staging` is locked by <@UPA>" in said
    assert "for the load test" in said
    assert "`staging` is locked by <@UPA>" in (await files.says("sc", "/lock Staging for a demo", "sigma")).text
    assert "yours" in (await files.says("sc", "/lock production for a demo", "sigma")).text


async def test_the_verb_acquire_of_a_lock_takes_all_its_targets_or_nothing(files):
    await files.says("pa", "/lock staging for a load test")
    await files.says("pb", "/lock src/api/a.py staging for a fix")
    assert live(files) == {1: ("held", "pa", "staging")}


async def test_the_lock_queue_tells_whoever_waits_when_it_is_their_turn(files):
    await files.says("pa", "/lock src/api/** for refactoring")
    refused = (await files.says("pb", "/lock src/api/x.py for a fix")).messages[-1]
    await files.clicks("pb", "Wait in line", refused)
    files.dm("pa").expect("<@UPB> waits for `src/api/x.py`")
    files.channel("omega").expect("Lock 1", "<@UPB> waits")
    assert "behind" in (await files.says("olga", "/lock wait 1 for a release")).text
    await files.says("pa", "/lock release 1")
    turn = files.dm("pb").expect("It is your turn", "src/api/x.py")
    assert live(files)[2][0] == "offered"
    assert live(files)[3][0] == "waiting"
    assert "is offered to <@UPB>" in (await files.says("pa", "/lock src/api/x.py for more")).text
    await files.clicks("pb", "Take it", turn)
    assert live(files)[2][:2] == ("held", "pb")
    await files.says("pb", "/lock release 2")
    files.dm("olga").expect("It is your turn")


@pytest.mark.both_databases
async def test_the_lock_queue_offers_a_lock_that_nobody_takes_to_the_next_in_line(files):
    await files.says("pa", "/lock staging for a load test")
    await files.says("pb", "/lock wait staging for a demo")
    await files.says("sc", "/lock wait staging for a show", "sigma")
    await files.says("pa", "/lock release 1")
    await files.advance(minutes=16)
    files.dm("pb").expect("You did not take it in time")
    missed = (await files.says("pb", "/lock show 2")).text
    assert "<@UPB> (Omega) waited for it." in missed
    files.dm("sc").expect("It is your turn")
    assert live(files) == {3: ("offered", "sc", "staging")}
    assert "no lock" not in (await files.says("sc", "/lock take 3", "sigma")).text
    assert live(files)[3][0] == "held"


async def test_nobody_overtakes_those_who_wait_in_the_lock_queue(files):
    await files.says("pa", "/lock src/api/a.py for one thing")
    await files.says("pb", "/lock wait src/api/** for everything")
    said = (await files.says("olga", "/lock src/api/b.py for another")).text
    assert "<@UPB> (Omega) waits for `src/api/b.py` before you" in said


async def test_only_a_lead_has_the_right_to_break_a_lock_and_must_say_why(files):
    await files.says("pa", "/lock src/api/** for refactoring")
    refused = (await files.says("pb", "/lock break 1 because I want it")).text
    assert "Only <@UOLGA> or <@UAMP> can break lock 1" in refused
    assert "Say why" in (await files.says("olga", "/lock break 1")).text
    await files.says("olga", "/lock wait 1 for the hotfix")
    said = (await files.says("olga", "/lock break 1 because the release waits")).text
    assert "Lock 1 is broken" in said
    assert "yours until" in said
    files.dm("pa").expect("<@UOLGA> broke your lock", "the release waits")
    assert live(files) == {2: ("held", "olga", "src/api/**")}
    assert files.verbs("lock", 1)[-1] == "broken"


@pytest.mark.both_databases
async def test_the_verb_hand_over_gives_a_lock_to_somebody_else_and_both_are_told(files):
    await files.says("pa", "/lock src/api/** for refactoring")
    assert "Lock 1 is <@UPB>'s now" in (await files.says("pa", "/lock hand 1 to <@UPB>")).text
    files.dm("pb").expect("<@UPA> hands you", "Lock 1")
    assert live(files)[1][1] == "pb"
    assert "is Omega's" in (await files.says("pb", "/lock hand 1 to <@USC>")).text
    await files.says("olga", "/lock hand 1 to <@UPA>")
    files.dm("pb").expect("<@UOLGA> handed it over to <@UPA>")


async def test_the_lock_queue_ends_a_lock_that_expires_and_tells_its_holder(files):
    await files.says("pa", "/lock src/api/** for 2h because of a refactoring")
    await files.advance(hours=2, minutes=1)
    files.dm("pa").expect("It has expired")
    files.channel("omega").expect("Lock 1", "Expired")
    assert "yours" in (await files.says("pb", "/lock src/api/** for a fix")).text


async def test_the_lock_queue_ends_a_lock_that_is_over_even_before_its_tick(files):
    await files.says("pa", "/lock src/api/** for 2h because of a refactoring")
    files.clock.advance(timedelta(hours=3))
    assert "yours" in (await files.says("pb", "/lock src/api/** for a fix")).text


@pytest.mark.both_databases
async def test_the_lock_queue_asks_holders_in_the_morning_whether_they_still_need_their_lock(files):
    await files.says("pa", "/lock src/api/** for refactoring until fri 17:00")
    await files.advance(hours=24)
    asked = files.dm("pa").expect("You still hold this", "Do you need it?")
    await files.clicks("pa", "Keep it", asked)
    await files.opened("pa")
    await files.submits("pa", {"How much longer, from now?": "1 day"})
    assert files.verbs("lock", 1) == ["acquired", "reminded", "renewed"]
    shown = (await files.says("pa", "/lock show 1")).text
    assert "Its holder was reminded." in shown
    assert "kept it for longer." in shown
    await files.advance(hours=23)
    assert live(files)[1][0] == "held"
    await files.advance(hours=2)
    assert live(files) == {}


@pytest.mark.both_databases
async def test_the_verb_renew_of_a_lock_takes_a_new_end(files):
    await files.says("pa", "/lock staging for a load test until 12:00")
    assert "yours until" in (await files.says("pa", "/lock renew 1 until 15:00")).text
    await files.advance(hours=4)
    assert live(files)
    assert "I can't read `soon` as a time" in (await files.says("pa", "/lock renew 1 soon")).text
    assert "Only <@UPA> can renew lock 1" in (await files.says("pb", "/lock renew 1 2h")).text


async def test_typed_lock_who_answers_with_the_team_of_a_path_and_its_lock(files):
    said = (await files.says("sc", "/lock who src/api/theme.css", "sigma")).text
    for words in ("`src/api/theme.css` is Omega's (led by <@UOLGA>), by the zone `/src/api/**`",
                  "`*.css` of Sigma would match too; the last match in the plan wins", "Nobody has it locked",
                  "Ask before you touch the schema"):  # fmt: skip
        assert words in said
    assert "Omega and Sigma's jointly" in (await files.says("pa", "/lock who openapi/v1.yml")).text
    assert "is Sigma's" in (await files.says("pa", "/lock who README.md#Frontend")).text
    assert "is nobody's" in (await files.says("pa", "/lock who tools/x.py")).text
    await files.says("pa", "/lock src/api/** for all of it")
    assert "Lock 1" in (await files.says("pa", "/lock who src/api/x.py")).text


async def test_typed_lock_list_shows_what_is_locked_and_a_word_narrows_it(files):
    assert "Nothing is locked" in (await files.says("pa", "/lock list")).text
    await files.says("pa", "/lock staging for a load test")
    await files.says("sc", "/lock web/** for the menu", "sigma")
    shown = (await files.says("pa", "/lock list")).text
    assert "staging" in shown
    assert "web/**" in shown
    assert "web/**" not in (await files.says("pa", "/lock list load")).text
    assert "staging" not in (await files.says("sc", "/lock mine", "sigma")).text
    assert "locked it: a load test" in (await files.says("sc", "/lock show 1", "sigma")).text


async def test_a_typed_lock_without_a_reason_opens_the_lock_form(files):
    assert "What for?" in await files.opens("pa", "/lock src/api/**")
    assert "yours until" in await files.submits("pa", {"What for?": "refactoring"})
    assert live(files)[1] == ("held", "pa", "src/api/**")


async def test_only_the_holder_of_a_lock_has_the_right_to_release_it_by_its_button(files):
    await files.says("pa", "/lock staging for a load test")
    card = files.channel("omega").expect("Lock 1")
    old = card.ts, card.channel
    await files.says("pa", "/lock renew 1 for 1h")
    await files.says("pb", "/lock wait 1")
    assert files.channel("omega").expect("Lock 1").ts == old[0]
    outcome = await files.clicks("pb", "Release", files.channel("omega").expect("Lock 1"))
    assert "Only <@UPA> can release lock 1" in outcome.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("../etc/passwd for fun", "leave out `.` and `..`"),
        ("src/[ab] for fun", "means nothing here"),
        ("#Backend for fun", "write a section behind its file"),
        ("src/api/** for fun until 2025-01-01", "is past. Say until when"),
        ("src/api/** for fun until 2027-01-01", "30 days at most"),
        ("src/api/** for fun until 2025-02-30", "is no date"),
        ("release 99", "There is no lock 99"),
        ("hand 99 to <@UPB>", "There is no lock 99"),
    ],
)
async def test_lock_targets_and_ends_that_cannot_be_are_refused_with_a_sentence(files, typed, said):
    assert said in (await files.says("pa", f"/lock {typed}")).text
    assert live(files) == {}


async def test_stakeholders_have_no_right_to_a_lock(files):
    said = (await files.says("stan", "/lock staging for a tour", "release")).text
    assert "Only members of a team can lock. You are Stakeholder in this plan" in said


async def test_every_team_has_the_right_to_a_lock_where_no_zones_are_planned(world):
    assert "yours" in (await world.says("pa", "/lock src/** for refactoring")).text
    assert "locked by <@UPA>" in (await world.says("sc", "/lock src/x.py for a fix", "sigma")).text
