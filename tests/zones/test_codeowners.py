"""Zones go out as CODEOWNERS and come in from it, and the same paths belong to the same teams."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from callboard.cli.commands import main
from callboard.zones import codeowners
from callboard.zones.plan import ZonePart, rules, winner
from tests.planfile.sample import GOOD

HERE = """\
# Everything is looked after
*                    @acme/ops
/src/api/            @acme/backend  # the server
*.css                @acme/frontend
/docs/a\\ page.md     @acme/backend @acme/frontend
[Databases] @acme/backend
/db/*.sql
^[Optional][2]
/vendor/
"""
TEAMS = {"ops": [], "backend": ["ann", "ann@example.com"], "frontend": ["bob"]}
PATHS = ("x", "src/api/x.py", "src/api/x.css", "docs/a page.md", "db/1.sql", "db/old/1.sql", "web/x.css")


def zones(lines):
    made, wrong = [], []
    owners = codeowners.owners(TEAMS)
    for line in lines:
        teams = [owners[one.lower().removeprefix("@").rpartition("/")[2]] for one in line.owners]
        if teams:
            made.append(ZonePart(**({"team": teams[0]} if len(teams) == 1 else {"joint": teams}), paths=line.pattern))
        else:
            wrong.append(line.number)
    return made, wrong


def owners_of(all_zones):
    all_rules = rules(all_zones)
    return {path: (found.zone.owners if (found := winner(all_rules, path)) else ()) for path in PATHS}


def test_each_path_is_whose_it_was():
    found, wrong = zones(codeowners.read(HERE))
    assert wrong == [9]
    assert owners_of(found) == {
        "x": ("ops",), "src/api/x.py": ("backend",), "src/api/x.css": ("frontend",),
        "docs/a page.md": ("backend", "frontend"), "db/1.sql": ("backend",), "db/old/1.sql": ("ops",),
        "web/x.css": ("frontend",),
    }  # fmt: skip


def test_there_and_back_nothing_changes():
    found, _ = zones(codeowners.read(HERE))
    written = codeowners.written(found, lambda team: f"@acme/{team}")
    assert owners_of(zones(codeowners.read(written))[0]) == owners_of(found)
    assert "/docs/a\\ page.md @acme/backend @acme/frontend" in written


def test_the_section_of_the_plan_file_says_what_it_could_not_say():
    made, wrong = codeowners.section(codeowners.read(HERE + "/x/ @acme/nobody\n"), codeowners.owners(TEAMS))
    assert made[1:3] == ['  - {team: ops, paths: ["*"]}', "  - {team: backend, paths: [/src/api/]}"]
    assert '  - {joint: [backend, frontend], paths: ["/docs/a page.md"]}' in made
    assert wrong == [
        "line 9: nobody's there, which no zone says: give it to a team, or leave it out",
        "line 10: no team of the plan is @acme/nobody: say which one with --team @acme/nobody=KEY",
    ]


def test_people_stand_for_the_team_they_are_in():
    owners = codeowners.owners(TEAMS)
    assert (owners["ann@example.com"], owners["bob"]) == ("backend", "frontend")


@pytest.fixture
def files(tmp_path):
    (tmp_path / "CODEOWNERS").write_text("/api/ @acme/servers\n/old/\n")
    (tmp_path / "plan.yml").write_text(GOOD)
    return tmp_path


def test_the_command_prints_the_zones_and_refuses_what_it_cannot_place(files):
    words = ["zones", str(files / "CODEOWNERS"), "--plan-file", str(files / "plan.yml")]
    refused = CliRunner().invoke(main, words)
    assert refused.exit_code == 1
    assert "say which one with --team @acme/servers=KEY" in refused.output
    (files / "CODEOWNERS").write_text("/api/ @acme/servers\n")
    made = CliRunner().invoke(main, [*words, "--team", "@acme/servers=backend"])
    assert made.exit_code == 0, made.output
    assert made.output == "zones:\n  - {team: backend, paths: [/api/]}\n"
    (files / "whole.yml").write_text(GOOD + made.output)
    assert CliRunner().invoke(main, ["check", str(files / "whole.yml")]).exit_code == 0


def test_a_plan_that_runs_is_exported_as_codeowners(files, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{files / 'callboard.db'}")
    text = (
        GOOD + "zones:\n  - {team: backend, paths: [/api/]}\n  - {paths: [/README.md], sections: {Backend: backend}}\n"
    )
    (files / "plan.yml").write_text(text)
    applied = CliRunner().invoke(main, ["apply", str(files / "plan.yml"), "--yes"])
    assert applied.exit_code == 0, applied.output
    key = next(line.split()[1] for line in GOOD.splitlines() if line.startswith("key:"))
    out = CliRunner().invoke(main, ["export", "--plan", key, "--codeowners", "--org", "acme"])
    assert "/api/ @acme/backend\n" in out.output
    assert "#   section Backend: @acme/backend\n/README.md @acme/backend\n" in out.output
