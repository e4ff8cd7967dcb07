"""The poll of a decision: asked in turn, answered, silent, late, on a condition; no GO outlives what it vouched for."""

from __future__ import annotations

import copy

import pytest
from sqlmodel import select

from callboard.core.errors import Refused
from callboard.gates import service as gates
from callboard.gates.assessment import Look
from callboard.gates.models import Poll
from callboard.gates.service import polls
from callboard.gates.slack import polls as by_link
from callboard.gates.web import GateOut, as_json
from callboard.plans.evidence import EVIDENCE
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.slack import Click
from tests.gates.company import PEOPLE, PLAN_WITH_GATES
from tests.planning.test_audit import UndoneError
from tests.world import World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

POLL = "    poll: {opens: 2025-11-15 11:30, order: [omega, sigma, stakeholder], answer_within: 10m, fresh: 2h}\n"
PLAN = (
    PLAN_WITH_GATES.replace("    needs: [validated, tested]\n", POLL)
    .replace("    sign_off: [{role: coordinator}, {role: stakeholder, count: all}]\n", "")
    .replace(
        "criteria: [{tick: Deployment window confirmed, by: [coordinator]}]",
        "criteria: [{tick: Deployment window confirmed, by: [coordinator]}, {blockers: none, severity: critical}]",
    )
    .replace("    due: 2025-11-13 17:00\n", "")
    .replace("    due: 2025-11-14 18:00\n", "")
    .replace("    remind: 2h\n", "")
    .replace("  stan: {", "  stew: {name: Second stakeholder, slack: USTEW, roles: [stakeholder]}\n  stan: {")
    + "\n"
)


def company(database_url, plan=PLAN):
    return World(database_url, plan, people=(*PEOPLE, "stew"))


@pytest.fixture
async def waiting(database_url):
    """A quarter past eleven of the day; the window is not confirmed."""
    async with company(database_url) as world:
        await world.jump(days=2, hours=2, minutes=15)
        yield world


@pytest.fixture
async def polled(waiting):
    """The poll has opened at half past eleven: Omega is asked."""
    await waiting.says("amp", "/gate tick go 1")
    await waiting.until("2025-11-15 11:30")
    await waiting.advance(seconds=10)
    return waiting


def asked(world, person):
    return world.dm(person).expect("GO or NO-GO for")


def card(world):
    return world.channel("release").expect("Poll: Go or no-go (go)")


async def test_whoever_still_has_to_sign_hears_that_a_poll_has_ended_in_go_once(database_url):
    async with company(database_url, PLAN.replace(POLL, f"{POLL}    sign_off: [{{role: coordinator}}]\n")) as world:
        await world.jump(days=2, hours=2, minutes=15)
        await world.says("amp", "/gate tick go 1")
        await world.until("2025-11-15 11:30")
        for person in ("olga", "sara", "stew"):
            await world.advance(seconds=10)
            world.dm("amp").expect_nothing("all who were polled said GO")
            await world.says(person, "/gate go go")
        await world.advance(seconds=10)
        asked = world.dm("amp").expect("*Go or no-go*: all who were polled said GO. Please say GO or NO-GO.")
        await world.says("pb", "/blocker the card in the channel moves")
        await world.advance(seconds=10)
        assert world.dm("amp").count("all who were polled said GO") == 1
        await world.clicks("amp", "GO...", asked)
        await world.opened("amp")
        await world.submits("amp", {"Confirm": ["yes"]})
        assert world.row("gate", "go").state == "passed"


