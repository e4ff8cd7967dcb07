"""How the difference between two plans is read: in a terminal, and as a comment in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from callboard.blocks import markdown
from callboard.core.words import counted, few_lines, joined
from callboard.rehearsal.comparison import as_likely
from callboard.rehearsal.comparison.noise import Noise
from callboard.rehearsal.findings import Finding, summary

if TYPE_CHECKING:
    from callboard.rehearsal.comparison import Change, Difference
    from callboard.rehearsal.comparison.outcome import GateOutcome

NONE = "No difference for anybody."
MOST_ROWS = 50
MOMENTS = ("due", "begun", "ready", "passed")
AMOUNTS = ("messages", "pages", "at_night")
NOTHING = Noise()
CALLS = re.compile(r"(?<=[@#])(?=\w)")
"""Where a forge would call somebody, or link another matter."""


def as_text(difference: Difference) -> str:
    """Only what differs, the worst first."""
    rows = [] if difference.is_none else [title(difference), overview(difference)]
    for head, section in _sections(difference):
        rows += ["", head, *(f"  {row}" for row in section)]
    return "\n".join(rows or [NONE]) + "\n"


def as_markdown(difference: Difference) -> str:
    """The same as a comment, which calls nobody."""
    rows = [f"### {_escaped(title(difference))}", "", NONE if difference.is_none else f"**{overview(difference)}**"]
    for head, section in _sections(difference):
        rows += ["", f"#### {head}", *(f"- {_escaped(row)}" for row in section)]
    return "\n".join(rows) + "\n"


def refused(sentence: str) -> str:
    """A comment about plans that can't be compared."""
    rows = sentence.splitlines()
    return "\n".join(["### This change can't be rehearsed", "", *(f"- {_escaped(row)}" for row in rows)]) + "\n"


def title(difference: Difference) -> str:
    return f"What this change does in {difference.plan.plan}"


def overview(difference: Difference) -> str:
    """Counts: what is new, what is gone, what is different."""
    lines = [*difference.missed, *difference.met]
    others = joined(
        counted(len(rows), *words) for rows, *words in (
            (difference.gates, "gate"), (difference.people, "person", "people"),
            (difference.other, "finding"), (lines, "line of the script", "lines of the script"),
        ) if rows
    )  # fmt: skip
    found = [f"{word}: {summary(each)}." for word, each in (("New", difference.new), ("Gone", difference.gone)) if each]
    here, there = difference.plan.zone.key, difference.zone_was.key
    zone = [f"Times are in {here}, the zone of the plan now; it was {there}."] if here != there else []
    return " ".join([*found, *([f"Different: {others}."] if others else []), *zone])


def _escaped(text: str) -> str:
    return CALLS.sub("<!-- -->", markdown.shown(text))


def _sections(difference: Difference) -> Iterator[tuple[str, Sequence[str]]]:
    zone, people = difference.plan.zone, difference.people
    for head, rows in (
        ("New", [_found(each) for each in difference.new]),
        ("With other counts", [_found(each) for each in difference.other]),
        ("Gone", [f"{each.kind}: {each.what}" for each in difference.gone]),
        ("Gates", [_gate(change, zone) for change in difference.gates]),
        ("People", [_person(change) for change in ([difference.all] if people else []) + list(people)]),
        ("Script: no longer true", [f"line {miss.line}: {miss.sentence}" for miss in difference.missed]),
        ("Script: true now", [f"line {miss.line}: {miss.sentence}" for miss in difference.met]),
    ):
        if rows:
            yield head, few_lines(rows, MOST_ROWS)


def _found(finding: Finding) -> str:
    seen = f" To see it: `callboard rehearse PLAN {finding.replay}`." if finding.replay else ""
    return f"{finding.kind}, line {finding.line}: {finding.what} {finding.why} {finding.instead}{seen}"


def _gate(change: Change[GateOutcome], zone: ZoneInfo) -> str:
    """`Gate 2: due Fri 14 Nov, 18:00 (was Fri 14 Nov, 17:00); chance 61 % (was 82 %)`."""
    before, after = change.before, change.after
    if after is None:
        return f"{change.name} is gone."
    facts = [
        f"{_told(name, now, zone)}{f' (was {_moment(was, zone)})' if before else ''}" for name in MOMENTS
        if (was := getattr(before, name, None)) != (now := getattr(after, name))
    ]  # fmt: skip
    if before is None or not as_likely(before, after):
        was_likely = f" (was {_chance(before.chance)})" if before else ""
        facts += [f"chance to be in time {_chance(after.chance)}{was_likely}"]
    return f"{change.name}{'' if before else ' is new'}: {'; '.join(facts)}"


def _told(name: str, at: datetime | None, zone: ZoneInfo) -> str:
    return f"{name} {_moment(at, zone)}" if at else f"not {name}"


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    if at is None:
        return "never"
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def _chance(chance: float | None) -> str:
    return "unknown" if chance is None else f"{chance:.0%}".replace("%", " %")


def _person(change: Change[Noise]) -> str:
    """`Amp: 41 messages (was 34), 6 pages (was 3)`; whoever hears of it no more has none."""
    was, now = change.before or NOTHING, change.after or NOTHING
    facts = [
        f"{_amount(name, getattr(now, name))} (was {getattr(was, name)})"
        for name in AMOUNTS if getattr(was, name) != getattr(now, name)
    ]  # fmt: skip
    return f"{change.name}: {', '.join(facts)}"


def _amount(name: str, number: int) -> str:
    return f"{number} at night" if name == "at_night" else counted(number, name.removesuffix("s"))
