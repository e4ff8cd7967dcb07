"""What `check` says about run-books and rollbacks."""

from __future__ import annotations

import pytest

from tests.planfile.sample import GOOD, check, problems

OURS = ("runbooks", "rollbacks")
PLAN = (
    GOOD.replace("escalation:", "  ops: {name: Operations, lead: chief, members: [two]}\nescalation:", 1)
    + """\
on_call: {ops: {rotation: [chief, two], every: 1w, from: 2026-03-30 09:00}}
measures: {error_rate: {unit: "%", at_most: 1%}}
gates: {go: {name: Go, due: 2026-04-01 12:00, sign_off: [{role: coordinator}]}}
runbooks:
  go-live:
    day: 2026-04-01
    needs: [go]
    windows: {days: tue-thu, hours: "06:00-18:00"}
    steps:
      - {at: "14:00", title: Go announced, lead: ops, confirm: [coordinator], gate: go}
      - {at: "14:30", title: Checklist, lead: ops, items: [Backup made], meanwhile: {backend: Stand by}}
      - {at: "15:00", title: Deploy, lead: ops, with: [backend], within: 1h, if_failed: {rollback: system}}
      - {at: +1h, title: Validate, lead: backend, items: [Sign-in, Create a task], measures: [error_rate]}
      - {title: On-call begins, lead: ops, starts: on_call, announce: {to: ["#coordination"], mail: [b@example.com]}}
rollbacks:
  atomic: {within: 5m, scope: One file or component, impact: Minimal}
  system: {within: 30m, order: [coordinator], confirm: 2, steps: [Stop incoming requests, Verify]}
"""
)


def test_the_check_of_the_plan_files_run_books_finds_nothing_wrong_with_good_ones():
    assert problems(PLAN, *OURS) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Checklist, lead: ops", "Checklist, lead: opps", "steps[2].lead: there is no team `opps`; did you mean"),
        ("Checklist, lead: ops", "Checklist, lead: coordinator", "is a role: write `lead: {role: coordinator}`"),
        ("Checklist, lead: ops", "Checklist", "`lead` is missing"),
        ("with: [backend]", "with: [backnd]", "steps[3].with: there is no team `backnd`; did you mean `backend`?"),
        ("{backend: Stand by}", "{backnd: Stand by}", "meanwhile.backnd: there is no team `backnd`"),
        ("[error_rate]", "[eror_rate]", "measures: there is no measure `eror_rate`; did you mean `error_rate`?"),
        ("confirm: [coordinator], gate", "confirm: [cordinator], gate", "nobody is called `cordinator`"),
        ("gate: go}", "gate: gone}", "gate: there is no gate `gone`; did you mean `go`?"),
        ("rollback: system}", "rollback: sistem}", "if_failed.rollback: there is no rollback `sistem`; did you mean"),
        ("[b@example.com]", "[b@example]", "mail: `b@example` is not a mail address"),
        ("[b@example.com]", "[nobody]", "nobody is called `nobody`"),
        ("[b@example.com]", '["#urgent"]', "is a channel, and has no mail"),
        ("starts: on_call", "starts: onkel", "starts: `onkel` is not possible: write 'on_call'"),
        ('at: "14:30"', 'at: "13:30"', "steps[2].at: this step is at 13:30, before one above it at 14:00: move"),
        ('at: "14:30"', 'at: "25:30"', "no time of day"),
        ("at: +1h", "at: +soon", "`soon` is no duration"),
        ("at: +1h", "at: nowhere + 1h", "steps[4].at: `nowhere + 1h` is reckoned from `nowhere`"),
        ("title: Validate", "title: deploy", "two steps have the key `deploy`, the first is in line"),
        ("title: Validate", "titel: Validate", "did you mean `title`?"),
        ("needs: [go]", "needs: [gone]", "needs[1]: there is no phase, task or gate `gone`"),
        ("days: tue-thu", "days: tue-thx", "is no weekday"),
        ("confirm: 2", "confirm: 9", "9 people must confirm this, and the plan has 4: write less"),
        ("order: [coordinator]", "order: [cordinator]", "order: nobody is called `cordinator`"),
        ("within: 5m, scope", "scope", "`within` is missing: write `within: 15m`"),
    ],
)  # fmt: skip
def test_the_check_of_the_plan_files_run_books_says_what_to_write_instead(old, new, said):
    assert PLAN.count(old) == 1, old
    found = problems(PLAN.replace(old, new), *OURS)
    plain = [(degree, sentence.replace("[1]: ", ": ")) for degree, sentence in found]
    assert any(degree == "error" and said in sentence for degree, sentence in (*found, *plain)), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("day: 2026-04-01", "day: 2026-03-27", "day: Friday, 2026-03-27 is outside the windows of this run-book, tue"),
        ('"06:00-18:00"', '"06:00-15:30"', "steps[4].at: 16:00 is outside the windows of this run-book, 06:00-15:30"),
        ('at: "15:00"', "at: 2026-04-02 19:00", "19:00 is outside the windows of this run-book"),
        ("    day: 2026-04-01\n", "", "this has no day"),
        ("  go-live:\n", "  atomic:\n", "`/run stop atomic` means one of them: rename one"),
        ("on_call: {ops: {rotation: [chief, two], every: 1w, from: 2026-03-30 09:00}}\n", "", "nobody is on call"),
    ],
)  # fmt: skip
def test_the_check_of_the_plan_files_run_books_shows_warnings(old, new, said):
    assert PLAN.count(old) == 1, old
    found = problems(PLAN.replace(old, new), *OURS)
    assert any(degree == "warning" and said in sentence for degree, sentence in found), found