@pytest.mark.both_databases
async def test_a_poll_asks_each_role_in_the_plans_order_and_is_go_with_the_last(polled):
    world = polled
    page = asked(world, "olga")
    for words in (
        "for *Omega*",
        "Answer by",
        "Silence is NO-GO",
        "you answer for",
        "2 met criteria",
        "you are the first",
    ):
        assert words in page.shown
    world.dm("sara").expect_nothing("GO or NO-GO for")
    assert "*Omega*: asked" in card(world).shown
    assert "<@UOLGA> paged" in card(world).shown
    await world.clicks("olga", "GO", page)
    await world.advance(seconds=5)
    assert "Omega GO" in asked(world, "sara").shown
    assert "This question is over. *Omega*: GO, <@UOLGA>" in world.dm("olga").expect("GO or NO-GO for").shown
    world.dm("stan").expect_nothing("GO or NO-GO for")
    said = await world.says("sara", "/gate go go")
    assert "You answered GO for Sigma. To take it back: `/gate withdraw go`." in said.text
    await world.advance(seconds=5)
    assert asked(world, "stan")
    assert asked(world, "stew")
    await world.clicks("stew", "GO", asked(world, "stew"))
    await world.advance(seconds=5)
    assert world.row("gate", "go").state == "passed"
    world.channel("release").expect("*GO*: *Go or no-go*", "GO from <@UOLGA>, <@USARA> and <@USTEW>")
    shown = card(world).shown
    assert "*Stakeholder*: GO, <@USTEW>" in shown
    assert "3 of 3" not in shown
    assert "*GO*" in shown
    assert "This question is over" in asked(world, "stan").shown
    told = ("poll opened", "poll asked", "signed", "passed")
    assert [each for each in world.verbs("gate", "go") if each in told] == [
        "poll opened", "poll asked", "signed", "poll asked", "signed", "poll asked", "signed", "passed",
    ]  # fmt: skip
    assert world.verified() == []


async def test_a_poll_takes_silence_at_its_time_for_no_go_and_says_so(polled):
    world = polled
    await world.clicks("olga", "GO", asked(world, "olga"))
    await world.until("2025-11-15 11:39")
    assert world.row("gate", "go").state == "ready"
    await world.until("2025-11-15 11:41")
    world.channel("release").expect("*NO-GO*", "no answer from Sigma (<@USARA>) by", "silence is NO-GO", "Next attempt")
    assert world.entries("gate", "poll silent", "go")[0].facts["voice"] == "Sigma"
    assert "*Sigma*: no answer by" in card(world).shown
    assert "was not asked" in card(world).shown
    assert "GO if..." not in asked(world, "sara").shown
    await world.says("amp", "/gate tick go 1")
    typed = await world.says("sara", "/gate go go")
    assert "You are late: the last poll ended" in typed.text
    world.dm("stan").expect_nothing("GO or NO-GO for")


@pytest.mark.both_databases
async def test_a_poll_ends_with_the_first_no_and_names_the_next_attempt(polled):
    world = polled
    await world.says("olga", "/gate no-go go because the rollback was never tried")
    await world.advance(seconds=5)
    news = world.channel("release").expect("*NO-GO*", "<@UOLGA> said no: the rollback was never tried", "Next attempt")
    assert "Sigma" not in news.shown
    assert "*NO-GO*" in card(world).shown
    assert "because the rollback was never tried" in card(world).shown
    world.dm("sara").expect_nothing("GO or NO-GO for")
    # The poll of the next attempt opens as long before it, once the tick was renewed.
    await world.until("2025-11-15 15:20")
    await world.says("amp", "/gate tick go 1")
    world.dm("sara").expect_nothing("GO or NO-GO for")
    await world.until("2025-11-15 15:31")
    assert "attempt 2" in card(world).shown
    for person in ("olga", "sara", "stan"):
        await world.says(person, "/gate go go")
        await world.advance(seconds=5)
    assert world.row("gate", "go").state == "passed"
    assert world.verified() == []


async def test_a_poll_opens_only_once_every_criterion_is_met_and_says_what_is_open(waiting):
    world = waiting
    await world.until("2025-11-15 11:31")
    world.channel("release").expect(
        "The poll of *Go or no-go* can't open yet", "Deployment window confirmed: not ticked"
    )
    world.dm("olga").expect_nothing("GO or NO-GO for")
    early = await world.says("olga", "/gate go go")
    assert "Nobody can say GO to Go or no-go yet (1 of 2 met)" in early.text
    await world.says("amp", "/gate tick go 1")
    await world.advance(seconds=5)
    assert asked(world, "olga")


async def test_a_poll_that_never_opened_is_no_go_at_the_time_of_the_decision_with_what_fails(waiting):
    await waiting.until("2025-11-15 12:01")
    waiting.channel("release").expect("*NO-GO*", "Deployment window confirmed: not ticked yet")
    waiting.channel("release").expect_nothing("*NO-GO*", "no answer from")


