"""What a phone makes of what people type, times as people write them, and who is meant: alike after every command."""

from __future__ import annotations

import pytest

from tests.gates.company import PEOPLE, PLAN_WITH_GATES
from tests.world import World

DATABASES = ("sqlite",)  # words
CLASSES = "classes: {release-blocker: {gate: tested, accept: {count: 2, of: [coordinator, all leads]}}}"
CRITERIA = "criteria: [Every deck has a number, No seat twice]"
ON_CALL = "on_call: {omega: {rotation: [pa, pb], every: 1w, from: 2025-11-10 09:00}}"
PLAN = (
    PLAN_WITH_GATES.replace("Database validated,", f"Database validated, {CRITERIA},")
    .replace("  categories: [", f"  {CLASSES}\n  categories: [")
    .replace("phases:\n", f"{ON_CALL}\nphases:\n")
)


@pytest.fixture
async def world(database_url):
    async with World(database_url, PLAN, people=PEOPLE) as world:
        yield world


async def lives(world: World, story: str) -> None:
    """Each line is a person, what they type, and what they read."""
    for line in filter(None, map(str.strip, story.splitlines())):
        person, typed, read = line.split(" | ")
        answer = (await world.says(person, typed)).text
        assert read in answer, (typed, answer)


async def test_phones_correct_the_words_and_the_task_is_still_found(world):
    await lives(world, """
        pb | /task start “O-1” | O-1 is in progress
        pb | /task progress O–1 to 50% | O-1 is at 50%
        pb | /task progress (O-1): ~60% | O-1 is at 60%
        pb | /task O-1. | Database validated
        pb | /task tick O-1 “Every deck has a number” | 1 of 2 criteria
        pb | /task tick O-1 2. | All criteria of O-1
        pb | /task spent O-1 1.5h | O-1 took 1h30m
        pb | /task spent O-1 1w | O-1 took 7d
        pb | /task complete O-1 | O-1 is completed
        pb | /task reopen O-1 | O-1 is reopened: in progress
    """)  # fmt: skip


async def test_people_are_named_as_the_plan_names_them_and_oneself_is_me(world):
    await lives(world, """
        pb | /task assign O-1 @pb, @pa and @olga | O-1 is <@UPB>, <@UPA>, <@UOLGA>'s now
        pb | /task assign O-1 me | O-1 is <@UPB>'s now
        pb | /task assign O-1 Person C | is called `Person`; did you mean `pa`, `pb` or `sc`?
        pb | /task list pa | Tasks of Person A
        pb | /task list mine | O-1
        pb | /task list done | completed: none
        pb | /task list all | S-1
        pa | /blocker mongo refuses TLS | Blocker 1 is open
        olga | /blocker reassign 1 Person C | `Person` is nobody. Pick people from the list
        olga | /blocker reassign 1 to pb. | <@UPB> is asked to take blocker 1
        olga | /blocker reassign 1 me | You have blocker 1.
        pb | /blocker ack 1 | Take it over: `/blocker reassign 1 me`
        pb | /blocker reassign 1 me | You have blocker 1.
        stan | /blocker ack 1 | can acknowledge blocker 1. You follow
        pb | /plan away tomorrow because I am ill | Leave out why: no reason is kept here.
        pb | /plan oncall omega me until fri 12:00 because of a swap | You are on call for Omega until
    """)  # fmt: skip


async def test_a_snooze_ends_when_a_lock_would(world):
    await lives(world, """
        pa | /blocker mongo refuses TLS | Blocker 1 is open
        olga | /blocker snooze 1 1.5h | 10:30
        olga | /blocker snooze 1 until 3pm | 2025-11-13 15:00
        olga | /blocker snooze 1 in half an hour | 2025-11-13 09:30
        olga | /blocker snooze 1 tomorrow | 2025-11-14 09:00
        olga | /blocker snooze 1 Friday 12:00 | 2025-11-14 12:00
        olga | /blocker snooze 1 until noon | 2025-11-13 12:00
        olga | /blocker snooze 1 until EOD | Blocker 1 is snoozed until
        olga | /blocker snooze 1 1w | 2025-11-20 09:00
        olga | /blocker snooze 1 until half past nine | I can't read `until half past nine` as a time.
        olga | /blocker snooze 1 99d | up to 7 days: `/blocker snooze 1 30m`
        pa | /lock src/a.py for a test | Lock 1
        pa | /lock renew 1 in 2h | 11:00
    """)  # fmt: skip


