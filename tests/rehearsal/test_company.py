"""People who act by themselves: by chance, and the same seed always has the same rehearsal."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from callboard.app import sections
from callboard.cli.main import main
from callboard.core.errors import Refused
from callboard.plans import service as plans
from callboard.rehearsal.company import Company
from callboard.rehearsal.play import Rehearsal, played
from callboard.rehearsal.transcript import Line
from callboard.teams.plan.directory import drafted
from tests.rehearsal.goldens import written
from tests.world import MORNING, PLAN

DAY = (
    PLAN.replace("2025-11-15 18:00", "2025-11-13 13:00")
    + """
tasks:
  - for: {from: 2025-11-13 09:00}
    O-1: {title: Mongo, team: omega, assignee: pa, estimate: 1h, criteria: [Answers]}
    O-2: {title: Mail, team: omega, estimate: 30m}
    S-1: {title: Smoke, team: sigma, assignee: sc, needs: [ready], estimate: 30m}
gates:
  ready: {name: Ready, due: 2025-11-13 12:00, criteria: [{tasks: [O-1, O-2], are: completed}, {tick: Works, by: [omega]}], sign_off: [{lead_of: omega}]}
standups:
  - {name: Morning, days: mon-fri, at: "09:10", window: 30m, who: [everyone], channel: coordination, questions: [Yesterday, Today]}
"""  # noqa: E501 - a plan file
)
QUICK = "rehearsal: {people: {default: {answers_within: 1m-5m, never: 0%}}, work: {slip: 0%}}\n"
FLAWED = """
rehearsal:
  people: {default: {answers_within: 1m-5m, never: 0%}, sc: {never: 100%}, pb: {away: 2025-11-13}}
  work: {slip: 50%, fails: {O-1: 100%}}
