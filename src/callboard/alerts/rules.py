"""Which rule of the plan an alert matches, the first in the file, and with which others people hear of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from callboard.alerts import plan
from callboard.alerts.models import Incoming
from callboard.alerts.plan import NAME, AlertPart
from callboard.core.db import Tx
from callboard.core.words import joined
from callboard.teams import service as teams

MOST_GROUPS = 10
"""Open groups of one rule; what is beyond makes one group more, so that no label can start a storm."""
LONGEST = 200
SINCE_BEFORE = ", firing since before the start"
WORD = re.compile(r"\w")


@dataclass(eq=False)
class Bunch:
    """Alerts sent together that are one matter; `key` tells it from others of the plan.

    What is `early` came before the plan starts.
    """

    rule: AlertPart
    key: str
    title: str
    alerts: list[Incoming] = field(default_factory=list)
    early: bool = False


def rules(tx: Tx, plan_id: int) -> Sequence[AlertPart]:
    """What the plan says about alerts, as it stands."""
    return teams.document(tx, plan_id).of(plan.ALERTS) or ()


def heartbeat(tx: Tx, plan_id: int, name: str) -> AlertPart | None:
    """The entry of a heartbeat."""
    return next((rule for rule in rules(tx, plan_id) if rule.heartbeat == name), None)


def matches(rule: AlertPart, labels: Mapping[str, str]) -> bool:
    return bool(rule.match) and all(
        label in labels and fnmatchcase(labels[label], _pattern(value)) for label, value in rule.match.items()
    )


def _pattern(written: str) -> str:
    """Only `*` stands for something else."""
    return written.replace("[", "[[]").replace("?", "[?]")


def bunches(known: Sequence[AlertPart], alerts: Sequence[Incoming]) -> tuple[list[Bunch], list[Incoming]]:
    """What was sent, by matter and in one order everywhere; and what no rule matches."""
    found: dict[str, Bunch] = {}
    strange: list[Incoming] = []
    for alert in alerts:
        rule = next((rule for rule in known if matches(rule, alert.labels)), None)
        if rule is None:
            strange.append(alert)
            continue
        values = [alert.labels.get(label, "") for label in rule.group_by]
        key = key_of(rule, values)
        if key not in found:
            found[key] = Bunch(rule, key, _title(rule, alert, values))
        found[key].alerts.append(alert)
    return sorted(found.values(), key=lambda bunch: bunch.key), strange


def key_of(rule: AlertPart, values: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps([rule.called, *values]).encode()).hexdigest()[:32]


def others(bunch: Bunch) -> Bunch:
    """The group of all that is beyond the most groups of a rule."""
    title = f"{bunch.rule.called}: more than {MOST_GROUPS} matters at once, all others together"
    return Bunch(bunch.rule, key_of(bunch.rule, ["", "all others"]), title, bunch.alerts)


def since_before(what: str, firing: int) -> str:
    """What a matter is called that has fired since before the plan started."""
    many = f" ({firing} alerts)" if firing > 1 else ""
    end = f"{many}{SINCE_BEFORE}"
    return f"{what[: LONGEST - len(end)]}{end}"


def _title(rule: AlertPart, alert: Incoming, values: Sequence[str]) -> str:
    """`HighErrorRate (service checkout): Error rate above 1 %`."""
    named = alert.title if NAME in rule.group_by or not rule.name else rule.name
    apart = [f"{label} {value}" for label, value in zip(rule.group_by, values, strict=True) if label != NAME and value]
    of = f" ({joined(apart)})" if apart else ""
    title = f"{named}{of}{f': {alert.said}' if alert.said else ''}"
    return (title if WORD.search(title) else f"Alert {title}")[:LONGEST]
