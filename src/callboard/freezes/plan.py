"""The section `freezes` of the plan file: its types, checks, rows and calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field

from callboard.core.db import Tx
from callboard.freezes import store
from callboard.freezes.models import Freeze, Told
from callboard.gates.plan.names import check_names
from callboard.gates.plan.sign_offs import check_sign_offs
from callboard.gates.plan.types import SignOffs
from callboard.gates.quorum import Work
from callboard.planfile.sections import Document, Happening, Path, Problem, Section, Window
from callboard.planfile.timetable import placed, span_of, timetable
from callboard.planfile.types import Many, Moment, Part, Span


class ExceptionsPart(Part):
    """How to ask for an exception from a freeze, what the form asks, and who signs."""

    ask_within: Span | None = None
    form: Many = ()
    sign_off: SignOffs = ()


class FreezePart(Part):
    """A stretch of time in which branches of repositories take no changes."""

    name: str = ""
    about: str = ""
    from_: Moment = Field(alias="from", examples=["2026-03-27 09:00"])
    to: Moment = Field(examples=["target"])
    repositories: Many = ()
    branches: Many = ()
    exceptions: ExceptionsPart | None = None


def check(document: Document, freezes: Mapping[str, FreezePart]) -> Iterator[Problem]:
    """The plan has the repositories, and somebody can sign the exceptions."""
    for key, part in freezes.items():
        at: Path = ("freezes", key)
        yield from check_names(document, (*at, "repositories"), "repository", part.repositories)
        if part.exceptions:
            here = (*at, "exceptions", "sign_off")
            yield from check_sign_offs(document, here, part.exceptions.sign_off, Work(document))


def apply(tx: Tx, plan_id: int, document: Document) -> None:
    """A row for each freeze; one whose times moved begins or ends when it now does."""
    rows = {row.key: row for row in store.every_freeze(tx, plan_id)}
    written: dict[str, FreezePart] = dict(document.values.get("freezes") or {})
    table = timetable(document)
    for key, part in written.items():
        span = span_of(table, part.from_, part.to)
        if span is None:
            continue
        begin, end = span
        name = part.name or f"Freeze {key}"
        row = rows.get(key) or Freeze(plan_id=plan_id, key=key, name=name, from_at=begin, to_at=end)
        row.name, row.from_at, row.to_at, row.gone = name, begin, end, False
        row.told = "" if tx.now < row.from_at else Told.BEGUN if row.told and tx.now < row.to_at else row.told
        row.wake_at = {"": row.from_at, Told.BEGUN: row.to_at}.get(row.told)
        tx.session.add(row)
    for key in (key for key in rows.keys() - written.keys() if not rows[key].live):
        rows[key].gone, rows[key].wake_at = True, None
    tx.session.flush()


def happens(document: Document, parts: Mapping[str, FreezePart], window: Window) -> Iterator[Happening]:
    table = timetable(document)
    for key, part in parts.items():
        name = part.name or f"Freeze {key}"
        for word, at in (("begins", placed(table, part.from_, opening=True)), ("ends", placed(table, part.to))):
            if at and window[0] <= at[0] < window[1]:
                yield Happening(at=at[0], kind="freeze", name=f"{name} {word}", key=key, zone=at[1], part=word)


FREEZES: Section[Mapping[str, FreezePart]] = Section(
    name="freezes",
    one="freeze",
    model=dict[str, FreezePart],
    check=check,
    apply=apply,
    happens=happens,
    gives=("sign_off",),
)
