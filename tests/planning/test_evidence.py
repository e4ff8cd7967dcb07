"""What somebody does behind Callboard's back to rows that the timeline vouches for is found, and said in words."""

from __future__ import annotations

from itertools import islice

import pytest
from sqlalchemy import BigInteger, Integer, delete, insert, select, update
from sqlmodel import SQLModel

from callboard.alerts import service as alerts
from callboard.alerts.models import Incoming, Source
from callboard.core.db import Instant
from callboard.gates import service as gates
from callboard.plans.evidence import EVIDENCE
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.web import tokens
from tests.gates.company import PEOPLE, tested, validated
from tests.growth.company import plan
from tests.planning.test_audit import UndoneError, forged, found
from tests.world import MORNING, World

VOUCHED = {
    "blockers": "plan_id team reporter what severity state owner owner_at opened_at closed_at closed_by outcome "
                "changes class_name class_state class_by class_change votes handed_to",
    "gates": "plan_id state settled_at settled_by owner",
    "gate_signatures": "gate_id person seat verdict digest at state ended_at",
    "gate_ticks": "gate_id criterion by at evidence",
    "gate_waivers": "gate_id by at why ended_at",
    "measurements": "plan_id value unit by at",
    "locks": "plan_id state holder targets expires_at ended_at ended_by ended_how ended_why changes",
    "lock_targets": "lock_id plan_id live repository text section stem",
    "lock_allowances": "plan_id person by reason targets until",
    "holds": "plan_id target by reason placed_at lifted_at lifted_by",
    "emergencies": "plan_id level what cause by roles state declared_at updated_at last_update ended_at ended_by "
                   "summary changes",
    "tasks": "status changes",
    "freeze_exceptions": "plan_id item by at answers state votes settled_at changes",
    "people": "plan_id key written gone slack_id",
    "teams": "plan_id key written gone",
    "runs": "plan_id key kind drill state begun_at ended_at called_by agreed reason plan",
    "run_steps": "plan_id state started_at ended_at ended_by ticks reason",
    "alert_groups": "plan_id rule title source times opened_at blocker paged_at closed_at closed_by",
    "heartbeats": "missing_at",
    "firings": "plan_id trigger event cause at blocker over_at quiet",
    "preflights": "plan_id by begun_at reminded_at ended_at reached_at missing",
    "preflight_pages": "plan_id preflight_id person answered_at by",
    "api_tokens": "plan_id person scopes made_by made_at expires_at revoked_at revoked_by",
}  # fmt: skip
"""The columns of which the timeline, or the plan that is sealed there, says what they are."""

MADE_UP = {Instant: MORNING, Integer: 7, BigInteger: 7}


@pytest.fixture
async def world(database_url):
    """A day of everything: taken and solved, signed and void, locked and broken, waived, let through, revoked."""
    twice = plan().replace("atomic: {within: 5m}", "atomic: {within: 5m, confirm: 2}")
    async with World(database_url, twice, people=PEOPLE) as world:
        await world.says("pa", "/blocker mongo is down again")
        await world.says("olga", "/blocker ack 1")
        await world.says("pa", "/blocker propose 1 as leak because it leaks")
        await world.says("amp", "/blocker accept 1")
        await world.says("sc", "/blocker sigma cannot sign in at all")
        await world.says("sara", "/blocker reassign 2 @amp")
        await world.says("olga", "/blocker resolve 1 restarted it")
        await world.says("sc", "/emergency 1 the database is gone")
        await world.says("sara", "/emergency take")
        await world.says("sara", "/emergency update the replica takes over")
        await world.says("sara", "/emergency end the replica took over")
        await world.says("pa", "/lock src/a.py for refactoring")
        await world.says("pb", "/lock wait src/a.py for tests")
        await world.says("olga", "/lock break 1 because it is urgent")
        await world.says("olga", "/lock allow @sc src/b.py for the fix until 17:00")
        await validated(world)
        await tested(world)
        await world.signs("olga", "tested")
        await world.says("sc", "/gate report tested tests_passed 60")
        await world.says("amp", "/plan set omega about Sign-in because people asked")
        await world.opens("pa", "/gate exception code the sign-in fix", "release")
        await world.submits("pa", dict.fromkeys(("Time needed", "Risk of adding", "Risk of cutting"), "little"))
        await world.says("amp", "/gate grant 1")
        for deed in DEEDS.splitlines():
            who, _, text = deed.partition(" ")
            said = (await world.says(who, text)).text
            assert "Only" not in said, (deed, said)
        for state in ("firing", "resolved"):
            world.app.db.transact(_alerted, state)
        world.token("amp")
        world.app.db.transact(_waived_and_revoked)
        await world.advance(minutes=2)
        yield world


