"""What is stored of a person: written out, or erased while the record stays proof.

Their handle in a plan stays, for what was done is sealed with it. Who that was, and what they typed, goes.

person: who somebody was in the plans, and what says so
words: where each table keeps what people typed
disguise: what is put in the place of both
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, update
from sqlmodel import SQLModel

from callboard.app.erasure.disguise import LONG, Disguise, blank, pattern
from callboard.app.erasure.person import Person, find, refuse_present, texts
from callboard.app.erasure.words import PLAN, TIMES, WORDS
from callboard.core import seal, timeline
from callboard.core.db import Tx
from callboard.core.timeline import ERASED, Entry, Subject
from callboard.plans import evidence, live_plan
from callboard.plans import service as plans
from callboard.web import tokens

__all__ = ["Person", "erase", "export", "find"]

BATCH = 500
TABLES: Mapping[str, Table] = SQLModel.metadata.tables
ENTRIES, PICTURES, KEYS = "timeline", "pictures", "signing_keys"
OF_THE_PLAN = ("plan", "risk", "task")
"""The subjects of which facts say what became part of the plan."""


def erase(tx: Tx, person: Person, *, actor: str, reason: str) -> Counter[str]:
    """Erase who somebody was and what they typed; how often, by table and column. Raises Refused while they are here.

    What was drawn of their plans goes too, and is drawn anew.
    """
    refuse_present(tx, person)
    while waiting := seal.unsealed(tx, BATCH):
        seal.seal(tx, waiting)
        tx.flush()
    for token in tokens.listed(tx):
        if (token.plan_id, token.person) in person.seats and not token.revoked_at:
            tokens.end(tx, token, actor)
    tx.flush()
    done = Counter(_own_words(tx, person))
    disguise = Disguise.of(person)
    done.update(_entries(tx, person, disguise, actor, reason))
    tx.flush()
    for name in TABLES.keys() - {ENTRIES, PICTURES, KEYS}:
        done.update(_rows(tx, TABLES[name], disguise))
    tx.session.expire_all()
    for plan_id in sorted({plan_id for plan_id, _ in person.seats}):
        tx.connection.execute(delete(TABLES[PICTURES]).where(TABLES[PICTURES].c.plan_id == plan_id))
        live_plan.changed(tx, plan_id)
        people = sorted(handle for of_plan, handle in person.seats if of_plan == plan_id)
        now = evidence.digest(tx, plans.plan(tx, plan_id))
        facts: dict[str, Any] = {"people": people, "reason": reason, evidence.FACT: now}
        timeline.record(tx, plan_id, Subject("plan", plan_id), ERASED, actor=actor, **facts)
    return done


def export(tx: Tx, person: Person) -> dict[str, Any]:
    """Every row that is theirs or names them, by table."""
    named, found = pattern(person), dict[str, Any]()
    for name in sorted(TABLES.keys() - {PICTURES, KEYS}):
        for row in tx.connection.execute(select(TABLES[name])).mappings():
            words = [*texts(dict(row))]
            if any((row.get("plan_id"), word) in person.seats or named.search(word) for word in words):
                found.setdefault(name, []).append(dict(row))
    return found


def _own_words(tx: Tx, person: Person) -> Iterator[str]:
    """Erase what they typed where it stands in a column of its own; the columns."""
    for name, kinds in WORDS.items():
        table = TABLES[name]
        for words in kinds:
            for row in tx.connection.execute(select(table).where(_theirs(table, person, words.by))).mappings().all():
                changed = {each: made for each in words.columns if (made := blank(row[each])) != row[each]}
                person.typed |= {text for each in changed for text in texts(row[each]) if len(text) >= LONG}
                yield from _changed(tx, table, row, changed)


def _theirs(table: Table, person: Person, by: str) -> ColumnElement[bool]:
    when = next((table.c[name] for name in TIMES if name in table.c), None)
    gates, some = TABLES["gates"], []
    for (plan_id, handle), until in person.seats.items():
        here = select(gates.c.id).where(gates.c.plan_id == plan_id)
        of_plan = table.c.plan_id == plan_id if "plan_id" in table.c else table.c.gate_id.in_(here)
        some.append(and_(of_plan, table.c[by] == handle, *([when < until] if until and when is not None else [])))
    return or_(*some)


def _entries(tx: Tx, person: Person, disguise: Disguise, actor: str, reason: str) -> Iterator[str]:
    """Erase their words, those of others that name them, and what facts say of who they were."""
    table, changed = TABLES[ENTRIES], dict[int, tuple[bool, Any]]()
    wanted = select(*(table.c[name] for name in ("id", "plan_id", "at", "actor", "subject_kind", "said", "facts")))
    for row in tx.connection.execute(wanted.order_by(table.c.id).execution_options(yield_per=BATCH)):
        goes = row.said is not None and (
            person.was(row.plan_id, row.actor, row.at) or disguise.text(row.said) != row.said
        )
        facts = disguise.value(row.facts, typed=row.subject_kind not in OF_THE_PLAN)
        if goes or facts != row.facts:
            changed[row.id] = goes, facts
    for number, (goes, facts) in changed.items():
        entry = tx.get_one(Entry, number)
        yield from [*(["timeline.said"] if goes else []), *(["timeline.facts"] if facts != entry.facts else [])]
        seal.redact(tx, entry, facts, text=goes, actor=actor, reason=reason)


def _rows(tx: Tx, table: Table, disguise: Disguise) -> Iterator[str]:
    typed, found = table.name not in PLAN, []
    for row in tx.connection.execute(select(table).execution_options(yield_per=BATCH)).mappings():
        new = {name: disguise.value(value, typed=typed) for name, value in row.items()}
        if changed := {name: value for name, value in new.items() if value != row[name]}:
            found.append((row, changed))
    for row, changed in found:
        yield from _changed(tx, table, row, changed)


def _changed(tx: Tx, table: Table, row: Mapping[Any, Any], values: dict[str, Any]) -> Iterator[str]:
    if values:
        this = [column == row[column.name] for column in table.primary_key]
        tx.connection.execute(update(table).where(*this).values(values))
    yield from (f"{table.name}.{name}" for name in values)
