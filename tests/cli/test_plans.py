"""`callboard apply`, `export`, `shift` and `zones`, as they are typed."""

from __future__ import annotations

import csv
import io
import json

import pytest

from callboard.app import database
from callboard.board.figures.web import FORMULAS, _cell
from callboard.core import schema
from callboard.plans import service as plans
from callboard.settings import load
from tests.planfile.sample import GOOD

PLAN = (
    GOOD.replace("2026-03-25", "2096-03-26").replace("2026-04-0", "2096-04-0")
    + """\
tasks:
  - for: {team: backend, due: 2096-03-28 17:00}    # all of these
    A-1: {title: Schema}
    A-2: {title: Load}
"""
)
LATER = PLAN.replace("2096-03-28 17:00", "2096-03-30 17:00")


@pytest.fixture(autouse=True)
def files(callboard, tmp_path):
    (tmp_path / "plan.yml").write_text(PLAN)
    (tmp_path / "later.yml").write_text(LATER)
    (tmp_path / "CODEOWNERS").write_text("/api/ @acme/servers\n/old/\n")
    return tmp_path


def change(path, value):
    db = database(load())
    try:
        schema.upgrade(db)
        plan_id = db.transact(plans.called, "harbor").id or 0
        db.transact(plans.edit, plan_id, tuple(path.split(".")), value, author="one")
    finally:
        db.close()


@pytest.fixture
def changed(callboard):
    """The plan runs, and somebody changed a task of it."""
    assert callboard("apply", "plan.yml", "--yes").exit_code == 0
    change("tasks.A-1.due", "2096-03-29 12:00")


def test_the_command_line_for_plans_shows_the_difference_and_asks_before_it_applies(callboard):
    callboard("apply", "plan.yml", "--yes")
    told = callboard("apply", "later.yml", answer="n\n")
    assert told.exit_code == 1
    assert "  task A-1: due 2096-03-28 17:00 -> 2096-03-30 17:00" in told.stdout.splitlines()
    assert told.stderr.endswith("Nothing was applied.\n")
    assert callboard("apply", "later.yml", answer="y\n").stdout.endswith("harbor is at version 2.\n")
    assert callboard("apply", "later.yml").stdout == "later.yml: good.\nharbor: nothing changes.\n"


def test_the_service_of_plans_refuses_to_apply_what_both_changed_and_names_it(callboard, changed):
    told = callboard("apply", "later.yml", "--yes")
    assert told.exit_code == 1
    assert "tasks.A-1.due: it was 2096-03-28 17:00; it is 2096-03-29 12:00 (one on " in told.stderr
    assert told.stderr.endswith("as in --theirs tasks.A-1.due\nNothing was applied.\n")


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        (("later.yml", "--theirs"), "2096-03-29 12:00"),
        (("--theirs", "later.yml"), "2096-03-29 12:00"),
        (("later.yml", "--theirs", "--reason", "so"), "2096-03-29 12:00"),
        (("later.yml", "--theirs", "tasks.A-1"), "2096-03-29 12:00"),
        (("--theirs", "tasks.A-1.due", "later.yml", "--ours"), "2096-03-29 12:00"),
        (("later.yml", "--ours"), "2096-03-30 17:00"),
        (("--ours=tasks.A-1.due", "later.yml"), "2096-03-30 17:00"),
        (("later.yml", "--theirs", "--ours", "tasks.A-1.due"), "2096-03-30 17:00"),
    ],
)
def test_the_command_line_for_plans_takes_an_answer_for_everything_or_for_one_path(callboard, changed, words, stands):
    told = callboard("apply", "--yes", *words)
    assert told.exit_code == 0, told.output
    kept = stands == "2096-03-29 12:00"
    assert ("  note: 1 live change stays as it is" in told.stdout.splitlines()) is kept
    exported = callboard("export", "--plan", "harbor").stdout
    assert ("A-1: {title: Schema, due: 2096-03-29 12:00}" in exported) is kept


def test_the_export_of_figures_is_a_table_or_json_with_days_and_cases(callboard, changed, tmp_path):
    change("tasks.A-1.title", "=1+1")
    table = list(csv.DictReader(io.StringIO(callboard("export", "--plan", "harbor", "--kpi").stdout)))
    figures = {row["key"]: row for row in table}
    assert (figures["tasks_completed"]["shown"], figures["tasks_completed"]["says"]) == ("0%", "0 of 2")
    assert list(table[0]) == [
        "key", "name", "value", "unit", "shown", "target", "met", "says", "definition", "source",
    ]  # fmt: skip
    whole = json.loads(callboard("export", "--plan", "harbor", "--kpi", "--json").stdout)
    (one,) = [one for one in whole["kpis"] if one["key"] == "tasks_completed"]
    assert [case["name"] for case in one["cases"]] == ["A-1 =1+1", "A-2 Load"]
    assert [_cell(f"{sign}1") for sign in FORMULAS] == [f"'{sign}1" for sign in FORMULAS]
    assert {"=", "\t", "\r", "\uff1d"} <= set(FORMULAS)
    refused = callboard("export", "--plan", "harbor", "--json")
    assert (refused.exit_code, "--json goes with --kpi" in refused.stderr) == (2, True)


