"""What `check` says about measures, gates and freezes."""

from __future__ import annotations

import pytest

from callboard.gates.plan import GATES
from callboard.gates.plan.types import AnyPart, MeasuredPart, NoBlockersPart, TasksPart, TickPart
from callboard.planfile.sections import Degree
from tests.planfile.sample import GOOD, check, line_of

PLAN = (
    GOOD.replace(
        "  boss: {",
        "  fe-lead: {name: Frontend lead, slack: U0FELEAD}\n"
        "  fe-one: {name: Frontend one, slack: U0FE1, roles: [observer]}\n"
        "  stan: {name: Stakeholder, email: stan@example.com, roles: [stakeholder]}\n"
        "  boss: {",
    ).replace("teams:\n", "teams:\n  frontend: {name: Frontend, lead: fe-lead, members: [fe-one]}\n")
    + """\
dates: {target: 2026-04-01 12:00}
repositories:
  harbor: {clone: "https://git.example.com/harbor.git", main: main}
measures:
  tests_passed: {name: Tests passed, of: 72, by: [backend, api]}
  vulnerabilities: {at_most: 0, by: api}
  error_rate: {unit: "%", at_most: 1%}
  response_time: {at_most: 15m, computed: true}
tasks:
  - for: {team: backend}
    A-1: {title: One, assignee: one, due: 2026-03-26 12:00}
    A-2: {title: Two, assignee: [one, two]}
gates:
  prepared:
    name: Preparation complete
    due: 2026-03-26 17:00
    remind: 2h
    criteria:
      - {tick: No credentials in git, by: [backend], evidence: docs/SECRETS.md}
      - Deployment preview seen
      - {tasks: [A-1..A-2], are: completed}
      - {blockers: none, severity: high}
    sign_off: [{lead_of: backend, due: 2026-03-26 16:00}, {lead_of: frontend}]
    if_missed: {say: All slips by a day, escalate: default, tell: [executive]}
  tested:
    name: Tests signed off
    due: 2026-03-31 17:00
    criteria:
      - {measure: tests_passed, at_least: 68}
      - {measure: vulnerabilities}
      - {any: [{measure: error_rate}, {all: [{tick: Exception granted, by: [coordinator]}, Told]}]}
    sign_off: [{count: 2, of: [all leads], distinct: teams, not: [assignees], fresh: 24h}]
  go:
    name: Go or no-go
    decision: true
    due: target
    needs: [prepared]
    criteria: [{gate: tested}, {blockers: none}]
    sign_off: [{role: coordinator}, {role: stakeholder, count: all}, {who: be-lead}, {person: boss}]
    if_no_go: {again: 1d, shift: [target]}
    announce: {to: ["#harbor"], mail: [board@example.com, stakeholder], before: 1d}
freezes:
  code: {from: 2026-03-27 09:00, to: target, repositories: [harbor], branches: [main],
         exceptions: {ask_within: 1d, form: [Time needed, Risk], sign_off: {role: coordinator}}}
"""
)


def problems(text):
    return [(problem.degree, problem.line, problem.sentence) for problem in check(text).problems]


def test_the_check_of_the_plan_files_gates_finds_nothing_wrong_with_good_ones():
    assert problems(PLAN) == []


def test_the_types_of_the_plan_files_gates_tell_criteria_apart_by_what_they_are_about():
    gates = check(PLAN).document.of(GATES) or {}
    kinds = [type(one) for gate in gates.values() for one in gate.criteria]
    assert kinds[:4] == [TickPart, TickPart, TasksPart, NoBlockersPart]
    assert kinds[4:7] == [MeasuredPart, MeasuredPart, AnyPart]
    assert gates["prepared"].criteria[1].tick == "Deployment preview seen"


