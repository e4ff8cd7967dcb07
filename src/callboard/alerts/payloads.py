"""What Alertmanager, Sentry and anybody else sends, read as alerts. Unreadable has the sentence for whoever sent it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from callboard.alerts.models import Incoming
from callboard.core.words import storable
from callboard.web.fields import DEEPEST, depth, instant

MOST_LABELS, LONGEST_LABELS, LONGEST_TITLE, LONGEST_SAID, LONGEST_URL = 200, 20_000, 300, 1000, 1000
NAME = "alertname"
EXAMPLE = '{"title": "Disk is full", "labels": {"host": "db-1"}}'
UNUSED = ("installation", "error", "comment", "seer", "size_analysis", "preprod_artifact")
"""What Sentry reports that is no alert. An `error` is one occurrence, even of an issue that is archived."""
DONE = ("resolved", "archived", "ignored")


class Unreadable(Exception):
    """A body that holds no alerts; the sentence says what is wrong with it."""


class Batch(NamedTuple):
    """The alerts that were sent together, each once, and a sentence about each that cannot be read."""

    read: list[Incoming]
    unreadable: list[str]


def alertmanager(body: bytes) -> Batch:
    """The alerts of a webhook of Alertmanager, version 4, which Grafana sends too."""
    report = _object(body)
    alerts = report.get("alerts")
    if not isinstance(alerts, list) or not alerts:
        raise Unreadable("There are no `alerts` in it: this address takes what a webhook of Alertmanager sends.")
    return _each(alerts, _of_alertmanager)


def _of_alertmanager(number: int, alert: Any) -> Incoming:
    if not isinstance(alert, dict) or alert.get("status") not in ("firing", "resolved"):
        raise Unreadable(f"Alert {number} has no `status` that is `firing` or `resolved`.")
    labels = _labels(alert.get("labels"), f"Alert {number}")
    notes = {key: storable(value) for key, value in _mapping(alert.get("annotations")).items()}
    title = labels.get(NAME) or notes.get("title") or next(iter(labels.values()))
    return Incoming(
        fingerprint=f"alertmanager:{storable(alert.get('fingerprint') or _digest(labels))[:100]}",
        title=title[:LONGEST_TITLE], labels=labels, firing=alert["status"] == "firing",
        said=(notes.get("summary") or notes.get("description") or notes.get("message") or "")[:LONGEST_SAID],
        url=_url(alert.get("generatorURL")), started_at=instant(alert.get("startsAt")),
        ended_at=instant(alert.get("endsAt")),
    )  # fmt: skip


def webhook(body: bytes) -> Batch:
    """One alert, or a list of them, of anything that can send JSON."""
    written = _read(body)
    every = written if isinstance(written, list) else [written]
    if not every:
        raise Unreadable(f"There is no alert in it: send for example {EXAMPLE}")
    return _each(every, lambda _, alert: _of_webhook(alert), "Alert {}: " if len(every) > 1 else "")


def _each(written: Sequence[Any], of: Callable[[int, Any], Incoming], lead: str = "") -> Batch:
    """One that cannot be read must not keep the others from whoever is paged for them; `lead` says which it is."""
    read, unreadable = dict[str, Incoming](), list[str]()
    for number, alert in enumerate(written, 1):
        try:
            found = of(number, alert)
            read[found.fingerprint] = found
        except Unreadable as wrong:
            unreadable.append(f"{lead.format(number)}{wrong}")
    return Batch(list(read.values()), unreadable)


def _of_webhook(alert: Any) -> Incoming:
    title = storable(alert.get("title") or "").strip() if isinstance(alert, dict) else ""
    if not title:
        raise Unreadable(f"An alert needs a `title`: send for example {EXAMPLE}")
    status = alert.get("status", "firing")
    if status not in ("firing", "resolved"):
        raise Unreadable("The `status` of an alert is `firing` or `resolved`; without it, `firing`.")
    own = _labels(alert.get("labels"), "This alert")
    labels = {NAME: title, **own}
    return Incoming(
        fingerprint=f"webhook:{storable(alert['key'])[:100]}" if alert.get("key") else f"webhook:{_digest(labels)}",
        title=title[:LONGEST_TITLE], labels=labels, firing=status == "firing",
        said=storable(alert.get("text") or "")[:LONGEST_SAID], url=_url(alert.get("url")),
        started_at=instant(alert.get("started_at")), ended_at=instant(alert.get("ended_at")),
    )  # fmt: skip


def sentry(body: bytes, resource: str) -> list[Incoming]:
    """What Sentry reports: an issue, an issue alert, or a metric alert; nothing for what is no alert."""
    report = _object(body)
    data, action = _mapping(report.get("data")), report.get("action")
    match resource:
        case "event_alert":
            event = _mapping(data.get("event"))
            labels = {NAME: event.get("title") or data.get("triggered_rule"), "rule": data.get("triggered_rule")}
            labels |= {"project": event.get("project_slug") or event.get("project"), "level": event.get("level")}
            own = (pair for pair in event.get("tags") or () if isinstance(pair, list) and len(pair) == 2)  # noqa: PLR2004
            return [_of_sentry("issue", event.get("issue_id"), {**dict(own), **labels}, url=event.get("web_url"))]
        case "issue":
            if action not in (*DONE, "created", "unresolved"):
                return []
            issue = _mapping(data.get("issue"))
            project = _mapping(issue.get("project")).get("slug")
            labels = {NAME: issue.get("title"), "project": project, "level": issue.get("level")}
            found = _of_sentry(
                "issue", issue.get("id"), labels, firing=action not in DONE, said=issue.get("culprit"),
                url=issue.get("web_url") or issue.get("permalink"),
            )  # fmt: skip
            return [found]
        case "metric_alert":
            alert = _mapping(data.get("metric_alert"))
            rule = _mapping(alert.get("alert_rule")).get("name") or data.get("description_title")
            labels = {NAME: rule, "level": action, "project": ", ".join(map(str, alert.get("projects") or ()))}
            said, url = data.get("description_text"), data.get("web_url")
            return [_of_sentry("metric", alert.get("id"), labels, firing=action not in DONE, said=said, url=url)]
        case _ if resource in UNUSED:
            return []
    unknown = f"sent `{storable(resource)[:40]}`, which I don't know" if resource else "did not say what it sent"
    raise Unreadable(f"Sentry {unknown}: I read event_alert, issue and metric_alert.")


def _of_sentry(
    kind: str, number: Any, labels: Mapping[str, Any], *, firing: bool = True, said: Any = "", url: Any = ""
) -> Incoming:
    if not number or not labels[NAME]:
        raise Unreadable(f"This {kind} has no id or no title, which Sentry documents.")
    known = _labels({key: value for key, value in labels.items() if value}, f"This {kind}")
    return Incoming(
        fingerprint=f"sentry:{kind}:{storable(number)[:60]}", title=known[NAME][:LONGEST_TITLE], labels=known,
        firing=firing, said=storable(said or "")[:LONGEST_SAID], url=_url(url),
    )  # fmt: skip


def _object(body: bytes) -> dict[str, Any]:
    report = _read(body)
    if not isinstance(report, dict):
        raise Unreadable("The body is JSON, but no object: `{...}` is meant.")
    return report


def _read(body: bytes) -> Any:
    try:
        written = json.loads(body)
        if depth(written) > DEEPEST:
            raise Unreadable(f"This is more than {DEEPEST} levels deep.")
    except (ValueError, RecursionError):
        raise Unreadable("The body is not JSON.") from None
    return written


def _labels(written: Any, whose: str) -> dict[str, str]:
    """The labels of an alert as text."""
    if not isinstance(written, dict) or not written:
        raise Unreadable(f"{whose} has no `labels`, and the plan knows alerts by them. For example {EXAMPLE}")
    if any(isinstance(value, dict | list) for value in written.values()):
        raise Unreadable(f"{whose} has labels that hold lists or objects: a label is a text.")
    labels = {storable(key): storable(value) for key, value in written.items() if value is not None}
    if len(labels) > MOST_LABELS or sum(len(key) + len(value) for key, value in labels.items()) > LONGEST_LABELS:
        sentence = f"{whose} has too many labels: {MOST_LABELS} with {LONGEST_LABELS:,} characters in all are taken."
        raise Unreadable(sentence)
    if not labels:
        raise Unreadable(f"{whose} has no `labels`, and the plan knows alerts by them. For example {EXAMPLE}")
    return labels


def _digest(labels: Mapping[str, str]) -> str:
    """The same labels are the same alert, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(labels.items())).encode()).hexdigest()[:32]


def _mapping(written: Any) -> Mapping[str, Any]:
    return written if isinstance(written, dict) else {}


def _url(value: Any) -> str:
    """An address that can be shown; empty for what is none."""
    text = storable(value or "")
    return text if text.startswith(("http://", "https://")) and len(text) <= LONGEST_URL else ""
