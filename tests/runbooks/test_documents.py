"""Somebody's document becomes a run-book that `check` takes, and every line of it is told of."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from callboard.app import sections
from callboard.cli.main import main
from callboard.core.errors import Refused
from callboard.planfile import check
from callboard.runbooks.plan import documents
from callboard.runbooks.plan.documents import moments, owners, phrases, text

TODAY = date(2026, 3, 1)
PLAN = """\
callboard: 1                      # the plan
key: harbor
name: Harbor
timezone: Europe/Berlin
from: 2026-03-20
to: 2026-04-10
channels: {coordination: "#harbor"}
teams:
  ops: {name: Operations, lead: olga, channel: "#ops"}
  web: {name: Web, lead: will}
people:
  chief: {name: Chiara Bo, slack: U0CHIEF, roles: [coordinator]}
  olga: {name: Olga Ott, slack: U0OLGA, email: olga@example.com}
  will: {name: Will Wei, slack: U0WILL}
# the end of the plan
"""
SEQUENCE = """\
# Ship it

Everything here is for the first of April.

## Overview

- what we ship

## Deployment sequence

```
Apr 1, 2:00 PM → Decision
  ├─ The chief reads all sign-offs
  └─ If any gate failed → stop

Apr 1, 2:30 PM → Deploy (Web lead)
  ├─ Flows:
  │  ├─ Guest
  │  └─ Sign-in
  ├─ Operations: watch the errors
  └─ Web: push the button
```

## Rollback plan

Time: 20 minutes

1. Stop requests
2. Deploy the version before

## Contacts

