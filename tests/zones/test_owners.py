"""Whose a path is: by the last pattern that matches, and in a file by section by the first name that does."""

from __future__ import annotations

from callboard.zones.owners import rules, section_team, winner
from callboard.zones.plan import ZONES
from tests.planfile.sample import check
from tests.zones.test_plan import TEAMS, ZONE


def zones():
    return check(TEAMS + ZONE).document.of(ZONES)


def test_the_owners_of_a_path_are_those_of_the_last_zone_whose_pattern_matches():
    all_rules = rules(zones())

    def owner(path):
        rule = winner(all_rules, path)
        return rule and rule.zone.called

    assert [owner(path) for path in ("web/a.js", "src/api/a.css", "src/a.css", "openapi/x.yml", "src/main.c")] == [
        "frontend", "backend", "frontend", "backend and frontend", None,
    ]  # fmt: skip


def test_the_owner_of_a_section_of_a_file_is_the_team_of_the_first_name_that_matches():
    web, *_, readme = zones()
    named = ("Backend", "Backend / API", "Frontend", "Operations", "A/B")
    assert [section_team(readme, name) for name in named] == ["backend", "backend", "frontend", "ops", "ops"]
    assert section_team(web, "Backend") == ""
