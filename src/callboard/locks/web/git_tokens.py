"""The tokens with which git locks in somebody's name; here people make their own, for nothing but locks."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from starlette.requests import Request

from callboard.teams import service as teams
from callboard.teams.service import Asker
from callboard.web import address as web
from callboard.web import tokens
from callboard.web.tokens import ApiToken, Barred, Wanted

if TYPE_CHECKING:
    from callboard.core.db import Tx

EVERYTHING = ("locks",)
NAME, LASTS = "git", tokens.LONGEST


def make(tx: Tx, asker: Asker) -> str:
    """Make somebody's token and return it; the one they made before ends."""
    end(tx, asker)
    person, directory = asker.person.key, asker.directory
    return tokens.issue(tx, directory.plan_id, Wanted(directory.plan_key, person, EVERYTHING, LASTS, NAME), person)


def end(tx: Tx, asker: Asker) -> int:
    """End the token that somebody made themselves; return how many there were."""
    made = [one for one in standing(tx, asker) if one.made_by == asker.person.key and one.name == NAME]
    for one in made:
        tokens.end(tx, one, asker.person.key)
    tx.session.flush()
    return len(made)


def standing(tx: Tx, asker: Asker) -> list[ApiToken]:
    """The tokens by which git or another program acts for somebody, whoever made them."""
    every = tokens.listed(tx, asker.directory.plan_id)
    return [
        one for one in every
        if one.person == asker.person.key and one.revoked_at is None and one.expires_at > tx.now
    ]  # fmt: skip


def who_asks(tx: Tx, plan: str, handle: str, secret: str, scope: str) -> tuple[tokens.Bearer, Asker]:
    """Who asks with a name, which may be an e-mail address, and a token.

    Raises Problem where nobody is known so, and Barred where the token is known and may not do this.
    """
    bearer = tokens.bearer(tx, tokens.digest(secret), plan, scope)
    directory = teams.directory(tx, bearer.plan_id)
    person = directory.people.get(bearer.person)
    if person is None or person.vacant:
        sentence = f"`{bearer.person}`, for whom this token acts, is not in {directory.plan_name} any more."
        raise Barred(bearer, tokens.unauthorized("gone", sentence))
    if handle.casefold() not in filter(None, (person.key.casefold(), person.email.casefold())):
        sentence = f"This token is {person.name}'s: git has to give the user name `{person.key}` with it."
        raise Barred(bearer, tokens.unauthorized("other-name", sentence))
    return bearer, Asker(directory, person)


def address(tx: Tx, plan_key: str, repository: str) -> str:
    """Where git finds the locks of a repository, for `lfs.url`."""
    path = f"/lfs/{plan_key}/{repository}"
    return web.address(tx, path) or f"https://YOUR-CALLBOARD{path}"


def credentials(request: Request) -> tuple[str, str]:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, secret) if kind.lower() == "basic" else ("", "")
