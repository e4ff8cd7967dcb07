"""`callboard token`: tokens of the automation API, issued, listed and revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from callboard.app import scopes
from callboard.core.errors import Refused
from callboard.planfile.times import parse_span
from callboard.plans import service as plans
from callboard.teams.web import Bearers
from callboard.web import tokens
from callboard.web.tokens import Wanted

if TYPE_CHECKING:
    from datetime import datetime

    from callboard.core.db import Tx
    from callboard.web.tokens import ApiToken


def create(tx: Tx, plan: str, person: str, scope: str, expires: str, name: str, author: str) -> str:
    """Issue a token and return its secret. `scope` holds several with commas; Refused for what it cannot be for."""
    wanted = Wanted(plan, person, [one.strip() for one in scope.split(",") if one.strip()], _span(expires), name)
    return tokens.create(tx, Bearers(), scopes(), wanted, author)


def listed(tx: Tx, plan: str) -> list[dict[str, Any]]:
    """The tokens of a plan, or of all, as plain JSON."""
    found = tokens.listed(tx, (plans.called(tx, plan).id or 0) if plan else None)
    return [_plain(one, tx.now) for one in found]


def line(one: dict[str, Any]) -> str:
    """One token in a line."""
    name = f" ({one['name']})" if one["name"] else ""
    return (
        f"{one['id']:>4}  {one['state']:8} {one['plan']}, for {one['person']}{name}: {', '.join(one['scopes'])}; "
        f"until {one['expires_at'][:16]}, by {one['made_by']}"
    )


def _plain(one: ApiToken, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id, "plan": one.plan, "person": one.person, "name": one.name, "scopes": one.scopes,
        "state": "revoked" if one.revoked_at else "expired" if one.expires_at <= now else "valid",
        "made_by": one.made_by, "made_at": one.made_at.isoformat(), "expires_at": one.expires_at.isoformat(),
        "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
    }  # fmt: skip


def _span(written: str) -> timedelta:
    try:
        return parse_span(written)
    except ValueError as wrong:
        raise Refused(f"--expires: {wrong}.") from None
