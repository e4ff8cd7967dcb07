"""Escalation chains of Grafana OnCall: steps in their order, with waits between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from callboard.imports.chains.ladder import Chain, Rung, Target, referred, span
from callboard.imports.values import Entry
from callboard.runbooks.plan.documents.drafts import Draft

CHAIN = "escalation_chain_id"
OTHERS = {
    "resolve": "it resolves by itself: Callboard never does that",
    "trigger_webhook": "it calls a webhook: a step tells people and channels only",
    "trigger_action": "it calls a webhook: a step tells people and channels only",
    "notify_if_time_from_to": "it goes on only at some hours: `respect_quiet` lets pages wait at night",
    "notify_if_num_alerts_in_window": "it goes on only after so many alerts: a climb is about one matter",
    "declare_incident": "it declares an incident: `triggers` of the plan say what becomes an emergency",
}
NOTIFIES: dict[str, tuple[str, ...]] = {
    "notify_persons": ("person", "persons_to_notify"),
    "notify_person_next_each_time": ("person", "persons_to_notify_next_each_time"),
    "notify_on_call_from_schedule": ("schedule", "notify_on_call_from_schedule"),
    "notify_user_group": ("team", "group_to_notify"),
    "notify_team_members": ("team", "notify_to_team_members", "team_to_notify"),
    "notify_whole_channel": ("channel",),
}
"""Whom a step tells, and the keys that may name them: its API and its Terraform provider differ."""
AGAIN, USUAL = 5, timedelta(minutes=5)
"""How often OnCall begins a chain again at most; the pause before that where nothing waits."""


def chains(every: Sequence[Entry], draft: Draft) -> list[Chain]:
    """All chains of a file; empty where it has none of Grafana's."""
    by_chain: dict[str, list[Entry]] = {}
    for entry in every:
        if isinstance(entry.inner.get("type"), str) and isinstance(entry.inner.get(CHAIN), str):
            by_chain.setdefault(entry.text(CHAIN), []).append(entry)
    return [_chain(key, steps, every, draft) for key, steps in by_chain.items()]


def _chain(key: str, steps: list[Entry], every: Sequence[Entry], draft: Draft) -> Chain:
    steps.sort(key=lambda step: step.number("position") or 0)
    lines = [each.line for each in steps], [each.last for each in steps]
    chain = Chain(min(lines[0]), max(lines[1]), _name(key, every, draft))
    elapsed, last = timedelta(), timedelta()
    for step in steps:
        word = step.text("type")
        step.get("id")
        if word == "wait":
            last = span(step.number("duration"), "s") or timedelta()
            elapsed += last
            tell = ("wait", f"{int(last.total_seconds())} s") if last else ("not understood", "no `duration` is given")
            draft.tell(step.line, *tell, step.last)
        elif word == "repeat_escalation":
            chain.again = AGAIN
            draft.tell(step.line, "repeat", f"from the first step, {AGAIN} times at most", step.last)
        elif word in NOTIFIES:
            _notify(chain, step, elapsed, draft)
        else:
            draft.tell(step.line, "left out", OTHERS.get(word, f"the step `{word}`, which I do not know"), step.last)
            step.get("action_to_trigger", "notify_if_time_from", "notify_if_time_to", "severity")
    for before, behind in zip(chain.rungs, chain.rungs[1:], strict=False):
        before.within = behind.after - before.after
    if chain.rungs and elapsed > chain.rungs[-1].after:
        chain.rungs[-1].within = elapsed - chain.rungs[-1].after
    chain.pause = (chain.rungs[-1].within if chain.rungs else None) or USUAL
    return chain


def _notify(chain: Chain, step: Entry, elapsed: timedelta, draft: Draft) -> None:
    kind, *keys = NOTIFIES[step.text("type")]
    words = step.texts(*keys) if keys else [""]
    if not words:
        draft.tell(step.line, "not understood", f"nobody is named: `{keys[-1]}` is empty", step.last)
        return
    if not chain.rungs or chain.rungs[-1].after != elapsed:
        chain.rungs.append(Rung(step.line, step.last, elapsed))
    rung = chain.rungs[-1]
    rung.line, rung.last = min(rung.line, step.line), max(rung.last, step.last)
    rung.targets += [Target(kind, (word,) if word else ()) for word in words]
    if step.text("type") == "notify_person_next_each_time" and len(words) > 1:
        draft.tell(step.line, "not taken", "one of them in turn: all are told; `on_call` of the plan has turns")
    if step.get("important") is True:
        draft.tell(step.line, "not taken", "`important`: how somebody is reached is in `mediums` of the plan")


def _name(key: str, every: Sequence[Entry], draft: Draft) -> str:
    """What a chain is called, by the entry that has its id."""
    for entry in every:
        if entry.inner.get("id") == key and isinstance(entry.inner.get("name"), str) and CHAIN not in entry.inner:
            entry.get("id")
            draft.tell(entry.line, "chain", entry.text("name"), entry.last)
            return entry.text("name")
    return referred(key)
