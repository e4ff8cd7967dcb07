"""Gates in Slack: the buttons and forms. Whoever tries what they may not reads why, and the timeline keeps it.

commands: `/gate`
polls: the buttons of a poll
replies: what somebody reads who has just done something to a gate
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic

from callboard import blocks as b
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, WhichPlan
from callboard.core.words import counted, few_lines, joined
from callboard.gates import service as gates
from callboard.gates import store
from callboard.gates.assessment import Look
from callboard.gates.messages import CardView, card, held, of_gate, of_look
from callboard.gates.messages.history import Happened, all_lines
from callboard.gates.models import Gate
from callboard.gates.plan.poll import PolledSignOff
from callboard.gates.quorum import ALL, Given, Slot
from callboard.gates.rights import NotReady
from callboard.gates.slack.replies import heard, how_it_stands, said_no
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Modal, Refusal, Say
from callboard.slack.grammar import Arguments, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory
from callboard.teams.old_buttons import changes_since
from callboard.teams.slack import About, Answerable, Click, Misfit, Press, R

TRIED = {"ack": "acknowledge"}


class Offer(Refused):
    """A refusal with a button for what can be done instead."""

    def __init__(self, sentence: str, *buttons: b.Block) -> None:
        super().__init__(sentence)
        self.shown = [b.actions(*buttons)]


@dataclass(frozen=True)
class Attempts(Generic[R]):
    """Keeps on a row's timeline who tried what and was refused, strangers too.

    `keep` gets the row, who it was, what they tried and the sentence that they read.
    """

    find: Callable[[Tx, int], R | None]
    keep: Callable[[Tx, R, str, str, str], None]

    def typed(self, verb: Verb, named: Callable[[Tx, Request, Arguments], R | None]) -> Verb:
        """A verb that is typed; `named` finds the row that its arguments name."""

        def run(tx: Tx, request: Request, args: Arguments) -> Answer:
            return self._answer(
                tx, request, verb.name, lambda: verb.run(tx, request, args), lambda: named(tx, request, args)
            )

        return replace(verb, run=run)

    def clicked(self, interaction: Interaction) -> Interaction:
        """A button, a menu or a form about a row, whose id ends with what was tried; a menu's choice says that."""

        def run(tx: Tx, request: Request) -> Answer:
            verb, number = interaction.id.partition(".")[2], request.private.get("number", 0)
            if interaction.kind == "button":
                value = request.value
                if value[:1].isalpha():
                    verb, _, value = value.partition(":")
                number = value.partition(":")[0]
            return self._answer(
                tx, request, verb, lambda: interaction.run(tx, request), lambda: self.row(tx, request, int(number))
            )

        return replace(interaction, run=run)

    def row(self, tx: Tx, request: Request, number: int) -> R | None:
        """The row with a number, in whichever plan of the workspace it is."""
        row = self.find(tx, number)
        return row if row and row.plan_id in {plan.id for plan in plans.running(tx, request.workspace)} else None

    def _answer(
        self, tx: Tx, request: Request, verb: str, run: Callable[[], Answer], find: Callable[[], R | None]
    ) -> Answer:
        try:
            return run()
        except WhichPlan:
            raise
        except Refused as refused:
            row = find()
            if row is None:
                raise
            person = teams.directory(tx, row.plan_id).by_slack(request.user)
            self.keep(tx, row, person.key if person else request.user, TRIED.get(verb, verb), refused.sentence)
            return Refusal.of(refused)


MOST_LINES, TAKEN, READ = 40, "You have it.", "I looked at these criteria"
ATTEMPTS = Attempts[Gate](store.gate, gates.refused)
ABOUT = About[Gate](
    store.find, "That gate has left the plan. `/gate` lists all gates.",
    lambda tx, gate: card.card(of_look(Look(tx, gate))),
)  # fmt: skip


def shown(look: Look) -> Answer:
    message = card.card(of_look(look))
    return Say(message.text, message.blocks)


def history(tx: Tx, asker: Asker, gate: Gate) -> Answer:
    lines = [Happened(asker.directory, entry) for entry in timeline.history(tx, gate.subject)]
    return Say(f"What happened to {m.escape(gate.name)}", all_lines(of_gate(tx, gate), lines))


