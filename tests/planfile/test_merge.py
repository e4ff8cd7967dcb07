"""What people changed and what a new file changes come together; what both changed is asked, nothing is lost."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.planfile.diff import applied, changes
from callboard.planfile.merge import Answer, merge
from callboard.planfile.paths import ABSENT, find, put, same

BASE = {
    "tasks": {"A-1": {"title": "Schema", "due": "2026-03-25 14:00", "assignee": "one"}, "A-2": {"title": "Load"}},
    "steps": [{"title": "Announce"}, {"title": "Deploy", "within": "1h"}, {"title": "Look"}],
    "holidays": ["2026-04-03"],
}


def changed(*edits, body=BASE):
    for path, value in edits:
        body = put(body, path, value)
    return body


def merged(live, new, choices=None):
    return merge(BASE, live, new, choices or {})


def test_the_merge_of_a_plan_takes_what_one_side_alone_changed():
    live = changed((("tasks", "A-1", "assignee"), "two"), (("tasks", "A-2"), ABSENT))
    new = changed((("tasks", "A-1", "due"), "2026-03-26 14:00"), (("tasks", "A-3"), {"title": "New"}))
    done = merged(live, new)
    assert done.conflicts == ()
    assert done.body["tasks"] == {
        "A-1": {"title": "Schema", "due": "2026-03-26 14:00", "assignee": "two"}, "A-3": {"title": "New"},
    }  # fmt: skip
    assert [(change.path, change.before, change.after) for change in done.edits] == [
        (("tasks", "A-1", "assignee"), "one", "two"), (("tasks", "A-2"), {"title": "Load"}, ABSENT),
    ]  # fmt: skip


def test_the_merge_of_a_plan_settles_what_both_sides_changed_alike():
    both = changed((("tasks", "A-1", "assignee"), "two"))
    assert merged(both, both).edits == ()
    assert merged(both, both).body == both


@pytest.mark.parametrize(
    ("path", "live", "new"),
    [
        (("tasks", "A-1", "due"), "a", "b"),
        (("tasks", "A-1"), ABSENT, {"title": "Schema", "due": "later"}),
        (("tasks", "A-2"), {"title": "Load", "due": "later"}, ABSENT),
        (("tasks", "A-3", "title"), "a", "b"),
        (("holidays",), ["2026-04-03", "2026-05-01"], ["2026-04-06"]),
        (("steps", "deploy", "within"), "2h", "3h"),
        (("tasks",), "none", {}),
    ],
)
def test_the_merge_of_a_plan_asks_about_what_both_sides_changed_differently(path, live, new):
    start = changed((("tasks", "A-3"), {})) if path[:2] == ("tasks", "A-3") else BASE
    mine, theirs = put(start, path, live), put(start, path, new)
    asked = merge(BASE, mine, theirs, {})
    assert [(conflict.path, conflict.live, conflict.new) for conflict in asked.conflicts] == [(path, live, new)]
    for place in ("", ".".join(path), path[0]):
        for answer, value in ((Answer.THEIRS, live), (Answer.OURS, new)):
            done = merge(BASE, mine, theirs, {place: answer})
            assert done.conflicts == ()
            assert find(done.body, path) == value


def test_the_merge_of_a_plan_takes_the_answer_nearest_to_a_conflict():
    live = changed((("tasks", "A-1", "due"), "a"), (("tasks", "A-1", "title"), "a"))
    new = changed((("tasks", "A-1", "due"), "b"), (("tasks", "A-1", "title"), "b"))
    done = merged(live, new, {"": Answer.THEIRS, "tasks.A-1.due": Answer.OURS})
    assert done.body["tasks"]["A-1"]["due"] == "b"
    assert done.body["tasks"]["A-1"]["title"] == "a"


STEPS = dict(zip("adl", BASE["steps"], strict=True)) | {
    "x": {"title": "Extra"}, "y": {"title": "Yet another"},
}  # fmt: skip


def in_order(names):
    return BASE | {"steps": [STEPS[name] for name in names]}


@pytest.mark.parametrize(
    ("live", "new", "result"),
    [
        ("dal", "adl", "dal"),
        ("adl", "lad", "lad"),
        ("adlx", "lad", "ladx"),
        ("axdl", "adly", "axdly"),
        ("axdl", "adyl", "axdyl"),
        ("al", "dal", "al"),
        ("lad", "lad", "lad"),
        ("dl", "adlx", "dlx"),
        ("adlx", "adly", "adlyx"),
    ],
)
def test_the_merge_of_a_plan_leaves_moved_items_where_they_were_put(live, new, result):
    done = merge(BASE, in_order(live), in_order(new))
    assert done.conflicts == ()
    assert done.body["steps"] == [STEPS[name] for name in result]


def test_the_merge_of_a_plan_asks_about_two_orders_of_one_list():
    live, new = in_order("dal"), in_order("lad")
    (conflict,) = merge(BASE, live, new).conflicts
    assert (conflict.place, conflict.live) == ("steps", ["deploy", "announce", "look"])
    assert merge(BASE, live, new, {"steps": Answer.OURS}).body["steps"] == [STEPS[name] for name in "lad"]


def step(name, entry):
    return {"name": name, **entry}


words = st.sampled_from(["a", "b", "c"])
leaves = st.sampled_from([1, 2, True, "x", "y", "z"]) | st.lists(st.sampled_from(["p", "q"]), max_size=2)
entries = st.dictionaries(words, leaves, max_size=3)
plans = st.fixed_dictionaries({"tasks": st.dictionaries(words, entries, max_size=3)}, optional={"name": leaves})
steps = st.lists(words, unique=True, max_size=3).flatmap(
    lambda names: st.tuples(*[st.builds(step, st.just(name), entries) for name in names])
)
whole = st.builds(lambda plan, listed: {**plan, "steps": list(listed)}, plans, steps)


def plain_model(base, live, new):
    """The same by other means: every field on its own, an entry that is taken out or put in as a whole."""
    lost: list[object] = []
    result = {}
    for key in ("name", *(("tasks", word) for word in "abc"), *(("steps", word) for word in "abc")):
        b, mine, theirs = (entry(side, key) for side in (base, live, new))
        if isinstance(mine, dict) and isinstance(theirs, dict):
            found = {}
            for field in {**theirs, **mine}:
                value = one(lost, (key, field), (b or {}).get(field), mine.get(field), theirs.get(field))
                if value is not None:
                    found[field] = value
            result[key] = found
        else:
            value = one(lost, key, b, mine, theirs)
            if value is not None:
                result[key] = value
    return result, lost


def entry(side, key):
    if key == "name":
        return side.get("name")
    section = side[key[0]]
    return section.get(key[1]) if isinstance(section, dict) else {s["name"]: s for s in section}.get(key[1])


def one(lost, where, base, mine, theirs):
    if same(mine, theirs) or same(base, mine):
        return theirs
    if not same(base, theirs):
        lost.append(where)
    return mine


@settings(max_examples=200)
@given(whole, whole, whole)
def test_the_merge_of_a_plan_agrees_with_a_plain_model(base, live, new):
    done = merge(base, live, new)
    model, lost = plain_model(base, live, new)
    asked = [conflict for conflict in done.conflicts if conflict.path != ("steps",)]
    assert len(asked) == len(lost)
    for key in ("name", *(("tasks", word) for word in "abc"), *(("steps", word) for word in "abc")):
        assert same(entry(done.body, key), model.get(key)), key


@settings(max_examples=200)
@given(whole, whole, whole)
def test_the_merge_of_a_plan_again_changes_nothing_and_its_sides_may_be_exchanged(base, live, new):
    before = copy.deepcopy((base, live, new))
    done = merge(base, live, new)
    again = merge(new, done.body, new)
    assert same(again.body, done.body)
    assert again.conflicts == ()
    assert same(applied(new, done.edits), done.body)
    if not done.conflicts:
        other = merge(base, new, live)
        assert other.conflicts == ()
        assert same(unordered(other.body), unordered(done.body))
    assert same(merge(base, live, base).body, live)
    assert same(merge(base, base, new).body, new)
    assert same(merge(base, live, live).body, live)
    assert (base, live, new) == before


def unordered(body):
    return {**body, "steps": {step["name"]: step for step in body["steps"]}}


values = st.recursive(
    st.sampled_from([0, 1, True, "a", "b", ""]) | st.floats(0, 1),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "key", "name", "title", "1"]), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = st.dictionaries(words, values, max_size=3)


@settings(max_examples=200)
@given(bodies, bodies)
def test_the_diff_of_two_plans_makes_one_of_the_other(before, after):
    assert same(applied(before, changes(before, after)), after)


@settings(max_examples=150)
@given(bodies, bodies, bodies)
def test_the_merge_of_any_three_plans_does_not_crash(base, live, new):
    done = merge(base, live, new)
    assert same(applied(new, done.edits), done.body)
    assert merge(base, live, new, {"": Answer.THEIRS}).conflicts == ()
    assert same(merge(base, live, base).body, live)
    assert same(merge(base, base, new).body, new)
