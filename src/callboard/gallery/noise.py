"""Messages that tell several others, in pictures: beyond a person's budget, and out of one event."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, select

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.core.outbox import Delivery, DeliveryFolded
from callboard.gallery.stage import Screen, Stage

SUMMARY, BUNDLE = "noise.summary", "noise.bundle"


def screens(stage: Stage) -> Iterator[Screen]:
    """Pages about three blockers reach a lead who has had many, and three more at once."""
    who = stage.asker("omega-a")
    for what in ("MongoDB refuses TLS", "The preview has no password", "Mails come back"):
        blockers.raise_blocker(stage.tx, who, Raised(what=what))
    _fold(stage, cause=None)
    yield stage.told(SUMMARY, "Beyond the budget of an hour")
    _fold(stage, cause="absence")
    yield stage.told(BUNDLE, "One event caused several")
    for number in (1, 2, 3):
        blockers.withdraw(stage.tx, who, number)
    shown = stage.tx.session.exec(select(Delivery).where(Delivery.kind == SUMMARY)).one()
    shown.posted_as = "1.0"
    yield stage.told(SUMMARY, "All of it is over")
    shown.superseded = True
    yield stage.told(SUMMARY, "A newer one replaced it")


def _fold(stage: Stage, cause: str | None) -> None:
    stage.tx.flush()
    pages = select(Delivery).where(Delivery.kind == "blocker.page", col(Delivery.recipient) == "omega-lead")
    for page in stage.tx.session.exec(pages).all():
        page.state, page.cause, page.folded_at = "folded", cause, stage.tx.now
        stage.tx.publish(DeliveryFolded(page))
