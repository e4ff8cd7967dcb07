"""Installations, and attempts to install, by the interfaces of slack_sdk.

Its own stores would open another connection beside the one that writes: these are on our database.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from callboard.answers import store as keys
from callboard.core.db import Database, Tx
from callboard.installations import models, service, store
from callboard.installations.vault import Vault
from callboard.slack import idempotency
from callboard.slack.answers import Done

VALID = timedelta(minutes=10)
SALT = "callboard.install"


class Installations(AsyncInstallationStore):
    """The installations of the database, with their tokens opened."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._vault = vault

    async def async_save(self, installation: Installation) -> None:
        await self._db.write(self._kept, installation)

    async def async_find_bot(self, *, team_id: str | None, **_: Any) -> Bot | None:
        """The bot of a workspace; one without a token where the secret of the app is another one by now."""
        row = await self._db.read(store.of, team_id or "")
        return None if row is None or row.ended_at is not None else self._bot(row)

    async def async_delete_bot(self, *, team_id: str | None, **_: Any) -> None:
        await self._db.write(service.end, team_id or "", "ended here")

    async def async_delete_installation(self, *, team_id: str | None, **_: Any) -> None:
        """End it: nobody's own token is kept."""
        await self.async_delete_bot(team_id=team_id)

    async def standing(self) -> Sequence[Bot]:
        return [self._bot(row) for row in await self._db.read(store.standing)]

    def _kept(self, tx: Tx, found: Installation) -> None:
        team = found.team_id or ""
        service.install(tx, models.Installation(
            team_id=team, enterprise_id=found.enterprise_id or "", name=found.team_name or team,
            app_id=found.app_id or "", bot_id=found.bot_id or "", bot_user_id=found.bot_user_id or "",
            scopes=",".join(found.bot_scopes or ()), sealed=self._vault.sealed(team, found.bot_token or ""),
            installed_at=tx.now,
        ))  # fmt: skip

    def _bot(self, row: models.Installation) -> Bot:
        return Bot(
            app_id=row.app_id, enterprise_id=row.enterprise_id or None, team_id=row.team_id, team_name=row.name,
            bot_token=self._vault.opened(row.team_id, row.sealed), bot_id=row.bot_id, bot_user_id=row.bot_user_id,
            bot_scopes=row.scopes, installed_at=row.installed_at.timestamp(),
        )  # fmt: skip


class States(AsyncOAuthStateStore):
    """Attempts to install: signed, good for ten minutes, and for one use. Nothing is written when one begins."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def async_issue(self, *_: Any, **__: Any) -> str:
        return await self._db.read(_issued)

    async def async_consume(self, state: str) -> bool:
        return await self._db.write(_consumed, state)


def _issued(tx: Tx) -> str:
    until = int((tx.now + VALID).timestamp())
    return str(_signer(tx).dumps([secrets.token_urlsafe(16), until]))


def _consumed(tx: Tx, state: str) -> bool:
    try:
        _, until = _signer(tx).loads(state)
    except BadData:
        return False
    key = f"install/{hashlib.sha256(state.encode()).hexdigest()}"
    return bool(until > tx.now.timestamp()) and idempotency.keep(tx, key, Done())


def _signer(tx: Tx) -> URLSafeSerializer:
    return URLSafeSerializer(keys.key(tx), salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})
