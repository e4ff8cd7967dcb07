"""The other ways of a run: how it may begin, who may stand in, what holds a step, and the ways back."""

from __future__ import annotations

import pytest

from callboard.gates import service as gates
from callboard.runbooks import store
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.runbooks.shipping import SHIPPING, shipping

DATABASES = ("sqlite",)
GATED = SHIPPING.replace(
    "  go: {name: Go or no-go, due",
    "  shut: {name: Doors shut, sign_off: [{lead_of: sigma}]}\n  go: {name: Go or no-go, decision: true, due",
)
FEW = """\
    steps:
      - {id: look, title: Look, lead: olga, gate: shut, takes: 10m}
      - {id: count, title: Count, lead: sc, needs: [], measures: [errors], takes: 10m, confirm: [sara]}
measures: {errors: {at_most: 1, by: [sigma]}}
rollbacks:
  atomic: {within: 5m, scope: One file}
  whole: {within: 20m, scope: All, order: [leads]}
"""


def begun_by(event: str) -> str:
    """The plan with a run-book that begins with an event."""
    first = GATED[: GATED.index("runbooks:\n")]
    return f"{first}runbooks:\n  answer:\n    starts: {{on: {event}}}\n{FEW}"


async def test_a_run_that_begins_with_a_gate_begins_when_it_passes_and_a_step_waits_for_its_own(database_url):
    async with shipping(database_url, begun_by("{gate: go}")) as world:
        assert "begins with gate go" in (await world.says("pa", "/run")).text
        await world.signs("amp", "go")
        assert world.row("run", "answer").state == "running"
        assert world.step("look").state == "waiting"
        assert "waits: Doors shut (`shut`) is not signed" in (await world.says("pa", "/run show")).text
        assert "Look can't begin: Doors shut" in (await world.says("olga", "/run start look")).text
        await world.signs("sara", "shut")
        assert world.step("look").state == "running"
        world.dm("olga").expect("You lead *Look* now")


async def test_a_run_that_begins_with_a_no_go_begins_when_the_decision_is_no_go(database_url):
    async with shipping(database_url, begun_by("{no_go: go}")) as world:
        await world.until("2025-11-15 13:46")
        assert world.row("run", "answer").state == "running"
        assert len(world.app.db.transact(store.open_runs, 1)) == 1


async def test_a_step_of_a_run_is_confirmed_by_whom_the_plan_names_and_only_while_its_measures_hold(database_url):
    async with shipping(database_url, begun_by("{gate: go}")) as world:
        await world.signs("amp", "go")
        assert world.dm("sara").count("*Count* begins now", "You confirm that it is done.") == 1
        assert "Only <@USARA> or <@UAMP> can confirm Count." in (await world.says("sc", "/run confirm count")).text
        assert "Count is not done: " in (await world.says("sara", "/run confirm count")).text
        world.app.db.transact(report)
        assert "Count is done." in (await world.says("sara", "/run confirm count")).text


def report(tx):
    directory = teams.directory(tx, 1)
    gates.report(tx, Asker(directory, directory.people["sc"]), "errors", "0")


async def test_the_deputy_of_a_leader_who_is_away_leads_the_steps_of_a_run(database_url):
    async with shipping(database_url, begun_by("{gate: go}")) as world:
        await world.says("olga", "/plan away today")
        await world.signs("amp", "go")
        await world.signs("sara", "shut")
        world.dm("pa").expect("You lead *Look* now")
        assert "Look is done." in (await world.says("pa", "/run confirm look")).text


async def test_a_rollback_without_steps_takes_back_what_was_confirmed_the_last_first(database_url):
    async with shipping(database_url, begun_by("{gate: go}")) as world:
        await world.signs("amp", "go")
        world.app.db.transact(report)
        await world.says("sara", "/run confirm count")
        await world.advance(minutes=1)
        await world.signs("sara", "shut")
        await world.says("olga", "/run confirm look")
        assert (
            "Only <@UOLGA> or <@USARA> can call Rollback whole"
            in (await world.says("pa", "/run rollback whole because it burns")).text
        )
        assert "must be over by" in (await world.says("olga", "/run rollback whole because it burns")).text
        row = next(run for run in world.app.db.transact(store.open_runs, 1) if run.key == "whole")
        titles = [step.title for step in world.app.db.transact(store.steps, row.number)]
        assert titles == ["Take back: Look", "Take back: Count"]
        assert (
            "is running already. See it: `/run show whole`"
            in (await world.says("sara", "/run rollback whole because it still burns")).text
        )
        await world.advance(minutes=21)
        world.channel("release").expect("*Rollback whole* is not over by its limit")


