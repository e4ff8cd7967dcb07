"""The buttons of the card and of what leaders read, and their forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from callboard import blocks as b
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.outbox import Message
from callboard.runbooks import messages, service, store
from callboard.runbooks.course import Course
from callboard.runbooks.messages import DRILL
from callboard.runbooks.models import Run, RunStep, State
from callboard.runbooks.service import review
from callboard.runbooks.slack.answers import (
    agreed,
    begun,
    confirmed,
    delayed,
    failed,
    has_it,
    marked,
    refuse_promise,
    stopped,
)
from callboard.slack.answers import Answer, Done, Modal, Say
from callboard.slack.arguments import Span
from callboard.teams.slack import About, Answerable, Click, Misfit

SAVE = "run.save"


def _card(tx: Tx, run: Run) -> Message:
    return messages.marked(run, messages.card(messages.view(tx, run)))


def _run_of(tx: Tx, step: RunStep) -> Run:
    return tx.get_one(Run, step.run_id)


STEPS = About[RunStep](store.step, service.GONE, lambda tx, step: _card(tx, _run_of(tx, step)))
RUNS = About[Run](store.run, service.GONE, _card)


def _on_step(press: Callable[[Click[RunStep]], Answer]) -> Callable[[Click[RunStep]], Answer]:
    """The same, marked where its run is a drill."""
    return lambda click: marked(_run_of(click.tx, click.row).drill, lambda: press(click))


def _on_run(press: Callable[[Click[Run]], Answer]) -> Callable[[Click[Run]], Answer]:
    return lambda click: marked(click.row.drill, lambda: press(click))


def _private(step: RunStep) -> dict[str, int]:
    return {"number": step.number, "changes": step.changes}


def items_form(step: RunStep) -> Modal:
    """The checklist of a step. Raises Refused where it has none."""
    if not step.items:
        raise Refused(f"{m.escape(step.title)} has no checklist.")
    options = [(text, str(number)) for number, text in enumerate(step.items, 1)]
    shown = forms.boxes_inputs("Done", "items", options, initial=step.ticks)
    return Modal(forms.modal("Checklist", [b.section(m.bold(m.escape(step.title))), *shown], callback_id=messages.ITEMS,
                         submit="Save", private=_private(step)))  # fmt: skip


def delay_form(step: RunStep) -> Modal:
    """How much longer a step takes, and why."""
    shown = [
        b.section(f"{m.bold(m.escape(step.title))}: all that comes after it is reckoned anew."),
        forms.text_input("How much longer?", "span", placeholder="20m"),
        forms.text_input("Why", "reason", optional=True, placeholder="The migration is slow", max_length=500),
    ]
    return Modal(forms.modal("Delay", shown, callback_id=messages.DELAY, submit="Delay", private=_private(step)))


def fail_form(step: RunStep) -> Modal:
    """What failed."""
    failed = step.plan.get("if_failed") or {}
    then = ", ".join(
        f"{word} {m.escape(str(failed[word]))}" for word in ("rollback", "escalate", "emergency") if failed.get(word)
    )
    shown = [
        b.section(f"{m.bold(m.escape(step.title))} failed.{f' What follows: {then}.' if then else ''}"),
        forms.text_input("What failed?", "reason", multiline=True, max_length=1000),
    ]
    return Modal(
        forms.modal("Step failed", shown, callback_id=messages.FAIL, submit="It failed", private=_private(step))
    )


def stop_form(run: Run) -> Modal:
    """Why a run ends before its end."""
    shown = [b.section(f"{m.bold(m.escape(run.name))} ends here."), forms.text_input("Why", "reason", max_length=500)]
    private = {"number": run.number, "changes": run.changes}
    return Modal(forms.modal("Stop", shown, callback_id=messages.STOP, submit="Stop", private=private))


def _opens(what: str, form: Callable[[RunStep], Modal]) -> Callable[[Click[RunStep]], Answer]:
    """A form about a step; who can't send it reads that before they fill it in."""

    def press(click: Click[RunStep]) -> Answer:
        of, step = _of(click)
        service.may_change(click.tx, click.asker, of, step, what, click.changes)
        return form(step)

    return press


