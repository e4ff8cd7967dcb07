"""Checking, applying, changing and finding plans."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from callboard.core.errors import Refused
from callboard.core.sections import Document, Path
from callboard.plans import applying, exporting, present, store
from callboard.plans.applying import WORDING_ONLY, Preview, answers, apply, preview
from callboard.plans.bodies import ABSENT
from callboard.plans.events import Exporting, PlanAdopted
from callboard.plans.frame import FRAME
from callboard.plans.models import Plan, PlanEdit, new_revision
from callboard.plans.present import document as live
from callboard.plans.reading import Checked, Sections, check
from callboard.plans.rows import changed
from callboard.plans.shifting import Shift, shift
from callboard.plans.shifting import parse as days
from callboard.plans.shifting import preview as shift_preview
from callboard.plans.store import channels, every, revision, running

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
    return applying.preview(tx, Checked(document), present.registered(tx), workspace).changes


def edit(
    tx: Tx, plan_id: int, path: Path, value: Any, *, author: str, reason: str = "", sections: Sections = ()
) -> list[str]:
    """Change a plan that runs, at one path; ABSENT takes away what is there. Says in words what changed.

    Items of lists go by their keys in `path`; a new one is put at any other key. Raises Refused for what is not there,
    and where the plan would not be valid with it.
    """
    return present.edit(tx, plan_id, {path: value}, author=author, reason=reason, sections=sections)


def edit_all(
    tx: Tx, plan_id: int, values: Mapping[Path, Any], *, author: str, reason: str = "", sections: Sections = ()
) -> list[str]:
    """Change a plan that runs at several paths at once, all or none."""
    return present.edit(tx, plan_id, values, author=author, reason=reason, sections=sections)


def unedit(tx: Tx, plan_id: int, path: Path, *, author: str, reason: str = "", sections: Sections = ()) -> list[str]:
    """Take back what people changed at a path or below: it is what the file says again."""
    return present.unedit(tx, plan_id, path, author=author, reason=reason, sections=sections)


def edits(tx: Tx, plan_id: int) -> Sequence[PlanEdit]:
    """What people changed since the version last applied, the oldest first."""
    return store.edits(tx, plan_id)


def export(tx: Tx, plan_id: int, sections: Sections = ()) -> str:
    """The plan as it stands as a file: the one last applied, with the places changed that people changed."""
    version = present.applied(tx, plan_id)
    body = copy.deepcopy(present.body(tx, version))
    tx.publish(Exporting(plan_id, body))
    return exporting.exported(version.source, body, sections or present.registered(tx))


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
