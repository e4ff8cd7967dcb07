"""`callboard import`: what others have in documents, as a part of a plan file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from callboard.cli import installation
from callboard.cli.installation import AsJson, sound
from callboard.core.errors import Refused
from callboard.core.words import counted, joined

if TYPE_CHECKING:
    from callboard.imports.frame import Imported as Part
    from callboard.runbooks.plan.documents.drafts import Verdict
    from callboard.runbooks.plan.documents.section import Imported

M = TypeVar("M", "Part", "Imported")
commands = typer.Typer()
family = typer.Typer(no_args_is_help=True)
commands.add_typer(family, name="import", help="Make a part of a plan file from somebody's document.")
LOOK = ("not understood", "not taken", "vacant", "time limit", "year", "order")
"""What somebody should look at again."""
MOST_OTHERS, MOST_LINES = 5, 10
ForPlan = Annotated[
    Path | None,
    typer.Option("--plan", metavar="PLAN", help="The plan file that it is for: its teams and people are matched."),
]
Write = Annotated[bool, typer.Option("--write", help="Write it into the plan file, whose comments stay.")]


@family.callback()
def imports() -> None:
    """Make a part of a plan file from somebody's document."""


@family.command()
def runbook(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Markdown document, or a spreadsheet as CSV or TSV.")],
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN", help="The plan file that it is for: its teams lead the steps."),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="What the run-book is called; else what the document says.")] = "",
    part: Annotated[str, typer.Option("--part", metavar="HEADING", help="Only what is below this heading.")] = "",
    day: Annotated[str, typer.Option("--day", metavar="DATE", help="The first day; all other days move with it.")] = "",
    write: Write = False,
    as_json: AsJson = False,
) -> None:
    """Print a document's run-book as YAML, and line by line what was understood.

    With --plan it is the section for that plan; without it a small plan around the run-book.
    """
    from callboard.planfile.times import parse_date
    from callboard.runbooks.plan import documents

    _named(plan, write=write)
    try:
        first = parse_date(day) if day else None
    except ValueError as wrong:
        raise typer.BadParameter(f"{wrong}.", param_hint="--day") from None
    made, yaml = _made(partial(documents.imported, name=name, part=part, day=first), file, plan, write=write)
    if as_json:
        _print(made.draft.verdicts, runbook=made.key, yaml=yaml)
        return
    for line in _report(made, file):
        typer.echo(line, err=True)
    typer.echo(f"The run-book `{made.key}` is in {plan}.\n" if write else yaml, nl=False)


@family.command()
def policies(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON or YAML of PagerDuty, Opsgenie or Grafana OnCall.")
    ],
    plan: ForPlan = None,
    write: Write = False,
    as_json: AsJson = False,
) -> None:
    """Print another program's escalations as policies in YAML, and line by line what was understood.

    With --plan they are sections for that plan; without it a small plan around them.
    """
    from callboard.imports.policies import imported

    _import(imported, file, plan, write=write, as_json=as_json)


@family.command()
def tasks(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Markdown document, or a spreadsheet as CSV or TSV.")],
    plan: ForPlan = None,
    write: Write = False,
    as_json: AsJson = False,
) -> None:
    """Print a list of tasks and gates as YAML, and line by line what was understood.

    With --plan they are sections for that plan; without it a small plan around them.
    """
    from callboard.imports.works import imported

    _import(imported, file, plan, write=write, as_json=as_json)


def _import(imported: Callable[..., Part], file: Path, plan: Path | None, *, write: bool, as_json: bool) -> None:
    """Print what comes of a file, or write it into the plan, and report of it."""
    _named(plan, write=write)
    made, yaml = _made(imported, file, plan, write=write)
    if as_json:
        _print(made.draft.verdicts, yaml=yaml)
        return
    for line in (*_lines(made.draft.verdicts), f"{file}: {made.told}.", *_look(made.draft.verdicts)):
        typer.echo(line, err=True)
    typer.echo(f"{made.told}: in {plan}.\n" if write else yaml, nl=False)


def _made(imported: Callable[..., M], file: Path, plan: Path | None, *, write: bool) -> tuple[M, str]:
    """What comes of a file, and its YAML, which is written into the plan where that is wanted."""
    from callboard.app import sections
    from callboard.core.clock import SystemClock
    from callboard.runbooks.plan.documents import files, text

    content, checked = installation.read(file, files.LARGEST + 1), sound(plan) if plan else None
    document = checked.document if checked else None
    try:
        made = imported(content, file.name, sections(), today=SystemClock().now().date(), document=document)
    except Refused as refused:
        raise Refused(f"{file}: {refused.sentence}") from refused
    if document and plan and write:
        _write(plan, text.within(document.source, made.sections, made.body, sections()))
    return made, text.block(made.sections if document else made.body)


def _print(verdicts: Sequence[Verdict], **made: str) -> None:
    lines = [asdict(each) for each in verdicts]
    typer.echo(json.dumps({**made, "lines": lines}, indent=2, ensure_ascii=False))


def _named(plan: Path | None, *, write: bool) -> None:
    if write and plan is None:
        raise typer.BadParameter("name the plan file to write into", param_hint="--plan")


def _write(plan: Path, words: str) -> None:
    try:
        plan.write_bytes(words.encode())
    except OSError as error:
        raise Refused(f"{plan}: {error.strerror or error}") from error


def _report(made: Imported, file: Path) -> list[str]:
    """What became of each line; last, how much it is and what needs a look."""
    draft = made.draft
    told = [
        counted(len(draft.steps), "step"),
        *([counted(len(draft.rollbacks), "rollback")] if draft.rollbacks else []),
    ]
    left = sum(each.last - each.line + 1 for each in draft.verdicts if each.kind == "left out")
    others = ", ".join(f"`{heading}`" for heading in draft.others[:MOST_OTHERS])
    others += f" and {len(draft.others) - MOST_OTHERS} more" if len(draft.others) > MOST_OTHERS else ""
    return [
        *_lines(draft.verdicts),
        f"{file}: {', '.join(told)}. {counted(left, 'line') if left else 'No line'} left out.",
        *([f"Other lists, each for a --part: {others}."] if others else []),
        *_look(draft.verdicts),
    ]


def _lines(verdicts: Sequence[Verdict]) -> list[str]:
    wide = max((len(each.kind) for each in verdicts), default=0)
    return [f"{each.lines:>9}  {each.kind:<{wide}}  {each.words}".rstrip() for each in verdicts]


def _look(verdicts: Sequence[Verdict]) -> list[str]:
    lines: dict[str, dict[str, None]] = {}
    for each in verdicts:
        if each.kind in LOOK:
            lines.setdefault(each.words, {})[str(each.line)] = None
    look = [f"  line{'s' * (len(at) > 1)} {joined(list(at), MOST_LINES)}: {words}" for words, at in lines.items()]
    return ["Look at:", *look] if look else []
