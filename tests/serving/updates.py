"""A rolling update: a newer version starts beside an older one on the same database, while people go on working.

`python -m tests.serving.updates [REVISION]` does it from a version that git has: by default the last one before the
newest migration.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from callboard.core import schema
from tests.fixtures import postgres_server
from tests.serving.house import House, Process, plan
from tests.world import keys

SOURCE = Path(schema.__file__).parents[2]
LADDER = plan("level: Lead, notify: [lead]", "level: Coordinator, notify: [coordinator], after: 2s")
PAUSE, SPELL = 1.0, 1.0
ANSWER_WITHIN = 10.0
NEXT = """\
import sqlalchemy as sa
from alembic import op
from callboard.core.schema import add_index

revision, down_revision, branch_labels, depends_on = "{revision}", "{before}", None, None


def upgrade() -> None:
    {does}
"""
BUSY = ("blockers", "climbs", "deliveries", "lanes", "plans", "receipts", "timeline")
DOES = (
    f"[op.add_column(name, sa.Column('news', sa.String(), nullable=False, server_default='')) for name in {BUSY}]",
    "add_index('timeline_news', 'timeline', ['plan_id', 'news'])",
    "op.create_table('news', sa.Column('id', sa.Integer(), primary_key=True))",
)


def next_version(folder: Path) -> Path:
    """The code of a version after this one: it changes every busy table, as a migration may."""
    code = Path(shutil.copytree(SOURCE, folder / "next"))
    before = schema.head()
    for number, does in enumerate(DOES, int(before) + 1):
        revision = f"{number:04}"
        text = NEXT.format(revision=revision, before=before, does=does)
        (code / f"callboard/core/migrations/versions/{revision}_news.py").write_text(text)
        before = revision
    return code


@dataclass
class People:
    """Those who work meanwhile. `seconds` until each answer, and what was said in place of one."""

    house: House
    raised: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """One raises a blocker now and then, two look all the time."""
        over = asyncio.Event()
        work = [asyncio.create_task(each) for each in (self._raises(over), self._looks(over), self._looks(over))]
        try:
            yield
        finally:
            over.set()
            await asyncio.gather(*work)

    async def _raises(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.raises()
            await asyncio.sleep(PAUSE)

    async def raises(self) -> None:
        """Raise one more blocker."""
        self.raised.append(f"mongo {len(self.raised) + 1} refuses TLS")
        await self._types("pa", f"/blocker {self.raised[-1]}", "is open for Omega")

    async def _looks(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self._types("amp", "/blocker list", "mongo")
            await asyncio.sleep(PAUSE / 6)

    async def _types(self, who: str, text: str, answer: str) -> None:
        began = time.monotonic()
        outcome = await self.house.slack.command(who, "omega", text)
        answers = (answer, "No blocker is open")
        try:
            await self.house.until(
                lambda: not outcome.ok or any(words in said.shown for said in outcome.messages for words in answers),
                ANSWER_WITHIN,
            )
        except TimeoutError:
            self.wrong.append(f"{text}: {outcome.text}")
        if not outcome.ok:
            self.wrong.append(f"{text}: {outcome.failure}")
        self.seconds.append(time.monotonic() - began)


async def update(house: House, old: Process, new: Path | None, *, again: bool) -> tuple[People, Process]:
    """Bring in a version from a folder (the present one without) beside an old one, which then goes.

    The old one is stopped and started `again` in between, as it may be.
    """
    people = People(house)
    async with people.at_work():
        await asyncio.sleep(SPELL)
        newer = await house.process(code=new, aimed=False)
        assert old.alive
        await old.ready()
        await asyncio.sleep(SPELL)
        house.aim(newer)
        if again:
            assert await old.stop() == 0
            await old.start()
            await old.ready()
            house.aim(old)
            await asyncio.sleep(SPELL)
        house.aim(newer)
        left = await old.stop()
        await asyncio.sleep(SPELL)
    assert not again or left == 0
    return people, newer


async def nothing_is_lost(house: House, people: People) -> None:
    """Each command was answered and has its blocker, each page and card is in Slack once, and the seal is whole."""
    assert people.wrong == []
    await house.until_quiet(60 + 2 * len(people.raised))
    assert len(await house.climbs()) == len(people.raised)
    sent = keys(house.slack)
    assert {key: count for key, count in sent.items() if count != 1} == {}
    assert {row.key: row.state for row in await house.deliveries()} == dict.fromkeys(sent, "sent")
    for person in ("olga", "amp"):
        told = "\n".join(message.text for message in house.slack.dm(person))
        assert all(f"locker {number}" in told for number in range(1, len(people.raised) + 1)), person
    await house.expect_an_unbroken_seal()


def summary(house: House, people: People) -> str:
    """What was done, and how long it took to be answered."""
    ordered, pages = sorted(people.seconds), len(house.slack.dm("olga")) + len(house.slack.dm("amp"))
    middle, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return (
        f"{len(ordered)} commands, {len(people.raised)} blockers, {pages} pages; nothing lost or doubled, no error; "
        f"answers p50 {middle:.3f} s, p99 {most:.3f} s, the longest {ordered[-1]:.3f} s"
    )


def exported(folder: Path, revision: str) -> Path:
    """The code of a version that git has."""
    top = SOURCE.parent
    if not revision:
        newest = next((SOURCE / "callboard/core/migrations/versions").glob(f"{schema.head()}_*.py"))
        made = _git(top, "log", "--format=%H", "--diff-filter=A", "--", str(newest)).split()
        revision = f"{made[-1]}~1" if made else "HEAD"
    code = folder / "old"
    code.mkdir()
    archive = subprocess.run(["git", "-C", top, "archive", revision, "src"], check=True, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", code], input=archive.stdout, check=True)
    print(f"from {_git(top, 'log', '-1', '--format=%h %s', revision).strip()}")  # noqa: T201
    return code / "src"


def _git(top: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", top, *words], check=True, text=True, stdout=subprocess.PIPE).stdout


async def main(revision: str) -> None:
    """Do it from an older version to the present one, and print what came of it."""
    server = postgres_server()
    try:
        with tempfile.TemporaryDirectory(prefix="callboard-update-") as place:
            folder = Path(place)
            code = exported(folder, revision)
            async with House(server.get_uri("postgres"), folder, LADDER) as house:
                await house.apply(code=code)
                with house.db.engine.connect() as connection:
                    before = schema.current(connection)
                old = await house.process(code=code)
                people, _ = await update(house, old, None, again=False)
                await nothing_is_lost(house, people)
                print(f"schema {before} to {schema.head()}: {summary(house, people)}")  # noqa: T201
    finally:
        server.cleanup()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
