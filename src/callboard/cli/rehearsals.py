"""`callboard rehearse`: the whole plan on a simulated clock, before the day."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callboard.cli import installation
from callboard.cli.installation import sound
from callboard.core.errors import Refused
from callboard.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callboard.planfile.report import Checked
    from callboard.rehearsal.comparison.outcome import Outcome
    from callboard.rehearsal.play import Played
    from callboard.rehearsal.transcript import Line

commands = typer.Typer()
ALONE = 1
"""The seed by which people act where neither a script nor a seed is given."""


@commands.command()
def rehearse(  # noqa: PLR0913, PLR0917 - typer reads the options from the signature
    file: Annotated[Path | None, typer.Argument(metavar="PLAN", help="The plan file.")] = None,
    script: Annotated[Path | None, typer.Option(help="Who does what when; else people act by a model.")] = None,
    seed: Annotated[int | None, typer.Option(help="People act by a model, by chance from this number.")] = None,
    until: Annotated[str, typer.Option(metavar="MOMENT", help="When to stop, in the plan's zone.")] = "",
    html: Annotated[Path | None, typer.Option(help="Write a page with a column for each person here.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write what happened as JSON here.")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Of what comes again, print only what is new.")] = False,
    findings: Annotated[bool, typer.Option("--findings", help="Print what will or may go wrong, and why.")] = False,
    database: Annotated[str, typer.Option(metavar="URL", help="An empty database; else one for the moment.")] = "",
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="BEFORE AFTER", help="Rehearse two plan files, and print what differs."),
    ] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write what differs as a comment in Markdown here.")] = None,
) -> None:
    """Rehearse a plan in seconds: the bot, a stand-in for Slack and a clock that jumps. Nothing leaves this machine.

    Prints who does what, and what everybody reads. With --findings alone nothing is played: the plan is read.
    Exit 1: a line of the script did not come true, or something will go wrong.

    With --compare: what a change of the plan does. Exit 1: a plan has errors, or there is a new fault.
    """
    from callboard.core import logs
    from callboard.rehearsal import page, transcript
    from callboard.rehearsal.play import collect_rarely, options, played

    logs.configure(as_json=False, level="ERROR")
    collect_rarely()
    chance = seed if seed is not None else None if script else ALONE
    if compare is not None:
        if file or html or as_json or findings or database:
            raise typer.BadParameter("--compare takes two plan files, and neither PLAN nor options for one plan")
        _compare(compare, Way(script, chance, until), markdown)
        return
    if file is None:
        raise typer.BadParameter("name the plan file", param_hint="PLAN")
    if markdown is not None:
        raise typer.BadParameter("--markdown goes with --compare")
    checked = sound(file)
    if findings and script is None and seed is None:
        _tell(checked)
        return
    written = (str(script), installation.read(script)) if script else None
    done = asyncio.run(played(checked, written, seed=chance, until=until, database_url=database))
    zone = done.directory.calendar.zone
    if html is not None:
        names = {key: person.name for key, person in done.directory.people.items()}
        _write(html, page.as_html(done.lines, f"{done.directory.plan_name}: rehearsal", zone, names))
    if as_json is not None:
        _write(as_json, transcript.as_json(done.lines))
    if findings:
        _tell(checked, done.lines, options(str(script) if script else "", chance))
    elif html is None and as_json is None:
        typer.echo(transcript.as_text(done.lines, zone, brief=brief), nl=False)
    _end(done, str(script))


@dataclass(frozen=True)
class Way:
    """How both of two plans are rehearsed."""

    script: Path | None
    seed: int | None
    until: str


def _compare(plans: tuple[Path, Path], way: Way, markdown: Path | None) -> None:
    from callboard.rehearsal.comparison import difference, words

    try:
        checked = [sound(file) for file in plans]
        found = difference(*(_outcome(each, way) for each in checked))
    except Refused as refused:
        if markdown is not None:
            _write(markdown, words.refused(refused.sentence))
        raise
    if markdown is not None:
        _write(markdown, words.as_markdown(found))
    typer.echo(words.as_text(found), nl=False)
    if found.faults:
        raise Refused(f"{counted(found.faults, 'new fault')}.")


def _outcome(checked: Checked, way: Way) -> Outcome:
    from callboard.rehearsal.comparison.outcome import outcome

    written = (str(way.script), installation.read(way.script)) if way.script else None
    try:
        return asyncio.run(outcome(checked, written, seed=way.seed, until=way.until))
    except Refused as refused:
        raise Refused(f"{refused.sentence}\nSo {checked.document.file} can't be rehearsed.") from None


def _tell(checked: Checked, lines: Sequence[Line] = (), played: str = "") -> None:
    """What the plan alone tells; with a rehearsal also what that showed. Exit 1: something will go wrong."""
    from callboard.rehearsal.findings import Kind, as_text, find

    found = find(checked, lines, options=played)
    typer.echo("\n".join(as_text(checked.document.file, found)))
    if any(each.kind is Kind.FAULT for each in found):
        raise typer.Exit(1)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise Refused(f"{file}: {error.strerror or error}") from error


def _end(done: Played, script: str) -> None:
    """Say on the other stream how it went."""
    pages = sum(line.page for line in done.lines)
    told = sum(not line.who and line.did == "posted" for line in done.lines)
    typer.echo(f"{counted(told, 'message')}, {counted(pages, 'page')} among them.", err=True)
    if done.misses:
        wrong = "\n".join(f"{script}:{miss.line}: {miss.sentence}." for miss in done.misses)
        raise Refused(f"{wrong}\n{counted(len(done.misses), 'line')} of the script did not come true.")
