"""The verbs of plans: applying a file merged with what people changed, changing, shifting, exporting, finding them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.registry import Key
from callboard.core.timeline import Subject
from callboard.core.words import counted
from callboard.planfile import calendar, diff, merge
from callboard.planfile.check import check, check_body
from callboard.planfile.consequences import consequences
from callboard.planfile.export import exported
from callboard.planfile.header import HEADER
from callboard.planfile.merge import Answer, Choices, Conflict, Merged
from callboard.planfile.paths import ABSENT
from callboard.planfile.report import Checked
from callboard.planfile.sections import SECTIONS, Document, Path, Sections
from callboard.planfile.shift import Shift, planned
from callboard.planfile.shift import parse_shift as days
from callboard.plans import evidence, live_plan, store
from callboard.plans.live_plan import changed, unedit
from callboard.plans.live_plan import document as live
from callboard.plans.live_plan import edit as edit_all
from callboard.plans.models import (
    Exporting,
    Plan,
    PlanAdopted,
    PlanApplied,
    PlanChanging,
    PlanEdit,
    PlanVersion,
    new_revision,
)
from callboard.plans.store import any_homeless, channels, channels_to_find, edits, every, revision, running, starts_at

__all__ = [
    "ABSENT", "HEADER", "UNMOVED", "WORDING_ONLY", "Checked", "Preview", "Shift", "adopt", "answers",
    "any_homeless", "apply", "called", "changed", "channels", "channels_to_find", "check", "days",
    "edit", "edit_all", "edits", "every", "export", "is_plan_key", "live", "plan", "preview", "revision",
    "running", "shift", "shift_preview", "starts_at", "unedit",
]  # fmt: skip

UNMOVED: Key[Callable[[Tx, int], Iterable[str]]] = Key("what a shift leaves where it is, and what to do", lambda *_: ())
WORDING_ONLY = "nothing of the plan itself: comments, order or layout of the file"
ANSWERS = """\
Say which counts, for all of it or for one: --theirs keeps what people did, --ours takes what the file says,
as in --theirs {path}"""


@dataclass(frozen=True)
class Applied:
    """What an apply did: the plan, its version now, and the differences in words; none where nothing changed."""

    plan_id: int
    key: str
    version: int
    changes: list[str]


@dataclass(frozen=True)
class Preview:
    """What an apply would do, in words. `settled` live changes are in the file now, `kept` ones stay beside it."""

    document: Document
    changes: list[str] = field(default_factory=list)
    consequences: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    settled: int = 0
    kept: int = 0
    merged: Merged | None = None

    @property
    def places(self) -> list[str]:
        """The path of each conflict, as people write it."""
        return [conflict.place for conflict in self.merged.conflicts] if self.merged else []

    def notes(self) -> list[str]:
        """What else an apply means: for what runs, and for what people changed live."""
        fates = ((self.kept, "stays as it is", "stay as they are"),
                 (self.settled, "is in the file now", "are in the file now"))  # fmt: skip
        live = (f"{counted(n, 'live change')} {one if n == 1 else several}" for n, one, several in fates if n)
        return [*self.consequences, *live]

    def question(self) -> str:
        """What has to be decided, and how."""
        return "\n".join([
            "People changed what this file changes too:",
            *(f"  {conflict}" for conflict in self.conflicts),
            ANSWERS.format(path=self.places[0]),
        ])  # fmt: skip


def answers(theirs: Iterable[str], ours: Iterable[str]) -> Choices:
    """Answers by path as people write it, `tasks.ATOM-001.due`; the empty path is for everything."""
    return dict.fromkeys(theirs, Answer.THEIRS) | dict.fromkeys(ours, Answer.OURS)


def preview(tx: Tx, checked: Checked, workspace: str = "", choices: Choices = merge.NOTHING_CHOSEN) -> Preview:
    """What an apply of this file would do. Raises Refused for a file with errors."""
    _refuse_errors(checked)
    return _preview(tx, _meant(tx, checked.document, workspace), checked.document, choices)


def apply(
    tx: Tx, checked: Checked, *, author: str, reason: str = "", workspace: str = "",
    choices: Choices = merge.NOTHING_CHOSEN,
) -> Applied:  # fmt: skip
    """Make a plan what the file says, with what people changed since. Refused for errors and for open conflicts."""
    _refuse_errors(checked)
    written = checked.document
    plan = _locked(tx, written, workspace)
    plan_id = plan.id or 0
    plan.workspace = plan.workspace or workspace
    preview = _preview(tx, plan, written, choices)
    if preview.conflicts:
        raise Refused(preview.question())
    if not preview.changes:
        return Applied(plan_id, plan.key, plan.version, [])
    if plan.version:
        tx.publish(PlanChanging(plan_id, preview.document, author, reason))
    plan.version += 1
    tx.session.add(
        PlanVersion(
            plan_id=plan_id, number=plan.version, file=written.file, source=written.source, body=dict(written.body),
            author=author, reason=reason, changes=preview.changes, at=tx.now,
        )
    )  # fmt: skip
    edits = tuple(preview.merged.edits) if preview.merged else ()
    live_plan.enforce(
        tx, plan, preview.document, edits, "applied", author=author, reason=reason, version=plan.version,
        changes=preview.changes, values=evidence.values(edits),
    )  # fmt: skip
    tx.publish(PlanApplied(plan_id, plan.version))
    return Applied(plan_id, plan.key, plan.version, preview.changes)


def _refuse_errors(checked: Checked) -> None:
    if checked.errors:
        count = counted(len(checked.errors), "error")
        raise Refused(f"{checked.document.file} has {count}; mend this first:\n" + "\n".join(checked.report()))


def _preview(tx: Tx, plan: Plan | None, written: Document, choices: Choices) -> Preview:
    version = store.version(tx, plan.id, plan.version) if plan and plan.id else None
    over = list(filter(None, [calendar.over(written, tx.now)]))
    if plan is None or version is None:
        return Preview(written, diff.in_words(None, written.body, tx.of(SECTIONS)), over)
    if version.source == written.source:
        return Preview(written)
    before, edits = live_plan.body(tx, version), store.edits(tx, version.plan_id)
    merged = merge.merge(version.body, before, written.body, choices)
    asked = merge.merge(version.body, before, written.body).conflicts if choices else merged.conflicts
    _refuse_strange(choices, asked)
    document = _whole(merged, written, tx.of(SECTIONS))
    differences, plan_id = diff.in_words(before, merged.body, tx.of(SECTIONS)), version.plan_id
    running = live_plan.document(tx, plan_id)
    sections = tx.of(SECTIONS) if differences else ()
    means = list(consequences(running, document, tx.now)) if differences else []
    means += [each for section in sections for each in section.consequences(tx, plan_id, running, document)]
    return Preview(
        document, differences or [WORDING_ONLY],
        [*over, *means],
        [_question(plan, conflict, edits) for conflict in merged.conflicts],
        max(len(edits) - len(merged.edits), 0), len(merged.edits), merged,
    )  # fmt: skip


def _whole(merged: Merged, written: Document, sections: Sections) -> Document:
    """The document of what comes of a merge. Raises Refused where both sides are good and their sum is not."""
    if not merged.edits:
        return written
    checked = check_body(merged.body, written.file, sections)
    if checked.errors and not merged.conflicts:
        wrong = "\n".join(f"  {problem.sentence}" for problem in checked.errors)
        kept = ", ".join(dict.fromkeys(".".join(change.path) for change in merged.edits))
        raise Refused(
            f"{written.file} is good, but not with what people changed since the plan was applied:\n{wrong}\n"
            f"These changes would stay: {kept}. Take back what does not fit, or write it into the file."
        )
    return checked.document


def _refuse_strange(choices: Choices, asked: Iterable[Conflict]) -> None:
    """An answer to what nobody asked is a typing error."""
    places = [conflict.place for conflict in asked]
    for path in choices:
        if path and not any(f"{place}.".startswith(f"{path}.") for place in places):
            sentence = f"Nothing conflicts at `{path}`"
            raise unknown(sentence, path, places) if places else Refused(f"{sentence}; there is no conflict at all.")


def _question(plan: Plan, conflict: Conflict, edits: Iterable[PlanEdit]) -> str:
    """One conflict: what was there, what people made of it and who, and what the file says."""
    who = []
    for edit in edits:
        shared = min(len(edit.path), len(conflict.path))
        if tuple(edit.path[:shared]) == conflict.path[:shared]:
            at, why = edit.at.astimezone(ZoneInfo(plan.timezone)), f": {edit.reason}" if edit.reason else ""
            who.append(f"{edit.author} on {at:%Y-%m-%d %H:%M}{why}")
    base, new = diff.shown(conflict.base), diff.shown(conflict.new)
    by = f" ({' and '.join(dict.fromkeys(who))})" if who else ""
    return f"{conflict.place}: it was {base}; it is {diff.shown(conflict.live)}{by}; the file says {new}"


def _meant(tx: Tx, document: Document, workspace: str) -> Plan | None:
    """The plan that this file is about, if it runs already: of this workspace, else one that no workspace has yet."""
    key = live_plan.header_of(document).key
    plans = store.every(tx, key)
    near = [plan for plan in plans if plan.workspace == workspace] or [plan for plan in plans if not plan.workspace]
    if near or workspace:
        return near[0] if near else None
    if len(plans) > 1:
        raise Refused(f"the plan `{key}` runs in {len(plans)} workspaces: say with --workspace which is meant")
    return plans[0] if plans else None


def _locked(tx: Tx, document: Document, workspace: str) -> Plan:
    """The plan of this file, held until the end of the transaction; a new one begins at version 0."""
    plan = _meant(tx, document, workspace)
    if plan is None:
        new = Plan(workspace=workspace, **live_plan.columns(document)).model_dump(exclude={"id"})
        tx.connection.execute(tx.insert(Plan.__table__).values(**new).on_conflict_do_nothing())  # type: ignore[attr-defined]
        same = store.every(tx, live_plan.header_of(document).key)
        plan = next(plan for plan in same if plan.workspace == workspace)
    return store.locked(tx, plan.id or 0)


def edit(tx: Tx, plan_id: int, path: Path, value: Any, *, author: str, reason: str = "") -> list[str]:
    """Change a plan that runs, at one path; ABSENT takes away what is there. Says in words what changed."""
    return edit_all(tx, plan_id, {path: value}, author=author, reason=reason)


def shift_preview(tx: Tx, plan_id: int, span: timedelta, now: datetime) -> Shift:
    """What a shift would move. Raises Refused where nothing is to come, and for what is no whole number of days."""
    preview = planned(live(tx, plan_id), span, now, live_plan.applied(tx, plan_id).body)
    return replace(preview, notes=[*tx.of(UNMOVED)(tx, plan_id), *preview.notes])


def shift(tx: Tx, plan_id: int, span: timedelta, now: datetime, *, author: str, reason: str = "") -> Shift:
    """Move every moment of a plan that is after `now`, as live changes; what is reckoned from one follows."""
    preview = shift_preview(tx, plan_id, span, now)
    reason = reason or f"shifted by {'-' if span.days < 0 else ''}{counted(abs(span.days), 'day')}"
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
        about = Subject("plan", plan.id or 0)
        timeline.record(tx, about.id, about, "adopted", row=evidence.digest(tx, plan))
        tx.publish(PlanAdopted(about.id))
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
        each = " or ".join(f"`{plan.workspace}/{plan.key}`" for plan in plans)
        several = f"The plan `{key}` runs in {len(plans)} workspaces. Write {each}."
        raise Refused(several if plans else f"There is no plan `{key}`; there is {known}.")
    return plans[0]


def is_plan_key(tx: Tx, workspace: str, word: str) -> bool:
    """Whether a plan of this workspace has this key."""
    return any(standing.key == word.lower() for standing in running(tx, workspace))
