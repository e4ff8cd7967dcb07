"""`callboard init`: a first plan file, from six questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from callboard.cli.installation import check
from callboard.core.errors import Refused
from callboard.core.words import counted

commands = typer.Typer()
T = TypeVar("T")
PERSON = "For example: Anna anna@example.com, Ben U0BEN1234. Leave out whom you don't know yet."
NEXT = """\
{file} is written. Next:
  callboard check {file}      what is wrong with it, and which seats are vacant
  callboard rehearse {file}   what it will do, to whom and when
  callboard apply {file}      start it, where Callboard is installed
What else a plan may hold: docs/plan-file.md."""


@commands.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file to write.")] = Path("plan.yml"),
) -> None:
    """Write a first plan file: asks six questions. Never writes over a file."""
    from callboard.core.clock import SystemClock
    from callboard.planfile.starter import Answers, written
    from callboard.planfile.times import parse_dates, parse_zone

    if file.exists():
        raise Refused(f"{file} exists. Name another file: `callboard init release.yml`.")
    name = _asked("1. What is the release called?", "Release 1", str)
    zone = _asked("2. In which time zone are its times?", "UTC", parse_zone)
    days = _asked("3. Its first and last day?", _next_week(SystemClock().now().date()), parse_dates)
    teams = _asked("4. Which teams? Put commas between them.", "Backend, Web", _names)
    leads = _asked(f"5. Who leads each, in the same order? {PERSON}", "", partial(_names, most=len(teams)))
    coordinator = _asked("6. Who coordinates all of them?", "", str)
    text = written(Answers(name, zone.key, days.first, days.last, teams, leads, coordinator))
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise Refused(f"{file}: {error.strerror or error}") from error
    typer.echo("\n".join([*check(file).report(), NEXT.format(file=file)]))


def _asked(question: str, default: str, read: Callable[[str], T]) -> T:
    """An answer, asked again while it can't be understood."""
    while True:
        text = str(typer.prompt(question, default=default, show_default=bool(default))).strip()
        try:
            return read(text)
        except (ValueError, Refused) as wrong:
            typer.echo(f"{wrong}", err=True)


def _names(text: str, most: int = 0) -> list[str]:
    names = [name.strip() for name in text.replace(";", ",").split(",")]
    if most and len(names) > most:
        raise Refused(f"These are {len(names)} people for {counted(most, 'team')}. Name one for each.")
    if not most and not all(names):
        raise Refused("A team has no name. Put one comma between two teams.")
    return names


def _next_week(today: date) -> str:
    """Monday to Friday."""
    monday = today + timedelta(days=7 - today.weekday())
    return f"{monday}..{monday + timedelta(days=4)}"
