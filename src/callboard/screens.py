"""What a capability shows for review: its messages, forms and Homes, made from examples by the code that makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callboard.core.db import Tx
from callboard.core.outbox import Delivery, Drop, Renderer
from callboard.core.subject import Subject
from callboard.slack.answers import Answer, Modal, Say


@dataclass(frozen=True)
class Screen:
    """One thing that people see. `id` is the renderer's kind, the form's callback_id, or what was typed or clicked.

    Either `view`, a form or a Home, or a message: `text` and `blocks`.
    """

    id: str
    title: str
    text: str = ""
    blocks: Sequence[dict[str, Any]] = ()
    view: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Stage:
    """A plan in a database of its own, at one instant. What a capability does here is seen by nobody."""

    tx: Tx
    plan_id: int
    workspace: str
    renderers: Mapping[str, Renderer]

    def sent(self, kind: str, title: str, subject: Subject, *, medium: str = "slack", **facts: Any) -> Screen:
        """What a renderer makes of a delivery; `facts` are its fields, such as `args`. ValueError: a Drop."""
        self.tx.flush()
        now = self.tx.now
        made: dict[str, Any] = {
            "args": {},
            "created_at": now,
            "due_at": now,
            "key": title,
            "address": "",
            "lane": "",
        } | facts
        delivery = Delivery(
            plan_id=self.plan_id, workspace=self.workspace, medium=medium, priority=0, kind=kind,
            subject_kind=subject.kind, subject_id=subject.id, **made,
        )  # fmt: skip
        message = self.renderers[kind](self.tx, delivery)
        if isinstance(message, Drop):
            sentence = f"{kind}, {title}: the example is not shown, because {message.reason}"
            raise ValueError(sentence)  # noqa: TRY004 - the example is wrong, not its type
        return Screen(kind, title, message.text, tuple(message.blocks))

    @staticmethod
    def answered(said: str, title: str, answer: Answer) -> Screen:
        """What somebody reads at once: words, or a form, which is called by its own name."""
        match answer:
            case Modal(view):
                return Screen(str(view["callback_id"]), title, view=view)
            case Say():
                return Screen(said, title, answer.text, tuple(answer.blocks))
        sentence = f"{said}, {title}: {type(answer).__name__} shows nothing of its own"
        raise ValueError(sentence)


Screens = Callable[[Stage], Iterable[Screen]]


def nothing(_stage: Stage) -> Iterable[Screen]:
    """What a capability shows that says nothing in Slack."""
    return ()
