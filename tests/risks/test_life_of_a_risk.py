"""A risk from the plan, or from whoever raises it, to its end: what trips, who is told, what becomes of it."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

TASKS = "".join(f"    O-{n}: {{title: Part {n}, assignee: pa}}\n" for n in range(1, 7))
REGISTER = f"""\
tasks:
  - for: {{team: omega}}
{TASKS}\
    S-1: {{title: Tests, assignee: sc, team: sigma}}
gates:
  live: {{name: Live, due: 2025-11-15 12:00, sign_off: [{{role: coordinator}}]}}
measures: {{failures: {{name: Failures, at_most: 3, by: [omega]}}}}
emergencies:
  2: {{name: High, tell: [all leads]}}
risks:
  - {{risk: Developer02 overload, probability: medium, impact: high, owner: olga,
     mitigation: Delegate to Developer03,
     indicators: [{{in_progress: {{of: pa, more_than: 2}}}}, {{stuck: {{of: pa, for: 20h}}}},
                  {{ask: pa, question: Too much for you?, every: 1d}}],
     actions: [Move tasks to Developer03, Add pairing sessions]}}
  - {{risk: Scope creep, probability: medium, impact: medium, owner: amp, mitigation: Strict change control,
     indicators: [{{forecast: {{gate: live, later_than: 1d}}}}, {{measure: failures}}, New requirements]}}
  - {{risk: Team member absence, probability: low, impact: low, owner: amp}}
"""


@pytest.fixture
async def register(database_url):
    """Nine o'clock on Thursday."""
    async with World(database_url, PLAN + REGISTER) as world:
        yield world


async def overloads(world, *tasks):
    for task in tasks or ("O-1", "O-2", "O-3"):
        await world.says("pa", f"/task start {task}")
    await world.advance(minutes=1)


async def test_typed_risk_lists_the_register_the_gravest_first_and_shows_one_with_its_signs(register):
    listed = (await register.says("stan", "/risk")).text
    places = [listed.index(name) for name in ("Developer02 overload", "Scope creep", "Team member absence")]
    assert places == sorted(places)
    assert "probability medium, impact high. <@UOLGA>" in listed
    shown = (await register.says("stan", "/risk show 1")).text
    for words in (
        "Against it: Delegate to Developer03", "0 tasks of Person A in progress, 2 allowed",
        "0 tasks of Person A without news for 20 h", "Too much for you? No answer yet", "1 Move tasks to Developer03",
    ):  # fmt: skip
        assert words in shown, words
    creep = (await register.says("stan", "/risk show 2")).text
    for words in ("Forecast of gate live: not known yet", "Failures: not known yet", "New requirements"):
        assert words in creep, words


async def test_when_an_indicator_comes_due_its_owner_is_told_once_and_anew_after_it_was_quiet(
    register,
):
    await overloads(register)
    await register.advance(minutes=58)
    register.dm("olga").expect_nothing("needs you")
    await register.advance(hours=3)
    told = register.dm("olga").expect("Risk 1 needs you", "3 tasks of Person A in progress, 2 allowed: O-1, O-2, O-3")
    assert "Make 1 a task" in told.shown
    assert register.dm("olga").count("needs you") == 1
    await register.completes("pa", "O-3")
    await register.advance(hours=1)
    assert register.dm("olga").count("Risk 1 is quiet again") == 1
    await overloads(register, "O-4")
    await register.advance(hours=1)
    assert register.dm("olga").count("needs you") == register.dm("olga").count("I told you again since then") == 1
    assert register.verbs("risk", 1) == ["tripped", "quiet again", "tripped"]
    for person in ("pa", "sara", "amp", "stan", "exec"):
        register.dm(person).expect_nothing("needs you")


@pytest.mark.parametrize(("span", "days"), [("24h", 5), ("2d", 4)])
async def test_an_indicator_counts_neither_nights_nor_weekends_as_silence(database_url, span, days):
    async with World(database_url, PLAN + REGISTER.replace("for: 20h", f"for: {span}")) as world:
        await world.advance(days=1, hours=7)
        await world.says("pa", "/task start O-1")
        await world.advance(days=days, minutes=-1)
        assert "0 tasks of Person A without news" in (await world.says("olga", "/risk show 1")).text
        await world.advance(minutes=1)
        assert "1 task of Person A without news" in (await world.says("olga", "/risk show 1")).text


