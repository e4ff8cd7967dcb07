"""What becomes of the cause of an emergency: it is over, and nobody else is paged; or it is back."""

from __future__ import annotations

from callboard.core import timeline
from callboard.core.db import Tx
from callboard.emergencies import notices, service, store
from callboard.emergencies.models import Emergency, Verb
from callboard.emergencies.plan import COMMANDER, part_of
from callboard.escalation import service as escalation


def settle(tx: Tx, plan_id: int, key: str, said: str) -> None:
    """What declared the emergency with this key is not so any more. It lasts until somebody ends it.

    `said` is a sentence in Slack's markup.
    """
    emergency = store.keyed(tx, plan_id, key)
    if emergency is None:
        return
    if COMMANDER not in emergency.roles:
        escalation.end(tx, emergency.subject)
    service.changed(tx, emergency, Verb.SETTLED, timeline.BOT, said=said)
    notices.tell_cause(tx, emergency, Verb.SETTLED, said)


def come_back(tx: Tx, plan_id: int, key: str, said: str) -> Emergency | None:
    """It is so again: the emergency that still lasts goes on, or pages anew. None where there is none."""
    emergency = store.keyed(tx, plan_id, key)
    if emergency is None:
        return None
    service.changed(tx, emergency, Verb.RETURNED, timeline.BOT, said=said)
    if COMMANDER in emergency.roles:
        notices.tell_cause(tx, emergency, Verb.RETURNED, said)
    elif not escalation.is_climbing(tx, emergency.subject):
        concern = escalation.concern_of(tx, emergency.subject)
        service.climb(tx, emergency, part_of(emergency), concern.teams if concern else ())
    return emergency
