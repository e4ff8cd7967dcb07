"""The command `/gate`, and what people type after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.words import counted
from callboard.gates import service as gates
from callboard.gates import slack, store
from callboard.gates.assessment import Look, looks
from callboard.gates.criteria import key_of, leaves, shown
from callboard.gates.messages import card, in_list, of_gate
from callboard.gates.models import Gate
from callboard.gates.plan.types import TickPart, of_kind
from callboard.gates.slack import ATTEMPTS, forms, polls
from callboard.gates.slack.replies import how_it_stands, said_no
from callboard.plans import service as plans
from callboard.slack import small_words
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments, Command, Taken, Text, Verb, Word
from callboard.slack.help import on_another, plain
from callboard.slack.number_lists import for_each, read_each
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.slack import asker, person

FOR = re.compile(r"(?:for\s+)?<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>\s*", re.IGNORECASE)
TO = re.compile(r"^to\s+", re.IGNORECASE)
EVIDENCE = re.compile(r"(?<!\s)\s+(?:(?:with|see)\s+(?=\S)|(?=<https?://))", re.IGNORECASE)
BECAUSE = re.compile(r"^because(\s+|$)", re.IGNORECASE)
AMOUNT = re.compile(r"[~≈]?\d")
LINK = re.compile(r"<(https?://[^|<>\s]+)(?:\|[^<>]*)?>")


def list_all(tx: Tx, request: Request, args: Arguments) -> Say:
    """Every gate of the plan, or every item of one."""
    plan_id = asker(tx, request).directory.plan_id
    group = gates.gate(tx, plan_id, args["gate"]) if args.get("gate") else None
    if group and (items := store.items(tx, group)):
        return Say(f"Items of {m.escape(group.name)}", card.of_items(of_gate(tx, group), items))
    rows = [group] if group else store.listed(tx, plan_id)
    views = in_list(looks(tx, rows[: card.LISTED]))
    return Say(counted(len(rows), "gate"), card.listed("Gates", views, "This plan has no gates.", len(rows)))


def _list_mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    mine = gates.mine(tx, asker(tx, request))
    blocks = card.listed("Waiting for you", in_list(mine[: card.LISTED]), "No gate waits for you.", len(mine))
    return Say(f"{counted(len(mine), 'gate')} waiting for you", blocks)


def _show(tx: Tx, request: Request, args: Arguments) -> Answer:
    return slack.shown(Look(tx, _alone(tx, asker(tx, request), args)))


def _history(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return slack.history(tx, who, _alone(tx, who, args))


def _alone(tx: Tx, who: Asker, args: Arguments) -> Gate:
    """The gate that somebody named, and nothing else."""
    return gates.called(tx, who.directory.plan_id, args["gate"], alone=True)[0]


def _split(tx: Tx, who: Asker, args: Arguments) -> tuple[str, str]:
    """The key of the gate that somebody named, and what else they typed."""
    gate, rest = gates.called(tx, who.directory.plan_id, args["gate"])
    return gate.key, rest


def _tick(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`tick prepared 2 see docs/SECRETS.md`."""
    who = asker(tx, request)
    gate, rest = gates.called(tx, who.directory.plan_id, args["gate"])
    which, evidence = _told(Look(tx, gate), rest)
    one, _, behind = which.strip().partition(" ")
    slack.refuse_promise(tx, who, evidence or behind, f"{gate.key} {one}")
    return _each(tx, which, "Ticked", lambda part, one: gates.tick(part, who, gate.key, one, _bare(evidence)))


def _told(look: Look, text: str) -> tuple[str, str]:
    """The criterion that is named, and its evidence: behind all of its words, of which `with` may be one, or `see`."""
    ticked = of_kind(TickPart, look.part.criteria)
    found, behind = m.meant(text, ((part.tick, key_of(part)) for part in ticked))
    if len(found) == 1 and (not behind or EVIDENCE.match(f" {behind}")):
        return found[0], EVIDENCE.sub("", f" {behind}", count=1).strip()
    which, *evidence = EVIDENCE.split(text, maxsplit=1)
    return which, "".join(evidence)


def _each(tx: Tx, which: str, done: str, verb: Callable[[Tx, str], Look]) -> Say:
    """Do it for a criterion, or for each of several that are named by their numbers."""
    listed = read_each(which.strip())
    if not listed or listed[1].strip():
        return Say(how_it_stands(verb(tx, which.strip()), f"{done}."))
    looks: list[Look] = []

    def one(part: Tx, number: int) -> Say:
        looks.append(verb(part, str(number)))
        return Say(f"{done}.")

    if len(listed[0]) == 1:
        one(tx, listed[0][0])
        return Say(how_it_stands(looks[-1], f"{done}."))
    said = for_each(tx, listed[0], one, done + " {numbers}.")
    head, *refused = said.text.split("\n") if isinstance(said, Say) else [""]
    return Say("\n".join([how_it_stands(looks[-1], head), *refused]))


