"""Gates in Slack: the buttons and forms. Whoever tries what they may not reads why, and the timeline keeps it.

commands: `/gate`
forms: what somebody fills in who signs, rejects or waives
polls: the buttons of a poll
replies: what somebody reads who has just done something to a gate
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic

from callboard.blocks import markup as m
from callboard.blocks.forms import select_input, text_input
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, WhichPlan
from callboard.gates import service as gates
from callboard.gates import store
from callboard.gates.assessment import Look
from callboard.gates.criteria import key_of
from callboard.gates.messages import card, of_gate, of_look
from callboard.gates.messages.history import Happened, all_lines
from callboard.gates.models import Gate
from callboard.gates.slack import forms
from callboard.gates.slack.replies import heard, how_it_stands, said_no
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Refusal, Say
from callboard.slack.grammar import Arguments, Verb
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.slack import About, Answerable, Click, Misfit, Press, Promised, R, is_promise

TRIED = {"ack": "acknowledge"}


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


TAKEN = "You have it."
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


def sent(id: str, submit: Press[Gate]) -> Interaction:  # noqa: A002 - as in Interaction
    """A form about a gate; one that was opened in an earlier attempt changes nothing of this one."""

    def of_this_attempt(click: Click[Gate]) -> Answer:
        gate = store.known(click.tx, click.row.number, lock=True)
        attempt = click.request.private.get("attempt", gate.attempt)
        if attempt != gate.attempt:
            raise Refused(
                f"Attempt {attempt} of {m.escape(gate.name)} has ended since you opened this form. I changed nothing. "
                f"`/gate show {gate.key}` shows attempt {gate.attempt}."
            )
        return submit(click)

    return ABOUT.form(id, of_this_attempt)


def _press_tick(click: Click[Gate]) -> Answer:
    look, ticks = gates.may_tick(click.tx, click.asker, click.row.key)
    blocks = [
        select_input("What did you check?", "which", [(part.tick, key_of(part)) for part in ticks]),
        text_input("Evidence", "evidence", optional=True, placeholder="A link, a file, a run"),
    ]
    return forms.form(of_look(look), "tick", "Tick", blocks)


def _submit_sign(click: Click[Gate]) -> Answer:
    carried = click.request.private
    if not click.values.get("read"):
        raise Misfit("read", "Tick this to sign.")
    look = gates.sign(click.tx, click.asker, click.row.key, carried["content"], carried.get("for", ""))
    return Say(heard(look, click.asker) or how_it_stands(look, "You have signed."))


def refuse_promise(tx: Tx, who: Asker, said: str, what: str) -> None:
    """Whoever ticks says that it is so now; `what` is typed to tick it."""
    if is_promise(tx, who, said):
        raise Promised(said, "nothing is ticked", f"Is it so now? `/gate tick {what}`")


def _submit_tick(click: Click[Gate]) -> Answer:
    which, evidence = click.values["which"], click.values.get("evidence") or ""
    refuse_promise(click.tx, click.asker, evidence, f"{click.row.key} {which}")
    look = gates.tick(click.tx, click.asker, click.row.key, which, evidence)
    return Say(how_it_stands(look, "Ticked."))


def _press_reject(click: Click[Gate]) -> Answer:
    return forms.rejection(gates.may_reject(click.tx, click.asker, click.row.key, expected=click.changes))


def _submit_reject(click: Click[Gate]) -> Answer:
    for_person = click.request.private.get("for", "")
    look = gates.reject(click.tx, click.asker, click.row.key, click.values.get("reason") or "", for_person)
    return Say(said_no(look, click.asker))


def _submit_waive(click: Click[Gate]) -> Answer:
    values, shown = click.values, click.request.private.get("lacking")
    before = gates.may_waive(click.tx, click.asker, click.row.key)
    if shown is not None and (more := forms.more_lacking(before, shown)):
        raise Refused("\n".join([
            f"{m.escape(before.gate.name)} lacks more than this form showed, so I waived nothing:", *more,
            f"To waive that too, open the form again: `/gate waive {before.gate.key}`",
        ]))  # fmt: skip
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
    "waive": lambda c: forms.waiver(gates.may_waive(c.tx, c.asker, c.row.key, c.changes)),
}
INTERACTIONS = (
    ABOUT.button("gate.show", lambda click: shown(Look(click.tx, click.row)), reads=True),
    *map(ATTEMPTS.clicked, (
        ABOUT.button("gate.sign", lambda c: forms.confirmation(c.tx, c.asker, c.row.key, c.rest, c.changes)),
        ABOUT.button("gate.ask", lambda c: Say(asked(gates.ask(c.tx, c.asker, c.row.key), c.asker))),
        ABOUT.button("gate.reject", _press_reject),
        ABOUT.button("gate.tick", _press_tick),
        ABOUT.button("gate.ack", _take),
        ABOUT.menu("gate.more", MENU),
        sent("gate.sign", _submit_sign), sent("gate.tick", _submit_tick), sent("gate.reject", _submit_reject),
        sent("gate.waive", _submit_waive),
    )),
)  # fmt: skip
