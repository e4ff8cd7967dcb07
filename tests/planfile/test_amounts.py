"""Amounts that seem to say something else than they do: a time of nothing, and a half that is written 0.5."""

from __future__ import annotations

import pytest

from tests.planfile.sample import GOOD, problems

POLICY = GOOD.replace("  default:\n", "  default:\n    KEY\n").replace("within: 1h", "within: 1h, STEP")
STEP = "runbooks: {go: {day: 2026-03-31, steps: [{at: '14:00', title: A, lead: one, KEY}]}}\n"
GATE = """\
gates:
  g: {name: G, due: 2026-03-30 12:00, criteria: [Ready], sign_off: {lead_of: backend}, decision: true, KEY}
"""
EVER = "of no time would mean never, or without end: write more, such as 15m, or leave it out"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (POLICY.replace("KEY", "idle_after: 0m").replace(", STEP", ""), "escalation.default.idle_after"),
        (POLICY.replace("KEY", "resolve_within: 0s").replace(", STEP", ""), "escalation.default.resolve_within"),
        (POLICY.replace("    KEY\n", "").replace("STEP", "repeat_every: 0m"),
         "escalation.default.steps[2].repeat_every"),
        (GOOD.replace("respond_within: 1h", "respond_within: 0d"), "escalation.default.steps[2].respond_within"),
        (GOOD + STEP.replace("KEY", "within: 0m"), "runbooks.go.steps[1].within"),
        (GOOD + STEP.replace("KEY", "turn_back: 0m"), "runbooks.go.steps[1].turn_back"),
        (GOOD + STEP.replace("lead: one, KEY", "reserve: 0m"), "runbooks.go.steps[1].reserve"),
        (GOOD + "rollbacks: {system: {within: 0m, order: [chief]}}\n", "rollbacks.system.within"),
        (GOOD + GATE.replace("KEY", "if_no_go: {again: 0d}"), "gates.g.if_no_go.again"),
        (GOOD + "emergencies: {1: {name: E, tell: [executive], respond_within: 0m}}\n", "emergencies.1.respond_within"),
        (GOOD + "conflicts: {simple: tell, clocks: {detect: 0m}}\n", "conflicts.clocks.detect"),
        (GOOD.replace("slack: U0BE1,", "slack: U0BE1, responds_within: 0m,"), "people.one.responds_within"),
        (GOOD + "checkpoints: [{name: C, at: 2026-03-27 12:00, ask: [Well?], window: 0m}]\n", "checkpoints[1].window"),
    ],
)  # fmt: skip
def test_a_time_of_nothing_that_would_mean_never_is_refused_in_the_plan_file(text, place):
    assert problems(text, place) == [("error", f"{place}: `{place.rpartition('.')[2]}` {EVER}")]


def test_a_time_of_nothing_that_is_refused_for_another_reason_is_refused_once():
    found = problems(GOOD + "emergencies: {1: {name: E, tell: [executive], update_every: 0m}}\n", "emergencies")
    assert found == [("error", "emergencies.1.update_every: write how often, such as 15m")]


@pytest.mark.parametrize(
    ("text", "section"),
    [
        (GOOD.replace("respond_within: 15m", "after: 0m, respond_within: 15m"), "escalation"),
        (GOOD + GATE.replace("KEY", "remind: [1h, 0m]"), "gates"),
        (GOOD + "tasks: {T-1: {title: A, team: backend, estimate: 0h-2h}}\n", "tasks"),
        (GOOD + "alerts: [{heartbeat: backup, every: 24h, grace: 0m, page: [executive]}]\n", "alerts"),
    ],
)  # fmt: skip
def test_a_time_of_nothing_that_is_at_once_may_be_written(text, section):
    assert problems(text, section) == []


HALF = "`0.5` is 0.5% here: write 50% if you mean that, else 0.5%"
TASKS = "tasks: {T-1: {title: A, team: backend, KEY}}\n"
MEASURE = 'measures: {good: {unit: "%", KEY, by: [all leads]}}\n'
CHECKPOINT = "checkpoints: [{name: C, at: 2026-03-27 12:00, who: [executive], expects: KEY}]\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (TASKS.replace("KEY", "percent: 0.5"), "tasks.T-1.percent"),
        (TASKS + GATE.replace("[Ready]", "{tasks: T-1, at_least: 0.5}"), "gates.g.criteria[1].at_least"),
        (TASKS + CHECKPOINT.replace("KEY", "{T-1: 0.5}"), "checkpoints[1].expects.T-1"),
        (TASKS + CHECKPOINT.replace("KEY", "[{tasks: T-1, at_least: 0.5}]"), "checkpoints[1].expects[1].at_least"),
        (MEASURE.replace("KEY", "at_least: 0.5"), "measures.good.at_least"),
        (MEASURE.replace("KEY", "at_most: 90%") + GATE.replace("[Ready]", "{measure: good, at_least: 0.5}"),
         "gates.g.criteria[1].at_least"),
        (MEASURE.replace("KEY", "at_most: 90%") + CHECKPOINT.replace("KEY", "[{measure: good, at_least: 0.5}]"),
         "checkpoints[1].expects[1].at_least"),
        (MEASURE.replace("KEY", "at_most: 90%")
         + "triggers: [{on: measure, measure: good, above: 0.5, tell: [executive]}]\n", "triggers[1].above"),
        (MEASURE.replace("KEY", "at_most: 90%")
         + "risks: [{risk: Bad, probability: low, impact: low, owner: executive, "
         "indicators: [{measure: good, below: 0.5}]}]\n", "risks[1].indicators[1].below"),
        ("rehearsal: {people: {default: {never: 0.5}}}\n", "rehearsal.people.default.never"),
        ("rehearsal: {work: {slip: 0.5-60%}}\n", "rehearsal.work.slip"),
        (TASKS + "rehearsal: {work: {fails: {T-1: 0.5}}}\n", "rehearsal.work.fails.T-1"),
    ],
)  # fmt: skip
def test_a_half_that_is_written_as_a_fraction_is_warned_of_wherever_a_plan_file_takes_percentages(text, place):
    assert ("warning", f"{place}: {HALF}") in problems(GOOD + text.replace(", KEY", ""), place)


def test_half_a_percent_that_is_written_with_its_sign_is_what_it_says():
    assert problems(GOOD + TASKS.replace("KEY", "percent: 0.5%"), "tasks") == []


def test_a_number_of_a_measure_that_counts_no_percentages_may_be_a_fraction():
    assert problems(GOOD + "measures: {load: {at_most: 0.5, by: [all leads]}}\n", "measures") == []
