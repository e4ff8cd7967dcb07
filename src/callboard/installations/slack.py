"""What Slack says when a workspace leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from callboard.core.db import Tx
from callboard.installations import service
from callboard.slack.routes import Hears


def hear_uninstalled(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    at = event.get("event_time")
    said_at = datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None
    service.end(tx, workspace, str(event["type"]), said_at)


def takes_the_bot(event: Mapping[str, Any]) -> bool:
    """People's tokens are revoked with the same event, and this app has none."""
    return bool((event.get("tokens") or {}).get("bot"))


hears = (Hears("app_uninstalled", hear_uninstalled), Hears("tokens_revoked", hear_uninstalled, takes_the_bot))
