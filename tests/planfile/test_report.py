"""What `callboard check` prints: for people, for programs, for code review, for editors."""

from __future__ import annotations

import json
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from callboard.cli.main import main
from tests.planfile.sample import GOOD, check

FAULTY = GOOD.replace("members: [one, two]", "members: [one, tow, two]").replace("slack: U0EXEC, ", "")
VACANT = GOOD.replace("slack: U0EXEC,", "vacant: true,")


@pytest.fixture
def checks(tmp_path, monkeypatch):
    """Run `callboard check` on a plan file with this text."""
    monkeypatch.chdir(tmp_path)

    def run(text, *options):
        (tmp_path / "plan.yml").write_text(text)
        return CliRunner().invoke(main, ["check", "plan.yml", *options])

    return run


def test_the_report_of_a_plan_files_check_is_one_line_for_a_good_file(checks):
    told = checks(GOOD)
    assert (told.exit_code, told.stdout) == (0, "plan.yml: good\n")


def test_the_report_of_a_plan_files_check_lists_problems_by_line_and_counts_them(checks):
    told = checks(FAULTY)
    assert told.exit_code == 1
    assert told.stdout.splitlines() == [
        "plan.yml:18: warning: people.boss: nothing says who this is in Slack: write `slack: U0123ABCD` or `email:`",
        "plan.yml:23: teams.backend.members[2]: there is no person `tow`; did you mean `two`?",
        "plan.yml: 1 error, 1 warning",
    ]


def test_the_report_of_a_plan_files_check_calls_a_file_with_a_vacant_seat_good(checks):
    told = checks(VACANT)
    assert told.exit_code == 0
    assert told.stdout.splitlines()[-1] == "plan.yml: good, 1 vacant seat"


def test_the_report_of_a_plan_files_check_as_json_is_for_programs(checks):
    told = checks(FAULTY, "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)[1] == {
        "file": "plan.yml", "line": 23, "degree": "error", "path": ["teams", "backend", "members", 1],
        "sentence": "teams.backend.members[2]: there is no person `tow`; did you mean `two`?",
    }  # fmt: skip
    assert json.loads(checks(GOOD, "--json").stdout) == []


def test_the_report_of_a_plan_files_check_as_sarif_is_for_code_review(checks):
    told = checks(FAULTY, "--sarif")
    assert told.exit_code == 1
    log = json.loads(told.stdout)
    (run,) = log["runs"]
    assert (log["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "Callboard")
    assert run["tool"]["driver"]["semanticVersion"] == version("callboard")
    result = run["results"][1]
    assert (result["level"], result["ruleId"]) == ("error", "error")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["message"]["text"].startswith("teams.backend.members[2]: there is no person `tow`")
    assert result["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "plan.yml"}, "region": {"startLine": 23}}}
    ]
    assert json.loads(checks(VACANT, "--sarif").stdout)["runs"][0]["results"][0]["level"] == "note"


def test_the_report_of_a_plan_files_check_names_broken_yaml_in_every_form(checks):
    for option in ((), ("--json",), ("--sarif",)):
        told = checks("a: [b", *option)
        assert told.exit_code == 1
        assert "a [ is opened and not closed" in told.stdout


def test_the_json_schema_of_plan_files_is_printed_and_requires_what_every_plan_has():
    told = CliRunner().invoke(main, ["check", "--schema"])
    assert told.exit_code == 0
    assert json.loads(told.stdout)["required"] == [
        "callboard", "key", "name", "timezone", "from", "to", "people", "teams",
    ]  # fmt: skip


@pytest.mark.parametrize("options", [[], ["plan.yml", "--json", "--sarif"], ["--schema", "--json"]])
def test_the_command_line_for_plans_refuses_options_of_check_that_make_no_sense(options):
    assert CliRunner().invoke(main, ["check", *options]).exit_code == 2


def test_the_command_line_of_an_installation_says_that_a_plan_file_does_not_exist():
    told = CliRunner().invoke(main, ["check", "nowhere.yml"])
    assert told.exit_code == 1
    assert "nowhere.yml: No such file" in told.stderr


@pytest.mark.parametrize(("key", "shown"), [("ti\u202etle", "ti\\u202etle: no"), ("a\u200db", " a\u200db: no")])
def test_the_report_shows_what_turns_text_around_and_leaves_what_joins_letters(key, shown):
    assert any(shown in line for line in check(f"{GOOD}\n{key}: x\n").report())
