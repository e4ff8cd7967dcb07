"""The sample of the format with one fault each: every one is found in its degree, at its line, with what to write."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.app import sections
from callboard.core.sections import Degree, Document
from callboard.plans import checking, groups, happening, loader, whole
from tests.plans.sample import check, line_of

SAMPLE = Path(__file__).parents[3] / "shared" / "plan-sample.yml"
ERROR, WARNING, VACANT = Degree.ERROR, Degree.WARNING, Degree.VACANT
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="../shared is not here")

# Kind: what is replaced by what, words of the sentence; then words of the line where that is not the line replaced.
ERRORS = {
    "unknown section": ("velocity: {per", "velocty: {per", "did you mean `velocity`?"),
    "unknown key of the plan": ("holidays: [", "holydays: [", "did you mean `holidays`?"),
    "unknown key of a person": ("title: Backend engineer", "titel: Backend engineer", "did you mean `title`?"),
    "unknown key of a task": ("estimate: 2h-4h", "estimat: 2h-4h", "did you mean `estimate`?"),
    "unknown key of a group": ("{team: frontend, phase: p", "{team: frontend, fase: p", "did you mean `phase`?"),
    "unknown key of a step": ("repeat_every: 15m", "repeat_evry: 15m", "did you mean `repeat_every`?"),
    "unknown key of a criterion": ("_passed, at_least: 68", "_passed, at_leest: 68", "did you mean `at_least`?"),
    "unknown key of a standup": ("minutes_each: 3", "minute_each: 3", "did you mean `minutes_each`?"),
    "unquoted channel": ('coordination: "#harbor"', "coordination: #harbor", 'write "#harbor" in quotes'),
    "split by a comma": ("Dashboard components final", "Dashboard, all of it", "a comma splits what is in { }"),
    "null": ("goal: Everything validated", "goal: null", "`null` says nothing: leave the key out"),
    "unknown person": ("ops-lead, members: [ops-night]", "ops-lead, members: [ops-day]",
                       "there is no person `ops-day`"),
    "unknown assignee": ("assignee: fe-1", "assignee: fe-9", "did you mean `fe-1`?"),
    "unknown deputy": ("deputies: [be-lead], fall", "deputies: [be-led], fall", "did you mean `be-lead`?"),
    "unknown role": ("[coordinator, keeper]", "[coordinator, keper]",
                     "there is no role `keper`; did you mean `keeper`?"),
    "unknown who": ("who: [all leads], window", "who: [all leds], window", "did you mean `all leads`?"),
    "unknown team of a group": ("{team: frontend, phase", "{team: frontent, phase", "did you mean `frontend`?"),
    "unknown team of a zone": ("{team: ops, paths", "{team: opps, paths",
                               "there is no team `opps`; did you mean `ops`?"),
    "unknown phase": ("phase: stage, due: 2026-03-31", "phase: stag, due: 2026-03-31", "did you mean `stage`?"),
    "unknown task needed": ("needs: [ATOM-001]}", "needs: [ATOM-007]}", "there is no task, gate or phase `ATOM-007`"),
    "unknown task wanted": ("wants: [MOLECULE-001]", "wants: [MOLECULE-01]", "did you mean `MOLECULE-001`?"),
    "unknown task expected": ("{ATOM-001: 50%}", "{ATOM-10: 50%}", "there is no task `ATOM-10`"),
    "unknown task in a gate": ("ATOM-003, ATOM-011]", "ATOM-003, ATOM-111]", "did you mean `ATOM-011`?"),
    "range without tasks": ("[ATOM-001..ATOM-003,", "[ATUM-001..ATUM-003,", "no task is within `ATUM-001..ATUM-003`"),
    "unknown gate needed": ("18:00, needs: [go]}", "18:00, needs: [goo]}", "did you mean `go`?"),
    "unknown gate of a meeting": ("after: [go]", "after: [goo]", "there is no gate `goo`; did you mean `go`?"),
    "unknown measure of a gate": ("tests_passed, at_least: 68", "test_passed, at_least: 68",
                                  "did you mean `tests_passed`?"),
    "unknown measure of a checkpoint": ("tests_passed, at_least: 30", "test_passed, at_least: 30", "`tests_passed`?"),
    "unknown policy": ("critical: fast}", "critical: fats}",
                       "there is no escalation policy `fats`; did you mean `fast`?"),
    "unknown severity": ("- {blockers: none, severity: critical}  ", "- {blockers: none, severity: fatal}  ",
                         "no severity"),
    "unknown area": ("area: UI}", "area: UIX}", "did you mean `UI`?"),
    "unknown priority": ("priority: high, due", "priority: hihg, due", "did you mean `high`?"),
    "unknown channel": ("channel: standup,", "channel: standups,", "did you mean `standup`?"),
    "unknown time zone": ("timezone: America/New_York", "timezone: New_York", "did you mean `America/New_York`?"),
    "unknown date": ("    due: target\n", "    due: taget\n", "which is no date of this plan; did you mean `target`?"),
    "unknown rollback": ("{rollback: system}", "{rollback: sistem}", "did you mean `system`?"),
    "unknown emergency": ("critical: {emergency: 2}", "critical: {emergency: 7}", "7"),
    "unknown gate of a risk": ("forecast: {gate: go,", "forecast: {gate: goo,", "did you mean `go`?"),
    "circle of tasks": ("criteria: [Schema", "needs: [ATOM-002], criteria: [Schema", "ATOM-002 -> ATOM-001;",
                        "ATOM-002], c"),
    "circle through a gate": ("final, assignee: fe-1", "final, needs: [prepared], assignee: fe-1",
                              "this waits for itself: ATOM-011 -> prepared -> ATOM-011"),
    "circle of dates": ("{target: 2026-04-01 12:00}", "{target: end - 1d, end: target + 1d}",
                        "is reckoned from itself"),
    "need of itself": ("needs: [prepared, tested]", "needs: [prepared, go]", "`go` needs itself: take it out"),
    "quorum that nobody can meet": ("{count: 2, of: [all leads]", "{count: 9, of: [all leads]", "ask for fewer"),
    "phase that ends before it begins": ("26 17:00, goal", "24 17:00, goal",
                                         "2026-03-24 17:00 is not after 2026-03-25 08:00"),
    "freeze that ends before it begins": ("{from: 2026-03-27 09:00, to: target", "{from: 2026-04-02 09:00, to: target",
                                          "2026-04-01 12:00 is not after 2026-04-02 09:00"),
    "hour that is left out": ("2026-03-26 12:00, expects", "2026-03-29 02:15, expects", "there is no 2026-03-29 02:15"),
    "identical zones": ('["/deploy/", "/tests/**"]', '["/deploy/", "/web/**"]', "is in line 58 already: write it once"),
    "shadowed zone": ('["/openapi/*.yml"]', '["/openapi/*.yml", "/db/**"]', "never counts: `/db/**`", "/db/migrations"),
    "two items with one key": ("{name: Weekly review", "{name: Weekly planning", "two meetings have the key",
                               "days: fri, at"),
    "two things with one id": ("ATOM-003: Monitoring on", "stage: Monitoring on",
                               "`stage` is in phases too, in line 108"),
}  # fmt: skip
WARNINGS = {
    "step with nobody on it": ("notify: [executive], after: 1h", "notify: [ops-night], after: 1h",
                               "nobody is on this step"),
    "overlapping zones": ('["/deploy/", "/tests/**"]', '["/deploy/", "/web/*/tests/**"]',
                          "overlaps `/web/**` of frontend in line 58: web/x/tests/x is both"),
    "gate due after what needs it begins": ("{name: Staging, from: 2026-03-27", "{name: Staging, from: 2026-03-26",
                                            "gate prepared is due 2026-03-26 17:00, after this begins"),
    "weekday that is not the date's": ("due: 2026-03-31 12:00, needs", "due: wed 2026-03-31 12:00, needs",
                                       "2026-03-31 is a Tuesday, not a Wednesday"),
    "weekday in a name": ("{name: Mid-point, team", "{name: Friday mid-point, team", "a Wednesday, not a Friday"),
    "targets that do not add up": ("{API: {planned: 4}", "{API: {planned: 2}",
                                   "2 tasks are planned and 3 are in this area"),
    "velocity that does not add up": ("targets: [3, 2]", "targets: [30, 20]", "these targets come to 50 tasks"),
    "two places at once": ('days: mon, at: "10:00"', 'days: mon, at: "09:20"',
                           "be-lead, fe-lead, ops-lead would be in two places at once"),
    "prompt outside everybody's hours": ("teams: [backend, frontend], at: 2026-03-26 12:00",
                                         "teams: [backend, frontend], who: [frontend], at: 2026-03-26 22:00",
                                         "on Thursday, 2026-03-26 at 22:00 nobody works whom it asks"),
}  # fmt: skip
VACANCIES = {"vacant seat": ("{name: Stakeholder, slack: U0BOARD,", "{name: Stakeholder, vacant: true,", "is vacant")}
FAULTS = {
    **{kind: (ERROR, fault) for kind, fault in ERRORS.items()},
    **{kind: (WARNING, fault) for kind, fault in WARNINGS.items()},
    **{kind: (VACANT, fault) for kind, fault in VACANCIES.items()},
}


def test_the_sample_has_its_vacant_seat_and_stylesheets_that_are_of_two_teams():
    seat, *overlaps = check(SAMPLE.read_bytes()).problems
    assert (seat.degree, seat.line, seat.path) == (VACANT, 35, ("people", "ops-night"))
    assert [(p.degree, p.line) for p in overlaps] == [(WARNING, 59), (WARNING, 60)]
    assert all("overlaps `*.css` of frontend in line 58" in p.sentence for p in overlaps)


def test_there_are_sixty_faults():
    assert len(FAULTS) == 60


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_of_the_sample_is_found(kind):
    degree, (old, new, words, *where) = FAULTS[kind]
    good = SAMPLE.read_text()
    assert good.count(old) == 1, f"{old!r} is {good.count(old)} times in the sample"
    text = good.replace(old, new)
    known = set(check(good).problems)
    found = [problem for problem in check(text).problems if problem not in known]
    told = "\n".join(problem.at("plan.yml") for problem in found)
    line = line_of(text, *(where or [new.strip("\n")]))
    assert [p.degree for p in found if p.line == line and words in p.sentence] == [degree], told
    assert sum(problem.degree is ERROR for problem in found) <= (degree is ERROR) * 2, told


@cache
def read():
    """The sample as it is read, and the places in it."""
    document, _ = loader.load(SAMPLE.read_text(), "plan.yml")
    return document, sorted(document.lines, key=str)


odd: st.SearchStrategy[Any] = st.sampled_from([
    None, True, -1, 3.5, "", "x", "go", "A-*", "A..B", "O-1..O-999999999999", "backend", "#", "2026-03-25",
    "1970-01-01 00:00", "2199-12-31 23:59", "target", "w999 sun 02:30", "target + 3660d", "mon", "25:00", "5m", "0s",
    "50%", "completed", [], {}, [[]], [{}], {"x": {}}, ["x", "x"], {"for": 1}, [None], {"phase": "prepare"},
    {"any": [{"any": [{}]}]}, {"measure": "x"}, "[", "**", "!x", 10**14, "\u2028",
])  # fmt: skip


@settings(max_examples=60)
@given(st.data())
def test_no_odd_values_anywhere_crash_the_check_or_the_calendar(data):
    good, places = read()
    document = Document("plan.yml", good.source, deepcopy(good.body), dict(good.lines))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places))
        with suppress(LookupError, TypeError):  # what was there has gone with an earlier change
            holder: Any = reduce(getitem, way, document.body)
            holder[last] = data.draw(odd)
    problems = [*groups.spread(document, sections()), *checking.check(document, sections())]
    problems += whole.check(document, sections())
    assert all(1 <= problem.line <= good.source.count("\n") + 1 for problem in problems)
    happening.calendar(document, sections())
