"""Lists of tasks and gates become parts of a plan that `check` takes, and every line of their file is told of."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from callboard.app import sections
from callboard.cli.main import main
from callboard.core.errors import Refused
from callboard.imports import works
from callboard.planfile import check
from callboard.runbooks.plan.documents import files, text
from tests.runbooks.test_documents import PLAN, TODAY

LIST = """\
# Launch list

Some words ahead.

## Operations

- [x] OPS-1: Back up the database @olga (2h)
- [ ] OPS-2: Restore it once
  - Owner: Will Wei
  - Due: 2026-03-28 17:00
  - Priority: P1
  - Depends on: OPS-1
  - [ ] The restored copy answers
- [ ] Freeze the branch, due Apr 1

## Gate 1: Ready to launch

Due: 2026-03-30
Owner: Operations

- [x] All tasks are done
- [ ] Nobody objects

## Others

| ID | Task | Owner | Due | Status | Estimate | Depends on | Colour |
|----|------|-------|-----|--------|----------|------------|--------|
| 7 | Write the notes | Web | 2026-04-02 | in progress | 3 | OPS-2 | red |
| 8 | Go/no-go | Chiara Bo | soon | | | 7, 99 | |
"""
SHEET = """\
Task,Team,Assignee,Due date,Status,Priority,Estimate (hours),Blocked by,Acceptance criteria
Build it,Backend,Jane Doe,03/25/2026,Done,High,4,,It builds; It runs
Test it,QA,"Tom Poe, Jane Doe",03/26/2026,50%,Blocker,8-16,Build it,
Release sign-off,QA,,03/27/2026,,,,Test it,All green
Old thing,Backend,,,Cancelled,,,,
"""


def imported(words: str | bytes, file: str = "list.md", plan: str = ""):
    document = check.check(plan, "plan.yml", sections()).document if plan else None
    content = words.encode() if isinstance(words, str) else words
    made = works.imported(content, file, sections(), today=TODAY, document=document)
    source = text.within(plan, made.sections, made.body, sections()) if plan else text.block(made.body)
    assert check.check(source, "plan.yml", sections()).errors == []
    return made


def told(made, kind):
    return [each.words for each in made.draft.verdicts if each.kind == kind]


def test_a_list_becomes_tasks_with_who_has_them_when_they_are_due_and_what_they_wait_for():
    tasks = imported(LIST, plan=PLAN).sections["tasks"]
    part = {"note": "Part: Operations"}
    assert tasks == {
        "OPS-1": {"title": "Back up the database", "team": "ops", "assignees": ["olga"], "estimate": "2h",
                  "status": "completed"} | part,
        "OPS-2": {"title": "Restore it once", "team": "ops", "assignees": ["will"], "priority": "high",
                  "due": "2026-03-28 17:00", "needs": ["OPS-1"], "criteria": ["The restored copy answers"]} | part,
        "freeze-the-branch": {"title": "Freeze the branch", "team": "ops", "due": "2026-04-01"} | part,
        "task-7": {"title": "Write the notes", "team": "web", "due": "2026-04-02", "status": "in progress",
                   "needs": ["OPS-2"], "note": "Part: Others\nEstimate: 3\nColour: red"},
    }  # fmt: skip


def test_headings_and_rows_that_speak_of_a_gate_become_gates():
    made = imported(LIST, plan=PLAN)
    assert made.sections["gates"] == {
        "gate-1-ready-to-launch": {
            "name": "Gate 1: Ready to launch", "due": "2026-03-30",
            "criteria": ["All tasks are done", "Nobody objects"], "sign_off": [{"lead_of": "ops"}]},
        "task-8": {
            "name": "Go/no-go", "needs": ["task-7"], "criteria": ["Go/no-go: reached"], "decision": True,
            "sign_off": [{"person": "chief"}], "about": "Others; Due: soon; After: 99"},
    }  # fmt: skip
    assert "All tasks are done (its tick is not taken: tick it in Slack)" in told(made, "criterion")
    assert told(made, "not understood") == [
        "`3` is no duration: write it as 4h or 2d", "`soon` is no day: write it as 2026-05-04",
        "`99` is no other task here",
    ]  # fmt: skip


def test_without_a_plan_a_sheet_makes_teams_and_vacant_seats():
    made = imported(SHEET, "work.csv")
    assert made.body["teams"] == {
        "backend": {"name": "Backend", "lead": "backend-lead", "members": ["jane-doe"]},
        "qa": {"name": "QA", "lead": "qa-lead", "members": ["tom-poe", "jane-doe"]},
    }
    test = made.body["tasks"]["test-it"]
    assert [test[word] for word in ("due", "status", "percent", "priority", "estimate", "needs")] == [
        "2026-03-26", "in progress", 50, "critical", "8h-16h", ["build-it"],
    ]  # fmt: skip
    assert made.body["gates"]["release-sign-off"]["sign_off"] == [{"lead_of": "qa"}]
    assert told(made, "left out") == ["Old thing Backend Cancelled"]
    assert made.told == "2 tasks, 1 gate"


JIRA = """\
Summary,Issue key,Issue id,Issue Type,Status,Priority,Assignee,Start date,Due date
Import the users,REL-12,10042,Story,In Progress,High,Olga,01/Apr/26 12:00 AM,02/Apr/26 12:00 AM
Check them,REL-13,10043,Task,To Do,Medium,,03/Apr/26 12:00 AM,
Show them,REL-14,10044,Task,To Do,Low,,,04/03/2026 12:00:00 AM
Tell of them,REL-15,10045,Task,To Do,Low,,,04/13/2026 5:30 PM
"""


def test_rows_of_jira_keep_their_keys_and_days_and_a_start_is_never_a_due_day():
    tasks = imported(JIRA, "jira.csv").sections["tasks"]
    assert {key: str(task.get("due")) for key, task in tasks.items()} == {
        "REL-12": "2026-04-02", "REL-13": "None", "REL-14": "2026-04-03", "REL-15": "2026-04-13 17:30",
    }  # fmt: skip
    assert "Start date: 03/Apr/26" in tasks["REL-13"]["note"]


TRELLO = """\
Card ID,Card Name,Labels,Members,Due Date,List Name,Archived,Due Complete
6a1,Freeze the branch,red,olga,2026-04-01T17:00:00.000Z,In Progress,false,false
6a2,Print the posters,,,2026-04-02T00:00:00.000+0200,Ideas,true,false
6a3,Record the demo,,,,Testing,false,true
"""
CLICKUP = """\
Task ID,Task Name,Status,Due Date,Assignees,Priority,Tags,Time Estimated,Time Estimated Text
86a1,Warm the caches,to do,1775221200000,[Olga],1,[],7200000,2 h
86a2,Read the logs,complete,,[],null,[ops],,
"""
MONDAY = """\
Launch board,,,
Before,,,
Name,Person,Status,Date
Train the support,Olga,Working on it,2026-04-02
,,,
After,,,
Name,Person,Status,Date
Say thanks,Olga,Stuck,2026-04-05
"""
RAGGED = """\
ID,Name,Status
Before
ID,Name,Status
1,Train the support,Done
"""
MS_PROJECT = """\
ID,Name,Duration,Start_Date,Finish_Date,Predecessors,Outline_Level,Resource_Names,Percent_Complete
1,Cutover,5 days,Mon 3/30/26,Fri 4/3/26,,1,,20%
2,Copy the data,1 day?,Mon 3/30/26,Tue 3/31/26,,2,Olga[50%],100%
3,Switch,4 hrs,Wed 4/1/26,Wed 4/1/26,2FS+1 day,2,Olga,0%
4,Look back,0 days,Fri 4/3/26,Fri 4/3/26,"2SS,3",1,,0%
"""


def test_cards_of_trello_stand_as_their_list_says_and_archived_ones_are_left_out():
    tasks = imported(TRELLO, "trello.csv").sections["tasks"]
    assert {key: (task.get("status"), str(task.get("due"))) for key, task in tasks.items()} == {
        "freeze-the-branch": ("in progress", "2026-04-01 17:00"), "record-the-demo": ("completed", "None"),
    }  # fmt: skip


def test_rows_of_clickup_have_days_in_milliseconds_and_priorities_by_number():
    made = imported(CLICKUP, "clickup.csv")
    warm, logs = made.sections["tasks"].values()
    assert [warm[word] for word in ("due", "priority", "estimate")] == ["2026-04-03", "critical", "2h"]
    assert logs["status"] == "completed"
    assert "null" not in str(logs)
    assert "[]" not in warm["note"]
    assert told(made, "not understood") == ["nobody is named: `team` has it"]


def test_groups_of_monday_are_parts_and_their_heads_no_tasks():
    made = imported(MONDAY, "monday.csv")
    assert {key: (task["status"], task["note"]) for key, task in made.sections["tasks"].items()} == {
        "train-the-support": ("in progress", "Part: Before"), "say-thanks": ("blocked", "Part: After"),
    }  # fmt: skip
    assert told(made, "part") == ["Before", "After"]


def test_a_group_in_a_short_row_is_a_part_as_well():
    made = imported(RAGGED, "ragged.csv")
    assert told(made, "part") == ["Before"]
    assert [task["note"] for task in made.sections["tasks"].values()] == ["Part: Before"]


def test_rows_of_ms_project_follow_each_other_and_what_sums_them_up_is_a_part():
    made = imported(MS_PROJECT, "plan.csv")
    tasks = made.sections["tasks"]
    words = ("due", "estimate", "status", "needs")
    assert {key: [task.get(word) for word in words] for key, task in tasks.items()} == {
        "task-2": ["2026-03-31", "1d", "completed", None],
        "task-3": ["2026-04-01", "4h", None, ["task-2"]],
        "task-4": ["2026-04-03", None, None, ["task-2", "task-3"]],
    }  # fmt: skip
    assert tasks["task-2"]["assignees"] == tasks["task-3"]["assignees"] == ["olga"]
    assert told(made, "part") == ["Cutover"]
    assert ["Part: Cutover" in task["note"] for task in tasks.values()] == [True, True, False]
    assert told(made, "not taken")[:2] == ["`2FS+1 day`: it waits until 2 is done", "`2SS`: it waits until 2 is done"]


def test_jira_counts_estimates_in_seconds_and_what_it_wont_do_is_left_out():
    made = imported(
        "Summary,Issue key,Status,Resolution,Original estimate\nOne,A-1,To Do,,28800\nTwo,A-2,Done,Won't Do,3600\n",
        "j.csv",
    )
    assert {key: task["estimate"] for key, task in made.sections["tasks"].items()} == {"A-1": "8h"}


def test_marks_and_words_of_a_hand_written_list_are_read_and_what_is_cancelled_is_left_out():
    made = imported("""\
