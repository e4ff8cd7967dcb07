"""The sample of the format with one fault each: every one is found in its degree, at its line, with what to write."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from functools import cache, reduce
from operator import getitem
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.app import sections
from callboard.planfile import calendar, groups, yaml_reader
from callboard.planfile.check import check_sections, check_whole
from callboard.planfile.sections import Degree, Document
from tests.planfile.sample import EVERYTHING, check, line_of

TEXT = EVERYTHING.read_text()
PAGES = line_of(TEXT, "/pages/**")
ERROR, WARNING, VACANT = Degree.ERROR, Degree.WARNING, Degree.VACANT

# Kind: what is replaced by what, words of the sentence; then words of the line where that is not the line replaced.
ERRORS = {
    "unknown section": ("velocity: {per", "velocty: {per", "did you mean `velocity`?"),
    "unknown key of the plan": ("holidays: [", "holydays: [", "did you mean `holidays`?"),
    "unknown key of a person": ("title: Shipwright", "titel: Shipwright", "did you mean `title`?"),
    "unknown key of a task": ("estimate: 3h-5h", "estimat: 3h-5h", "did you mean `estimate`?"),
    "unknown key of a group": ("{team: sail, phase: f", "{team: sail, fase: f", "did you mean `phase`?"),
    "unknown key of a step": ("repeat_every: 12m", "repeat_evry: 12m", "did you mean `repeat_every`?"),
    "unknown key of a criterion": ("_passed, at_least: 55", "_passed, at_leest: 55", "did you mean `at_least`?"),
    "unknown key of a standup": ("minutes_each: 4", "minute_each: 4", "did you mean `minutes_each`?"),
    "unquoted channel": ('coordination: "#ferry"', "coordination: #ferry", 'write "#ferry" in quotes'),
    "split by a comma": ("Every page is drawn", "Every page, drawn", "a comma splits what is in { }"),
    "null": ("goal: She floats", "goal: null", "`null` says nothing: leave the key out"),
    "unknown person": ("quay-lead, members: [quay-night]", "quay-lead, members: [quay-noon]",
                       "there is no person `quay-noon`"),
    "unknown assignee": ("assignee: sail-1", "assignee: sail-9", "did you mean `sail-1`?"),
    "unknown deputy": ("deputies: [hull-lead], fall", "deputies: [hull-led], fall", "did you mean `hull-lead`?"),
    "unknown role": ("[coordinator, lookout]", "[coordinator, lokout]",
                     "there is no role `lokout`; did you mean `lookout`?"),
    "unknown who": ("who: [all leads], window", "who: [all leds], window", "did you mean `all leads`?"),
    "unknown team of a group": ("{team: sail, phase", "{team: sali, phase", "did you mean `sail`?"),
    "unknown team of a zone": ("{team: quay, paths", "{team: quai, paths",
                               "there is no team `quai`; did you mean `quay`?"),
    "unknown phase": ("phase: trial, due: 2027-03-30", "phase: trail, due: 2027-03-30", "did you mean `trial`?"),
    "unknown task needed": ("needs: [PLANK-1]}", "needs: [PLANK-7]}", "there is no phase, task or gate `PLANK-7`"),
    "unknown task wanted": ("wants: [KNOT-1]", "wants: [KNOTS-1]", "did you mean `KNOT-1`?"),
    "unknown task expected": ("{PLANK-1: 40%}", "{PLANK-20: 40%}", "there is no task `PLANK-20`"),
    "unknown task in a gate": ("PLANK-3, PLANK-11]", "PLANK-3, PLANK-111]", "did you mean `PLANK-11`?"),
    "range without tasks": ("[PLANK-1..PLANK-3,", "[PLUNK-1..PLUNK-3,", "no task is within `PLUNK-1..PLUNK-3`"),
    "unknown gate needed": ("18:00, needs: [sails]", "18:00, needs: [sales]", "did you mean `sails`?"),
    "unknown gate of a meeting": ("after: [sails]", "after: [sales]",
                                  "there is no gate `sales`; did you mean `sails`?"),
    "unknown measure of a gate": ("checks_passed, at_least: 55", "check_passed, at_least: 55",
                                  "did you mean `checks_passed`?"),
    "unknown measure of a checkpoint": ("checks_passed, at_least: 25", "check_passed, at_least: 25",
                                        "did you mean `checks_passed`?"),
    "unknown policy": ("storm: swift}", "storm: swfit}",
                       "there is no escalation policy `swfit`; did you mean `swift`?"),
    "unknown severity": ("- {blockers: none, severity: storm}", "- {blockers: none, severity: breeze}", "no severity"),
    "unknown area": ("area: Pages}", "area: Page}", "did you mean `Pages`?"),
    "unknown priority": ("priority: soon, due", "priority: son, due", "did you mean `soon`?"),
    "unknown channel": ("channel: rollcall,", "channel: rollcal,", "did you mean `rollcall`?"),
    "unknown time zone": ("timezone: America/Halifax", "timezone: Halifax", "did you mean `America/Halifax`?"),
    "unknown date": ("    due: opening\n", "    due: openning\n",
                     "no date of this plan; did you mean `opening`?"),
    "unknown rollback": ("{rollback: ship}", "{rollback: shap}", "did you mean `ship`?"),
    "unknown emergency": ("critical: {emergency: 2}", "critical: {emergency: 7}", "7"),
    "unknown gate of a risk": ("forecast: {gate: sails,", "forecast: {gate: sales,", "did you mean `sails`?"),
    "circle of tasks": ("criteria: [Every deck", "needs: [PLANK-2], criteria: [Every deck", "PLANK-2 -> PLANK-1;",
                        "PLANK-2], c"),
    "circle through a gate": ("drawn, assignee: sail-1", "drawn, needs: [moored], assignee: sail-1",
                              "this waits for itself: PLANK-11 -> moored -> PLANK-11"),
    "circle of dates": ("{opening: 2027-03-31 12:00}", "{opening: end - 1d, end: opening + 1d}",
                        "is reckoned from itself"),
    "need of itself": ("needs: [moored, proven]", "needs: [moored, sails]", "`sails` needs itself: take it out"),
    "quorum that nobody can meet": ("{count: 2, of: [all leads]", "{count: 9, of: [all leads]", "ask for fewer"),
    "phase that ends before it begins": ("25 17:00, goal", "23 17:00, goal",
                                         "2027-03-23 17:00 is not after 2027-03-24 08:00"),
    "freeze that ends before it begins": ("{from: 2027-03-26 09:00, to: opening",
                                          "{from: 2027-04-01 09:00, to: opening",
                                          "2027-03-31 12:00 is not after 2027-04-01 09:00"),
    "hour that is left out": ("2027-03-25 12:00, expects", "2027-03-28 02:15, expects", "there is no 2027-03-28 02:15"),
    "two items with one key": ("{name: Captain's table", "{name: Chart table", "two meetings have the key",
                               "days: fri, at"),
    "two things with one id": ("PLANK-3: Lamps are lit", "trial: Lamps are lit",
                               f"`trial` is in phases too, in line {line_of(TEXT, 'trial: {name')}"),
}  # fmt: skip
WARNINGS = {
    "identical zones": ('["/harbour/", "/checks/**"]', '["/harbour/", "/pages/**"]',
                        f"is in line {PAGES} already: write it once"),
    "shadowed zone": ('["/wire/*.json"]', '["/wire/*.json", "/db/**"]', "never counts: `/db/**`", "/db/steps"),
    "step with nobody on it": ("notify: [executive], after: 2h", "notify: [quay-night], after: 2h",
                               "nobody is on this step"),
    "overlapping zones": ('["/harbour/", "/checks/**"]', '["/harbour/", "/pages/*/checks/**"]',
                          f"overlaps `/pages/**` of sail in line {PAGES}: pages/x/checks/x is both"),
    "gate due after what needs it begins": ("{name: Trial run, from: 2027-03-26", "{name: Trial run, from: 2027-03-25",
                                            "gate moored is due 2027-03-25 17:00, after this begins"),
    "weekday that is not the date's": ("due: 2027-03-30 12:00, needs", "due: wed 2027-03-30 12:00, needs",
                                       "2027-03-30 is a Tuesday, not a Wednesday"),
    "weekday in a name": ("{name: Second bell, team", "{name: Friday bell, team", "a Wednesday, not a Friday"),
    "targets that do not add up": ("{Seats: {planned: 4}", "{Seats: {planned: 2}",
                                   "2 tasks are planned and 3 are in this area"),
    "velocity that does not add up": ("targets: [3, 2]", "targets: [30, 20]", "these targets come to 50 tasks"),
    "two places at once": ('days: mon, at: "10:00"', 'days: mon, at: "09:20"',
                           "hull-lead, sail-lead, quay-lead would be in two places at once"),
    "prompt outside everybody's hours": ("teams: [hull, sail], at: 2027-03-25 12:00",
                                         "teams: [hull, sail], who: [sail], at: 2027-03-25 22:00",
                                         "on Thursday, 2027-03-25 at 22:00 nobody it asks is at work"),
}  # fmt: skip
VACANCIES = {
    "vacant seat": ("{name: Town council, slack: U0COUNCIL,", "{name: Town council, vacant: true,", "is vacant")
}
FAULTS = {
    **{kind: (ERROR, fault) for kind, fault in ERRORS.items()},
    **{kind: (WARNING, fault) for kind, fault in WARNINGS.items()},
    **{kind: (VACANT, fault) for kind, fault in VACANCIES.items()},
}


TRIED = set[str]()


def of(*kinds):
    """Try some kinds: those that one file decides."""
    TRIED.update(kinds)
    return pytest.mark.parametrize("kind", kinds)


def test_people_of_the_sample_plan_file_have_one_vacant_seat():
    seat, *_ = check(TEXT).problems
    assert (seat.degree, seat.line) == (VACANT, line_of(TEXT, "Night watch"))
    assert seat.path == ("people", "quay-night")


def test_the_zones_section_of_the_sample_plan_file_shows_the_overlaps_of_stylesheets_in_one_line():
    _, *overlaps = check(TEXT).problems
    assert [(p.degree, p.line) for p in overlaps] == [(WARNING, PAGES)]
    assert f"`*.scss` overlaps `/seats/**` of hull in line {PAGES + 1}" in overlaps[0].sentence


def finds(kind):
    degree, (old, new, words, *where) = FAULTS[kind]
    assert TEXT.count(old) == 1, f"{old!r} is {TEXT.count(old)} times in the sample"
    text = TEXT.replace(old, new)
    known = set(check(TEXT).problems)
    found = [problem for problem in check(text).problems if problem not in known]
    told = "\n".join(problem.at("plan.yml") for problem in found)
    line = line_of(text, *(where or [new.strip("\n")]))
    assert [p.degree for p in found if p.line == line and words in p.sentence] == [degree], told
    assert sum(problem.degree is ERROR for problem in found) <= (degree is ERROR) * 2, told


@of("unknown section", "unknown key of the plan", "two items with one key", "two things with one id")
def test_the_check_of_a_plan_file_finds_unknown_sections_and_ids_that_two_things_share(kind):
    finds(kind)


@of(
    "unknown key of a person", "unknown key of a task", "unknown key of a group", "unknown key of a step",
    "unknown key of a criterion", "unknown key of a standup",
)  # fmt: skip
def test_type_errors_in_a_plan_file_tell_an_unknown_key_and_the_key_that_was_meant(kind):
    finds(kind)


@of("unquoted channel", "split by a comma", "null")
def test_the_yaml_reader_explains_values_that_are_not_there_in_a_plan_file(kind):
    finds(kind)


@of("unknown person", "unknown deputy", "unknown role", "vacant seat")
def test_people_in_the_plan_file_who_are_unknown_or_missing_are_found(kind):
    finds(kind)


@of("unknown who", "unknown channel")
def test_the_directory_that_a_plan_file_makes_finds_people_and_channels_that_are_not_in_it(kind):
    finds(kind)


@of(
    "unknown assignee", "unknown team of a group", "unknown phase", "unknown area", "unknown priority",
    "targets that do not add up",
)  # fmt: skip
def test_the_check_of_tasks_in_the_plan_file_finds_what_they_name_that_is_not_there(kind):
    finds(kind)


@of(
    "unknown task in a gate", "range without tasks", "unknown severity", "unknown measure of a gate",
    "unknown measure of a checkpoint", "unknown gate of a meeting", "unknown gate of a risk", "unknown rollback",
    "quorum that nobody can meet",
)  # fmt: skip
def test_the_check_of_gates_in_the_plan_file_finds_unknown_names_and_quorums_nobody_can_meet(kind):
    finds(kind)


@of(
    "unknown task needed", "unknown task wanted", "unknown gate needed", "circle of tasks", "circle through a gate",
    "need of itself", "gate due after what needs it begins",
)  # fmt: skip
def test_needs_in_a_plan_file_that_are_unknown_circular_or_too_late_are_found(kind):
    finds(kind)


@of(
    "unknown date", "circle of dates", "phase that ends before it begins", "freeze that ends before it begins",
    "hour that is left out", "weekday that is not the date's", "weekday in a name",
)  # fmt: skip
def test_the_timetable_of_a_plan_file_finds_moments_that_are_impossible_or_on_another_weekday(kind):
    finds(kind)


@of("two places at once", "prompt outside everybody's hours")
def test_clashes_in_a_plan_file_are_two_places_at_once_and_prompts_outside_working_hours(kind):
    finds(kind)


@of("unknown team of a zone", "identical zones", "shadowed zone", "overlapping zones")
def test_the_zones_section_of_the_plan_file_finds_identical_shadowed_and_overlapping_zones(kind):
    finds(kind)


@of("unknown time zone")
def test_times_of_a_plan_file_know_the_names_of_time_zones(kind):
    finds(kind)


@of("unknown policy")
def test_the_blockers_section_of_the_plan_file_finds_an_unknown_policy(kind):
    finds(kind)


@of("unknown task expected")
def test_the_checkpoints_section_of_the_plan_file_finds_an_unknown_task(kind):
    finds(kind)


@of("unknown emergency")
def test_the_conflicts_section_of_the_plan_file_finds_an_unknown_emergency(kind):
    finds(kind)


@of("step with nobody on it")
def test_the_escalation_section_of_the_plan_file_finds_a_step_with_nobody_on_it(kind):
    finds(kind)


@of("velocity that does not add up")
def test_the_boards_velocity_section_of_the_plan_file_finds_targets_that_do_not_add_up(kind):
    finds(kind)


def test_the_faulty_plan_files_of_the_tests_are_sixty_and_all_are_tried():
    assert len(FAULTS) == 60
    assert set(FAULTS) == TRIED


@cache
def read():
    """The sample as it is read, and the places in it."""
    document, _ = yaml_reader.load(TEXT, "plan.yml")
    return document, sorted(document.lines, key=str)


odd: st.SearchStrategy[Any] = st.sampled_from([
    None, True, -1, 3.5, "", "x", "sails", "PLANK-*", "A..B", "PLANK-1..PLANK-999999999999", "hull", "#", "2026-03-25",
    "1970-01-01 00:00", "2199-12-31 23:59", "opening", "w999 sun 02:30", "opening + 3660d", "mon", "25:00", "5m", "0s",
    "50%", "completed", [], {}, [[]], [{}], {"x": {}}, ["x", "x"], {"for": 1}, [None], {"phase": "fitting"},
    {"any": [{"any": [{}]}]}, {"measure": "x"}, "[", "**", "!x", 10**14, "\u2028",
])  # fmt: skip


@settings(max_examples=60)
@given(st.data())
def test_no_odd_values_crash_the_check_of_the_sample_plan_file(data):
    good, places = read()
    document = Document("plan.yml", good.source, deepcopy(good.body), dict(good.lines), sections=sections())
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places))
        with suppress(LookupError, TypeError):  # what was there has gone with an earlier change
            holder: Any = reduce(getitem, way, document.body)
            holder[last] = data.draw(odd)
    problems = [*groups.spread(document), *check_sections(document)]
    problems += check_whole(document)
    assert all(1 <= problem.line <= good.source.count("\n") + 1 for problem in problems)
    calendar.happenings(document)


def test_the_check_of_a_plan_file_names_a_broken_team_whose_turns_are_right():
    good, _ = read()
    document = Document("plan.yml", good.source, deepcopy(good.body), dict(good.lines), sections=sections())
    document.body["teams"]["quay"]["members"][0] = {"x": {}}
    assert ("teams", "quay", "members", 0) in [each.path for each in check_sections(document)]
    check_whole(document)
