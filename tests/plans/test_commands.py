"""`callboard apply`, `export` and `shift`, as they are typed."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from callboard.app import database
from callboard.cli.main import main
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


@pytest.fixture
def callboard(tmp_path, monkeypatch):
    """Type a command, perhaps answering what it asks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/callboard.db")
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "plan.yml").write_text(PLAN)
    (tmp_path / "later.yml").write_text(LATER)

    def run(*words, answer=""):
        return CliRunner().invoke(main, words, input=answer)

    return run


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


def test_callboard_apply_shows_the_difference_of_the_plan_and_asks(callboard):
    callboard("apply", "plan.yml", "--yes")
    told = callboard("apply", "later.yml", answer="n\n")
    assert told.exit_code == 1
    assert "  task A-1: due 2096-03-28 17:00 -> 2096-03-30 17:00" in told.stdout.splitlines()
    assert told.stderr.endswith("Nothing was applied.\n")
    assert callboard("apply", "later.yml", answer="y\n").stdout.endswith("harbor is at version 2.\n")
    assert callboard("apply", "later.yml").stdout == "later.yml: good.\nharbor: nothing changes.\n"


def test_callboard_apply_shows_conflicts_of_the_plan_with_live_changes_and_asks(callboard, changed):
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
def test_callboard_apply_takes_an_answer_for_all_conflicts_or_for_one_place(callboard, changed, words, stands):
    told = callboard("apply", "--yes", *words)
    assert told.exit_code == 0, told.output
    kept = stands == "2096-03-29 12:00"
    assert ("  note: 1 live change stays as it is" in told.stdout.splitlines()) is kept
    exported = callboard("export", "--plan", "harbor").stdout
    assert ("A-1: {title: Schema, due: 2096-03-29 12:00}" in exported) is kept


def test_callboard_apply_refuses_an_answer_at_a_path_without_conflict(callboard, changed):
    told = callboard("apply", "later.yml", "--theirs", "tasks.A-2.due")
    assert told.exit_code == 1
    assert told.stderr.splitlines()[-1] == "Nothing conflicts at `tasks.A-2.due`; did you mean `tasks.A-1.due`?"


def test_callboard_export_writes_a_plan_that_changes_nothing_when_applied(callboard, changed, tmp_path):
    assert callboard("export", "--plan", "harbor", "--to", "now.yml").stdout == "harbor is in now.yml.\n"
    written = (tmp_path / "now.yml").read_text()
    assert written == PLAN.replace("A-1: {title: Schema}", "A-1: {title: Schema, due: 2096-03-29 12:00}")
    told = callboard("apply", "now.yml", "--yes")
    assert told.stdout.splitlines()[1:] == [
        f"  {plans.WORDING_ONLY}", "  note: 1 live change is in the file now", "harbor is at version 2.",
    ]  # fmt: skip
    assert callboard("export", "--plan", "harbor").stdout == written


def test_callboard_export_refuses_a_plan_that_does_not_exist(callboard):
    told = callboard("export", "--plan", "harbour")
    assert (told.exit_code, told.stderr) == (1, "There is no plan `harbour`; there is none yet.\n")


@pytest.mark.parametrize("words", [("-1d",), ("--", "-1d"), ("1d",)])
def test_callboard_shift_shows_asks_and_moves(callboard, words):
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


def test_callboard_shift_refuses_what_is_no_shift(callboard):
    told = callboard("shift", "1h", "--plan", "harbor")
    assert (told.exit_code, told.stderr) == (1, "`1h` is no shift: write whole days, like 1d, 2w or -1d.\n")
