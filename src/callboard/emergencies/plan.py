"""The sections `emergencies` and `triggers` of the plan file: types and checks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.blockers import plan as blockers
from callboard.core.db import Tx
from callboard.core.errors import did_you_mean
from callboard.emergencies import store
from callboard.emergencies.models import Emergency
from callboard.gates.plan.measures import MEASURES, AmountText, check_watched
from callboard.gates.plan.names import check_named, check_severity
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.times import show_span
from callboard.planfile.types import Many, Part, Span, Whom
from callboard.teams.plan.directory import check_channel, check_who
from callboard.teams.recipients import RELATIVE

LEVELS = ("1", "2", "3")
COMMANDER = "commander"
CODE, GATES, LOCKS = HALTS = ("code", "gates", "locks")
"""What an emergency may freeze, besides the freezes of the plan; `code` is all of it."""
ROLE, MOST_ROLES = re.compile(r"[a-z][a-z0-9_-]{0,30}"), 8
EVENTS = (
    "gate missed", "gate failed", "gate in doubt", "no-go",
    "checkpoint missed", "checkpoint failed", "check-in missed",
    "task late", "task blocked", "blocker raised", "climb exhausted",
    "integration failed", "conflict", "zone violation", "lock expired",
    "late tasks", "measure", "performance", "security", "timeline", "alert",
    "step late", "step failed", "rollback", "risk",
)  # fmt: skip
"""What can start an escalation or an emergency, in the words of the plan."""


CONCERNS = ("performance", "security")
"""Happens where a measure or a category of blockers says that it concerns it."""
HAPPENS_IN = {
    "gate missed": "gates", "gate failed": "gates", "gate in doubt": "gates", "no-go": "gates",
    "checkpoint missed": "checkpoints", "checkpoint failed": "checkpoints", "check-in missed": "standups",
    "task late": "tasks", "task blocked": "tasks", "late tasks": "tasks", "integration failed": "tasks",
    "timeline": "tasks", "conflict": "repositories", "zone violation": "repositories", "alert": "alerts",
    "step late": "runbooks", "step failed": "runbooks", "rollback": "rollbacks", "risk": "risks",
}  # fmt: skip
"""Without what in the plan an event never happens."""


def _event(written: Any) -> Any:
    """Read an event, however it is spaced: `gate_missed`, `Conflict`."""
    text = re.sub(r"[\s_]+", " ", str(written).strip().lower())
    if text in EVENTS:
        return text
    raise ValueError(f"`{written}` is not an event; {did_you_mean(text, EVENTS)}")


Event = Annotated[str, BeforeValidator(_event), WithJsonSchema({"enum": list(EVENTS)})]
"""Something that can start an escalation or an emergency."""


class EmergencyPart(Part):
    """One level of emergency: when it is declared, who is told, how fast it is answered, what is done first."""

    name: str = Field(min_length=1, examples=["Critical"])
    about: str = ""
    when: Many = ()
    respond_within: Span | None = None
    resolve_within: Span | None = None
    update_every: Span | None = None
    policy: str = ""
    tell: Whom = ()
    actions: Many = ()
    channel: str = ""
    rollback: str = ""
    roles: Many = ("commander", "scribe", "liaison")
    freezes: Many | None = None
    meet: str = ""

    @property
    def every_role(self) -> tuple[str, ...]:
        """Its roles, the commander first: there is always one."""
        return tuple(dict.fromkeys((COMMANDER, *self.roles)))


def part_of(emergency: Emergency) -> EmergencyPart:
    """What the plan said of its level when it began."""
    return EmergencyPart.model_validate(emergency.written)


class TriggerPart(Part):
    """What Callboard does by itself when something happens, or a measure moves over a limit.

    `team` is whose matter it is, where the event does not say; `blocker` is the severity of the blocker that it raises.
    """

    key: str = ""
    name: str = ""
    on: Event = Field(examples=["gate missed"])
    measure: str = ""
    above: AmountText | None = None
    below: AmountText | None = None
    team: str = ""
    escalate: str = ""
    blocker: str = ""
    tell: Whom = ()
    emergency: str = ""


def emergencies(document: Document, parts: Mapping[str, EmergencyPart]) -> Iterator[Problem]:
    """Levels are 1 to 3, the first the most pressing, and somebody is told of each."""
    for level, part in parts.items():
        at: Path = ("emergencies", level)
        if level not in LEVELS:
            yield document.error(at, f"`{level}` is not a level: write 1, 2 or 3; 1 is the worst")
        yield from check_who(document, (*at, "tell"), part.tell, RELATIVE)
        yield from check_channel(document, (*at, "channel"), part.channel)
        yield from check_named(document, at, part, "policy", "rollback")
        if not part.tell and not part.channel and not part.policy:
            yield document.warning(at, "nobody is told of this emergency: write `tell`, `policy` or `channel`")
        if part.update_every == timedelta():
            yield document.error((*at, "update_every"), "write how often, such as 15m")
        yield from _check_lasting(document, at, part)
    yield from _check_pressing(document, parts)


def _check_lasting(document: Document, at: Path, part: EmergencyPart) -> Iterator[Problem]:
    """Its roles can be typed, its clocks come in order, and what it freezes is there."""
    for number, role in enumerate(part.roles):
        if not ROLE.fullmatch(role):
            sentence = f"`{role}` can't be typed as a role: write a word of small letters, such as scribe"
            yield document.error((*at, "roles", number), sentence)
    if len(part.roles) > MOST_ROLES:
        yield document.error((*at, "roles"), f"{MOST_ROLES} roles at most: they are buttons on one card")
    if part.resolve_within is not None and part.resolve_within < (part.respond_within or timedelta()):
        sentence = f"resolved within {show_span(part.resolve_within)} is before it is answered: write more"
        yield document.warning((*at, "resolve_within"), sentence)
    known = [*HALTS, *document.keys("freezes")]
    for number, word in enumerate(part.freezes or ()):
        if word not in known:
            yield document.error((*at, "freezes", number), f"`{word}` can't be frozen; {did_you_mean(word, known)}")


def _check_pressing(document: Document, parts: Mapping[str, EmergencyPart]) -> Iterator[Problem]:
    timed = [(level, span) for level in LEVELS if level in parts and (span := parts[level].respond_within) is not None]
    for (level, span), (other, later) in pairwise(timed):
        if later < span:
            sentence = f"level {other} is answered within {show_span(later)}, before level {level}, {show_span(span)}"
            path = ("emergencies", other, "respond_within")
            yield document.warning(path, f"{sentence}: the first level is the most pressing")


def triggers(document: Document, parts: Sequence[TriggerPart]) -> Iterator[Problem]:
    """Each trigger does something, and the plan has what it watches."""
    first: dict[str, int] = {}
    for number, part in enumerate(parts):
        at: Path = ("triggers", number)
        yield from check_who(document, (*at, "tell"), part.tell, RELATIVE)
        yield from check_named(document, at, part, "escalate", "emergency", "measure", "team")
        yield from check_severity(document, at, part.blocker, "blocker")
        if not (part.escalate or part.tell or part.emergency or part.blocker):
            yield document.error(at, "this does nothing: write `escalate`, `tell`, `blocker` or `emergency`")
        yield from _check_measured(document, at, part)
        yield from _check_happens(document, at, part)
        key = key_of(part)
        if key in first:
            sentence = (
                f"the trigger in line {document.line(('triggers', first[key]))} watches this too: write them as one"
            )
            yield document.error(at, sentence)
        first.setdefault(key, number)


def key_of(part: TriggerPart) -> str:
    """What a trigger is known by when the file is reordered: its `key`, or else what it watches."""
    watches = "|".join(map(str, (part.on, part.measure, part.above, part.below, part.team)))
    return part.key or f"{part.on}-{hashlib.sha256(watches.encode()).hexdigest()[:8]}"


def _check_happens(document: Document, at: Path, part: TriggerPart) -> Iterator[Problem]:
    """What a trigger waits for can happen in this plan, and there is something to do about it."""
    section = HAPPENS_IN.get(part.on, "")
    if section and not document.body.get(section):
        yield document.warning((*at, "on"), f"this never happens: the plan has no `{section}:`")
    if part.on == "blocker raised" and (part.escalate or part.blocker):
        sentence = "a blocker climbs by the policy of its severity already: write `tell` or `emergency`"
        yield document.error((*at, "on"), sentence)
    if part.on in CONCERNS and not _told_of(document, part.on):
        sentence = (
            f"nothing says what is {part.on}: write `concerns: {part.on}` at a measure, or name a category of blockers "
            f"with the word {part.on}"
        )
        yield document.error((*at, "on"), sentence)


def _told_of(document: Document, word: str) -> bool:
    measures, said = document.of(MEASURES) or {}, document.of(blockers.section)
    categories = said.categories if said else ()
    return any(part.concerns == word for part in measures.values()) or any(word in each.lower() for each in categories)


def _check_measured(document: Document, at: Path, part: TriggerPart) -> Iterator[Problem]:
    written = [word for word in ("measure", "above", "below") if getattr(part, word)]
    if part.on == "late tasks":
        for word in (word for word in ("measure", "below") if getattr(part, word)):
            yield document.error((*at, word), f"`{word}` does not go with `on: late tasks`: write `above: 3`")
        if part.above and (part.above.unit or part.above.value < 0):
            yield document.error((*at, "above"), f"`{part.above}` is not so many tasks: write a number such as 3")
    elif part.on != "measure":
        for word in written:
            yield document.error((*at, word), f"`{word}` goes with `on: measure`: write that, or leave this out")
    elif not part.measure:
        yield document.error(at, "which measure? Write `measure:`")
    else:
        yield from check_watched(document, at, part.measure, part.above, part.below)


def consequences(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Say which open emergencies lose somebody with a role in them, or their level."""
    left, levels = before.gone(after, "people"), before.gone(after, "emergencies")
    for emergency in store.open_in(tx, plan_id):
        for role, person in emergency.roles.items():
            if person in left:
                yield f"{person} leaves the plan and is {role} of emergency {emergency.number}: nobody is then"
        if emergency.level in levels:
            yield f"level {emergency.level} leaves the plan, and emergency {emergency.number} is open with it"


EMERGENCIES: Section[Mapping[str, EmergencyPart]] = Section(
    name="emergencies",
    one="emergency",
    model=dict[str, EmergencyPart],
    check=emergencies,
    consequences=consequences,
)
TRIGGERS: Section[tuple[TriggerPart, ...]] = Section(
    name="triggers", one="trigger", model=tuple[TriggerPart, ...], check=triggers
)
