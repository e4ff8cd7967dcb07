"""`callboard guard`: a pre-receive hook, or a check in CI."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer()


@commands.command()
def guard(  # noqa: PLR0913, PLR0917 - typer's options are parameters
    key: Annotated[str, typer.Option("--plan", envvar="CALLBOARD_PLAN", help="The key of the plan.")] = "",
    repository: Annotated[str, typer.Option(envvar="CALLBOARD_REPOSITORY", help="Its name in the plan.")] = "",
    url: Annotated[str, typer.Option(envvar="CALLBOARD_URL", help="The address of Callboard.")] = "",
    base: Annotated[str, typer.Option(metavar="REF", help="In CI: what the branch will be merged into.")] = "",
    head: Annotated[str, typer.Option(metavar="REF", help="In CI: what to check.")] = "",
    branch: Annotated[str, typer.Option(help="In CI: the name of the branch, which tells its team.")] = "",
    person: Annotated[str, typer.Option(metavar="HANDLE", help="Who pushes; else what the server or CI says.")] = "",
    when_unreachable: Annotated[
        str, typer.Option(metavar="refuse|allow", help="What to do when Callboard does not answer.")
    ] = "refuse",
    patience: Annotated[float, typer.Option(metavar="SECONDS", help="How long to wait for an answer.")] = 10.0,
) -> None:
    """Refuse a push that changes what others have locked or own: a pre-receive hook, or with --base a check in CI.

    The token comes from CALLBOARD_TOKEN: `callboard token create --scope locks`. Exit 0: accepted, 1: refused.
    """
    if when_unreachable not in ("refuse", "allow"):
        raise typer.BadParameter("write refuse or allow", param_hint="--when-unreachable")
    if bool(base) != bool(head):
        raise typer.BadParameter("name both --base and --head for CI, or neither for a pre-receive hook")
    from callboard.branches.git import Git
    from callboard.cli import pushes

    server = pushes.server(url, key, repository, os.environ.get("CALLBOARD_TOKEN", "").strip(), patience)
    names = pushes.pushers(person, os.environ)
    check = pushes.Guard(Git(Path.cwd()), server, names, lets_through=when_unreachable == "allow")
    lines = [] if base else sys.stdin.buffer.read().decode(errors="replace").splitlines()
    try:
        accepted = pushes.run(check, lines, base, head, branch)
    finally:
        typer.echo("\n".join(check.said), err=True)
    if not accepted:
        raise typer.Exit(1)
