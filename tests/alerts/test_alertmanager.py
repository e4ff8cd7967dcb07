"""Debian's Alertmanager, with a real configuration, on loopback: it pages and resolves again."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from benchmarks.servers import free_port
from tests.alerts.monitored import Monitored
from tests.locks.git import Served

DATABASES = ("sqlite",)  # what another program sends

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
CONFIGURATION = Path(__file__).parents[2] / "docs" / "alerts.md"
pytestmark = pytest.mark.skipif(
    not ALERTMANAGER, reason="Alertmanager is not installed: apt-get install prometheus-alertmanager"
)


def configured(url: str, token: str) -> str:
    """The configuration that docs/alerts.md shows, with this address and token, and no time to wait."""
    _, _, text = CONFIGURATION.read_text().partition("```yaml\n# alertmanager.yml\n")
    text = text.partition("```")[0]
    for shown, own in (
        ("https://callboard.example.com", url), ("callboard_YOUR_TOKEN", token), ("group_wait: 10s", "group_wait: 0s"),
        ("group_interval: 1m", "group_interval: 1s"),
    ):  # fmt: skip
        assert shown in text, shown
        text = text.replace(shown, own)
    return text


async def settled(world: Monitored, condition) -> None:
    """Wait for what Alertmanager reports, and let follow what follows."""
    async with asyncio.timeout(20):
        while not condition():
            await world.settled()
            await asyncio.sleep(0.05)


async def test_alertmanager_pages_the_role_of_its_rule_and_resolves_again(database_url, tmp_path):
    async with Monitored(database_url) as world, Served(world.app.web) as served:
        (tmp_path / "alertmanager.yml").write_text(configured(served.url, world.token("amp", "alerts")))
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            str(ALERTMANAGER), f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as alertmanager:
                await ready(alertmanager)
                labels = {"alertname": "HighErrorRate", "service": "checkout"}
                notes = {"summary": "Error rate above 1 %"}
                now = datetime.now(UTC)
                fires = {"labels": labels, "annotations": notes, "startsAt": now.isoformat()}
                assert (await alertmanager.post("/api/v2/alerts", json=[fires])).status_code == 200
                await settled(world, lambda: world.dm("pb").messages)
                world.dm("pb").expect("Blocker 1", "HighErrorRate (service checkout): Error rate above 1 %")
                ends = fires | {"endsAt": (now + timedelta(milliseconds=1)).isoformat()}
                assert (await alertmanager.post("/api/v2/alerts", json=[ends])).status_code == 200
                await settled(world, lambda: world.row("blocker", 1).state == "resolved")
                await world.settled()
                world.thread(world.card(channel="release")).expect("Prometheus Alertmanager resolved it")
        finally:
            process.terminate()
            await process.wait()


async def ready(alertmanager: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                if (await alertmanager.get("/-/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
