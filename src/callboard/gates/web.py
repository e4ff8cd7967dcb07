"""Gates over HTTP and as plain JSON: read, report, tick. Only people can sign, in Slack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from starlette.responses import Response

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import Entry
from callboard.core.words import joined
from callboard.gates import service as gates
from callboard.gates import store
from callboard.gates.assessment import Look, looks
from callboard.gates.models import Gate, Poll, Signature, State
from callboard.gates.models.polls import Answer, Stand, Voice
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.teams.directory import Asker
from callboard.teams.web import plain
from callboard.web import pages
from callboard.web.api import READS, WRITES, Api, ToRead, ToWrite, router
from callboard.web.fields import Body, InPath, Line, Text, Word
from callboard.web.pages import Cursor, Limit, Page
from callboard.web.problems import found

READ, REPORT, TICK = SCOPES = ("gates:read", "gates:report", "gates:tick")
LARGEST, LONGEST_AMOUNT = 1e18, 100


class CriterionOut(BaseModel):
    """A criterion: what it asks for, whether it is met, and how it stands."""

    key: str
    says: str
    holds: bool
    stands: str


class SignedOut(BaseModel):
    """Who has signed, for whose seat, and when."""

    person: str
    for_: str = Field(alias="for")
    at: datetime | None


class SlotOut(BaseModel):
    """Signatures that are asked for; `missing` are those who still can."""

    asks: str
    count: int
    met: bool
    signed: list[SignedOut]
    missing: list[str]


class RejectedOut(BaseModel):
    """Who has said no, and why."""

    person: str
    reason: str
    at: datetime | None


class VoiceOut(BaseModel):
    """A role that a poll asks, and its answer; `stand` is waiting, asked, go, no-go or silent."""

    role: str
    stand: Stand
    asked_at: datetime | None
    until: datetime | None
    person: str
    for_: str = Field(alias="for")
    at: datetime | None
    condition: str
    owner: str
    reason: str


class PollOut(BaseModel):
    """A poll by role: when it opened and ended, how, and every role in the order in which they are asked."""

    opened_at: datetime
    ended_at: datetime | None
    outcome: str
    stopped: list[str]
    voices: list[VoiceOut]


class GateOut(BaseModel):
    """A gate as it is now; `holds` are what waits for it. People go by their ids in the plan."""

    key: str
    name: str
    state: State
    decision: bool
    attempt: int
    due_at: datetime | None
    missed_at: datetime | None
    settled_at: datetime | None
    in_doubt: list[str]
    holds: list[str]
    criteria: list[CriterionOut]
    sign_off: list[SlotOut]
    rejected: list[RejectedOut]
    poll: PollOut | None


def _amount(written: Any) -> Any:
    """A number, or what may be an amount in words. ValueError for anything else."""
    is_number = isinstance(written, int | float) and not isinstance(written, bool) and abs(written) < LARGEST
    if not is_number and not (isinstance(written, str) and len(written) <= LONGEST_AMOUNT):
        raise ValueError("an amount is a number, or a text such as 68/72, 94% or 15m")
    return written


def web_address(written: str) -> str:
    """A link, or nothing. ValueError for any other text."""
    if written and not written.startswith(("https://", "http://")):
        raise ValueError("a link begins with https:// or http://")
    return written


class ReportIn(Body):
    """What was measured: so much of a measure of the plan, and where it can be looked at."""

    measure: Word = Field(examples=["tests_passed"])
    amount: Annotated[
        Annotated[float, Field(allow_inf_nan=False)] | Line, BeforeValidator(_amount),
        Field(examples=[68, "68/72", "94%", "15m"]),
    ]  # fmt: skip
    link: Annotated[
        Line, AfterValidator(web_address), Field(json_schema_extra={"pattern": "^$|^https?://[^\\x00]*$"})
    ] = ""


class TickIn(Body):
    """Which criterion somebody has looked at, by its key or its number, and where it can be seen."""

    criterion: Word = Field(examples=["1"])
    evidence: Text = ""


def view(tx: Tx, who: Asker, gate: Gate) -> GateOut:
    return _view(who, Look(tx, gate))


def _view(who: Asker, look: Look) -> GateOut:
    return GateOut.model_validate(_without_markup(who, as_json(look)))


def routes(api: Api[Asker]) -> APIRouter:
    gates_router = router("gates")

    @gates_router.get("/gates", response_model=Page[GateOut], responses=READS)
    async def list_gates(asked: ToRead, limit: Limit = 50, cursor: Cursor = "") -> Response:
        """List the gates of the plan."""

        def query(tx: Tx, who: Asker) -> BaseModel:
            page = pages.cut(store.gates(tx, who.directory.plan_id), lambda gate: (gate.number,), cursor, limit)
            return Page[GateOut](items=[_view(who, look) for look in looks(tx, page.items)], next=page.next)

        return await api.read(asked, READ, query)

    @gates_router.get("/gates/{key}", response_model=GateOut, responses=READS)
    async def get_gate(asked: ToRead, key: InPath) -> Response:
        """Look at a gate: every criterion, who has signed, who must still."""
        return await api.read(asked, READ, lambda tx, who: view(tx, who, gates.gate(tx, who.directory.plan_id, key)))

    @gates_router.post("/gates/{key}/reports", response_model=GateOut, responses=WRITES)
    async def report_measure(asked: ToWrite, key: InPath, body: ReportIn) -> Response:
        """Report a measure that a gate looks at; every gate that does is looked at again."""
        return await _change(api, asked, REPORT, key, "report by API", partial(_report, body=body))

    @gates_router.post("/gates/{key}/ticks", response_model=GateOut, responses=WRITES)
    async def tick_criterion(asked: ToWrite, key: InPath, body: TickIn) -> Response:
        """Say that a criterion is met which is ticked by hand."""
        return await _change(api, asked, TICK, key, "tick by API", partial(_tick, body=body))

    return gates_router


async def _change(
    api: Api[Asker], asked: ToWrite, scope: str, key: str, tried: str, do: Callable[[Tx, Asker, Gate], object]
) -> Response:
    """Change a gate; what is refused is kept on its timeline, as in Slack."""

    def run(tx: Tx, who: Asker) -> GateOut:
        gate = found(lambda: gates.gate(tx, who.directory.plan_id, key))
        do(tx, who, gate)
        return view(tx, who, gate)

    def keep(tx: Tx, who: Asker, sentence: str) -> None:
        gates.refused(tx, gates.gate(tx, who.directory.plan_id, key), who.person.key, tried, sentence)

    return await api.write(asked, scope, run, keep=keep)


def _tick(tx: Tx, who: Asker, gate: Gate, body: TickIn) -> None:
    gates.tick(tx, who, gate.key, m.escape(body.criterion), m.escape(body.evidence))


def _report(tx: Tx, who: Asker, gate: Gate, body: ReportIn) -> None:
    known, own = gates.measures_in(tx, gate.plan_id), gates.measures_of(tx, gate)
    if body.measure in known and body.measure not in own:
        raise Refused(
            f"{m.escape(gate.name)} does not look at `{body.measure}`. "
            f"It looks at {joined(f'`{name}`' for name in own) or 'no measure'}."
        )
    written = f"{body.amount:.9f}".rstrip("0").rstrip(".") if isinstance(body.amount, float) else body.amount
    gates.report(tx, who, body.measure, written, m.escape(body.link), by_api=True)


def _without_markup(who: Asker, value: Any) -> Any:
    if isinstance(value, str):
        return plain(who.directory, value)
    if isinstance(value, Mapping):
        return {key: _without_markup(who, inner) for key, inner in value.items()}
    return [_without_markup(who, inner) for inner in value] if isinstance(value, list) else value


def export(tx: Tx, plan_key: str) -> list[dict[str, Any]]:
    """The gates of the plan with this key, with their past. Raises Refused for none, and for several such plans."""
    plan_id = plans.called(tx, plan_key).id or 0
    return [
        {
            **as_json(look),
            "signatures": [_signature(signature) for signature in store.signatures(tx, look.gate.number)],
            "history": [_entry(entry) for entry in timeline.history(tx, look.gate.subject)],
        }
        for look in looks(tx, store.gates(tx, plan_id))
    ]


def as_json(look: Look) -> dict[str, Any]:
    """A gate as plain JSON, for programs: its state, criteria, sign-offs and when it is due."""
    gate = look.gate
    held = sorted(hold.target for hold in holds.held_by(look.tx, (gate.plan_id, gate.key)))
    return {
        "key": gate.key, "name": gate.name, "state": gate.state, "decision": gate.decision, "attempt": gate.attempt,
        "due_at": _iso(gate.due_at), "missed_at": _iso(gate.missed_at), "settled_at": _iso(gate.settled_at),
        "in_doubt": list(gate.doubt), "holds": held,
        "criteria": [{"key": r.key, "says": r.says, "holds": r.holds, "stands": r.stands} for r in look.readings],
        "sign_off": [
            {
                "asks": slot.says, "count": slot.count, "met": slot.met,
                "signed": [{"person": one.by, "for": one.seat, "at": _iso(one.at)} for one in slot.given],
                "missing": [person.key for person in slot.missing],
            }
            for slot in look.tally.slots
        ],
        "rejected": [{"person": no.person, "reason": no.reason, "at": _iso(no.at)} for no in look.rejections],
        "poll": _poll(look.poll) if look.poll else None,
    }  # fmt: skip


def _poll(poll: Poll) -> dict[str, Any]:
    return {
        "opened_at": _iso(poll.opened_at), "ended_at": _iso(poll.ended_at), "outcome": poll.outcome,
        "stopped": poll.stopped, "voices": [_voice(voice) for voice in poll.roles],
    }  # fmt: skip


def _voice(voice: Voice) -> dict[str, Any]:
    answer = voice.answer or Answer(go=False, by="", seat="", at="")
    return {
        "role": voice.role, "stand": voice.stand, "asked_at": voice.asked_at or None, "until": voice.until or None,
        "person": answer.by, "for": answer.seat, "at": answer.at or None, "condition": answer.condition,
        "owner": answer.owner, "reason": answer.why,
    }  # fmt: skip


def _signature(row: Signature) -> dict[str, Any]:
    return {
        "person": row.person, "for": row.seat, "verdict": row.verdict, "reason": row.reason, "at": _iso(row.at),
        "state": row.state, "why": row.why, "content": row.digest, "signed": row.signed,
    }  # fmt: skip


def _entry(entry: Entry) -> dict[str, Any]:
    """An entry of the timeline; `seq` and `hash` are its place in the sealed chain."""
    return {
        "at": _iso(entry.at), "verb": entry.verb, "actor": entry.actor, "on_behalf_of": entry.on_behalf_of,
        "said": entry.said, "facts": entry.facts, "seq": entry.seq, "hash": entry.hash,
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
