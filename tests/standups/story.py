"""What people do in the stories of standups."""

from __future__ import annotations

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


async def clicks(world: World, person: str, label: str, *words: str) -> Any:
    """Click a button of somebody's last message that holds some words."""
    return await world.clicks(person, label, world.dm(person).expect(*words))