def test_the_check_of_the_plan_files_run_books_says_once_that_a_day_is_outside_the_windows():
    found = problems(PLAN.replace("day: 2026-04-01", "day: 2026-03-27").replace("    needs: [go]\n", ""), *OURS)
    assert len(found) == 1


def test_the_check_of_the_plan_files_run_books_takes_several_windows_and_past_midnight():
    windows = (
        '[{days: mon, hours: "01:00-02:00"}, {days: tue, hours: "13:00-16:00"}, {days: wed, hours: "13:00-02:00"}]'
    )
    plan = PLAN.replace('{days: tue-thu, hours: "06:00-18:00"}', windows)
    assert problems(plan, *OURS) == []
    assert problems(plan.replace("title: Validate", "title: Late").replace("+1h", "2026-04-02 01:30"), *OURS) == []
    assert problems(plan.replace("+1h", "2026-04-02 02:30"), *OURS) != []


def test_the_check_of_the_plan_files_run_books_refuses_a_time_that_the_clocks_leave_out():
    plan = PLAN.replace("day: 2026-04-01", "day: 2026-03-29").replace('at: "14:00"', 'at: "02:30"')
    assert any("there is no 02:30 on 2026-03-29 in Europe/Berlin" in sentence for _, sentence in problems(plan, *OURS))


def test_the_check_of_the_plan_files_run_books_never_fails_whatever_they_hold():
    step = "{title: A, lead: ops, at: '14:00'}"
    for value in (
        "3", "[3]", "{a: {}}", "{a: {steps: []}}", "{a: {steps: 3}}", "{a: {day: 9999-12-31, steps: [3]}}",
        "{a: {steps: [{title: [1]}]}}", "{a: {steps: [{}], windows: 3}}", "{b: 1, a: {steps: [{title: A, lead: 3}]}}",
    ):  # fmt: skip
        assert check(f"{GOOD}runbooks: {value}\n").errors, value
    for day in ("9999-12-31", "0001-01-01", "nowhere"):
        check(f"{GOOD}runbooks: {{a: {{day: {day}, windows: {{days: mon}}, steps: [{step}, {step}]}}}}\n")


DAY = PLAN.replace("    day: 2026-04-01\n", "    starts: {at: 2026-04-01 14:00}\n    promised: 2026-04-01 18:00\n")
STEPS = """\
      - {id: announce, title: Go announced, lead: ops, takes: 10m}
      - {reserve: 15m, title: Catch up}
      - {id: deploy, title: Deploy, lead: ops, takes: 20m-40m, within: 1h, turn_back: 25m}
      - {id: smoke, title: Smoke tests, lead: {on_call: ops}, needs: [deploy], reported: api, takes: 10m}
      - {id: watch, title: Watch, lead: one, needs: [announce], takes: 1h, meanwhile: {backend: Answer users}}
"""
NEW = (
    DAY[: DAY.index("      - {at:")]
    + STEPS
    + DAY[DAY.index("rollbacks:") :].replace("Verify]}", "Verify], validate: [Sign-in]}")
)


def test_the_check_of_the_plan_files_run_books_takes_steps_by_their_length_and_needs():
    assert problems(NEW, *OURS) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("needs: [announce]", "needs: [anounce]", "this run-book has no step `anounce`; did you mean `announce`?"),
        ("announced, lead: ops, takes", "announced, needs: [smoke], lead: ops, takes", "itself: announce -> smoke"),
        ("promised: 2026-04-01 18:00", "promised: 2026-04-01 15:10",
         "2026-04-01 15:10 is promised, and the steps with their reserve last until 2026-04-01 15:15"),
        ("reserve: 15m, title: Catch up", "reserve: 15m, title: Catch up, lead: ops",
         "in a reserve nothing is done: take `lead` out"),
        ("takes: 20m-40m", "takes: 40m-20m", "`40m-20m` ends before it begins"),
        ("within: 1h,", "within: 30m,", "it may take 40m, and is late after 30m"),
        ("starts: {at: 2026-04-01 14:00}", "starts: {on: {gate: gone}}", "there is no gate `gone`"),
        ("starts: {at: 2026-04-01 14:00}", "starts: {on: {no_go: go}}", "`go` is no decision"),
        ("starts: {at: 2026-04-01 14:00}", "starts: {on: {emergency: 1}}", "there is no level `1`"),
        ("starts: {at: 2026-04-01 14:00}", "starts: {}", "write one of both: `at: 2026-04-01 14:00` or `on:"),
        ("starts: {at: 2026-04-01 14:00}", "starts: {at: target}\n    day: target",
         "`starts` says when this begins: take `day` out"),
        ("id: smoke, title: Smoke tests", 'id: smoke, at: "14:30", title: Smoke tests',
         "this is at 14:30, and `deploy` may take until 15:05"),
        ("reported: api", "reported: mail", "reported: `mail` is not possible: write 'api'"),
    ],
)  # fmt: skip
def test_the_check_of_the_plan_files_run_books_says_what_is_wrong_with_lengths_needs_and_beginnings(old, new, said):
    assert NEW.count(old) == 1, old
    found = [sentence for _, sentence in problems(NEW.replace(old, new), *OURS)]
    assert any(said in sentence for sentence in found), found
