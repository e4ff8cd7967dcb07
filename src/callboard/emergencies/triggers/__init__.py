"""What Callboard does by itself when something happens, as the plan's `triggers` say: once for each cause."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.core.db import Tx
from callboard.emergencies.triggers import conditions, consequences, notices, store
from callboard.emergencies.triggers.models import Cause
from callboard.teams import service as teams

__all__ = ["Cause", "fire", "happen", "settle", "stand", "watches"]


def fire(
    tx: Tx, plan_id: int, on: str, *, subject: str, said: str, team: str | None = None, key: str
) -> None:  # fmt: skip
    """Something happened, in the words of EVENTS: whatever the plan says of it is done at the end of the transaction.

    `subject` is a short noun phrase, `said` a sentence, both in Slack's markup; the same `key` again does nothing.
    """
    happen(tx, Cause(plan_id=plan_id, on=on, key=key, subject=subject, said=said, team=team))


def happen(tx: Tx, cause: Cause) -> None:
    """The same for a matter that can climb itself, or that is so until `settle` says otherwise."""
    if watches(tx, cause.plan_id, cause.on):
        tx.later(consequences.follow, cause)


def stand(tx: Tx, plan_id: int, on: str, causes: Sequence[Cause]) -> None:
    """Of all that can be so, just these are: what has become so fires, what is not so any more ends.

    What is so already when a trigger comes into the plan is not news.
    """
    now = {cause.key: cause for cause in causes}
    for trigger in (each for each in store.triggers(tx, plan_id) if each.part.on == on):
        known = store.standing(tx, plan_id, [trigger.key])[trigger.key]
        for key in known.keys() - now.keys():
            consequences.end(tx, known[key], "It is not so any more.")
        fresh = [cause for key, cause in now.items() if key not in known]
        if trigger.key in conditions.before(tx, plan_id):
            consequences.start(tx, teams.directory(tx, plan_id), trigger, fresh)
        else:
            conditions.keep_quiet(tx, trigger, fresh)


def settle(
    tx: Tx, plan_id: int, on: str, key: str, said: str = "It is not so any more.", *, aloud: bool = False
) -> None:
    """What was so is not so any more: the next time it is news again. `aloud`: whoever heard of it hears that."""
    for trigger in store.triggers(tx, plan_id):
        if trigger.part.on == on and (firing := store.of_cause(tx, plan_id, trigger.key, key)):
            consequences.end(tx, firing, said)
            if aloud:
                notices.tell(tx, teams.directory(tx, plan_id), trigger, firing, said)


def watches(tx: Tx, plan_id: int, *events: str) -> bool:
    """Whether the plan has a trigger on one of these events."""
    return any(trigger.part.on in events for trigger in store.triggers(tx, plan_id))
