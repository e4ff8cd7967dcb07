"""`callboard export`: a plan as its file, and what else is written of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callboard.cli.installation import PlanKey, of_plan
from callboard.core.errors import Refused

if TYPE_CHECKING:
    from callboard.core.db import Tx

commands = typer.Typer()
ONE = "only one of --codeowners, --emergency, --kpi, --closing and --workspace can be written at a time"


@commands.command()
def export(  # noqa: PLR0913, PLR0917 - typer reads the options from the signature
    key: PlanKey,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write it to this file.")] = None,
    codeowners: Annotated[bool, typer.Option("--codeowners", help="Its zones, as a CODEOWNERS file.")] = False,
    org: Annotated[str, typer.Option(help="With --codeowners: the owner of the teams, as in @acme/backend.")] = "",
    gitlab: Annotated[bool, typer.Option("--gitlab", help="With --codeowners: as GitLab reads it.")] = False,
    emergency: Annotated[int, typer.Option(metavar="N", help="The report of an emergency, as Markdown.")] = 0,
    kpi: Annotated[bool, typer.Option("--kpi", help="Its figures, as CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --kpi: as JSON, with days and cases.")] = False,
    closing: Annotated[bool, typer.Option("--closing", help="Promised against happened, as Markdown.")] = False,
    html: Annotated[bool, typer.Option("--html", help="With --closing: as an HTML page.")] = False,
    workspace: Annotated[
        Path | None, typer.Option(metavar="DIR", help="How it stands, as Markdown files in this folder.")
    ] = None,
) -> None:
    """Write a plan as a plan file: the one last applied, with people's changes since."""
    if as_json and not kpi:
        raise typer.BadParameter("--json goes with --kpi")
    if html and not closing:
        raise typer.BadParameter("--html goes with --closing")
    if sum(map(bool, (codeowners, emergency, kpi, closing, workspace))) > 1:
        raise typer.BadParameter(ONE)
    if workspace is not None:
        if to is not None:
            raise typer.BadParameter("--workspace names its own folder: leave --to out")
        typer.echo(f"{workspace}: {_written(key, workspace)}.")
        return
    if codeowners:
        text = _codeowners(key, org, gitlab=gitlab)
    elif emergency:
        text = of_plan(key, lambda tx, plan_id: _report(tx, plan_id, emergency))
    elif kpi:
        text = _figures(key, as_json=as_json)
    elif closing:
        text = of_plan(key, lambda tx, plan_id: _closing(tx, plan_id, html=html))
    else:
        text = _plan(key)
    _give(key, text, to)


def _give(key: str, text: str, to: Path | None) -> None:
    if to is None:
        sys.stdout.buffer.write(text.encode())
        return
    try:
        to.write_bytes(text.encode())
    except OSError as error:
        raise Refused(f"{to}: {error.strerror or error}") from error
    typer.echo(f"{key} is in {to}.")


def _plan(key: str) -> str:
    from callboard.plans import service as plans

    return of_plan(key, plans.export)


def _figures(key: str, *, as_json: bool) -> str:
    from callboard.board.figures import web

    return of_plan(key, web.as_json if as_json else web.as_csv)


def _codeowners(key: str, org: str, *, gitlab: bool) -> str:
    from callboard.plans import service as plans
    from callboard.zones import codeowners

    prefix = f"@{org.removeprefix('@')}/" if org else "@"
    zones = of_plan(key, plans.live).values.get("zones")
    if not zones:
        raise Refused(
            f"{key} has no `zones:`, so there is no CODEOWNERS file to write. Say in the plan file whose each path is, "
            "or take the zones from a file: `callboard zones CODEOWNERS --plan-file plan.yml`."
        )
    return codeowners.written(zones, lambda team: f"{prefix}{team}", gitlab=gitlab)


def _written(key: str, folder: Path) -> str:
    """How a plan stands, in a folder; in words, what that changed."""
    from callboard.board.workspace import folder as folders
    from callboard.board.workspace.files import files

    made = of_plan(key, files)
    try:
        return folders.write(folder, made)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{folder}: {getattr(error, 'strerror', None) or error}") from error


def _report(tx: Tx, plan_id: int, number: int) -> str:
    from callboard.emergencies import report, store
    from callboard.plans import service as plans

    found = store.find(tx, number)
    if found is None or found.plan_id != plan_id:
        other = f": it is of `{plans.plan(tx, found.plan_id).key}`" if found else ""
        raise Refused(f"There is no emergency {number} in this plan{other}.")
    return report.markdown(tx, found)


def _closing(tx: Tx, plan_id: int, *, html: bool) -> str:
    from callboard.board.conclusion import past, words

    read = past.read(tx, plan_id, tx.now)
    return words.html(read) if html else words.markdown(read)
