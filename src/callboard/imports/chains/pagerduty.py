"""Escalation policies of PagerDuty: rules that each have so long until the next is told, and loops over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from callboard.imports.chains.ladder import Chain, Rung, Target, span
from callboard.imports.values import Entry
from callboard.runbooks.plan.documents.drafts import Draft

DELAY = "escalation_delay_in_minutes"
RULES = ("escalation_rules", "rule", "rules")
USUAL = timedelta(minutes=30)
QUIET = ("id", "type", "self", "html_url")


def chains(every: Sequence[Entry], draft: Draft) -> list[Chain]:
    """All policies of a file; empty where it has none of PagerDuty's."""
    return [_chain(entry, draft) for entry in every if any(map(_is_rule, _rules(entry)))]


def _rules(entry: Entry) -> list[Entry]:
    values = (entry.inner.get(word) for word in RULES)
    return next(
        ([each for each in value if isinstance(each, Entry)] for value in values if isinstance(value, list)), []
    )


def _is_rule(entry: Entry) -> bool:
    return DELAY in entry.inner or ("targets" in entry.inner and "recipient" not in entry.inner)


def _chain(entry: Entry, draft: Draft) -> Chain:
    chain = Chain(entry.line, entry.last, entry.text("name", "summary") or "Escalation")
    entry.get("name"), entry.get("summary"), entry.get(*QUIET)
    elapsed = timedelta()
    for rule in entry.entries(*RULES):
        wait = span(rule.number(DELAY), "m")
        if not wait:
            draft.tell(rule.line, "not understood", f"no `{DELAY}` is given: 30 minutes taken")
        rung = Rung(rule.line, rule.last, elapsed, wait or USUAL)
        rule.get("id")
        for target in rule.entries("targets", "target"):
            rung.targets.append(_target(target))
        strategy = rule.entries("escalation_rule_assignment_strategy")
        if strategy and strategy[0].text("type") == "round_robin":
            draft.tell(strategy[0].line, "not taken", "turns by round robin: a step tells all of its people")
        chain.rungs.append(rung)
        elapsed += rung.within or USUAL
    chain.again = int(min(entry.number("num_loops") or 0, 100))
    chain.pause = chain.rungs[-1].within if chain.rungs else None
    if entry.get("repeat_enabled") is True and not chain.again:
        draft.tell(entry.line, "not understood", "it repeats, and nothing says how often")
    return chain


def _target(target: Entry) -> Target:
    kind = "schedule" if "schedule" in target.text("type") else "person"
    words = [target.text(word) for word in ("email", "name", "summary", "id")]
    target.get("self", "html_url")
    return Target(kind, tuple(filter(None, words)))
