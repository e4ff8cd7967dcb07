"""The web behind a real nginx, with the configuration that `deploy/` has."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import shutil
import ssl
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from benchmarks.servers import free_port
from tests.board.conftest import OBSERVED, PEOPLE, PUBLIC, Public, come
from tests.board.test_stream import listens, told
from tests.web.strangers import SECRET, command
from tests.web.test_server import Listening
from tests.world import MORNING, until

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed: apt-get install nginx-light")
DATABASES = ("sqlite",)  # what stands before the web
CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx" / "callboard.conf"
HOST = PUBLIC.split("/")[2]
AROUND = """\
daemon off; {user} pid {folder}/pid; error_log {folder}/log;
events {{}}
http {{
    access_log off; include {folder}/callboard.conf;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
}}
"""


class Proxied(Public):
    """The world, and the secret that it shares with GitHub."""

    def settings(self):
        return super().settings().model_copy(update={"github_secret": SecretStr(SECRET)})


@asynccontextmanager
async def nginx(callboard: int, folder: Path):
    """The ports at which it speaks TLS and plain HTTP, before a Callboard on another port."""
    certified(folder)
    tls, plain = free_port(), free_port()
    text = re.sub(r"\n *listen \[.*", "", CONFIGURATION.read_text())
    for shown, own in (
        ("127.0.0.1:3000", f"127.0.0.1:{callboard}"), ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443", f"listen 127.0.0.1:{tls}"), (f"/etc/letsencrypt/live/{HOST}", str(folder)),
    ):  # fmt: skip
        assert shown in text, shown
        text = text.replace(shown, own)
    (folder / "callboard.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    process = await asyncio.create_subprocess_exec(str(NGINX), "-c", str(folder / "nginx.conf"), "-e", f"{folder}/log")
    try:
        await until((folder / "pid").exists)
        yield tls, plain
    finally:
        process.terminate()
        await process.wait()


def certified(folder: Path) -> None:
    """A key and a certificate that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(MORNING - timedelta(days=1)).not_valid_after(MORNING + timedelta(days=40_000))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    kept = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "privkey.pem").write_bytes(kept)
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))


class Resolved(httpx.AsyncHTTPTransport):
    """Finds the host of the certificate at a port of this machine, and comes from one of its addresses."""

    def __init__(self, port: int, folder: Path, client: str = "127.0.0.1") -> None:
        super().__init__(verify=ssl.create_default_context(cafile=folder / "fullchain.pem"), local_address=client)
        self._port = port

    async def handle_async_request(self, request):
        url = request.url.copy_with(host="127.0.0.1", port=self._port)
        how = {"headers": request.headers, "stream": request.stream}
        sent = httpx.Request(request.method, url, **how, extensions=request.extensions | {"sni_hostname": HOST})
        return await super().handle_async_request(sent)


@pytest.fixture
async def house(database_url, tmp_path):
    """The bot behind nginx; `comes` makes a client that has an address of its own."""
    async with (
        Proxied(database_url, OBSERVED, people=PEOPLE) as world,
        Listening(world.app.web) as served,
        nginx(served.socket.getsockname()[1], tmp_path) as (tls, plain),
    ):

        def comes(client="127.0.0.1"):
            return httpx.AsyncClient(transport=Resolved(tls, tmp_path, client), base_url=PUBLIC, timeout=60)

        async with comes() as http:
            yield SimpleNamespace(world=world, http=http, comes=comes, plain=plain)


async def test_what_slack_signs_arrives_through_nginx(house):
    answer = await house.http.post("/slack/events", **command("mongo refuses TLS", house.world.slack.spec.team_id))
    assert answer.status_code == 200
    await house.world.settled()
    assert house.world.row("blocker", 1).what == "mongo refuses TLS"


async def test_the_board_hears_through_nginx_what_happens_as_it_happens(house):
    await come(house.world, house.http)
    assert all(cookie.secure for cookie in house.http.cookies.jar)
    async with listens(house, 0) as events:
        await told(events, "clock")
        await house.world.says("pa", "/blocker mongo refuses TLS")
        await told(events, "Blocker 1: Person A raised it")


async def test_a_large_webhook_passes_nginx_and_a_larger_one_does_not(house):
    for megabytes, expected in ((20, 422), (26, 413)):
        body = b"[" + b" " * megabytes * 1_000_000
        signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-Hub-Signature-256": f"sha256={signed}",
            "X-GitHub-Event": "push",
            "Content-Type": "application/json",
        }
        answer = await house.http.post("/hooks/github", content=body, headers=headers)
        assert answer.status_code == expected, answer.text[:300]


async def test_who_guesses_behind_nginx_is_stopped_and_nobody_else(house):
    async with house.comes("127.0.0.2") as guesser:
        headers = {"Authorization": "Bearer callboard_wrong"}
        asked = [await guesser.get("/api/v1/plans/release/tasks", headers=headers) for _ in range(32)]
        assert [asked[0].status_code, asked[-1].status_code] == [401, 429]
        headers["X-Forwarded-For"] = "10.9.8.7"  # whoever says so is not believed
        assert (await guesser.get("/api/v1/plans/release/tasks", headers=headers)).status_code == 429
    assert (await house.http.get("/api/v1/plans/release/tasks", headers=headers)).status_code == 401


async def test_nginx_keeps_to_itself_what_is_for_the_machine_and_sends_plain_http_to_tls(house):
    for path in ("/healthz", "/readyz", "/metrics", "/", "/boards"):
        assert (await house.http.get(path)).status_code == 404, path
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{house.plain}", trust_env=False) as plain:
        answer = await plain.post("/slack/events", headers={"Host": HOST})
    assert (answer.status_code, answer.headers["location"]) == (308, f"{PUBLIC}slack/events")
