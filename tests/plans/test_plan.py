"""What the section `phases` of a plan file says and refuses."""

from __future__ import annotations

import pytest

from callboard.app import sections
from callboard.plans import service as plans
from callboard.plans.plan import PHASES
from tests.world import PLAN

BUILD = "phases:\n  build: {{name: Build, from: 2025-11-13 09:00, to: 2025-11-14 18:00, staff: {}}}\n"


def checked(staff):
    return plans.check(PLAN + BUILD.format(staff), "plan.yml", sections())


@pytest.mark.parametrize(("written", "read"), [("5-6", "5 to 6"), ("5", "5"), ("5 - 5", "5")])
def test_a_phase_of_the_plan_file_says_how_many_people_work_on_it(written, read):
    assert str(checked(written).document.of(PHASES)["build"].staff) == read


@pytest.mark.parametrize(
    ("written", "said"),
    [("6-5", "`6-5` is more at least than at most: write 5-6"), ("several", "write 5, or 5-6"), ("-1", "write 5, or")],
)
def test_a_phase_of_the_plan_file_refuses_what_is_no_number_of_people(written, said):
    (problem,) = checked(written).errors
    assert said in problem.sentence
