"""What `check` says about conflicts."""

from __future__ import annotations

import pytest

from tests.planfile.sample import GOOD, check, problems

CONFLICTS = """\
conflicts:
  violation: {tell: [leads]}
  simple: git merges it
  medium: {policy: default, tell: [leads]}
  complex: {policy: default, tell: [leads, coordinator]}
  critical: {emergency: 2, rollback: system}
  clocks: {detect: 2m, respond: 5m, resolve: 15m, validate: 30m}
emergencies: {1: {name: Critical, tell: everyone}, 2: {name: High, tell: leads}}
rollbacks: {system: {within: 30m}}
"""


def test_a_good_conflicts_section_of_the_plan_file_has_no_problems():
    assert problems(GOOD + CONFLICTS, "conflicts") == []


@pytest.mark.parametrize(
    ("old", "new", "degree", "said"),
    [
        (
            "medium: {policy: default",
            "medium: {policy: defalt",
            "error",
            "medium.policy: there is no escalation policy",
        ),
        (
            "[leads, coordinator]",
            "[leads, cordinator]",
            "error",
            "tell[2]: nobody is called `cordinator`; did you mean",
        ),
        ("emergency: 2", "emergency: 4", "error", "critical.emergency: there is no emergency `4`"),
        ("rollback: system", "rollback: sistem", "error", "there is no rollback `sistem`; did you mean `system`?"),
        ("critical:", "critcal:", "error", "critcal: there is no such key here; did you mean `critical`?"),
        ("git merges it", "{}", "warning", "simple: nothing happens about these conflicts"),
        ("resolve: 15m", "resolve: 3m", "warning", "clocks.resolve: 3m to resolve is shorter than the 5m to respond"),
        ("validate: 30m", "validate: half an hour", "error", "clocks.validate: `half an hour` is no duration"),
    ],
)
def test_the_conflicts_section_of_the_plan_file_refuses_mistakes(old, new, degree, said):
    assert CONFLICTS.count(old) == 1
    found = problems(GOOD + CONFLICTS.replace(old, new), "conflicts")
    assert any(given == degree and said in sentence for given, sentence in found), found


def test_no_conflicts_section_of_the_plan_file_makes_its_check_raise():
    for value in ("3", "[3]", "{simple: []}", "{clocks: 3}", "{critical: {emergency: [1]}}"):
        assert check(f"{GOOD}conflicts: {value}\n").errors
