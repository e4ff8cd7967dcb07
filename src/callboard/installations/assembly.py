"""All of it together, as the composition root wants it where several workspaces are served."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from callboard.core.db import Database
from callboard.installations import slack
from callboard.installations.clients import Installed
from callboard.installations.oauth import Installations, States
from callboard.installations.vault import Vault
from callboard.settings import Settings

if TYPE_CHECKING:
    from fastapi import APIRouter

    from callboard.web.limits import Callers


class Assembly:
    """What hears that a workspace leaves, the client of each, and the pages on which one comes."""

    hears = slack.hears

    def __init__(self, db: Database, settings: Settings, called: Callable[[str], None]) -> None:
        self._db = db
        self._settings = settings
        self.store = Installations(db, Vault(settings.slack_client_secret.get_secret_value()))
        self.clients = Installed(db, self.store, settings.slack_api_url, called)

    def router(self, callers: Callers) -> APIRouter:
        from callboard.installations import web
        from callboard.installations.exchange import Exchange

        settings = self._settings
        exchange = Exchange.at(
            settings.public_url or "", client_id=settings.slack_client_id, api_url=settings.slack_api_url,
            client_secret=settings.slack_client_secret.get_secret_value(), installations=self.store,
            workspaces=settings.workspaces,
        )  # fmt: skip
        return web.router(exchange, States(self._db), callers, f"/{settings.command_prefix}plan")