- ✅ Feature flags @olga
- 🚧 Docs (Owner: Olga)
- ⛔ Load test
- [/] Status page
- [-] Old importer
- [ ] ~~Rewrite the cache~~
- [ ] Rotate the certificates by the 24th of March 2026
- [ ] Announce it on 25 March 2026 at 9am
- [ ] Print the posters, due next Friday

| Task | Owner | Status |
|---|---|---|
| Smoke tests | Olga | ✅ |
| Alerts | unassigned | ⏳ |
| Billing | | Blocked (vendor) |
""")
    tasks = made.sections["tasks"]
    assert {key: task.get("status", "") for key, task in tasks.items()} == {
        "feature-flags": "completed", "docs": "in progress", "load-test": "blocked", "status-page": "in progress",
        "rotate-the-certificates": "", "announce-it": "", "print-the-posters-due-next-friday": "",
        "smoke-tests": "completed", "alerts": "in progress", "billing": "blocked",
    }  # fmt: skip
    assert tasks["status-page"]["title"] == "Status page"
    assert tasks["rotate-the-certificates"]["due"] == "2026-03-24"
    assert tasks["announce-it"]["due"] == "2026-03-25 09:00"
    assert tasks["feature-flags"]["assignees"] == tasks["docs"]["assignees"] == tasks["smoke-tests"]["assignees"]
    assert "assignees" not in tasks["alerts"]
    assert [words for words in told(made, "left out") if "it is cancelled" in words] == [
        "it is cancelled: [-] Old importer", "it is cancelled: Rewrite the cache",
    ]  # fmt: skip
    assert "`next Friday` is no day: write it as 2026-05-04" in told(made, "not understood")


def test_a_due_date_that_may_be_two_days_is_asked_about_and_others_of_the_column_say_which():
    made = imported("Task,Owner,Due\nOne,Ops,04/05/2026\n", "l.csv", PLAN)
    assert told(made, "not understood") == ["`04/05/2026` is two days: write 2026-05-04 or 2026-04-05"]
    for words in ("- One\n  - Due: 04/05/2026\n", "- One, due 04/05/2026\n"):
        made = imported(words, plan=PLAN)
        assert "`04/05/2026` is two days: write 2026-05-04 or 2026-04-05" in told(made, "not understood")
    made = imported("Task,Owner,Due\nOne,Ops,04/05/2026\nTwo,Ops,04/25/2026\n", "l.csv", PLAN)
    assert made.sections["tasks"]["one"]["due"] == "2026-04-05"


def test_rows_of_asana_are_completed_and_wait_as_it_says_and_an_id_that_is_there_twice_is_told():
    made = imported(
        """\
