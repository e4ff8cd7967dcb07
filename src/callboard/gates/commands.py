"""What people type after `/gate`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from callboard.core import blocks as b
from callboard.core.errors import Refused
from callboard.gates import freezing, measuring, messages, modals, service, store, views
from callboard.gates.attempts import asker
from callboard.gates.counting import Given, tally
from callboard.gates.gathering import Look
from callboard.gates.parts import MeasurePart
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Modal, Say
from callboard.slack.grammar import Arguments
from callboard.slack.requests import Request
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

FOR = re.compile(r"(?:for\s+)?<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\s*", re.IGNORECASE)
EVIDENCE = re.compile(r"\s+(?:with|see)\s+(?=\S)|\s+(?=<https?://)", re.IGNORECASE)


def list_all(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Every gate of the plan, and freezes that hold now."""
    who = asker(tx, request)
    found = [views.card(tx, one) for one in service.gates(tx, who.directory.plan_id)]
    frozen = [
        b.context(f":snowflake: {b.escape(one.name)} until {b.date(one.to_at, 'both')}")
        for one in freezing.active(tx, who.directory.plan_id)
    ]
    blocks = messages.listed("Gates", found, "This plan has no gates.")
    return Say(f"{len(found)} gates", [*blocks, *frozen])


def list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """The gates that wait for the asker."""
    mine = [views.of(tx, seen) for seen in service.mine(tx, asker(tx, request))]
    count = "1 gate waits for you" if len(mine) == 1 else f"{len(mine)} gates wait for you"
    return Say(count, messages.listed("These wait for you", mine, "No gate waits for you."))


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """One gate, as its card shows it."""
    return shown(tx, asker(tx, request), args["gate"])


def shown(tx: Tx, who: Asker, key: str) -> Answer:
    """One gate, as its card shows it."""
    message = messages.card(views.of(tx, service.look(tx, who.directory.plan_id, key)))
    return Say(message.text, message.blocks)


def history(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What happened to a gate."""
    return told(tx, asker(tx, request), args["gate"])


def told(tx: Tx, who: Asker, key: str) -> Answer:
    """What happened to a gate."""
    gate = service.gate(tx, who.directory.plan_id, key)
    return Say(f"What happened to {gate.name}", messages.history(views.card(tx, gate), views.told(tx, gate)))


def tick(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say that a criterion holds: `tick prepared 2 see docs/SECRETS.md`."""
    which, evidence = _evidence(args["criterion"])
    return Say(how_it_stands(tx, service.tick(tx, asker(tx, request), args["gate"], which, evidence), "Ticked."))


def untick(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take a tick back."""
    seen = service.untick(tx, asker(tx, request), args["gate"], args["criterion"])
    return Say(how_it_stands(tx, seen, "The tick is taken back."))


def report(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Report a measure: `report tested tests_passed 68 https://ci.example/run/9`."""
    who = asker(tx, request)
    known: dict[str, MeasurePart] = dict(plans.live(tx, who.directory.plan_id).values.get("measures") or {})
    words = args["rest"].split(maxsplit=2)
    gate = None if args["gate"] in known else service.gate(tx, who.directory.plan_id, args["gate"])
    words = [args["gate"], *args["rest"].split(maxsplit=1)] if gate is None else words
    if len(words) < 2:  # noqa: PLR2004 - a name and an amount
        raise Refused("A report is a gate, a measure and an amount: `/gate report tested tests_passed 68`.")
    measure, amount, link = words[0], words[1], " ".join(words[2:])
    if gate and measure in known and measure not in service.measures_of(tx, gate):
        raise Refused(f"{gate.name} does not look at `{measure}`: report it alone, `/gate report {measure} {amount}`.")
    read = measuring.parse_report(b.unescape(amount), known.get(measure) or MeasurePart())
    row = service.report(tx, who, measure, read, _bare(link))
    using = (
        [gate] if gate else [one for one in service.gates(tx, row.plan_id) if measure in service.measures_of(tx, one)]
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
    seen, seat = service.may_sign(tx, who, key, for_person, expected)
    view = views.of(tx, seen)
    whose = seen.directory.called(seat) if seat != who.person.key else ""
    return Modal(modals.confirm(view, seen.content, triggers(seen, who, seat), for_person, whose))


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
    freed = views.held(seen)
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
        return Modal(modals.reject(views.of(tx, service.look(tx, who.directory.plan_id, args["gate"]))))
    return Say(how_it_stands(tx, service.reject(tx, who, args["gate"], reason, person), "You said no."))


def withdraw(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take a signature back."""
    seen = service.withdraw(tx, asker(tx, request), args["gate"])
    return Say(how_it_stands(tx, seen, "You took it back."))


def waive(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open the exception record."""
    who = asker(tx, request)
    seen = service.may_waive(tx, who, args["gate"])
    return Modal(modals.waive(views.of(tx, seen), args["why"] or ""))


def acknowledge(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take a gate that was missed."""
    seen = service.acknowledge(tx, asker(tx, request), args["gate"])
    return Say(how_it_stands(tx, seen, "You have it."))


def list_freezes(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """The freezes, and the exceptions that were asked for."""
    who = asker(tx, request)
    lines = []
    for one in store.freezes(tx, who.directory.plan_id):
        times = f"{b.date(one.from_at, 'both')} to {b.date(one.to_at, 'both')}"
        lines.append(f":snowflake: *{one.key}*  {b.escape(one.name)}: {times}")
        lines += [f"• exception {e.number}, {e.item}: {e.state}" for e in store.exceptions(tx, one.plan_id, one.id)]
    return Say("Freezes", [b.section("\n".join(lines) or "This plan has no freezes.")])


def exception(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Open the form for an exception: `exception code the sign-in fix`."""
    who = asker(tx, request)
    text = (args["item"] or "").strip()
    first, _, rest = text.partition(" ")
    keys = {one.key.lower() for one in store.freezes(tx, who.directory.plan_id)}
    key, item = (first, rest.strip()) if first.lower() in keys else ("", text)
    freeze, part = freezing.may_ask(tx, who, key, item)
    carried = {"plan": who.directory.plan_key, "freeze": freeze.key}
    return Modal(modals.exception(freeze.name, carried, part.form, item))


def grant(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Sign an exception."""
    row = freezing.grant(tx, asker(tx, request), args["number"])
    return Say(how_exception_stands(row))


def deny(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Deny an exception."""
    row = freezing.deny(tx, asker(tx, request), args["number"], args["reason"])
    return Say(how_exception_stands(row))


def how_exception_stands(row: Any) -> str:
    """What somebody reads who has just decided about an exception."""
    return (
        f"Exception {row.number} for `{row.item}` is {row.state}."
        if row.state != "asked"
        else f"You signed exception {row.number}; others have to sign too."
    )


def how_it_stands(tx: Tx, seen: Look, done: str = "") -> str:
    """What somebody reads who has just done something to a gate."""
    tx.session.flush()
    view = views.card(tx, seen.gate)
    return f"{done} {b.escape(view.name)}: {messages.state(view)}".strip()


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
