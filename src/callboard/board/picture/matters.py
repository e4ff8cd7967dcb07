"""What is open: blockers with their clocks, locks, conflicts, emergencies."""

from __future__ import annotations

from callboard.board.picture.counts import Count, Row
from callboard.board.picture.parts import Blocker, Conflict, Emergency, Lock
from callboard.board.picture.scene import Scene, instant
from callboard.board.picture.state import Columns
from callboard.conflicts.models import GOING, WAVE, Degree
from callboard.emergencies.models import State as EmergencyState
from callboard.locks.models import KEEPING
from callboard.locks.models import State as LockState

OPEN = ("open", "acknowledged")


def blockers(scene: Scene) -> tuple[Blocker, ...]:
    """The open ones, the oldest first."""
    return tuple(
        _blocker(scene, number, columns)
        for number, columns in scene.rows("blocker") if columns.get("state") in OPEN and "opened" in columns
    )  # fmt: skip


def _blocker(scene: Scene, number: int, columns: Columns) -> Blocker:
    clock = columns.get("clock") or {}
    return Blocker(
        number=number, what=scene.text(columns.get("what")), severity=str(columns.get("severity", "")),
        state=str(columns["state"]), team=columns.get("team") or "", team_name=scene.team(columns.get("team")),
        reporter=scene.person(columns.get("reporter")), owner=scene.person(columns.get("owner")),
        opened=instant(columns["opened"]) or scene.at, next_at=instant(clock.get("next")),
        next_why=clock.get("why", ""), level=clock.get("level", ""), respond_by=instant(clock.get("respond")),
        resolve_by=instant(clock.get("resolve")),
    )  # fmt: skip


def blocker_row(blocker: Blocker) -> Row:
    name = blocker.what or "(no text)"
    state = f"{blocker.state} by {blocker.owner}" if blocker.owner else blocker.state
    return Row(
        kind="blocker", key=str(blocker.number), name=name, state=state, team=blocker.team, at=blocker.opened
    )  # fmt: skip


def locks(scene: Scene) -> tuple[Lock, ...]:
    """What keeps others out, the oldest first, with who waits for it."""
    rows = scene.rows("lock")
    waiting = [(number, columns) for number, columns in rows if columns["state"] == LockState.WAITING]
    return tuple(
        Lock(
            number=number, state=str(columns["state"]), paths=tuple(columns["targets"]), team=columns.get("team") or "",
            holder=scene.person(columns["holder"]), reason=scene.text(columns.get("reason")),
            since=instant(columns["since"]) or scene.at, expires=instant(columns.get("until")),
            waiting=Count(tuple(
                Row(kind="lock", key=str(other), name=scene.person(each["holder"]), state="waiting",
                    team=each.get("team") or "", at=instant(each["since"]))
                for other, each in waiting if number in each.get("behind", ())
            )),
        )
        for number, columns in rows if columns["state"] in KEEPING
    )  # fmt: skip


def conflicts(scene: Scene) -> tuple[Conflict, ...]:
    """Those that nobody has accepted and that are not gone, the worst first."""
    found = [
        Conflict(
            number=number, one=columns["one"], other=columns["other"], degree=str(columns["degree"]),
            teams=tuple(columns["teams"]), state=str(columns["state"]), since=instant(columns["since"]) or scene.at,
            files=Count(tuple(Row(kind="file", key=path, name=path) for path in columns["files"])),
        )
        for number, columns in scene.rows("conflict")
        if columns.get("state") in GOING and columns.get("kind") != WAVE and "degree" in columns
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-Degree(each.degree).rank, each.number)))


def emergencies(scene: Scene) -> tuple[Emergency, ...]:
    return tuple(
        Emergency(
            number=number, level=columns["level"], name=columns.get("name") or columns["level"],
            what=scene.text(columns.get("what")), state=str(columns["state"]), team=columns.get("team") or "",
            commander=scene.person(columns.get("commander")), declared=instant(columns["declared"]) or scene.at,
            respond_by=instant((columns.get("clock") or {}).get("respond")), resolve_by=instant(columns.get("resolve")),
        )
        for number, columns in scene.rows("emergency")
        if columns.get("state") == EmergencyState.OPEN and "declared" in columns
    )  # fmt: skip
