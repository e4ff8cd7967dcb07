"""Gates over HTTP and as plain JSON: how they stand, what is measured, ticked. Signing is for people, in Slack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from callboard import blocks as b
from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.core.timeline import Entry
from callboard.gates import store
from callboard.gates.assessment.look import Look
from callboard.gates.models import Gate, Signature, State
from callboard.gates.plan import measures
from callboard.gates.plan.measures import MeasurePart
from callboard.gates.service import gates, ticks_and_reports
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.teams.service import Asker
from callboard.teams.web import plain
from callboard.web import pages
from callboard.web.api import READS, WRITES, Api, ToRead, ToWrite, router
from callboard.web.fields import Body, InPath, Line, Text, Word
from callboard.web.pages import Cursor, Limit, Page
from callboard.web.problems import found

if TYPE_CHECKING:
    from callboard.core.db import Tx


def as_json(tx: Tx, look: Look) -> dict[str, Any]:
    """A gate as plain JSON, for programs: its state, criteria, sign-offs and when it is due."""
    gate = look.gate
    return {
        "key": gate.key, "name": gate.name, "state": gate.state, "decision": gate.decision, "attempt": gate.attempt,
        "due_at": _iso(gate.due_at), "missed_at": _iso(gate.missed_at), "settled_at": _iso(gate.settled_at),
        "in_doubt": list(gate.doubt), "holds": _targets(tx, gate),
        "criteria": [
            {"key": one.key, "says": one.says, "holds": one.holds, "stands": one.stands} for one in look.readings
        ],
        "sign_off": [
            {
                "asks": slot.says, "count": slot.count, "met": slot.met,
                "signed": [{"person": one.by, "for": one.seat, "at": _iso(one.at)} for one in slot.given],
                "missing": [one.key for one in slot.missing],
            }
            for slot in look.tally.slots
        ],
        "rejected": [{"person": one.person, "reason": one.reason, "at": _iso(one.at)} for one in look.rejections],
    }  # fmt: skip


def _targets(tx: Tx, gate: Gate) -> list[str]:
    return sorted(hold.target for hold in holds.standing(tx, gate.plan_id) if hold.by == gate.key)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


READ, REPORT, TICK = SCOPES = ("gates:read", "gates:report", "gates:tick")


class CriterionOut(BaseModel):
    """A criterion: what it asks for, whether that holds, and how it stands."""

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


def _web_address(written: str) -> str:
    if written and not written.startswith(("https://", "http://")):
        raise ValueError("a link begins with https:// or http://")
    return written


class ReportIn(Body):
    """What was measured: so much of a measure of the plan, and where it can be looked at."""

    measure: Word = Field(examples=["tests_passed"])
    amount: Annotated[float, Field(allow_inf_nan=False)] | Line = Field(examples=[68, "68/72", "94%", "15m"])
    link: Annotated[
        Line, AfterValidator(_web_address), Field(json_schema_extra={"pattern": "^$|^https?://[^\\x00]*$"})
    ] = ""


class TickIn(Body):
    """Which criterion somebody has looked at, by its key or its number, and where it can be seen."""

    criterion: Word = Field(examples=["1"])
    evidence: Text = ""


def view(tx: Tx, who: Asker, gate: Gate) -> GateOut:
    """A gate as programs read it."""
    return GateOut.model_validate(_without_markup(who, as_json(tx, Look(tx, gate))))


def routes(api: Api[Asker]) -> APIRouter:
    """List, look, report, tick."""
    made = router("gates")
    _reading(made, api)

    @made.post("/gates/{key}/reports", response_model=GateOut, responses=WRITES)
    async def report(asked: ToWrite, key: InPath, body: ReportIn) -> Response:
        """Report a measure that a gate looks at; every gate that does is looked at again."""

        def run(tx: Tx, who: Asker) -> GateOut:
            gate = found(lambda: gates.gate(tx, who.directory.plan_id, key))
            _report(tx, who, gate, body)
            return view(tx, who, gate)

        return await api.write(asked, REPORT, run, keep=_keeping(key, "report by API"))

    @made.post("/gates/{key}/ticks", response_model=GateOut, responses=WRITES)
    async def tick(asked: ToWrite, key: InPath, body: TickIn) -> Response:
        """Say that a criterion holds which is ticked by hand."""

        def run(tx: Tx, who: Asker) -> GateOut:
            gate = found(lambda: gates.gate(tx, who.directory.plan_id, key))
            ticks_and_reports.tick(tx, who, gate.key, b.escape(body.criterion), b.escape(body.evidence))
            return view(tx, who, gate)

        return await api.write(asked, TICK, run, keep=_keeping(key, "tick by API"))

    return made


def _reading(made: APIRouter, api: Api[Asker]) -> None:
    @made.get("/gates", response_model=Page[GateOut], responses=READS)
    async def list_gates(asked: ToRead, limit: Limit = 50, cursor: Cursor = "") -> Response:
        """List the gates of the plan."""

        def query(tx: Tx, who: Asker) -> BaseModel:
            every = gates.gates(tx, who.directory.plan_id)
            page = pages.cut(every, lambda one: (one.id or 0,), cursor, limit)
            return Page[GateOut](items=[view(tx, who, one) for one in page.items], next=page.next)

        return await api.read(asked, READ, query)

    @made.get("/gates/{key}", response_model=GateOut, responses=READS)
    async def get_gate(asked: ToRead, key: InPath) -> Response:
        """Look at a gate: every criterion, who has signed, who must still."""
        return await api.read(asked, READ, lambda tx, who: view(tx, who, gates.gate(tx, who.directory.plan_id, key)))


def _report(tx: Tx, who: Asker, gate: Gate, body: ReportIn) -> None:
    known: dict[str, MeasurePart] = dict(plans.live(tx, gate.plan_id).values.get("measures") or {})
    if body.measure in known and body.measure not in ticks_and_reports.measures_of(tx, gate):
        looks = ", ".join(f"`{one}`" for one in ticks_and_reports.measures_of(tx, gate)) or "no measure"
        raise Refused(f"{gate.name} does not look at `{body.measure}`; it looks at {looks}.")
    written = f"{body.amount:.9f}".rstrip("0").rstrip(".") if isinstance(body.amount, float) else body.amount
    amount = measures.parse_report(written, known.get(body.measure) or MeasurePart())
    ticks_and_reports.report(tx, who, body.measure, amount, b.escape(body.link), by_api=True)


def _keeping(key: str, what: str) -> Callable[[Tx, Asker, str], None]:
    """What was refused about a gate is on the gate's own timeline, as what is refused in Slack."""

    def keep(tx: Tx, who: Asker, sentence: str) -> None:
        gates.refused(tx, gates.gate(tx, who.directory.plan_id, key), who.person.key, what, sentence)

    return keep


