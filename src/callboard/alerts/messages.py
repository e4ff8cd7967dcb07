"""How alerts, rules and heartbeats read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callboard import blocks as b
from callboard.alerts.models import Alert, AlertGroup, Heartbeat, Ignored, Source, State, Tally
from callboard.alerts.plan import AlertPart
from callboard.alerts.rules import SINCE_BEFORE
from callboard.alerts.store import Counts
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, few, few_lines, lasted
from callboard.planfile.times import show_span
from callboard.teams.directory import Directory

LONG, SHORT, MOST_LABELS, MOST_RULES, MOST_NAMED = 300, 120, 6, 30, 6
PLAN_OVER, NO_NEWS, NO_RULE = "the plan is over", "no news for a day", "the plan has no such rule any more"
GATHERED = "others of its rule tell of it"
IGNORED = complete(Ignored, {
    Ignored.UNMATCHED: "matched no rule", Ignored.EARLY: "came before the plan started",
    Ignored.LATE: "came after the plan ended", Ignored.UNREADABLE: "could not be read",
})  # fmt: skip


@dataclass(frozen=True)
class View:
    """A group with its counts, and some of its alerts."""

    group: AlertGroup
    directory: Directory
    counts: Counts
    alerts: Sequence[Alert] = ()
    why: str = ""

    @property
    def is_open(self) -> bool:
        return self.group.closed_at is None

    @property
    def title(self) -> str:
        return m.clip(m.escape(self.group.title), LONG)


def card(shown: View) -> Message:
    """The one card of a group in a channel."""
    group = shown.group
    lines = [_alert(alert) for alert in shown.alerts] if shown.is_open else []
    more = shown.counts.firing - len(lines)
    light = ":rotating_light:" if shown.is_open else ":large_green_circle:"
    what = b.section(f"{light} {m.bold(shown.title)}\n{state_now(shown)}")
    listed = [*lines, *([f"and {more:,} more"] if lines and more > 0 else [])]
    return Message(
        f"{'Alert' if shown.is_open else 'Resolved'}: {shown.title}",
        [what, *([b.section("\n".join(listed))] if listed else []), b.context(*_origin(group))],
    )  # fmt: skip


def state_now(shown: View) -> str:
    group, counts = shown.group, shown.counts
    if not shown.is_open:
        return _over(shown)
    again = f", for the {_ordinal(group.times)} time" if group.times > 1 else ""
    has = f" Blocker {group.blocker} is open: `/blocker show {group.blocker}`" if group.blocker else ""
    later = f" If it still does by {m.date(group.page_at)}, I page again." if group.page_at else ""
    return f"{_firing(counts)}{again}, since {m.date(group.opened_at, 'both')}.{later or has}"


def _over(shown: View) -> str:
    group = shown.group
    at = m.date(group.closed_at, "both") if group.closed_at else ""
    if group.closed_by in shown.directory.people:
        return f"Closed by {shown.directory.called(group.closed_by)}, {at}."
    if group.closed_by not in set(Source):
        return f"Not followed any more since {at}: {group.closed_by}."
    took = f", after {lasted(group.closed_at - group.opened_at)}" if group.closed_at else ""
    return f"Resolved {at}{took}: {counted(shown.counts.every, 'alert')}."


def tell_counts(group: AlertGroup, counts: Counts) -> str:
    """The line on the card of its blocker."""
    if group.source == Source.HEARTBEAT:
        return ""
    if group.closed_at is not None:
        return f"{counted(counts.every, 'alert')} in all"
    later = f" again. If it still does by {m.date(group.page_at)}, I page again" if group.page_at else ""
    return f"{_firing(counts)}{later}"


def _firing(counts: Counts) -> str:
    """`1 alert firing`, `3 of 5 alerts firing`."""
    of = f" of {counts.every:,}" if counts.every > counts.firing else ""
    return f"{counts.firing:,}{of} {'alert' if counts.every == 1 else 'alerts'} firing"


def _ordinal(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ends.get(number % 10, 'th')}"


def _alert(alert: Alert) -> str:
    labels = few([f"{key}={value}" for key, value in alert.labels.items()], MOST_LABELS)
    name = m.escape(alert.title) if not alert.url else m.link(alert.title, alert.url)
    return f"• {name}  {m.clip(m.escape(labels), LONG)}"


def _origin(group: AlertGroup) -> list[str]:
    return [f"From {m.escape(group.source)}", f"Rule: {m.clip(m.escape(group.rule), SHORT)}"]


def told(shown: View) -> Message:
    """What people read who are told of it."""
    light = ":rotating_light:" if shown.is_open else ":large_green_circle:"
    return Message(f"{light} {m.escape(shown.directory.plan_name)}: {m.bold(shown.title)}\n{state_now(shown)}")


def early(directory: Directory, starts_at: datetime) -> Message:
    """Alerts come, and the plan does not run yet."""
    return Message(
        f":bell: Alerts arrive already, and {m.escape(directory.plan_name)} starts {m.date(starts_at, 'both')}. "
        "Until then nobody is told of them. What still fires then acts once. `/plan alerts` shows what that is."
    )  # fmt: skip


def started(directory: Directory, groups: Sequence[AlertGroup]) -> Message:
    """The plan starts, and these have fired since before."""
    lines = [f"• {m.clip(m.escape(group.title.removesuffix(SINCE_BEFORE)), LONG)}{_has(group)}" for group in groups]
    head = f":bell: {m.escape(directory.plan_name)} starts, and {counted(len(groups), 'matter')} fired before:"
    return Message("\n".join([head, *few_lines(lines, MOST_RULES)]))


def _has(group: AlertGroup) -> str:
    return f", blocker {group.blocker}: `/blocker show {group.blocker}`" if group.blocker else ""


@dataclass(frozen=True)
class RuleView:
    """A rule and its newest group."""

    part: AlertPart
    last: AlertGroup | None
    firing: int


@dataclass(frozen=True)
class Overview:
    """All that the plan says about alerts, and how it stands."""

    directory: Directory
    rules: Sequence[RuleView]
    heartbeats: Sequence[Heartbeat]
    tallies: Sequence[Tally]


def overview(shown: Overview) -> Message:
    """What `/plan alerts` answers."""
    if not shown.rules and not shown.heartbeats:
        how = "Write `alerts:` in the plan file; docs/alerts.md shows how."
        return Message(f"{m.escape(shown.directory.plan_name)} has no rules for alerts and no heartbeats. {how}")
    rules = few_lines([_rule(shown.directory, each) for each in shown.rules], MOST_RULES)
    beats = few_lines([_heartbeat(each) for each in shown.heartbeats], MOST_RULES)
    blocks = [*_list("Alerts", rules), *_list("Heartbeats", beats)]
    counts = [_tally(each) for each in shown.tallies]
    return Message("Alerts and heartbeats", [*blocks, *([b.context(*counts)] if counts else [])])


def _list(title: str, lines: Sequence[str]) -> list[b.Block]:
    groups = [lines[first : first + 10] for first in range(0, len(lines), 10)]
    return [
        b.section("\n".join([*([m.bold(title)] if not number else []), *some])) for number, some in enumerate(groups)
    ]


def _rule(directory: Directory, rule: RuleView) -> str:
    part, last = rule.part, rule.last
    does = [
        f"pages {_whom(directory, part.page)}" if part.page else f"pages by {m.escape(part.policy or part.escalate)}"
        if part.pages else "",
        f"tells {_whom(directory, part.tell)}" if part.tell else "",
        f"declares emergency {m.escape(part.emergency)}" if part.emergency else "",
    ]  # fmt: skip
    what = f"• {m.bold(m.clip(m.escape(part.called), SHORT))}: {', '.join(filter(None, does))}"
    if last is None:
        return f"{what}  ·  never fired"
    if last.closed_at is None:
        alerts = f"{counted(rule.firing, 'alert')}, " if rule.firing else ""
        blocker = f", blocker {last.blocker}" if last.blocker else ""
        since = f"fires: {alerts}since {m.date(last.opened_at, 'both')}{blocker}"
        return f":rotating_light: {what.removeprefix('• ')}  ·  {since}"
    return f"{what}  ·  last fired {m.date(last.opened_at, 'both')}, over {m.date(last.closed_at, 'both')}"


def _whom(directory: Directory, words: Iterable[str]) -> str:
    """Whom a rule names, without ringing them."""
    named = [word if word.startswith("#") else directory.spoken_of(word).replace("_", " ") for word in words]
    return m.escape(few(named, MOST_NAMED))


def _heartbeat(row: Heartbeat) -> str:
    what = f"• {m.bold(m.escape(row.name))}, every {show_span(timedelta(seconds=row.every))}"
    if row.heard_at is None:
        return f"{what}: never heard. I watch it from its first beat on"
    heard = f"last heard {m.date(row.heard_at, 'both')}"
    if row.missing_at is not None:
        return f":warning: {what.removeprefix('• ')}: {heard}, missing since {m.date(row.missing_at, 'both')}"
    return f"{what}: {heard}, missing from {m.date(row.due_at, 'both')}" if row.due_at else f"{what}: {heard}"


def _tally(row: Tally) -> str:
    last = f"the last {m.date(row.last_at, 'both')}: {m.clip(m.escape(row.last), SHORT)}"
    return f"{counted(row.count, 'alert')} {IGNORED[Ignored(row.why)]}, {last}"


def is_firing(alert: Alert) -> bool:
    return alert.state == State.FIRING