| Role | Name |
|------|------|
| Lead | Olga |
"""


def imported(words: str | bytes, file: str = "ship.md", plan: str = "", **asked):
    document = check.check(plan, "plan.yml", sections()).document if plan else None
    content = words.encode() if isinstance(words, str) else words
    made = documents.imported(content, file, sections(), today=TODAY, document=document, **asked)
    source = text.within(plan, made.sections, made.body, sections()) if plan else text.block(made.body)
    assert check.check(source, "plan.yml", sections()).errors == []
    assert check.plain(source, sections())[1]["runbooks"][made.key] == made.sections["runbooks"][made.key]
    return made


def steps(made):
    return made.sections["runbooks"][made.key]["steps"]


def told(made, kind):
    return [each.words for each in made.draft.verdicts if each.kind == kind]


def test_a_drawn_sequence_becomes_steps_with_items_and_what_others_do_meanwhile():
    made = imported(SEQUENCE, plan=PLAN)
    decision, deploy = steps(made)
    assert decision == {
        "title": "Decision", "at": "14:00", "lead": {"role": "coordinator"}, "items": ["The chief reads all sign-offs"],
        "if_failed": {"say": "If any gate failed → stop"},
    }  # fmt: skip
    assert deploy["at"] == "14:30"
    assert deploy["lead"] == "web"
    assert deploy["items"] == ["Flows: Guest", "Flows: Sign-in", "push the button"]
    assert deploy["meanwhile"] == {"ops": ["watch the errors"]}
    assert made.sections["runbooks"][made.key]["day"] == "2026-04-01"
    assert made.sections["rollbacks"] == {
        "rollback-plan": {
            "name": "Rollback plan",
            "within": "20m",
            "steps": ["Stop requests", "Deploy the version before"],
        }
    }


def test_every_line_of_a_document_is_told_of():
    made = imported(SEQUENCE, plan=PLAN)
    lines = {line for each in made.draft.verdicts for line in range(each.line, each.last + 1)}
    for number, line in enumerate(SEQUENCE.splitlines(), 1):
        assert number in lines or not line.strip(" -|`"), (number, line)
    assert "under Contacts" in told(made, "left out")


def test_a_release_handbook_keeps_groups_code_and_durations():
    made = imported(
        "# Patch release\n\n## Release steps\n\n### Cut\n\n1. Tag the branch @ops (10m)\n   ```sh\n   git tag v1\n   ```\n"  # noqa: E501
        "2. Build (20-30 min)\n   - amd64\n   - If it fails: start again\n\n### Announce\n\n1. Mail the list\n2. Tag the branch\n",  # noqa: E501
        plan=PLAN,
    )
    tag, build, mail, again = steps(made)
    assert (tag["title"], tag["lead"], tag["takes"]) == ("Tag the branch", "ops", "10m")
    assert tag["note"] == "Part: Cut\ngit tag v1"
    assert build["takes"] in ("30m", "20m-30m")
    assert build["items"] == ["amd64"]
    assert build["if_failed"] == {"say": "If it fails: start again"}
    assert mail["note"] == "Part: Announce"
    assert again["title"] == "Announce: Tag the branch"


def test_headings_are_steps_where_they_are_numbered_and_say_who_and_how_long():
    made = imported(
        "# Cutover\n\n## Step 1: Back up\nOwner: Ops\nDuration: 20 min\n\n- [ ] copy\n- [ ] verify\n\n"
        "## Step 2: Switch\n**Lead:** Web team  \n**Start:** 14:30\n**If fails:** switch back\n", plan=PLAN,
    )  # fmt: skip
    first, second = steps(made)
    assert first == {"title": "Back up", "takes": "20m", "lead": "ops", "items": ["copy", "verify"]}
    assert second == {"title": "Switch", "at": "14:30", "lead": "web", "if_failed": {"say": "If fails: switch back"}}


def test_ticked_steps_under_their_headings_and_the_way_back_beside_them():
    made = imported(
        "# Change: new host\n\n## Detailed steps\n\n### Change steps - to do it\n*Estimated time to complete (mins)* - 30\n\n"  # noqa: E501
        "- [ ] Stop the writers\n- [x] Promote\n  - check the lag\n\n## Rollback\n\n### Rollback steps\n"
        "*Estimated time to complete (mins)* - 10\n\n- [ ] Point back\n"
    )
    assert [step["title"] for step in steps(made)] == ["Stop the writers", "Promote"]
    assert steps(made)[1]["items"] == ["check the lag"]
    assert made.sections["rollbacks"]["rollback"] == {"name": "Rollback", "within": "10m", "steps": ["Point back"]}


def test_plain_lines_with_times_are_steps_and_their_first_words_the_teams():
    made = imported(
        "14:00 Ops: stop the queue\n14:05 Ops: deploy (20m)\n23:50 QA: tests\n00:20 Everyone: rest\n", "plain.txt"
    )
    assert [step["lead"] for step in steps(made)] == ["ops", "ops", "qa", ["ops", "qa"]]
    assert [step["at"] for step in steps(made)] == ["14:00", "14:05", "23:50", "+30m"]
    assert set(made.body["teams"]) == {"ops", "qa"}


def test_times_before_and_after_t_count_from_the_step_before():
    made = imported(
        "| Time | Task | Who |\n|-|-|-|\n| T-30m | Freeze | Ops |\n| T+0 | Deploy | Ops |\n| T+1:30 | Check | Web |\n",
        plan=PLAN,
    )
    assert [step.get("at") for step in steps(made)] == [None, "+30m", "+1h30m"]


SHEET = (
    "Launch;;;;;;;\n;;;;;;;\nPhase;#;Task;Owner;Start;Duration (min);Depends on;Status;Notes\n"
    'Prepare;1;Freeze;Web;2:00 PM;10;;Done;\n;2;"Back up; verify";Operations;14:15;0:30;1;;"the ""night"" script"\n'
    ";3;Old;Ops;;;;Cancelled;\nGo live;4;Deploy;Opz;0,625;45;2;;\n;;;;;;;;and tell support\nTotal;;;;;85;;;\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_spreadsheet_by_the_meaning_of_its_columns(encoding):
    made = imported(SHEET.replace("Freeze", "Freeze – all").encode(encoding), "launch.csv", PLAN)
    freeze, back, deploy = steps(made)
    assert (freeze["title"], freeze["at"], freeze["takes"], freeze["lead"]) == ("Freeze – all", "14:00", "10m", "web")
    assert (back["title"], back["at"], back["takes"], back["lead"]) == ("Back up; verify", "14:15", "30m", "ops")
    assert 'the "night" script' in back["note"]
    assert (deploy["at"], deploy["lead"]) == ("15:00", {"role": "coordinator"})
    assert deploy["note"].endswith("and tell support")
    assert (deploy["needs"], back["id"]) == (["back-up-verify"], "back-up-verify")
    assert "nobody in the plan is called `Opz`; did you mean `ops`?" in told(made, "not understood")
    assert "Old is cancelled" in told(made, "left out")


def test_a_sheet_with_tabs_merged_cells_and_dates_of_excel():
    made = imported(
        "Date\tStep\tResponsible\tStart time\n46113\tOne\tOps\t14:00\n\tTwo\t\t15:00\n2026-04-02\tThree\tWill Wei\t9:00 AM\n",  # noqa: E501
        "l.tsv", PLAN,
    )  # fmt: skip
    assert [(step.get("at"), step["lead"]) for step in steps(made)] == [
        ("14:00", "ops"), ("15:00", "ops"), ("2026-04-02 09:00", "will"),
    ]  # fmt: skip
    assert made.sections["runbooks"][made.key]["day"] == "2026-04-01"


def test_a_date_that_may_be_two_days_is_asked_about():
    made = imported("Task,Owner,Date\nOne,Ops,04/05/2026\n", "l.csv", PLAN)
    assert told(made, "not understood") == ["`04/05/2026` is two days: write 2026-05-04 or 2026-04-05"]
    made = imported("Task,Owner,Date\nOne,Ops,04/05/2026\nTwo,Ops,04/25/2026\n", "l.csv")
    assert made.sections["runbooks"][made.key]["day"] == "2026-04-05"
    made = imported("Task,Owner,Start\nOne,Ops,04/05/2026 8:00 PM\n", "l.csv", PLAN)
    assert told(made, "not understood") == ["`04/05/2026` is two days: write 2026-05-04 or 2026-04-05"]
    made = imported("# Launch\n\n- 04/05/2026 8:00 PM: Deploy (Ops)\n", "l.md", PLAN)
    assert told(made, "not understood") == ["`04/05/2026` is two days: write 2026-05-04 or 2026-04-05"]


def test_the_day_of_the_week_says_which_day_a_date_is():
    for words, day in (("Sat 12/5/26 8:00 PM", "2026-12-05"), ("Tuesday, 12/5/26 8:00 PM", "2026-05-12")):
        made = imported(f'Task,Owner,Start\nOne,Ops,"{words}"\n', "l.csv")
        assert made.sections["runbooks"][made.key]["day"] == day, words


def test_rows_of_ms_project_lead_with_whole_people_and_milestones_take_no_time():
    made = imported(
        "ID,Task_Name,Duration,Start,Predecessors,Resource_Names\n"
        "1,Copy,2 hrs?,12/25/26 8:00 PM,,Ops[50%]\n2,Switch,0 days,12/25/26 10:30 PM,1FS+30 mins,Ops\n", "l.csv", PLAN,
    )  # fmt: skip
    copy, switch = steps(made)
    assert (copy["takes"], copy["lead"], "takes" in switch, switch["needs"]) == ("2h", "ops", False, ["copy"])
    assert told(made, "not understood") == []


def test_another_first_day_moves_all_days():
    made = imported("Task,Date\nOne,2025-01-30\nTwo,2025-02-02\n", "l.csv", day=date(2026, 4, 1))
    assert made.sections["runbooks"][made.key]["day"] == "2026-04-01"
    assert steps(made)[1]["at"] == "2026-04-04"


def test_times_of_another_zone_become_those_of_the_plan_and_steps_are_put_in_order():
    made = imported(
        "# Launch\n\nDate: 2026-04-01\n\n- 15:00 Ops: two\n- 14:00 Ops: one\n- 12:30 UTC Ops: before\n", plan=PLAN
    )
    assert [(step["title"], step.get("at")) for step in steps(made)] == [
        ("one", "14:00"),
        ("before", "14:30"),
        ("two", "15:00"),
    ]
    assert told(made, "order") == ["the steps are put in the order of their times"]


def test_a_run_book_goes_into_a_plan_file_whose_comments_stay(tmp_path):
    plan, document = tmp_path / "plan.yml", tmp_path / "ship.md"
    plan.write_text(PLAN)
    document.write_text(SEQUENCE)
    run = CliRunner().invoke(
        main, ["import", "runbook", str(document), "--plan", str(plan), "--name", "Go live", "--write"]
    )
    assert (run.exit_code, run.stdout) == (0, f"The run-book `go-live` is in {plan}.\n")
    assert plan.read_text().startswith(PLAN.rstrip())
    assert check.check(plan.read_text(), "plan.yml", sections()).errors == []
    again = CliRunner().invoke(
        main, ["import", "runbook", str(document), "--plan", str(plan), "--name", "Second", "--json"]
    )
    assert json.loads(again.stdout)["runbook"] == "second"
    twice = CliRunner().invoke(main, ["import", "runbook", str(document), "--plan", str(plan), "--name", "Go live"])
    assert (twice.exit_code, "has a run-book `go-live` already" in twice.stderr) == (1, True)


def test_a_second_run_book_stands_behind_the_first():
    first = imported(SEQUENCE, plan=PLAN, name="First")
    source = text.within(PLAN, first.sections, first.body, sections())
    second = imported("1. Ops: one\n2. Web: two\n", plan=source, name="Second")
    whole = text.within(source, second.sections, second.body, sections())
    assert (
        whole.replace(text.block({"runbooks": second.sections["runbooks"]}).removeprefix("runbooks:\n").rstrip(), "")
        != whole
    )
    assert "# the end of the plan" in whole


@pytest.mark.parametrize(
    ("content", "file", "sentence"),
    [
        (b"", "a.md", "The file is empty."),
        (b" \n\n", "a.csv", "The file is empty."),
        (bytes(range(256)) * 20, "a.md", "This is no text: save the document as Markdown or CSV first."),
        (b"PK\x03\x04....", "a.xlsx", "This is an Office file or an archive: save it as CSV or Markdown first."),
        (b"%PDF-1.7", "a.md", "This is a PDF: copy its text into a .md file first."),
        (b"<html><p>1. a</p>", "a.md", "This is a web page: save the document as Markdown or CSV first."),
        (b"x" * 1_000_001, "a.md", "The file is larger than 1 MB: copy what you need into a file of its own."),
        (b"1. a\n" * 3001, "a.md", "The file has more than 3,000 lines: copy what you need into a file of its own."),
        (b"1. " + b"a" * 6000, "a.md", "Line 1 has more than 5,000 characters: is this the document?"),
        (b"# Thoughts\n\nOnly prose.\n", "a.md", "No steps are in this document"),
        (b"a,b,c\n1,2,3\n", "a.csv", "No column has the steps"),
        (b"Task,Owner\n,\n", "a.csv", "No row is a step"),
    ],
)
def test_what_is_no_run_book_gets_a_sentence(content, file, sentence):
    with pytest.raises(Refused) as refused:
        imported(content, file)
    assert refused.value.sentence.startswith(sentence)


def test_a_heading_chooses_the_part():
    words = "# Doc\n\n## Alpha steps\n\n1. one\n\n## Beta steps\n\n1. two\n"
    assert [step["title"] for step in steps(imported(words, part="beta"))] == ["two"]
    with pytest.raises(Refused, match="The headings are: Doc; Alpha steps; Beta steps"):
        imported(words, part="gamma")


@pytest.mark.parametrize(
    ("written", "length"),
    [("20 min", "0:20:00"), ("1h 30m", "1:30:00"), ("~15 minutes", "0:15:00"), ("<5 minutes", "0:05:00"), ("0:45", "0:45:00"),  # noqa: E501
     ("1.5 hours", "1:30:00"), ("10", "0:10:00")],
)  # fmt: skip
def test_durations(written, length):
    assert str((moments.duration(written) or (None,))[0]) == length


@pytest.mark.parametrize(
    ("written", "clock", "rest"),
    [("2:30 PM Deploy", "14:30:00", "Deploy"), ("14:00 - 15:00: Deploy", "14:00:00", "Deploy"), ("2-4 PM: Deploy", "14:00:00", "Deploy"),  # noqa: E501
     ("Saturday, Nov 15, 2025 at 9 AM – Deploy", "09:00:00", "Deploy"), ("12 AM x", "00:00:00", "x"), ("noon: x", "12:00:00", "x")],  # noqa: E501
)  # fmt: skip
def test_times(written, clock, rest):
    said, behind = moments.leading(written)
    assert said
    assert (str(said.clock), behind) == (clock, rest)


def test_what_only_looks_like_a_time_stays_in_the_title():
    step = phrases.step("Scale to 3:1 ratio and 10 pods (see docs)", 1, owners.Names())
    assert (step.title, step.said, step.takes) == ("Scale to 3:1 ratio and 10 pods (see docs)", None, None)


CELLS = st.one_of(
    st.sampled_from(["T+1h", "14:00", "02/03/2026", "Nov 31", "2026-02-30", "everyone", "@ops", "Ops & Web", "99:99", "1-2 h", "46000.5",  # noqa: E501
                     "lead", "coordinator", "a: b, c", "- x", "# y", "2026-03-29 02:30", "{x}", "'", '"', "~", "yes", "3FS", "1,2"]),  # noqa: E501
    st.text(max_size=20),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=6), st.booleans())
def test_whatever_is_imported_from_a_sheet_checks(rows, with_plan):
    cells = [["Task", "Owner", "Start", "Duration", "Depends on", "Notes"], *rows]
    written = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells)
    try:
        imported(written.encode(errors="replace"), "x.csv", PLAN if with_plan else "")
    except Refused as refused:
        assert refused.sentence.startswith(("No row is a step", "No column has", "The file", "This is"))  # noqa: PT017


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "# ",
                    "## Deploy ",
                    "1. ",
                    "- [ ] ",
                    "  - ",
                    "14:00 ",
                    "T-5m ",
                    "Owner: ",
                    "",
                    "```\n├─ ",
                    "Rollback: ",
                ]
            ),
            CELLS,
        ),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_whatever_is_imported_from_a_document_checks(lines, with_plan):
    try:
        imported("\n".join(a + b for a, b in lines).encode(errors="replace"), "x.md", PLAN if with_plan else "")
    except Refused as refused:
        assert refused.sentence.startswith(("No row", "No steps", "The file", "This is"))  # noqa: PT017
