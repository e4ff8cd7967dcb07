"""The latest of the timeline in words: what it was about, and who did what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from callboard.board.picture.parts import Happened
from callboard.board.picture.scene import Scene, instant
from callboard.board.picture.work import Work
from callboard.core.timeline import BOT, OF_MESSAGES
from callboard.core.words import few

SHOWN, FEW = 20, 3
NUMBERED = {"blocker": "Blocker", "lock": "Lock", "conflict": "Conflict", "emergency": "Emergency"}
DID: Mapping[str, Mapping[str, str]] = {
    "task": {
        "claimed": "took it", "given back": "gave it back", "assigned": "assigned it", "started": "started it",
        "left without": "left it to nobody", "progressed": "updated it", "completed": "completed it",
        "reopened": "reopened it", "dropped": "dropped it", "overridden": "let it start early",
        "noted": "added a note", "files named": "named its files", "ticked": "ticked a criterion",
        "unticked": "unticked a criterion", "point": "updated a point", "spent": "said how long it took",
        "blocked": "blocked it", "unblocked": "unblocked it", "applied": "changed it in the plan",
    },
    "blocker": {
        "raised": "raised it", "acknowledged": "took it", "gave back": "handed it back", "snoozed": "snoozed it",
        "escalated": "escalated it", "graded": "changed its severity", "handed on": "handed it on",
        "noted": "added a note", "resolved": "resolved it", "withdrawn": "withdrew it", "reopened": "reopened it",
        "proposed": "proposed a class", "accepted": "accepted the class", "rejected": "rejected the class",
        "unproposed": "took the class back",
    },
    "gate": {
        "signed": "signed", "rejected": "said no", "withdrew": "withdrew their word", "waived": "waived it",
        "ticked": "ticked a criterion", "unticked": "unticked a criterion", "reported": "reported a measure",
        "asked to be told": "wants to be told when it is ready", "acknowledged": "took it",
        "handed over": "handed their sign-off over", "took back": "took their sign-off back",
        "refused": "was not allowed to settle it", "answered early": "answered the poll early",
        "took back an early answer": "took back an early answer",
    },
    "lock": {
        "acquired": "locked it", "asked": "asked for it", "waited": "waits for it", "agreed": "agreed",
        "renewed": "renewed it", "handed over": "handed it over", "was pushed to": "pushed to it",
        "stopped a push": "was not let push to it", "released": "released it", "withdrawn": "withdrew it",
        "broken": "broke it", "taken": "took it", "declined": "declined",
    },
    "conflict": {
        "answered: talk": "wants to talk about it", "answered: rebase": "rebases", "decided": "decided it",
        "answered: git merges it": "lets git merge it", "leads asked to merge": "asked the leads to merge it",
        "accepted": "accepted it", "reopened": "reopened it", "found useful": "found it useful",
        "found not useful": "found it not useful",
    },
    "emergency": {
        "declared": "declared it", "took a role": "took a role", "handed a role over": "handed a role over",
        "left a role with the plan": "left a role with the plan", "updated": "gave an update",
        "added an action": "added an action", "did an action": "did an action",
        "reopened an action": "reopened an action", "decided": "decided", "learned": "added a lesson",
        "called a meeting": "called a meeting", "changed the level": "changed the level", "ended": "ended it",
        "withdrew": "withdrew it", "acknowledged": "took it", "took the end back": "took the end back",
    },
    "run": {
        "planned": "planned it", "begun": "began it", "called": "called for it", "agreed to": "agreed to it",
        "handed over": "handed it over", "stopped": "stopped it",
    },
    "step": {
        "started": "started it", "confirmed": "confirmed it", "delayed": "delayed it", "skipped": "skipped it",
        "failed": "said it failed", "took back": "took it back", "ticked": "ticked an item",
        "acknowledged": "took it", "handed over": "handed it over",
    },
    "plan": {"applied": "applied a version", "edited": "changed it", "reported": "reported a measure"},
    "session": {"opened": "opened it"},
}  # fmt: skip
"""How a verb of the timeline reads behind who did it."""
PAGES = {
    "paged": "paged{people}", "reminded": "reminded{people}", "ran out of steps": "everybody was paged",
    "woke up": "its snooze is over", "outlived its plan": "the plan is over, and nobody is paged for it any more",
    "parked a message": "a message could not be sent",
}  # fmt: skip
BECAME: Mapping[str, Mapping[str, str]] = {
    "blocker": {
        "noted": "a note was added", "classed": "its class was accepted", "declined": "its class was rejected",
    },
    "gate": {
        "ticked": "a criterion was ticked", "unticked": "a criterion was unticked",
        "reported": "a measure was reported", "ticks cleared": "a new attempt begins without ticks",
        "voided": "a signature is void", "rule changed": "the plan asks for something else",
        "ready": "all criteria are met", "waiver ended": "the waiver has ended", "passed": "passed",
        "missed": "overdue", "no-go": "NO-GO", "opened again": "open again", "arrived": "something it wants is done",
        "signature late": "a signature is overdue",
        "expected": "expected at another time", "doubted": "in doubt", "cleared": "no longer in doubt",
        "poll opened": "the poll is open", "poll asked": "the poll asked the next one",
        "poll stopped": "the poll stopped", "poll silent": "no answer to the poll, which is a NO-GO",
    },
    "lock": {"offered": "offered to the next one", "missed": "whose turn it was did not take it"},
    "conflict": {
        "changed": "it is another one now", "joined by more": "more work joined it", "gone": "it is gone",
        "got worse": "it got worse", "merged by git": "git merged it", "not merged by git": "git could not merge it",
    },
    "emergency": {
        "was asked for an update": "an update is due", "was reminded of the update": "the update is still missing",
        "missed an update": "no update came", "lost its cause": "its cause is gone",
        "has its cause again": "its cause is back", "is not resolved in time": "not resolved in time",
    },
    "run": {
        "begun": "began", "blocked": "something is in its way", "offered": "it may begin when somebody says so",
        "ended": "over",
    },
    "person": {
        "away": "{people} is away", "back": "{people} is back", "linked": "{people} was found in Slack",
        "lost their Slack account": "{people} is no longer in Slack", "is in Slack again": "{people} is in Slack again",
        "sent a test page to": "{people} was sent a test page",
    },
    "plan": {"edited": "changed", "handed on-call over": "now on call:{people}"},
    "task": {"blocked": "waits for a blocker", "unblocked": "waits for no blocker any more"},
}  # fmt: skip
"""How a verb reads that is nobody's deed, or where it is not said whose; others read as they are."""
WHOLE = {"plan": "Plan", "person": "People", "session": "Board"}


