"""Run-books in the styles that people write them in: each becomes the steps that its author meant."""

from __future__ import annotations

from datetime import date

import pytest
from typer.testing import CliRunner

from callboard.app import sections
from callboard.cli.main import main
from callboard.planfile import check
from callboard.runbooks.plan import documents
from callboard.runbooks.plan.documents import text

CHIEF = "coordinator"
STYLES = {
    "a table with 12-hour times": (
        """\
# Release 4.2

| # | Step | Owner | Start | Duration |
|---|---|---|---|---|
| 1 | Freeze the branch | @ops | 9:00 AM | 15 min |
| 2 | Migrate the **database** | Data Team | 9:15 AM | 30-45 min |
| 3 | Open the gates | Ops, Web | 1 PM | 5m |
""",
        [("Freeze the branch", "09:00", "ops", "15m"), ("Migrate the database", "09:15", "data", "30m-45m"),
         ("Open the gates", "13:00", "ops+web", "5m")],
    ),
    "a checklist with teams in brackets": (
        """\
## Deployment

- [ ] Back up the database (Ops)
- [ ] Deploy the API (Backend)
- [x] Run the smoke tests (QA)
""",
        [("Back up the database", "", "ops", ""), ("Deploy the API", "", "backend", ""),
         ("Run the smoke tests", "", "qa", "")],
    ),
    "nested lists": (
        """\
# Go-live

1. Prepare
   1. Announce the window
   2. Check the backups
2. Switch
   - point DNS there
   - If DNS fails: switch back
3. Watch for 2 hours
""",
        [("Prepare", "", CHIEF, ""), ("Switch", "", CHIEF, ""), ("Watch", "", CHIEF, "2h")],
    ),
    "times at the end": (
        """\
# Launch of the shop

Date: 2026-04-01

- Freeze the content at 9:00
- Switch the DNS at 10:30 @ops
- Announce it, 11:00
- Close the bridge - 12:15 PM
- Leave the bridge 12:30
""",
        [("Freeze the content", "09:00", CHIEF, ""), ("Switch the DNS", "10:30", "ops", ""),
         ("Announce it", "11:00", CHIEF, ""), ("Close the bridge", "12:15", CHIEF, ""),
         ("Leave the bridge", "12:30", CHIEF, "")],
    ),
    "ranges over midnight below days": (
        """\
# Cutover weekend

**Saturday, April 4, 2026**

- 10 PM - 11 PM: Stop the writers (DBA lead)
- 11-11:30 PM: Copy the data (DBA lead)

**Sunday, April 5, 2026**

- 12:30 AM: Start the new system (Ops lead)
""",
        [("Stop the writers", "22:00", "dba", "1h"), ("Copy the data", "23:00", "dba", "30m"),
         ("Start the new system", "2026-04-05 00:30", "ops", "")],
    ),
    "owners with a label": (
        """\
# Deploy runbook

Owner: Platform

## Steps

1. Drain the node. Owner: Ops
2. Upgrade the kernel (Owner: Ops, 20 min)
3. Put it back
   - Owner: Net
   - Duration: 10 min
4. Tell support | Owner: Support
5. Close the change
""",
        [("Drain the node", "", "ops", ""), ("Upgrade the kernel", "", "ops", "20m"),
         ("Put it back", "", "net", "10m"), ("Tell support", "", "support", ""),
         ("Close the change", "", "platform", "")],
    ),
    "plain bullets": (
        """\
## Deployment
* Stop the workers
* Deploy the release
* Start the workers

## Contacts
- Olga: 555
""",
        [("Stop the workers", "", CHIEF, ""), ("Deploy the release", "", CHIEF, ""),
         ("Start the workers", "", CHIEF, "")],
    ),
    "numbered headings with code": (
        """\
# Failover

### Step 1: Stop writes
**Owner:** DBA
**Time:** 10 minutes

```sql
FLUSH TABLES;
```

### Step 2: Promote the replica
**Owner:** DBA

### Step 3: Point the app at it
**Owner:** Web
""",
        [("Stop writes", "", "dba", "10m"), ("Promote the replica", "", "dba", ""),
         ("Point the app at it", "", "web", "")],
    ),
    "nothing but a way back": (
        """\
# Rollback of the payment service

1. @web turn the flag off
2. @ops deploy 1.8 (10 min)
3. @qa verify
""",
        [("turn the flag off", "", "web", ""), ("deploy 1.8", "", "ops", "10m"), ("verify", "", "qa", "")],
    ),
    "times from T": (
        """\
# Migration

T-1h: Ops: last backup
T-0: Ops: stop the app
T+15m: DBA: migrate (30 min)
T+45m: Web: start it
""",
        [("last backup", "", "ops", ""), ("stop the app", "+1h", "ops", ""), ("migrate", "+15m", "dba", "30m"),
         ("start it", "+30m", "web", "")],
    ),
    "lists set as code": (
        """\
## Go-Live Checklist
```yaml
Before_Deployment:
  ✅ Monitoring deployed (Web)
  ✅ Backups checked (Ops)

After_Deployment:
  ✅ Feedback collected
```
""",
        [("Monitoring deployed", "", "web", ""), ("Backups checked", "", "ops", ""),
         ("Feedback collected", "", CHIEF, "")],
    ),
}  # fmt: skip