DEEDS = """\
amp /run start day
olga /run items copy all
olga /run confirm copy
amp /run rollback atomic because it is broken
olga /run confirm atomic
sc /task start H-1
sc /task block H-1 the schema is locked
amp /plan preflight start
amp /plan preflight reached @pa
"""
"""The day itself: a way back that two agreed to, steps, a trigger that fires, and who was reached."""


def _alerted(tx, state):
    labels = {"alertname": "HighErrorRate"}
    alert = Incoming(fingerprint="db-1", title="HighErrorRate", labels=labels, firing=state == "firing")
    alerts.receive(tx, 1, Source.WEBHOOK, [alert])


def _waived_and_revoked(tx):
    amp = Asker(teams.directory(tx, 1), teams.directory(tx, 1).people["amp"])
    gates.waive(tx, amp, "tested", "we must go on", risk_of_adding="some", risk_of_cutting="some")
    tokens.revoke(tx, 1, "test")


def accused(world, statement, most=None):
    """What the evidence says after a statement; then it is undone."""

    def attack(tx):
        tx.connection.execute(statement)
        raise UndoneError(list(islice((sentence for each in tx.of(EVIDENCE) for sentence in each(tx, 1)), most)))

    with pytest.raises(UndoneError) as undone:
        world.app.db.transact(attack)
    return undone.value.args[0]


def attacks(world):
    """Every column that is vouched for in one row, every row that is deleted, and one that is made up."""
    for name, columns in VOUCHED.items():
        table = SQLModel.metadata.tables[name]
        wanted = select(table).limit(1)
        if name == "run_steps":  # one that is done: of those that wait, the plan may make others
            wanted = wanted.where(table.c.ended_at.is_not(None))
        if name == "runs":
            wanted = wanted.where(table.c.kind == "rollback")
        row = world.app.db.transact(lambda tx, wanted=wanted: tx.connection.execute(wanted).first())
        assert row, f"the story leaves no row in {name}"
        here = table.c.id == row.id
        for column in (table.c[each] for each in columns.split()):
            old = getattr(row, column.name)
            value = MADE_UP.get(type(column.type), "forged") if old is None else next(forged(column, old))
            yield f"{name}.{column.name} = {value!r}", update(table).where(here).values({column.name: value})
        if name != "heartbeats":  # the plan makes it anew
            yield f"{name}: one is gone", delete(table).where(here)


async def test_the_evidence_finds_every_edit_of_what_the_timeline_vouches_for_and_accuses_nobody_else(
    world,
):
    assert found(world, key="") == []
    missed = [what for what, statement in attacks(world) if not accused(world, statement, 1)]
    assert missed == []

    def made(name, **values):
        table = SQLModel.metadata.tables[name]
        row = world.app.db.transact(lambda tx: tx.connection.execute(select(table).limit(1)).mappings().one())
        return str(accused(world, insert(table).values({**row, "id": 900, **values})))

    assert "no entry says where it comes from" in made("blockers")
    assert "no entry says where it comes from" in made("holds", target="S-9")
    assert "no entry says where it comes from" in made("locks")
    assert "signatures: 2 are here, and the timeline has 1" in made("gate_signatures", person="sc", seat="sc")
    assert "did not tick" in made("gate_ticks", criterion="seen", by="stan")
    assert "the report of `tests_passed` by stan" in made("measurements", by="stan", value=72.0)
    assert "people: `eve` is here" in made("people", key="eve", slack_id="UEVE")
