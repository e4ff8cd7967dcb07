"""Checking, applying and finding plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.core.sections import Degree, Document, Problem, Section
from callboard.core.subject import Subject
from callboard.plans import checking, groups, loader, store, whole
from callboard.plans.difference import changes
from callboard.plans.events import PlanAdopted
from callboard.plans.frame import FRAME, FramePart, channel_names
from callboard.plans.models import ChannelRow, Plan, PlanVersion, new_revision
from callboard.plans.store import Standing, channels, every, revision, running

if TYPE_CHECKING:
    from callboard.core.db import Tx

__all__ = [
    "FRAME", "Applied", "Checked", "PlanApplied", "Standing", "adopt", "apply", "changed", "channels", "check",
    "difference", "every", "is_plan_key", "plan", "revision", "running",
]  # fmt: skip

Sections = Sequence[Section[Any]]
WORDING_ONLY = "nothing of the plan itself: comments, order or layout of the file"


@dataclass(frozen=True)
class Checked:
    """A plan file that was read, and everything that is wrong with it, in the order of its lines."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """What refuses the plan."""
        return [problem for problem in self.problems if problem.degree is Degree.ERROR]

    def report(self) -> list[str]:
        """Every problem as `file:line: sentence`."""
        return [problem.at(self.document.file) for problem in self.problems]


@dataclass(frozen=True)
class Applied:
    """What an apply did: the plan, its version now, and the differences in words; none where nothing changed."""

    plan_id: int
    key: str
    version: int
    changes: list[str]


@dataclass(frozen=True)
class PlanApplied:
    """A plan has a new version."""

    plan_id: int
    version: int


def check(source: str | bytes, file: str, sections: Sections) -> Checked:
    """Read a plan file and find all that is wrong with it at once. No input makes this raise."""
    document, problems = loader.load(source, file)
    if document.body or not problems:
        problems += groups.spread(document, sections)
        problems += checking.check(document, sections)
        problems += whole.check(document, sections)
    return Checked(document, sorted(groups.once(dict.fromkeys(problems), sections)))


def difference(tx: Tx, document: Document, workspace: str = "") -> list[str]:
    """What an apply of this valid document would change, in words; nothing where nothing would."""
    plan = _meant(tx, document, workspace)
    return _difference(tx, plan, document)


def apply(
    tx: Tx, checked: Checked, sections: Sections, *, author: str, reason: str = "", workspace: str = ""
) -> Applied:
    """Make a plan what the file says, whole or not at all. The same file again changes nothing.

    `workspace` is the Slack team id where it is known. Raises Refused for a file with errors, and where the plan could
    be one of several workspaces.
    """
    document = checked.document
    if checked.errors:
        raise Refused(
            f"{document.file} has {len(checked.errors)} errors; mend them first:\n" + "\n".join(checked.report())
        )
    plan = _locked(tx, document, workspace)
    said = _difference(tx, plan, document)
    plan_id = plan.id or 0
    plan.workspace = plan.workspace or workspace
    if not said:
        return Applied(plan_id, plan.key, plan.version, [])
    plan.sqlmodel_update({**_row(document), "version": plan.version + 1})
    tx.session.add(
        PlanVersion(
            plan_id=plan_id, number=plan.version, file=document.file, source=document.source, body=dict(document.body),
            author=author, reason=reason, changes=said, at=tx.now,
        )
    )  # fmt: skip
    _name_channels(tx, plan_id, document)
    changed(tx, plan_id)
    for section in sections:
        section.apply(tx, plan_id, document)
    changed(tx, plan_id)
    about = Subject("plan", plan_id)
    timeline.record(
        tx, plan_id, about, "applied", actor=author, said=reason or None, version=plan.version, changes=said
    )
    tx.publish(PlanApplied(plan_id, plan.version))
    return Applied(plan_id, plan.key, plan.version, said)


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


def is_plan_key(tx: Tx, workspace: str, word: str) -> bool:
    """Whether a plan of this workspace has this key."""
    return any(standing.key == word.lower() for standing in running(tx, workspace))


def changed(tx: Tx, plan_id: int) -> None:
    """Mark that people, absences, links or anything else that caches hold of a plan is different now."""
    tx.local.pop(("directory", plan_id), None)
    plan = store.locked(tx, plan_id)
    plan.revision = new_revision()
    tx.session.add(plan)
    tx.session.flush()


def _difference(tx: Tx, plan: Plan | None, document: Document) -> list[str]:
    version = store.version(tx, plan.id, plan.version) if plan and plan.id else None
    if version and version.source == document.source:
        return []
    return changes(version.body if version else None, document.body) or [WORDING_ONLY]


def _meant(tx: Tx, document: Document, workspace: str) -> Plan | None:
    """The plan that this file is about, if it runs already: of this workspace, else one that no workspace has yet."""
    frame = _frame(document)
    plans = store.with_key(tx, frame.key)
    near = [plan for plan in plans if plan.workspace == workspace] or [plan for plan in plans if not plan.workspace]
    if near or workspace:
        return near[0] if near else None
    if len(plans) > 1:
        raise Refused(
            f"the plan `{frame.key}` runs in {len(plans)} workspaces: set SLACK_BOT_TOKEN to say which is meant"
        )
    return plans[0] if plans else None


def _frame(document: Document) -> FramePart:
    frame = document.of(FRAME)
    if frame is None:
        raise Refused(f"{document.file} is no valid plan: see what `callboard check` says")
    return frame


def _locked(tx: Tx, document: Document, workspace: str) -> Plan:
    """The plan of this file, held until the end of the transaction; a new one begins at version 0."""
    plan = _meant(tx, document, workspace)
    if plan is None:
        new = Plan(workspace=workspace, **_row(document)).model_dump(exclude={"id"})
        tx.connection.execute(tx.insert(Plan.__table__).values(**new).on_conflict_do_nothing())  # type: ignore[attr-defined]
        plan = next(plan for plan in store.with_key(tx, _frame(document).key) if plan.workspace == workspace)
    return store.locked(tx, plan.id or 0)


def _row(document: Document) -> dict[str, Any]:
    frame = _frame(document)
    return {
        "key": frame.key, "name": frame.name, "timezone": frame.timezone.key,
        "from_at": frame.from_.instant(frame.calendar, opening=True), "to_at": frame.to.instant(frame.calendar),
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
