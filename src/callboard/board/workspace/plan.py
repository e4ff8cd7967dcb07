"""The section `workspace` of the plan file: the folders of its files, the repository that has them, and canvases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from callboard.branches.plan import NO_BRANCH, check_clone
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.types import Part, Span
from callboard.teams.plan.people import TEAMS

JOINT = "JOINT_COORDINATION"
SHORTEST = timedelta(minutes=1)
FOLDER = re.compile(r"(?!.*(?:^|/)\.)[\w. -]*[\w-](?:/[\w. -]*[\w-])*")
UNSAFE = re.compile(r"[^\w.-]+")


def _often(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("that is too often: write 1m or more, such as 15m")
    return span


class WorkspacePart(Part):
    """Where the files go that show how the plan stands. Without `repository`, only `callboard export` writes them.

    With `canvases`, each team's channel has its status as a canvas.
    """

    repository: str = Field("", examples=["https://git.example.com/status.git"])
    branch: str = Field("status", min_length=1)
    every: Annotated[Span, AfterValidator(_often)] = timedelta(minutes=15)
    folders: dict[str, str] = Field(default_factory=dict, examples=["{backend: BackendDev}"])
    joint: str = JOINT
    canvases: bool = False


def part(document: Document) -> WorkspacePart:
    return document.of(WORKSPACE) or WorkspacePart()


def folders(document: Document) -> dict[str, str]:
    """The folder of each team: as the plan names it, else by the team's name."""
    teams, named = document.of(TEAMS) or {}, part(document).folders
    found: dict[str, str] = {}
    for key, team in teams.items():
        own = UNSAFE.sub("-", team.name).strip("-.") or key
        taken = {folder.lower() for folder in (*found.values(), *named.values(), part(document).joint)}
        found[key] = named.get(key) or (own if own.lower() not in taken else f"{own}-{key}")
    return found


def _check(document: Document, workspace: WorkspacePart) -> Iterator[Problem]:
    teams, at = document.of(TEAMS) or {}, "workspace"
    if workspace.repository:
        yield from check_clone(document, (at, "repository"), workspace.repository)
    if NO_BRANCH.search(workspace.branch):
        sentence = f"`{workspace.branch}` cannot be a branch: write a name such as status"
        yield document.error((at, "branch"), sentence)
    first: dict[str, str] = {}
    named: list[tuple[Path, str]] = [((at, "folders", key), folder) for key, folder in workspace.folders.items()]
    for path, folder in [*named, ((at, "joint"), workspace.joint)]:
        if not FOLDER.fullmatch(folder):
            yield document.error(path, f"`{folder}` cannot be a folder: write a name such as BackendDev")
        if (other := first.setdefault(folder.lower(), str(path[-1]))) != path[-1]:
            yield document.error(path, f"this is the folder of {other} too: each needs its own")
    for key in workspace.folders:
        if teams and key not in teams:
            yield document.error((at, "folders", key), f"there is no team `{key}`: {', '.join(teams)}")


WORKSPACE: Section[WorkspacePart] = Section(name="workspace", model=WorkspacePart, check=_check)
