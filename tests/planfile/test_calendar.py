"""`callboard calendar`: what happens when, for people and for programs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from callboard.app import sections
from callboard.cli.main import main
from callboard.planfile.calendar import happenings, plan_window
from callboard.plans import service as plans
from tests.planfile.sample import GOOD, check

PLAN = (
    GOOD
    + """\
standups:
  - {name: Daily, days: mon-fri, at: "09:00", clock: person, who: [backend], window: 1h}
checkpoints:
  - {name: Mid-point, team: backend, at: 2026-03-26 15:00, window: 30m}
meetings:
  - {name: Review, at: "2026-03-27 16:00 America/New_York", who: [chief], lasts: 1h}
"""
)


@pytest.fixture
def calendar(tmp_path, monkeypatch):
    file = tmp_path / "plan.yml"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/calendar.db")

    def run(*args, plan=PLAN):
        file.write_text(plan)
        return CliRunner().invoke(main, ["calendar", *args])

    return run


def read(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_calendar_of_a_plan_file_lists_each_happening_in_order_as_json(calendar):
    found = read(calendar("plan.yml", "--json"))
    assert [list(one) for one in found] == [["at", "local", "zone", "kind", "name", "who"]] * len(found)
    assert found[0]["name"] == "Harbor 2.0 begins"
    assert found[1] == {
        "at": "2026-03-25T08:00:00Z", "local": "2026-03-25T09:00:00+01:00", "zone": "Europe/Berlin", "kind": "standup",
        "name": "Daily", "who": ["be-lead", "two"],
    }  # fmt: skip
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    review = next(one for one in found if one["name"] == "Review")
    assert (review["local"], review["at"]) == ("2026-03-27T16:00:00-04:00", "2026-03-27T20:00:00Z")


def test_the_calendar_of_a_plan_file_is_a_table_by_day_for_people(calendar):
    shown = calendar("plan.yml", "--to", "2026-03-26").stdout
    assert shown.splitlines() == [
        "Times in Europe/Berlin.",
        "",
        "Wednesday, 2026-03-25",
        "  08:00        plan        Harbor 2.0 begins",
        "  09:00-10:00  standup     Daily              be-lead, two",
        "  14:00-15:00  standup     Daily              (09:00 in America/New_York) one",
        "",
        "Thursday, 2026-03-26",
        "  09:00-10:00  standup     Daily              be-lead, two",
        "  14:00-15:00  standup     Daily              (09:00 in America/New_York) one",
        "  15:00-15:30  checkpoint  Mid-point          be-lead",
    ]


def test_the_calendar_of_a_plan_file_shows_what_repeats_within_a_day_as_one_line(calendar):
    asked = "cadences: [{name: Status, every: 2h, about: teams, who: [be-lead, one]}]\n"
    shown = calendar("plan.yml", "--from", "2026-03-27", "--to", "2026-03-27", plan=GOOD + asked).stdout
    assert shown.splitlines()[3:] == [
        "  08:00        cadence  Status  (every 2h until 16:00) be-lead",
        "  13:00        cadence  Status  (every 2h until 21:00) (08:00 in America/New_York) one",
    ]


def test_the_calendar_of_a_plan_file_for_one_person_is_in_their_time_zone(calendar):
    found = read(calendar("plan.yml", "--person", "one", "--json", "--from", "2026-03-26", "--to", "2026-03-27"))
    assert [one["local"] for one in found] == ["2026-03-26T09:00:00-04:00", "2026-03-27T09:00:00-04:00"]
    assert calendar("plan.yml", "--person", "one").stdout.startswith("Times in America/New_York.")


def test_the_calendar_of_a_plan_file_takes_whole_days_from_the_first_to_the_last(calendar):
    found = read(calendar("plan.yml", "--from", "2026-03-27", "--to", "2026-03-27", "--json"))
    assert [one["name"] for one in found] == ["Daily", "Daily", "Review"]
    assert "Nothing happens then." in calendar("plan.yml", "--from", "2026-03-28", "--to", "2026-03-29").stdout


def refused(result, code, said):
    assert result.exit_code == code
    assert said in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--from", "2026-03-27", "--to", "2026-03-26"], "2026-03-26 is before 2026-03-27"),
        (["--person", "onne"], "There is no person `onne` in Harbor 2.0; did you mean `one`?"),
    ],
)
def test_the_calendar_of_a_plan_file_refuses_unknown_people_and_days_in_the_wrong_order(calendar, args, said):
    refused(calendar("plan.yml", *args), 1, said)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["plan.yml", "--from", "soon"], 2, "`soon` is no date: write it like 2026-03-25"),
        (["plan.yml", "--from", "2026-02-30"], 2, "`2026-02-30` is no date"),
        ([], 2, "name a plan file, or a running plan with --plan"),
        (["plan.yml", "--plan", "harbor"], 2, "one of the two"),
        (["none.yml"], 1, "none.yml: No such file or directory"),
        (["--plan", "harbour"], 1, "There is no plan `harbour`; there is none yet."),
    ],
)
def test_the_command_line_for_plans_refuses_options_of_calendar_that_make_no_sense(calendar, args, code, said):
    refused(calendar(*args), code, said)


def test_the_command_line_for_plans_shows_no_calendar_of_a_file_with_errors(calendar):
    result = calendar("plan.yml", plan=PLAN.replace("name: Mid-point, team: backend", "name: Mid-point, team: backnd"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "plan.yml:" in result.stderr
    assert "did you mean `backend`?" in result.stderr


def test_the_command_line_for_plans_shows_the_calendar_of_a_running_plan_by_its_key(calendar, tmp_path):
    (tmp_path / "plan.yml").write_text(PLAN)
    applied = CliRunner().invoke(main, ["apply", "plan.yml", "--yes"])
    assert applied.exit_code == 0, applied.output
    assert read(calendar("--plan", "harbor", "--json")) == read(calendar("plan.yml", "--json"))


def test_the_calendar_of_a_whole_plan_goes_from_its_first_to_its_last_moment():
    document = check(GOOD).document
    assert plan_window(document) == (
        datetime(2026, 3, 25, 7, tzinfo=UTC), datetime(2026, 4, 2, 16, 0, 1, tzinfo=UTC)
    )  # fmt: skip
    days = check(GOOD.replace("2026-03-25 08:00", "2026-03-25").replace("2026-04-02 18:00", "2026-04-02")).document
    window = plan_window(days)
    assert window is not None
    start, end = window
    assert start == datetime.combine(date(2026, 3, 25), time(), ZoneInfo("Pacific/Kiritimati"))
    assert end == datetime(2026, 4, 3, 12, tzinfo=UTC)


def test_the_calendar_of_a_plan_at_the_ends_of_time_does_not_crash():
    for first, last in (("0001-01-01", "9999-12-31"), ("9988-01-01", "9999-12-31"), ("9999-12-30", "9999-12-31")):
        text = PLAN.replace("2026-03-25 08:00", first, 1).replace("2026-04-02 18:00", last, 1)
        document = plans.check(text, "plan.yml", sections()).document
        window = plan_window(document)
        assert window is None or window[1] - window[0] <= timedelta(days=3661)
        happenings(document)
