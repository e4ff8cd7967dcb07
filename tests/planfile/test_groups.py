"""Tasks are written in groups and read as one mapping: each with what its group has, every line where it was."""

from __future__ import annotations

import pytest

from tests.planfile.sample import check, line_of
from tests.planfile.test_checks import PLAN

GROUP = "  - for: {team: backend, phase: build, area: API}\n"


def test_groups_in_a_plan_file_give_each_task_what_it_does_not_say_itself():
    document = check(PLAN.replace("A-1: {title: Schema", "A-1: {title: Schema, area: UI")).document
    assert document.body["tasks"]["A-1"] == {
        "team": "backend", "phase": "build", "area": "UI", "title": "Schema", "due": "2026-03-26 12:00",
    }  # fmt: skip
    assert list(document.body["tasks"]) == ["A-1", "A-2"]


def test_groups_in_a_plan_file_take_a_text_alone_for_a_title():
    document = check(PLAN.replace("A-1: {title: Schema, due: 2026-03-26 12:00}", "A-1: Schema")).document
    assert document.body["tasks"]["A-1"]["title"] == "Schema"


def test_groups_in_a_plan_file_keep_the_lines_of_their_entries():
    text = PLAN.replace(GROUP, "  - for:\n      team: backend\n      area: API\n")
    document = check(text).document
    assert document.line(("tasks", "A-2")) == line_of(text, "A-2:")
    assert document.line(("tasks", "A-2", "needs", 0)) == line_of(text, "A-2:")
    assert document.line(("tasks", "A-2", "area")) == line_of(text, "area: API")
    assert document.line(("tasks", "A-2", "nothing")) == line_of(text, "A-2:")


def test_groups_in_a_plan_file_name_a_fault_that_their_tasks_share_only_once():
    text = PLAN.replace("team: backend, phase", "team: beckend, phase")
    assert [(p.line, p.sentence) for p in check(text).errors] == [
        (line_of(text, "beckend"), "tasks.A-1.team: there is no team `beckend`; did you mean `backend`?")
    ]


def test_groups_in_a_plan_file_may_be_left_out():
    document = check(PLAN.replace(GROUP, "").replace("    A-1:", "  A-1:").replace("    A-2:", "  A-2:")).document
    assert list(document.body["tasks"]) == ["A-1", "A-2"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("  - for: backend\n", "what all of this group have is meant here"),
        ("  - A-7\n" + GROUP, "ids and what belongs to each are meant here"),
        (GROUP + "    A-1: Twice\n", "this key is there twice"),
        (GROUP.replace("  - ", "  - A-1: Twice\n  - "), "this key is there twice"),
        (GROUP + "    A-9:\n", "this has no value"),
    ],
)
def test_groups_in_a_plan_file_refuse_what_is_no_group_in_a_sentence(written, words):
    assert any(words in p.sentence for p in check(PLAN.replace(GROUP, written)).errors)