async def test_a_lock_says_what_it_is_for_and_a_list_that_leaves_locks_out_says_so(world):
    await lives(world, """
        pa | /lock src/a.py until 5pm because of the demo | `src/a.py` for the demo: yours
        pa | /lock src/b.py – for the fix | `src/b.py` for the fix: yours
        pa | /lock src/c.py for 30 | I can't read `30` as a time.
        pa | /lock src/d.py for 4711 | `src/d.py` for 4711: yours
        pb | /lock list @pa | Lock 1
        pb | /lock list 2 | Lock 2
        pb | /lock list all | Lock 3
        pb | /lock list mine | Nothing is locked
        pa | /lock list mine | Lock 1
        pb | /lock list staging | No lock has `staging`. `/lock list` shows all.
    """)  # fmt: skip


async def test_files_of_a_task_are_paths_that_a_lock_could_name(world):
    await lives(world, """
        pb | /task files O-1 "src/a b.py", src\\win\\c.py and ./src/d.py | `src/a b.py`
        pb | /task files O-1 ../etc | leave out `.` and `..`
        pb | /task files O-1 — src/d.py | Files of O-1
    """)  # fmt: skip
    assert world.row("task", "O-1").files == ["src/a b.py", "src/win/c.py"]


async def test_a_dash_behind_a_severity_is_a_colon_and_a_vote_that_is_over_says_so(world):
    await lives(world, """
        pa | /blocker critical — the vault is sealed again | Blocker 1 is open
        amp | /blocker propose 1 release-blocker | 0 of 2 accepted
        amp | /blocker accept 1 | 1 of 2 accepted
        olga | /blocker accept 1 | is a release-blocker
        olga | /blocker reject 1 only the preview | The vote is over. Blocker 1 is a release-blocker
    """)  # fmt: skip
    assert (world.row("blocker", 1).severity, world.row("blocker", 1).what) == ("critical", "the vault is sealed again")


async def test_a_moment_of_the_plan_is_set_as_people_say_it_by_their_own_clocks(world):
    await lives(world, """
        amp | /plan set O-1 due Friday 12:00 because of the vendor | task O-1: due is now 2025-11-14 12:00
        amp | /plan set O-1 due tomorrow 5pm | due 2025-11-14 12:00 -&gt; 2025-11-14 17:00
        amp | /plan set O-1 due 2025-11-14 16:00 | -&gt; 2025-11-14 16:00
        amp | /plan set O-1 due Friday 9 | I can't read `Friday 9` as a time.
    """)  # fmt: skip


async def test_names_of_several_words_are_read_as_the_keyboard_made_them(database_url):
    meetings = 'meetings: [{name: Sprint planning, days: thu, at: "09:10", lasts: 1h, lead: olga, agenda: [Aims]}]'
    async with World(database_url, f"{PLAN}{meetings}\n", people=PEOPLE) as world:
        await lives(world, """
            olga | /gate show “tested” | Sigma signs off
            olga | /gate show «Sigma signs off». | Sigma signs off
            olga | /gate show Sigma  signs off | Sigma signs off
            olga | /gate hand “go-live decision” to pa | There is no gate `go-live decision`;
            olga | /gate show “testet” | There is no gate `testet`; did you mean `tested`?
            olga | /gate hand “tested” to pa | <@UPA> can sign Sigma signs off for you now
            olga | /gate hand tested back | You sign Sigma signs off yourself again.
            olga | /gate hand tested @pa | <@UPA> can sign Sigma signs off for you now
            olga | /gate hand tested to nobody-else | is called `nobody-else`
            amp | /plan show “Code freeze” | Code freeze
            pb | /plan oncall “Omega” | Omega
            pb | /plan meeting “Sprint planning”. | Sprint planning
        """)  # fmt: skip


