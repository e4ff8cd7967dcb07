"""Which gate waits for which: nothing waits for itself, whatever is due when and however often a decision is NO-GO."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.core.errors import Refused
from callboard.gates import service, store
from callboard.gates.assessment import Look
from callboard.gates.criteria import key_of
from callboard.gates.plan.order import Order, next_attempt, order_of
from callboard.gates.plan.types import MeasuredPart, PreflightPart, TickPart, of_kind
from callboard.planfile.sections import Degree
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.gates.test_seeds import example, works, world_of
from tests.planfile.sample import GOOD, check
from tests.preflight.answers import reached
from tests.world import at

DATABASES = ("sqlite",)  # what waits for what is found without the database; lives of gates run on both

DAYS = [f"2026-03-{day} 12:00" for day in range(25, 31)]
FIXED = (("due: target + 6h ", "due: 2025-06-05 18:00 "), ("due: target + 1d 18:00", "due: 2025-06-06 18:00"))


def circle(order: Order) -> list[str]:
    """The gates that wait for themselves."""
    return [key for key in order.gates if key in order.awaited(key)]


@st.composite
def plan_files(draw):
    """A plan with gates, decisions, tasks, phases and what they need of each other."""
    keys = [f"g{number}" for number in range(draw(st.integers(2, 6)))]
    lines = ["dates: {target: 2026-03-27 12:00}", "phases:"]
    for number in range(2):
        needs = draw(st.lists(st.sampled_from(keys), max_size=1))
        lines.append(f"  p{number}: {{name: P{number}, from: {DAYS[number]}, needs: {needs}}}")
    lines += ["tasks:", "  - for: {team: backend}"]
    for number in range(3):
        needs = draw(st.lists(st.sampled_from([*keys, "p0", "p1"]), max_size=1))
        lines.append(f"    T-{number}: {{title: T{number}, phase: p{number % 2}, needs: {needs}}}")
    lines.append("gates:")
    for key in keys:
        due = draw(st.sampled_from([*DAYS, "target", "target - 4h", "target + 6h"]))
        decision = draw(st.booleans())
        again = (
            f", if_no_go: {{again: {draw(st.sampled_from(['4h', '1d', '3d']))}, shift: [target]}}" if decision else ""
        )
        needs = draw(st.lists(st.sampled_from([*(other for other in keys if other != key), "p0", "T-1"]), max_size=2))
        lines.append(
            f"  {key}: {{name: {key}, due: {due}, decision: {str(decision).lower()}, needs: {sorted(set(needs))}, "
            f"criteria: [Seen, {{tasks: [T-{draw(st.integers(0, 2))}]}}], sign_off: [{{role: coordinator}}]{again}}}"
        )
    return GOOD + "\n".join(lines) + "\n"


@settings(max_examples=60, deadline=None)
@given(plan_files(), st.integers(1, 4))
def test_the_order_of_a_valid_plan_has_no_circle_after_any_number_of_no_gos(text, attempts):
    document = check(text).document
    explicit = {problem.sentence for problem in check(text).problems if "waits for itself" in problem.sentence}
    if explicit:
        return
    assert circle(order_of(document)) == []
    for key, part in document.values["gates"].items():
        attempt = next_attempt(document, key, part.if_no_go.again * attempts) if part.if_no_go else None
        if attempt:
            order, later = order_of(document), part.if_no_go.again * attempts
            written = document.body["gates"]
            follows = {
                other: at + later for other, at in order.due.items() if written[other]["due"].startswith("target")
            }
            shifted = follows if "target" in attempt.dates else {}
            moved = {**order.due, **shifted, **attempt.overtaken, key: attempt.due}
            after = Order(order.graph, moved, order.decisions, order.gates)
            assert circle(after) == []
            waiting = [other for other in after.waiting(key) if other in moved and order.due[other] > order.due[key]]
            assert all(moved[other] > attempt.due for other in waiting)


def test_the_order_asks_a_decision_for_no_gate_that_waits_for_it_through_another_decision():
    order = Order(
        {"g1": ["d2"], "g2": ["d1"]},
        {"d1": at("2026-03-27 12:00"), "d2": at("2026-03-27 12:00"), "g1": at("2026-03-26"), "g2": at("2026-03-26")},
        frozenset({"d1", "d2"}), ("g1", "g2", "d1", "d2"),
    )  # fmt: skip
    assert circle(order) == []
    assert order.before == {"d1": ("g1",), "d2": ()}


def test_the_order_warns_of_gates_that_a_no_go_would_be_decided_after(plain_meschain):
    found = [problem for problem in check(plain_meschain).problems if "after" in problem.sentence]
    first = (
        "gates.live.if_no_go: after a NO-GO this is decided later than `delivered` is due, and `delivered` waits for it"
    )
    assert any(problem.sentence.startswith(first) for problem in found)
    assert any("after 2 NO-GOs" in problem.sentence and "`confirmed`" in problem.sentence for problem in found)
    assert all(problem.degree is Degree.WARNING for problem in found)
    assert not [problem for problem in check(example("meschain")).problems if "NO-GO" in problem.sentence]


@pytest.fixture
def plain_meschain():
    """The plan whose later gates do not follow the date that a NO-GO shifts."""
    text = example("meschain")
    for written, fixed in FIXED:
        text = text.replace(written, fixed)
    return text


def whoever_may(tx, do) -> None:
    """Somebody of the plan does it, the first who may."""
    directory = teams.directory(tx, 1)
    for person in directory.people.values():
        with suppress(Refused):
            do(Asker(directory, person))
            return
    raise AssertionError(do)


def meet(tx, key: str) -> None:
    """Tick, report and waive all that a gate asks for."""
    look = Look(tx, service.gate(tx, 1, key))
    for part in of_kind(TickPart, look.part.criteria):
        if key_of(part) not in look.facts.ticks:
            evidence = " ".join(part.evidence)
            whoever_may(tx, lambda who, part=part, seen=evidence: service.tick(tx, who, key, key_of(part), seen))
    for measured in of_kind(MeasuredPart, look.part.criteria):
        name, measure = measured.measure, service.measures_in(tx, 1)[measured.measure]
        bound = str(measured.at_least or measured.at_most or measure.at_least or measure.at_most)
        whoever_may(tx, lambda who, name=name, bound=bound: service.report(tx, who, name, bound, by_api=True))
    if any(of_kind(PreflightPart, look.part.criteria)):
        reached(tx)
    lacking = {each.key.partition("-")[2] for each in Look(tx, service.gate(tx, 1, key)).lacking}
    for other in store.listed(tx, 1):
        if other.key in lacking:
            whoever_may(
                tx,
                lambda who, other=other: service.waive(
                    tx, who, other.key, "late", risk_of_adding="some", risk_of_cutting="some"
                ),
            )


def sign(tx, key: str) -> None:
    """Everybody who must says GO."""
    directory = teams.directory(tx, 1)
    for slot in Look(tx, service.gate(tx, 1, key)).tally.slots:
        for person in slot.people[: slot.count]:
            look = Look(tx, service.gate(tx, 1, key))
            if not look.gate.settled:
                service.sign(tx, Asker(directory, person), key, look.content)


@pytest.mark.parametrize(
    ("name", "key", "tasks"),
    [
        ("deployment", "go", ()),
        ("meschain", "live", ()),
        ("plain meschain", "live", ()),
        ("prismq", "production", ("OPS-003", "OPS-004")),
    ],
)
async def test_the_order_lets_everybody_say_go_after_a_no_go(database_url, plain_meschain, name, key, tasks):
    text = plain_meschain if name == "plain meschain" else example(name)
    text = text.replace("{name: Stakeholders, vacant: true,", "{name: Stakeholders, slack: USTAKEHOLDERS,")
    due = order_of(check(text).document).due[key]
    async with world_of(database_url, text, due - timedelta(hours=2)) as world:
        await world.jump(hours=2, minutes=1)
        assert world.entries("gate", "no-go", key)[0].facts["attempt"] == 1
        row = world.row("gate", key)
        assert (row.attempt, row.due_at > due) == (2, True)
        document = world.app.db.transact(plans.live, 1)
        assert circle(order_of(document)) == []
        after = order_of(document)
        assert all(after.due[other] > row.due_at for other in after.waiting(key))
        world.app.db.transact(meet, key)
        await works(world, *tasks)
        world.app.db.transact(sign, key)
        assert world.row("gate", key).state == "passed"