def _open_stop(click: Click[Run]) -> Answer:
    return stop_form(service.may_stop(click.tx, click.asker, click.row.number, click.changes).run)


def _of(click: Click[RunStep]) -> tuple[Course, RunStep]:
    return service.of_step(click.tx, click.asker, click.row.number)


def _press_done(click: Click[RunStep]) -> Answer:
    of, step = _of(click)
    return confirmed(of, service.confirm(click.tx, click.asker, of, step, click.changes))


def _press_ack(click: Click[RunStep]) -> Answer:
    of, step = _of(click)
    service.acknowledge(click.tx, click.asker, of, step, click.changes)
    return has_it(step)


def _submit_items(click: Click[RunStep]) -> Answer:
    of, step = _of(click)
    service.tick(click.tx, click.asker, of, step, list(map(int, click.values.get("items") or ())), whole=True)
    return Done()


def _submit_delay(click: Click[RunStep]) -> Answer:
    of, step = _of(click)
    read = Span("span").take(m.unescape(click.values.get("span") or "").strip())
    if read is None or read[1].strip():
        raise Misfit("span", "That is no duration. Write 20m or 1h.")
    span: timedelta = read[0]
    service.delay(click.tx, click.asker, of, step, span, (click.values.get("reason") or "").strip(), click.changes)
    return delayed(of, step)


def _submit_fail(click: Click[RunStep]) -> Answer:
    of, step = _of(click)
    reason = click.values.get("reason") or ""
    refuse_promise(click.tx, click.asker, reason, f"fail {step.key}")
    then = service.fail(click.tx, click.asker, of, step, reason, click.changes)
    return failed(of, step, then)


def _submit_stop(click: Click[Run]) -> Answer:
    reason = click.values.get("reason") or ""
    refuse_promise(click.tx, click.asker, reason, f"stop {click.row.key}")
    return stopped(service.stop(click.tx, click.asker, click.row.number, reason, click.changes))


def _press_start(click: Click[Run]) -> Answer:
    return begun(service.start_run(click.tx, click.asker, click.row.key, click.changes))


def _press_agree(click: Click[Run]) -> Answer:
    return agreed(service.agree(click.tx, click.asker, click.row.number, click.changes))


def _press_save(click: Click[Run]) -> Answer:
    changes: Sequence[str] = review.save(click.tx, click.asker, click.row)
    drill = f"{DRILL}: these times are from a drill. " if click.row.drill else ""
    lines = [f"• {m.escape(line)}" for line in changes]
    return Say("\n".join([f"{drill}The plan says so now:", *lines, "What it was before: `/plan versions`"]))


ANSWER = Answerable(
    STEPS, _on_step(_press_ack), "I have it", lambda _, step: not step.settled and "holder" not in step.plan,
    lambda step: f"/run ack {step.key}",
)  # fmt: skip
AGREES = Answerable(
    RUNS, _press_agree, "Confirm this rollback", lambda _, run: run.state == State.CALLED,
    lambda run: f"/run confirm {run.key}",
)  # fmt: skip
INTERACTIONS = (
    STEPS.button(messages.DONE, _on_step(_press_done)),
    STEPS.button(messages.ACK, _on_step(_press_ack)),
    STEPS.button(messages.ITEMS, _on_step(_opens("tick items of", items_form))),
    STEPS.button(messages.DELAY, _on_step(_opens("delay", delay_form))),
    STEPS.button(messages.FAIL, _on_step(_opens("report on", fail_form))),
    STEPS.form(messages.ITEMS, _on_step(_submit_items)),
    STEPS.form(messages.DELAY, _on_step(_submit_delay)),
    STEPS.form(messages.FAIL, _on_step(_submit_fail)),
    RUNS.button(messages.START, _on_run(_press_start)),
    RUNS.button(messages.AGREE, _press_agree),
    RUNS.button(messages.STOP, _on_run(_open_stop)),
    RUNS.form(messages.STOP, _on_run(_submit_stop)),
    RUNS.button(SAVE, _press_save),
)