async def test_a_poll_refuses_answers_before_it_opens(waiting):
    await waiting.says("amp", "/gate tick go 1")
    said = await waiting.says("olga", "/gate go go")
    assert "The poll of Go or no-go opens" in said.text
    assert "I ask you when it is your turn" in said.text


async def test_a_poll_keeps_an_answer_before_its_turn_unread_and_reads_it_in_turn(polled):
    world = polled
    said = await world.says("sara", "/gate no-go go because the tests are red")
    assert "Kept: NO-GO for Sigma. I read it when it is Sigma's turn." in said.text
    await world.advance(seconds=5)
    assert "answered early, I read it in turn (<@USARA>)" in card(world).shown
    assert "the tests are red" not in card(world).shown
    assert world.row("gate", "go").state == "ready"
    await world.says("olga", "/gate go go")
    await world.advance(seconds=5)
    world.channel("release").expect("*NO-GO*", "<@USARA> said no: the tests are red")
    world.dm("sara").expect_nothing("GO or NO-GO for *Sigma*")


async def test_a_poll_forgets_an_early_answer_that_is_taken_back(polled):
    world = polled
    await world.says("sara", "/gate go go")
    twice = await world.says("sara", "/gate go go")
    assert "You answered for Sigma already" in twice.text
    await world.says("sara", "/gate withdraw go")
    await world.says("olga", "/gate go go")
    await world.advance(seconds=5)
    assert asked(world, "sara")
    assert world.entries("gate", "answered early", "go")
    assert world.entries("gate", "took back an early answer", "go")


async def test_a_poll_asks_an_early_answer_again_whose_evidence_has_changed(polled):
    world = polled
    await world.says("sara", "/gate go go")
    await world.says("amp", "/gate tick go 1 see docs/WINDOW.md")
    await world.advance(seconds=5)
    await world.says("olga", "/gate go go")
    await world.advance(seconds=5)
    assert "what you vouched for has changed since you answered" in asked(world, "sara").shown
    assert world.row("gate", "go").state == "ready"


async def test_a_poll_asks_again_when_what_a_go_vouched_for_has_changed(polled):
    world = polled
    await world.says("olga", "/gate go go")
    await world.says("amp", "/gate tick go 1 see docs/WINDOW.md")
    await world.advance(seconds=5)
    for person in ("sara",):  # the question that runs goes on
        await world.says(person, "/gate go go")
    await world.advance(seconds=5)
    again = asked(world, "olga")
    assert "*Asked again, because:* Deployment window confirmed: was ticked" in again.shown
    world.dm("olga").expect_nothing("Your signature")
    await world.clicks("olga", "GO", again)
    await world.advance(seconds=5)
    assert asked(world, "stan")
    await world.says("stan", "/gate go go")
    await world.advance(seconds=5)
    assert world.row("gate", "go").state == "passed"
    assert world.verified() == []


async def test_a_poll_stops_while_a_criterion_fails_and_goes_on_with_all_whose_go_is_void(polled):
    world = polled
    await world.says("olga", "/gate go go")
    await world.says("pa", "/blocker critical: the disk is full")
    await world.advance(seconds=5)
    assert "It stopped, because this is open: No open blocker" in card(world).shown
    refused = await world.says("sara", "/gate go go")
    assert "Nobody can say GO" in refused.text
    await world.until("2025-11-15 11:50")
    assert world.row("gate", "go").state == "pending"
    await world.says("olga", "/blocker resolve 1")
    await world.advance(seconds=5)
    assert "Asked again, because" in asked(world, "olga").shown
    for person in ("olga", "sara", "stan"):
        await world.says(person, "/gate go go")
        await world.advance(seconds=5)
    assert world.row("gate", "go").state == "passed"


@pytest.mark.both_databases
async def test_a_poll_whose_criterion_fails_at_the_time_of_the_decision_is_no_go(polled):
    world = polled
    await world.says("olga", "/gate go go")
    await world.says("pa", "/blocker critical: the disk is full")
    await world.until("2025-11-15 12:01")
    world.channel("release").expect("*NO-GO*", "No open blocker of severity critical: blocker 1 open")
    world.channel("release").expect_nothing("*NO-GO*", "silence")


