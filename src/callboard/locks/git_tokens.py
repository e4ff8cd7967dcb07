"""The tokens with which git locks in somebody's name; people make their own in Slack, for locks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard import web
from callboard.teams import service as teams
from callboard.teams.service import Asker
from callboard.web import tokens
from callboard.web.tokens import ApiToken, Barred, Bearer, Wanted

if TYPE_CHECKING:
    from callboard.core.db import Tx

SCOPES, NAME, LASTS = ("locks",), "git", tokens.LONGEST


def make(tx: Tx, asker: Asker) -> str:
    """Make somebody's token and return it; the one that they made before ends."""
    end(tx, asker)
    person, directory = asker.person.key, asker.directory
    return tokens.issue(tx, directory.plan_id, Wanted(directory.plan_key, person, SCOPES, LASTS, NAME), person)


def end(tx: Tx, asker: Asker) -> bool:
    """End the token that somebody made themselves; whether they had one."""
    own = [token for token in standing(tx, asker) if token.made_by == asker.person.key and token.name == NAME]
    for token in own:
        tokens.end(tx, token, asker.person.key)
    tx.session.flush()
    return bool(own)


def standing(tx: Tx, asker: Asker) -> list[ApiToken]:
    """The tokens with which git or another program acts for somebody, whoever made them."""
    return [
        token for token in tokens.listed(tx, asker.directory.plan_id)
        if token.person == asker.person.key and token.revoked_at is None and token.expires_at > tx.now
    ]  # fmt: skip


def who_asks(tx: Tx, plan: str, handle: str, secret: str, scope: str) -> tuple[Bearer, Asker]:
    """Who has this token, and uses it with their key or e-mail address. Raises Problem and Barred."""
    bearer = tokens.bearer(tx, tokens.digest(secret), plan, scope)
    directory = teams.directory(tx, bearer.plan_id)
    person = directory.people.get(bearer.person)
    if person is None or person.vacant:
        sentence = f"This token acts for `{bearer.person}`, who is not in {directory.plan_name} any more."
        raise Barred(bearer, tokens.unauthorized("gone", sentence))
    if handle.casefold() not in filter(None, (person.key.casefold(), person.email.casefold())):
        sentence = f"This token is {person.name}'s: git must send the user name `{person.key}` with it."
        raise Barred(bearer, tokens.unauthorized("other-name", sentence))
    return bearer, Asker(directory, person)


def address(tx: Tx, plan_key: str, repository: str) -> str:
    """Where git finds the locks of a repository, for `lfs.url`."""
    path = f"/lfs/{plan_key}/{repository}"
    return web.address(tx, path) or f"https://YOUR-CALLBOARD{path}"
