"""Checking, applying, changing, shifting, exporting and finding plans."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.planfile.check import Checked, check
from callboard.planfile.export import exported
from callboard.planfile.header import HEADER
from callboard.planfile.paths import ABSENT
from callboard.planfile.sections import SECTIONS, Document, Path
from callboard.planfile.shift import Shift, planned
from callboard.planfile.shift import parse_shift as days
from callboard.plans import live_plan, store
from callboard.plans.events import Exporting, PlanAdopted
from callboard.plans.live_plan import changed, unedit
from callboard.plans.live_plan import document as live
from callboard.plans.live_plan import edit as edit_all
from callboard.plans.models import Plan, new_revision
from callboard.plans.store import any_homeless, channels, edits, every, revision, running
from callboard.plans.versions import WORDING_ONLY, Preview, answers, apply, preview

if TYPE_CHECKING:
    from callboard.core.db import Tx


__all__ = [
    "ABSENT", "HEADER", "WORDING_ONLY", "Checked", "Preview", "Shift", "adopt", "answers", "any_homeless", "apply",
    "called", "changed", "channels", "check", "days", "difference", "edit", "edit_all", "edits", "every", "export",
    "is_plan_key", "live", "plan", "preview", "revision", "running", "shift", "shift_preview", "unedit",
]  # fmt: skip


def difference(tx: Tx, document: Document, workspace: str = "") -> list[str]:
    """What an apply of this valid document would change, in words; nothing where nothing would."""
    return preview(tx, Checked(document), workspace).changes


def edit(tx: Tx, plan_id: int, path: Path, value: Any, *, author: str, reason: str = "") -> list[str]:
    """Change a plan that runs, at one path; ABSENT takes away what is there. Says in words what changed."""
    return edit_all(tx, plan_id, {path: value}, author=author, reason=reason)


def shift_preview(tx: Tx, plan_id: int, span: timedelta, now: datetime) -> Shift:
    """What a shift would move. Raises Refused where nothing is to come, and for what is no whole number of days."""
    return planned(live(tx, plan_id), span, now, live_plan.applied(tx, plan_id).body)


def shift(tx: Tx, plan_id: int, span: timedelta, now: datetime, *, author: str, reason: str = "") -> Shift:
    """Move every moment of a plan that is after `now`, all or none, as live changes.

    What is reckoned from a moment that moves follows by itself; what has happened stays where it was.
    """
    preview = shift_preview(tx, plan_id, span, now)
    reason = reason or f"shifted by {counted(abs(span.days), 'day')}"
    return replace(preview, changes=edit_all(tx, plan_id, preview.values, author=author, reason=reason))


def export(tx: Tx, plan_id: int) -> str:
    """The plan as it stands as a file: the one last applied, with the places changed that people changed."""
    version = live_plan.applied(tx, plan_id)
    body = copy.deepcopy(live_plan.body(tx, version))
    tx.publish(Exporting(plan_id, body))
    return exported(version.source, body, tx.of(SECTIONS))


def adopt(tx: Tx, workspace: str) -> list[str]:
    """Give the plans that have no workspace yet to this one; return their keys. A key that runs here stays as it is."""
    taken = {standing.key for standing in running(tx, workspace)}
    adopted = [plan for plan in store.homeless(tx) if plan.key not in taken]
    for plan in adopted:
        plan.workspace, plan.revision = workspace, new_revision()
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
