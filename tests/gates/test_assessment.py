"""What holds for any gate: signatures are counted as trying every way would, and none survives a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from callboard.gates import assessment
from callboard.gates.criteria import Facts, readings, rule
from callboard.gates.models import Gate, Measurement, Tick
from callboard.gates.plan.measures import MeasurePart
from callboard.gates.plan.types import GatePart, PersonSignOff
from callboard.gates.quorum import Ask, met_together
from callboard.planfile.sections import Document
from callboard.tasks.models import Task

NOW = datetime(2026, 3, 26, 12, tzinfo=UTC)
PEOPLE, TEAMS = "abcde", "xyz"
SEVERITIES = ("low", "high", "critical")
ASKS = st.builds(
    Ask,
    count=st.integers(1, 2),
    people=st.dictionaries(
        st.sampled_from(PEOPLE), st.lists(st.sampled_from(TEAMS), max_size=2, unique=True), max_size=4
    ),
    by_team=st.booleans(),
)
GATE = GatePart.model_validate(
    {
        "name": "Tested", "needs": ["prepared", "ATOM-1"],
        "criteria": [
            "Preview seen", {"tasks": ["ATOM-1..ATOM-3"]}, {"tasks": ["ATOM-2"], "at_least": "50%"},
            {"blockers": "none", "severity": "high"}, {"measure": "tests", "at_least": 68},
            {"any": [{"measure": "errors", "at_most": "1%"}, {"tick": "Exception granted"}]}, {"gate": "prepared"},
        ],
    }
)  # fmt: skip
DOCUMENT = Document(
    "plan.yml", "",
    body={
        "tasks": {f"ATOM-{n}": {"title": "x", "team": "a"} for n in (1, 2, 3)}, "gates": {"tested": {"criteria": []}},
    },
    values={"measures": {"tests": MeasurePart(of=72), "errors": MeasurePart(unit="%")}},
)  # fmt: skip
FACTS = st.builds(
    Facts,
    tasks=st.fixed_dictionaries({
        f"ATOM-{n}": st.builds(
            Task, plan_id=st.just(1), key=st.just(f"ATOM-{n}"), title=st.just("x"),
            status=st.sampled_from(["not started", "in progress", "completed", "dropped"]),
            percent=st.sampled_from([0, 40, 60, 100]),
            completed_at=st.sampled_from([None, NOW, NOW + timedelta(hours=1)]),
        ) for n in (1, 2, 3)
    }),
    blockers=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(SEVERITIES)), max_size=3).map(tuple),
    severities=st.just(SEVERITIES),
    measures=st.fixed_dictionaries({}, optional={
        "tests": st.builds(
            Measurement, value=st.sampled_from([67, 68, 72]), link=st.sampled_from(["", "run/1"]), by=st.just("a")
        ),
        "errors": st.builds(Measurement, value=st.sampled_from([1, 2]), unit=st.just("%"), by=st.just("a")),
    }),
    ticks=st.fixed_dictionaries({}, optional={
        key: st.builds(Tick, by=st.sampled_from("ab"), at=st.just(NOW), evidence=st.sampled_from(["", "doc"]))
        for key in ("preview-seen", "exception-granted")
    }),
    gates=st.fixed_dictionaries({"prepared": st.builds(
        Gate, name=st.just("Prepared"), state=st.sampled_from(["pending", "passed", "waived"])
    )}),
    called=st.just(str),
    held_by=st.sampled_from([frozenset(), frozenset({"prepared"})]),
)  # fmt: skip


def ways(asks):
    """Every way to give each signer to at most one ask that they are asked by."""
    signers = sorted({person for ask in asks for person in ask.people})
    choices = [[None, *(number for number, ask in enumerate(asks) if person in ask.people)] for person in signers]
    for chosen in product(*choices):
        yield {
            number: [p for p, place in zip(signers, chosen, strict=True) if place == number]
            for number in range(len(asks))
        }


def enough(ask, people):
    """Whether these signatures will do for one ask, by trying every team that each can stand for."""
    if not ask.by_team:
        return len(people) >= ask.count
    options = [[None, *ask.people[person]] for person in people]
    return any(len({team for team in chosen if team}) >= ask.count for chosen in product(*options))


def all_met(asks):
    return any(all(enough(ask, way[number]) for number, ask in enumerate(asks)) for way in ways(asks))


@given(st.lists(ASKS, max_size=3))
def test_a_quorum_is_met_exactly_where_some_way_to_count_each_signature_once_meets_it(asks):
    assert (len(met_together(asks)) == len(asks)) == all_met(asks)


@given(st.lists(ASKS, max_size=3))
def test_what_counts_as_met_can_be_met_together(asks):
    assert all_met([asks[number] for number in met_together(asks)])


@given(FACTS, FACTS)
def test_a_signature_never_survives_a_change_of_what_it_signed(then, now):
    before, after = readings(DOCUMENT, GATE, then), readings(DOCUMENT, GATE, now)
    fell = assessment.changed(assessment.signed(before), after)
    consumed = {one.key: one.consumed for one in after}
    differs = [one for one in before if one.holds and consumed[one.key] != one.consumed]
    assert bool(fell) == bool(differs)
    if any(one.holds and not next(a for a in after if a.key == one.key).holds for one in before):
        assert fell


@given(FACTS)
def test_what_stays_as_it_is_voids_nothing(facts):
    found = readings(DOCUMENT, GATE, facts)
    assert assessment.changed(assessment.signed(found), readings(DOCUMENT, GATE, replace(facts))) == []


@given(FACTS, st.integers(5, 9))
def test_a_blocker_that_no_criterion_counts_voids_nothing(facts, number):
    found = readings(DOCUMENT, GATE, facts)
    other = replace(facts, blockers=(*facts.blockers, (number, "low")))
    assert assessment.changed(assessment.signed(found), readings(DOCUMENT, GATE, other)) == []


@given(FACTS, FACTS)
def test_what_a_confirmation_showed_is_told_from_anything_else(one, other):
    first, second = readings(DOCUMENT, GATE, one), readings(DOCUMENT, GATE, other)
    same = [(r.holds, r.consumed) for r in first] == [(r.holds, r.consumed) for r in second]
    assert (assessment.content("r", first) == assessment.content("r", second)) == same
    assert assessment.content("r", first) != assessment.content("s", first)


def test_a_rule_is_another_when_anything_that_is_asked_for_is():
    other = replace(DOCUMENT, body={**DOCUMENT.body, "gates": {"tested": {"criteria": ["Preview seen"]}}})
    assert rule(DOCUMENT, "tested") != rule(other, "tested")
    assert rule(DOCUMENT, "tested") == rule(replace(DOCUMENT), "tested")


def test_a_signature_grows_old_where_the_plan_says_how_fast():
    part = PersonSignOff(person="a", fresh=timedelta(hours=24))
    assert not part.stale(NOW, NOW + timedelta(hours=23, minutes=59))
    assert part.stale(NOW, NOW + timedelta(hours=24))
    assert not PersonSignOff(person="a").stale(NOW, NOW + timedelta(days=9))
