"""Escalations of Opsgenie: rules that each come due so long after the alert, unless it is acknowledged or closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from callboard.imports.chains.ladder import Chain, Rung, Target, span
from callboard.imports.values import Entry
from callboard.runbooks.plan.documents.drafts import Draft

KINDS = {"user": "person", "team": "team", "schedule": "schedule", "group": "team"}
NEVER = "the alert closes by itself after all repeats: Callboard never does that"
OTHERS = {
    "next": "whoever is on call next: whoever is on call is told",
    "previous": "whoever was on call before: whoever is on call is told",
    "users": "only the users of the team: all of the team are told",
    "admins": "only the admins of the team: all of the team are told",
    "random": "one of the team by chance: all of the team are told",
}


def chains(every: Sequence[Entry], draft: Draft) -> list[Chain]:
    """All escalations of a file; empty where it has none of Opsgenie's."""
    return [_chain(entry, draft) for entry in every if any(map(_is_rule, _listed(entry)))]


def _listed(entry: Entry) -> list[Entry]:
    value = entry.inner.get("rules")
    return [each for each in value if isinstance(each, Entry)] if isinstance(value, list) else []


def _is_rule(rule: Entry) -> bool:
    return any(word in rule.inner for word in ("notifyType", "notify_type", "recipient")) and "delay" in rule.inner


def _chain(entry: Entry, draft: Draft) -> Chain:
    chain = Chain(entry.line, entry.last, entry.text("name") or "Escalation")
    entry.get("id")
    if entry.get("enabled") is False:
        draft.tell(entry.line, "not taken", "it is switched off there: delete it here, unless you want it")
    timed = [(_delay(rule, draft), rule) for rule in entry.entries("rules")]
    for after, rule in sorted(timed, key=lambda pair: pair[0]):
        if not chain.rungs or chain.rungs[-1].after != after:
            chain.rungs.append(Rung(rule.line, rule.last, after))
        rung = chain.rungs[-1]
        rung.line, rung.last = min(rung.line, rule.line), max(rung.last, rule.last)
        rung.targets += map(_target, rule.entries("recipient", "recipients"))
        _conditions(rule, draft)
    for before, behind in zip(chain.rungs, chain.rungs[1:], strict=False):
        before.within = behind.after - before.after
    for repeat in entry.entries("repeat"):
        _repeat(chain, repeat, draft)
    return chain


def _delay(rule: Entry, draft: Draft) -> timedelta:
    delay, unit = rule.number("delay"), "minutes"
    for given in rule.entries("delay"):
        delay, unit = given.number("timeAmount", "time_amount"), given.text("timeUnit", "time_unit") or "minutes"
    found = span(delay, unit)
    if found is None:
        draft.tell(rule.line, "not understood", "no `delay` is given: it is told at once")
    return found or timedelta()


def _target(given: Entry) -> Target:
    words = [given.text(word) for word in ("username", "name", "id")]
    return Target(KINDS.get(given.text("type"), "person"), tuple(filter(None, words)))


def _conditions(rule: Entry, draft: Draft) -> None:
    if rule.text("condition") == "if-not-closed":
        words = "it also tells of what is acknowledged and not closed: an acknowledged climb goes on after `idle_after`"
        draft.tell(rule.line, "not taken", words)
    elif rule.text("condition") not in ("", "if-not-acked"):
        draft.tell(rule.line, "not understood", f"the condition `{rule.text('condition')}`")
    kind = rule.text("notifyType", "notify_type")
    if kind in OTHERS:
        draft.tell(rule.line, "not taken", OTHERS[kind])
    elif kind not in ("", "default", "all"):
        draft.tell(rule.line, "not understood", f"the notify type `{kind}`")


def _repeat(chain: Chain, repeat: Entry, draft: Draft) -> None:
    chain.pause = span(repeat.number("waitInterval", "wait_interval"), "m")
    chain.again = int(min(repeat.number("count") or 0, 100)) if chain.pause else 0
    if repeat.get("closeAlertAfterAll", "close_alert_after_all") is True:
        draft.tell(repeat.line, "left out", NEVER)
    if repeat.get("resetRecipientStates", "reset_recipient_states") is True:
        draft.tell(
            repeat.line,
            "left out",
            "an acknowledgement is undone before each repeat: an acknowledged climb does not repeat",
        )