# What is replaced by what, words of the line where the fault is, words of the sentence.
ERRORS = {
    "a quorum in words": (
        "{who: be-lead}",
        "2 of 3",
        "2 of 3",
        "`2 of 3` is nobody: write {count: 2, of: [all leads]}",
    ),
    "a quorum of a role": (
        "{who: be-lead}",
        "2 out of stakeholder",
        "2 out of",
        "`2 out of stakeholder` is nobody: write {count: 2, of: [stakeholder]}",
    ),
    "unknown measure": ("measure: tests_passed", "measure: test_passed", "test_passed, at", "did you mean `tests_pas"),
    "unknown gate": ("gate: tested", "gate: testd", "testd", "there is no gate `testd`; did you mean `tested`?"),
    "title of a gate": ("gate: tested", "gate: Tests Signed off", "Tests Signed", "did you mean `tested`, whose name"),
    "title of what is needed": (
        "[prepared]",
        "[Preparation complete]",
        "[Preparation",
        "did you mean `prepared`, whose",
    ),
    "unknown task": ("[A-1..A-2]", "[A-1..A-2, B-1]", "B-1", "there is no task `B-1`; did you mean"),
    "range backwards": ("[A-1..A-2]", "A-2..A-1", "A-2..A-1", "is written backwards: write A-1..A-2"),
    "unknown severity": (
        "severity: high",
        "severity: hihg",
        "hihg",
        "there is no severity `hihg`; did you mean `high`",
    ),
    "unknown ticker": ("by: [coordinator]", "by: [coordnator]", "coordnator", "nobody is called `coordnator`"),
    "unknown reporter": ("by: api", "by: apis", "by: apis", "nobody is called `apis`"),
    "unknown team": ("lead_of: backend,", "lead_of: backnd,", "backnd", "there is no team `backnd`; did you mean"),
    "unknown role": ("role: coordinator}, {role", "role: boss}, {role", "role: boss", "there is no role `boss`"),
    "unknown person": ("person: boss", "person: bos", "person: bos", "there is no person `bos`; did you mean `boss`?"),
    "unknown of": ("[all leads]", "[al leads]", "al leads", "nobody is called `al leads`; did you mean `all leads`?"),
    "unknown not": ("not: [assignees]", "not: [assignee]", "not: [assignee]", "did you mean `assignees`?"),
    "unknown policy": ("escalate: default", "escalate: fast", "escalate: fast", "there is no escalation policy `fast`"),
    "unknown emergency": ("escalate: default", "emergency: 1", "emergency: 1", "there is no emergency `1`"),
    "unknown told": ("tell: [executive]", "tell: [exec]", "exec]", "nobody is called `exec`; did you mean `executive`"),
    "unknown date": (
        "shift: [target]",
        "shift: [targt]",
        "targt",
        "the plan has no date `targt`; did you mean `target`",
    ),
    "unknown repository": (
        "repositories: [harbor]",
        "repositories: [habor]",
        "habor]",
        "there is no repository `habor`",
    ),
    "mail without host": ("board@example.com", "board@", "board@,", "`board@` is not a mail address"),
    "mail to nobody": ("board@example.com", "board", "mail: [board", "nobody is called `board`"),
    "more than all": ("at_least: 68", "at_least: 73", "at_least: 73", "73 is more than all 72: write 72"),
    "more than all percent": ("at_least: 68", "at_least: 101%", "101%", "`101%` is more than all: write 100% or less"),
    "less than nothing": ("at_least: 68", "at_least: -1", "at_least: -1", "`-1` is less than nothing"),
    "another kind": ("at_least: 68", "at_least: 5m", "at_least: 5m", "`5m` is a duration: write a number"),
    "time wanted": (
        "measure: vulnerabilities",
        "measure: response_time, at_most: 1%",
        "time, at_most",
        "is a percentage",
    ),
    "no amount": ("at_least: 68", "at_least: many", "many", "`many` is not an amount: write a number, 1%"),
    "no bound": (", at_least: 68", "", "{measure: tests_passed}", "nothing says when tests_passed is good enough"),
    "bounds the wrong way": (
        "at_least: 68",
        "at_least: 68, at_most: 60",
        "at_most: 60",
        "60 is less than `at_least`, 68",
    ),
    "neither form": ("{blockers: none, severity: high}", "{severity: high}", "{severity", "a criterion needs one of"),
    "two forms": (
        "{measure: vulner",
        "{tick: Seen, measure: vulner",
        "tick: Seen",
        "and this has `tick` and `measure`",
    ),
    "leading key misspelt": ("{tick: Exc", "{tik: Exc", "tik: Exc", "and this has `tik`; did you mean `tick`?"),
    "a list in the list": ("- Deployment preview seen", "- [Seen]", "- [Seen]", "a criterion is a text, or a mapping"),
    "unknown key of a criterion": ("evidence: docs", "evidense: docs", "evidense", "did you mean `evidence`?"),
    "blockers some": ("{blockers: none}", "{blockers: some}", "some", "`some` is not possible: write 'none'"),
    "status misspelt": (
        "are: completed",
        "are: complete",
        "are: complete}",
        "`complete` is not possible: write 'not st",
    ),
    "both bounds of tasks": (
        "are: completed",
        "are: completed, at_least: 50%",
        "50%",
        "write `are` or `at_least`, not",
    ),
    "no sign-off form": ("{person: boss}", "{count: 2}", "count: 2}", "a sign-off needs one of `lead_of`, `role`"),
    "sign-off misspelt": ("{person: boss}", "{persn: boss}", "persn", "and this has `persn`; did you mean `person`?"),
    "unknown key of a sign-off": ("fresh: 24h", "frsh: 24h", "frsh", "did you mean `fresh`?"),
    "no number": ("count: 2,", "count: two,", "count: two", "`two` is not a number of signatures: write 1 or more,"),
    "no signatures": ("count: 2,", "count: 0,", "count: 0", "`0` is not a number of signatures"),
    "old at once": ("fresh: 24h", "fresh: 0s", "fresh: 0s", "a signature that is old at once never counts"),
    "signed too late": ("due: 2026-03-26 16:00", "due: 2026-03-26 18:00", "18:00}, {lead_of", "is due after its gate"),
    "waits for itself": ("gate: tested", "gate: go", "gate: go", "a gate cannot wait for itself"),
    "mutual": ("{measure: vulnerabilities}", "{gate: go}", "{gate: go}", "waits for itself: tested -> go -> tested"),
    "twice": ("Deployment preview seen", "No credentials in git", "- No credentials", "this criterion is also in line"),
    "one key": (
        "Deployment preview seen",
        "Nó credentials в in д git",
        "- Nó",
        "its key would be `no-credentials-in-git`, as",
    ),
    "no gate keys": ("name: Tests signed off", "nam: Tests signed off", "nam: Tests", "did you mean `name`?"),
    "nothing to add": ("again: 1d, ", "", "shift: [target]", "by how much is not said"),
    "never tried again": ("{again: 1d, shift: [target]}", "{attempts: 3}", "attempts: 3", "when is not said"),
}
QUORUMS = {
    "more than the leads": ("count: 2", "count: 3", "count: 3", "this needs 3 signatures of different teams"),
    "more than there are": ("stakeholder, count: all", "stakeholder, count: 2", "count: 2}", "only stan can sign"),
    "a role that nobody has": (
        "[stakeholder]}",
        "[executive]}",
        "count: all}",
        "nobody has the role stakeholder: write",
    ),
    "only an observer": ("{person: boss}", "{person: fe-one}", "person: fe-one", "in the plan, and not an observer"),
    "everybody excluded": ("not: [assignees]", "not: [all leads]", "not: [all", "`not` excludes everybody who could"),
    "the same person twice": ("{person: boss}", "{person: stan}", "person: stan", "together, and only stan can give"),
    "sign-offs by name": ("{person: boss}", "{person: stan}", "person: stan", "stakeholder and stan: 2 signatures are"),
    "one person in two roles": ("{person: boss}", "{role: keeper}", "role: keeper", "nobody signs twice or in two"),
    "two of one team": (
        "of: [all leads]",
        "of: [backend]",
        "of: [backend]",
        "this needs 2 signatures of different teams",
    ),
}


