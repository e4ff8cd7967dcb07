"""No gate passes with a criterion that a standing signature does not cover, whatever people do, in whatever order."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import select

from callboard.app import sections
from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.core.calendar import DateRange
from callboard.gates import outcome, quorum, store
from callboard.gates import service as gates
from callboard.gates.assessment import Look
from callboard.gates.models import YES, Gate, Mark, Signature, State
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.gates.company import PLAN_WITH_GATES, tested, validated
from tests.stateful import Machine, applied, copies

PLAN = PLAN_WITH_GATES
for old, new in (
    ("sign_off: [{count: 2, of: [all leads], not: [assignees]}]",
     "sign_off: [{count: 2, of: [all leads], not: [assignees], fresh: 5h}, {person: pb}]"),
    ("timezone: UTC", "timezone: UTC\ndates: {target: 2025-11-15 12:00}"),
    ("due: 2025-11-15 12:00\n", "due: target\n"),
    ("{again: 4h,", "{again: 4h, shift: [target],"),
    ("to: 2025-11-15 18:00", "to: 2025-12-24 18:00"),
):  # fmt: skip
    PLAN = PLAN.replace(old, new)
CHANGES = (
    ("tick: No credentials in git", "tick: No credentials anywhere"),
    ("tests_passed, at_least: 68", "tests_passed, at_least: 66"),
    ("sign_off: [{lead_of: omega}]", "sign_off: [{lead_of: omega}, {person: pb}]"),
    ("      - Performance baseline documented\n", ""),
    ("olga: {name: Omega lead, slack: UOLGA, deputies: [pa]}", "olga: {name: Omega lead, slack: UOLGA}"),
)
PEOPLE = st.sampled_from(["olga", "pa", "pb", "sara", "sc", "amp", "stan", "obi"])
SIGNERS = ("olga", "sara", "pb", "amp", "stan")
GATES = st.sampled_from(["validated", "tested", "go"])


def _before_signing(tx, key, other):
    """What is shown, whether a criterion is open, and who may sign for somebody."""
    look = Look(tx, gates.gate(tx, 1, key))
    deputies = look.deputies(look.directory.people[other]) if other else ()
    return look.content, bool(look.lacking), [person.key for person in deputies]


def _signers(tx, key):
    return [row.person for row in Look(tx, gates.gate(tx, 1, key)).standing]


class Company(Machine):
    """Three gates, everybody who may sign and some who may not, and all that can happen to what they sign."""

    capabilities = ("plans", "gates")

    def __init__(self):
        super().__init__()
        self.plan = PLAN
        self.passed: set[str] = set()
        self.shown: dict[str, str] = {}

    @rule()
    def prepares(self):
        """All that is ticked and done by hand, so that signatures are often possible."""
        for gate, by in (("validated", "pa"), ("tested", "sc"), ("go", "amp")):
            self.does(gates.tick, gate, "1", by=by)
        self.does(gates.report, "tests_passed", "70", by="sc")
        for task in ("O-1", "O-2"):
            self.does(tasks.complete, task, by="pb")
        for number in (1, 2, 3):
            self.does(blockers.resolve, number, by="sc")

    @rule(
        fact=st.sampled_from(["tick", "untick", "report", "complete", "reopen", "blocker", "resolve"]), gate=GATES,
        by=PEOPLE, amount=st.sampled_from(["66", "68", "71"]), task=st.sampled_from(["O-1", "O-2"]),
    )  # fmt: skip
    def changes_a_fact(self, fact, gate, by, amount, task):
        match fact:
            case "tick":
                self.does(gates.tick, gate, "1", by=by)
            case "untick":
                self.does(gates.untick, gate, "1", by=by)
            case "report":
                self.does(gates.report, "tests_passed", amount, by="sc")
            case "complete" | "reopen":
                self.does(getattr(tasks, fact), task, by="pb")
            case "blocker":
                self.does(blockers.raise_blocker, Raised(what="mongo refuses TLS", severity="critical"), by="sc")
            case "resolve":
                self.does(blockers.resolve, 1, by="sc")

    @rule(gate=GATES, by=PEOPLE, other=st.sampled_from(["", "", "olga", "sara", "amp"]), late=st.booleans())
    def signs(self, gate, by, other, late):
        """Somebody signs what they see, or with `late` what was shown the time before."""
        content, is_open, deputies = self.db.transact(_before_signing, gate, other)
        shown = self.shown.get(gate, content) if late else content
        self.shown[gate] = content
        signed = self.does(gates.sign, gate, shown, other, by=by)
        assert not (signed and is_open), "somebody signed a gate with an open criterion"
        assert not (signed and shown != content), "somebody signed what they did not see"
        assert not signed or other in ("", by) or by in deputies, "somebody signed for who is there"

    @rule(gate=GATES, absent=st.sampled_from(["", *SIGNERS]))
    def most_sign(self, gate, absent):
        """All sign but one, and her deputy tries to for Omega lead."""
        self.signs(gate, "pa", "olga", late=False)
        for by in SIGNERS:
            if by != absent:
                self.signs(gate, by, "", late=False)

    @rule(absent=st.sampled_from(SIGNERS))
    def all_is_prepared_and_most_sign(self, absent):
        self.prepares()
        for gate in ("validated", "tested", "go"):
            self.most_sign(gate, absent)

    @rule(verb=st.sampled_from([gates.withdraw, gates.ask, gates.reject]), gate=GATES, by=st.sampled_from(SIGNERS))
    def thinks_again(self, verb, gate, by):
        self.does(verb, gate, *(["it is not good"] if verb is gates.reject else []), by=by)

    @rule(verb=st.sampled_from(["away", "back", "hand", "hand back"]), gate=GATES)
    def leaves(self, verb, gate):
        """Omega lead goes away, or hands a sign-off to her deputy, or neither any more."""

        def run(tx, asker):
            today, deputy = tx.now.date(), asker.directory.people["pa"]
            match verb:
                case "away":
                    teams.away(tx, asker, asker.person, DateRange(today, today))
                case "back":
                    teams.back(tx, asker, asker.person)
                case _:
                    gates.hand(tx, asker, gate, deputy if verb == "hand" else None)

        self.does(run, by="olga")

    @rule(gate=st.sampled_from(["validated", "tested"]), hours=st.sampled_from([None, 1, 30]))
    def waives(self, gate, hours):
        until = self.clock.now() + timedelta(hours=hours) if hours else None
        self.does(gates.waive, gate, "why", risk_of_adding="a", risk_of_cutting="b", until=until, by="amp")

    @rule(change=st.sampled_from(CHANGES))
    def changes_the_plan(self, change):
        """The plan asks for something else, or again for what it asked for."""
        old, new = change if change[0] in self.plan else change[::-1]
        text = self.plan.replace(old, new) if old else self.plan
        checked = plans.check(text, "plan.yml", sections())
        if not checked.errors and self.does(plans.apply, checked, author="test"):
            self.plan = text

    @rule(verb=st.sampled_from(["shift", "lift", "hold"]))
    def changes_the_course(self, verb):
        """The plan is shifted, somebody lifts what holds the second gate, or it is on hold again."""
        match verb:
            case "shift":
                self.does(plans.shift, 1, timedelta(days=1), self.clock.now(), author="amp")
            case "lift":
                self.does(holds.overrule, 1, "tested", "amp", "because")
            case "hold":
                self.does(self.holds_again)

    @staticmethod
    def holds_again(tx):
        """As at the end of a waiver: whoever places a hold looks at the gate."""
        holds.place(tx, 1, "gate", "tested", "validated")
        outcome.reconsider(tx, 1, lambda gate: gate.key == "tested")

    @rule(hours=st.sampled_from([1, 6, 30]))
    def waits(self, hours):
        self.clock.advance(timedelta(hours=hours))

    @invariant()
    def is_as_signed(self):
        """What comes due is done; then what was signed is what there is, and what passed was covered."""
        self.db.transact(self.comes_due)
        self.db.transact(self.checks)

    def checks(self, tx):
        for gate in store.gates(tx, 1):
            look = Look(tx, gate)
            standing = [row for row in look.standing if row.verdict == YES]
            people = [row.person for row in look.standing]
            assert len(set(people)) == len(people), "somebody counts twice"
            assert len({row.seat for row in look.standing}) == len(people), "a seat counts twice"
            fresh = gate.state == State.PASSED and gate.key not in self.passed
            if fresh or not gate.settled:
                self.covered(look, standing)
            if fresh:
                self.complete(look)
            (self.passed.add if gate.state == State.PASSED else self.passed.discard)(gate.key)

    @staticmethod
    def covered(look, standing):
        """Each standing signature covers each criterion as it is."""
        now = {reading.key: reading.digest for reading in look.readings if reading.holds}
        for row in standing:
            assert {key: one["digest"] for key, one in row.signed["held"].items()} == now, look.gate.key
            assert not look.lacking, look.gate.key

    @staticmethod
    def complete(look):
        """Everything holds, nothing holds the gate, nobody says no, and people can be given to all sign-offs once."""
        assert not look.lacking
        assert not look.rejections
        held = {hold.by for hold in holds.standing(look.tx, 1, look.gate.key)}
        assert all(other.settled for other in store.gates(look.tx, 1) if other.key in held)
        asks = [quorum.ask(look.directory, part, look.work) for part in look.part.sign_off]
        given = [row for row in store.signatures(look.tx, look.gate.number) if row.state == Mark.STANDING]
        named = [([row.person for row in given if row.seat in asked.people], asked.count) for _, asked in asks]
        ways = [set(combinations(people, count)) for people, count in named]
        chosen = (list(itertools.chain(*way)) for way in itertools.product(*ways))
        assert any(len(set(way)) == len(way) for way in chosen), "the gate passed without its signatures"


def begins(url):
    """Every company begins on its first morning, with all prepared that is ticked and done by hand."""
    Company.begun = copies(applied(url, PLAN))
    first = Company()
    first.prepares()
    first.teardown()
    Company.begun = copies(str(first.db.url))
    return Company


@pytest.fixture
def prepared(sqlite_template, tmp_path):
    begins(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}")


def test_signatures_of_a_gate_cover_every_criterion_of_it_whenever_it_passes(prepared):
    run_state_machine_as_test(Company, settings=settings(max_examples=12, stateful_step_count=25))


def _forgets_a_criterion(row):
    row.signed = {**row.signed, "held": dict([*row.signed["held"].items()][1:])}


def _is_of_one_person(row):
    row.person = "pa"


def _passes_all(gate):
    gate.state = State.PASSED


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Signature, _forgets_a_criterion),
        (Signature, _is_of_one_person),
        (Gate, _passes_all),
    ],
)
def test_signatures_of_a_gate_that_a_fault_spoils_are_found_out(prepared, kind, fault):
    """As after a fault in the program: after each step, what is stored is not what it should be."""

    class Spoilt(Company):
        @initialize(absent=st.sampled_from(SIGNERS))
        def most_have_signed(self, absent):
            self.all_is_prepared_and_most_sign(absent)

        @classmethod
        def comes_due(cls, tx):
            super().comes_due(tx)
            for row in tx.session.exec(select(kind)).all():
                fault(row)
            tx.flush()

    found = settings(max_examples=100, stateful_step_count=25, phases=[Phase.generate], derandomize=True)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Spoilt, settings=found)


def test_signatures_of_a_gate_do_not_stand_once_it_is_on_hold_again(prepared):
    company = Company()
    for course, signed in (("lift", ["sara"]), ("hold", [])):
        company.changes_the_course(course)
        company.signs("tested", "sara", "", late=False)
        company.is_as_signed()
        assert company.db.transact(_signers, "tested") == signed
    company.teardown()


def test_signatures_of_a_gate_are_one_for_a_seat_whoever_speaks_for_it(prepared):
    company = Company()
    company.changes_the_plan(CHANGES[2])  # somebody else signs, too

    def standing():
        company.is_as_signed()
        return company.db.transact(lambda tx: _signers(tx, "validated"))

    company.thinks_again(gates.reject, "validated", "olga")
    company.leaves("hand", "validated")
    company.signs("validated", "pa", "olga", late=False)
    assert not company.does(gates.reject, "validated", "so", "olga", by="pa")
    assert standing() == ["olga"]
    company.thinks_again(gates.withdraw, "validated", "olga")
    company.signs("validated", "pa", "olga", late=False)
    assert standing() == ["pa"]
    company.thinks_again(gates.reject, "validated", "olga")
    assert standing() == ["olga"]
    company.teardown()


async def test_signatures_of_a_gate_given_from_several_devices_at_once_are_one(world):
    await validated(world)
    await tested(world)

    def sign(tx):
        directory = teams.directory(tx, 1)
        shown = Look(tx, gates.gate(tx, 1, "tested")).content
        gates.sign(tx, Asker(directory, directory.people["sara"]), "tested", shown, "")

    outcomes = await asyncio.gather(*(world.app.db.write(sign) for _ in range(4)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", *["Refused"] * 3]
    assert [entry.actor for entry in world.entries("gate", "signed", "tested")] == ["sara"]
    assert world.row("gate", "tested").state == "ready"
