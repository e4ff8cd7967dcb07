"""Zones go out as CODEOWNERS and come in from it, and the same paths belong to the same teams."""

from __future__ import annotations

from callboard.zones import codeowners
from callboard.zones.owners import ZonePart, rules, winner

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


def test_zones_from_codeowners_give_each_path_to_its_owner():
    found, wrong = zones(codeowners.read(HERE))
    assert wrong == [9]
    assert owners_of(found) == {
        "x": ("ops",), "src/api/x.py": ("backend",), "src/api/x.css": ("frontend",),
        "docs/a page.md": ("backend", "frontend"), "db/1.sql": ("backend",), "db/old/1.sql": ("ops",),
        "web/x.css": ("frontend",),
    }  # fmt: skip


def test_zones_written_as_codeowners_and_read_back_stay_the_same():
    found, _ = zones(codeowners.read(HERE))
    written = codeowners.written(found, lambda team: f"@acme/{team}")
    assert owners_of(zones(codeowners.read(written))[0]) == owners_of(found)
    assert "/docs/a\\ page.md @acme/backend @acme/frontend" in written


def test_zones_from_codeowners_say_what_a_plan_file_cannot_say():
    made, wrong = codeowners.section(codeowners.read(HERE + "/x/ @acme/nobody\n"), codeowners.owners(TEAMS))
    assert made[1:3] == ['  - {team: ops, paths: ["*"]}', "  - {team: backend, paths: [/src/api/]}"]
    assert '  - {joint: [backend, frontend], paths: ["/docs/a page.md"]}' in made
    assert wrong == [
        "line 9: nobody's there, which no zone says: give it to a team, or leave it out",
        "line 10: no team of the plan is @acme/nobody: say which one with --team @acme/nobody=KEY",
    ]


def test_people_in_codeowners_stand_for_the_team_they_are_in():
    owners = codeowners.owners(TEAMS)
    assert (owners["ann@example.com"], owners["bob"]) == ("backend", "frontend")