Task ID,Completed At,Name,Section/Column,Assignee,Due Date,Blocked By (Dependencies)
N-1,2026-02-20,Write the notes,Docs,Olga Omega,2026-03-20,
N-2,,Publish the notes,Docs,olga.omega,2026-03-21,Write the notes
N-2,,Send the notes,Docs,Unassigned,2026-03-21,
""",
        "asana.csv",
    )
    tasks = made.sections["tasks"]
    assert (tasks["N-1"]["status"], tasks["N-2"]["needs"]) == ("completed", ["N-1"])
    assert tasks["N-1"]["assignees"] == tasks["N-2"]["assignees"]
    assert "the id `N-2`, which something else has: this is `N-2-2`" in told(made, "not taken")


def test_strangers_are_told_of_and_kept_in_the_note():
    made = imported("- [ ] Pack\n  - Owner: Olgga\n", plan=PLAN)
    assert made.sections["tasks"]["pack"] == {"title": "Pack", "team": "ops", "note": "Owner: Olgga"}
    assert "did you mean `olga`?" in told(made, "not understood")[0]


def test_a_circle_is_taken_out_and_told_of():
    made = imported("Task,Owner,Depends on\nA one,Web,B two\nB two,Web,A one\n", "x.csv", PLAN)
    assert sum("needs" in task for task in made.sections["tasks"].values()) == 1
    assert told(made, "not taken")[0].startswith("`needs: ['")


@pytest.mark.parametrize(("words", "file"), [(LIST, "a.md"), (SHEET, "a.csv")])
def test_every_line_is_told_of(words, file):
    made = imported(words, file, PLAN)
    lines = {line for each in made.draft.verdicts for line in range(each.line, each.last + 1)}
    for number, line in enumerate(words.splitlines(), 1):
        assert number in lines or not line.strip(" -|"), (number, line)


@pytest.mark.parametrize(
    ("words", "file", "sentence"),
    [
        ("Only words.\n", "a.md", "No task is in this file"),
        ("a,b\n1,2\n", "a.csv", "Line 1: no column has the tasks: name one Task, and others Owner, Due or Status."),
        (b"%PDF-1.4", "a.md", "This is a PDF"),
    ],
)
def test_what_has_no_tasks_is_refused_in_a_sentence(words, file, sentence):
    with pytest.raises(Refused) as refused:
        imported(words, file)
    assert refused.value.sentence.startswith(sentence)


def test_the_command_writes_into_the_plan_whose_comments_stay(tmp_path):
    plan, file = tmp_path / "plan.yml", tmp_path / "work.csv"
    plan.write_text(PLAN)
    file.write_text(SHEET)
    run = CliRunner().invoke(main, ["import", "tasks", str(file), "--plan", str(plan), "--write"])
    assert (run.exit_code, run.stdout) == (0, f"2 tasks, 1 gate: in {plan}.\n")
    assert plan.read_text().startswith(PLAN.rstrip("\n"))
    assert check.check(plan.read_text(), "plan.yml", sections()).errors == []


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=14) | st.sampled_from(
    ["olga", "Web", "2026-03-30", "Apr 1, 14:00 PST", "04/05/2026", "2d", "50%", "done", "P1", "OPS-1", "x-a", "Gate",
     "A", "go/no-go", "coordinator", "all leads", "99999999"]
)  # fmt: skip
HEADS = ["Task", "Id", "Owner", "Team", "Due", "Status", "Estimate", "Depends on", "Criteria", "Notes"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(CELLS, min_size=10, max_size=10), min_size=1, max_size=5), st.booleans())
def test_whatever_is_imported_from_a_sheet_checks(rows, with_plan):
    written = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [HEADS, *rows])
    try:
        imported(written.encode(errors="replace"), "x.csv", PLAN if with_plan else "")
    except Refused as refused:
        assert refused.sentence.startswith(("No task is", "Line ", "The file", "This is"))  # noqa: PT017


MARKS = ["# ", "## Gate ", "1. ", "- [ ] ", "- [x] ", "  - ", "  - Owner: ", "  - Due: ", "Due: ", "", "| "]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(MARKS), CELLS), min_size=1, max_size=10), st.booleans())
def test_whatever_is_imported_from_a_document_checks_and_is_told(lines, with_plan):
    words = "\n".join(mark + cell for mark, cell in lines)
    try:
        made = imported(words.encode(errors="replace"), "x.md", PLAN if with_plan else "")
    except Refused as refused:
        assert refused.sentence.startswith(("No task is", "Line ", "The file", "This is"))  # noqa: PT017
    else:
        lines = {line for each in made.draft.verdicts for line in range(each.line, each.last + 1)}
        plain = files.text(words.encode(errors="replace")).split("\n")
        assert [line for number, line in enumerate(plain, 1) if number not in lines and line.strip("-=*_`~|# :")] == []
