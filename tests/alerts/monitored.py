"""A release that is watched: monitoring reports, heartbeats beat, and people are paged or told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx
from pydantic import SecretStr

from tests.world import PLAN, World

RULES = """\
alerts:
  - {match: {alertname: HighErrorRate}, severity: critical, policy: default, page: [pb], group_by: [alertname, service]}
  - {match: {alertname: Slow*, team: sigma}, team: sigma, escalate: default, tell: ["#urgent", stan]}
  - {name: Queries, match: {alertname: SlowQueries}, tell: ["#release", sara]}
  - {match: {alertname: DiskFull}, page: [sc]}
  - {heartbeat: nightly-backup, every: 24h, grace: 1h, page: [pa], tell: ["#urgent"]}
"""
SECRET = "between us"


class Monitored(World):
    """The world, and what monitoring sends to it."""

    def __init__(self, database_url: str, plan: str = PLAN + RULES, **how: Any) -> None:
        super().__init__(database_url, plan, **how)
        self._secret = ""

    def settings(self) -> Any:
        return super().settings().model_copy(update={"sentry_secret": SecretStr(SECRET)})

    async def sends(self, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> httpx.Response:
        """Post something to a hook, and let everything follow that follows at this instant."""
        answer = await self.posts(path, body, token=token, **headers)
        await self.settled()
        return answer

    async def posts(self, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> httpx.Response:
        """The same, while nothing else happens."""
        if token is None:
            token = self._secret = self._secret or self.token("amp", "alerts")
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        own = {"Authorization": f"Bearer {token}"} if token else {}
        asgi = httpx.ASGITransport(self.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as http:
            return await http.post(f"/hooks/{path}", content=raw, headers=own | headers)

    async def fires(self, *names: str, status: str = "firing", **labels: Any) -> Any:
        """What Alertmanager sends of alerts with these names and labels."""
        alerts = [alert(name, status, self.clock.now().isoformat(), **labels) for name in names]
        answer = await self.sends("alertmanager", {"version": "4", "status": status, "alerts": alerts})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ends(self, *names: str, **labels: Any) -> Any:
        return await self.fires(*names, status="resolved", **labels)

    async def beats(self, name: str) -> httpx.Response:
        return await self.sends(f"heartbeat/{name}")

    async def sentry(self, resource: str, body: Any, *, secret: str = SECRET, path: str = "sentry") -> httpx.Response:
        raw = json.dumps(body).encode()
        signed = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        headers = {"Sentry-Hook-Resource": resource, "Sentry-Hook-Signature": signed}
        return await self.sends(path, raw, token="", **headers)

    async def plan_alerts(self) -> str:
        return str((await self.says("amp", "/plan alerts", "release")).text)


def alert(name: str, status: str, at: str, *, summary: str = "", **labels: Any) -> dict[str, Any]:
    """One alert as Alertmanager 0.25 sends it."""
    named = {"alertname": name, **{key: str(value) for key, value in labels.items()}}
    return {
        "status": status, "labels": named, "annotations": {"summary": summary} if summary else {},
        "startsAt": at if status == "firing" else "2025-11-13T08:00:00Z",
        "endsAt": at if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=up",
        "fingerprint": hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:16],
    }  # fmt: skip


def basic(token: str, name: str = "callboard") -> str:
    return f"Basic {base64.b64encode(f'{name}:{token}'.encode()).decode()}"
