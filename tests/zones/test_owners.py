"""Whose a path is: by the last pattern that matches, and in a file by section by the first name that does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.zones.owners import ZonePart, rules, section_team, winner, winners
from callboard.zones.patterns import Pattern
from callboard.zones.plan import ZONES
from tests.locks.test_targets import PATHS, targets
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


@settings(max_examples=300)
@given(st.lists(targets().filter(lambda one: one.kind == "path"), min_size=1, max_size=5), targets())
def test_the_owners_of_a_pattern_are_those_of_the_paths_in_it(written, asked):
    zones = [ZonePart(team=f"t{n}", paths=(Pattern.parse(one.text),)) for n, one in enumerate(written)]
    if asked.kind == "thing":
        return
    all_rules = rules(zones)
    found = winners(all_rules, asked.pattern)
    for path in filter(asked.pattern.matches, PATHS):
        assert winner(all_rules, path) in found
    for rule, path in found.items():
        assert rule is None or (rule.pattern.matches(path) and asked.pattern.matches(path))