async def test_an_indicator_of_an_owner_who_is_away_comes_due_for_the_deputy_and_then_the_coordinator(
    register,
):
    await register.says("olga", "/plan away today")
    await overloads(register)
    await register.advance(hours=1)
    register.dm("pa").expect("Risk 1 needs you")
    await register.says("amp", "/risk hand 1 <@USARA>")
    await register.says("sara", "/plan away today")
    await register.completes("pa", "O-3")
    await register.advance(hours=1)
    await overloads(register, "O-4")
    await register.advance(hours=1)
    register.dm("amp").expect("Risk 1 needs you")
    register.dm("olga").expect_nothing("needs you")


async def test_one_click_makes_a_task_of_an_action_with_the_owner_and_when_it_is_due(register):
    await overloads(register)
    await register.advance(hours=1)
    answer = await register.clicks("olga", "Make 2 a task", "Risk 1 needs you")
    assert "Task ACTION-1 is for risk 1" in answer.text
    task = register.row("task", "ACTION-1")
    assert (task.title, task.assignees, task.team) == ("Add pairing sessions", ["olga"], "omega")
    assert task.due_at is not None
    card = register.dm("olga").expect("2 Add pairing sessions: task ACTION-1")
    assert "Make 2 a task" not in card.shown
    assert "is already task ACTION-1" in (await register.says("olga", "/risk action 1 2")).text
    assert "Task ACTION-2" in (await register.says("amp", "/risk action 1")).text
    assert "All actions of risk 1 are tasks" in (await register.says("amp", "/risk action 1")).text
    assert "Risk 3 has no actions yet" in (await register.says("amp", "/risk action 3")).text


@pytest.mark.both_databases
async def test_the_question_of_an_indicator_comes_due_once_a_round_and_is_answered_by_button(register):
    asked = register.dm("pa").expect("Too much for you?")
    assert register.dm("pa").count("Too much for you?") == 1
    await register.advance(hours=8)
    assert register.dm("pa").count("Too much for you?") == 1
    await register.clicks("pa", "Yes", "Too much for you?")
    register.dm("pa").expect("You said yes: Too much for you?")
    await register.until("2025-11-14 09:00")
    register.dm("olga").expect("Risk 1 needs you", "Person A said yes: Too much for you?")
    assert register.dm("pa").count("Too much for you?") == 2
    stale = await register.clicks("pa", "No", asked)
    assert "I have asked again since" in stale.text
    await register.clicks("pa", "No", "Too much for you?")
    await register.advance(hours=1)
    register.dm("olga").expect("Risk 1 is quiet again")
    assert [entry.facts["how"] for entry in register.entries("risk question", "answered")] == ["yes", "no"]


async def test_a_measure_and_a_rating_of_the_risk_service_stay_when_the_plan_is_applied_again(register):
    await register.says("pa", "/gate report failures 5")
    await register.advance(hours=1)
    register.dm("amp").expect("Risk 2 needs you", "Failures: 5", "3 allowed, 2 over")
    assert "probability high, impact high" in (await register.says("amp", "/risk rate 2 HIGH high")).text
    assert "`huge` is no rating" in (await register.says("amp", "/risk rate 2 huge low")).text
    assert "already rated so" in (await register.says("amp", "/risk rate 2 high high")).text
    await register.says("amp", "/risk close 3 nobody is away")
    register.apply(register.plan.replace("Strict change control", "MVP focus"))
    await register.settled()
    shown = (await register.says("amp", "/risk show 2")).text
    assert "Probability high, impact high" in shown
    assert "MVP focus" in shown
    assert "nobody is away" in (await register.says("amp", "/risk show 3")).text
    assert "Team member absence: closed" in (await register.says("amp", "/risk list all")).text
    assert register.verified() == []


async def test_a_risk_that_somebody_raises_is_in_the_plan_and_its_owner_is_told(register):
    assert "What may go wrong?" in await register.opens("pa", "/risk raise vendor is late")
    values = {
        "How likely is it?": "high",
        "Who watches it?": "USC",
        "What to do when it comes near?": "- Call them\n- Stock up",
    }
    assert "Risk 4, vendor is late" in await register.submits("pa", values)
    register.dm("sc").expect("<@UPA> made you the owner of risk 4", "1 Call them", "2 Stock up")
    assert "The plan has that already: `/risk show 4`" in (
        await register.says("pa", "/risk raise low low Vendor is late")
    ).text  # fmt: skip
    assert "Risk 5" in (await register.says("exec", "/risk raise low high lights <fail>")).text
    assert "lights" in (await register.says("stan", "/risk show 5")).text
    assert "Only team members" in (await register.says("stan", "/risk raise low high nobody listens")).text
    assert "Say in a few words what may go wrong" in (await register.says("pa", "/risk raise low high ...")).text


