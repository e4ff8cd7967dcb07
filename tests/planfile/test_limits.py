"""A big plan is read at once, and nothing that calls itself a plan stalls or bursts whoever reads it."""

from __future__ import annotations

import tracemalloc

import pytest

from callboard.app import sections
from callboard.plans import service as plans
from tests.planfile.heavy import BOMBS, HEAD, big, rows
from tests.planfile.sample import check

DATABASES = ("sqlite",)  # what a plan costs before it is stored

pytestmark = pytest.mark.timeout(60)
"""How long it takes is measured by benchmarks/plans.py."""


def test_the_check_of_a_plan_file_of_two_thousand_tasks_takes_seconds_and_so_does_its_apply(db):
    checked = plans.check(big(), "big.yml", sections())
    assert checked.report() == []
    done = db.transact(plans.apply, checked, author="chief", workspace="T1")
    assert len(db.transact(plans.live, done.plan_id).body["tasks"]) == 2_000


def test_the_merge_of_a_big_plan_with_live_changes_takes_seconds(db):
    text = big(people=100, teams=25, tasks=1_000, gates=100)
    done = db.transact(plans.apply, check(text), author="chief", workspace="T1")
    live = {("tasks", f"A-{n}", "priority"): "low" for n in range(0, 1_000, 2)}
    db.transact(plans.edit_all, done.plan_id, live, author="one")
    checked = check(text.replace("priority: high, due: 2026-04-02", "priority: critical, due: 2026-04-02"))
    db.transact(plans.apply, checked, author="chief", workspace="T1")
    written = db.transact(plans.export, done.plan_id)
    assert written.count("priority: low") == 500


@pytest.mark.parametrize("bomb", BOMBS)
def test_the_yaml_reader_of_plan_files_is_stalled_by_no_bomb(bomb):
    assert check(BOMBS[bomb]).errors


@pytest.mark.parametrize("bomb", ["aliases of aliases", "merges of merges", "one list", "a group of many with much"])
def test_the_yaml_reader_of_plan_files_fills_no_memory_with_a_bomb(bomb):
    tracemalloc.start()
    try:
        assert check(BOMBS[bomb]).errors
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()


def test_the_check_of_a_plan_file_stops_after_more_faults_than_anybody_mends_at_once():
    problems = check(HEAD + "people:\n" + rows(9_000, "  p{n}: {{nam: x}}")).problems
    assert len(problems) < 250
    assert any("more than 200 things are wrong" in problem.sentence for problem in problems)


@pytest.mark.parametrize(
    ("tasks", "sentence"),
    [(28_000, "more than 100,000 values: is it a plan?"), (100_000, "longer than 1,000,000 characters: is it a plan?")],
)
def test_the_check_of_a_plan_file_of_more_tasks_than_a_plan_has_says_one_sentence(tasks, sentence):
    checked = check(HEAD + "tasks:\n" + rows(tasks, "  A{n}: {{title: t, team: omega}}"))
    assert [sentence in problem.sentence for problem in checked.problems] == [True]


def test_the_yaml_reader_of_plan_files_refuses_texts_keys_and_numbers_that_no_plan_has():
    sentences = [problem.sentence for problem in check(f"{HEAD}\nx: {'a' * 10_001}\n{'k' * 201}: 1\n").errors]
    assert any("this text has 10,001 characters; 10,000 at most" in sentence for sentence in sentences)
    assert any("this key has 201 characters; 200 at most" in sentence for sentence in sentences)
    for number in ("9" * 5_000, "1e999", "\u00b2", "0x10", "1_000"):
        assert check(f"{HEAD}\nareas: {{api: {{planned: {number}}}}}\n").errors, number