def confirmation(tx: Tx, asker: Asker, key: str, for_person: str = "", expected: int | None = None) -> Answer:
    """The form that says exactly what is signed, and what that does; before it is ready, an offer to ask then."""
    try:
        look, seat = gates.may_sign(tx, asker, key, for_person)
    except NotReady as early:
        raise Offer(early.sentence, b.button(card.ASK, "gate.ask", of_gate(tx, early.gate).value)) from None
    view, go = of_look(look), look.gate.decision
    whose = f", for {look.directory.called(seat)}" if seat != asker.person.key else ""
    since = changes_since(tx, asker, look.gate, expected)
    blocks = [
        *([b.context(f"Since this button was shown: {since}.")] if since else []),
        b.section("\n".join([f"{view.name}: {card.plain_state(view)}{whose}", *_covered(view)])),
        *(card.in_pieces(list(map(view.line, view.readings))) or [b.section("This gate has no criteria.")]),
        b.divider(),
        b.section("\n• ".join([f"*If you {'say GO' if go else 'sign'}:*", *effects(look, asker, seat)])),
        forms.checkboxes_input("Confirm", "read", [(READ, "yes")], optional=False, focus=True),
    ]
    named = seat if whose else ""
    return form(view, "sign", "GO" if go else "Sign", blocks, content=look.content, **{"for": named})


def _covered(view: CardView) -> list[str]:
    met = counted(len(view.readings), "met criterion", "met criteria")
    lines = [f"You sign {met}. If one changes, your signature is void."] if view.readings else []
    return [*lines, *([f"Wanted, not required: {joined(view.wanting)}."] if view.wanting else [])]


def _must_sign(directory: Directory, slot: Slot) -> str:
    seat = m.escape(slot.seat(directory))
    how = f"as {seat}" if slot.count == 1 or slot.part.count == ALL else f"({seat})"
    return f"{slot.awaited(directory) or 'somebody'} must sign {how}"


def effects(look: Look, asker: Asker, seat: str) -> list[str]:
    """What a signature leads to that is given now."""
    directory, decision, announced = look.directory, look.gate.decision, look.part.announce
    slots = look.tally_of([*look.given, Given(seat, asker.person.key, look.tx.now)]).slots
    voices = [slot for slot in look.tally.of(seat) if isinstance(slot.part, PolledSignOff)]
    if voices:
        return [f"It is GO for {m.escape(voices[0].says)}. `/gate withdraw {look.gate.key}` takes it back."]
    needed = [_must_sign(directory, slot) for slot in slots if not slot.met]
    others = [no.person for no in look.rejections if no.person != asker.person.key]
    needed += [f"{directory.called(person)} must sign or withdraw their no" for person in others]
    if needed:
        return [f"It does not {'decide' if decision else 'pass'} yet. Still needed:", *needed]
    waiting = held(look)
    audience = joined(_spoken_of(directory, word) for word in (*announced.to, *announced.mail)) if announced else ""
    return [
        "It is *GO*, and that is final." if decision else "The gate passes at once.",
        *([f"No longer on hold: {joined(waiting)}."] if waiting else []),
        *([f"Announced to {audience}."] if audience else []),
    ]


def _spoken_of(directory: Directory, word: str) -> str:
    return m.channel(directory.address(word)) if word.startswith("#") else m.escape(directory.spoken_of(word))


def rejection(look: Look, for_person: str = "") -> Answer:
    """The form that asks why somebody says no."""
    view, decision = of_look(look), look.gate.decision
    shut = "The gate stays shut until you sign or withdraw."
    effect = "The decision is NO-GO at once. Everybody is told." if decision else shut
    why = forms.text_input("Why", "reason", multiline=True, placeholder="What has to change")
    whose = [b.context(f"For {look.directory.called(for_person)}")] if for_person else []
    return form(
        view, "reject", "NO-GO" if decision else "Reject", [b.section(effect), *whose, why], **{"for": for_person}
    )


def waiver(look: Look, why: str = "") -> Answer:
    """The form of an exception record."""
    view = of_look(look)
    lacking = few_lines(list(map(view.line, view.lacking)), MOST_LINES) or ["All criteria are met; signatures are not."]
    blocks = [
        b.section(m.clip("\n".join([f"You let {view.name} go without this:", *lacking]), 2800)),
        forms.text_input("Why", "why", multiline=True, initial=why),
        forms.text_input("Risk of adding", "adding", multiline=True, hint="What may go wrong if work starts now"),
        forms.text_input("Risk of cutting", "cutting", multiline=True, hint="What goes wrong if it waits"),
        forms.datetime_input("Until when", "until", optional=True, hint="From then on it must be met after all"),
    ]
    return form(view, "waive", "Waive", blocks)


