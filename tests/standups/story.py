"""What people do in the stories of standups."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.world import World


async def fills_in(
    world: World, person: str, values: dict[str, Any] | None = None, typed: str = "/standup", channel: str = "omega"
) -> Any:
    """Type the command, fill in the form, submit it; what came of it."""
    await world.says(person, typed, channel)
    await world.opened(person)
    outcome = await world.slack.submit(person, {"Today": "Indexes"} if values is None else values)
    await world.settled()
    return outcome


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant).replace(tzinfo=UTC)


async def until(world: World, instant: str) -> None:
    """Let time pass until a moment in UTC, stopping wherever something is due."""
    await world.advance(seconds=(at(instant) - world.clock.now()).total_seconds())


async def clicks(world: World, person: str, label: str, *words: str) -> Any:
    """Click a button of somebody's last message that holds some words."""
    return await world.clicks(person, label, world.dm(person).expect(*words))
