"""What happened to an emergency, line by line, as its thread and its report have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callboard.blocks import markup as m
from callboard.core.timeline import BOT
from callboard.core.words import complete, few
from callboard.emergencies.messages import LISTED, UPDATE
from callboard.emergencies.models import Verb
from callboard.emergencies.plan import COMMANDER
from callboard.teams.directory import Directory

LINES = complete(Verb, {
    Verb.DECLARED: ":rotating_light: {who} declared it: {text}",
    Verb.TOOK: ":bust_in_silhouette: {who} {takes}",
    Verb.HANDED: ":bust_in_silhouette: {who} made {to} {role}",
    Verb.LEFT: ":bust_in_silhouette: {to} was {role} and has left the plan. Nobody is {role} now.",
    Verb.UPDATED: ":mega: *Update by {who}:* {text}",
    Verb.ASKED: ":grey_question: {to} was asked for an update",
    Verb.REMINDED: ":grey_question: {to} was reminded of the update",
    Verb.MISSED: ":warning: No update came in time.",
    Verb.ADDED: ":heavy_plus_sign: {who} added an action: {text}",
    Verb.TICKED: ":white_check_mark: {who} did action {action}: {text}",
    Verb.UNTICKED: ":white_small_square: {who} reopened action {action}: {text}",
    Verb.DECIDED: ":scales: *Decided by {who}:* {text}",
    Verb.LEARNED: ":bulb: {who} learned: {text}",
    Verb.MET: ":telephone_receiver: {who} called a meeting",
    Verb.LEVELLED: ":arrow_up_down: {who} changed the level from {was} to {level}",
    Verb.SETTLED: ":arrow_down: {text} Nobody else is paged.",
    Verb.RETURNED: ":arrow_up: {text}",
    Verb.OVERDUE: ":warning: It is not resolved in time.",
    Verb.ENDED: ":large_green_circle: {who} ended it: {text}",
    Verb.WITHDRAWN: ":white_circle: {who} withdrew it as a false alarm{because}",
    Verb.REOPENED: ":rotating_light: {who} reopened it. It was not over.",
})  # fmt: skip


def line(directory: Directory, verb: str, actor: str, said: str, facts: Mapping[str, Any]) -> str:
    """One thing that happened. A verb that is none of an emergency's own is said as it is."""
    role, text = facts.get("role", ""), m.clip(said, UPDATE)
    cause = m.escape(facts.get("cause") or "Callboard")
    words = {
        "who": cause if actor in ("", BOT) else directory.called(actor), "text": text, "role": role,
        "takes": "took command" if role == COMMANDER else f"is {role}", "to": directory.called(facts.get("to")),
        "because": f": {text}" if text else "", **{name: facts.get(name, "") for name in ("action", "was", "level")},
    }  # fmt: skip
    return LINES[Verb(verb)].format(**words) if verb in LINES else f"{words['who']} {verb}{words['because']}"


def paged_line(directory: Directory, level: str, people: Sequence[str], channels: Sequence[str], why: str) -> str:
    """Who was paged by a later step of the climb, or at once."""
    whom = few([*map(directory.called, people), *map(m.channel, channels)], LISTED) or "nobody"
    return f":arrow_up: {why}{m.escape(level)}: {whom}"