def _report(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`report tested tests_passed 68 https://ci.example/run/9`, or without the gate."""
    who, text = asker(tx, request), args["gate"]
    plan_id = who.directory.plan_id
    known, gate = gates.measures_in(tx, plan_id), None
    measure, rest = _measured(text, {key: key for key in known})
    if not measure and store.meant(tx, plan_id, text)[0]:
        gate, text = gates.called(tx, plan_id, text)
        measure, rest = _measured(text, {key: key for key in known})
    own = gates.measures_of(tx, gate) if gate else known
    if not measure:
        measure, rest = _measured(text, {known[key].name or key: key for key in own if key in known})
    if not measure and gate and len(own) == 1 and AMOUNT.match(text):
        measure, rest = next(iter(own)), text
    if not measure and not gate:
        word = text.split(maxsplit=1)[0]
        raise unknown(
            f"There is no gate and no measure `{m.clip(m.escape(word), 40)}`", word, [*known, *which(tx, request, "")]
        )
    measure, amount, link = _reported(f"{measure} {rest}" if measure else text)
    if gate and measure in known and measure not in gates.measures_of(tx, gate):
        raise Refused(
            f"{m.escape(gate.name)} does not look at `{measure}`. Report it alone: `/gate report {measure} {amount}`."
        )
    if measure in known and (unit := known[measure].unit) and link.split()[:1] == [unit]:
        link = link.removeprefix(unit).strip()
    read = gates.report(tx, who, measure, m.unescape(amount), _bare(link))
    using = [gate] if gate else gates.measured_by(tx, plan_id, measure)
    looks = [Look(tx, gate) for gate in using]
    readings = [reading for look in looks for reading in leaves(look.readings) if reading.measure == measure]
    needed = dict.fromkeys(reading.short for reading in readings if reading.short)
    name = m.escape(known[measure].name or measure)
    head = " ".join([f"Reported for {name}: {shown(read, known[measure])}.", *(f"{short}." for short in needed)])
    return Say("\n".join([head, *map(how_it_stands, looks)]))


def _measured(text: str, names: Mapping[str, str]) -> tuple[str, str]:
    """The measure with whose name a text begins, and the rest; no measure where there is none."""
    found, rest = m.meant(text, names.items())
    return (found[0], rest) if found else ("", text)


def _reported(text: str) -> tuple[str, str, str]:
    measure, amount, link, *_ = [*text.split(maxsplit=2), "", "", ""]
    if not amount:
        raise Refused("Type a gate, a measure and an amount: `/gate report tested tests_passed 68`.")
    return measure, amount, link


def _sign(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    key, rest = _split(tx, who, args)
    for_person, more = _for(who, rest)
    if answer := polls.typed(tx, who, key, for_person, more):
        return answer
    if TO.match(more):
        raise Refused(f"To let somebody sign for you: `/gate hand {key} {plain(more)}`.")
    if more:
        raise Refused(f"Type `/gate sign {key}`, or `/gate sign {key} for @somebody` as their deputy.")
    return forms.confirmation(tx, who, key, for_person)


def _ask(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return Say(slack.asked(gates.ask(tx, who, _alone(tx, who, args).key), who))


def _hand(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`hand tested to @deputy`, `hand tested back`."""
    who = asker(tx, request)
    key, rest = _split(tx, who, args)
    named = TO.sub("", rest)
    if not named:
        raise Refused(f"Say to whom: `/gate hand {key} to @somebody`. To take it back: `/gate hand {key} back`.")
    mention = m.MENTION.fullmatch(named)
    to = person(who, mention[1] if mention else named.lstrip("@")) if named.lower() != "back" else None
    to = None if to == who.person else to
    look = gates.hand(tx, who, key, to)
    name = m.escape(look.gate.name)
    if to is None:
        return Say(f"You sign {name} yourself again.")
    called = who.directory.called(to)
    return Say(f"{called} can sign {name} for you now, and knows it. To take it back: `/gate hand {key} back`.")


def _reject(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    key, rest = _split(tx, who, args)
    for_person, reason = _for(who, rest)
    reason = BECAUSE.sub("", reason)
    if not reason:
        return forms.rejection(gates.may_reject(tx, who, key, for_person), for_person)
    return Say(said_no(gates.reject(tx, who, key, reason, for_person), who))


def _waive(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    key, why = _split(tx, who, args)
    return forms.waiver(gates.may_waive(tx, who, key), BECAUSE.sub("", why))


def _untick(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    key, which = _split(tx, who, args)
    return _each(tx, which, "Unticked", lambda part, one: gates.untick(part, who, key, one))


def _withdraw(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return Say(how_it_stands(gates.withdraw(tx, who, _alone(tx, who, args).key), "You withdrew."))


def _acknowledge(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return Say(how_it_stands(gates.acknowledge(tx, who, _alone(tx, who, args).key), slack.TAKEN))


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
    found = (store.meant(tx, plan_id, args["gate"] or "")[0] for plan_id in plan_ids)
    known = [matching[0] for matching in found if len(matching) == 1]
    own = [gate for gate in known if teams.directory(tx, gate.plan_id).by_slack(request.user)] or known
    return own[0] if len(own) == 1 else None


def which(tx: Tx, request: Request, verb: str) -> list[str]:
    """The gates that a verb may be about: those that wait for the asker first."""
    who = asker(tx, request)
    if verb == "report":
        return []
    mine = [look.gate.key for look in gates.mine(tx, who)]
    rows = store.listed(tx, who.directory.plan_id)
    return list(dict.fromkeys([*mine, *(row.key for row in rows if not row.settled or verb in ("show", "history"))]))


def planned(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`due tested friday` is of the plan: `/plan set tested due friday`."""
    key, rest = _split(tx, asker(tx, request), args)
    return on_another(f"set {key} due {TO.sub('', rest)}".strip(), "plan", command, request)


class Named(Text):
    """A gate, by its key or its title, which may have several words; then perhaps something else."""

    def __init__(self, then: str = "", lead: str = "") -> None:
        """`lead` is a word that may stand in front and says nothing: `sign off tested`."""
        super().__init__("gate")
        self.then, self.lead = then, lead

    def take(self, text: str) -> Taken | None:
        word, _, rest = text.partition(" ")
        text = rest if word.lower() == self.lead and rest.strip() else text
        return super().take(text if self.then and not self.lead else small_words.without_now(text))

    @property
    def shape(self) -> str:
        return f"GATE {self.then}".strip()


GATE = (Named(),)
PHRASES = (
    (re.compile(r"(?:is|are|has|have|did|how\s+(?:is|are|do)|which)\s+(?:the\s+|all\s+)?gates?(?:\s+\S+){0,3}|(?:can|do)\s+we\s+go(?:\s+live)?|are\s+we\s+go",
                re.IGNORECASE), "list"),
)  # fmt: skip
"""What people write to the bot about gates."""
VERBS = (
    Verb("tick", _tick, "a criterion is met: you checked", (Named("CRITERION…"),), aliases=("check",)),
    Verb("untick", _untick, "a criterion is not met after all", (Named("CRITERION…"),)),
    Verb("report", _report, "report a measure: name, amount, link", (Named("MEASURE AMOUNT [LINK]"),),
         aliases=("measure",)),
    Verb("sign", _sign, "sign, or say GO, in a poll also on a condition",
         (Named("[for @somebody] [if CONDITION @owner]", "off"),),
         aliases=("go", "approve")),
    Verb("ask", _ask, "be told when a gate is ready to sign", GATE),
    Verb("hand", _hand, "let your deputy sign for you, or take that back", (Named("to @deputy|back"),)),
    Verb("reject", _reject, "say no, or NO-GO, and why", (Named("[for @somebody] [REASON…]"),),
         aliases=("no-go", "nogo")),
    Verb("withdraw", _withdraw, "take back your signature, or your no", GATE),
    Verb("waive", _waive, "let it go without; only coordinators can", (Named("[WHY…]"),),
         aliases=("skip", "override", "bypass")),
    Verb("ack", _acknowledge, "take an overdue gate: nobody else is paged", GATE),
)  # fmt: skip

command = Command(
    word="gate",
    about="what must be met and signed before work starts, go/no-go, and freezes",
    verbs=(
        Verb("show", _show, "one gate: criteria and signatures", GATE, aliases=("status", "info"), reads=True),
        *(ATTEMPTS.typed(verb, _named) for verb in VERBS),
        Verb("history", _history, "what happened to a gate, and what was refused", GATE, reads=True),
        Verb(
            "due",
            planned,
            "move it: asks for `/plan set`",
            (Named("friday 17:00"),),
            aliases=("deadline", "move", "postpone"),
            reads=True,
        ),
        Verb("list", list_all, "all gates, or all items of one", (Word("gate", optional=True),), reads=True),
        Verb("mine", _list_mine, "gates that wait for you", aliases=("waiting",), reads=True),
    ),
    alone=list_all,
    alone_reads=True,
    which=which,
    phrases=PHRASES,
    called=lambda tx, number: gate.key if (gate := store.find(tx, number)) else None,
    examples=("show tested", "tick prepared 1", "report tested tests_passed 68", "sign tested", "mine"),
)
