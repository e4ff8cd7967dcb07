"""Who-expressions: each place of a plan file that holds one takes who is on call, and refuses who is not there."""

from __future__ import annotations

from callboard.app import sections
from callboard.planfile.check import check_body
from callboard.planfile.expressions import expressions
from callboard.planfile.paths import put
from callboard.plans import service as plans
from tests.planfile.sample import EVERYTHING

KNOWN = sections()
BODY = plans.check(EVERYTHING.read_text(), "everything.yml", KNOWN).document


def _with(words):
    """The file with these words in every who-expression, and the path of each."""
    body, places = dict(BODY.body), [each.path for each in expressions(BODY) if each.path[0] != "runbooks"]
    for path in places:
        body = put(body, path, words)
    return check_body(body, "everything.yml", KNOWN), places


def test_expressions_of_every_kind_are_found_by_their_type():
    found = {(each.path[0], [step for step in each.path if isinstance(step, str)][-1]) for each in expressions(BODY)}
    assert found >= {
        ("escalation", "notify"), ("conflicts", "tell"), ("emergencies", "tell"), ("alerts", "page"), ("blockers", "of"),
        ("gates", "by"), ("gates", "tell"), ("gates", "to"), ("gates", "of"), ("standups", "who"), ("cadences", "who"),
        ("meetings", "who"), ("meetings", "lead"), ("checkpoints", "who"), ("reports", "to"), ("runbooks", "confirm"),
        ("runbooks", "to"), ("rollbacks", "order"), ("risks", "owner"), ("measures", "by"), ("triggers", "tell"),
    }  # fmt: skip


def test_expressions_take_who_is_on_call_everywhere():
    checked, places = _with([{"on_call": "quay"}])
    assert len(places) > 20
    wrong = [
        problem for problem in checked.errors if "on_call" in problem.sentence or "names nobody" in problem.sentence
    ]
    assert not wrong, wrong


def test_expressions_refuse_a_team_without_a_rotation_everywhere():
    checked, places = _with([{"on_call": "hull"}])
    refused = {problem.path[: len(path)] for problem in checked.errors for path in places
               if "nobody of `hull` takes turns: write its rotation" in problem.sentence}  # fmt: skip
    assert not [path for path in places if path not in refused]


def test_expressions_refuse_nobody_everywhere():
    checked, places = _with(["nobody-such"])
    refused = {
        problem.path[: len(path)] for problem in checked.errors for path in places if "nobody-such" in problem.sentence
    }
    assert not [path for path in places if path not in refused]
