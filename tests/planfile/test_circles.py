"""Whatever waits for itself is refused with its circle and its line, however deep in criteria it is written."""

from __future__ import annotations

import pytest

from callboard.app import sections
from callboard.plans import service as plans

PLAN = """\
callboard: 1
key: release
name: Release
timezone: UTC
from: 2025-11-13 09:00
to: 2025-11-15 18:00
channels: {coordination: "#release"}
people: {olga: {name: Omega lead, slack: UOLGA, roles: [coordinator]}}
phases: {build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-14 18:00}}
teams: {omega: {name: Omega, lead: olga, channel: "#omega"}}
tasks:
  T-1: {title: Tested, team: omega, phase: build}
  T-2: {title: Documented, team: omega}
gates:
  a:
    name: First
    due: 2025-11-14 12:00
    criteria: [Looked at]
    sign_off: olga
  b:
    name: Second
    due: 2025-11-14 12:00
    criteria: [Seen]
    sign_off: olga
"""
LOOKED, SEEN = "criteria: [Looked at]", "criteria: [Seen]"


def circles(*changes):
    text = PLAN
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    found = plans.check(text, "plan.yml", sections()).errors
    return [(text.splitlines()[one.line - 1].strip(), one.sentence.partition(": ")[2]) for one in found]


@pytest.mark.parametrize(
    ("changes", "where", "circle"),
    [
        ([(LOOKED, "criteria: [{gate: b}]"), (SEEN, "criteria: [{gate: a}]")], "criteria: [{gate: b}]", "a -> b -> a"),
        (
            [(LOOKED, "criteria: [{any: [{tick: X}, {all: [{tick: Y}, {gate: b}]}]}]"), (SEEN, "criteria: {gate: a}")],
            "criteria: [{any: [{tick: X}, {all: [{tick: Y}, {gate: b}]}]}]", "a -> b -> a",
        ),
        (
            [("T-2: {title: Documented", "T-2: {title: Documented, needs: [a]"),
             (LOOKED, "criteria: [{any: [{tick: X}, {tasks: [T-2]}]}]")],
            "T-2: {title: Documented, needs: [a], team: omega}", "T-2 -> a -> T-2",
        ),
        (
            [("to: 2025-11-14 18:00}", "to: 2025-11-14 18:00, needs: [b]}"), (SEEN, "criteria: [{any: [{gate: a}]}]"),
             (LOOKED, "criteria: [{all: [{tasks: [{phase: build}]}, {tick: X}]}]")],
            "phases: {build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-14 18:00, needs: [b]}}",
            "build -> b -> a -> T-1 -> build",
        ),
        ([(LOOKED, "criteria: [{gate: b}]"), (SEEN, "needs: [a]\n    criteria: [Seen]")], "criteria: [{gate: b}]",
         "a -> b -> a"),
    ],
    ids=["two gates", "within any and all", "gate, task, gate", "through a phase", "criterion and need"],
)  # fmt: skip
def test_needs_in_a_plan_file_that_go_in_a_circle_are_refused_once_with_their_line(changes, where, circle):
    assert circles(*changes) == [(where, f"this waits for itself: {circle}; take one of these out")]


def test_needs_in_a_plan_file_without_the_way_back_are_no_circle():
    assert circles((LOOKED, "criteria: [{any: [{gate: b}, {tasks: [T-1, T-2]}]}]")) == []
