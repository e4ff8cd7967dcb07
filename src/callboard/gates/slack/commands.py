"""The command `/gate`, and what people type after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.errors import Refused
from callboard.gates.assessment.look import Look
from callboard.gates.assessment.signatures import Given, tally
from callboard.gates.messages import card, snapshot
from callboard.gates.messages.history import history_blocks, lines_of
from callboard.gates.plan import measures
from callboard.gates.plan.measures import MeasurePart
from callboard.gates.service import gates, signatures, ticks_and_reports
from callboard.gates.slack import forms
from callboard.gates.slack.refusals import asker, typed
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Modal, Say
from callboard.slack.grammar import Arguments, Command, Text, Verb, Word
from callboard.slack.requests import Request
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

FOR = re.compile(r"(?:for\s+)?<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\s*", re.IGNORECASE)
EVIDENCE = re.compile(r"\s+(?:with|see)\s+(?=\S)|\s+(?=<https?://)", re.IGNORECASE)


def list_all(tx: Tx, request: Request, _args: Arguments) -> Say:
    """Every gate of the plan."""
    who = asker(tx, request)
    found = [snapshot.of_gate(tx, one) for one in gates.gates(tx, who.directory.plan_id)]
    return Say(f"{len(found)} gates", card.listed("Gates", found, "This plan has no gates."))


def list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """The gates that wait for the asker."""
    mine = [snapshot.of_look(tx, seen) for seen in gates.mine(tx, asker(tx, request))]
    count = "1 gate waits for you" if len(mine) == 1 else f"{len(mine)} gates wait for you"
    return Say(count, card.listed("These wait for you", mine, "No gate waits for you."))


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """One gate, as its card shows it."""
    return shown(tx, asker(tx, request), args["gate"])


def shown(tx: Tx, who: Asker, key: str) -> Answer:
    """One gate, as its card shows it."""
    message = card.card(snapshot.of_look(tx, gates.look(tx, who.directory.plan_id, key)))
    return Say(message.text, message.blocks)


def history(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What happened to a gate."""
    return told(tx, asker(tx, request), args["gate"])


def told(tx: Tx, who: Asker, key: str) -> Answer:
    """What happened to a gate."""
    gate = gates.gate(tx, who.directory.plan_id, key)
    return Say(f"What happened to {gate.name}", history_blocks(snapshot.of_gate(tx, gate), lines_of(tx, gate)))