def imported(words: str, file: str = "x.md", **asked):
    made = documents.imported(words.encode(), file, sections(), today=date(2026, 3, 1), **asked)
    assert check.check(text.block(made.body), "plan.yml", sections()).errors == []
    return made


def summary(made):
    """The title, time, leaders and duration of each step."""
    steps = made.sections["runbooks"][made.key]["steps"]
    leads = [step["lead"] if isinstance(step["lead"], list) else [step["lead"]] for step in steps]
    names = ["+".join(str(each["role"]) if isinstance(each, dict) else each for each in lead) for lead in leads]
    return [
        (step["title"], step.get("at", ""), lead, step.get("takes", ""))
        for step, lead in zip(steps, names, strict=True)
    ]


@pytest.mark.parametrize("style", STYLES)
def test_steps_are_read_in_the_styles_that_people_write(style):
    words, expected = STYLES[style]
    assert summary(imported(words)) == expected


def test_a_way_back_keeps_who_does_what_and_is_led_by_whom_every_step_names():
    made = imported(
        "## Deployment\n1. Ops: deploy\n2. Ops: look\n\n## Rollback\n- [ ] Restore (Ops)\n- [ ] Restart (Ops)\n"
    )
    way = made.sections["rollbacks"]["rollback"]
    assert (way["steps"], way["lead"]) == (["Restore (Ops)", "Restart (Ops)"], ["ops"])


def test_a_list_that_is_no_run_book_by_itself_is_taken_by_its_heading():
    words = "# Work\n\n## Deployment\n1. Deploy\n\n## Emergency\n"
    words += "```yaml\nEmergency_Channels:\n  Direct_Contact: call the lead\n```\n"
    made = imported(words)
    assert [title for title, *_ in summary(made)] == ["Deploy"]
    assert made.draft.others == []
    assert [title for title, *_ in summary(imported(words, part="emergency"))] == ["Direct Contact: call the lead"]


def test_lines_of_a_part_that_are_not_understood_are_told_one_by_one():
    made = imported("## Release\n\nBring coffee.\n\nAnd cake.\n\n1. Tag\n2. Ship\n\n## Thanks\n\nTo all.\n\nReally.\n")
    left = [(each.lines, each.words) for each in made.draft.verdicts if each.kind == "left out"]
    assert left == [("3", "Bring coffee."), ("5", "And cake."), ("10-14", "under Thanks")]


def test_the_report_ends_with_what_needs_a_look(tmp_path):
    file = tmp_path / "launch.csv"
    file.write_text("Task;Who;Planned start;Budget\nBack up;Ops;14:00;100\nDeploy;Web;soon;\n")
    run = CliRunner().invoke(main, ["import", "runbook", str(file)])
    assert run.exit_code == 0
    assert run.stderr.splitlines() == [
        "        1  columns         Task is the step, Who is the owner, Planned start is the start",
        "        1  not taken       the column `Budget`: a step has no such thing",
        "        2  step            Back up, at 14:00, led by ops",
        "        3  step            Deploy, led by web",
        "        3  not understood  `soon` is no time",
        f"{file}: 2 steps. No line left out.",
        "Look at:",
        "  line 1: the column `Budget`: a step has no such thing",
        "  line 3: `soon` is no time",
    ]


def test_a_file_of_five_megabytes_is_refused_before_it_is_read_whole(tmp_path):
    file = tmp_path / "all.md"
    file.write_bytes(b"1. step\n" * 650_000)
    run = CliRunner().invoke(main, ["import", "runbook", str(file)])
    sentence = "The file is larger than 1 MB: copy what you need into a file of its own."
    assert (run.exit_code, run.stderr.strip()) == (1, f"{file}: {sentence}")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_lines_that_end_as_in_windows_are_read_in_any_encoding(encoding):
    words = "# Release\r\n\r\n1. Ops: tag – now\r\n2. Ops: ship\r\n"
    made = documents.imported(words.encode(encoding), "x.md", sections(), today=date(2026, 3, 1))
    assert [title for title, *_ in summary(made)] == ["tag – now", "ship"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_cells_are_parted_by_whatever_parts_them(mark):
    rows = [["Step", "Owner", "Start"], ["Deploy", "Ops", "2 PM"], ["Check", "Web", "2:30 PM"]]
    made = imported("\n".join(mark.join(row) for row in rows), "x.csv")
    assert summary(made) == [("Deploy", "14:00", "ops", ""), ("Check", "14:30", "web", "")]