async def test_a_poll_makes_the_condition_of_a_go_a_criterion_that_its_owner_ticks(polled):
    world = polled
    said = await world.says("olga", "/gate go go if the rollback was tried <@UPA>")
    assert "You answered GO for Omega if the rollback was tried (<@UPA> ticks it)." in said.text
    await world.advance(seconds=5)
    world.dm("pa").expect("<@UOLGA> says GO on a condition, and names you", "the rollback was tried", "/gate tick go 2")
    assert "Omega GO if the rollback was tried" in asked(world, "sara").shown
    for person in ("sara", "stan"):
        await world.says(person, "/gate go go")
        await world.advance(seconds=5)
    assert world.row("gate", "go").state == "pending"
    assert "It waits for 1 condition" in card(world).shown
    other = await world.says("pb", "/gate tick go 2")
    assert "Only <@UPA> can tick that: the rollback was tried" in other.text
    await world.says("pa", "/gate tick go 2")
    await world.advance(seconds=5)
    assert world.row("gate", "go").state == "passed"
    world.channel("release").expect("*GO*", "GO from <@UOLGA>, <@USARA> and <@USTAN>")
    assert world.verified() == []


async def test_a_poll_is_no_go_when_a_condition_does_not_hold_at_the_time_of_the_decision(polled):
    world = polled
    await world.clicks("olga", "GO if...", asked(world, "olga"))
    await world.submits("olga", {"GO if": "the rollback was tried", "Who ticks it": "UPA"})
    for person in ("sara", "stan"):
        await world.says(person, "/gate go go")
    await world.until("2025-11-15 12:01")
    world.channel("release").expect("*NO-GO*", "the rollback was tried: not ticked yet")
    assert world.row("gate", "go").attempt == 2
    assert "the rollback" not in (await world.says("amp", "/gate show go")).text


async def test_a_poll_that_runs_when_the_decision_is_due_decides_when_it_is_over(waiting):
    world = waiting
    await world.until("2025-11-15 11:55")
    await world.says("amp", "/gate tick go 1")
    await world.until("2025-11-15 12:04")
    assert world.row("gate", "go").state == "ready"
    late = await world.says("olga", "/gate go go if the rollback was tried")
    assert "The decision is due since" in late.text
    assert "no condition now" in late.text
    for person in ("olga", "sara", "stan"):
        await world.says(person, "/gate go go")
        await world.advance(seconds=5)
    assert world.row("gate", "go").state == "passed"


async def test_a_poll_that_runs_when_the_decision_is_due_is_no_go_by_silence(waiting):
    await waiting.until("2025-11-15 11:55")
    await waiting.says("amp", "/gate tick go 1")
    await waiting.until("2025-11-15 12:06")
    waiting.channel("release").expect("*NO-GO*", "no answer from Omega", "silence is NO-GO")


async def test_a_poll_lets_a_go_grow_old_and_asks_again(database_url):
    plan = PLAN.replace("fresh: 2h", "fresh: 15m").replace("answer_within: 10m", "answer_within: 20m")
    async with company(database_url, plan) as world:
        await world.jump(days=2, hours=2)
        await world.says("amp", "/gate tick go 1")
        await world.until("2025-11-15 11:31")
        await world.says("olga", "/gate go go")
        await world.until("2025-11-15 11:45")
        await world.says("sara", "/gate go go")
        await world.until("2025-11-15 11:47")
        assert asked(world, "stan")
        await world.says("stan", "/gate go go")
        await world.advance(seconds=5)
        assert world.row("gate", "go").state == "ready"
        assert "the GO is older than 15m" in asked(world, "olga").shown
        await world.says("olga", "/gate go go")
        await world.advance(seconds=5)
        assert world.row("gate", "go").state == "passed"


async def test_a_poll_asks_the_deputy_while_the_lead_is_away(waiting):
    world = waiting
    await world.says("olga", "/plan away today")
    await world.says("amp", "/gate tick go 1")
    await world.until("2025-11-15 11:31")
    page = asked(world, "pa")
    assert "standing in for <@UOLGA>, who is away" in page.shown
    world.dm("olga").expect_nothing("GO or NO-GO for")
    await world.clicks("pa", "GO", page)
    await world.advance(seconds=5)
    assert "<@UPA> for <@UOLGA>" in card(world).shown
    assert world.entries("gate", "signed", "go")[0].on_behalf_of == "olga"


