"""The token with which git acts for somebody, made and ended in Slack: `/lock token`."""

from __future__ import annotations

from callboard import web
from callboard.blocks import markup as m
from callboard.branches import service as branches
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Arguments
from callboard.slack.requests import Request
from callboard.teams.directory import Asker
from callboard.teams.slack import asker
from callboard.web import tokens
from callboard.web.tokens import ApiToken, Wanted

GIT, LASTS = "git", tokens.LONGEST


def token(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    word = (args["word"] or "").strip().lower()
    if word in ("end", "off", "revoke"):
        return Say("Your token has ended. git can't use it any more." if end_token(tx, who) else "You have none.")
    if word in ("list", "show"):
        return Say("\n".join(map(_token, tokens_of(tx, who))) or "No token acts for you.")
    if word not in ("", "new", "make"):
        raise Refused(f"{m.code(word)} is not `end` or `list`. `/lock token` alone makes a new one.")
    secret = make_token(tx, who)
    path = f"/lfs/{who.directory.plan_key}/{next(iter(branches.repositories(tx, who.directory.plan_id)), 'main')}"
    return Say(
        f"Your token for git. Only you see it, and only now:\n```{secret}```\n"
        f"In your clone: `git config lfs.url {web.address(tx, path) or f'https://YOUR-CALLBOARD{path}'}`, then "
        f"`git lfs lock FILE`. git asks for a user name, {m.code(who.person.key)}, and a password, the token.\n"
        f"It is valid until {m.date(tx.now + LASTS, 'day')}, and replaces the one you made before. "
        "End it: `/lock token end`. List yours: `/lock token list`.",
        again="I gave you this token already, and I don't keep it. Make another: `/lock token`",
    )


def make_token(tx: Tx, asker: Asker) -> str:
    """Make somebody's token and return it; the one that they made before ends."""
    end_token(tx, asker)
    person, directory = asker.person.key, asker.directory
    return tokens.issue(tx, directory.plan_id, Wanted(directory.plan_key, person, ("locks",), LASTS, GIT), person)


def end_token(tx: Tx, asker: Asker) -> bool:
    """End the token that somebody made themselves; whether they had one."""
    own = [token for token in tokens_of(tx, asker) if token.made_by == asker.person.key and token.name == GIT]
    for token in own:
        tokens.end(tx, token, asker.person.key)
    tx.session.flush()
    return bool(own)


def tokens_of(tx: Tx, asker: Asker) -> list[ApiToken]:
    """The tokens with which git or another program acts for somebody, whoever made them."""
    return [
        token for token in tokens.listed(tx, asker.directory.plan_id)
        if token.person == asker.person.key and token.revoked_at is None and token.expires_at > tx.now
    ]  # fmt: skip


def _token(token: ApiToken) -> str:
    name = f" ({m.escape(token.name)})" if token.name else ""
    made = f"made by {m.escape(token.made_by)} {m.date(token.made_at, 'day')}, until {m.date(token.expires_at, 'day')}"
    return f"Token {token.id}{name} for {', '.join(token.scopes)}: {made}."
