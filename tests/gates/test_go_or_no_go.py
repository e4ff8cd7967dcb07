"""A decision: computed, voted on, announced; GO is final, NO-GO names what failed and when it is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callboard.core import outbox
from callboard.core.outbox import Message
from callboard.gates import store
from callboard.gates.notices import PAGE
from callboard.gates.plan.types import NoGoPart
from tests.gates.company import tested, validated

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


def ticks_of(world, key):
    return world.app.db.transact(store.ticks, world.row("gate", key).id)


@pytest.fixture
async def open_vote(world):
    """Everything holds; the authorities are asked."""
    await validated(world)
    await tested(world)
    await world.signs("olga", "tested")
    await world.signs("sara", "tested")
    await world.says("amp", "/gate tick go 1", channel="release")
    await world.advance(seconds=10)
    return world


async def test_the_card_of_a_go_no_go_gate_shows_who_said_go_and_for_whom_it_waits(open_vote):
    world = open_vote
    world.dm("stan").expect("Please say GO or NO-GO")
    shown = await world.signs("stan", "go")
    assert "must sign as Coordinator" in shown
    await world.advance(seconds=10)
    vote = world.channel("release").expect("(go)")
    assert "GO from <@USTAN>" in vote.shown
    assert "waiting for <@UAMP>" in vote.shown
    shown = await world.signs("amp", "go")
    assert "It is *GO*, and that is final" in shown
    await world.advance(seconds=10)
    assert world.row("gate", "go").state == "passed"
    for place in (world.channel("release"), world.channel("urgent"), world.dm("exec")):
        place.expect("*GO*", "Go or no-go", "GO from", "This is final", "Thank you all")


async def test_the_outcome_go_of_a_gate_is_final_and_a_later_finding_only_puts_it_in_doubt(open_vote):
    world = open_vote
    await world.signs("stan", "go")
    await world.signs("amp", "go")
    outcome = await world.says("amp", "/gate withdraw go", channel="release")
    assert "This is final. If something is wrong, raise a blocker" in outcome.text
    await world.says("pa", "/blocker critical: the disk is full", channel="omega")
    await world.advance(seconds=10)
    assert world.row("gate", "go").state == "passed"
    world.dm("amp").expect("Go or no-go", "*in doubt*", "No open blocker of severity critical")


async def test_nobody_has_the_right_to_say_go_while_a_criterion_of_the_gate_is_open(world):
    outcome = await world.says("amp", "/gate sign go", channel="release")
    assert "Nobody can say GO to Go or no-go yet (1 of 4 met)" in outcome.text
    assert "Omega signs off (`validated`)" in outcome.text
    assert len(world.entries("gate", "refused", "go")) == 1


async def test_the_outcome_of_a_go_no_go_gate_is_no_go_at_one_no_and_names_its_next_attempt(open_vote):
    world = open_vote
    await world.signs("amp", "go")
    await world.says("stan", "/gate no-go go the customers are not told", channel="release")
    await world.advance(seconds=10)
    for place in (world.channel("release"), world.channel("urgent"), world.dm("exec")):
        place.expect(
            "*NO-GO*", "<@USTAN> said no: the customers are not told", "The window after lunch", "Next attempt"
        )
    assert world.row("gate", "go").state == "pending"
    assert "Attempt 2" in world.channel("release").expect("(go)").shown
    world.dm("amp").expect(
        "*Go or no-go* is tried again, due", "A new attempt begins without ticks. Tick again what still holds:",
        "Deployment window confirmed",
    )  # fmt: skip
    assert world.dm("amp").count("Tick again") == 1
    assert [each.criterion for each in ticks_of(world, "tested")] == ["performance-baseline-documented"]
    await world.says("amp", "/gate tick go 1", channel="release")
    await world.signs("stan", "go")
    assert world.row("gate", "go").state == "ready"
    await world.signs("amp", "go")
    assert world.row("gate", "go").state == "passed"


async def test_the_outcome_of_a_go_no_go_gate_at_one_no_blames_nobody_who_had_not_voted_yet(open_vote):
    await open_vote.says("stan", "/gate no-go go the customers are not told", channel="release")
    await open_vote.advance(seconds=10)
    open_vote.dm("exec").expect("*NO-GO*", "<@USTAN> said no: the customers are not told")
    open_vote.dm("exec").expect_nothing("not signed by")
    open_vote.thread(open_vote.channel("release").expect("(go)")).expect_nothing("not signed by")


@pytest.mark.both_databases
async def test_the_outcome_of_an_incomplete_go_no_go_gate_is_no_go_and_names_what_failed(world):
    await world.jump(days=2, hours=1)
    await world.advance(hours=1)
    world.channel("urgent").expect("Go or no-go", "is decided")
    await world.advance(hours=1)
    world.channel("release").expect(
        "*NO-GO*",
        "Omega signs off (`validated`)",
        "Deployment window confirmed: not ticked yet",
    )
    world.channel("release").expect_nothing("*NO-GO*", "not signed by")
    world.channel("release").expect_nothing("*NO-GO*", "<@UAMP>")
    assert world.entries("gate", "no-go", "go")[0].facts["attempt"] == 1
    await world.advance(hours=4)
    assert world.entries("gate", "no-go", "go")[1].facts["attempt"] == 2


@pytest.mark.both_databases
async def test_the_outcome_no_go_of_a_gate_moves_the_plans_dates_for_its_next_attempt(world):
    plan = world.plan.replace("timezone: UTC", "timezone: UTC\ndates: {target: 2025-11-15 14:00}")
    plan = plan.replace("due: 2025-11-15 12:00", "due: target - 2h").replace(
        "{again: 4h,", "{again: 1d, shift: [target],"
    )
    world.apply(plan.replace("to: 2025-11-15 18:00\n", "to: 2025-11-20 18:00\n"))
    await world.jump(days=2)
    await world.advance(hours=4)
    world.channel("release").expect("*NO-GO*", "Next attempt", "target")
    exported = (await world.says("amp", "/gate show go", channel="release")).text
    assert "2025-11-16 12:00 UTC" in exported


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("again", "works", "due", "next_at"),
    [
        ("1d", "", "2025-11-14 12:00", "2025-11-17 12:00 UTC"),
        ("1d", "holidays: [2025-11-17]\n", "2025-11-14 12:00", "2025-11-18 12:00 UTC"),
        ("1d", "working_hours: {days: mon-sat}\n", "2025-11-14 12:00", "2025-11-15 12:00 UTC"),
        ("1d", "", "2025-11-15 12:00", "2025-11-16 12:00 UTC"),
        ("20h", "", "2025-11-14 12:00", "2025-11-15 08:00 UTC"),
    ],
)
async def test_a_decision_that_is_repeated_in_days_skips_the_weekend_unless_the_plan_works_then(
    world, again, works, due, next_at
):
    plan = world.plan.replace("timezone: UTC\n", f"timezone: UTC\n{works}", 1).replace(
        "{again: 4h,", f"{{again: {again},"
    )
    plan = plan.replace("due: 2025-11-15 12:00", f"due: {due}").replace(
        "due: 2025-11-14 18:00", "due: 2025-11-14 10:00"
    )
    world.apply(plan.replace("to: 2025-11-15 18:00\n", "to: 2025-11-20 18:00\n"))
    await world.until(due)
    await world.advance(minutes=1)
    world.channel("release").expect("*NO-GO*", "Next attempt", next_at)


async def test_a_go_or_no_go_that_cannot_be_mailed_is_told_as_such_and_does_not_blame_slack(world):
    await world.until("2025-11-15 12:01")
    warning = world.dm("amp").expect("I can't send messages to board@example.com.")
    assert "Set up mail with `CALLBOARD_MAIL_URL`" in warning.shown
    assert "Slack says" not in warning.shown


def apply_moving(world, target, due, again):
    """Apply the plan with a decision that moves a date of it at each NO-GO."""
    plan = world.plan.replace("timezone: UTC", f"timezone: UTC\ndates: {{target: {target}}}")
    plan = plan.replace("due: 2025-11-15 12:00", f"due: {due}")
    world.apply(plan.replace("{again: 4h,", f"{{{again}, shift: [target],"))


@pytest.mark.both_databases
async def test_the_outcome_no_go_of_a_gate_keeps_the_plan_going_until_the_dates_that_it_moved(world):
    apply_moving(world, "2025-11-15 14:00", "target - 2h", "again: 1d")
    await world.jump(days=2)
    await world.advance(hours=8)
    await world.says("sc", "/blocker the certificate is wrong", channel="sigma")
    await world.advance(hours=4)
    world.dm("sara").expect("the certificate is wrong", "Nobody else is paged.")
    world.dm("sara").expect_nothing("The plan is over")


@pytest.mark.both_databases
async def test_the_outcome_no_go_whose_dates_cannot_move_is_final_and_says_why(world):
    world.plan = world.plan.replace(
        "tasks:\n", "  live: {name: Live, from: target, to: 2025-11-15 18:00, needs: [go]}\ntasks:\n", 1
    ).replace("{team: sigma}\n", "{team: sigma}\n    S-9: {title: First payment, needs: [go]}\n")
    apply_moving(world, "2025-11-15 14:00", "target - 2h", "again: 1d, attempts: 3")
    await world.until("2025-11-15 12:01")
    said = world.channel("release").expect("*NO-GO*", "No next attempt is planned: its dates can't move.")
    assert "phases.live.to: 2025-11-15 18:00 is not after 2025-11-16 14:00" in said.shown
    assert "give it a new time: `/plan set go due`" in said.shown
    card = (await world.says("amp", "/gate show go", channel="release")).text
    assert "*NO-GO* <!date" in card
    assert "Attempt 2" not in card
    waits = (await world.says("sc", "/task start S-9", channel="sigma")).text
    assert "Go or no-go (`go`) was NO-GO <!date" in waits
    assert "2025-11-15 12:00 UTC>, and no next attempt is planned" in waits
    await world.advance(days=2)
    assert [entry.facts["attempt"] for entry in world.entries("gate", "no-go", "go")] == [1]


async def test_attempts_at_a_go_or_no_go_end_with_the_plan_which_the_last_one_says(world):
    await world.until("2025-11-15 20:00")
    await world.advance(hours=22)
    assert sorted(entry.facts["attempt"] for entry in world.entries("gate", "no-go", "go")) == [1, 2, 3]
    world.channel("release").expect("*NO-GO*", "No next attempt is planned.")


def test_attempts_at_a_go_or_no_go_that_moves_dates_are_ten_where_the_plan_does_not_say_how_many():
    hour = timedelta(hours=1)
    assert NoGoPart(again=hour, shift=("target",)).most == 10
    assert NoGoPart(again=hour, shift=("target",), attempts=3).most == 3
    assert NoGoPart(again=hour).most > 10**6


async def test_attempts_at_a_go_or_no_go_that_move_the_end_of_the_plan_are_not_endless(world):
    apply_moving(world, "2025-11-15 12:00", "target", "again: 10m, attempts: 3")
    await world.jump(days=2)
    await world.advance(hours=5)
    assert [entry.facts["attempt"] for entry in world.entries("gate", "no-go", "go")] == [1, 2, 3]
    said = world.channel("release").expect("No next attempt is planned: this was attempt 3, the last one.")
    assert "give it a new time: `/plan set go due`" in said.shown
    await world.says("amp", "/plan set go due 2025-11-15 18:00", channel="release")
    await world.advance(hours=6)
    assert len(world.entries("gate", "no-go", "go")) == 4


async def test_the_next_attempt_at_a_decision_is_not_announced_again_just_after_its_no_go_has_named_it(world):
    world.plan = world.plan.replace("before: 1h", "before: [1d, 1h]")
    apply_moving(world, "2025-11-15 14:00", "target - 2h", "again: 1d")
    await world.until("2025-11-15 11:30")
    said = world.channel("urgent").count("is decided")
    answer = await world.says("amp", "/gate no-go go the vendor is away", channel="release")
    assert "You said NO-GO. Go or no-go is NO-GO. Next attempt: <!date" in answer.text
    await world.until("2025-11-15 12:30")
    world.channel("urgent").expect("*NO-GO*", "Next attempt")
    assert world.channel("urgent").count("is decided") == said
    await world.until("2025-11-16 11:10")
    assert world.channel("urgent").count("is decided") == said + 1


async def test_a_gate_that_all_leads_sign_says_so_and_its_page_by_mail_names_who_has_not(world):
    world.apply(
        world.plan.replace("{count: 2, of: [all leads], not: [assignees]}", "{count: all, of: [all leads]}").replace(
            "name: Sigma signs off\n", "name: Sigma signs off\n    if_missed: {escalate: default}\n"
        )
    )
    await validated(world)
    await tested(world)
    await world.signs("olga", "tested")
    await world.until("2025-11-14 18:06")
    gate = world.row("gate", "tested")
    assert "all leads: signed by" in (await world.says("amp", "/gate show tested", channel="release")).text

    def read(tx):
        paged = next(sent for sent in outbox.about(tx, gate.subject) if sent.kind == PAGE.kind)
        page = PAGE.render(tx, paged)
        return page.plain if isinstance(page, Message) else page.reason

    assert world.dm("sara").expect("*Why you:*").buttons == ["Sign...", "I have it", "Show the gate"]
    assert world.dm("amp").expect("*Why you:*").buttons == ["I have it", "Show the gate"]
    assert "is overdue. Not signed by: <@USARA>\n" in world.app.db.transact(read)