def tick(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say that a criterion holds: `tick prepared 2 see docs/SECRETS.md`."""
    which, evidence = _evidence(args["criterion"])
    return Say(
        how_it_stands(tx, ticks_and_reports.tick(tx, asker(tx, request), args["gate"], which, evidence), "Ticked.")
    )


def untick(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take a tick back."""
    seen = ticks_and_reports.untick(tx, asker(tx, request), args["gate"], args["criterion"])
    return Say(how_it_stands(tx, seen, "The tick is taken back."))


def report(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Report a measure: `report tested tests_passed 68 https://ci.example/run/9`."""
    who = asker(tx, request)
    known: dict[str, MeasurePart] = dict(plans.live(tx, who.directory.plan_id).values.get("measures") or {})
    words = args["rest"].split(maxsplit=2)
    gate = None if args["gate"] in known else gates.gate(tx, who.directory.plan_id, args["gate"])
    words = [args["gate"], *args["rest"].split(maxsplit=1)] if gate is None else words
    if len(words) < 2:  # noqa: PLR2004 - a name and an amount
        raise Refused("A report is a gate, a measure and an amount: `/gate report tested tests_passed 68`.")
    measure, amount, link = words[0], words[1], " ".join(words[2:])
    if gate and measure in known and measure not in ticks_and_reports.measures_of(tx, gate):
        raise Refused(f"{gate.name} does not look at `{measure}`: report it alone, `/gate report {measure} {amount}`.")
    read = measures.parse_report(b.unescape(amount), known.get(measure) or MeasurePart())
    row = ticks_and_reports.report(tx, who, measure, read, _bare(link))
    using = (
        [gate]
        if gate
        else [one for one in gates.gates(tx, row.plan_id) if measure in ticks_and_reports.measures_of(tx, one)]
    )
    stand = "\n".join(how_it_stands(tx, Look(tx, one)) for one in using)
    return Say(f"Reported: {b.escape(measure)} is {read}.\n{stand}")


def sign(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Ask before signing: what holds, what does not, and what it triggers."""
    who = asker(tx, request)
    person, _ = _for(who, args["for"] or "")
    return confirmation(tx, who, args["gate"], person)


def confirmation(tx: Tx, who: Asker, key: str, for_person: str = "", expected: int | None = None) -> Answer:
    """The form that says exactly what is signed, and what follows."""
    seen, seat = signatures.may_sign(tx, who, key, for_person, expected)
    view = snapshot.of_look(tx, seen)
    whose = seen.directory.called(seat) if seat != who.person.key else ""
    return Modal(forms.confirm(view, seen.content, triggers(seen, who, seat), for_person, whose))


def triggers(seen: Look, who: Asker, seat: str) -> list[str]:
    """What follows from a signature that is given now."""
    given = [Given(one.seat, one.person, one.at) for one in seen.standing if one.verdict == "yes"]
    given.append(Given(seat, who.person.key, seen.tx.now))
    then = tally(seen.directory, seen.part.sign_off, seen.work, given, seen.tx.now)
    others = [one for one in seen.rejections if one.person != who.person.key]
    count = len(seen.lacking)
    which = "The open criterion above has" if count == 1 else f"The {count} open criteria above have"
    waits = [f"{which} to hold"] if count else []
    directory = seen.directory
    unmet = [slot for slot in then.slots if not slot.met]
    waits += [f"{directory.one_of(slot.missing) or 'somebody'} must sign as {b.escape(slot.says)}" for slot in unmet]
    waits += [f"{directory.called(one.person)} has to take the no back" for one in others]
    if waits:
        return [f"It does not {'decide' if seen.gate.decision else 'pass'} yet. Before that:", *waits]
    freed = snapshot.held(seen)
    passes = "It is *GO*, at once and finally." if seen.gate.decision else "The gate passes at once."
    follows = [passes, *([f"This goes on, and is told: {', '.join(freed)}."] if freed else [])]
    announce = seen.part.announce
    told_too = dict.fromkeys(map(seen.directory.spoken_of, (*announce.to, *announce.mail) if announce else ()))
    return [*follows, *([f"This is announced to {', '.join(map(b.escape, told_too))}."] if told_too else [])]


def reject(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say no, with a reason."""
    who = asker(tx, request)
    person, reason = _for(who, args["reason"] or "")
    if not reason:
        return Modal(forms.reject(snapshot.of_look(tx, gates.look(tx, who.directory.plan_id, args["gate"]))))
    return Say(how_it_stands(tx, signatures.reject(tx, who, args["gate"], reason, person), "You said no."))


def withdraw(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take a signature back."""
    seen = signatures.withdraw(tx, asker(tx, request), args["gate"])
    return Say(how_it_stands(tx, seen, "You took it back."))


def waive(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open the exception record."""
    who = asker(tx, request)
    seen = gates.may_waive(tx, who, args["gate"])
    return Modal(forms.waive(snapshot.of_look(tx, seen), args["why"] or ""))


def acknowledge(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take a gate that was missed."""
    seen = gates.acknowledge(tx, asker(tx, request), args["gate"])
    return Say(how_it_stands(tx, seen, "You have it."))


def how_it_stands(tx: Tx, seen: Look, done: str = "") -> str:
    """What somebody reads who has just done something to a gate."""
    tx.session.flush()
    view = snapshot.of_gate(tx, seen.gate)
    return f"{done} {b.escape(view.name)}: {card.state(view)}".strip()


def _for(who: Asker, text: str) -> tuple[str, str]:
    """Whom somebody acts for, and what else was typed: `for @somebody because`."""
    found = FOR.match(text.strip())
    if not found:
        return "", text.strip()
    person = who.directory.by_slack(found[1])
    if person is None:
        raise Refused(f"{b.mention(found[1])} is not in {who.directory.plan_name}. `/plan people` lists everybody.")
    return person.key, text.strip()[found.end() :].strip()


def _evidence(text: str) -> tuple[str, str]:
    which, *evidence = EVIDENCE.split(text.strip(), maxsplit=1)
    return which.strip(), _bare(evidence[0]) if evidence else ""


def _bare(link: str) -> str:
    """A link as it was typed, without the brackets that Slack puts around it."""
    return re.sub(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>", r"\1", link).strip()


GATE = Word("gate")
command = Command(
    word="gate",
    about="what has to hold and be signed before work goes on, go or no-go, and freezes",
    verbs=(
        Verb("show", show, "one gate: every criterion, who has signed, who must still", (GATE,), reads=True),
        Verb(
            "tick", typed("tick", tick), "you have looked at a criterion, and it holds",
            (GATE, Text("criterion")), aliases=("check",),
        ),
        Verb("untick", typed("untick", untick), "it does not hold after all", (GATE, Text("criterion"))),
        Verb(
            "report", typed("report", report), "report a measure: its name, the amount, a link",
            (GATE, Text("rest")), aliases=("measure",),
        ),
        Verb(
            "sign", typed("sign", sign), "sign, or say GO; first you see what holds and what it triggers",
            (GATE, Text("for", optional=True)), aliases=("go", "approve"),
        ),
        Verb(
            "reject", typed("reject", reject), "say no, or NO-GO, and why",
            (GATE, Text("reason", optional=True)), aliases=("no-go", "nogo"),
        ),
        Verb("withdraw", typed("withdraw", withdraw), "take your signature, or your no, back", (GATE,)),
        Verb(
            "waive", typed("waive", waive), "let it go with an exception record; for coordinators",
            (GATE, Text("why", optional=True)),
        ),
        Verb(
            "ack", typed("acknowledge", acknowledge),
            "you have a gate that was missed: nobody else is paged", (GATE,),
        ),
        Verb("history", history, "what happened to a gate, what was refused too", (GATE,), reads=True),
        Verb("list", list_all, "every gate", reads=True),
        Verb("mine", list_mine, "what waits for you", aliases=("waiting",), reads=True),
    ),
    alone=list_all,
    alone_reads=True,
    examples=("show tested", "tick prepared 1", "report tested tests_passed 68", "sign tested", "mine"),
)  # fmt: skip