async def test_a_poll_refuses_whoever_may_not_answer(polled):
    world = polled
    for person in ("sc", "exec", "amp"):
        said = await world.says(person, "/gate go go")
        assert "does not ask you to sign. Only <@UOLGA>" in said.text, person
    deputy = await world.says("pa", "/gate go go")
    assert "is not away. You are their deputy" in deputy.text
    looks_on = await world.says("obi", "/gate no-go go because I say so")
    assert "You follow" in looks_on.text
    assert world.entries("gate", "signed", "go") == []
    assert len(world.entries("gate", "refused", "go")) == 5


async def test_a_poll_counts_an_answer_once_and_lets_another_of_the_role_only_say_no(polled):
    world = polled
    page = asked(world, "olga")
    await world.clicks("olga", "GO", page)
    again = await world.says("olga", "/gate go go")
    assert "You answered GO for Omega already" in again.text
    assert "`/gate withdraw go`" in again.text
    await world.says("sara", "/gate go go")
    await world.says("stan", "/gate go go if the press is told <@USC>")
    second = await world.says("stew", "/gate go go")
    assert "<@USTAN> answered GO for Stakeholder already" in second.text
    assert "You can still say NO-GO" in second.text
    assert len(world.entries("gate", "signed", "go")) == 3
    await world.says("stew", "/gate no-go go because nobody asked me")
    await world.advance(seconds=5)
    world.channel("release").expect("*NO-GO*", "<@USTEW> said no: nobody asked me")


async def test_a_poll_asks_again_whoever_withdraws_a_go(polled):
    world = polled
    await world.says("olga", "/gate go go")
    await world.says("olga", "/gate withdraw go")
    await world.says("sara", "/gate go go")
    await world.advance(seconds=5)
    assert "<@UOLGA> withdrew the GO" in asked(world, "olga").shown
    await world.says("olga", "/gate no-go go because I looked again")
    await world.advance(seconds=5)
    world.channel("release").expect("*NO-GO*", "<@UOLGA> said no: I looked again")


@pytest.mark.parametrize(
    ("asked_by", "sentence"),
    [
        ("9.0.1.00000000", "That was an earlier poll of Go or no-go, and it is over. Your click did nothing."),
        ("1.0.1.00000000", "What you vouch for has changed since that page. Your click did nothing."),
        ("1.0.0.{}", "You were asked anew since that page. Your click did nothing."),
    ],
)
async def test_an_old_button_of_a_poll_does_nothing_and_says_why(polled, asked_by, sentence):
    def click(tx):
        directory = teams.directory(tx, 1)
        now = Look(tx, gates.gate(tx, 1, "go")).question(0).split(".")[3]
        olga = Asker(directory, directory.people["olga"])
        return polls.may_answer(tx, olga, "go", asked_by.format(now), go=True)

    with pytest.raises(Refused, match=sentence):
        polled.app.db.transact(click)


async def test_a_poll_tells_whoever_answers_late_that_it_is_over(polled):
    await polled.says("olga", "/gate no-go go because x")
    await polled.says("amp", "/gate tick go 1")
    late = await polled.says("olga", "/gate go go")
    assert "You are late: the last poll ended" in late.text
    assert "The poll of Go or no-go opens" in late.text
    assert polled.entries("gate", "signed", "go") == []


async def test_a_poll_asks_anew_whose_time_ended_while_the_bot_was_away(polled):
    world = polled
    await world.jump(minutes=25)
    assert world.row("gate", "go").state == "ready"
    assert "I was away when your time ended, for 15m" in asked(world, "olga").shown
    await world.advance(minutes=11)
    world.channel("release").expect("*NO-GO*", "no answer from Omega")


async def test_a_poll_keeps_the_terms_that_it_began_with(polled):
    world = polled
    world.apply(
        PLAN.replace("order: [omega, sigma, stakeholder], answer_within: 10m", "order: [sigma], answer_within: 1m")
    )
    await world.advance(minutes=5)
    assert world.row("gate", "go").state == "ready"
    for person in ("olga", "sara", "stan"):
        await world.says(person, "/gate go go")
        await world.advance(seconds=5)
    assert world.row("gate", "go").state == "passed"


