"""Whatever was answered is so: done is done, refused has no effect, once is once, and the answer stays the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from tests.chaos.checks import Finding
from tests.chaos.evidence import Evidence
from tests.chaos.history import FAIL, FAULTY, INFO, OK, Op

EFFECTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "raise": ("blocker", ("raised",)), "ack": ("blocker", ("acknowledged",)), "take": ("blocker", ("acknowledged",)),
    "unack": ("blocker", ("gave back",)), "note": ("blocker", ("noted",)), "escalate": ("blocker", ("escalated",)),
    "resolve": ("blocker", ("resolved",)), "reopen": ("blocker", ("reopened",)),
    "withdraw": ("blocker", ("withdrawn",)),
    "lock": ("lock", ("acquired",)), "renew": ("lock", ("renewed",)), "release": ("lock", ("released",)),
    "hand": ("lock", ("handed over",)),
    "claim": ("task", ("claimed",)), "start": ("task", ("started",)), "progress": ("task", ("progressed",)),
    "complete": ("task", ("completed",)), "reopen task": ("task", ("reopened",)),
    "give back": ("task", ("given back",)),
    "tick": ("gate", ("ticked",)), "untick": ("gate", ("unticked",)), "sign": ("gate", ("signed",)),
    "withdraw signature": ("gate", ("withdrew",)),
    "check in": ("check-in", ("submitted", "late", "changed")),
}  # fmt: skip
"""The kind of subject that an operation changes, and what the timeline then says of it."""
SAME_EVERY_TIME = {*EFFECTS} - {"take"}


def effects_are_there(evidence: Evidence) -> Finding:
    """Whatever was answered as done is on the timeline, as often as it was answered."""
    return _counted(evidence, least=True)


def refusals_have_none(evidence: Evidence) -> Finding:
    """The timeline has nothing by anybody beyond what was answered as done, and what nobody knows of."""
    return _counted(evidence, least=False)


def _counted(evidence: Evidence, *, least: bool) -> Finding:
    found, there = Finding(), _there(evidence)
    done, perhaps, refused = (_asked(evidence, outcome) for outcome in (OK, INFO, FAIL))
    for thing in done.keys() | ({*there, *refused} if not least else set()):
        has, sure, most = there[thing], done[thing], done[thing] + perhaps[thing]
        right = has >= sure if least else has <= most + _vague(perhaps, thing)
        found.look(right=right, wrong=f"{thing}: {has} on the timeline, {sure} done, {most - sure} unknown")
    return found


Thing = tuple[str, Any, str, str]
"""Kind and number of a subject, the verb, and by whom; for what has words of its own, these in place of the number."""


def _there(evidence: Evidence) -> Counter[Thing]:
    counted: Counter[Thing] = Counter()
    verbs = {verb: f for f, (_, some) in EFFECTS.items() for verb in some}
    kinds = {kind for kind, _ in EFFECTS.values()}
    for entry in evidence.entries:
        kind = entry["subject_kind"]
        if kind in kinds and entry["verb"] in verbs and entry["actor"] != "callboard":
            words = token(entry["said"])
            counted[kind, words or entry["subject_id"], _verb(entry["verb"]), entry["actor"]] += 1
    return counted


def _asked(evidence: Evidence, outcome: str) -> Counter[Thing]:
    counted: Counter[Thing] = Counter()
    for op in evidence.ops:
        if op.type == outcome and (thing := _thing(evidence, op)):
            counted[thing] += 1
    return counted


def _thing(evidence: Evidence, op: Op) -> Thing | None:
    if op.f not in EFFECTS:
        return None
    kind, verbs = EFFECTS[op.f]
    about = evidence.numbers.get((kind, str(op.about)), op.about)
    return kind, op.token or about, _verb(verbs[0]), op.by


def _vague(perhaps: Counter[Thing], thing: Thing) -> int:
    """Clicks whose answer nobody saw: on which page they were is not known."""
    kind, _, verb, by = thing
    return perhaps[kind, None, verb, by]


def _verb(verb: str) -> str:
    return "submitted" if verb in ("late", "changed") else verb


def token(said: str | None) -> str:
    return next((word for word in (said or "").replace(":", " ").split() if word.startswith("tok")), "")


def done_once(evidence: Evidence) -> Finding:
    """However often Slack delivers something, it is done once: its words are in one place."""
    found = Finding()
    for words, places in _places(evidence).items():
        found.look(right=len(places) == 1, wrong=f"{words} was done {len(places)} times: {places}")
    return found


def _places(evidence: Evidence) -> Mapping[str, list[str]]:
    places = defaultdict(list)
    for entry in evidence.entries:
        if words := token(entry["said"]):
            places[words].append(f"{entry['subject_kind']} {entry['subject_id']} {entry['verb']}")
    return places


def answers_stay(evidence: Evidence) -> Finding:
    """Asked again, the bot says what it said; only `still working` may come before."""
    found = Finding()
    for op in evidence.ops:
        said = [answer for answer in op.answers if op.f in SAME_EVERY_TIME and _is_an_answer(answer)]
        if len(said) > 1:
            same = {_bare(answer) for answer in said}
            found.look(right=len(same) == 1, wrong=f"{op.by} {op.value.get('typed')}: {said}")
    return found


NONE = (
    "Still working", "operation_timeout", "dispatch_failed", "trouble connecting", *FAULTY,
)  # fmt: skip


def _is_an_answer(answer: str) -> bool:
    return not any(word in answer for word in NONE)


def _bare(answer: str) -> str:
    """The first line without what only buttons say."""
    return answer.strip().partition("\n")[0]


ICONS = {":red_circle:": "open", ":large_yellow_circle:": "acknowledged", ":large_green_circle:": "resolved",
         ":white_circle:": "withdrawn"}  # fmt: skip
BECOMES = {"raised": "open", "acknowledged": "acknowledged", "gave back": "open", "resolved": "resolved",
           "withdrawn": "withdrawn", "reopened": "open"}  # fmt: skip
