"""`callboard audit verify` and `callboard gates`: proof of what happened."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from callboard.cli.installation import Author, EveryPlan, PlanKey, database
from callboard.core.errors import Refused

commands = typer.Typer()
audit = typer.Typer(help="The record of what happened.", no_args_is_help=True)
commands.add_typer(audit, name="audit")


@audit.command()
def verify(
    plan: EveryPlan = "",
    head: Annotated[list[str] | None, typer.Option("--head", help="A published head, ENTRY:HASH.")] = None,
) -> None:
    """Find what was edited, deleted, reordered or cut off behind Callboard's back, up to the published heads."""
    from callboard.planning import audit

    published = dict(map(_head, head or []))
    if published and not plan:
        raise Refused("Name the plan of that head with --plan.")
    with database() as db:
        findings = db.snapshot(audit.verify, plan, published)
    for key, sealed, wrong in findings:
        typer.echo("\n  ".join([f"{key}: {sealed} sealed entries, {len(wrong) or 'none'} broken.", *wrong]))
    if any(finding.wrong for finding in findings):
        raise typer.Exit(1)


@audit.command()
def erase(
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="Its number, as `audit verify` counts them.")],
    key: PlanKey,
    reason: Annotated[str, typer.Option(help="Why: it is recorded.")],
    author: Author,
) -> None:
    """Erase what a person said in one entry; the seal holds, and the timeline says that it was erased."""
    from callboard.core import timeline
    from callboard.plans import service as plans

    with database() as db:
        db.transact(lambda tx: timeline.erase(tx, plans.called(tx, key).id or 0, entry, actor=author, reason=reason))
    typer.echo(f"The text of entry {entry} is erased. `callboard audit verify --plan {key}` still holds.")


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