@pytest.mark.both_databases
async def test_a_risk_that_happened_becomes_a_blocker_once_and_each_names_the_other(register):
    await overloads(register)
    await register.advance(hours=1)
    old = register.dm("olga").expect("Risk 1 needs you")
    answer = await register.clicks("olga", "It happened", old)
    assert "Risk 1 happened: it is blocker 1" in answer.text
    register.channel("omega").expect("Blocker 1", "Risk 1 happened: Developer02 overload")
    register.dm("olga").expect("It happened", "blocker 1: `/blocker show 1`")
    again = (await register.says("amp", "/risk happened 1")).text
    assert "Risk 1 has already happened: it is blocker 1, by <@UOLGA>" in again
    assert len(register.entries("blocker", "raised")) == 1
    assert register.row("risk", 1).blocker == 1
    assert register.verified() == []
    await register.says("amp", "/risk reopen 1")
    assert register.row("risk", 1).blocker is None
    assert register.verified() == []


@pytest.mark.both_databases
async def test_a_risk_that_happened_becomes_an_emergency_by_its_slack_form_or_typed(register):
    assert "There is no level `7`" in (await register.says("amp", "/risk emergency 2 7 it is too much")).text
    assert register.row("risk", 2).state == "open"
    assert "it is emergency 1" in (await register.says("amp", "/risk emergency 2 2 it is too much")).text
    emergency = register.row("emergency", 1)
    assert emergency.what == "Risk 2 happened: Scope creep: it is too much"
    assert "emergency 1: `/emergency show 1`" in (await register.says("pa", "/risk show 2")).text
    assert register.verified() == []


async def test_the_rights_to_a_risk_are_its_owners_and_the_coordinators(register):
    for typed in ("rate 1 low low", "hand 1 <@UPA>", "close 1 over", "happened 1", "emergency 1 2", "action 1 1"):
        assert "Only <@UOLGA> or <@UAMP> can" in (await register.says("sara", f"/risk {typed}")).text, typed
    assert "only follows Release" in (await register.says("amp", "/risk hand 1 <@USTAN>")).text
    assert "is not in Release" in (await register.says("amp", "/risk hand 1 <@USTRANGER>")).text
    assert "already owns risk 1" in (await register.says("amp", "/risk hand 1 <@UOLGA>")).text
    assert "There is no risk 99" in (await register.says("amp", "/risk close 99 over")).text


@pytest.mark.both_databases
async def test_a_risk_is_closed_once_and_an_old_slack_button_says_what_has_happened(register):
    await overloads(register)
    await register.advance(hours=1)
    old = register.dm("olga").expect("Risk 1 needs you")
    assert "needs a few words" in (await register.says("amp", "/risk close 1")).text
    closed = await register.slack.command("amp", "omega", "/risk close 1 Developer03 helps")
    clicked = await register.clicks("olga", "It happened", old)
    assert "is closed" in closed.text
    assert "Risk 1 has changed: <@UAMP> closed" in clicked.text
    assert "already closed by <@UAMP>" in (await register.says("olga", "/risk close 1 again")).text
    assert register.entries("blocker", "raised") == []
    assert "open again" in (await register.says("olga", "/risk reopen 1")).text
    assert "is open already" in (await register.says("olga", "/risk reopen 1")).text
    await register.advance(hours=1)
    assert register.row("risk", 1).trips == 2


async def test_an_indicator_that_comes_due_in_the_night_waits_for_the_morning_of_its_owner(register):
    hours = 'timezone: UTC\nworking_hours: {days: mon-fri, hours: "09:00-17:00"}\n'
    register.apply(register.plan.replace("timezone: UTC\n", hours))
    await register.until("2025-11-13 20:00")
    await overloads(register)
    await register.until("2025-11-14 08:59")
    register.dm("olga").expect_nothing("needs you")
    await register.until("2025-11-14 09:00")
    register.dm("olga").expect("Risk 1 needs you")


async def test_the_measure_of_calm_risks_counts_no_risk_that_is_closed(register):
    await register.says("amp", "/risk rate 1 high high")
    shown = (await register.says("amp", "/risk")).text
    assert "probability high, impact high" in shown
    await register.says("amp", "/risk close 1 Developer03 helps")
    assert "1 closed or happened" in (await register.says("amp", "/risk")).text


async def test_typed_words_that_are_no_verb_open_the_form_of_a_new_risk(register):
    await register.says("pa", "/risk the vendor may be late")
    form = (await register.opened("pa")).body
    assert form["blocks"][0]["element"]["initial_value"] == "the vendor may be late"
    assert "vendor" not in (await register.says("amp", "/risk")).text