async def test_a_poll_counts_for_the_sign_off_of_the_same_people(database_url):
    sign_off = "    sign_off: [{role: coordinator}, {role: stakeholder}]\n"
    async with company(database_url, PLAN.replace(POLL, POLL + sign_off)) as world:
        await world.jump(days=2, hours=2)
        await world.says("amp", "/gate tick go 1")
        await world.until("2025-11-15 11:31")
        for person in ("olga", "sara", "stan"):
            await world.says(person, "/gate go go")
            await world.advance(seconds=5)
        assert world.row("gate", "go").state == "ready"
        assert "Poll: 3 of 3 GO. Waiting for <@UAMP>" in (await world.says("amp", "/gate show go")).text
        await world.signs("amp", "go")
        assert world.row("gate", "go").state == "passed"


async def test_the_poll_of_a_gate_is_in_its_json(polled):
    world = polled
    await world.says("olga", "/gate go go if the rollback was tried <@UPA>")
    out = world.app.db.transact(lambda tx: as_json(Look(tx, gates.gate(tx, 1, "go"))))
    poll = GateOut.model_validate(out).poll
    assert poll is not None
    assert [voice.stand for voice in poll.voices] == ["go", "asked", "waiting"]
    assert poll.voices[0].condition == "the rollback was tried"
    assert poll.voices[0].owner == "pa"


def forged(world, change):
    """What an audit says of a poll whose voices somebody changed behind Callboard's back; then it is undone."""

    def attack(tx):
        (poll,) = tx.session.exec(select(Poll)).all()
        voices = copy.deepcopy(poll.voices)
        change(voices)
        poll.voices = voices
        tx.session.flush()
        raise UndoneError([sentence for each in tx.of(EVIDENCE) for sentence in each(tx, 1)])

    with pytest.raises(UndoneError) as undone:
        world.app.db.transact(attack)
    return undone.value.args[0]


FORGERIES = {
    "a GO becomes a NO-GO": lambda voices: voices[0].update(stand="no-go"),
    "a GO is somebody else's": lambda voices: voices[0]["answer"].update(by="pa"),
    "a GO depends on nothing": lambda voices: voices[0]["answer"].update(condition="", owner=""),
    "a GO vouches for something else": lambda voices: voices[0]["answer"].update(content="0" * 16),
    "a GO is not there": lambda voices: voices[0].update(answer=None),
    "nobody asks any more": lambda voices: voices[1].update(stand="silent"),
    "an answer that nobody gave": lambda voices: voices[1].update(stand="go", answer=voices[0]["answer"]),
    "an early GO is a NO-GO": lambda voices: voices[2]["early"].update(go=False),
    "an early GO that nobody gave": lambda voices: voices[1].update(early=voices[2]["early"]),
}


@pytest.mark.both_databases
async def test_the_ballots_of_a_poll_tell_when_somebody_changes_who_answered_what(polled):
    await polled.says("stan", "/gate go go")
    await polled.says("olga", "/gate go go if the cache is warm by @pa")
    await polled.advance(seconds=5)
    assert forged(polled, lambda _: None) == []
    assert [what for what, change in FORGERIES.items() if not forged(polled, change)] == []


async def test_a_link_answers_go_only_for_what_its_page_showed(polled):
    def poll(tx):
        return tx.session.exec(select(Poll)).one()

    def press(tx, mark):
        directory = teams.directory(tx, 1)
        clicked = Request(workspace=directory.workspace, user="UOLGA")
        by_link.ANSWER.press(Click(tx, Asker(directory, directory.people["olga"]), poll(tx), mark, "", clicked))

    def mark(tx):
        return by_link.ANSWER.mark(tx, poll(tx))

    transact = polled.app.db.transact
    read = transact(mark)
    await polled.says("amp", "/gate untick go 1")
    await polled.says("amp", "/gate tick go 1")
    await polled.advance(seconds=5)
    with pytest.raises(Refused, match="The question has changed since you opened this page"):
        transact(press, read)
    transact(press, transact(mark))
    await polled.settled()
    assert "*Omega*: GO, <@UOLGA>" in card(polled).shown
