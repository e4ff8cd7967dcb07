"""A section that no plan has is one error with a hint, and not one more for everything that refers to what is in it."""

from __future__ import annotations

import pytest

from tests.planfile.sample import EVERYTHING, GOOD, check

TEXT = EVERYTHING.read_text()
REFERRING = """\
gates: {g: {name: G, due: 2026-03-30 12:00, criteria: [Ready], sign_off: {lead_of: backend}, needs: [alpha]}}
tasks:
  T-1: {title: Schema, team: backend, phase: alpha}
  T-2: {title: Load, team: backend, needs: [alpha, beta], due: 2026-03-30 12:00}
  T-3: {title: Move, team: backend, wants: [beta]}
"""


def errors(text):
    return [problem.sentence for problem in check(text).errors]


@pytest.mark.parametrize(
    ("section", "meant"),
    [("phases", "sprints"), ("tasks", "issues"), ("people", "humans"), ("teams", "squads"), ("zones", "codeowners")],
)
def test_a_section_with_the_name_of_another_program_is_one_error_that_says_its_own(section, meant):
    text = TEXT.replace(f"\n{section}:", f"\n{meant}:", 1)
    assert errors(text) == [f"{meant}: no section of a plan has this name; did you mean `{section}`?"]


@pytest.mark.parametrize(
    "milestones",
    [
        "milestones:\n  alpha: {name: Alpha, date: 2026-03-27}\n  beta: {name: Beta, owner: two}\n",
        "milestones:\n  - {key: alpha, name: Alpha, date: 2026-03-27}\n  - {key: beta, name: Beta}\n",
    ],
)
def test_milestones_are_one_error_whatever_is_in_them_and_whatever_waits_for_them(milestones):
    sentence = "milestones: no section of a plan has this name; did you mean `gates`?"
    assert errors(GOOD + milestones + REFERRING) == [sentence]
    assert errors(GOOD + milestones + REFERRING.partition("\n")[2]) == [sentence]


def test_what_refers_to_a_section_of_unknown_meaning_is_not_wrong_beside_it_and_other_slips_are():
    text = "cargo:\n  alpha: {weight: 3}\n  beta: {weight: 5}\n" + REFERRING.replace("[alpha, beta]", "[alpha, betta]")
    unknown, slip = errors(GOOD + text)
    assert unknown.startswith("cargo: no section of a plan has this name; known are `phases`, `people`, `teams`,")
    assert slip.startswith("tasks.T-2.needs[2]: there is no phase, task or gate `betta`")
