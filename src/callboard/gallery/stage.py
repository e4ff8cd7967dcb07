"""What a capability shows for review: its messages, forms and Homes, made from examples by the code that makes them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from callboard.blocks.fit import worded
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Medium, Renderer
from callboard.core.ticks import DueWork
from callboard.core.timeline import Subject
from callboard.slack.answers import Answer, Modal, Say, drawn
from callboard.slack.grammar import Command
from callboard.slack.intents import Call, understand
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams
from callboard.teams.directory import Asker

PATIENCE = 1000


@dataclass(frozen=True)
class Screen:
    """One thing that people see. `id` is the renderer's kind, the form's callback_id, or what was typed or clicked.

    Either `view`, a form or a Home, or a message: `text` and `blocks`, and below them a `picture`, as SVG.
    """

    id: str
    title: str
    text: str = ""
    blocks: Sequence[dict[str, Any]] = ()
    view: Mapping[str, Any] | None = None
    picture: str = ""


@dataclass(frozen=True)
class Stage:
    """A plan in a database of its own. Nobody sees what a capability does here, and it is undone."""

    tx: Tx
    plan_id: int
    workspace: str
    renderers: Mapping[str, Renderer]

    def asker(self, key: str) -> Asker:
        """Somebody of the plan."""
        directory = teams.directory(self.tx, self.plan_id)
        return Asker(directory, directory.people[key])

    def user(self, key: str) -> str:
        """Their Slack id."""
        return self.asker(key).person.slack_id

    def cast(self) -> tuple[Asker, Asker]:
        """A member of a team, and who leads it."""
        directory = teams.directory(self.tx, self.plan_id)
        team = next(team for team in directory.teams.values() if team.leads and team.members)
        member, lead = (directory.people[keys[0]] for keys in (team.members, team.leads))
        return Asker(directory, member), Asker(directory, lead)

    def sent(self, kind: str, title: str, subject: Subject, *, medium: str = "slack", **facts: Any) -> Screen:
        """What a renderer makes of a delivery; `facts` are its fields, such as `args`. ValueError: a Drop."""
        self._catch_up()
        now = self.tx.now
        usual: dict[str, Any] = {"args": {}, "created_at": now, "due_at": now, "key": title, "address": "", "lane": ""}
        delivery = Delivery(
            plan_id=self.plan_id, workspace=self.workspace, medium=medium, priority=0, kind=kind,
            subject_kind=subject.kind, subject_id=subject.id, **(usual | facts),
        )  # fmt: skip
        return self._rendered(delivery, title)

    def told(self, kind: str, title: str, *, address: str = "", **args: Any) -> Screen:
        """The newest message of a kind that a verb left to be sent, to an address and with these `args` where given.

        ValueError: there is none, or a Drop.
        """
        self._catch_up()
        newest = select(Delivery).where(Delivery.kind == kind).order_by(col(Delivery.id).desc())
        for delivery in self.tx.session.exec(newest):
            if address in ("", delivery.address) and args.items() <= delivery.args.items():
                return self._rendered(delivery, title)
        sentence = f"{kind}, {title}: nobody was told that"
        raise ValueError(sentence)

    def others(self, notices: Iterable[Notice], shown: Collection[str]) -> Iterator[Screen]:
        """Every kind of message that was left to be sent and is not shown yet, called by what its notice tells."""
        sent = set(self.tx.session.exec(select(Delivery.kind).distinct()))
        for notice in notices:
            if notice.kind in sent and notice.kind not in shown:
                yield self.told(notice.kind, notice.told)

    def typed(self, command: Command, user: str, text: str, title: str) -> Screen:
        """What somebody reads who types this after the slash word, a refusal too."""
        said = f"/{command.word} {text}".strip()
        call = understand(command, text)
        if not isinstance(call, Call):
            sentence = f"{said}, {title}: that is not understood as a verb"
            raise ValueError(sentence)  # noqa: TRY004 - the example is wrong, not its type
        self._catch_up()
        try:
            answer = call.run(self.tx, Request(workspace=self.workspace, user=user), call.arguments)
        except Refused as refused:
            answer = Say(refused.sentence)
        return self.answered(said, title, answer)

    def clicked(self, interactions: Iterable[Interaction], id: str, user: str, value: str, title: str) -> Screen:  # noqa: A002 - as in Interaction
        """What somebody sees who clicks a button or chooses from a menu."""
        self._catch_up()
        run = next(one.run for one in interactions if one.id == id and one.kind == "button")
        return self.answered(f"[{id}]", title, run(self.tx, Request(workspace=self.workspace, user=user, value=value)))

    def later(self, span: timedelta, *works: DueWork) -> None:
        """Time goes by, and what comes due of `works` is done at its instant."""
        end = self.tx.now + span
        for _ in range(PATIENCE):
            self._catch_up()
            at = min((due for work in works if (due := work.next_at(self.tx))), default=end)
            if at > end:
                break
            self.tx.now = max(at, self.tx.now)
            for work in works:
                work.handle(self.tx, work.claim(self.tx, PATIENCE))
            if at == end:
                break
        self.tx.now = end

    def _catch_up(self) -> None:
        """Do what the transaction leaves for its end: the next screen shows it."""
        self.tx.finish()
        self.tx.session.expire_all()

    def _rendered(self, delivery: Delivery, title: str) -> Screen:
        message = self.renderers[delivery.kind](self.tx, delivery)
        if isinstance(message, Drop):
            sentence = f"{delivery.kind}, {title}: the example is not shown, because {message.reason}"
            raise ValueError(sentence)  # noqa: TRY004 - the example is wrong, not its type
        shown = message.shown_by(delivery.medium)
        text, blocks = worded(shown.text, shown.blocks) if delivery.medium == Medium.SLACK else (shown.text, ())
        drawn_as = message.picture.svg if message.picture and blocks else ""
        return Screen(delivery.kind, title, text, tuple(blocks), picture=drawn_as)

    @staticmethod
    def answered(said: str, title: str, answer: Answer) -> Screen:
        """What somebody reads at once: words, or a form, which has its own name."""
        match answer:
            case Modal(view):
                return Screen(str(view["callback_id"]), title, view=view)
            case Say():
                text, blocks = worded(answer.text, drawn(answer))
                return Screen(said, title, text, tuple(blocks))
        sentence = f"{said}, {title}: {type(answer).__name__} shows nothing of its own"
        raise ValueError(sentence)


Screens = Callable[[Stage], Iterable[Screen]]
