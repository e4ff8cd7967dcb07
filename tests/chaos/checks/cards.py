"""A card shows what happened, in the order in which it happened, and in the end what is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tests.chaos.checks import Finding
from tests.chaos.checks.operations import BECOMES, ICONS
from tests.chaos.evidence import Evidence


def cards_keep_order(evidence: Evidence) -> Finding:
    """What was shown, one edit after the other, never goes back behind what was shown before."""
    found, shown = Finding(), defaultdict(list)
    for asked in evidence.asked:
        if asked.ok and (number := _number(asked.key)) and (state := _state(asked.text)):
            shown[number].append(state)
    for number, states in shown.items():
        history = [BECOMES[entry["verb"]] for entry in evidence.about["blocker", number] if entry["verb"] in BECOMES]
        found.look(right=_follows(states, history), wrong=f"the card of blocker {number} showed {states} of {history}")
    return found


def cards_show_what_is(evidence: Evidence) -> Finding:
    """In the end every card shows how its blocker stands."""
    found, rows = Finding(), {row["id"]: row["state"] for row in evidence.blockers}
    for message in evidence.messages:
        if number := _number(message.key):
            state = _state(message.text)
            found.look(
                right=state == rows.get(number), wrong=f"blocker {number} is {rows.get(number)}, shown as {state}"
            )
    return found


def _number(key: str) -> int | None:
    kind, _, rest = key.partition(":")
    number, _, what = rest.partition(":")
    return int(number) if kind == "blocker" and what == "card" and number.isdigit() else None


def _state(text: str) -> str:
    return next((state for icon, state in ICONS.items() if icon in text.partition("\n")[0]), "")


def _follows(shown: Sequence[str], history: Iterable[str]) -> bool:
    """Whether the states that were shown are some of the history, each perhaps several times, in its order."""
    left = iter(history)
    at: str | None = None
    for state in shown:
        if state != at and not any(each == state for each in left):
            return False
        at = state
    return True
