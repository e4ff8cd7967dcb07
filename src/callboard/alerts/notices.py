"""What is sent about alerts: cards in channels, news for people, and that alerts come too early."""

from __future__ import annotations

from collections.abc import Collection

from callboard.alerts import messages, store
from callboard.alerts.messages import View
from callboard.alerts.models import KIND, AlertGroup
from callboard.alerts.plan import AlertPart
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.core.timeline import Subject
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.service import Concern, Recipients

OVER = "over"


def _view(tx: Tx, delivery: Delivery, *, listed: bool = False) -> View | None:
    group = store.group(tx, delivery.subject_id)
    if group is None:
        return None
    alerts = store.newest(tx, group.number) if listed else ()
    firing = [alert for alert in alerts if messages.is_firing(alert)]
    return View(group, teams.directory(tx, group.plan_id), store.counts(tx, group.number), firing)


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    view = _view(tx, delivery, listed=True)
    return messages.card(view) if view else Drop("the alert is not there any more")


def _told(tx: Tx, delivery: Delivery) -> Message | Drop:
    view = _view(tx, delivery)
    if view is None:
        return Drop("the alert is not there any more")
    if not view.is_open and not delivery.args.get(OVER) and delivery.posted_as is None:
        return Drop("it was over before this was sent")
    return messages.told(view)


def _early(tx: Tx, delivery: Delivery) -> Message:
    return messages.early(teams.directory(tx, delivery.plan_id), plans.plan(tx, delivery.plan_id).from_at)


def _started(tx: Tx, delivery: Delivery) -> Message | Drop:
    """One matter alone has its card."""
    starts_at = plans.plan(tx, delivery.plan_id).from_at
    groups = [group for group in store.open_in(tx, delivery.plan_id) if group.opened_at < starts_at]
    return messages.started(teams.directory(tx, delivery.plan_id), groups) if len(groups) > 1 else Drop("it has a card")


ROWS = rows(AlertGroup)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    ROWS(tx, numbers)
    store.counts.of(tx, numbers)


def _ahead_of_cards(tx: Tx, numbers: Collection[int]) -> None:
    _ahead(tx, numbers)
    store.newest.of(tx, numbers)


CARD = Notice(
    kind=f"{KIND}.card", told="The channels of `tell`, once; edited as alerts come and go, every 15 seconds at most.",
    render=_card, priority=Priority.ANSWER, editable=True, ahead=_ahead_of_cards,
)  # fmt: skip
TOLD = Notice(
    kind=f"{KIND}.told", told="The people of `tell`, when it begins and when it is over.", render=_told, folds=True,
    see="/plan alerts", ahead=_ahead,
)  # fmt: skip
EARLY = Notice(
    kind=f"{KIND}.early", told="The plan's channel, once, when alerts come before the plan starts.", render=_early
)
STARTED = Notice(
    kind=f"{KIND}.started", told="The plan's channel, once, at its start, of several matters that fire since before.",
    render=_started, priority=Priority.ANSWER,
)  # fmt: skip
NOTICES = (CARD, TOLD, EARLY, STARTED)


def tell(tx: Tx, group: AlertGroup, rule: AlertPart) -> None:
    """Tell whom the rule names. A channel that has the card of the blocker gets no second one."""
    directory, to = teams.directory(tx, group.plan_id), _recipients(tx, group, rule)
    has = directory.home_channel(rule.team or None) if group.blocker else ""
    outbox.enqueue(tx, [
        CARD.post(directory, channel, group.subject, f"{KIND}:{group.number}:card:{channel}")
        for channel in to.channels if channel != has
    ])  # fmt: skip
    _tell_people(tx, group, to, "began")


def tell_over(tx: Tx, group: AlertGroup, rule: AlertPart) -> None:
    """Tell the people of `tell` that it is over; cards show it."""
    _tell_people(tx, group, _recipients(tx, group, rule), OVER)


def _tell_people(tx: Tx, group: AlertGroup, to: Recipients, what: str) -> None:
    directory = teams.directory(tx, group.plan_id)
    key = f"{KIND}:{group.number}:{what}:{group.times}"
    outbox.enqueue(tx, [
        TOLD.post(
            directory, each.person.slack_id, group.subject, f"{key}:{each.person.key}",
            args={OVER: what == OVER}, recipient=each.person.key,
        )
        for each in to.people
    ])  # fmt: skip


def tell_early(tx: Tx, plan_id: int) -> None:
    directory = teams.directory(tx, plan_id)
    key = f"{KIND}:early:{plan_id}"
    outbox.enqueue(tx, [EARLY.post(directory, directory.home_channel(), Subject("plan", plan_id), key)])


def tell_started(tx: Tx, plan_id: int) -> None:
    directory = teams.directory(tx, plan_id)
    about, key = Subject("plan", plan_id), f"{KIND}:started:{plan_id}"
    outbox.enqueue(tx, [STARTED.post(directory, directory.home_channel(), about, key)])


def _recipients(tx: Tx, group: AlertGroup, rule: AlertPart) -> Recipients:
    directory = teams.directory(tx, group.plan_id)
    return teams.who(directory, rule.tell, Concern(team=rule.team or None), tx.now)
