"""Which plan somebody means where several run, and where a plan has to be named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from callboard.blocks import context
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.deliveries import Delivery, Medium
from callboard.core.errors import Refused, WhichPlan
from callboard.core.outbox import Message
from callboard.core.rows import OfPlan
from callboard.plans import service as plans
from callboard.plans import store as plan_rows
from callboard.slack import asked_plan
from callboard.slack.asked_plan import AskedPlan
from callboard.slack.requests import Request
from callboard.teams import service
from callboard.teams.directory import Asker, Directory
from callboard.teams.rights import who_adds

ELSEWHERE = "Your Slack account is of another workspace. Callboard takes orders from accounts of this one only."
TWO = 2
SHARED = (
    "Workspaces share this channel, and its plan runs in another one than yours. "
    "Only accounts of that workspace can give orders about it: ask somebody there to type this."
)
NO_PLAN = "No plan runs in this workspace yet. Whoever runs Callboard starts one with `callboard apply plan.yml`."


def identify(tx: Tx, request: Request) -> Asker:
    """Find out which plan somebody means, and who they are there. Raises WhichPlan where several may be."""
    if request.is_bot:
        raise Refused("Callboard takes orders from people only, not from apps or bots.")
    directories = running(tx, request.workspace)
    if not directories:
        raise Refused(SHARED if plan_rows.is_of_another(tx, request.workspace, request.channel) else NO_PLAN)
    if "/" in request.user:
        raise Refused(f"{ELSEWHERE} {who_adds(directories)}")
    called = names(directories)
    known = ", ".join(f"`{plan.plan_key}` ({m.escape(plan.plan_name)})" for plan in directories)
    clear = meant = _likely(directories, request, tx.now)
    if request.plan is not None:
        meant = [plan for plan in directories if plan.plan_key == request.plan.lower()]
        if not meant:
            raise Refused(f"There is no plan `{request.plan}` in this workspace. These run: {known}.")
    if not meant:
        raise Refused(f"You are in no plan of this workspace. These run: {known}. {who_adds(directories)}")
    if len(meant) > 1:
        raise WhichPlan("Which plan do you mean?", [(plan.plan_key, called[plan.plan_key]) for plan in meant])
    person = meant[0].by_slack(request.user)
    if person is None:
        raise Refused(f"You are not in the plan {m.escape(meant[0].plan_name)}. {who_adds(meant)}")
    if clear != meant:
        asked_plan.note(tx, AskedPlan(meant[0].plan_key, called[meant[0].plan_key]))
    return Asker(meant[0], person)


def running(tx: Tx, workspace: str) -> list[Directory]:
    """Those of all plans that run in a workspace, by key."""
    return [service.directory(tx, plan.id) for plan in plans.running(tx, workspace)]


def own(tx: Tx, workspace: str, user: str) -> list[Directory]:
    """Those of the plans with somebody in them, by key; what is over comes last."""
    every = [plan for plan in running(tx, workspace) if plan.by_slack(user)]
    now = present(every, tx.now)
    return [*now, *(plan for plan in every if plan not in now)]


def names(directories: Sequence[Directory]) -> dict[str, str]:
    """What plans are called, by key; with the key behind it where another one has the same name."""
    often = Counter(plan.plan_name for plan in directories)
    return {
        plan.plan_key: plan.plan_name if often[plan.plan_name] == 1 else f"{plan.plan_name} ({plan.plan_key})"
        for plan in directories
    }


def present(directories: Sequence[Directory], now: datetime) -> Sequence[Directory]:
    """Those of plans that are not over; all where every one is."""
    return [plan for plan in directories if not plan.is_over(now)] or directories


def own_plan(tx: Tx, workspace: str, user: str, find: Callable[[], OfPlan | None]) -> str:
    """The key of the plan that a row belongs to, where several plans run and the person is in that one; else empty."""
    if len(plans.running(tx, workspace)) < TWO or (row := find()) is None:
        return ""
    return next((plan.plan_key for plan in own(tx, workspace, user) if plan.plan_id == row.plan_id), "")


def named(tx: Tx, delivery: Delivery, message: Message) -> Message:
    """A message with its plan's name, where whoever reads it may take it for another plan's."""
    if delivery.medium != Medium.SLACK or delivery.parent_key is not None:
        return message
    if len(plans.running(tx, delivery.workspace)) < TWO:
        return message
    directories = running(tx, delivery.workspace)
    own = service.directory(tx, delivery.plan_id)
    name = m.escape(names(directories).get(own.plan_key, own.plan_name))
    if not any(_reaches(plan, delivery.address) for plan in directories
               if plan.plan_id != delivery.plan_id and not plan.is_over(tx.now)):  # fmt: skip
        return message
    shown = [context(m.bold(name)), *message.blocks] if message.blocks else ()
    text = message.text if name in message.text else f"{name}: {message.text}"
    return replace(message, text=text, blocks=shown)


def _likely(directories: Sequence[Directory], request: Request, now: datetime) -> Sequence[Directory]:
    """The plans that may be meant by what somebody typed in a channel without naming one."""
    of_channel = [plan for plan in directories if plan.has_channel(request.channel, request.channel_name)]
    own = [plan for plan in of_channel or directories if plan.by_slack(request.user)]
    return present(own or of_channel or (directories if len(directories) == 1 else []), now)


def _reaches(plan: Directory, address: str) -> bool:
    return plan.by_slack(address) is not None or plan.has_channel(address, address.removeprefix("#"))
