"""What may not go on while an emergency lasts: gates, locks, changes of branches."""

from __future__ import annotations

from datetime import datetime

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.timeline import BOT
from callboard.core.words import joined
from callboard.emergencies.models import Emergency
from callboard.emergencies.plan import CODE, COMMANDER, GATES, LOCKS, EmergencyPart
from callboard.emergencies.rights import able_with
from callboard.freezes import service as freezes
from callboard.gates import outcome as gates
from callboard.plans import holds
from callboard.teams.directory import Directory

GRAVEST = "1"
TARGETS = {GATES: ("gate", holds.EVERY_GATE), LOCKS: ("lock", holds.EVERY_LOCK)}
SAID = {GATES: "no gate passes", LOCKS: "no lock is given", CODE: "no branch takes changes"}


def halted(level: str, part: EmergencyPart) -> tuple[str, ...]:
    """What a level freezes. Where the plan says nothing, the gravest one stops gates and locks."""
    words = part.freezes if part.freezes is not None else (GATES, LOCKS) if level == GRAVEST else ()
    return tuple(dict.fromkeys(each for word in words for each in ((GATES, LOCKS, CODE) if word == CODE else (word,))))


def said(level: str, part: EmergencyPart) -> str:
    """What is frozen, in words; empty for nothing."""
    words = halted(level, part)
    return ", ".join([*(SAID[word] for word in SAID if word in words), *(m.code(w) for w in words if w not in SAID)])


def apply(tx: Tx, directory: Directory, emergency: Emergency, part: EmergencyPart) -> None:
    """Freeze what its level freezes now, and nothing else; nothing at all once it is over."""
    wanted = halted(emergency.level, part) if emergency.is_open else ()
    by = name_of(emergency)
    for word, (kind, target) in TARGETS.items():
        if word in wanted:
            holds.place(tx, emergency.plan_id, kind, target, by, _reason(directory, emergency, tx.now))
            gates.wake(tx, emergency.plan_id)
        else:
            holds.lift(tx, emergency.plan_id, target=target, by=by, actor=emergency.ended_by or BOT)
    branches = {f"{by} {word}": word for word in wanted if word not in TARGETS}
    known = emergency.frozen
    for key in known:
        if key not in branches:
            freezes.lift(tx, emergency.plan_id, key)
    for key, word in branches.items():
        like = word if word != CODE or freezes.has(tx, emergency.plan_id, word) else ""
        freezes.begin(tx, emergency.plan_id, key, emergency.called, like)
    emergency.frozen = list(branches)


def reword(tx: Tx, directory: Directory, emergency: Emergency) -> None:
    """Others run the plan now: whoever is stopped reads who can end it."""
    holds.reword(tx, emergency.plan_id, name_of(emergency), _reason(directory, emergency, tx.now))


def name_of(emergency: Emergency) -> str:
    """By what its holds go."""
    return f"emergency {emergency.number}"


def _reason(directory: Directory, emergency: Emergency, now: datetime) -> str:
    may = joined([f"its {COMMANDER}", *map(directory.called, able_with(directory, (), now))], word="or")
    return (
        f"{m.escape(emergency.called)} lasts: {m.sentence(m.clip(emergency.what, 100))} Only {may} can end it: "
        f"`/emergency end {emergency.number} what helped`"
    )