"""


def rehearsed(plan, seed=None, lines=""):
    checked = plans.check(plan, "plan.yml", sections())
    assert not checked.errors, checked.report()
    return asyncio.run(played(checked, ("s.yml", lines.encode()) if lines else None, seed=seed))


@pytest.fixture(scope="module")
def good():
    return rehearsed(DAY + QUICK, 1)


def did(run, who):
    return [line.text for line in run.lines if line.who == who and line.did in ("typed", "clicked", "submitted")]


def test_a_company_works_answers_ticks_and_signs_so_that_a_gate_passes_and_what_waits_begins(good):
    assert [text for text in did(good, "pa") if "/task" in text] == [
        "/task start O-1", "/task tick O-1 all", "/task complete O-1"
    ]  # fmt: skip
    assert "/task claim O-2" in did(good, "olga")
    assert "/gate tick ready Works" in did(good, "olga")
    assert any(text.startswith("[Sign...] on: ") for text in did(good, "olga"))
    assert "Sign: ready: Confirm: yes" in did(good, "olga")
    assert "/task complete S-1" in did(good, "sc")
    assert any("Ready" in line.text and "has passed" in line.text for line in good.lines)
    assert {line.to for line in good.lines if line.kind == "standup.prompt"} >= {"@pa", "@pb", "@sc"}
    assert not [line for line in good.lines if line.page]


def test_the_same_seed_has_the_same_transcript_and_another_one_another(good):
    assert written(rehearsed(DAY + QUICK, 1)) == written(good)
    assert written(rehearsed(DAY + QUICK, 2)) != written(good)


def test_a_task_of_a_day_takes_somebody_a_day_of_work():
    longer = DAY.replace("estimate: 1h,", "estimate: 1d,").replace("to: 2025-11-13 13:00", "to: 2025-11-14 13:00")
    ends = [line.at for line in rehearsed(longer + QUICK, 1).lines if line.text == "/task complete O-1"]
    assert ends
    assert ends[0] - datetime(2025, 11, 13, 9, tzinfo=UTC) < timedelta(days=1, minutes=30)


def test_whoever_never_answers_or_is_away_does_nothing_and_what_fails_is_a_blocker():
    run = rehearsed(DAY + FLAWED, 1)
    assert did(run, "pb") == []
    assert [text for text in did(run, "sc") if "[Fill in]" in text] == []
    assert "/task block O-1 it fails" in did(run, "pa")
    assert [line.to for line in run.lines if line.page][:1] == ["@olga"]
    assert any(text.startswith("[Take it] on: ") for text in did(run, "olga"))
    assert any(text.startswith("[Resolve] on: ") for text in did(run, "olga"))


def test_a_company_says_that_teams_have_met_and_ticks_and_signs_each_item_of_a_gate():
    plan = DAY.replace(
        "standups:",
        "  item: {name: Item, due: 2025-11-13 12:30, each: {of: K, items: [K-1, K-2], owner: sara}, "
        "criteria: [Merged], sign_off: [{owner: each}]}\nstandups:",
    ).replace("estimate: 30m}\ngates", "estimate: 30m, support_teams: [omega], points: {Omega: omega}}\ngates")
    run = rehearsed(plan.replace("team: sigma, assignee: sc", "lead_team: sigma, assignee: sc") + QUICK, 1)
    assert "/task point S-1 Omega completed" in did(run, "sara")
    for words in ("All points where teams meet are completed.", "Item passed"):
        assert any(words in line.text for line in run.lines), words


def test_a_company_ticks_for_the_next_attempt_after_a_no_go_as_it_did_for_the_first():
    go = (
        "  go: {name: Go, decision: true, due: 2025-11-13 11:00, criteria: [{tick: Calm, by: [coordinator]}], "
        "sign_off: [{role: coordinator}], if_no_go: {again: 1h}}\nstandups:"
    )
    run = rehearsed(
        DAY.replace("standups:", go) + QUICK.replace("1m-5m, never: 0%}", "1m-5m, never: 0%}, amp: {never: 100%}"), 1
    )
    ticked = [line.at for line in run.lines if line.text == "/gate tick go Calm"]
    missed = [
        line.at for line in run.lines if line.text.startswith(":red_circle: NO-GO: Go.") and line.to == "#release"
    ]
    assert len(missed) >= 2
    assert [sum(before < at < after for at in ticked) for before, after in pairwise(missed)] == [1] * (len(missed) - 1)


def test_a_company_finishes_the_steps_that_its_team_leads_at_night_and_pages_nobody():
    book = (
        "runbooks:\n  move: {day: 2025-11-13, steps: [{at: '22:00', title: Move it, lead: omega, within: 1h30m}, "
        "{at: '23:00', title: Look at it, lead: sigma, within: 1h30m}]}\nstandups:"
    )
    run = rehearsed(DAY.replace("standups:", book).replace("to: 2025-11-13 13:00", "to: 2025-11-14 13:00") + QUICK, 1)
    done = [line.text for line in run.lines if line.did == "clicked" and line.text.startswith("[Done] on: ")]
    assert len(done) == 2, done
    assert not [line.text for line in run.lines if line.kind == "step.page"]


def test_a_company_ticks_all_items_of_a_step_however_many_before_it_is_done():
    items = ", ".join(f"Check {number}" for number in range(12))
    book = (
        "runbooks:\n  move: {day: 2025-11-13, steps: ["
        f"{{at: '10:00', title: Move it, lead: omega, items: [{items}]}}, "
        "{at: '10:30', title: Look at it, lead: sigma, items: [All is green]}]}\nstandups:"
    )
    run = rehearsed(DAY.replace("standups:", book) + QUICK, 1)
    done = [line.text for line in run.lines if line.did == "clicked" and line.text.startswith("[Done] on: ")]
    assert len(done) == 2, done
    assert any("is done" in line.text and line.kind == "run.card" for line in run.lines)


def test_a_company_reports_what_a_step_wants_measured_and_says_how_tasks_and_risks_stand():
    more = """
measures: {errors: {name: Errors, at_most: 1%, by: [sigma]}}
runbooks:
  move: {day: 2025-11-13, steps: [{at: '10:00', title: Move it, lead: omega, measures: [errors]}]}
cadences:
  - {name: How far, every: 30m, who: [assignees]}
risks:
  - {risk: Too much, probability: low, impact: low, owner: olga, mitigation: Help, indicators: [{ask: pb, question: Is it too much?, every: 1d}]}
