"""A small plan, a file with every section of the format, and ways to break them."""

from __future__ import annotations

from pathlib import Path

from callboard.app import sections
from callboard.plans import service as plans

EVERYTHING = Path(__file__).with_name("everything.yml")
GOOD = """\
callboard: 1
key: harbor
name: Harbor 2.0
timezone: Europe/Berlin
from: 2026-03-25 08:00
to: 2026-04-02 18:00
working_hours: {days: mon-fri, hours: "08:00-18:00"}
holidays: [2026-04-03]
channels:
  coordination: "#harbor"
  urgent: "#harbor-urgent"
roles: {keeper: Gate keeper}
people:
  lead: {name: Backend lead, slack: U0BELEAD, deputies: [one]}
  one: {name: Backend one, slack: U0BE1, timezone: America/New_York}
  two: {name: Backend two, email: two@example.com, fallback: ["env:TWO"]}
  chief: {name: Coordinator, slack: U0CHIEF, roles: [coordinator, keeper]}
  boss: {name: Executive, slack: U0EXEC, roles: [executive]}
teams:
  backend:
    name: Backend
    lead: be-lead
    members: [one, two]
    channel: "#harbor-backend"
escalation:
  default:
    steps:
      - {level: Team, notify: [lead], respond_within: 15m}
      - {level: Top, notify: [executive, "#urgent"], respond_within: 1h}
blockers:
  severities: {low: default, high: default}
""".replace("  lead: {name", "  be-lead: {name")


def check(text, file="plan.yml"):
    return plans.check(text, file, sections())


def apply(db, text=GOOD, *, theirs=(), ours=(), **kept):
    """Apply a good plan, as its coordinator in the workspace T1 does."""
    checked = check(text)
    assert not checked.errors, checked.report()
    who = {"author": "chief", "workspace": "T1"} | kept
    return db.transact(plans.apply, checked, choices=plans.answers(theirs, ours), **who)


def problems(text, *sections):
    """The degree and the sentence of all that is wrong in some sections."""
    return [(str(p.degree), p.sentence) for p in check(text).problems if p.sentence.startswith(sections)]


def broken(old, new):
    """The good plan with one thing replaced."""
    assert GOOD.count(old) == 1, f"{old!r} is {GOOD.count(old)} times in the plan"
    return GOOD.replace(old, new)


def line_of(text, words):
    """The line, from 1, in which some words are first."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if words in line)