async def test_a_step_of_a_drill_and_of_a_run_is_told_apart_by_the_name_in_front(database_url):
    async with shipping(database_url) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        await world.says("olga", "/run drill go-live")
        drill = next(run for run in world.app.db.transact(store.open_runs, 1) if run.drill)
        assert "DRILL: Go announced is done" in (await world.says("amp", f"/run confirm {drill.number}/announce")).text
        assert (await world.says("amp", "/run confirm go-live/announce")).text.startswith("Go announced is done")
        answer = (await world.says("amp", "/run stop drill because it is enough")).text
        assert answer.startswith("DRILL: Go-live is stopped.")


async def test_the_forms_of_a_step_of_a_run_take_a_duration_a_reason_and_a_checklist(database_url):
    async with shipping(database_url) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        now = world.dm("amp").expect("You lead *Go announced* now")
        await world.clicks("amp", "Delay...", now)
        await world.opened("amp")
        wrong = await world.slack.submit("amp", {"How much longer?": "a bit"})
        assert wrong.errors == {"span": "That is no duration. Write 20m or 1h."}
        assert "is expected until" in await world.submits("amp", {"How much longer?": "5m", "Why": "so slow"})
        await world.until("2025-11-15 14:06")
        await world.done("amp", "announce")
        await world.until("2025-11-15 14:25")
        lead = world.channel("omega").expect("leads *Deploy* now")
        await world.clicks("pa", "Items (0 of 2)", lead)
        await world.opened("pa")
        await world.slack.submit("pa", {"Done": ["1"]})
        await world.settled()
        assert world.step("deploy").open_items == ["Doors shut"]
        await world.clicks("olga", "Failed...", world.channel("omega").expect("leads *Deploy* now"))
        await world.opened("olga")
        await world.submits("olga", {"What failed?": "The copy is empty"})
        assert (world.step("deploy").state, world.step("deploy").reason) == ("failed", "The copy is empty")


async def test_an_old_button_of_a_run_does_nothing_but_say_what_happened(database_url):
    async with shipping(database_url) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        await world.done("amp", "announce")
        await world.until("2025-11-15 14:25")
        await world.clicks("olga", "Delay...", world.channel("omega").expect("leads *Deploy* now"))
        await world.opened("olga")
        await world.says("pa", "/run delay deploy 5m because the copy is slow")
        answer = await world.submits("olga", {"How much longer?": "5m"})
        assert "Deploy has changed: <@UPA> delayed" in answer
        assert "Your click did nothing." in answer
        assert world.step("deploy").extra == 300


@pytest.mark.parametrize("typed", ["/run help", "/run confrim announce", "/run delay announce soon", "/run skip"])
async def test_what_is_mistyped_about_a_run_is_answered_with_what_to_type(database_url, typed):
    async with shipping(database_url) as world:
        answer = (await world.says("amp", typed)).text
        assert "/run " in answer


async def test_a_step_of_a_run_is_named_by_its_title_with_what_follows_behind_it(database_url):
    plan = SHIPPING.replace("  system: {within", "  whole site: {within: 1h, scope: All}\n  system: {within")
    plan = plan.replace("title: Release notes, lead: sc", "title: CI/CD gate, lead: pa").replace("id: notes", "id: ci")
    plan = plan.replace("smoke, notes", "smoke, ci")
    async with shipping(database_url, plan) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        story = """
            amp | /run delay Go announced 5m because the mail is late | Go announced is expected until
            amp | /run delay “Go announced” 1m | Go announced is expected until
            amp | /run delay go-live/Go announced soon | `soon` is no duration
            amp | /run delay Go announced soon | `/run delay announce 30m`
            amp | /run delay Go home 5m | has no step `Go home 5m`
            amp | /run confirm Go announced and more | has no step `Go announced and more`
            amp | /run confirm go-livee/announce | No run-book is running that is called `go-livee`.
            amp | /run confirm go-live/anounce | has no step `anounce`; did you mean `announce`?
            amp | /run confirm “Go announced”. | Go announced is done.
            amp | /run skip catch–up because we need no rest | is skipped.
            pa | /run items Deploy 1 | 1 of 2 items ticked
            pa | /run items “deploy” 2 | 2 of 2 items ticked
            pa | /run delay CI/CD gate 5m | is expected until
            pa | /run skip ci-cd-gate: nobody reads it | CI/CD gate is skipped.
            olga | /run fail Deploy the copy is empty | Deploy failed.
            amp | /run rollback Whole site because sign-in is empty | Rollback whole site has begun.
            amp | /run stop Whole site because it was not so bad | is stopped
            amp | /run stop “Go-live” because we try again | Go-live is stopped.
        """
        for person, typed, read in (line.strip().split(" | ") for line in story.strip().splitlines()):
            answer = (await world.says(person, typed)).text
            assert read in answer, (typed, answer)
        reasons = [world.step(key).reason for key in ("ci", "deploy")]
        assert reasons == ["nobody reads it", "the copy is empty"]
        run = next(run for run in world.app.db.transact(store.closed, 1, "go-live"))
        assert run.state == "stopped"


