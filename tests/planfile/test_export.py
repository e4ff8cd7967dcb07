"""A plan as it stands is written back into its own file: what nobody changed stays as it was written."""

from __future__ import annotations

import difflib
from pathlib import Path as File

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callboard.app import sections
from callboard.planfile import yaml_writer
from callboard.planfile.check import plain
from callboard.planfile.export import AFRESH, exported
from callboard.planfile.paths import ABSENT, put, same
from callboard.planfile.sections import Path
from callboard.plans import service as plans
from tests.planfile.sample import EVERYTHING, GOOD, apply, check

EXAMPLES = sorted((File(__file__).parents[2] / "src" / "callboard" / "examples").glob("*.yml"))
FILES = [*EXAMPLES, EVERYTHING]
PLAN = (
    GOOD
    + """\
x-own: {kept: [as, it, is]}    # the author's
tasks:
  # the first group
  - for: {team: backend, due: 2026-03-26 17:00}   # all of these
    A-1: {title: Schema, assignee: one}           # first things first
    A-2: {title: Load,
          criteria: [One thing,
                     Another thing]}
    A-3: Monitoring on
  - A-4:
      title: 'Look at it'
      team: backend
      due: "2026-03-28 12:00"   # at noon
meetings:
  - {name: Weekly, days: mon, at: "10:00", who: [all leads]}    # every week
  - name: Daily
    days: mon-fri
    at: "09:00"
    # whoever is there
    who:
      - everyone
      - boss
"""
)
DUE = "due: 2026-03-26 17:00"


def body(text=PLAN):
    return dict(check(text).document.body)


def export(*edits, text=PLAN):
    live = body(text)
    for path, value in edits:
        live = put(live, path, value)
    written = exported(text, live, sections())
    assert same(body(written), live)
    return written


def lines(written, text=PLAN):
    """What is different, line by line."""
    found = difflib.unified_diff(text.splitlines(), written.splitlines(), lineterm="", n=0)
    return [line for line in found if not line.startswith(("---", "+++", "@@"))]


def test_the_export_of_an_unchanged_plan_is_the_file_itself():
    assert export() == PLAN


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        ("tasks.A-1.assignee", "two", "    A-1: {title: Schema, assignee: one}           # first things first",
         "    A-1: {title: Schema, assignee: two}           # first things first"),
        ("tasks.A-1.estimate", "2h-4h", "    A-1: {title: Schema, assignee: one}           # first things first",
         "    A-1: {title: Schema, assignee: one, estimate: 2h-4h}           # first things first"),
        ("tasks.A-1.assignee", ABSENT, "    A-1: {title: Schema, assignee: one}           # first things first",
         "    A-1: {title: Schema}           # first things first"),
        ("tasks.A-1.title", ABSENT, "    A-1: {title: Schema, assignee: one}           # first things first",
         "    A-1: {assignee: one}           # first things first"),
        ("tasks.A-2.criteria.one-thing", "One other: thing", "          criteria: [One thing,",
         '          criteria: ["One other: thing",'),
        ("tasks.A-2.due", "2026-03-27 17:00", "                     Another thing]}",
         "                     Another thing], due: 2026-03-27 17:00}"),
        ("tasks.A-3.due", "2026-03-27 17:00", "    A-3: Monitoring on",
         "    A-3: {title: Monitoring on, due: 2026-03-27 17:00}"),
        ("tasks.A-3.title", "No: more", "    A-3: Monitoring on", '    A-3: "No: more"'),
        ("tasks.A-4.due", "2026-03-29",
         '      due: "2026-03-28 12:00"   # at noon', '      due: "2026-03-29"   # at noon'),
        ("tasks.A-4.title", "It's it", "      title: 'Look at it'", "      title: \"It's it\""),
        ("tasks.A-5", {"title": "New", "due": "target - 1d"}, None, "    A-5: {title: New, due: target - 1d}"),
        ("meetings.daily.lasts", "15m", None, "    lasts: 15m"),
        ("meetings.daily.who", ["boss"], "      - everyone", None),
        ("meetings.daily.who", ["everyone", "boss", "one"], None, "      - one"),
        ("meetings.daily.days", ABSENT, "    days: mon-fri", None),
        ("meetings.weekly.who", ["all leads", "boss"],
         '  - {name: Weekly, days: mon, at: "10:00", who: [all leads]}    # every week',
         '  - {name: Weekly, days: mon, at: "10:00", who: [all leads, boss]}    # every week'),
        ("meetings.weekly", ABSENT,
         '  - {name: Weekly, days: mon, at: "10:00", who: [all leads]}    # every week', None),
        ("meetings.monthly", {"name": "Monthly", "at": "11:00"}, None, '  - {name: Monthly, at: "11:00"}'),
        ("people.one.around_the_clock", True,
         "  one: {name: Backend one, slack: U0BE1, timezone: America/New_York}",
         "  one: {name: Backend one, slack: U0BE1, timezone: America/New_York, around_the_clock: true}"),
        ("people.three", {"name": "Three"}, None, "  three: {name: Three}"),
        ("teams.backend.about", "yes", None, '    about: "yes"'),
        ("holidays", ["2026-04-03", "2026-04-06"], "holidays: [2026-04-03]", "holidays: [2026-04-03, 2026-04-06]"),
        ("holidays", ABSENT, "holidays: [2026-04-03]", None),
        ("risks", [{"risk": "Late"}], None, "risks: [{risk: Late}]"),
    ],
)  # fmt: skip
def test_the_yaml_writer_changes_a_plan_file_only_in_the_lines_of_what_changed(path, value, before, after):
    wanted = [f"-{before}"] if before else []
    assert lines(export((tuple(path.split(".")), value))) == [*wanted, *([f"+{after}"] if after else [])]


