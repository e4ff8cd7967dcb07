"""Every query about feeds, drafts, briefings, troubles and the channels that the bot is not in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, exists
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.glance import NOW
from callboard.core.outbox import addresses
from callboard.core.ticks import Trouble, hindered
from callboard.planning.models import Briefed, Briefing, CalendarEvent, CalendarFeed, Draft, TroubleNotice
from callboard.plans import service as plans
from callboard.plans.models import ChannelRow
from callboard.teams import hindrances

OUTSIDE = "not_in_channel"
"""Slack's word for a channel in which the bot is not."""
TROUBLES = "troubles"
"""The work that tells of what was given up; that it failed itself is told by nobody."""
_TOLD = and_(col(TroubleNotice.work) == col(Trouble.work), col(TroubleNotice.row_id) == col(Trouble.row_id))
UNTOLD = select(Trouble).where(col(Trouble.retry_at).is_(None), col(Trouble.work) != TROUBLES, ~exists().where(_TOLD))
TELLS = select(NOW).where(UNTOLD.exists(), ~hindered(TROUBLES, 1))
"""Now, where there is one."""


def untold(tx: Tx) -> Sequence[Trouble]:
    """What was given up and nobody was told about."""
    return tx.session.exec(UNTOLD).all()


def draft(tx: Tx, draft_id: int) -> Draft | None:
    """A draft, held until the end of the transaction, so that it is applied once."""
    return tx.get(Draft, draft_id, lock=True)


def feeds(tx: Tx, **whose: Any) -> Sequence[CalendarFeed]:
    """The calendar feeds of a plan and a person or team, or with a digest, that have not ended."""
    return tx.session.exec(select(CalendarFeed).filter_by(**whose).where(col(CalendarFeed.ended_at).is_(None))).all()


def events(tx: Tx, feed_id: int) -> dict[str, CalendarEvent]:
    """What a feed last showed of each event, by UID."""
    rows = tx.session.exec(select(CalendarEvent).where(CalendarEvent.feed_id == feed_id))
    return {row.uid: row for row in rows}


def briefings(tx: Tx, plan_id: int) -> dict[tuple[Briefed, str], Briefing]:
    """What teams and people were told of their part in a plan."""
    rows = tx.session.exec(select(Briefing).where(Briefing.plan_id == plan_id))
    return {(Briefed(briefing.kind), briefing.key): briefing for briefing in rows}


def closed_channels(tx: Tx, plan_id: int) -> Sequence[ChannelRow]:
    """The channels of a plan that the bot cannot see, or is not in; none that were not looked up yet.

    Nor any that Slack refuses for another reason: they were archived or deleted, and nobody can invite it there.
    """
    refused = {where for where, error in refusals(tx, plan_id).items() if hindrances.code(error) != OUTSIDE}
    outside = (row for row in plans.channels(tx, plan_id) if not row.gone and row.member is False)
    return [row for row in outside if row.slack_id not in refused]


def refusals(tx: Tx, plan_id: int) -> dict[str, str]:
    """Why Slack takes nothing, by the addresses for which messages of a plan are parked."""
    return {each.address: each.error or "" for each in reversed(addresses.in_trouble(tx, plan_id))}
