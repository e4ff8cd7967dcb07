"""Every query about feeds, briefings and the channels that the bot is not in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.planning.models import Briefing, CalendarFeed
from callboard.plans import service as plans
from callboard.plans.models import ChannelRow

if TYPE_CHECKING:
    from callboard.core.db import Tx


def feed(tx: Tx, digest: str) -> CalendarFeed | None:
    """The calendar feed that is read with this secret, unless it has ended."""
    return tx.session.exec(
        select(CalendarFeed).where(CalendarFeed.digest == digest, col(CalendarFeed.ended_at).is_(None))
    ).first()


def feeds(tx: Tx, plan_id: int, person: str, team: str) -> Sequence[CalendarFeed]:
    """The calendar feeds of a person or a team that have not ended."""
    return tx.session.exec(
        select(CalendarFeed).where(
            CalendarFeed.plan_id == plan_id, CalendarFeed.person == person, CalendarFeed.team == team,
            col(CalendarFeed.ended_at).is_(None),
        )
    ).all()  # fmt: skip


def briefings(tx: Tx, plan_id: int) -> dict[tuple[str, str], Briefing]:
    """What teams and people were told of their part in a plan, by kind and key."""
    found = tx.session.exec(select(Briefing).where(Briefing.plan_id == plan_id))
    return {(briefing.kind, briefing.key): briefing for briefing in found}


def closed_channels(tx: Tx, plan_id: int) -> Sequence[ChannelRow]:
    """The channels of a plan that the bot cannot see, or is not in; none that were not looked up yet."""
    return [row for row in plans.channels(tx, plan_id) if not row.gone and row.member is False]
