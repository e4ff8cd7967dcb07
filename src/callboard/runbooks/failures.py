"""What follows when a step fails or runs over its limit, as the plan says: a way back, a climb, people who are told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from callboard.blocks import markup as m
from callboard.core.errors import Refused
from callboard.core.words import joined, waits_wait
from callboard.emergencies import service as emergencies
from callboard.emergencies import triggers
from callboard.emergencies.models import Emergency
from callboard.escalation import plan as escalation_plan
from callboard.escalation import service as escalation
from callboard.escalation import store as policies
from callboard.escalation.models import Policy, Step
from callboard.plans import service as plans
from callboard.runbooks import notices, outline, projection, rights
from callboard.runbooks.course import Course
from callboard.runbooks.models import RunStep
from callboard.teams.service import Concern

USUAL, ANSWER, FEW = "default", timedelta(minutes=5), 3
OWN = frozenset({"lead", "leads", "assignees"})


def follow(of: Course, step: RunStep) -> list[str]:
    """Do what the plan says of a step that failed, but for its rollback; say in sentences what follows."""
    failed, lines = step.plan.get("if_failed") or {}, list[str]()
    if failed.get("say"):
        lines.append(m.escape(failed["say"]))
    if of.run.drill:
        return [*lines, *(f"In earnest the {word} {m.escape(failed[word])} would follow." for word in failed
                          if word in ("rollback", "escalate", "emergency")), held_up(of, step)]  # fmt: skip
    if level := failed.get("emergency"):
        with suppress(Refused):
            lines.append(_declare(of, step, level))
    happened(of, step, "step failed", f"{m.bold(m.escape(step.title))} failed: {m.clip(step.reason, 500)}")
    if policy := failed.get("escalate"):
        with suppress(Refused):
            _climb(of, step, escalation.digest(of.tx, of.directory, policy))
            lines.append(f"I page by the policy {m.escape(policy)}.")
    if failed.get("tell"):
        notices.tell_named(of.tx, of.directory, of.run, step, failed["tell"])
    return [*lines, held_up(of, step)]


def held_up(of: Course, step: RunStep) -> str:
    """Which steps wait for one that failed, themselves or for others that do, and how to try it again."""
    stuck = {step.place}
    for other in projection.in_order(of.steps):
        if stuck.intersection(other.needs) and not other.settled:
            stuck.add(other.place)
    names = [m.escape(each.title) for each in of.steps if each.place in stuck and each != step and not each.reserve]
    wait = f"{joined(names, FEW)} {waits_wait(names)}" if names else "No other step waits"
    return f"{wait} for it. To try again: `/run start {step.key}`."


def _declare(of: Course, step: RunStep, level: str) -> str:
    """Declare the emergency that the plan names for a failed step; say its number."""
    what, cause = f"{step.title} failed: {m.unescape(step.reason)}", f"a failed step of {of.run.name}"
    made = emergencies.declare(
        of.tx, of.run.plan_id, level, what, by=None, cause=cause, key=_key(of, step), team=step.team or None
    )
    return (
        f"Emergency {made.number} ({m.escape(made.name)}) is declared. Take command: `/emergency take {made.number}`."
    )


def declared(of: Course, step: RunStep) -> Emergency | None:
    """The emergency that still lasts because a step failed."""
    return emergencies.lasting(of.tx, of.run.plan_id, _key(of, step))


def happened(of: Course, step: RunStep, on: str, said: str) -> None:
    """Whatever the plan does by itself when a step is late or fails. A drill touches nothing outside it."""
    if not of.run.drill:
        subject = f"{m.escape(step.title)} of {m.escape(of.run.name)}"
        triggers.fire(of.tx, of.run.plan_id, on, subject=subject, said=said, team=step.team or None, key=_key(of, step))


def late(of: Course, step: RunStep) -> None:
    """A step should be done by now."""
    happened(of, step, "step late", f"{m.bold(m.escape(step.title))} is not done in time.")


def _key(of: Course, step: RunStep) -> str:
    """Names one attempt at a step."""
    return f"step:{of.run.number}:{step.place}:{step.started_at:%Y%m%d%H%M%S}" if step.started_at else f"step:{step.id}"


def overdue(of: Course, step: RunStep) -> None:
    """A step is over its limit: its leader is paged once, then the plan's policy. In a drill nobody else is."""
    people = [person.key for person in rights.leads(of.tx, of.directory, step)]
    own = Step("Leader", tuple(people), timedelta(), ANSWER)
    with suppress(Refused):
        _climb(of, step, policies.keep_policy(of.tx, _policy(of, step, own)))


def _policy(of: Course, step: RunStep, own: Step) -> Policy:
    """The plan's policy with whoever leads the step as its first step."""
    name = (step.plan.get("if_failed") or {}).get("escalate", USUAL)
    every = plans.live(of.tx, of.run.plan_id).of(escalation_plan.section) or {}
    part = every.get(name) or next(iter(every.values()), None)
    if part is None or of.run.drill:
        return Policy("step", (own,))
    plain = escalation_plan.read(name, part)
    first, *others = plain.steps
    if set(first.notify) <= OWN:
        own = replace(own, respond_within=first.respond_within or ANSWER)
    else:
        others = [replace(each, after=each.after + ANSWER) for each in plain.steps]
    return replace(plain, steps=(own, *others), resolve_within=None)


def _climb(of: Course, step: RunStep, digest: str) -> None:
    people = tuple(person.key for person in rights.leads(of.tx, of.directory, step))
    concern = Concern(team=step.team or None, assignees=people)
    escalation.end(of.tx, step.subject)
    escalation.start(of.tx, of.run.plan_id, step.subject, digest, concern)


def way_back(of: Course, step: RunStep) -> str:
    """The scope of the rollback that the plan names for a failure of this step, if the plan still has it."""
    scope = (step.plan.get("if_failed") or {}).get("rollback", "")
    return scope if scope in outline.rollbacks(plans.live(of.tx, of.run.plan_id)) and not of.run.drill else ""