"""  # noqa: E501 - a plan file
    run = rehearsed(DAY + more + QUICK, 1)
    assert "/gate report errors 1%" in did(run, "sara")
    assert any("Move it" in line.text and "is done" in line.text for line in run.lines if line.kind == "run.card")
    assert any(text.startswith("[No] on: ") for text in did(run, "pb"))
    assert any(text.startswith(("[As planned] on: ", "[All as planned] on: ")) for text in did(run, "pa"))


def test_a_script_that_does_not_come_true_says_where_and_what_was_not_read():
    lines = """script:
  - {at: 2025-11-13 09:05, who: pa, says: /blocker mongo refuses TLS, in: "#omega"}
  - {by: "09:06", who: olga, reads: mysql}
  - {until: "09:20", who: olga, never: mongo}
  - {after: 1m, who: olga, clicks: Nonsense, on: mongo}
  - {after: 1m, who: olga, clicks: Take it, on: mysql}
  - {after: 1m, who: olga, submits: {Confirm: "yes"}}
"""
    run = rehearsed(DAY, lines=lines)
    assert [(miss.line, miss.sentence) for miss in run.misses] == [
        (3, "olga did not read “mysql”"),
        (4, "olga read “mongo” after all: :rotating_light: Blocker 1  mongo refuses TLS"),
        (5, "olga could not do this: olga sees no button “Nonsense” there, only Take it, Resolve, Escalate now"),
        (6, "olga could not do this: olga sees no message with the words “mysql”"),
        (7, "olga could not do this: olga has no such view open"),
    ]


def test_the_command_line_rehearses_and_writes_a_transcript_a_page_or_json(tmp_path):
    plan, page, values = tmp_path / "plan.yml", tmp_path / "run.html", tmp_path / "run.json"
    plan.write_text(DAY + QUICK)
    told = CliRunner().invoke(main, ["rehearse", str(plan), "--until", "2025-11-13 09:20"])
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("\nThursday, 13 November 2025\n\n08:30  ")
    assert "pa typed in @pa: /task start O-1" in told.stdout
    assert "messages, 0 pages among them." in told.stderr
    again = ["rehearse", str(plan), "--until", "2025-11-13 09:20", "--html", str(page), "--json", str(values)]
    assert CliRunner().invoke(main, again).stdout == ""
    assert '<th scope="col">Person A</th>' in page.read_text()
    assert {"at", "who", "to", "did", "text", "kind", "page"} == set(json.loads(values.read_text())[0])


def test_a_company_that_hears_one_message_more_answers_all_others_as_before():
    document = plans.check(DAY, "plan.yml", sections()).document
    directory, at = drafted(document), datetime(2025, 11, 13, 9, tzinfo=UTC)
    assert directory is not None
    news, question = (Line(at, "", "@pa", "posted", text) for text in ("Mail is up", "Morning\n[Fill in]"))
    heard = [list(Company(document, directory, 1).hear(each, at)) for each in ([question], [news, question])]
    assert heard[0] == heard[1] != []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--until", "noon"], "--until: `noon` is no date"),
        (["--script", "nowhere.yml"], "nowhere.yml: No such file or directory"),
        (["--database", "mysql://x"], "DATABASE_URL starts with `mysql:`"),
    ],
)
def test_the_command_line_refuses_in_a_sentence(tmp_path, words, sentence):
    plan = tmp_path / "plan.yml"
    plan.write_text(DAY)
    told = CliRunner().invoke(main, ["rehearse", str(plan), *words])
    assert told.exit_code == 1
    assert sentence in told.stderr


def test_a_database_that_has_a_plan_is_left_alone(tmp_path):
    url = f"sqlite:///{tmp_path / 'used.db'}"
    checked = plans.check(DAY, "plan.yml", sections())
    asyncio.run(played(checked, until="2025-11-13 08:31", database_url=url))
    with pytest.raises(Refused, match="There is a plan in this database"):
        asyncio.run(played(checked, until="2025-11-13 08:31", database_url=url))


def test_a_program_of_somebody_sends_over_http_what_a_script_says_and_its_refusal_is_a_miss():
    hook, labels = "POST /hooks/alertmanager", "{alertname: HighErrorRate}"
    fires = f"{{status: firing, alerts: [{{status: firing, labels: {labels}, startsAt: '2025-11-13T09:00:00Z'}}]}}"
    run = rehearsed(
        DAY + "alerts: [{match: {alertname: HighErrorRate}, page: [pb]}]\n",
        lines=f"""script:
  - {{at: 2025-11-13 09:01, who: amp, sends: {hook}, body: {fires}}}
  - {{by: "09:01", who: pb, reads: HighErrorRate}}
  - {{at: "09:02", who: amp, sends: {hook}, body: [1]}}
  - {{at: "09:03", who: pb, sends: GET /api/v1/plans/release/tasks/O-1}}
