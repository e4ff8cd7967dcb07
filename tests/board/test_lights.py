"""The light of a team: what makes it, and that one more bad thing never makes it better."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.board.picture.counts import Count, Row
from callboard.board.picture.lights import ORDER, Troubles, light
from callboard.board.picture.parts import Colour

BAD = ("late", "blocked", "critical", "blockers", "gates", "silent", "away")
WORDS = {
    "late": "1 of 8 tasks late", "blocked": "1 task blocked", "critical": "1 critical blocker open",
    "blockers": "1 blocker open", "gates": "1 gate missed", "silent": "1 check-in missed",
}  # fmt: skip


def some(number: int) -> Count:
    return Count(tuple(Row(kind="thing", key=str(each), name="thing") for each in range(number)))


TEAM = Troubles(tasks=some(8), people=some(3))
SEVERAL = st.builds(
    lambda numbers: replace(TEAM, **{name: some(number) for name, number in numbers.items()}),
    st.fixed_dictionaries({name: st.integers(0, 3 if name == "away" else 7) for name in BAD}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("colour", "troubles"),
    [
        (Colour.GREEN, {}),
        (Colour.GREEN, {"away": 2}),
        *((Colour.YELLOW, {name: 1}) for name in ("late", "blocked", "blockers", "silent")),
        (Colour.YELLOW, {"late": 2}),
        (Colour.RED, {"late": 3}),
        (Colour.RED, {"critical": 1}),
        (Colour.RED, {"gates": 1}),
        (Colour.BLACK, {"away": 3, "critical": 1}),
    ],
)
def test_the_light_of_a_team_is_that_of_its_worst_trouble(colour, troubles):
    found, reasons = light(replace(TEAM, **{name: some(number) for name, number in troubles.items()}))
    assert found == colour
    assert [reason.colour for reason in reasons[:1]] == ([] if colour == Colour.GREEN else [colour])


@pytest.mark.parametrize("name", WORDS)
def test_the_reason_for_a_light_is_in_words_and_has_what_it_was_counted_from(name):
    (reason,) = light(replace(TEAM, **{name: some(1)}))[1]
    assert (reason.words, reason.rows) == (WORDS[name], some(1))


@given(SEVERAL, st.sampled_from(BAD))
def test_the_light_of_a_team_is_never_better_for_one_more_bad_thing(troubles, name):
    more = replace(troubles, **{name: some(getattr(troubles, name).number + 1)})
    assert ORDER.index(light(more)[0]) >= ORDER.index(light(troubles)[0])


@given(SEVERAL)
def test_the_light_of_a_team_is_never_better_for_one_more_task_that_is_late(troubles):
    more = replace(troubles, tasks=some(troubles.tasks.number + 1), late=some(troubles.late.number + 1))
    assert ORDER.index(light(more)[0]) >= ORDER.index(light(troubles)[0])
