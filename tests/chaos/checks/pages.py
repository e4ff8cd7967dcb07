"""Every page of every step once, none lost, and none once somebody has it or it is over."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.chaos import company
from tests.chaos.checks import Finding
from tests.chaos.evidence import Evidence, Row

PAGE = "page:"
IN_FLIGHT = timedelta(seconds=13)
"""A message is begun within 4 s of its claim, and given up after 9 s more: so long one may be on its way."""
UNTAKEN = {"opened", "no response", "again", "exhausted"}
"""Why somebody is paged who need do nothing once somebody has it."""
TAKEN, FREE = {"acknowledged"}, {"raised", "gave back", "reopened", "handed on"}
OVER = {"resolved", "withdrawn"}
NOT_SENT = {"dropped", "folded"}
HELD_UP = timedelta(seconds=11)
"""What is wrong with one thing lasts at most 9 s: so long a replica or connection may keep a climb to itself."""
TICKED = timedelta(seconds=1)
SETTLED_IN = timedelta(seconds=company.STEP * (company.STEPS - 1) + 1)


def messages_are_sent_once(evidence: Evidence) -> Finding:
    """What the outbox calls sent stands in Slack once; what it dropped does not; nothing else is there."""
    return _once(evidence, pages=False)


def pages_are_sent_once(evidence: Evidence) -> Finding:
    return _once(evidence, pages=True)


def _once(evidence: Evidence, *, pages: bool) -> Finding:
    found, stands = Finding(), Counter(message.key for message in evidence.messages)
    rows = {row["key"]: row for row in evidence.deliveries if row["medium"] == "slack"}
    for key, row in rows.items():
        if key.startswith(PAGE) == pages:
            sent = row["state"] == "sent"
            right = sent or row["state"] in NOT_SENT
            most = 1 + bool(row.get("left_as"))
            right = right and (1 <= stands[key] <= most if sent else stands[key] == 0)
            found.look(right=right, wrong=f"{key} is {row['state']}, and {stands[key]} times in Slack")
    for key in stands.keys() - rows.keys():
        if key.startswith(PAGE) == pages:
            found.look(right=False, wrong=f"{key} is in Slack, and the outbox does not know it")
    return found


def steps_are_paged(evidence: Evidence) -> Finding:
    """Each move of a climb paged everybody whom it names, no step twice; nobody's step was left out."""
    found, keys = Finding(), {row["key"] for row in evidence.deliveries}
    for climb in evidence.climbs:
        moves = [(step, move) for move in climb["trail"] for step in (move["step"], *move.get("along", ()))]
        paged = [(step, move["repetition"]) for step, move in moves if step is not None]
        found.look(right=len(paged) == len(set(paged)), wrong=f"climb {climb['id']} paged a step twice: {paged}")
        for move in climb["trail"]:
            step = "end" if move["why"] == "exhausted" else "top" if move["step"] is None else move["step"]
            for person in move["people"]:
                key = f"{PAGE}{climb['id']}:{step}:{move['repetition']}:{person}:slack"
                found.look(right=key in keys, wrong=f"{person} was never sent {key}")
        if _was_left_alone(evidence, climb):
            passed = {step for move in climb["trail"] for step in (*move["missed"], *move.get("empty", ()))}
            known = {step for step, _ in paged} | passed
            right = known >= set(range(company.STEPS))
            found.look(right=right, wrong=f"climb {climb['id']} was left alone and came to {climb['trail']}")
    return found


def _was_left_alone(evidence: Evidence, climb: Row) -> bool:
    """Whether nobody ever did anything about it; who acts after an outage comes before the steps that were late."""
    ended = evidence.moment(climb["opened_at"]) + SETTLED_IN < evidence.ended_at
    return ended and _acted(evidence, climb) is None


