"""The bot dies where it folds a message or tells it: the next one goes on, and everything is told once."""

from __future__ import annotations

import asyncio
import copy
import shutil

import pytest

from callboard.app import database
from callboard.core.clock import ManualClock
from callboard.settings import Settings
from tests.noise.days import Days, Letterbox, raises
from tests.resilience.mortal import Heart, MortalDatabase, MortalMedium
from tests.resilience.test_crashes import LEASE_OVER

DATABASES = ("sqlite",)
EXECUTIVE = "U0EXEC001"
BEFORE, AFTER = "2025-11-13 10:59", "2025-11-13 12:41"
DEEDS = [
    ("2025-11-13 09:40", raises("omega-a", "mongo refuses TLS")),
    ("2025-11-13 10:20", raises("omega-b", "OAuth answers 401")),
]


class Lives:
    """The same hour again and again: a repeat is folded, a summary tells it, and another one replaces that."""

    def __init__(self, days, path):
        self._days, self._path = days, path
        self._number = 0

    async def live(self, dies_at):
        """The hour, with a bot that dies somewhere in it; and all moments at which one can."""
        self._number += 1
        path = self._path.with_name(f"{self._number}.db")
        shutil.copy(self._path, path)
        days = copy.copy(self._days)
        days.clock = ManualClock(days.clock.now())
        days.slack = Letterbox(days.clock, ())
        days.slack.posts, days.slack.edits = list(self._days.slack.posts), list(self._days.slack.edits)
        days.end = days.at(AFTER)
        heart = _born(days, f"sqlite:///{path}")
        heart.stops_at(dies_at)
        task, death = asyncio.ensure_future(days.pass_by()), asyncio.create_task(heart.stopped.wait())
        await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
        beats = list(heart.beats)
        if heart.stopped.is_set():
            await _ended(task, *days.courier._under_way)
            await asyncio.to_thread(days.close)
            days.clock.advance(LEASE_OVER)
            _born(days, f"sqlite:///{path}")
            await days.pass_by()
        else:
            assert dies_at is None
        await _ended(death)
        told = _told(days)
        folded = [(row.key, row.told_by) for row in days.rows() if row.state == "folded"]
        await asyncio.to_thread(days.close)
        return told, folded, beats


def _born(days, url):
    heart, spare = Heart(), database(Settings(database_url=url), days.clock)
    db = MortalDatabase(url, days.clock, spare.bus, heart)
    db.registry = spare.registry
    spare.close()
    days.run_on(db, MortalMedium(days.slack, heart))
    return heart


async def _ended(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _told(days):
    """Each message to the executive, and how it looks in the end."""
    looks: dict[str, list[str]] = {}
    for number, post in enumerate(days.slack.posts, 1):
        if post.delivery.address == EXECUTIVE:
            edits = [edit.message for edit in days.slack.edits if edit.delivery.posted_as == f"{number}"]
            looks.setdefault(post.delivery.key, []).append((edits or [post.message])[-1].text)
    return looks


@pytest.fixture
async def lives(sqlite_template, tmp_path):
    path = tmp_path / "callboard.db"
    path.write_bytes(sqlite_template.read_bytes())
    days = Days(f"sqlite:///{path}", "deployment", "2025-11-13 08:00", BEFORE, DEEDS)
    await days.pass_by()
    days.clock.move_to(days.at(BEFORE))
    days.close()
    return Lives(days, path)


async def test_a_summary_tells_every_folded_message_once_wherever_the_bot_dies(lives):
    told, folded, beats = await lives.live(None)
    assert [len(looks) for looks in told.values()] == [1] * len(told)
    summaries = [looks[0] for key, looks in told.items() if key.startswith("noise:")]
    assert len(summaries) == 2
    assert summaries[0] == ":arrow_down: A newer summary follows."
    about = [beat for beat in beats if "noise" in beat.where or "folded" in beat.where]
    assert {beat.where.split()[0] for beat in about} >= {"folded", "accepted", "noise.summary"}
    for moment in about:
        again, folded_again, _ = await lives.live(moment)
        assert again == told, moment
        assert folded_again == folded, moment
