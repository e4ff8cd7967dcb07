"""Checking, applying, changing, shifting, exporting and finding plans."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard.core.errors import Refused
from callboard.planfile.check import Checked, check
from callboard.planfile.export import exported
from callboard.planfile.frame import FRAME
from callboard.planfile.sections import Document, Path, Sections
from callboard.planfile.shift import Shift, planned
from callboard.planfile.shift import parse_shift as days
from callboard.planfile.values import ABSENT
from callboard.plans import live_plan, store, versions
from callboard.plans.events import Exporting, PlanAdopted
from callboard.plans.live_plan import changed
from callboard.plans.live_plan import document as live
from callboard.plans.models import Plan, PlanEdit, new_revision
from callboard.plans.store import channels, every, revision, running
from callboard.plans.versions import WORDING_ONLY, Preview, answers, apply, preview

if TYPE_CHECKING:
    from callboard.core.db import Tx


__all__ = [
    "ABSENT", "FRAME", "WORDING_ONLY", "Checked", "Preview", "Sections", "Shift", "adopt", "answers",
    "any_homeless", "apply", "called", "changed", "channels", "check", "days", "difference", "edit", "edit_all",
    "edits", "every", "export", "is_plan_key", "live", "plan", "preview", "revision", "running", "shift",
    "shift_preview", "unedit",
]  # fmt: skip


def difference(tx: Tx, document: Document, workspace: str = "") -> list[str]:
    """What an apply of this valid document would change, in words; nothing where nothing would."""
    return versions.preview(tx, Checked(document), live_plan.registered(tx), workspace).changes


def edit(
    tx: Tx, plan_id: int, path: Path, value: Any, *, author: str, reason: str = "", sections: Sections = ()
) -> list[str]:
    """Change a plan that runs, at one path; ABSENT takes away what is there. Says in words what changed.

    Items of lists go by their keys in `path`; a new one is put at any other key. Raises Refused for what is not there,
    and where the plan would not be valid with it.
    """
    return live_plan.edit(tx, plan_id, {path: value}, author=author, reason=reason, sections=sections)


def edit_all(
    tx: Tx, plan_id: int, values: Mapping[Path, Any], *, author: str, reason: str = "", sections: Sections = ()
) -> list[str]:
    """Change a plan that runs at several paths at once, all or none."""
    return live_plan.edit(tx, plan_id, values, author=author, reason=reason, sections=sections)


def unedit(tx: Tx, plan_id: int, path: Path, *, author: str, reason: str = "", sections: Sections = ()) -> list[str]:
    """Take back what people changed at a path or below: it is what the file says again."""
    return live_plan.unedit(tx, plan_id, path, author=author, reason=reason, sections=sections)


def edits(tx: Tx, plan_id: int) -> Sequence[PlanEdit]:
    """What people changed since the version last applied, the oldest first."""
    return store.edits(tx, plan_id)


def shift_preview(tx: Tx, plan_id: int, span: timedelta, now: datetime, sections: Sections = ()) -> Shift:
    """What a shift would move. Raises Refused where nothing is to come, and for what is no whole number of days."""
    sections = sections or live_plan.registered(tx)
    filed = live_plan.applied(tx, plan_id).body
    return planned(live_plan.document(tx, plan_id, sections), sections, span, now, filed)


def shift(
    tx: Tx, plan_id: int, span: timedelta, now: datetime, *, author: str, reason: str = "", sections: Sections = ()
) -> Shift:
    """Move every moment of a plan that is after `now`, all or none, as live changes.

    What is reckoned from a moment that moves follows by itself; what has happened stays where it was.
    """
    found = shift_preview(tx, plan_id, span, now, sections)
    reason = reason or f"shifted by {span.days} day{'' if abs(span.days) == 1 else 's'}"
    said = live_plan.edit(tx, plan_id, found.values, author=author, reason=reason, sections=sections)
    return replace(found, changes=said)


def export(tx: Tx, plan_id: int, sections: Sections = ()) -> str:
    """The plan as it stands as a file: the one last applied, with the places changed that people changed."""
    version = live_plan.applied(tx, plan_id)
    body = copy.deepcopy(live_plan.body(tx, version))
    tx.publish(Exporting(plan_id, body))
    return exported(version.source, body, sections or live_plan.registered(tx))


def any_homeless(tx: Tx) -> bool:
    """Whether a plan waits for a workspace."""
    return store.any_homeless(tx)


def adopt(tx: Tx, workspace: str) -> list[str]:
    """Give the plans that have no workspace yet to this one; return their keys. A key that runs here stays as it is."""
    taken = {standing.key for standing in running(tx, workspace)}
    adopted = [plan for plan in store.homeless(tx) if plan.key not in taken]
    for plan in adopted:
        plan.workspace, plan.revision = workspace, new_revision()
        tx.session.add(plan)
    tx.session.flush()
    for plan in adopted:
        tx.publish(PlanAdopted(plan.id or 0))
    return [plan.key for plan in adopted]


def plan(tx: Tx, plan_id: int) -> Plan:
    """One plan. Raises Refused where there is none with this id."""
    found = store.plan(tx, plan_id)
    if found is None:
        raise Refused("This plan is not here any more.")
    return found


def called(tx: Tx, key: str) -> Plan:
    """The plan with a key. Raises Refused for none, and for several workspaces that have it."""
    plans = every(tx, key)
    if len(plans) != 1:
        known = ", ".join(f"`{plan.key}`" for plan in every(tx)) or "none yet"
        several = f"the plan `{key}` runs in {len(plans)} workspaces: name its file instead"
        raise Refused(several if plans else f"There is no plan `{key}`; there is {known}.")
    return plans[0]


def is_plan_key(tx: Tx, workspace: str, word: str) -> bool:
    """Whether a plan of this workspace has this key."""
    return any(standing.key == word.lower() for standing in running(tx, workspace))


@dataclass
class AsItStands:
    """Asked by a capability below those that make up a plan; whoever knows all sections answers."""

    plan_id: int
    document: Document = field(default_factory=lambda: Document("", ""))
    sections: Sections = ()

    def answer(self, tx: Tx, sections: Sections) -> None:
        """Give the plan as it stands, and what it is made of."""
        self.document, self.sections = live(tx, self.plan_id, sections), sections


def live_called(tx: Tx, key: str, sections: Sections) -> Document:
    """The document of the plan with a key. Raises Refused for none, and for several workspaces that have it."""
    return live(tx, called(tx, key).id or 0, sections)
