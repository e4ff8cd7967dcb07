"""What a signature of a gate is bound to: it never survives a change of the criteria that it signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callboard.gates.criteria import content, readings, rule
from callboard.gates.criteria.facts import Facts
from callboard.gates.models import Gate, Measurement, Tick
from callboard.gates.plan.measures import MeasurePart
from callboard.gates.plan.types import GatePart
from callboard.gates.signatures import changed, signed
from callboard.planfile.sections import Document
from callboard.tasks.models import Task

NOW = datetime(2026, 3, 26, 12, tzinfo=UTC)
SEVERITIES = ("low", "high", "critical")
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


@given(FACTS, FACTS)
def test_signatures_of_a_gate_are_void_once_anything_differs_that_they_vouched_for(then, now):
    before, after = readings(DOCUMENT, GATE, then), readings(DOCUMENT, GATE, now)
    fell = changed(signed(before), after)
    consumed = {one.key: one.consumed for one in after}
    differs = [one for one in before if one.holds and consumed[one.key] != one.consumed]
    assert bool(fell) == bool(differs)
    if any(one.holds and not next(a for a in after if a.key == one.key).holds for one in before):
        assert fell


@given(FACTS)
def test_signatures_of_a_gate_stand_while_all_stays_as_it_was_signed(facts):
    found = readings(DOCUMENT, GATE, facts)
    assert changed(signed(found), readings(DOCUMENT, GATE, replace(facts))) == []


@given(FACTS, st.integers(5, 9))
def test_the_criteria_of_a_gate_do_not_look_at_a_blocker_that_none_of_them_counts(facts, number):
    found = readings(DOCUMENT, GATE, facts)
    other = replace(facts, blockers=(*facts.blockers, (number, "low")))
    assert changed(signed(found), readings(DOCUMENT, GATE, other)) == []


@given(FACTS, FACTS)
def test_the_content_hash_of_a_gates_criteria_differs_when_any_of_them_does(one, other):
    first, second = readings(DOCUMENT, GATE, one), readings(DOCUMENT, GATE, other)
    same = [(r.holds, r.consumed) for r in first] == [(r.holds, r.consumed) for r in second]
    assert (content("r", first) == content("r", second)) == same
    assert content("r", first) != content("s", first)


def test_the_rule_hash_of_a_gates_criteria_differs_when_the_plan_asks_for_others():
    other = replace(DOCUMENT, body={**DOCUMENT.body, "gates": {"tested": {"criteria": ["Preview seen"]}}})
    assert rule(DOCUMENT, "tested") != rule(other, "tested")
    assert rule(DOCUMENT, "tested") == rule(replace(DOCUMENT), "tested")
