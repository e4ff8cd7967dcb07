"""The latest of the timeline in words: what it was about, and who did what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from callboard.board.picture.parts import Happened
from callboard.board.picture.scene import Scene, instant
from callboard.board.picture.work import Work
from callboard.core.timeline import BOT, OF_MESSAGES

SHOWN = 20
NUMBERED = {"blocker": "Blocker", "lock": "Lock", "conflict": "Collision", "emergency": "Emergency"}
TASKS = {
    "claimed": "took it", "given back": "gave it back", "assigned": "assigned it", "started": "started it",
    "progressed": "updated it", "completed": "completed it", "reopened": "reopened it", "dropped": "dropped it",
    "overridden": "let it start early", "noted": "added a note", "files named": "named its files",
    "ticked": "ticked a criterion", "unticked": "unticked a criterion", "point": "updated a point",
    "spent": "said how long it took", "blocked": "blocked it", "unblocked": "unblocked it",
}  # fmt: skip
BLOCKERS = {
    "raised": "raised it", "acknowledged": "took it", "gave back": "handed it back", "snoozed": "snoozed it",
    "escalated": "escalated it", "handed on": "handed it on", "noted": "added a note", "resolved": "resolved it",
    "withdrawn": "withdrew it", "reopened": "reopened it", "proposed": "proposed a class",
    "accepted": "accepted the class", "rejected": "rejected the class", "unproposed": "took the class back",
}  # fmt: skip
GATES = {
    "signed": "signed", "rejected": "said no", "withdrew": "withdrew a signature", "ticked": "ticked a criterion",
    "unticked": "unticked a criterion", "waived": "waived it", "acknowledged": "took it",
}  # fmt: skip
LOCKS = {
    "acquired": "locked it", "asked": "asked for it", "waited": "waits for it", "agreed": "agreed",
    "renewed": "renewed it", "handed over": "handed it over", "released": "released it", "withdrawn": "withdrew it",
    "broken": "broke it", "taken": "took it", "declined": "declined",
}  # fmt: skip
PLANS = {"applied": "applied a version", "edited": "changed it", "reported": "reported a measure"}
STEPS = {
    "started": "started it", "confirmed": "confirmed it", "delayed": "delayed it", "skipped": "skipped it",
    "failed": "said it failed", "took back": "took it back", "ticked": "ticked an item", "acknowledged": "took it",
}  # fmt: skip
ALONE = {
    "ran out of steps": "everybody was paged", "parked a message": "a message could not be sent",
    "rule changed": "the plan asks for something else",
}  # fmt: skip
"""How a verb reads that nobody did."""
WHOLE = {"plan": "Plan", "person": "People", "session": "Board"}
DID: Mapping[str, Mapping[str, str]] = {
    "task": TASKS, "blocker": BLOCKERS, "gate": GATES, "lock": LOCKS, "plan": PLANS, "step": STEPS,
    "session": {"opened": "opened it"},
}  # fmt: skip
"""How a verb of the timeline reads behind who did it; others read as they are."""


def latest(scene: Scene, works: Mapping[str, Work]) -> Iterator[Happened]:
    """The newest first."""
    told = [happened for happened in scene.state.latest if happened[4] not in OF_MESSAGES]
    for number, at, kind, subject, verb, actor, said in reversed(told[-SHOWN:]):
        key, name = _subject(scene, works, kind, subject)
        own = DID.get(kind, {}).get(verb, verb)
        did = f"{scene.person(actor)} {own}" if actor != BOT else ALONE.get(verb, verb)
        yield Happened(
            id=number, at=instant(at) or scene.at, actor="" if actor == BOT else scene.person(actor), kind=kind,
            key=key, text=f"{name}: {did}", said=scene.text(said),
        )  # fmt: skip


def _subject(scene: Scene, works: Mapping[str, Work], kind: str, number: int) -> tuple[str, str]:
    """The key and the name of what an entry is about."""
    columns: Mapping[str, Any] = scene.state.things.get(kind, {}).get(str(number), {})
    key = str(columns.get("key", ""))
    match kind:
        case "task" if key in works:
            return key, f"{key} {works[key].part.title}"
        case "gate" if key:
            return key, scene.name(key)
        case "run" if key:
            return key, str(columns["name"])
        case "plan" | "person" | "session":
            return "", WHOLE[kind]
    return str(number), f"{NUMBERED.get(kind, kind.capitalize())} {number}"
