"""Whatever stands in a plan, tasks and gates are checked and placed in time without a traceback."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.app import sections
from callboard.planfile import calendar, check, groups, yaml_reader
from callboard.planfile.sections import Document
from tests.gates.test_plan import PLAN

TOUCHED = ("measures", "tasks", "gates", "freezes", "people", "teams", "dates", "blockers", "repositories")
WORDS = st.sampled_from(
    [
        *TOUCHED,
        "A-1",
        "one",
        "lead",
        "all",
        "none",
        "tested",
        "target - 99999d",
        "w999 mon",
        "2026-03-29 02:30",
        "0001-01-01",
    ]
)
JUNK = st.recursive(
    st.booleans() | st.integers(-5, 10**15) | st.text(max_size=5) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
BODY = yaml_reader.load(PLAN, "plan.yml")[0].body


def paths(value: Any, path: tuple[Any, ...] = ()):
    """Every place in a value."""
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(inner, (*path, key))


PLACES = [path for path in paths(BODY) if path[0] in TOUCHED]


@settings(max_examples=200)
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_the_check_of_the_plan_files_gates_never_fails_whatever_they_hold(changes):
    body = deepcopy(dict(BODY))
    for path, junk in changes:
        change(body, path, junk)
    document = Document("plan.yml", "", body, dict.fromkeys(paths(body), 1), sections=sections())
    list(groups.spread(document))
    for problem in check.check_sections(document):
        assert problem.sentence
    assert calendar.happenings(document) is not None


def change(body, path, junk):
    """Put something else at a place, where that is still there."""
    holder: Any = body
    try:
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = junk
    except (LookupError, TypeError):
        return