@pytest.mark.parametrize("fault", ERRORS)
def test_the_check_of_the_plan_files_gates_says_where_and_what_to_write_instead(fault):
    old, new, at, said = ERRORS[fault]
    assert PLAN.count(old) == 1
    text = PLAN.replace(old, new)
    found = problems(text)
    assert any(
        degree is Degree.ERROR and line == line_of(text, at) and said in sentence for degree, line, sentence in found
    ), found


@pytest.mark.parametrize("fault", QUORUMS)
def test_the_check_of_the_plan_files_gates_refuses_a_sign_off_that_nobody_can_give(fault):
    old, new, at, said = QUORUMS[fault]
    assert PLAN.count(old) == 1
    text = PLAN.replace(old, new).replace(", stakeholder], before", "], before")
    found = problems(text)
    assert [(degree, line) for degree, line, _ in found] == [(Degree.ERROR, line_of(text, at))], found
    assert said in found[0][2]


def test_a_sign_off_of_a_role_that_only_an_observer_has_is_refused_with_whom_that_is():
    watching = PLAN.replace("roles: [observer]", "roles: [observer, auditor]")
    watching = watching.replace("{keeper: Gate keeper}", "{keeper: Gate keeper, auditor: Auditor}")
    found = problems(watching.replace("{person: boss}", "{role: auditor}"))
    sentence = "Frontend one is an observer, who can't sign: take `observer` out of `roles`, or ask somebody else"
    assert [each[2].partition(": ")[2] for each in found if each[0] is Degree.ERROR] == [sentence]


def test_a_quorum_leaves_out_whoever_does_the_tasks_that_its_gate_is_about():
    work = PLAN.replace("of: [all leads], distinct: teams", "of: [one, two, chief]")
    assert problems(work) == []
    done = work.replace("      - {measure: vulnerabilities}", "      - {tasks: A-*}")
    assert "this needs 2 signatures, and only chief can sign" in problems(done)[0][2]


def test_the_check_of_the_plan_files_gates_counts_no_signers_while_people_are_wrong():
    text = PLAN.replace("slack: U0FELEAD", "slak: U0FELEAD")
    assert [line for _, line, _ in problems(text)] == [line_of(text, "slak")]


