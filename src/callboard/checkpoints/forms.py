"""The forms of checkpoints: the questions, and a blocker made of what is off track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callboard.checkpoints.views import InquiryView
from callboard.core import blocks as b

LONGEST = 2000


def answer(plan: str, view: InquiryView) -> dict[str, Any]:
    """The questions of a checkpoint."""
    said = dict(view.answers)
    inputs = [
        b.text_input(
            question, f"q{place}", multiline=True, optional=True, initial=said.get(question, ""), max_length=LONGEST
        )
        for place, question in enumerate(view.questions)
    ]
    private = {"plan": plan, "number": view.number, "ask": list(view.questions)}
    return b.modal(
        view.checkpoint, [b.context("The card in the channel shows what you answer."), *inputs],
        callback_id="checkpoint.answer", submit="Answer", private=private,
    )  # fmt: skip


def blocker(plan: str, view: InquiryView) -> dict[str, Any]:
    """What is in the way, what it holds up, and whom it waits for."""
    tasks = [line for line in view.off if line.task]
    inputs: list[dict[str, Any]] = [
        b.text_input("What is in the way?", "what", multiline=True, max_length=LONGEST, placeholder="mongo refuses TLS")
    ]
    if tasks:
        options = [(b.clip(b.unescape(line.says.replace("*", "")), b.BUTTON), line.task) for line in tasks]
        initial = tasks[0].task if len(tasks) == 1 else None
        inputs.append(b.select_input("What does it hold up?", "blocks", options, initial=initial, optional=True))
    inputs.append(b.user_input("Whom does it wait for?", "waits_for", optional=True))
    private = {"plan": plan, "number": view.number, "changes": view.changes}
    return b.modal("Raise a blocker", inputs, callback_id="checkpoint.blocker", submit="Raise it", private=private)


def answers(private: Mapping[str, Any], values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Each question of a submitted form with what was said."""
    return [(b.unescape(str(ask)), (values.get(f"q{place}") or "").strip()) for place, ask in enumerate(private["ask"])]
