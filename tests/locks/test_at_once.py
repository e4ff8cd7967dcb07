"""Two hundred people at once want what overlaps: nobody ever holds what another has."""

from __future__ import annotations

import asyncio
import random

from callboard.core.errors import Refused
from callboard.locks import service
from callboard.locks.targets import Wish, clash, read
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.world import PLAN, World

PEOPLE = 200
KEYS = [f"p{number}" for number in range(PEOPLE)]
CROWD = PLAN.replace(
    "  exec:", "".join(f"  {key}: {{name: Person {key}, slack: U{key.upper()}}}\n" for key in KEYS) + "  exec:"
).replace("members: [pa, pb]", f"members: [pa, pb, {', '.join(KEYS)}]")
WANTED = (
    "src/**", "src/api/**", "src/api/x.py", "src/web/**", "*.css", "src/**/*.css", "docs/*.md", "docs/a.md",
    "README.md#Backend", "README.md#Frontend", "README.md", "staging", "production", "src/a?.py", "src/ab.py",
)  # fmt: skip


def one_turn(tx, person, wanted, release, wait):
    directory = teams.directory(tx, 1)
    asker = Asker(directory, directory.people[person])
    wish = Wish(tuple(map(read, wanted)), "a rush")
    lock = service.acquire(tx, asker, wish, wait=wait)
    if release and lock.state == "held":
        service.release(tx, asker, lock.number)
    return lock.state


async def person(world, key, chance):
    """Asks twice, for one or two things; sometimes waits, sometimes gives back at once."""
    states = []
    for _ in range(2):
        wanted = chance.sample(WANTED, chance.choice((1, 1, 2)))
        try:
            verb = world.app.db.write(one_turn, key, wanted, chance.random() < 0.5, chance.random() < 0.2)
            states.append(await verb)
        except Refused:
            states.append("refused")
    return states


def moments(entries):
    """After each entry of the timeline, who holds what."""
    held = {}
    for entry in entries:
        if entry.verb == "acquired":
            held[entry.subject_id] = [read(word) for word in entry.facts["targets"]]
        elif entry.verb in ("released", "expired", "broken", "taken"):
            held.pop(entry.subject_id, None)
        yield held


async def test_the_lock_verb_acquire_gives_two_hundred_people_at_once_nothing_that_clashes(database_url):
    chance = random.Random(7)
    async with World(database_url, CROWD) as world:
        world.app.db.transact(lambda tx: teams.directory(tx, 1))
        found = await asyncio.gather(*(person(world, key, random.Random(chance.random())) for key in KEYS))
        states = [state for one in found for state in one]
        assert states.count("held") + states.count("over") > 2  # one turn may take most of it
        assert states.count("refused") > PEOPLE / 2
        most = 0
        for held in moments(world.entries("lock")):
            locks = list(held.items())
            most = max(most, len(locks))
            for place, (_, mine) in enumerate(locks):
                for _, theirs in locks[place + 1 :]:
                    assert not any(clash(a, b) for a in mine for b in theirs)
        assert most > 2
