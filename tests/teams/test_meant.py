"""Whom a who-expression means in a plan file."""

from __future__ import annotations

import pytest

from callboard.teams.plan.directory import drafted, meant
from tests.planfile.sample import GOOD, check

PLAN = GOOD.replace("  chief:", "  night: {name: Night shift, vacant: true}\n  chief:").replace(
    "[one, two]", "[one, two, night]"
)


@pytest.mark.parametrize(
    ("expressions", "team", "people"),
    [
        (["everyone"], "", "be-lead one two"),
        (["backend"], "", "be-lead one two"),
        (["two", "chief", "be-lead", "two"], "", "be-lead two chief"),
        (["coordinator", "executive"], "", "chief boss"),
        (["keeper"], "", "chief"),
        (["all leads"], "", "be-lead"),
        (["lead", "leads"], "backend", "be-lead"),
        (["member"], "backend", "one two"),
        (["lead", "member"], "", ""),
        (["assignees", "reporter"], "backend", ""),
        (["night", "#urgent", "nobody"], "", ""),
    ],
)
def test_expressions_mean_people_in_the_order_of_the_file(expressions, team, people):
    assert " ".join(meant(check(PLAN).document, expressions, team)) == people


def test_nobody_is_meant_while_the_plan_is_not_valid():
    document = check(PLAN.replace("timezone: Europe/Berlin", "timezone: Europe/Berlinn")).document
    assert drafted(document) is None
    assert meant(document, ["everyone"]) == ()


def test_the_directory_is_made_once_for_a_document():
    document = check(PLAN).document
    assert drafted(document) is drafted(document)
    assert drafted(document) is not drafted(check(PLAN).document)