""",
    )
    assert [miss.line for miss in run.misses] == [4]
    assert "amp could not do this: the answer was 422" in run.misses[0].sentence
    answers = [line.text for line in run.lines if line.did == "answered" and line.to in ("@amp", "@pb")]
    assert answers[0] == '200 {"received":1,"matched":1}'
    assert answers[1].startswith('200 {"key":"O-1","title":"Mongo"')


def test_a_company_works_by_everybodys_own_clock():
    plan = DAY.replace("sc: {name: Person C,", "sc: {name: Person C, timezone: America/New_York,")
    plan = plan.replace(", needs: [ready]", "").replace("to: 2025-11-13 13:00", "to: 2025-11-13 20:00")
    run = rehearsed(plan.replace('at: "09:10",', 'at: "09:10", clock: person,') + QUICK, 1)
    begun = next(line.at for line in run.lines if line.text == "/task start S-1")
    asked = [line.at for line in run.lines if line.to == "@sc" and line.kind == "standup.prompt"]
    answered = [line.at for line in run.lines if line.who == "sc" and line.text.startswith("[Fill in]")]
    nine = datetime(2025, 11, 13, 14, tzinfo=UTC)
    assert timedelta() < begun - nine < timedelta(minutes=10)
    assert timedelta() < answered[0] - asked[0] < timedelta(minutes=10)


def test_a_company_answers_a_poll_in_its_time_and_ticks_the_items_of_a_step():
    go = (
        "  go: {name: Go, decision: true, due: 2025-11-13 12:00, criteria: [{blockers: none, severity: critical}], "
        "poll: {opens: 2025-11-13 11:00, order: [omega, sigma], answer_within: 3m}, sign_off: [{role: coordinator}], "
        "if_no_go: {again: 1d}}\nrunbooks:\n  ship: {starts: {on: {gate: go}}, steps: [{id: copy, title: Copy made, "
        "lead: omega, takes: 10m, within: 30m, items: [Disk free, Doors shut]}]}\nstandups:"
    )
    slow = QUICK.replace("1m-5m", "10m-20m")
    run = rehearsed(DAY.replace("standups:", go) + slow, 1)
    assert [line.who for line in run.lines if line.text.startswith("[GO] on: ")] == ["olga", "sara"]
    assert any(line.text.startswith(":large_green_circle: GO: Go,") for line in run.lines)
    assert any("Copy made is done. Ship is over." in line.text for line in run.lines)
    assert not [line.text for line in run.lines if line.kind == "step.page"]


async def test_a_rehearsal_goes_on_when_somebody_looked_at_their_home_and_left(tmp_path):
    checked = plans.check(PLAN, "plan.yml", sections())
    directory, database = drafted(checked.document), f"sqlite:///{tmp_path}/rehearsal.db"
    assert directory is not None
    async with Rehearsal(checked, directory, database, MORNING, is_own=True) as stage:
        await stage.slack.open_home("olga")
        await stage.until(MORNING + timedelta(seconds=1))
        assert stage.slack.home("olga")
        while (due := await stage.app.next_due()) and due < MORNING + timedelta(hours=1):
            assert due > stage.clock.now(), "nothing is left to do at an instant that is over"
            stage.clock.move_to(due)
            await stage.settled()
