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
PLACES = [each.path for each in expressions(BODY)]


def refused(words, sentence):
    """The places that an error with this sentence names, of all who-expressions of the file with these words."""
    body = dict(BODY.body)
    for path in PLACES:
        body = put(body, path, words)
    wrong = [each for each in check_body(body, "everything.yml", KNOWN).errors if sentence in each.sentence]
    return [path for path in PLACES if any(each.path[: len(path)] == path for each in wrong)]


def test_expressions_of_every_kind_are_found_by_their_type():
    found = {f"{path[0]} {[step for step in path if isinstance(step, str)][-1]}" for path in PLACES}
    known = (
        "escalation notify", "conflicts tell", "emergencies tell", "alerts page", "blockers of", "gates by",
        "gates tell", "gates to", "gates of", "standups who", "cadences who", "meetings who", "meetings lead",
        "checkpoints who", "reports to", "runbooks confirm", "rollbacks order", "risks owner", "measures by",
        "triggers tell",
    )  # fmt: skip
    assert not [each for each in known if each not in found]


def test_expressions_take_who_is_on_call_everywhere():
    assert len(PLACES) > 20
    assert not refused([{"on_call": "quay"}], "on_call") + refused([{"on_call": "quay"}], "names nobody")


def test_expressions_refuse_a_team_without_a_rotation_everywhere():
    assert refused([{"on_call": "hull"}], "nobody of `hull` takes turns: write its rotation") == PLACES


def test_expressions_refuse_nobody_everywhere():
    assert refused(["nobody-such"], "nobody-such") == PLACES