async def deploying(world) -> None:
    """Deploy is under way."""
    await world.passes()
    await world.until("2025-11-15 14:00")
    await world.done("amp", "announce")
    await world.says("amp", "/run skip 2 because we need no rest")
    assert world.step("deploy").state == "running"


async def test_the_answer_to_a_failed_step_of_a_run_says_what_follows_and_taking_it_back_undoes_that(database_url):
    async with shipping(database_url) as world:
        await deploying(world)
        for _ in range(2):
            answer = (await world.says("olga", "/run fail deploy because the copy is empty")).text
            assert "Smoke tests and On-call begins wait for it. To try again: `/run start deploy`." in answer
            assert "Rollback system is proposed. Now <@UAMP> can call it: `/run confirm system`." in answer
            assert "Undo" in answer
            await world.says("olga", "/run start deploy")
        assert len([entry for entry in world.entries("run", "called") if entry.facts["run"] == "system"]) == 1
        await world.says("olga", "/run fail deploy because the copy is empty")
        answer = (await world.says("olga", "/run back deploy")).text
        assert "Deploy is running again. Rollback system is withdrawn." in answer
        assert world.row("run", "system").state == "stopped"
        await world.advance(seconds=5)
        world.dm("amp").expect("*Rollback system* is withdrawn", "Deploy did not fail")


async def test_whoever_stands_in_for_the_leader_of_a_step_of_a_run_hears_once_that_it_is_theirs(database_url):
    async with shipping(database_url) as world:
        await deploying(world)
        await world.says("olga", "/plan away today")
        await world.advance(seconds=5)
        assert world.dm("pa").count("You lead *Deploy* now") == 1


TURNS = SHIPPING.replace("every: 1d, from: 2025-11-13 09:00", "every: 1h, from: 2025-11-15 12:30").replace(
    "{id: notes, title: Release notes, lead: sc,",
    "{id: notes, title: Release notes, lead: {on_call: omega}, within: 1h,",
)


async def test_whoever_begins_on_call_hears_of_the_step_under_way_that_is_theirs_now(database_url):
    async with shipping(database_url, TURNS) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        await world.done("amp", "announce")
        await world.advance(seconds=10)
        world.dm("pb").expect("You lead *Release notes* now")
        await world.until("2025-11-15 14:30")
        world.dm("pa").expect("You are on call for Omega")
        world.dm("pa").expect("You lead *Release notes* now")
        before = world.dm("pb").expect(
            "*Release notes* (Go-live) is now led by Person A, on call for Omega. Nothing to do."
        )
        assert before.buttons == []
        await world.says("pa", "/plan oncall omega @pb until 15:20")
        await world.advance(seconds=10)
        assert world.dm("pb").count("You lead *Release notes* now") == 2
        world.dm("pa").expect("*Release notes* (Go-live) is now led by Person B, on call for Omega. Nothing to do.")
        await world.done("pb", "notes")
        assert world.step("notes").state == "done"


async def test_whoever_has_a_step_over_its_limit_and_says_nothing_is_reminded_that_they_have_it(database_url):
    async with shipping(database_url) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        await world.done("amp", "announce")
        await world.until("2025-11-15 15:25")
        await world.clicks("olga", "I have it", world.dm("olga").expect("is over its limit"))
        await world.until("2025-11-15 15:34")
        reminder = world.dm("olga").expect("*Deploy* (Go-live) is over its limit", "You have had it since")
        assert "`/run delay deploy 15m`" in reminder.shown
        assert "You get this because" not in reminder.shown


async def test_whoever_leads_a_step_that_others_confirm_is_not_offered_to_say_that_it_is_done(database_url):
    async with shipping(database_url, begun_by("{gate: go}")) as world:
        await world.signs("amp", "go")
        leads = world.dm("sc").expect("You lead *Count* now", "<@USARA> confirms that it is done.")
        assert leads.buttons == ["Delay...", "Failed..."]
        assert world.dm("sara").expect("You confirm that it is done.").buttons == ["Done", "Delay...", "Failed..."]
