"""The section `alerts` of the plan file: which alerts page or tell whom, and which heartbeats are to be heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from pydantic import Field

from callboard.alerts import store
from callboard.alerts.models import Heartbeat, expected
from callboard.core.db import Tx
from callboard.gates.plan.names import check_named, check_severity
from callboard.planfile.check import ID
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.types import Delay, Many, Part, Span, Whom
from callboard.teams.plan.directory import check_who
from callboard.teams.recipients import RELATIVE

LEAST = timedelta(seconds=30)
NAME = "alertname"


class AlertPart(Part):
    """What Callboard does when monitoring sends an alert with these labels, or when a heartbeat stops."""

    key: str = ""
    name: str = ""
    match: dict[str, str] = Field(default_factory=dict, examples=["{alertname: HighErrorRate}"])
    heartbeat: str = Field("", examples=["nightly-backup"])
    every: Span | None = None
    grace: Delay = timedelta()
    group_by: Many = (NAME,)
    severity: str = ""
    team: str = ""
    page: Whom = ()
    policy: str = ""
    escalate: str = ""
    tell: Whom = ()
    emergency: str = ""

    @property
    def called(self) -> str:
        """Its name; without one, what it matches."""
        return self.name or self.key or self.heartbeat or " ".join(_written(self.match))

    @property
    def pages(self) -> bool:
        """Whether it raises a blocker that climbs."""
        return bool(self.page or self.policy or self.escalate)


def _written(match: Mapping[str, str]) -> Iterator[str]:
    """`HighErrorRate shard=3`."""
    for label, value in match.items():
        yield value if label == NAME else f"{label}={value}"


def check(document: Document, parts: Sequence[AlertPart]) -> Iterator[Problem]:
    """Somebody is told of each alert, no two match the same labels, and each heartbeat has its own name."""
    first: dict[object, int] = {}
    for number, part in enumerate(parts):
        at: Path = ("alerts", number)
        yield from check_who(document, (*at, "page"), part.page, RELATIVE)
        yield from check_who(document, (*at, "tell"), part.tell, RELATIVE)
        yield from check_named(document, at, part, "policy", "escalate", "emergency", "team")
        yield from check_severity(document, at, part.severity)
        if not (part.pages or part.tell or part.emergency):
            sentence = "nobody is told of this alert: write `page`, `tell`, `policy`, `escalate` or `emergency`"
            yield document.error(at, sentence)
        if part.policy and part.escalate:
            yield document.error((*at, "escalate"), "`policy` says already how it climbs: leave one of the two out")
        yield from _check_heartbeat(document, at, part) if part.heartbeat else _check_match(document, at, part)
        other = first.setdefault(part.heartbeat or frozenset(part.match.items()), number)
        if other != number and part.heartbeat:
            line = document.line(("alerts", other))
            yield document.error((*at, "heartbeat"), f"line {line} has the same heartbeat: give each its own name")
        elif other != number:
            sentence = f"the alert in line {document.line(('alerts', other))} has the same labels: write them together"
            yield document.warning((*at, "match"), sentence)


def _check_match(document: Document, at: Path, part: AlertPart) -> Iterator[Problem]:
    if not part.match:
        sentence = "say which alerts: `match: {alertname: HighErrorRate}`, or `heartbeat: NAME`"
        yield document.error((*at, "match"), sentence)
    for word in ("every", "grace"):
        if word in part.model_fields_set:
            yield document.error((*at, word), f"`{word}` goes with `heartbeat`: write that, or leave this out")
    if not part.group_by:
        sentence = "write the labels that make one matter, such as `[alertname]`; without the key it is that"
        yield document.error((*at, "group_by"), sentence)


def _check_heartbeat(document: Document, at: Path, part: AlertPart) -> Iterator[Problem]:
    if not ID.fullmatch(part.heartbeat):
        sentence = "a name is made of letters, digits, dots and dashes: it stands in an address"
        yield document.error((*at, "heartbeat"), sentence)
    if part.every is None:
        yield document.error(at, "how often is it to be heard? Write `every: 24h`")
    elif part.every < LEAST:
        yield document.error((*at, "every"), "write 30s or more")
    for word in ("match", "group_by"):
        if word in part.model_fields_set:
            sentence = f"a heartbeat is known by its name: leave `{word}` out, or write an entry of its own"
            yield document.error((*at, word), sentence)


def apply(tx: Tx, plan_id: int, document: Document) -> None:
    """Keep each heartbeat with when it was heard; those that the plan does not name any more are forgotten."""
    kept = {row.name: row for row in store.heartbeats(tx, plan_id)}
    for part in document.of(ALERTS) or ():
        if not part.heartbeat or part.every is None:
            continue
        row = kept.pop(part.heartbeat, None) or Heartbeat(plan_id=plan_id, name=part.heartbeat, every=0, grace=0)
        row.every, row.grace = int(part.every.total_seconds()), int(part.grace.total_seconds())
        if row.heard_at and not row.missing_at:
            row.due_at = expected(row, store.counted_from(tx, row, row.heard_at))
        tx.session.add(row)
    for row in kept.values():
        tx.session.delete(row)
    for group in store.open_in(tx, plan_id):
        if not group.times:
            group.due_at = tx.now  # the plan may start at another time
    tx.session.flush()


ALERTS: Section[tuple[AlertPart, ...]] = Section(
    name="alerts", one="alert", model=tuple[AlertPart, ...], check=check, apply=apply
)
