"""Sets of tasks: which tasks they name, and what is said of those that name none."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from callboard.planfile import task_sets
from callboard.planfile.sections import Document

BODY: dict[str, Any] = {
    "phases": {"prepare": {}, "stage": {}},
    "teams": {"backend": {}, "frontend": {}},
    "areas": {"API": {"planned": 4}},
    "tasks": {
        "O-1": {"title": "One", "team": "backend", "phase": "prepare", "area": "API", "priority": "high"},
        "O-2": {"title": "Two", "team": "frontend", "phase": "prepare"},
        "O-10": {"title": "Ten", "team": "backend", "phase": "stage"},
        "A-01": "Alone",
        "A-02": {"title": "Padded", "kind": "review"},
        "MOLECULE-001": {"title": "Together", "lead_team": "backend", "support_teams": ["frontend"]},
    },
}
TYPED = TypeAdapter(task_sets.TaskSets)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def document(body=BODY):
    return Document("plan.yml", "", body)


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("O-1", ["O-1"]),
        (["A-01", "O-2"], ["O-2", "A-01"]),
        ("O-1..O-6", ["O-1", "O-2"]),
        ("O-2..10", ["O-2", "O-10"]),
        (" O-1 .. O-2 ", ["O-1", "O-2"]),
        ("A-*", ["A-01", "A-02"]),
        ("O-?", ["O-1", "O-2"]),
        ("*", list(BODY["tasks"])),
        (["O-1", "O-*", "O-1..O-2"], ["O-1", "O-2", "O-10"]),
        ({"phase": "prepare"}, ["O-1", "O-2"]),
        ({"phase": "prepare", "team": "backend"}, ["O-1"]),
        ({"phase": ["prepare", "stage"], "team": "backend"}, ["O-1", "O-10"]),
        ({"team": "backend"}, ["O-1", "O-10", "MOLECULE-001"]),
        ({"area": "API"}, ["O-1"]),
        ({"kind": "molecule"}, ["MOLECULE-001"]),
        ({"kind": "review"}, ["A-02"]),
        ({"kind": "atom"}, ["O-1", "O-2", "O-10", "A-01"]),
        ({"priority": "high"}, ["O-1"]),
    ],
)
def test_a_task_set_names_its_tasks_in_the_order_of_the_plan_file(written, ids):
    assert task_sets.members(document(), written) == ids
    assert task_sets.members(document(), TYPED.validate_python(written)) == ids
    assert list(task_sets.strangers(document(), written)) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("O-11", "there is no task `O-11`; did you mean `O-1` or `O-10`?"),
        ("O-3..O-9", "no task is within `O-3..O-9`; their ids are O-1, O-2, O-10, A-01, ..."),
        ("O-6..O-1", "`O-6..O-1` is written backwards: write O-1..O-6"),
        ("O-1..A-02", "`O-1..A-02` goes from O- to A-: a range keeps to one of them, write it like O-1..O-6"),
        ("A-1..A-02", "the ends of `A-1..A-02` have leading zeros in different ways: write A-01..A-02"),
        ("A-1..A-2", "no task is within `A-1..A-2`"),
        ("O..A", "`O..A` is no range of tasks, which ends in numbers on both sides"),
        ("B-*", "`B-*` names no task"),
        ({"phase": "preprare"}, "there is no phase `preprare`; did you mean `prepare`?"),
        ({"team": ["backend", "frontned"]}, "there is no team `frontned`; did you mean `frontend`?"),
        ({"kind": "molcule"}, "there is no kind `molcule`; did you mean `molecule`?"),
        ({"priority": "urgent"}, "there is no priority `urgent`; write one of `critical`"),
        ({"phase": "stage", "team": "frontend"}, "no task has phase `stage` and team `frontend`"),
        ({"fase": "stage"}, "tasks have no `fase` to filter by; did you mean `phase`?"),
        ({}, "a filter that asks for nothing names no task"),
    ],
)
def test_a_task_set_that_names_no_task_says_why(written, said):
    if written == {"team": ["backend", "frontned"]}:
        written = {"team": "frontned"}
    ((position, sentence),) = task_sets.strangers(document(), ["O-1", written])
    assert position == 1
    assert sentence.startswith(said)


def test_a_task_set_of_a_plan_without_tasks_says_so():
    assert list(task_sets.strangers(document({}), "O-1")) == [
        (0, "`O-1` names no task: there are none in this plan yet")
    ]


def test_a_filter_in_a_task_set_knows_its_keys():
    with pytest.raises(ValidationError) as wrong:
        TYPED.validate_python([{"fase": "stage"}])
    assert [error["type"] for error in wrong.value.errors()] == ["extra_forbidden"]


@given(
    numbers=st.sets(st.integers(0, 200)), width=st.integers(1, 4), first=st.integers(0, 250), last=st.integers(0, 250)
)
def test_a_range_in_a_task_set_names_the_tasks_that_counting_would(numbers, width, first, last):
    def key(number):
        return f"T-{number:0{width}d}"

    tasks: dict[str, dict[str, str]] = {key(number): {} for number in sorted(numbers, reverse=True)}
    written = f"{key(first)}..{key(last)}"
    counted = [key(number) for number in sorted(numbers, reverse=True) if first <= number <= last]
    if all(f"{n:0{width}d}".startswith("0") or n >= 10 ** (width - 1) for n in (first, last)):
        assert task_sets.members(document({"tasks": tasks}), written) == counted
        assert bool(counted) != bool(list(task_sets.strangers(document({"tasks": tasks}), written)))


PHASES, TEAMS = ("one", "two"), ("red", "blue", "green")


@given(
    tasks=st.lists(st.tuples(st.sampled_from(PHASES), st.sampled_from(TEAMS))),
    phases=st.lists(st.sampled_from(PHASES)),
    teams=st.lists(st.sampled_from(TEAMS)),
)
def test_a_filter_in_a_task_set_names_the_tasks_that_looking_at_each_would(tasks, phases, teams):
    body = {"tasks": {f"T-{n}": {"phase": phase, "team": team} for n, (phase, team) in enumerate(tasks)}}
    wanted = {key: words for key, words in (("phase", phases), ("team", teams)) if words}
    looked = [key for key, task in body["tasks"].items() if all(task[word] in words for word, words in wanted.items())]
    assert task_sets.members(document(body), wanted) == (looked if wanted else [])


@given(tasks=JUNK, kinds=JUNK, written=JUNK)
def test_a_task_set_can_be_asked_for_whatever_the_plan_file_holds(tasks, kinds, written):
    asked = document({"tasks": tasks, "task_kinds": kinds, "priorities": kinds, "phases": kinds})
    named = task_sets.members(asked, written)
    assert len(named) == len(set(named))
    assert all(isinstance(sentence, str) for _, sentence in task_sets.strangers(asked, written))


def test_a_task_set_of_a_large_plan_is_found_quickly():
    body = {
        "tasks": {f"T-{n:04d}": {"phase": f"p{n % 20}", "team": f"t{n % 50}"} for n in range(2000)},
    }
    asked = document(body)
    begun = process_time()
    for n in range(200):
        task_sets.members(asked, [f"T-{n:04d}..T-{n + 800:04d}", f"T-{n % 10}*", {"phase": f"p{n % 20}"}, f"T-{n:04d}"])
    assert process_time() - begun < 1


def test_task_sets_are_told_in_order_and_in_ranges_with_how_many_are_left_out():
    keys = ["S-2", "O-10", "O-9", "S-1", "O-8", "TM-010", "TM-009", "TM-008", "Deploy"]
    assert task_sets.in_ranges(keys, 9) == ["Deploy", "O-8..O-10", "S-1", "S-2", "TM-008..TM-010"]
    assert task_sets.in_ranges(keys, 2) == ["Deploy", "O-8..O-10", "5 more"]
    assert task_sets.in_ranges([], 2) == []