def due_steps_are_paged(evidence: Evidence) -> Finding:
    """Whatever was due before somebody acted was paged, where the bot was at work since: it paged others.

    A climb during which somebody set a clock is left out: when its steps were due, nobody can tell.
    """
    found = Finding()
    paged = sorted(evidence.moment(entry["at"]) for entry in _pagings(evidence))
    for climb in evidence.climbs:
        opened, acted = evidence.moment(climb["opened_at"]), _acted(evidence, climb)
        if acted is None or evidence.was_set(opened, acted):
            continue
        known = {step for move in climb["trail"] for step in (move["step"], *move.get("along", ()), *move["missed"])}
        for step in range(1, company.STEPS):
            due = opened + timedelta(seconds=company.STEP * step)
            later = bisect_left(paged, due + TICKED)
            if later < len(paged) and paged[later] < acted - HELD_UP:
                right = step in known or any(step in move.get("empty", ()) for move in climb["trail"])
                found.look(right=right, wrong=f"climb {climb['id']} left out step {step}, due {due}, acted on {acted}")
    return found


def _pagings(evidence: Evidence) -> Iterator[Row]:
    """What says that steps were paged because their time had come."""
    for entry in evidence.entries:
        if entry["verb"] == "paged" and entry["facts"].get("why") == "no response":
            yield entry


def _acted(evidence: Evidence, climb: Row) -> datetime | None:
    """When somebody did something about it for the first time."""
    about = evidence.about[climb["subject_kind"], climb["subject_id"]]
    acts = TAKEN | OVER | FREE | {"escalated", "snoozed"}
    opened = evidence.moment(climb["opened_at"])
    moments = (evidence.moment(entry["at"]) for entry in about if entry["verb"] in acts)
    return min((at for at in moments if at > opened), default=None)


def none_once_it_is_taken(evidence: Evidence) -> Finding:
    """No climb moves on by itself once somebody has its subject, and nobody is paged about what is over."""
    found = Finding()
    for (kind, number), entries in evidence.about.items():
        if kind == "blocker":
            taken = over = False
            for entry in entries:
                taken, over = _stands(entry["verb"], taken=taken, over=over)
                if entry["verb"] == "paged":
                    wrong = over or (taken and entry["facts"].get("why") in UNTAKEN)
                    found.look(right=not wrong, wrong=f"blocker {number} paged {entry['facts']} though it was taken")
    return found


def _stands(verb: str, *, taken: bool, over: bool) -> tuple[bool, bool]:
    if verb in TAKEN:
        return True, over
    if verb in FREE:
        return False, False
    return taken, over or verb in OVER


def none_arrives_late(evidence: Evidence) -> Finding:
    """What was on its way arrives; no other page does, once somebody has the matter or it is over."""
    found, near = Finding(), 0
    rows = {row["key"]: row for row in evidence.deliveries}
    stops = {number: list(_stops(evidence, number)) for kind, number in evidence.about if kind == "blocker"}
    for shown in evidence.asked:
        row = rows.get(shown.key)
        if row is None or shown.edits or not shown.ok or not shown.key.startswith(PAGE) or shown.at is None:
            continue
        since = _stopped(stops.get(row["subject_id"], []), row["args"], shown.at)
        late = shown.at - since if since else timedelta(0)
        near += timedelta(0) < late <= IN_FLIGHT
        found.look(
            right=late <= IN_FLIGHT, wrong=f"{shown.key} arrived {late.total_seconds():.1f} s after it was taken"
        )
    found.note = f"{near} were on their way"
    return found


def _stops(evidence: Evidence, number: int) -> Iterator[tuple[datetime, bool, bool]]:
    """When it was taken or over, and when not any more."""
    taken = over = False
    for entry in evidence.about["blocker", number]:
        was = taken, over
        taken, over = _stands(entry["verb"], taken=taken, over=over)
        if (taken, over) != was:
            yield evidence.moment(entry["at"]), taken, over


def _stopped(stops: list[tuple[datetime, bool, bool]], args: Mapping[str, Any], at: datetime) -> datetime | None:
    """Since when this page is no longer true at an instant; None where it is."""
    since = None
    for when, taken, over in stops:
        if when > at:
            break
        ends = over or (taken and args.get("why") in UNTAKEN)
        since = (since or when) if ends else None
    return since
