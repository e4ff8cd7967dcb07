"""Makes the rows of a plan what a document says, whichever way that came about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from callboard.core.errors import Refused
from callboard.core.sections import Document, Section
from callboard.plans import checking, store
from callboard.plans.frame import FRAME, FramePart, channel_names
from callboard.plans.models import ChannelRow, Plan, new_revision

if TYPE_CHECKING:
    from callboard.core.db import Tx


def make(tx: Tx, plan: Plan, document: Document, sections: Sequence[Section[Any]]) -> None:
    """Let every section of a locked plan apply what the document says."""
    plan_id = plan.id or 0
    plan.sqlmodel_update(row(document))
    tx.session.add(plan)
    _name_channels(tx, plan_id, document)
    changed(tx, plan_id)
    for section in sections:
        section.apply(tx, plan_id, document)
    changed(tx, plan_id)


def changed(tx: Tx, plan_id: int) -> None:
    """Mark that people, absences, links or anything else that caches hold of a plan is different now."""
    tx.local.pop(("directory", plan_id), None)
    tx.session.flush()
    plan = store.locked(tx, plan_id)
    plan.revision = new_revision()
    tx.session.add(plan)
    tx.session.flush()


def frame(document: Document) -> FramePart:
    """What a document says of the plan as a whole. Raises Refused while that is not valid."""
    found = document.of(FRAME)
    if found is None:
        raise Refused(f"{document.file} is no valid plan: see what `callboard check` says")
    return found


def row(document: Document) -> dict[str, Any]:
    """The columns of a plan that a document says."""
    said = frame(document)
    return {
        "key": said.key, "name": said.name, "timezone": said.timezone.key,
        "from_at": said.from_.instant(said.calendar, opening=True), "to_at": said.to.instant(said.calendar),
        "frame": {key: document.body[key] for key in checking.owned(FRAME) if key in document.body},
    }  # fmt: skip


def _name_channels(tx: Tx, plan_id: int, document: Document) -> None:
    names = channel_names(document.body)
    rows = {row.name: row for row in store.channels(tx, plan_id)}
    for name, row in rows.items():
        row.gone = name not in names
    tx.session.add_all(
        [*rows.values(), *(ChannelRow(plan_id=plan_id, name=name) for name in names if name not in rows)]
    )
    tx.session.flush()
