"""The command `/gate`, and what people type after it."""

from __future__ import annotations

import re

from callboard import blocks as b
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.gates import service as gates
from callboard.gates import slack, store
from callboard.gates.assessment import Look
from callboard.gates.messages import card, of_gate, of_look
from callboard.gates.models import Gate
from callboard.gates.slack import ATTEMPTS, how_it_stands
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Text, Verb, Word
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.slack import asker, person

FOR = re.compile(r"(?:for\s+)?<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\s*", re.IGNORECASE)
EVIDENCE = re.compile(r"\s+(?:with|see)\s+(?=\S)|\s+(?=<https?://)", re.IGNORECASE)
LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>")


def list_all(tx: Tx, request: Request, args: Arguments) -> Say:
    """Every gate of the plan, or every item of one."""
    plan_id = asker(tx, request).directory.plan_id
    group = gates.gate(tx, plan_id, args["gate"]) if args.get("gate") else None
    if group and (items := store.items(tx, group)):
        return Say(f"Items of {group.name}", card.of_items(of_gate(tx, group), items))
    views = [of_gate(tx, gate) for gate in ([group] if group else store.listed(tx, plan_id))]
    return Say(counted(len(views), "gate"), card.listed("Gates", views, "This plan has no gates."))


def _list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    views = [of_look(look) for look in gates.mine(tx, asker(tx, request))]
    blocks = card.listed("Waiting for you", views, "No gate waits for you.")
    return Say(f"{counted(len(views), 'gate')} waiting for you", blocks)


def _show(tx: Tx, request: Request, args: Arguments) -> Answer:
    return slack.shown(Look(tx, gates.gate(tx, asker(tx, request).directory.plan_id, args["gate"])))


def _history(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return slack.history(tx, who, gates.gate(tx, who.directory.plan_id, args["gate"]))


def _tick(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`tick prepared 2 see docs/SECRETS.md`."""
    which, *evidence = EVIDENCE.split(args["criterion"].strip(), maxsplit=1)
    shown = _bare(evidence[0]) if evidence else ""
    return Say(how_it_stands(gates.tick(tx, asker(tx, request), args["gate"], which.strip(), shown), "Ticked."))


def _report(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`report tested tests_passed 68 https://ci.example/run/9`, or without the gate."""
    who = asker(tx, request)
    plan_id = who.directory.plan_id
    known = gates.measures_in(tx, plan_id)
    gate = None if args["gate"] in known else gates.gate(tx, plan_id, args["gate"])
    measure, amount, link = _reported(args["rest"] if gate else f"{args['gate']} {args['rest']}")
    if gate and measure in known and measure not in gates.measures_of(tx, gate):
        raise Refused(f"{gate.name} does not look at `{measure}`. Report it alone: `/gate report {measure} {amount}`.")
    read = gates.report(tx, who, measure, b.unescape(amount), _bare(link))
    using = [gate] if gate else gates.measured_by(tx, plan_id, measure)
    lines = [how_it_stands(Look(tx, gate)) for gate in using]
    return Say("\n".join([f"Reported: {b.escape(measure)} is {read}.", *lines]))


def _reported(text: str) -> tuple[str, str, str]:
    measure, amount, link, *_ = [*text.split(maxsplit=2), "", "", ""]
    if not amount:
        raise Refused("Type a gate, a measure and an amount: `/gate report tested tests_passed 68`.")
    return measure, amount, link


def _sign(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    for_person, _ = _for(who, args["for"] or "")
    return slack.confirmation(tx, who, args["gate"], for_person)


def _reject(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    for_person, reason = _for(who, args["reason"] or "")
    if not reason:
        return slack.rejection(Look(tx, gates.gate(tx, who.directory.plan_id, args["gate"])))
    return Say(how_it_stands(gates.reject(tx, who, args["gate"], reason, for_person), "You said no."))


def _waive(tx: Tx, request: Request, args: Arguments) -> Answer:
    return slack.waiver(gates.may_waive(tx, asker(tx, request), args["gate"]), args["why"] or "")


def _untick(tx: Tx, request: Request, args: Arguments) -> Answer:
    look = gates.untick(tx, asker(tx, request), args["gate"], args["criterion"])
    return Say(how_it_stands(look, "Unticked."))


def _withdraw(tx: Tx, request: Request, args: Arguments) -> Answer:
    return Say(how_it_stands(gates.withdraw(tx, asker(tx, request), args["gate"]), "You withdrew."))


def _acknowledge(tx: Tx, request: Request, args: Arguments) -> Answer:
    return Say(how_it_stands(gates.acknowledge(tx, asker(tx, request), args["gate"]), slack.TAKEN))


def _for(who: Asker, text: str) -> tuple[str, str]:
    """Whom somebody acts for, and what else was typed: `for @somebody because`."""
    mention = FOR.match(text.strip())
    if not mention:
        return "", text.strip()
    return person(who, mention[1]).key, text.strip()[mention.end() :].strip()


def _bare(link: str) -> str:
    """A link as it was typed, without the brackets that Slack puts around it."""
    return LINK.sub(r"\1", link).strip()


def _named(tx: Tx, request: Request, args: Arguments) -> Gate | None:
    """The gate that somebody named, a stranger too; None where several plans have it."""
    plan_ids = [plan.id for plan in plans.running(tx, request.workspace) if request.plan in (None, plan.key)]
    known = [gate for plan_id in plan_ids if (gate := gates.known(tx, plan_id, args["gate"] or ""))]
    own = [gate for gate in known if teams.directory(tx, gate.plan_id).by_slack(request.user)] or known
    return own[0] if len(own) == 1 else None


GATE = Word("gate")
VERBS = (
    Verb("tick", _tick, "a criterion is met: you checked", (GATE, Text("criterion")), aliases=("check",)),
    Verb("untick", _untick, "a criterion is not met after all", (GATE, Text("criterion"))),
    Verb("report", _report, "report a measure: name, amount, link", (GATE, Text("rest")), aliases=("measure",)),
    Verb(
        "sign", _sign, "sign, or say GO; you see first what that does", (GATE, Text("for", optional=True)),
        aliases=("go", "approve"),
    ),
    Verb(
        "reject", _reject, "say no, or NO-GO, and why", (GATE, Text("reason", optional=True)),
        aliases=("no-go", "nogo"),
    ),
    Verb("withdraw", _withdraw, "take back your signature, or your no", (GATE,)),
    Verb("waive", _waive, "let it go without; only coordinators can", (GATE, Text("why", optional=True))),
    Verb("ack", _acknowledge, "take an overdue gate: nobody else is paged", (GATE,)),
)  # fmt: skip

command = Command(
    word="gate",
    about="what must be met and signed before work starts, go/no-go, and freezes",
    verbs=(
        Verb("show", _show, "one gate: criteria and signatures", (GATE,), reads=True),
        *(ATTEMPTS.typed(verb, _named) for verb in VERBS),
        Verb("history", _history, "what happened to a gate, and what was refused", (GATE,), reads=True),
        Verb("list", list_all, "all gates, or all items of one", (Word("gate", optional=True),), reads=True),
        Verb("mine", _list_mine, "gates that wait for you", aliases=("waiting",), reads=True),
    ),
    alone=list_all,
    alone_reads=True,
    examples=("show tested", "tick prepared 1", "report tested tests_passed 68", "sign tested", "mine"),
)
