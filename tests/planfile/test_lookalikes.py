"""Names that nobody could tell apart are no two names."""

from __future__ import annotations

import pytest

from callboard.planfile.lookalikes import looks
from tests.planfile.sample import check
from tests.world import PLAN

SEAT = "  obi: {name: %s, slack: UOBI}\nteams:\n"


def said(name):
    return check(PLAN.replace("teams:\n", SEAT % name, 1)).report()


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ('"Оmega lead"', "CYRILLIC CAPITAL LETTER O"), ('"Omega leаd"', "CYRILLIC SMALL LETTER A"),  # noqa: RUF001
        ('"Omega\\u200b lead"', "ZERO WIDTH SPACE"), ('"\\u202eOmega lead"', "RIGHT-TO-LEFT OVERRIDE"),
        ('"Οmega lead"', "GREEK CAPITAL LETTER OMICRON"), ('"Omega  lead"', "a space"),  # noqa: RUF001
        ('"Omega\\u00a0lead"', "NO-BREAK SPACE"), ('"Ｏmega lead"', "FULLWIDTH LATIN CAPITAL LETTER O"),  # noqa: RUF001
    ],
)  # fmt: skip
def test_the_lookalikes_of_a_persons_name_are_refused_with_the_letter_that_differs(name, letter):
    wanted = f"this looks like the name of olga and is written differently: look at the {letter}."
    errors = check(PLAN.replace("teams:\n", SEAT % name, 1)).errors
    assert any(wanted in problem.sentence for problem in errors), errors


def test_the_lookalikes_of_a_teams_name_are_refused_as_well():
    other = "  sigma: {name: Оmega"  # noqa: RUF001
    assert any(
        "looks like the name of omega" in line for line in check(PLAN.replace("  sigma: {name: Sigma", other)).report()
    )


def test_a_word_of_lookalikes_and_plain_letters_is_warned_of_and_other_alphabets_are_not():
    assert any("`Olgа` mixes alphabets" in line for line in said("Olgа"))  # noqa: RUF001
    for name in ("Ольга", "Ωmega", "Éva Łukasz", "李", "محمد", "Olga K.", "Elif Y\u0131lmaz", "M² José", "CO₂"):
        assert not any("alphabets" in line or "looks like" in line for line in said(name)), name


def test_two_people_of_one_name_are_warned_of():
    assert any("olga has the same name: nobody could tell who signed" in line for line in said("Omega lead"))
    assert looks("Person A") != looks("Person B")
