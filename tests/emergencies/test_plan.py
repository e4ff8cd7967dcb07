"""What `check` says about emergencies, triggers and alerts."""

from __future__ import annotations

import pytest

from callboard.emergencies.plan import EMERGENCIES, TRIGGERS
from tests.planfile.sample import GOOD, check, problems

EMERGENCY = """\
emergencies:
  1: {name: Critical, when: [System down], respond_within: 5m, update_every: 15m, tell: [everyone], actions: [Look],
      channel: urgent, resolve_within: 30m, roles: [commander, scribe], freezes: [code, gates], rollback: system}
  2: {name: High, when: File conflict, respond_within: 15m, tell: [all leads], policy: default}
rollbacks: {system: {within: 30m}}
tasks: [{T-1: {title: Meet, team: backend, points: {Sign-in: backend}}}]
gates: {done: {name: Done, due: 2026-03-26 12:00, criteria: [Seen]}}
measures:
  {error_rate: {unit: "%", at_most: 1%}, errors: {name: Errors}, tests: {of: 72, at_least: 68},
   holes: {at_most: 0, concerns: security}}
triggers:
  - {on: gate missed, escalate: default}
  - {on: Integration_failed, escalate: default, tell: ["#urgent"]}
  - {on: measure, measure: error_rate, above: 1%, emergency: 2}
  - {on: measure, measure: error_rate, emergency: 1}
  - {on: late tasks, above: 3, blocker: high, team: backend}
  - {on: security, tell: [chief]}
  - {on: blocker raised, tell: [chief]}
alerts:
  - {match: {alertname: HighErrorRate}, severity: high, page: [chief]}
  - {match: {alertname: SlowDatabase, shard: 3}, tell: [be-lead]}
"""
OURS = ("emergencies", "triggers", "alerts")


def test_the_check_of_the_plan_files_emergencies_takes_good_ones_and_levels_are_text():
    assert problems(GOOD + EMERGENCY, *OURS) == []
    document = check(GOOD + EMERGENCY).document
    assert list(document.of(EMERGENCIES)) == ["1", "2"]
    assert [trigger.on for trigger in document.of(TRIGGERS)][1:3] == ["integration failed", "measure"]
    assert document.of(TRIGGERS)[2].emergency == "2"


@pytest.mark.parametrize(
    ("old", "new", "degree", "said"),
    [
        ("  2: {name", "  4: {name", "error", "emergencies.4: `4` is not a level: write 1, 2 or 3"),
        (
            "tell: [everyone]",
            "tell: [evryone]",
            "error",
            "tell[1]: nobody is called `evryone`; did you mean `everyone`?",
        ),
        ("channel: urgent", "channel: urgnet", "error", "key `urgnet`"),
        ("rollback: system}", "rollback: sistem}", "error", "there is no rollback `sistem`; did you mean `system`?"),
        ("respond_within: 15m", "respond_within: 3m", "warning", "level 2 is answered within 3m, before level 1, 5m"),
        ("update_every: 15m", "update_every: 0m", "error", "write how often"),
        (", tell: [all leads], policy: default", "", "warning", "nobody is told of this emergency"),
        (
            "roles: [commander, scribe]",
            "roles: [commander, The Scribe]",
            "error",
            "`The Scribe` can't be typed as a role",
        ),
        ("resolve_within: 30m", "resolve_within: 3m", "warning", "resolved within 3m is before it is answered"),
        ("[code, gates]", "[code, gatse]", "error", "`gatse` can't be frozen; did you mean `gates`?"),
        ("policy: default", "policy: defult", "error", "there is no escalation policy `defult`"),
        ("gate missed", "gate mist", "error", "`gate mist` is not an event; did you mean `gate missed`?"),
        (
            "missed, escalate: default",
            "missed, escalate: defalt",
            "error",
            "triggers[1].escalate: there is no escalation",
        ),
        ("missed, escalate: default", "missed", "error", "triggers[1]: this does nothing"),
        ("measure: error_rate, above", "measure: eror_rate, above", "error", "no measure `eror_rate`; did you mean"),
        ("measure: error_rate, above", "above", "error", "which measure? Write `measure:`"),
        (
            "measure: error_rate, emergency: 1",
            "measure: errors, emergency: 1",
            "error",
            "nothing says when errors is bad",
        ),
        ("missed, escalate", "missed, above: 3, escalate", "error", "above: `above` goes with `on: measure`"),
        ("above: 1%", "above: much", "error", "`much` is not an amount"),
        ("above: 1%", "above: 5m", "error", "`5m` is a duration: write a percentage"),
        ("error_rate, above: 1%", "tests, above: 73", "error", "73 is more than all 72: write 72 or less"),
        ("error_rate, above: 1%", "tests, above: 72", "error", "nothing is above 72, which is all: write less"),
        ("error_rate, above: 1%", "tests, below: 101%", "error", "`101%` is more than all: write 100% or less"),
        ("above: 3, blocker", "above: 3%, blocker", "error", "`3%` is not so many tasks: write a number such as 3"),
        ("above: 3, blocker", "below: 3, blocker", "error", "`below` does not go with `on: late tasks`"),
        (
            "blocker: high",
            "blocker: hgih",
            "error",
            "triggers[5].blocker: there is no severity `hgih`; did you mean `high`?",
        ),
        ("team: backend}\n  - {on: sec", "team: backnd}\n  - {on: sec", "error", "there is no team `backnd`"),
        (", concerns: security", "", "error", "nothing says what is security: write `concerns: security` at a measure"),
        (
            "raised, tell: [chief]",
            "raised, escalate: default",
            "error",
            "a blocker climbs by the policy of its severity",
        ),
        (
            "on: late tasks, above: 3, blocker: high, team: backend",
            "on: gate missed, tell: [chief]",
            "error",
            "watches this too: write them as one",
        ),
        ("late tasks, above: 3", "checkpoint missed", "warning", "this never happens: the plan has no `checkpoints:`"),
        ("1%, emergency: 2", "1%, emergency: 3", "error", "there is no emergency `3`"),
        ("severity: high", "severity: hihg", "error", "severity: there is no severity `hihg`; did you mean `high`?"),
        (
            "page: [chief]",
            "page: [cheif]",
            "error",
            "alerts[1].page[1]: nobody is called `cheif`; did you mean `chief`?",
        ),
        (", tell: [be-lead]", "", "error", "alerts[2]: nobody is told of this alert"),
        ("match: {alertname: HighErrorRate}", "match: {}", "error", "alerts[1].match"),
        ("SlowDatabase, shard: 3", "HighErrorRate", "warning", "has the same labels: write them together"),
    ],
)
def test_the_check_of_the_plan_files_emergencies_triggers_and_alerts_says_what_is_wrong(old, new, degree, said):
    assert EMERGENCY.count(old) == 1, old
    found = problems(GOOD + EMERGENCY.replace(old, new), *OURS)
    assert any(given == degree and said in sentence for given, sentence in found), found


def test_the_check_of_the_plan_files_emergencies_never_fails_whatever_they_hold():
    for section in OURS:
        for value in ("3", "[3]", "[{}]", "x", "{a: 1}", "[{on: []}]", "[{match: 1}]", "{1: {name: [1]}}", "[[]]"):
            assert check(f"{GOOD}{section}: {value}\n").errors, (section, value)
