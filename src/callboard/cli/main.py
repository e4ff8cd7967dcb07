"""The program `callboard`: its commands, and how each ends."""

from __future__ import annotations

from typing import Any

import typer.core

from callboard.blocks.markup import unescape
from callboard.cli import (
    audit,
    backups,
    doctor,
    exports,
    guard,
    imports,
    init,
    persons,
    plans,
    rehearsals,
    sandbox,
    serve,
    tokens,
)
from callboard.core.errors import Refused


class Commands(typer.core.TyperGroup):
    """Ends with exit code 1 where a command is refused, and says why."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            typer.echo(unescape(refused.sentence), err=True)
            raise typer.Exit(1) from None


main = typer.Typer(
    name="callboard", cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Callboard runs a multi-team release from a plan file, in Slack.",
)  # fmt: skip
FAMILIES = (
    serve, sandbox, init, plans, rehearsals, exports, imports, doctor, guard, tokens, persons, audit, backups,
)  # fmt: skip
for family in FAMILIES:
    main.add_typer(family.commands)
