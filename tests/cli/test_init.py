"""`callboard init`: six answers become a plan that can be applied."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from callboard.app import sections
from callboard.cli.main import main
from callboard.planfile.starter import Answers, written
from callboard.planfile.times import parse_date
from callboard.plans import service as plans

ANSWERS = ("Ship it: 2.0", "Europe/Berlin", "2026-12-01..04", "Backend, Data & ML",
           "Anna anna@example.com, Ben U0BEN123", "Anna anna@example.com")  # fmt: skip
NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)


@pytest.fixture
def init(tmp_path):
    """Type the answers; what was printed, and the file."""

    def typed(*answers):
        file = tmp_path / "plan.yml"
        done = CliRunner().invoke(main, ["init", str(file)], input="".join(f"{answer}\n" for answer in answers))
        return done, file

    return typed


def test_six_answers_are_a_plan_without_errors_in_which_one_person_has_two_seats(init):
    done, file = init(*ANSWERS)
    checked = plans.check(file.read_bytes(), "plan.yml", sections())
    assert done.exit_code == 0
    assert not checked.problems
    assert checked.document.body["people"] == {
        "anna": {"name": "Anna", "email": "anna@example.com", "roles": ["coordinator"]},
        "ben": {"name": "Ben", "slack": "U0BEN123"},
    }
    assert [team["lead"] for team in checked.document.body["teams"].values()] == ["anna", "ben"]


def test_a_person_may_be_written_as_in_a_mail(init):
    _, file = init(*ANSWERS[:-1], "Anna Lüthi <anna.luethi@example.com>")
    checked = plans.check(file.read_bytes(), "plan.yml", sections())
    assert not checked.problems
    assert {"name": "Anna Lüthi", "email": "anna.luethi@example.com", "roles": ["coordinator"]} in list(
        checked.document.body["people"].values()
    )


def test_names_may_stand_between_semicolons(init):
    _, file = init("Move", "UTC", "2026-12-01", "Backend; Data", "Anna anna@example.com; Ben ben@example.com", "")
    body = plans.check(file.read_bytes(), "plan.yml", sections()).document.body
    assert [team["lead"] for team in body["teams"].values()] == ["anna", "ben"]
    assert body["people"]["anna"]["email"] == "anna@example.com"


@pytest.mark.parametrize(
    ("name", "key"),
    [("Hospital records move", "hospital-records"), ("Data centre move", "data-centre-move"), ("X" * 30, "x" * 20)],
)
def test_the_key_of_a_long_name_ends_with_a_word(init, name, key):
    _, file = init(name, *ANSWERS[1:])
    body = plans.check(file.read_bytes(), "plan.yml", sections()).document.body
    assert body["key"] == key
    assert body["channels"] == {"coordination": f"#{key}"}


def test_empty_answers_are_a_plan_whose_seats_are_vacant_and_init_says_so(init):
    done, file = init(*[""] * 6)
    assert not plans.check(file.read_bytes(), "plan.yml", sections()).errors
    assert "the seat Backend lead is vacant" in done.output
    assert f"callboard apply {file}" in done.output


def test_an_answer_that_is_not_understood_is_asked_again_with_the_reason(init):
    done, file = init(
        "Ship", "Europe/Berlni", "Europe/Berlin", "2026-12-04..2026-12-01", "2026-12-01",
        "Omega,,", "Omega", "a, b", "", "",
    )  # fmt: skip
    assert done.exit_code == 0
    assert "did you mean `Europe/Berlin`?" in done.output
    assert "ends before it begins" in done.output
    assert "A team has no name." in done.output
    assert "These are 2 people for 1 team. Name one for each." in done.output
    assert "Europe/Berlin" in file.read_text()


def test_a_file_that_exists_stays_as_it_is(init):
    _, file = init(*ANSWERS)
    before = file.read_bytes()
    done, _ = init(*[""] * 6)
    assert done.exit_code == 1
    assert f"{file} exists. Name another file" in done.output
    assert file.read_bytes() == before


@settings(max_examples=15)
@given(NAMES, st.lists(NAMES, min_size=1, max_size=3, unique_by=str.casefold), st.lists(NAMES, max_size=3), NAMES)
def test_whatever_names_are_typed_are_the_names_of_the_plan(name, teams, leads, coordinator):
    first, last = parse_date("2026-12-01"), parse_date("2026-12-04")
    text = written(Answers(name, "UTC", first, last, teams, leads[: len(teams)], coordinator))
    body = plans.check(text, "plan.yml", sections()).document.body
    assert body["name"] == name
    assert [team["name"] for team in body["teams"].values()] == teams
