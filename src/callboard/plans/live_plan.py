"""The plan as it stands: the version last applied, what people changed since, and the rows that come of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.core.words import few
from callboard.planfile import check, diff
from callboard.planfile.diff import Change
from callboard.planfile.header import HEADER, HeaderPart, channel_names
from callboard.planfile.paths import ABSENT, Keys, find, key_path, put, same
from callboard.planfile.sections import SECTIONS, Document, Path, Sections, owned, place
from callboard.planfile.yaml_reader import OWN, UNSAYABLE, one_line, plain
from callboard.plans import evidence, store
from callboard.plans.models import ChannelRow, Plan, PlanChanging, PlanEdit, PlanEdited, PlanVersion, new_revision

FIXED = ("callboard", "key")
"""What makes a plan this plan."""
FEW = 3


def document(tx: Tx, plan_id: int) -> Document:
    """The typed document of a plan as it stands now. Raises Refused for a plan that was never applied."""
    revision, memo = store.revision(tx, plan_id), ("live", plan_id)
    if memo not in tx.memo or tx.memo[memo][0] != revision:
        version = applied(tx, plan_id)
        tx.memo[memo] = revision, check.typed(body(tx, version), version.file, tx.of(SECTIONS))
    standing: Document = tx.memo[memo][1]
    return standing


def body(tx: Tx, version: PlanVersion) -> dict[str, Any]:
    """The values of a version with what people changed since."""
    made = tuple(change(edit) for edit in store.edits(tx, version.plan_id))
    return diff.applied(version.body, made)


def applied(tx: Tx, plan_id: int) -> PlanVersion:
    """The version last applied. Raises Refused where there is none."""
    plan = store.plan(tx, plan_id)
    version = store.version(tx, plan_id, plan.version) if plan else None
    if version is None:
        raise Refused(f"{m.escape(plan.name)} was never applied." if plan else "This plan is not here any more.")
    return version


def change(edit: PlanEdit) -> Change:
    """What an edit put where."""
    return Change(tuple(edit.path), ABSENT if edit.added else edit.base, ABSENT if edit.removed else edit.value)


def edit(tx: Tx, plan_id: int, values: Mapping[Path, Any], *, author: str, reason: str = "") -> list[str]:
    """Change a plan that runs at some paths, all or none; ABSENT takes away what is there. Says in words what changed.

    Items of lists go by their keys in a path; a new one is put at any other key. Raises Refused for what is not there,
    and where the plan would not be valid with it.
    """
    plan, version = store.locked(tx, plan_id), applied(tx, plan_id)
    before = after = body(tx, version)
    for path, value in values.items():
        after = _put(plan, after, path, value)
    return _settle(tx, plan, version, before, after, author=author, reason=reason)


def unedit(tx: Tx, plan_id: int, path: Path, *, author: str, reason: str = "") -> list[str]:
    """Take back what people changed at a path or below: it is what the file says again. Raises Refused."""
    plan, version = store.locked(tx, plan_id), applied(tx, plan_id)
    before = body(tx, version)
    keys = key_path(before, path)
    if find(before, keys) is ABSENT:
        keys = key_path(version.body, path)
    if same(find(before, keys), find(version.body, keys)):
        raise Refused(f"Nothing was changed at {place(path)} since the plan was applied.")
    try:
        after = put(before, keys, find(version.body, keys))
    except KeyError:
        raise Refused(f"{place(path)} stood in something that was taken away: take that back first.") from None
    after = _as_ordered(version.body, after, keys[:-1])
    return _settle(tx, plan, version, before, after, author=author, reason=reason)


def _keep(tx: Tx, plan_id: int, changes: Iterable[Change], *, author: str, reason: str) -> dict[str, Any]:
    """Make these the edits of a plan; one that was there keeps its author, reason and time. Say which are different."""
    there = {tuple(edit.path): edit for edit in store.edits(tx, plan_id)}
    put: list[list[Any]] = []
    for made in changes:
        old = there.pop(made.path, None)
        if old and same(change(old).after, made.after):
            old.added, old.base = made.before is ABSENT, _or_none(made.before)
        else:
            put.append([list(made.path), made.after is ABSENT, _or_none(made.after)])
            new = PlanEdit(
                plan_id=plan_id, path=list(made.path), added=made.before is ABSENT, removed=made.after is ABSENT,
                base=_or_none(made.before), value=_or_none(made.after), author=author, reason=reason, at=tx.now,
            )  # fmt: skip
            if old:
                tx.session.delete(old)
            tx.session.add(new)
    for gone in there.values():
        tx.session.delete(gone)
    tx.session.flush()
    return {"gone": [list(path) for path in there], "put": put}


def _settle(
    tx: Tx, plan: Plan, version: PlanVersion, before: dict[str, Any], after: dict[str, Any], *, author: str, reason: str
) -> list[str]:
    sentences = diff.in_words(before, after, tx.of(SECTIONS))
    if not sentences:
        return []
    document, edits = _valid(before, after, version.file, tx.of(SECTIONS)), diff.changes(version.body, after)
    tx.publish(PlanChanging(version.plan_id, document, author, reason))
    values = evidence.values(diff.changes(before, after))
    enforce(tx, plan, document, edits, "edited", author=author, reason=reason, changes=sentences, values=values)
    tx.publish(PlanEdited(version.plan_id))
    return sentences


def _valid(before: dict[str, Any], after: dict[str, Any], file: str, sections: Sections) -> Document:
    """The document of changed values. Raises Refused for what is wrong with them and was not before."""
    checked = check.check_body(after, file, sections)
    if checked.errors:
        known = {problem.sentence for problem in check.check_body(before, file, sections).errors}
        wrong = [problem.sentence for problem in checked.errors if problem.sentence not in known]
        if wrong:
            raise Refused(f"The plan would not be valid with that: {few(wrong, FEW, '; ')}")
    return checked.document


def _put(plan: Plan, body: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    if not path or path[0] in FIXED:
        raise Refused(f"{place(path) or 'All of a plan'} cannot be changed while the plan runs: apply a new file.")
    try:
        made: dict[str, Any] = put(body, path, value if value is ABSENT else _writable(value, path))
    except KeyError:
        where, name = place(path[:-1]), m.escape(plan.name)
        raise Refused(f"There is no {where} in {name}." if path[2:] else f"{name} has no {where}.") from None
    return made


def _writable(value: Any, path: Path) -> Any:
    """The value as a file would hold it. Raises Refused for what none can."""
    if isinstance(value, Mapping):
        made = {str(key): _writable(inner, path) for key, inner in value.items()}
        if any(not key or key.startswith(OWN) or UNSAYABLE.search(key) for key in made):
            raise Refused(f"{place(path)}: there is a key here that no plan can have.")
        return made
    if isinstance(value, list | tuple):
        return [_writable(inner, path) for inner in value]
    if isinstance(value, bool | int | float) and same(plain(str(value).lower()), value):
        return value
    if isinstance(value, str) and not UNSAYABLE.search(value):
        return one_line(path, str(value))
    raise Refused(f"{place(path)}: `{str(value)[:60]}` cannot stand in a plan.")


def _as_ordered(base: dict[str, Any], body: dict[str, Any], path: Keys) -> dict[str, Any]:
    """The body, with a list that has its items back in the order in which the file has them."""
    was, now = find(base, path), find(body, path)
    if not isinstance(was, list) or not isinstance(now, list) or len(was) != len(now):
        return body
    try:
        left = [next(place for place, item in enumerate(was) if same(item, each)) for each in now]
    except StopIteration:
        return body
    made: dict[str, Any] = put(body, path, [was[place] for place in sorted(left)])
    return made


def _or_none(value: Any) -> Any:
    return None if value is ABSENT else value


def enforce(
    tx: Tx, plan: Plan, document: Document, edits: Iterable[Change], verb: str, *, author: str, reason: str,
    **facts: Any,
) -> None:  # fmt: skip
    """Let a locked plan be what a document says: its edits, the rows of every section, and an entry on the timeline."""
    plan_id = plan.id or 0
    facts["edits"] = _keep(tx, plan_id, edits, author=author, reason=reason)
    plan.sqlmodel_update(columns(document))
    _name_channels(tx, plan_id, document)
    changed(tx, plan_id)
    for section in tx.of(SECTIONS):
        section.apply(tx, plan_id, document)
    changed(tx, plan_id)
    tx.memo["live", plan_id] = store.revision(tx, plan_id), document
    facts |= {evidence.FACT: evidence.digest(tx, plan)}
    timeline.record(tx, plan_id, Subject("plan", plan_id), verb, actor=author, said=reason or None, **facts)


def changed(tx: Tx, plan_id: int) -> None:
    """Mark that people, absences, links or anything else that caches hold of a plan is different now."""
    tx.local.pop(("directory", plan_id), None)
    tx.session.flush()
    store.locked(tx, plan_id).revision = new_revision()
    tx.session.flush()


def header_of(document: Document) -> HeaderPart:
    """What a document says of the plan as a whole. Raises Refused while that is not valid."""
    found = document.of(HEADER)
    if found is None:
        raise Refused(f"{document.file} is not a valid plan: `callboard check` says why.")
    return found


def columns(document: Document) -> dict[str, Any]:
    """The columns of a plan that a document says."""
    said = header_of(document)
    return {
        "key": said.key, "name": said.name, "timezone": said.timezone.key,
        "from_at": said.from_.instant(said.calendar, opening=True), "to_at": said.to.instant(said.calendar),
        "header": {key: document.body[key] for key in owned(HEADER) if key in document.body},
    }  # fmt: skip


def _name_channels(tx: Tx, plan_id: int, document: Document) -> None:
    names = channel_names(document.body)
    rows = {row.name: row for row in store.channels(tx, plan_id)}
    for name, row in rows.items():
        row.gone = name not in names
    tx.session.add_all(ChannelRow(plan_id=plan_id, name=name) for name in names if name not in rows)
    tx.session.flush()
