"""What the timeline vouches for, so that a change of other tables behind Callboard's back is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlmodel import SQLModel, select

from callboard.core.db import Tx
from callboard.core.registry import Key
from callboard.core.timeline import ENTRIES, STANDS, Entry, Subject, history, walked
from callboard.planfile import diff
from callboard.planfile.diff import Change
from callboard.planfile.paths import ABSENT
from callboard.plans import store
from callboard.plans.models import Plan

T = TypeVar("T", bound=SQLModel)
Columns = dict[str, Any]
"""What columns of a row must be; a set holds all that a column may be."""
Differences = Callable[[Tx, int], Iterable[str]]
EVIDENCE: Key[tuple[Differences, ...]] = Key("what is not as the timeline has it", ())
FACT = "row"
"""The fact of an entry that says what the plan was when it was made."""
LONGEST = 60
COLUMNS = ("workspace", "key", "name", "timezone", "from_at", "to_at", "header", "version", "state")


def digest(tx: Tx, plan: Plan) -> dict[str, str]:
    """What a plan is now: a digest of each column of its row, of its version and of what people changed since."""
    tx.session.flush()
    columns = {name: _digest(getattr(plan, name)) for name in COLUMNS}
    version = store.version(tx, plan.id or 0, plan.version)
    file = (
        [version.number, version.file, version.source, version.body, version.author, version.changes] if version else []
    )
    edits = [[e.path, e.added, e.removed, e.base, e.value, e.author] for e in store.edits(tx, plan.id or 0)]
    return {**columns, "file": _digest(file), "edits": _digest(edits)}


def changed(tx: Tx, plan: Plan) -> Iterator[str]:
    """What of a plan is not as the timeline last said, in sentences. One that ran before this was kept says nothing."""
    entries: list[Entry] = [each for each in history(tx, Subject("plan", plan.id or 0)) if FACT in each.facts]
    if not entries:
        return
    last = entries[-1]
    for name, mark in digest(tx, plan).items():
        if mark != last.facts[FACT].get(name, mark):
            what = {"file": f"the file of version {plan.version}", "edits": "a live change"}.get(name, f"its {name}")
            place = f"entry {last.seq}" if last.seq else "its last entry"
            yield f"plan `{plan.key}`: {what} was changed since {place} ({last.verb}), and no entry says so"


def values(made: Iterable[Change]) -> list[list[Any]]:
    """What changes of a plan put where, and nothing else where they take away; what is said of people stays out."""
    return [
        [list(each.path), *([] if each.after is ABSENT else [each.after])] for each in made
        if each.path[:1] != ("people",)
    ]  # fmt: skip


def remade(body: Mapping[str, Any], made: Iterable[list[Any]]) -> dict[str, Any]:
    """The body with such values in their places."""
    return diff.applied(body, (Change(tuple(path), None, *(after or [ABSENT])) for path, *after in made))


def rows(tx: Tx, plan_id: int, kind: type[T]) -> Sequence[T]:
    """The rows of a plan, oldest first."""
    return tx.session.exec(select(kind).filter_by(plan_id=plan_id).order_by("id")).all()


def entries(tx: Tx, plan_id: int, *kinds: str) -> Iterator[Entry]:
    """What happened to all subjects of these kinds in a plan, oldest first."""
    entry = ENTRIES.c
    of_kinds = select(*entry).where(entry.plan_id == plan_id, entry.subject_kind.in_(kinds), entry.verb != STANDS)
    return walked(tx, of_kinds.order_by(entry.id))


def told(tx: Tx, plan_id: int, kind: str, learn: Callable[[Columns, Entry], None]) -> dict[int, Columns]:
    """What the rows of a kind must be, by number: `learn` puts into the columns what an entry says of them."""
    found: dict[int, Columns] = {}
    for entry in entries(tx, plan_id, kind):
        learn(found.setdefault(entry.subject_id, {}), entry)
    return found


def differences(kind: str, rows: Iterable[Any], known: dict[int, Columns]) -> Iterator[str]:
    """What rows, each of them begun by an entry, have that no entry gave them."""
    here = {row.id: row for row in rows}
    for number in sorted(known.keys() | here.keys()):
        if number not in here:
            yield f"{kind} {number} is gone, and the timeline has it"
        elif number not in known:
            yield f"{kind} {number} is here, and no entry says where it comes from"
        else:
            yield from unlike(f"{kind} {number}", here[number], known[number])


def unlike(name: str, row: Any, columns: Columns) -> Iterator[str]:
    """The columns of one row that are not what they must be."""
    for column, must in columns.items():
        value = getattr(row, column)
        if value not in must if isinstance(must, frozenset) else value != must:
            yield f"{name}: `{column}` is {_shown(value)}, and the timeline does not say so"


def learn_said(columns: Columns, column: str, entry: Entry, nothing: str | None = None) -> None:
    """What a person said stands in a column, too; nobody knows what it was once it is erased."""
    if entry.said is None and entry.commitment is not None:
        columns.pop(column, None)
    else:
        columns[column] = nothing if entry.said is None else entry.said


def pairs(name: str, rows: Iterable[Any], known: Iterable[Columns]) -> Iterator[str]:
    """Rows without a number of their own against what the timeline has of them, both oldest first."""
    rows, known = list(rows), list(known)
    if len(rows) != len(known):
        yield f"{name}: {len(rows)} are here, and the timeline has {len(known)}"
        return
    for row, columns in zip(rows, known, strict=True):
        yield from unlike(name, row, columns)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=_plain)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _digest(value: Any) -> str:
    plain = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _plain(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
