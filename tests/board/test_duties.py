"""What waits for somebody: everything that a plan can ask of them, with the buttons of its cards."""

from __future__ import annotations

from tests.growth.company import growing

DATABASES = ("sqlite",)  # it asks what the commands ask
EXCEPTION = {"Time needed": "one hour", "Risk of adding": "none", "Risk of cutting": "nobody signs in"}


async def mine(world, person):
    """What `/plan mine` shows, and its buttons."""
    message = (await world.says(person, "/plan mine")).messages[-1]
    every = [element for block in message.blocks for element in block.get("elements", ()) if "action_id" in element]
    return message.shown, {element["text"]["text"] for element in every if element["type"] == "button"}


async def test_duties_are_all_that_a_plan_asks_of_somebody(database_url):
    async with growing(database_url) as desk:
        world = desk.world
        await world.says("pa", "/blocker mongo is down again")
        await world.says("pa", "/blocker propose 1 leak")
        await world.says("pa", "/lock src/a.py for refactoring")
        await world.says("pb", "/lock wait 1")
        await world.says("olga", "/run start day")
        await world.says("pb", "/task start O-1")
        assert "*Lock 2*  `src/a.py`: <@UPA> has it first" in (await mine(world, "pb"))[0]
        await world.says("pa", "/lock release 1")
        shown, buttons = await mine(world, "pb")
        assert "*Lock 2*" in shown.split("You wait for")[0]
        assert {"Take it", "Not any more", "Tick..."} <= buttons
        await world.until("2025-11-13 12:01")
        assert {"On it", "Ask for help", "Done", "Delay..."} <= (await mine(world, "olga"))[1]
        assert {"As planned", "Blocked"} <= (await mine(world, "pb"))[1]
        assert {"Take it", "Accept as leak"} <= (await mine(world, "amp"))[1]
        await world.until("2025-11-14 09:01")
        await world.opens("pa", "/gate exception code the sign-in fix", "release")
        await world.submits("pa", EXCEPTION)
        shown, buttons = await mine(world, "amp")
        assert ":rotating_light: :red_circle: *Omega signs off (validated)*" in shown
        assert {"I have it", "Grant", "Deny..."} <= buttons
        assert "Grant" not in (await mine(world, "olga"))[1]