def test_the_export_of_a_plan_changes_what_all_of_a_group_have_in_its_for():
    moved = [(("tasks", key, "due"), "2026-03-27 17:00") for key in ("A-1", "A-2", "A-3")]
    assert export(*moved) == PLAN.replace(DUE, "due: 2026-03-27 17:00")
    first = export(moved[0])
    assert first == PLAN.replace("assignee: one}  ", "assignee: one, due: 2026-03-27 17:00}  ")


def test_the_export_of_a_plan_gives_each_task_its_own_value_when_one_of_the_group_loses_it():
    written = export((("tasks", "A-1", "due"), ABSENT))
    assert "  - for: {team: backend}   # all of these" in written
    assert "    A-3: {title: Monitoring on, due: 2026-03-26 17:00}" in written


def test_the_yaml_writer_drops_the_lines_of_a_task_that_is_gone_from_a_plan_file():
    assert lines(export((("tasks", "A-2"), ABSENT))) == [
        "-    A-2: {title: Load,", "-          criteria: [One thing,", "-                     Another thing]}",
    ]  # fmt: skip


def test_the_yaml_writer_keeps_the_line_ends_of_a_plan_file():
    text = PLAN.replace("\n", "\r\n")
    written = export((("teams", "backend", "about"), "API"), (("tasks", "A-2"), ABSENT), text=text)
    assert written.count("\n") == written.count("\r\n") == text.count("\n") - 2


def test_the_yaml_writer_adds_to_a_plan_file_without_a_last_line_end():
    assert export((("risks",), [{"risk": "Late"}]), text=PLAN.rstrip()).endswith("\nrisks: [{risk: Late}]")


def test_the_yaml_writer_writes_out_a_value_of_an_anchor_where_it_changed():
    text = PLAN.replace("members: [one, two]", "members: &both [one, two]").replace("who: [all leads]", "who: *both")
    written = export((("meetings", "weekly", "who"), ["one"]), text=text)
    assert lines(written, text) == lines(text.replace("who: *both", "who: [one]"), text)


def test_the_yaml_writer_overrides_what_is_taken_over_from_an_anchor():
    text = PLAN.replace("x-own: {", "x-seat: &seat {timezone: Asia/Kathmandu}\nx-own: {")
    text = text.replace("boss: {name", "boss: {<<: *seat, name").replace(
        "people:", "x-seat: &seat {timezone: Asia/Tokyo}\npeople:"
    )
    text = text.replace("x-seat: &seat {timezone: Asia/Kathmandu}\n", "")
    written = export((("people", "boss", "timezone"), "Asia/Dili"), text=text)
    assert "{<<: *seat, name: Executive, slack: U0EXEC, roles: [executive], timezone: Asia/Dili}" in written
    again = export((("people", "boss", "timezone"), ABSENT), text=text)
    assert "# first things first" in again