def test_the_check_of_the_plan_files_gates_lists_a_vacant_seat_that_must_sign():
    vacant = PLAN.replace("slack: U0FELEAD", "vacant: true")
    said = [(line, sentence) for degree, line, sentence in problems(vacant) if degree is Degree.VACANT]
    first = "gates.prepared.sign_off[2]: the seat Frontend lead is vacant and holds a go: nobody else can sign as "
    assert (line_of(vacant, "lead_of: frontend"), first + "the lead of frontend") in said
    second = "gates.tested.sign_off[1]: the seat Frontend lead is vacant and holds a go"
    assert any(sentence.startswith(second) for _, sentence in said)
    enough = vacant.replace("count: 2", "count: 1")
    assert second not in str(problems(enough))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("remind: 2h", "remind: [2h, 5d]", "gates.prepared.remind[2]: 5d before it is due, the plan has not begun"),
        ("before: 1d", "before: 30d", "30d before it is due, the plan has not begun"),
        ("decision: true", "decision: false", "only a decision can be a no-go: write `decision: true`"),
        ("due: 2026-03-26 12:00", "due: 2026-03-26 18:00", "A-1 is due after this gate: move it, or the gate"),
        ("due: 2026-03-31 17:00", "due: 2026-04-02 17:00", "gate tested is due after this one: move one of them"),
        (
            "due: 2026-03-26 16:00",
            "due: 2026-03-25 10:00",
            "nobody can sign before all is met, and A-1 is due later than",
        ),
        ("    due: target\n", "", "without a due time nobody is reminded"),
        ("computed: true", "computed: true, by: api", "nobody reports what is computed"),
    ],
)
def test_the_check_of_the_plan_files_gates_shows_warnings(old, new, said):
    assert PLAN.count(old) == 1
    found = problems(PLAN.replace(old, new))
    assert any(degree is Degree.WARNING and said in sentence for degree, _, sentence in found), found
    assert not any(degree is Degree.ERROR for degree, _, _ in found), found


def test_the_check_of_the_plan_files_gates_warns_of_one_that_asks_for_nothing():
    text = f"{GOOD}gates:\n  open: {{name: Open, due: 2026-03-26}}\n"
    assert "passes at once: write `criteria` or `sign_off`" in problems(text)[0][2]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("at_least: 68", "at_least: 95%"),
        ("at_least: 68", "at_least: 68.5"),
        ("{measure: error_rate}", "{measure: error_rate, at_most: 2}"),
        ("{measure: vulnerabilities}", "{measure: response_time, at_most: 20m}"),
        ("{blockers: none}", "{blockers: 0}"),
        ("sign_off: {role: coordinator}", "sign_off: coordinator"),
        ("criteria: [{gate: tested}, {blockers: none}]", "criteria: Stakeholders agree"),
        ("if_no_go: {again: 1d, shift: [target]}", "if_no_go: Try again"),
        ("- Deployment preview seen", "- {tick: Deployment preview seen, key: preview}"),
        ("tell: [executive]", "tell: executive"),
    ],
)
def test_the_types_of_the_plan_files_gates_take_shorter_forms(old, new):
    assert PLAN.count(old) == 1
    assert [sentence for _, _, sentence in problems(PLAN.replace(old, new))] == []


POLLED = PLAN.replace(
    "    if_no_go: {again: 1d, shift: [target]}\n",
    "    if_no_go: {again: 1d, shift: [target]}\n"
    "    poll: {opens: target - 1h, order: [backend, frontend, stakeholder, boss], answer_within: 10m, fresh: 2h}\n",
)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("", "", ""),
        (
            "[backend, frontend, stakeholder, boss]",
            "[backend, front]",
            "as `front`: did you mean",
        ),
        ("[backend, frontend, stakeholder, boss]", "[backend, lead]", "write a team, a role or a person"),
        ("[backend, frontend, stakeholder, boss]", "[backend, backend]", "`backend` is asked twice: write it once"),
        ("[backend, frontend, stakeholder, boss]", "[backend, be-lead]", "nobody answers for two: only"),
        ("[backend, frontend, stakeholder, boss]", "[backend, executive-x]", "nobody answers as `executive-x`"),
        ("target - 1h", "target", "this is when the decision is due, or later: write an earlier moment"),
        ("target - 1h", "target - 30m", "the decision falls 10m after it is due: open earlier"),
        ("answer_within: 10m", "answer_within: 0m", "nobody can answer in no time: write 10m"),
        ("    decision: true\n", "", "only a decision is polled: write `decision: true`"),
    ],
)
def test_the_plan_of_a_gate_says_what_is_wrong_with_its_poll(old, new, sentence):
    every = [problem.sentence for problem in check(POLLED.replace(old, new)).problems]
    found = [each for each in every if each.startswith("gates.go.poll")]
    assert bool(found) == bool(sentence)
    assert not sentence or any(sentence in each for each in found), found
