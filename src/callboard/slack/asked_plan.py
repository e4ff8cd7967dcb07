"""The plan that somebody asked about: with the answer it is named where it may be taken for another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from callboard.blocks import context, fit, forms
from callboard.blocks.markup import bold, escape
from callboard.core.db import Tx
from callboard.core.errors import Refused, WhichPlan
from callboard.core.registry import Key
from callboard.core.rows import OfPlan
from callboard.slack.answers import Answer, Modal, Say, drawn

Find = Callable[[Tx, int], OfPlan | None]


class AskedPlan(NamedTuple):
    key: str
    name: str


OWN_PLAN: Key[Callable[[Tx, str, str, Callable[[], OfPlan | None]], str]] = Key(
    "the key of the plan of a row, where several plans of a workspace could be meant", lambda *_: ""
)


def note(tx: Tx, asked: AskedPlan) -> None:
    """The plan is not clear from where somebody asks."""
    tx.local[AskedPlan] = asked


def answered(tx: Tx, run: Callable[[], Answer]) -> Answer:
    """What is answered, under the name of the plan where that was noted."""
    try:
        answer = run()
    except WhichPlan:
        raise
    except Refused as refused:
        if asked := _noted(tx):
            refused.sentence = f"{escape(asked.name)}: {refused.sentence}"
        raise
    asked = _noted(tx)
    return _named(answer, asked) if asked else answer


def _noted(tx: Tx) -> AskedPlan | None:
    asked: AskedPlan | None = tx.local.pop(AskedPlan, None)
    return asked


def _named(answer: Answer, asked: AskedPlan) -> Answer:
    name = escape(asked.name)
    head = context(bold(name))
    if isinstance(answer, Modal):
        shown = answer.view["blocks"]
        return Modal({**answer.view, "blocks": [head, *shown]}) if len(shown) < forms.MODAL_BLOCKS else answer
    if not isinstance(answer, Say):
        return answer
    return replace(
        answer, text=f"{name}: {answer.text}", blocks=[head, *(drawn(answer, asked.key) or fit.pieces(answer.text))]
    )
