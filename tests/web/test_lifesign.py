"""A sign of life goes out while the bot is ready, and only then; that it fails disturbs nobody."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from callboard.app.lifesign import LifeSign, attempt
from callboard.core.hosts import Hosts
from callboard.core.resolver import look_up
from callboard.doctor.round import examine

DATABASES = ("sqlite",)  # it asks an address
LOCAL = Hosts(["127.0.0.0/8"], look_up)


@pytest.fixture
def watch():
    """A service that notices when nobody asks: its address, what was asked, and what it answers."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(500 if self.path.startswith("/broken") else 200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


async def test_the_app_sends_signs_of_life_only_while_it_is_ready(watch):
    url, asked = watch
    why = ["the clock has not ticked yet"]
    outcomes: list[bool] = []

    async def trouble():
        return why[0]

    sign = LifeSign(f"{url}/ping/secret", LOCAL, trouble, outcomes.append)
    await sign.beat()
    assert (asked, outcomes) == ([], [])
    why[0] = ""
    await sign.beat()
    assert (asked, outcomes) == (["/ping/secret"], [True])
    await LifeSign(f"{url}/broken", LOCAL, trouble, outcomes.append).beat()
    assert outcomes == [True, False]


async def test_the_app_sends_no_sign_of_life_where_its_operator_allows_none(watch):
    url, asked = watch
    assert "CALLBOARD_HOSTS" in await attempt(url, Hosts(["public"], look_up))
    assert not asked
    assert await attempt("http://127.0.0.1:1/x", LOCAL) == "127.0.0.1 does not answer: ClientConnectorError."
    assert await attempt(f"{url}/broken/secret", LOCAL) == "127.0.0.1 answers 500."


async def test_the_doctors_round_tries_the_sign_of_life(world, watch):
    url, asked = watch
    for given, said in (("", "nobody notices"), (url, "was taken"), (f"{url}/broken", "answers 500")):
        settings = world.settings().model_copy(update={"heartbeat_url": SecretStr(given)})
        assert any(said in one.sentence for one in await examine(settings)), said
    assert len(asked) == 2


async def test_the_metrics_count_signs_of_life(world):
    world.app.metrics.gave_sign(False)
    assert b'callboard_life_signs_total{outcome="failed"} 1.0' in world.app.metrics.text()