def form(view: CardView, verb: str, word: str, blocks: list[b.Block], **carried: Any) -> Modal:
    gate = view.gate
    private = {"number": gate.id, "changes": gate.changes, **carried}
    return Modal(forms.modal(f"{word}: {gate.key}", blocks, callback_id=f"gate.{verb}", submit=word, private=private))


def _press_tick(click: Click[Gate]) -> Answer:
    view = of_look(gates.open_gate(click.tx, click.asker, click.row.key))
    numbers = view.numbers
    open_ticks = [(m.clip(r.says, 70), str(numbers[r.key])) for r in view.lacking if r.key in numbers]
    if not open_ticks:
        raise Refused(f"Everything in {m.escape(view.gate.name)} that can be ticked is ticked.")
    blocks = [
        forms.select_input("What did you check?", "which", open_ticks),
        forms.text_input("Evidence", "evidence", optional=True, placeholder="A link, a file, a run"),
    ]
    return form(view, "tick", "Tick", blocks)


def _submit_sign(click: Click[Gate]) -> Answer:
    carried = click.request.private
    if not click.values.get("read"):
        raise Misfit("read", "Tick this to sign.")
    look = gates.sign(click.tx, click.asker, click.row.key, carried["content"], carried.get("for", ""))
    return Say(heard(look, click.asker) or how_it_stands(look, "You have signed."))


def _submit_tick(click: Click[Gate]) -> Answer:
    values = click.values
    look = gates.tick(click.tx, click.asker, click.row.key, values["which"], values.get("evidence") or "")
    return Say(how_it_stands(look, "Ticked."))


def _submit_reject(click: Click[Gate]) -> Answer:
    for_person = click.request.private.get("for", "")
    look = gates.reject(click.tx, click.asker, click.row.key, click.values.get("reason") or "", for_person)
    return Say(said_no(look, click.asker))


def _submit_waive(click: Click[Gate]) -> Answer:
    values = click.values
    look = gates.waive(
        click.tx, click.asker, click.row.key, values.get("why") or "", until=values.get("until"),
        risk_of_adding=values.get("adding") or "", risk_of_cutting=values.get("cutting") or "",
    )  # fmt: skip
    return Say(how_it_stands(look, "You waived it."))


def asked(look: Look, who: Asker) -> str:
    """What somebody reads who is told when a gate is ready."""
    signs = who.person.key in [person.key for person in look.unsigned]
    what = f"{'ask' if signs else 'tell'} you when {m.escape(look.gate.name)} is ready"
    return f"I'll {what} ({look.met} now)."


def _take(click: Click[Gate]) -> Answer:
    return Say(how_it_stands(gates.acknowledge(click.tx, click.asker, click.row.key), TAKEN))


ANSWER = Answerable(
    ABOUT, _take, "Take it", lambda _, gate: not (gate.settled or gate.owner), lambda gate: f"/gate ack {gate.key}"
)
MENU: dict[str, Press[Gate]] = {
    "history": lambda c: history(c.tx, c.asker, c.row),
    "withdraw": lambda c: Say(how_it_stands(gates.withdraw(c.tx, c.asker, c.row.key, c.changes), "You withdrew.")),
    "waive": lambda c: waiver(gates.may_waive(c.tx, c.asker, c.row.key, c.changes)),
}
INTERACTIONS = (
    ABOUT.button("gate.show", lambda click: shown(Look(click.tx, click.row)), reads=True),
    *map(ATTEMPTS.clicked, (
        ABOUT.button("gate.sign", lambda c: confirmation(c.tx, c.asker, c.row.key, c.rest, c.changes)),
        ABOUT.button("gate.ask", lambda c: Say(asked(gates.ask(c.tx, c.asker, c.row.key), c.asker))),
        ABOUT.button("gate.reject", lambda c: rejection(gates.may_reject(c.tx, c.asker, c.row.key, "", c.changes))),
        ABOUT.button("gate.tick", _press_tick),
        ABOUT.button("gate.ack", _take),
        ABOUT.menu("gate.more", MENU),
        ABOUT.form("gate.sign", _submit_sign),
        ABOUT.form("gate.tick", _submit_tick),
        ABOUT.form("gate.reject", _submit_reject),
        ABOUT.form("gate.waive", _submit_waive),
    )),
)  # fmt: skip