def test_the_service_of_plans_refuses_an_answer_for_a_path_where_nothing_conflicts(callboard, changed):
    told = callboard("apply", "later.yml", "--theirs", "tasks.A-2.due")
    assert told.exit_code == 1
    assert told.stderr.splitlines()[-1] == "Nothing conflicts at `tasks.A-2.due`; did you mean `tasks.A-1.due`?"


def test_the_export_of_a_plan_file_with_a_live_change_changes_nothing_when_applied(callboard, changed, tmp_path):
    assert callboard("export", "--plan", "harbor", "--to", "now.yml").stdout == "harbor is in now.yml.\n"
    written = (tmp_path / "now.yml").read_text()
    assert written == PLAN.replace("A-1: {title: Schema}", "A-1: {title: Schema, due: 2096-03-29 12:00}")
    told = callboard("apply", "now.yml", "--yes")
    assert told.stdout.splitlines()[1:] == [
        f"  {plans.WORDING_ONLY}", "  note: 1 live change is in the file now", "harbor is at version 2.",
    ]  # fmt: skip
    assert callboard("export", "--plan", "harbor").stdout == written


def test_the_export_of_a_closing_report_is_markdown_or_html(callboard):
    callboard("apply", "plan.yml", "--yes")
    report = callboard("export", "--plan", "harbor", "--closing").stdout
    assert report.startswith("# Harbor")
    assert "## Tasks" in report
    assert callboard("export", "--plan", "harbor", "--closing", "--html").stdout.startswith("<!doctype html>")
    assert "--html goes with --closing" in callboard("export", "--plan", "harbor", "--html").output


def test_the_service_of_plans_says_that_there_is_no_plan_yet(callboard):
    told = callboard("export", "--plan", "harbour")
    assert (told.exit_code, told.stderr) == (1, "There is no plan `harbour`; there is none yet.\n")


@pytest.mark.parametrize("words", [("-1d",), ("--", "-1d"), ("1d",)])
def test_the_command_line_for_plans_shows_a_shift_asks_and_does_it(callboard, words):
    callboard("apply", "plan.yml", "--yes")
    options = ("--plan", "harbor")
    assert callboard("shift", *options, *words, answer="n\n").stderr.endswith("Nothing was shifted.\n")
    assert callboard("export", *options).stdout == PLAN
    told = callboard("shift", *options, *words, answer="y\n")
    day = "2096-03-29" if words == ("1d",) else "2096-03-27"
    assert f"  task A-1: due 2096-03-28 17:00 -> {day} 17:00" in told.stdout.splitlines()
    assert f"due: {day} 17:00}}    # all of these" in callboard("export", *options).stdout
    assert callboard("shift", *options, "1d" if "-1d" in words else "-1d", "--yes").exit_code == 0
    assert callboard("export", *options).stdout == PLAN


def test_a_shift_of_a_plan_file_is_refused_that_is_not_by_whole_days(callboard):
    told = callboard("shift", "1h", "--plan", "harbor")
    assert (told.exit_code, told.stderr) == (1, "`1h` is no shift: write whole days, like 1d, 2w or -1d.\n")


def test_codeowners_become_zones_once_each_owner_has_a_team_of_the_plan(callboard, files):
    words = ("zones", "CODEOWNERS", "--plan-file", "plan.yml")
    refused = callboard(*words)
    assert refused.exit_code == 1
    assert "say which one with --team @acme/servers=KEY" in refused.output
    (files / "CODEOWNERS").write_text("/api/ @acme/servers\n")
    made = callboard(*words, "--team", "@acme/servers=backend")
    assert made.exit_code == 0, made.output
    assert made.output == "zones:\n  - {team: backend, paths: [/api/]}\n"
    (files / "whole.yml").write_text(GOOD + made.output)
    assert callboard("check", "whole.yml").exit_code == 0


def test_codeowners_of_a_plan_without_zones_are_refused_with_what_to_do(callboard, files):
    assert callboard("apply", "plan.yml", "--yes").exit_code == 0
    told = callboard("export", "--plan", "harbor", "--codeowners", "--to", "CODEOWNERS.new")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "harbor has no `zones:`, so there is no CODEOWNERS file to write." in told.stderr
    assert "`callboard zones CODEOWNERS --plan-file plan.yml`" in told.stderr
    assert not (files / "CODEOWNERS.new").exists()


def test_codeowners_are_written_from_the_zones_of_a_plan(callboard, files):
    (files / "plan.yml").write_text(
        GOOD + "zones:\n  - {team: backend, paths: [/api/]}\n  - {paths: [/README.md], sections: {Backend: backend}}\n"
    )
    applied = callboard("apply", "plan.yml", "--yes")
    assert applied.exit_code == 0, applied.output
    out = callboard("export", "--plan", "harbor", "--codeowners", "--org", "acme")
    assert "/api/ @acme/backend\n" in out.output
    assert "#   section Backend: @acme/backend\n/README.md @acme/backend\n" in out.output