def test_the_export_of_a_plan_is_written_afresh_where_it_cannot_be_changed_in_place():
    text = PLAN.replace("members: [one, two]", "members: &both [one, two]").replace("who: [all leads]", "who: *both")
    written = export((("teams", "backend", "members"), ["one"]), text=text)
    assert written.startswith(AFRESH)


words = st.sampled_from([
    "one", "2026-03-25 14:00", "10:00", "Read: this", "#channel", "yes", "null", "12", "1.5", "- x", "[a", "{b", "a, b",
    "It's", 'say "x"', "*all", "&x", "!x", "%x", "@x", "`x`", "|", ">", "?", "a #b", "ends: ", " blank ", "Ünïcödé",
    "🎉", "a\nb", "tab\tbed", "\u2028", "\x85", "\ufeff", "<<", "=", "~", "true", "0x1F", "1_000", "1e5", "2026-03-25",
    "a" * 300, "back\\slash",
])  # fmt: skip
scalars = words | st.booleans() | st.integers(-5, 10_000) | st.sampled_from([0.5, 2.25]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12
)  # fmt: skip
keys = words.filter(lambda word: not word.startswith("x-") and len(word) < 100)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def edits(draw, start):
    """Some changes anywhere in a body."""
    now = start
    for _ in range(draw(st.integers(1, 5))):
        path: Path = ()
        here = now
        while isinstance(here, dict | list) and here and (not path or draw(st.booleans())):
            step = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
            path, here = (*path, step), here[step]
        if len(path) == 1 and path[0] == "tasks":
            continue
        kind = draw(st.sampled_from(["put", "put", "take", "add"]))
        if kind == "take":
            now = put(now, path, ABSENT)
        elif kind == "add" and isinstance(here, dict):
            now = put(now, (*path, draw(keys)), draw(values))
        elif kind == "add" and isinstance(here, list):
            now = put(now, path, [*here, draw(values)])
        elif len(path) != 2 or path[0] != "tasks":
            now = put(now, path, draw(scalars if kind == "put" and not isinstance(here, dict | list) else values))
    return now


BODIES = {file.name: (text := file.read_text(), dict(plain(text, sections())[1])) for file in FILES}
BODIES["plan"] = (PLAN, dict(plain(PLAN, sections())[1]))


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.data())
@pytest.mark.parametrize("name", sorted(BODIES))
def test_the_export_of_any_plan_holds_any_changes(name, data):
    text, start = BODIES[name]
    live = data.draw(edits(start))
    written = exported(text, live, sections())
    assert same(plain(written, sections())[1], live)


@settings(max_examples=300)
@given(st.dictionaries(keys, values, max_size=4))
def test_the_yaml_writer_writes_a_plan_so_that_it_is_read_as_it_was(written):
    assert same(plain(yaml_writer.block(written), ())[1], written)


def test_an_export_of_a_plan_changes_nothing_when_applied_and_settles_the_live_changes(db):
    done = apply(db, PLAN)
    db.transact(
        plans.edit_all, done.plan_id,
        {("tasks", "A-1", "due"): "2026-03-27 17:00", ("people", "one", "name"): "One", ("meetings", "daily"): ABSENT},
        author="one",
    )  # fmt: skip
    stands = db.transact(plans.live, done.plan_id).body
    written = db.transact(plans.export, done.plan_id)
    assert apply(db, written).changes == [plans.WORDING_ONLY]
    assert list(db.transact(plans.edits, done.plan_id)) == []
    assert same(db.transact(plans.live, done.plan_id).body, dict(stands))
    assert db.transact(plans.export, done.plan_id) == written
    assert apply(db, written).changes == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_export_of_a_plan_that_nobody_changed_changes_nothing_when_applied(db, file):
    text = file.read_text()
    done = apply(db, text)
    written = db.transact(plans.export, done.plan_id)
    assert written == text
    assert apply(db, written).changes == []
