"""`callboard audit verify` and `callboard gates`: proof of what happened."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from callboard.cli.installation import EveryPlan, PlanKey, database
from callboard.core.errors import Refused

commands = typer.Typer()
audit = typer.Typer(help="The record of what happened.", no_args_is_help=True)
commands.add_typer(audit, name="audit")


@audit.command()
def verify(
    plan: EveryPlan = "",
    head: Annotated[list[str] | None, typer.Option("--head", help="A published head, ENTRY:HASH.")] = None,
) -> None:
    """Find every timeline entry that was edited, deleted, reordered or cut off after it was sealed."""
    from callboard.core import seal
    from callboard.plans import service as plans

    published = dict(map(_head, head or []))
    if published and not plan:
        raise Refused("Name the plan of that head with --plan.")
    broken = 0
    with database() as db:
        for row in db.transact(plans.every, plan):
            sealed, wrong = db.transact(seal.verify, row.id or 0, published)
            broken += len(wrong)
            typer.echo("\n  ".join([f"{row.key}: {sealed} sealed entries, {len(wrong) or 'none'} broken.", *wrong]))
    if broken:
        raise typer.Exit(1)


@commands.command()
def gates(key: PlanKey) -> None:
    """Print a plan's gates as JSON: state, signatures, what was signed, and everything that happened."""
    from callboard.gates import web

    with database() as db:
        typer.echo(json.dumps(db.transact(web.export, key), indent=2, ensure_ascii=False))


def _head(text: str) -> tuple[int, str]:
    seq, _, mark = text.partition(":")
    if not seq.isdecimal() or not mark:
        raise Refused(f"`{text}` is not a head. Copy one as it was published, like 12:ab34cd56.")
    return int(seq), mark