def _without_markup(who: Asker, value: Any) -> Any:
    if isinstance(value, str):
        return plain(who.directory, value)
    if isinstance(value, Mapping):
        return {key: _without_markup(who, inner) for key, inner in value.items()}
    return [_without_markup(who, inner) for inner in value] if isinstance(value, list) else value


def export(tx: Tx, plan_key: str) -> list[dict[str, Any]]:
    """The gates of the plan with this key. Raises Refused for none, and for several workspaces that have it."""
    plan_id = plans.called(tx, plan_key).id or 0
    return [one_gate(tx, row) for row in store.gates(tx, plan_id)]


def one_gate(tx: Tx, row: Gate) -> dict[str, Any]:
    """One gate with its signatures, also those that count no more, and its history, oldest first."""
    return {
        **as_json(tx, Look(tx, row)),
        "signatures": [_signature(one) for one in store.signatures(tx, row.id or 0)],
        "history": [_entry(one) for one in timeline.history(tx, row.subject)],
    }


def _signature(one: Signature) -> dict[str, Any]:
    return {
        "person": one.person, "for": one.seat, "verdict": one.verdict, "reason": one.reason, "at": one.at.isoformat(),
        "state": one.state, "why": one.why, "content": one.digest, "signed": one.signed,
    }  # fmt: skip


def _entry(one: Entry) -> dict[str, Any]:
    """An entry of the timeline; `seq` and `hash` are its place in the sealed chain."""
    return {
        "at": one.at.isoformat(), "verb": one.verb, "actor": one.actor, "on_behalf_of": one.on_behalf_of,
        "said": one.said, "facts": one.facts, "seq": one.seq, "hash": one.hash,
    }  # fmt: skip
