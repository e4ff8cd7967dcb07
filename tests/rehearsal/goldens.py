"""The transcripts that scripts have, kept to be read: `python -m tests.rehearsal.goldens` writes them anew.

It also writes anew what docs/noise.md counts in them.
"""

from __future__ import annotations

import asyncio
import difflib
from importlib import resources
from itertools import islice
from pathlib import Path

from callboard.app import sections
from callboard.core import logs
from callboard.plans import service as plans
from callboard.rehearsal import transcript
from callboard.rehearsal.play import Played, played
from tests.rehearsal import noise

EXAMPLES = resources.files("callboard.examples")
HERE = Path(__file__).parent
SCRIPTS = {
    "deployment-go": ("deployment.yml", ""),
    "deployment-bad-day": ("deployment.yml", "2025-11-17 18:30"),
    "meschain-go": ("meschain.yml", "2025-06-10 18:30"),
    "meschain-emergencies": ("meschain.yml", "2025-06-02 18:16"),
    "meschain-rollback": ("meschain.yml", "2025-06-02 12:00"),
    "prismq-go": ("prismq.yml", "2026-03-06 18:00"),
    "prismq-bad-week": ("prismq.yml", "2026-01-16 18:00"),
}
"""The plan of each, and when it is over."""
BRIEF = ("prismq-bad-week", "prismq-go")
"""Whose transcripts are kept in their brief form: weeks can't be read in full."""


async def rehearsed(name: str, database_url: str = "") -> Played:
    plan, until = SCRIPTS[name]
    checked = plans.check((EXAMPLES / plan).read_bytes(), plan, sections())
    script = (f"{name}.yml", (EXAMPLES / "scripts" / f"{name}.yml").read_bytes())
    return await played(checked, script, until=until, database_url=database_url)


def written(run: Played, name: str = "") -> str:
    return transcript.as_text(run.lines, run.directory.calendar.zone, brief=name in BRIEF)


def differences(name: str, text: str) -> list[str]:
    """The first lines in which a transcript is another than the one that is kept."""
    before, after = kept(name).read_text().splitlines(), text.splitlines()
    return list(islice(difflib.unified_diff(before, after, "kept", "now", lineterm="", n=2), 40))


def kept(name: str) -> Path:
    return HERE / f"{name}.txt"


if __name__ == "__main__":
    logs.configure(as_json=False, level="ERROR")
    for each in SCRIPTS:
        done = asyncio.run(rehearsed(each))
        kept(each).write_text(written(done, each))
        print(each, done.misses or "as the script has it")  # noqa: T201
    noise.write()
