"""Channels: what is said where nobody of the plan is known to read it, and what nobody is there to hear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callboard.core.words import is_are
from callboard.planfile.expressions import expressions
from callboard.planfile.header import CHANNEL_ID, HEADER, channel_name
from callboard.planfile.sections import Path, entries, place
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import Scene

WITH_CHANNEL = (
    ("standups", "channel"), ("runbooks", "channel"), ("emergencies", "channel"),
)  # fmt: skip
READ_BY_ALL = "coordination"


def found(scene: Scene) -> Iterator[Finding]:
    """Each channel that no team has and the plan's head does not name; and a drill that looks real."""
    read = _read(scene)
    told: set[str] = set()
    for path, channel in _named(scene):
        name = channel.removeprefix("#")
        if name in read or CHANNEL_ID.fullmatch(name) or name in told:
            continue
        told.add(name)
        yield scene.risk(
            path, f"Nobody of the plan is known to read #{name}.",
            "No team has this channel, and `channels:` does not name it.",
            "Name it under `channels:`, so that I can ask to be invited; or write to a channel that a team reads.",
        )  # fmt: skip
    yield from _drills(scene)


def unheard(scene: Scene) -> Iterator[Finding]:
    """Every place where people are named, and each of them is a vacant seat, or away as long as the plan lasts."""
    for each in expressions(scene.document):
        seats = scene.seats(each.words, vacant=True)
        if not seats or any(word.startswith("#") for word in each.words) or any(map(scene.is_ever_there, seats)):
            continue
        is_vacant = all(person.vacant for person in seats)
        made = scene.fault if is_vacant else scene.risk
        yield made(
            each.path, f"`{place(each.path)}` means nobody who is there.",
            f"The seat {scene.names(seats)} is vacant." if is_vacant
            else f"{scene.names(seats)} {is_are(seats)} away as long as the plan lasts.",
            "Fill the seat, or name somebody else too." if is_vacant else "Name somebody else too.",
        )  # fmt: skip


def _read(scene: Scene) -> set[str]:
    """The channels that the plan gives to all, or to a team, by key and by name."""
    header = scene.document.of(HEADER)
    keyed = dict(header.channels) if header else {}
    own = {channel_name(team.channel) for team in scene.directory.teams.values()}
    return {*keyed, *(channel_name(ref) for ref in keyed.values()), *own}


def _named(scene: Scene) -> Iterator[tuple[Path, str]]:
    """Every channel where somebody is told something, with its place."""
    for each in expressions(scene.document):
        for number, word in enumerate(each.words):
            if word.startswith("#"):
                yield (*each.path, number), word
    for section, word in WITH_CHANNEL:
        written: Any = scene.document.body.get(section)
        for key, entry in entries(written):
            if isinstance(ref := entry.get(word), str) and ref.startswith("#"):
                yield (section, key, word), ref


def _drills(scene: Scene) -> Iterator[Finding]:
    """A drill in the channel of the real thing is taken for it."""
    for key, entry in entries(scene.document.body.get("runbooks")):
        drill = entry.get("drill")
        channel = drill.get("channel") if isinstance(drill, dict) else drill
        if channel and channel in (READ_BY_ALL, "urgent", entry.get("channel")):
            yield scene.risk(
                ("runbooks", key, "drill"), f"Drills of `{key}` are in the channel where the real thing is told.",
                "Whoever reads along can't tell a drill from an emergency.", "Give drills a channel of their own.",
            )  # fmt: skip