async def test_letters_that_nobody_sees_change_nothing_of_what_is_typed(world):
    await lives(world, """
        pb | /task \u200estart O-1\u200e | O-1 is in progress
        pb | /task progress O\u00ad-1 \u200b50% | O-1 is at 50%
        pa | /blocker mongo refuses\u200b TLS | Blocker 1 is open
        olga | /blocker ack \u2066\u200b1\u2069 | You have blocker 1
        olga | /blocker note 1 \u200b | `note` needs a few words.
        olga | /blocker reassign 1 \u2068pb\u2069 | <@UPB> is asked to take blocker 1
    """)  # fmt: skip


async def test_names_that_slack_sends_along_with_a_mention_are_shown_to_nobody(world):
    await world.says("pa", "/blocker @pb says that mongo refuses TLS")
    assert "*Blocker 1*  <@UPB> says that mongo refuses TLS" in world.card().shown
    world.dm("olga").expect("<@UPB> says that mongo refuses TLS")


async def test_names_of_channels_are_quoted_as_they_were_typed(world):
    await lives(world, """
        pa | /blocker mongo refuses TLS | Blocker 1 is open
        olga | /blocker reassign 1 #omega | `#omega` is nobody.
        pb | /task start #omega | `#omega` is not a task.
    """)  # fmt: skip


async def test_a_form_takes_nothing_but_letters_that_nobody_sees_for_nothing(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.clicks("olga", "Resolve", "mongo refuses TLS")
    await world.opened("olga")
    await world.submits("olga", {"What helped?": "\u200b"})
    world.dm("pa").expect("<@UOLGA> resolved your blocker 1 (mongo refuses TLS).")


async def test_hyphens_dashes_and_blanks_that_only_look_like_others_are_read_as_they_are_meant(world):
    await lives(world, """
        pb | /task\u00a0start\u00a0O\u20111 | O-1 is in progress
        pb | /task progress\u3000O\u20101\u202f50% | O-1 is at 50%
        pa | /plan show O\u20111 | Database validated
        pa | /standup away 2025\u201311\u201314 | You are away 2025-11-14
        pa | /plan back | Absence on 2025-11-14 removed
        pa | /standup away 2025-11-14 \u2013 2025-11-16 | You are away 2025-11-14..2025-11-16
        pa | /plan back | removed
        pa | /standup away 2025-11-14 to 16 | You are away 2025-11-14..2025-11-16
        pa | /plan back | removed
        pa | /standup away 2025-11-14\u202616 | You are away 2025-11-14..2025-11-16
    """)  # fmt: skip


async def test_a_dash_before_a_reason_is_no_part_of_it(world):
    for what in ("mongo refuses TLS", "redis is slow today"):
        await world.says("pa", f"/blocker {what}")
    await world.says("olga", "/blocker resolve 1 \u2014 rotated the key")
    await world.says("olga", "/blocker resolve 2 - restarted it")
    await world.says("pb", "/task start O-1")
    await world.says("pb", "/task block O-1 \u2014 the queue is full")
    world.dm("pa").expect("(mongo refuses TLS): rotated the key")
    world.dm("pa").expect("(redis is slow today): restarted it")
    world.dm("olga").expect("*Blocker 3*  the queue is full")


async def test_verbs_in_the_wrong_place_are_asked_about(world):
    await lives(world, """
        pb | /task start task O-1 | O-1 is in progress
        pb | /task start the task O-1 | O-1 is already in progress
        olga | /gate validated sign | Did you mean `/gate sign validated`?
        olga | /gate validated show | Did you mean `/gate show validated`?
        pa | /blocker mongo refuses TLS | Blocker 1 is open
        olga | /blocker #1: ack | Did you mean `/blocker ack 1`?
    """)  # fmt: skip
