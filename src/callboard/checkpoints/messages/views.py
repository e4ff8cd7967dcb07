"""A checkpoint and what was asked at it, as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from callboard.blocks import markup as m
from callboard.checkpoints import expectations, store
from callboard.checkpoints.models import Checkpoint, Inquiry, State
from callboard.checkpoints.plan import CheckpointPart
from callboard.core.db import Tx
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.planfile import names
from callboard.plans import holds
from callboard.teams import service as teams
from callboard.teams.directory import Directory


@dataclass(frozen=True, kw_only=True)
class Line:
    """One expectation as it stood; `says` is only what was expected, `text` all of it."""

    task: str
    says: str
    text: str
    holds: bool


@dataclass(frozen=True, kw_only=True)
class InquiryView:
    """What some people are asked. `people`, `by` and `told` are names that ring nobody; `off` is what is behind."""

    row: Inquiry
    checkpoint: str
    key: str
    people: str
    by: str
    off: tuple[Line, ...]
    told: str
    next: str
    whose: str = ""
    """The teams that it is about, where somebody is asked about others as well."""

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(map(m.escape, self.row.questions))

    @property
    def answers(self) -> tuple[tuple[str, str], ...]:
        return tuple((m.escape(each["ask"]), each["said"]) for each in self.row.answers if each["said"])


@dataclass(frozen=True, kw_only=True)
class CheckpointView:
    """A checkpoint with what was asked at it; `asks` are the questions of one that is still to come."""

    row: Checkpoint
    by: str = ""
    lines: tuple[Line, ...]
    trend: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    inquiries: tuple[InquiryView, ...] = ()
    asks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return m.escape(self.row.name)

    @property
    def off(self) -> list[Line]:
        return [line for line in self.lines if not line.holds]


def checkpoint(tx: Tx, row: Checkpoint) -> CheckpointView:
    directory, last = teams.directory(tx, row.plan_id), expectations.before(tx, row)
    return CheckpointView(
        row=row, by=_names(directory, filter(None, [row.by])), trend=tuple(_trend(directory, row, last)),
        lines=tuple(_line(directory, item, last) for item in row.items), waiting=tuple(_waits(tx, directory, row)),
        inquiries=tuple(inquiry(tx, asked) for asked in store.inquiries(tx, row.number)),
    )  # fmt: skip


def coming(tx: Tx, row: Checkpoint, part: CheckpointPart) -> CheckpointView:
    """A checkpoint that was not checked yet, as it would stand now."""
    directory, last = teams.directory(tx, row.plan_id), expectations.before(tx, row)
    items = [asdict(item) for item in expectations.stands(tx, row.plan_id, part)]
    return CheckpointView(row=row, lines=tuple(_line(directory, item, last) for item in items), asks=part.ask)


def inquiry(tx: Tx, row: Inquiry) -> InquiryView:
    directory, checkpoint = teams.directory(tx, row.plan_id), store.checkpoint(tx, row.checkpoint_id)
    last = expectations.before(tx, checkpoint)
    ladder = escalation.ladder(tx, checkpoint.subject) if row.state == State.SILENT else None
    told = dict.fromkeys((*row.told, *(escalation.told(tx, checkpoint.subject) if ladder else ())))
    coming = ladder.next if ladder and ladder.next and ladder.next.whom else None
    then = f"Next: {coming.level}, {m.date(coming.at, 'both')}." if coming else ""
    others = [asked for asked in store.inquiries(tx, row.checkpoint_id) if asked.number != row.number]
    shared = any(set(row.people) & set(asked.people) for asked in others)
    return InquiryView(
        row=row, checkpoint=m.escape(checkpoint.name), key=checkpoint.key, people=_names(directory, row.people),
        by=_names(directory, filter(None, [row.by])),
        off=tuple(_line(directory, checkpoint.items[place], last) for place in row.places),
        told=_names(directory, told), next=then,
        whose=joined(m.escape(directory.spoken_of(team)) for team in row.teams) if shared else "",
    )  # fmt: skip


def _line(directory: Directory, item: dict[str, Any], last: Checkpoint | None) -> Line:
    who = f" ({_names(directory, item['who'])})" if item["who"] else ""
    short = f": *{item['short']}*" if item["short"] else ""
    was = last.percents.get(item["task"]) if last else None
    before = f"{was}%" if was else ""
    lately = ", as last time" if item["stands"].startswith(before) else f", {before} last time"
    text = f"{item['says']}{who}: {item['stands']}{short}{lately if before else ''}"
    return Line(task=item["task"], says=item["says"], text=text, holds=item["holds"])


def _trend(directory: Directory, row: Checkpoint, last: Checkpoint | None) -> Iterator[str]:
    """How far each team is with all of its tasks, and how far it was last time."""
    for team, percent in row.progress.items():
        was = last.progress.get(team) if last else None
        still = "still " if was == percent else ""
        since = f" ({was}% at {m.escape(last.name)})" if last and was is not None and not still else ""
        yield f"{m.escape(directory.spoken_of(team))} is {still}at {percent}%{since}"


def _waits(tx: Tx, directory: Directory, row: Checkpoint) -> Iterator[str]:
    for team in row.on_hold:
        by = [names.named(teams.document(tx, row.plan_id), hold.by) for hold in holds.standing(tx, row.plan_id, team)]
        name = m.escape(directory.spoken_of(team))
        yield f"{name} waits for {joined(by)}, so its lead is not asked." if by else f"{name} may begin now."


def _names(directory: Directory, keys: Iterable[str]) -> str:
    return joined(m.escape(directory.name(key)) for key in keys)
