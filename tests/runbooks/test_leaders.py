"""Who leads the steps of run-books: a team, a person, whoever has a role, or whoever is on call then."""

from __future__ import annotations

import pytest

from callboard.planfile import calendar
from tests.planfile.sample import GOOD, check, problems

PLAN = (
    GOOD
    + """\
on_call: {backend: {rotation: [be-lead, one], every: 1d, from: 2026-03-30 09:00}}
runbooks:
  live:
    day: 2026-03-31
    steps:
      - {at: "09:30", title: A, lead: one}
      - {at: "10:00", title: B, lead: {role: coordinator}}
      - {at: "11:00", title: C, lead: {on_call: backend}}
      - {at: "12:00", title: D, lead: [two, {role: keeper}]}
      - {at: "13:00", title: E, lead: backend}
"""
)


def test_steps_of_run_books_are_on_the_calendar_of_whoever_leads_them():
    steps = [one for one in calendar.happenings(check(PLAN).document) if one.kind == "step"]
    assert [(one.name, one.who, one.team) for one in steps] == [
        ("A", ("one",), ""), ("B", ("chief",), ""), ("C", ("one",), "backend"), ("D", ("two", "chief"), ""),
        ("E", ("be-lead", "one", "two"), "backend"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lead: one}", "lead: oen}", "there is no team `oen`; did you mean `one`?"),
        ("lead: one}", "lead: coordinator}", "`coordinator` is a role: write `lead: {role: coordinator}`"),
        ("lead: one}", "lead: leads}", "`leads` is nobody here: name a team or a person, or write `{role: ...}`"),
        ("{role: coordinator}", "{role: cordinator}", "there is no role `cordinator`; did you mean `coordinator`?"),
        ("{role: coordinator}", "{role: stakeholder}", "nobody has the role `stakeholder`"),
        ("{role: coordinator}", "{rol: coordinator}", "rol: there is no such key here; did you mean `role`?"),
        ("{role: coordinator}", "{role: coordinator, on_call: backend}", "write one of both"),
        ("{on_call: backend}", "{on_call: backnd}", "there is no team `backnd`; did you mean `backend`?"),
        ("from: 2026-03-30 09:00", "from: 2026-04-01 09:00", "nobody is on call for backend at this time"),
        ("on_call: {backend:", "x-on_call: {backend:", "nobody is on call for backend: write `backend: {rotation"),
        (
            'at: "09:30"',
            'lasts: 10m, at: "09:30"',
            "`lasts` belongs under `meetings`; here write one of `key`, `id`, `title`",
        ),
        ("lead: backend}", "lead: nobody}", "there is no team `nobody`"),
    ],
)
def test_the_check_of_who_leads_steps_of_run_books_says_what_to_write_instead(old, new, said):
    assert PLAN.count(old) == 1
    found = [sentence for _, sentence in problems(PLAN.replace(old, new), "runbooks")]
    assert any(said in sentence for sentence in found), found
