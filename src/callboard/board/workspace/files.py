"""The files of a workspace, by their paths: made by templates, a line for each fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callboard.blocks.markdown import Code, shown
from callboard.board.workspace import facts
from callboard.board.workspace.facts import Facts
from callboard.core.db import Tx

if TYPE_CHECKING:
    from jinja2 import Environment

STATUS, TASKS = "REAL_TIME_STATUS.md", "ATOMIC_TASKS"
JOINT = {
    "ATOMIC_CONFLICT_TRACKER.md": "conflicts.md.j2", "MOLECULAR_INTEGRATION.md": "integration.md.j2",
    "LIVE_DEPLOYMENT_STATUS.md": "deployment.md.j2", "EMERGENCY_COORDINATION.md": "emergencies.md.j2",
}  # fmt: skip
MARKS = {"completed": "✅", "in progress": "🔄", "blocked": "⚠", "not started": "📋", "dropped": "❌"}
UNSAFE = re.compile(r"[^\w.-]+")


def files(tx: Tx, plan_id: int) -> dict[str, str]:
    """Every file of a plan as it stands now, in a stable order."""
    return made(facts.read(tx, plan_id))


def made(known: Facts) -> dict[str, str]:
    return dict(sorted(_files(known)))


def _files(known: Facts) -> Iterator[tuple[str, str]]:
    places = _places(known)
    for team, folder in known.home.items():
        yield f"{folder}/{STATUS}", _rendered("status.md.j2", known, team=team, places=places)
    for task in known.tasks:
        yield places[task.key], _rendered("task.md.j2", known, task=task)
    for name, template in JOINT.items():
        yield f"{known.joint}/{name}", _rendered(template, known, places=places)


def _places(known: Facts) -> dict[str, str]:
    """The path of each task; ids that would share one, as on a system that ignores case, have their place with them."""
    found: dict[str, str] = {}
    taken = set[str]()
    for task in known.tasks:
        folder = f"{known.home.get(task.team, known.joint)}/{TASKS}"
        path = f"{folder}/{UNSAFE.sub('-', task.key).strip('.') or 'task'}.md"
        if path.lower() in taken:
            path = f"{path.removesuffix('.md')}-{task.number}.md"
        taken.add(path.lower())
        found[task.key] = path
    return found


def _rendered(template: str, known: Facts, **given: Any) -> str:
    return _environment().get_template(template).render(f=known, **given)


@cache
def _environment() -> Environment:
    """Jinja that writes Markdown: whatever is not of the template is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(  # noqa: S701 - it is no HTML: `finalize` escapes for Markdown
        loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined, finalize=shown,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters["code"] = Code
    made.globals["MARKS"] = MARKS
    return made
