"""A world whose people have mail and a webhook beside Slack."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import httpx
import pytest
from pydantic import SecretStr

from tests.world import PLAN, World

PEOPLE = PLAN.replace("slack: UOLGA", "slack: UOLGA, email: olga@example.com").replace(
    "slack: USARA", "slack: USARA, email: sara@example.com"
)
LINK = re.compile(r"https://callboard\.example\.com(/answer/\S+)")


class Outside(World):
    """The bot with a mail server, and where the web reaches it."""

    mail = 0
    public = "https://callboard.example.com/"

    def settings(self):
        mail = f"mailto://127.0.0.1:{self.mail}?from=bot@example.com&to={{to}}"
        given = {"mail_url": SecretStr(mail), "public_url": self.public or None}
        return super().settings().model_copy(update=given)


@pytest.fixture
def webhook():
    """A web server that takes every message as JSON."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(port=server.server_port, received=received)
    server.shutdown()
    server.server_close()


@pytest.fixture
async def outside(database_url, mailbox, webhook):
    """The world, with `mail(person)`, `hook()` and `http`, whose requests need no login."""
    plan = PEOPLE.replace("slack: UAMP", f'slack: UAMP, fallback: ["json://127.0.0.1:{webhook.port}"]')
    world = Outside(database_url, plan)
    world.mail = mailbox.port
    async with (
        world,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(world.app.web), base_url="https://callboard.example.com"
        ) as http,
    ):
        yield SimpleNamespace(world=world, http=http, mailbox=mailbox, webhook=webhook)


def mails(outside, person):
    """The text of each mail to somebody."""
    found = [message for to, message in outside.mailbox.received if to == [f"{person}@example.com"]]
    return [message.get_body(("plain",)).get_content() for message in found]


def link(text):
    """Where the link in a message leads."""
    found = LINK.search(text)
    assert found, text
    return found[1]