def latest(scene: Scene, works: Mapping[str, Work]) -> Iterator[Happened]:
    """The newest first."""
    told = [happened for happened in scene.state.latest if happened[4] not in OF_MESSAGES]
    for number, at, kind, subject, verb, actor, said, *people in reversed(told[-SHOWN:]):
        key, name = _subject(scene, works, kind, subject)
        yield Happened(
            id=number, at=instant(at) or scene.at, actor="" if actor == BOT else scene.person(actor), kind=kind,
            key=key, text=f"{name}: {_done(scene, kind, verb, actor, people)}", said=scene.text(said),
        )  # fmt: skip


def _done(scene: Scene, kind: str, verb: str, actor: str, people: Sequence[str]) -> str:
    own, became = DID.get(kind, {}).get(verb), BECAME.get(kind, {}).get(verb)
    if actor != BOT and (own or not became):
        return f"{scene.person(actor)} {own or verb}"
    names = f" {few([scene.person(key) for key in people], FEW)}" if people else ""
    return (became or PAGES.get(verb, verb)).format(people=names).lstrip()


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
        case "step" if step := _step(scene, number):
            return step
        case "plan" | "person" | "session":
            return "", WHOLE[kind]
    return str(number), f"{NUMBERED.get(kind, kind.capitalize())} {number}"


def _step(scene: Scene, number: int) -> tuple[str, str] | None:
    """The key of a step, and its name behind that of its run."""
    for _, run in scene.rows("run"):
        for step in run.get("steps", {}).values():
            if step.get("id") == number:
                return step["key"], f"{run['name']}, {step['title']}"
    return None
