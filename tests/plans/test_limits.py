"""A big plan is read at once, and nothing that calls itself a plan stalls or bursts whoever reads it."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from callboard.app import sections
from callboard.plans import service as plans
from tests.plans.sample import check

HEAD = """\
callboard: 1
key: big
name: Big
timezone: Europe/Berlin
from: 2026-03-02 08:00
to: 2026-05-29 18:00
channels: {coordination: "#big"}
escalation: {default: {steps: [{level: Team, notify: [lead], respond_within: 15m}]}}
"""


def big(people=200, teams=50, tasks=2_000, gates=200):
    """A plan as large as any that is to be run."""
    rows = [HEAD + "people:"]
    rows += [f"  p{n}: {{name: Person {n}, slack: U0P{n:04}, timezone: America/New_York}}" for n in range(people)]
    rows += ["  chief: {name: Chief, slack: U0CHIEF, roles: [coordinator]}", "teams:"]
    size = people // teams
    for team in range(teams):
        members = ", ".join(f"p{team * size + n}" for n in range(1, size))
        rows.append(f"  t{team}: {{name: Team {team}, lead: p{team * size}, members: [{members}]}}")
    rows.append("phases: {build: {name: Build, from: 2026-03-02 08:00, to: 2026-05-29 17:00}}\ntasks:")
    each = tasks // teams
    for team in range(teams):
        rows.append(f"  - for: {{team: t{team}, phase: build, from: 2026-03-25 08:00}}")
        for n in range(team * each, (team + 1) * each):
            needs = f", needs: [A-{n - 1}]" if n % each else ""
            rows.append(
                f"    A-{n}: {{title: Task number {n}, assignee: p{team * size + n % size}, priority: high, "
                f"due: 2026-04-{1 + n % 28:02} 16:00, estimate: 2h-4h{needs},\n"
                f'           criteria: [One thing holds, "Another, too"], files: [/src/t{team}/f{n}.py]}}'
            )
    rows.append("gates:")
    share = tasks // gates
    for gate in range(gates):
        rows.append(
            f"  g{gate}:\n    name: Gate {gate}\n    due: 2026-05-{1 + gate % 28:02} 17:00\n    criteria:\n"
            f"      - Seen by somebody\n"
            f"      - {{tasks: [A-{gate * share}..A-{gate * share + share - 1}], are: completed}}\n"
            f"    sign_off: [{{lead_of: t{gate % teams}}}]"
        )
    return "\n".join(rows) + "\n"


def test_a_plan_of_two_thousand_tasks_is_checked_and_applied_in_seconds(db):
    check(HEAD)  # types are made once
    text = big()
    began = time.process_time()
    checked = plans.check(text, "big.yml", sections())
    assert time.process_time() - began < 2
    assert checked.report() == []
    began = time.perf_counter()
    done = db.transact(plans.apply, checked, sections(), author="chief", workspace="T1")
    assert time.perf_counter() - began < 5
    assert len(db.transact(plans.live, done.plan_id, sections()).body["tasks"]) == 2_000


def test_a_big_plan_that_people_changed_is_merged_in_seconds(db):
    text = big(people=100, teams=25, tasks=1_000, gates=100)
    done = db.transact(plans.apply, check(text), sections(), author="chief", workspace="T1")
    live = {("tasks", f"A-{n}", "priority"): "low" for n in range(0, 1_000, 2)}
    db.transact(plans.edit_all, done.plan_id, live, author="one", sections=sections())
    checked = check(text.replace("priority: high, due: 2026-04-02", "priority: critical, due: 2026-04-02"))
    began = time.perf_counter()
    db.transact(plans.apply, checked, sections(), author="chief", workspace="T1")
    assert time.perf_counter() - began < 5
    began = time.perf_counter()
    written = db.transact(plans.export, done.plan_id, sections())
    assert time.perf_counter() - began < 5
    assert written.count("priority: low") == 500


def rows(count, row):
    return "\n".join(row.format(n=n, m=n - 1) for n in range(1, count))


BOMBS = {
    "aliases of aliases": "a0: &a0 [x, x]\n" + rows(12, "a{n}: &a{n} [" + ", ".join(["*a{m}"] * 10) + "]"),
    "merges of merges": "a0: &a0 {k: 1}\n" + rows(25, "a{n}: &a{n} {{<<: [" + ", ".join(["*a{m}"] * 10) + "]}}"),
    "a chain of merges": "a0: &a0 {k: 1}\n" + rows(5_000, "a{n}: &a{n} {{<<: *a{m}, k{n}: 1}}"),
    "itself": "a: &a {<<: *a, b: *a}",
    "many aliases": "a: &a 1\nb: [" + "*a," * 240_000 + "]",
    "brackets": "a: " + "[" * 500_000,
    "braces": "{" * 500_000,
    "dashes": "- " * 400_000,
    "questions": "? " * 400_000,
    "indents": "\n".join(" " * n + "a:" for n in range(1_200)),
    "one text": 'a: "' + "x" * 990_000 + '"',
    "one text of many lines": "a: |\n" + " x\n" * 300_000,
    "one key": "x" * 990_000 + ": 1",
    "one list": "a: [" + "x," * 490_000 + "]",
    "one mapping": rows(80_000, "k{n}: 1"),
    "one key again and again": "a: 1\n" * 90_000,
    "comments": "#\n" * 499_000,
    "tabs": "\t" * 990_000,
    "quotes": "'" * 990_000,
    "colons": ": " * 490_000,
    "tags": rows(40_000, "a{n}: !x y"),
    "nulls": rows(49_000, "a{n}:"),
    "a group of many with much": "tasks:\n  - for: {criteria: ["
    + "a, " * 30_000
    + "b]}\n"
    + rows(9_000, "    A{n}: x"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_bomb_stalls_the_check(bomb):
    text = BOMBS[bomb]
    began = time.process_time()
    assert check(text).errors
    assert time.process_time() - began < 1


@pytest.mark.parametrize("bomb", ["aliases of aliases", "merges of merges", "one list", "a group of many with much"])
def test_no_bomb_fills_the_memory(bomb):
    tracemalloc.start()
    try:
        assert check(BOMBS[bomb]).errors
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()


def test_of_very_much_that_is_wrong_only_as_much_is_said_as_anybody_mends_at_once():
    problems = check(HEAD + "people:\n" + rows(9_000, "  p{n}: {{nam: x}}")).problems
    assert len(problems) < 250
    assert any("more than 200 things are wrong" in problem.sentence for problem in problems)
