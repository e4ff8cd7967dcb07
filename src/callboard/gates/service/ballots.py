"""What the timeline has of polls: who answered what, against their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.gates.models import KIND, Poll, Verb, polls
from callboard.gates.models.polls import Stand, Voice
from callboard.plans import evidence

HEARD = {Verb.SIGNED: Stand.GO, Verb.REJECTED: Stand.NO_GO}
ASKED = frozenset({Stand.ASKED, Stand.WAITING})


@dataclass
class Ballot:
    """What was said of one voice: how it can stand, its answer, and the digest of one that is not read yet."""

    stands: frozenset[Stand] = frozenset({Stand.WAITING})
    heard: dict[str, Any] = field(default_factory=dict)
    early: tuple[str, str] = ("", "")


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Polls that are not as the timeline has them, in sentences."""
    known: dict[int, dict[int, Ballot]] = {}
    begun = {}
    going: dict[int, int] = {}
    for entry in evidence.entries(tx, plan_id, KIND):
        if entry.verb == Verb.POLL_OPENED and "poll" in entry.facts:
            going[entry.subject_id] = entry.facts["poll"]
            begun[entry.facts["poll"]] = {"opened_at": entry.at, "gate_id": entry.subject_id}
        elif "turn" in entry.facts and entry.subject_id in going:
            ballots = known.setdefault(going[entry.subject_id], {})
            _learn(ballots.setdefault(entry.facts["turn"], Ballot()), entry)
    rows = {poll.number: poll for poll in evidence.rows(tx, plan_id, Poll)}
    for number, columns in begun.items():
        if number not in rows:
            yield f"poll {number} is gone, and the timeline has it"
            continue
        yield from evidence.unlike(f"poll {number}", rows[number], columns)
        for turn, voice in enumerate(rows[number].roles):
            if not _fits(voice, known.get(number, {}).get(turn, Ballot())):
                yield f"poll {number}: what {voice.role} answered is not as the timeline has it"


def _learn(ballot: Ballot, entry: Entry) -> None:
    facts = entry.facts
    match entry.verb:
        case Verb.POLL_ASKED:
            ballot.stands, ballot.heard = ASKED, {}
        case Verb.POLL_SILENT:
            ballot.stands = frozenset({Stand.SILENT})
        case Verb.POLL_EARLY:
            ballot.early = entry.actor, facts["answer"]
        case Verb.POLL_UNREAD:
            ballot.early = "", ""
        case Verb.SIGNED | Verb.REJECTED:
            stand = HEARD[Verb(entry.verb)]
            ballot.stands = frozenset({stand, Stand.WAITING} if stand == Stand.GO else {stand})
            ballot.heard = {
                "go": stand == Stand.GO, "by": entry.actor, "seat": entry.on_behalf_of or entry.actor,
                "condition": facts["condition"] or "", "owner": facts["owner"] or "", "content": facts["digest"],
            }  # fmt: skip
            ballot.early = "", ""


def _fits(voice: Voice, ballot: Ballot) -> bool:
    """Whether a voice is as the timeline has it. One given early may be forgotten."""
    answer, early = voice.answer, voice.early
    heard = ballot.heard if answer else {}
    right = all(getattr(answer, name) == value for name, value in heard.items())
    answered = bool(heard) == bool(answer) == (voice.stand in HEARD.values())
    unread = early is None or (early.by, polls.digest(early)) == ballot.early
    return voice.stand in ballot.stands and answered and right and unread
