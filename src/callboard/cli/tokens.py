"""`callboard token`: issues, lists and revokes tokens of the automation API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callboard.cli.installation import AsJson, Author, EveryPlan, PlanKey, database
from callboard.core.errors import Refused, unknown

if TYPE_CHECKING:
    from callboard.core.db import Tx

commands = typer.Typer()
token = typer.Typer(help="Tokens of the automation API and of git-lfs.", no_args_is_help=True)
commands.add_typer(token, name="token")


@token.command("create")
def create_token(
    key: PlanKey,
    person: Annotated[str, typer.Option(metavar="HANDLE", help="The person it acts for: their id in the plan.")],
    scope: Annotated[
        str,
        typer.Option(
            help="What it may do, with commas between: alerts, blockers, board, emergencies, gates, jobs, locks, plan, "
            "runs, tasks, or a part such as gates:report."
        ),
    ],
    author: Author,
    expires: Annotated[str, typer.Option(help="How long it lasts.")] = "90d",
    name: Annotated[str, typer.Option(help="Its name in the list.")] = "",
) -> None:
    """Issue a token and print it, this once: only its digest is kept."""
    with database() as db:
        typer.echo(db.transact(create, key, person, scope, expires, name, author))


@token.command("list")
def list_tokens(key: EveryPlan = "", as_json: AsJson = False) -> None:
    """List tokens: whose they are, what they may do, until when."""
    with database() as db:
        rows = db.transact(listed, key)
    lines = "\n".join(map(_line, rows)) or "No tokens yet. Issue one: callboard token create."
    typer.echo(json.dumps(rows, indent=2) if as_json else lines)


@token.command("revoke")
def revoke_token(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")], author: Author
) -> None:
    """End a token now."""
    from callboard.web import tokens

    with database() as db:
        revoked = db.transact(tokens.revoke, number, author)
    typer.echo(f"Token {number}, of {revoked.person} in {revoked.plan}, is revoked.")


def create(tx: Tx, plan: str, person: str, scope: str, expires: str, name: str, author: str) -> str:
    """Issue a token and return its secret. `scope` may name several, with commas."""
    from callboard.planfile.times import parse_span
    from callboard.plans import service as plans
    from callboard.teams import service as teams
    from callboard.teams.web import bearer
    from callboard.web import tokens

    try:
        span = parse_span(expires)
    except ValueError as wrong:
        raise Refused(f"--expires: {wrong}.") from None
    if not timedelta() < span <= tokens.LONGEST:
        raise Refused(f"A token lasts at most {tokens.LONGEST.days} days: --expires 90d.")
    meant = plans.called(tx, plan)
    plan_id = meant.id or 0
    person = bearer(teams.directory(tx, plan_id), person)
    return tokens.issue(tx, plan_id, tokens.Wanted(meant.key, person, _scopes(scope), span, name), author)


def listed(tx: Tx, plan: str) -> list[dict[str, Any]]:
    """The tokens of a plan, or of all, as plain JSON."""
    from callboard.plans import service as plans
    from callboard.web import tokens

    return [
        {
            "id": row.id, "plan": row.plan, "person": row.person, "name": row.name, "scopes": row.scopes,
            "state": "revoked" if row.revoked_at else "expired" if row.expires_at <= tx.now else "valid",
            "made_by": row.made_by, "made_at": row.made_at.isoformat(), "expires_at": row.expires_at.isoformat(),
            "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
        } for row in tokens.listed(tx, (plans.called(tx, plan).id or 0) if plan else None)
    ]  # fmt: skip


def _scopes(typed: str) -> list[str]:
    """Each scope once. Raises Refused for one that nothing asks for."""
    from callboard.app import scopes

    wanted = [word.strip() for word in typed.split(",") if word.strip()]
    whole = sorted({scope.partition(":")[0] for scope in scopes()})
    possible = [*whole, *sorted(scopes())]
    for scope in wanted:
        if scope not in possible:
            raise unknown(f"There is no scope `{scope}`", scope, possible)
    if not wanted:
        raise Refused(f"Say what it is for: --scope {','.join(whole)}")
    return list(dict.fromkeys(wanted))


def _line(row: dict[str, Any]) -> str:
    name = f" ({row['name']})" if row["name"] else ""
    return (
        f"{row['id']:>4}  {row['state']:8} {row['plan']}, for {row['person']}{name}: {', '.join(row['scopes'])}; "
        f"until {row['expires_at'][:16]}, by {row['made_by']}"
    )
