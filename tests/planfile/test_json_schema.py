"""The JSON Schema of plan files: editors accept what `check` accepts, and mark the plain faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from callboard.app import sections
from callboard.planfile import json_schema as formats
from callboard.zones.sections import from_yaml
from tests.planfile.sample import EVERYTHING, GOOD, check
from tests.planfile.test_checks import PLAN

EXAMPLES = sorted((Path(__file__).parents[2] / "src" / "callboard" / "examples").glob("*.yml"))


@pytest.fixture(scope="module")
def schema():
    return formats.schema(sections())


def faults(schema, text):
    """Where an editor would mark something, and what it would say."""
    plain = json.loads(json.dumps(from_yaml(text)))
    return [(list(error.absolute_path), error.message) for error in Draft7Validator(schema).iter_errors(plain)]


def test_the_json_schema_of_plan_files_is_a_schema(schema):
    Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("text", [GOOD, PLAN])
def test_the_json_schema_of_plan_files_accepts_good_plans(schema, text):
    assert faults(schema, text) == []


@pytest.mark.parametrize("file", [EVERYTHING, *EXAMPLES], ids=lambda file: file.name)
def test_the_json_schema_of_plan_files_accepts_the_sample_and_the_example_plans(schema, file):
    assert faults(schema, file.read_text()) == []


def test_the_sample_plan_file_of_the_tests_has_every_section(schema):
    assert set(from_yaml(EVERYTHING.read_text())) == set(schema["properties"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("roles: {keeper: Gate keeper}", "roles: {keeper: {name: Gate keeper, brief: [Look twice]}}"),
        ("roles: [executive]", "roles: executive"),
        ("name: Harbor 2.0", "name: 2.0"),
        ("holidays: [2026-04-03]", "holidays: [2026-04-03, 2026-12-24..26]\nx-seat: {anything: [1, null]}"),
        ("days: mon-fri,", "days: [mon, thu],"),
        ("  boss: {name", "  boss: {x-note: Ask first, name"),
    ],
)
def test_the_json_schema_of_plan_files_accepts_short_forms_and_the_authors_own_keys(schema, old, new):
    assert check(GOOD.replace(old, new)).report() == []
    assert faults(schema, GOOD.replace(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("teams:\n", "teems: {}\nteams:\n", []),
        ("slack: U0BE1", "slak: U0BE1", ["people", "one"]),
        ("name: Executive, ", "", ["people", "boss"]),
        ("timezone: Europe/Berlin\n", "", []),
        ("slack: U0EXEC", "slack: boss", ["people", "boss", "slack"]),
        ("slack: U0EXEC", "slack: null", ["people", "boss", "slack"]),
        ("respond_within: 15m", "respond_within: [15m]", ["escalation", "default", "steps", 0, "respond_within"]),
    ],
)
def test_the_json_schema_of_plan_files_marks_plain_faults_where_they_are(schema, old, new, path):
    assert [where for where, _ in faults(schema, GOOD.replace(old, new))] == [path]


def test_the_json_schema_of_plan_files_marks_an_entry_of_a_group_but_not_what_it_shares(schema):
    assert [where for where, _ in faults(schema, PLAN.replace("A-1: {title: Schema", "A-1: {titel: Schema"))]
    assert faults(schema, PLAN.replace("{title: Load, due", "{due").replace("for: {team", "for: {title: All, team"))
    assert faults(schema, PLAN.replace("A-1: {title: Schema, due: 2026-03-26 12:00}", "A-1: Schema")) == []


def test_the_json_schema_of_plan_files_tells_editors_what_things_are(schema):
    assert schema["properties"]["people"]["description"] == "A person, or a seat that somebody will fill."
    assert schema["properties"]["phases"]["description"].startswith("A phase: when it is")
    assert schema["properties"]["tasks"]["description"].startswith("A task: what is to be done")
