"""Whom Slack does not reach is reached by mail, SMS or telephone; the coordinator hears of those who are not."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import col, select

from callboard.core import outbox
from callboard.core.courier.carrier import Final, Later, Lost, Passing, Unseen
from callboard.core.hosts import PUBLIC, Hosts
from callboard.core.outbox import DeliveriesParked, Message, PagesUnaccepted, Post, Priority
from callboard.core.resolver import look_up
from callboard.core.timeline import Subject
from callboard.core.workshop import Workshop
from callboard.teams import notices
from callboard.teams.fallback import Fallback, clean
from callboard.teams.fallback.postroom import Warden
from tests.planfile.sample import apply

# What Apprise imports on Python 3.11.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")

MAIL, PHONE = "mailto://localhost:1?to={to}", "json://localhost:1/{to}"


@pytest.mark.parametrize(
    ("address", "urls"),
    [
        ("env:ONE", ["json://one.example.com"]),
        ("env:TWO env:NONE", ["json://two.example.com", "xml://two.example.com"]),
        ("someone@example.com", ["mailto://localhost:1?to=someone@example.com"]),
        ("env:PHONE", ["json://localhost:1/+49301234"]),
        ("+49301234 a@b.c", ["json://localhost:1/+49301234", "mailto://localhost:1?to=a@b.c"]),
    ],
)
def test_fallback_addresses_come_from_the_plan_and_the_environment(address, urls):
    held = {
        "ONE": "json://one.example.com",
        "TWO": "json://two.example.com xml://two.example.com",
        "PHONE": "+49 30 1234",
    }
    assert [url for url, _ in Fallback(MAIL, PHONE, held).ways(address)] == urls


def test_fallback_without_mail_and_phone_uses_only_urls():
    assert list(Fallback().ways("a@b.c +49301234 json://localhost")) == [("json://localhost", False)]


def delivery(address):
    return SimpleNamespace(address=address)


async def test_the_fallback_delivers_a_page_by_mail(mailbox):
    medium = Fallback(f"mailto://127.0.0.1:{mailbox.port}?from=bot@example.com&to={{to}}")
    accepted = await medium.post(delivery("two@example.com"), Message("Mongo refuses TLS", title="Blocker 1"), None)
    assert (accepted.channel, accepted.stamp) == ("mail", "")
    ((to, message),) = mailbox.received
    assert to == ["two@example.com"]
    assert "Blocker 1" in str(message)


async def test_one_fallback_that_works_is_enough_and_failed_ones_are_tried_again(mailbox):
    mail = f"mailto://127.0.0.1:{mailbox.port}?from=bot@example.com&to={{to}}"
    medium = Fallback(mail, schemes=["json"], hosts=Hosts(["127.0.0.0/8"], look_up))
    await medium.post(delivery("json://127.0.0.1:1 two@example.com"), Message("x"), None)
    assert len(mailbox.received) == 1
    with pytest.raises(Passing):
        await medium.post(delivery("json://127.0.0.1:1"), Message("x"), None)
    with pytest.raises(Final, match="env:NOTHING"):
        await medium.post(delivery("env:NOTHING"), Message("x"), None)


async def test_the_fallback_is_unsure_where_a_server_takes_a_message_and_says_nothing(mailbox):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = f"json://127.0.0.1:{silent.getsockname()[1]}"
        allowed: Any = {"schemes": ["json"], "hosts": Hosts(["127.0.0.0/8"], look_up), "limit": 2.0}
        with pytest.raises(Lost, match="another way: no answer in time"):
            await Fallback(**allowed).post(delivery(mute), Message("x"), None)
        mail = f"mailto://127.0.0.1:{mailbox.port}?from=bot@example.com&to={{to}}"
        accepted = await Fallback(mail, **allowed).post(delivery(f"{mute} two@example.com"), Message("x"), None)
    assert accepted.channel == "mail"
    assert len(mailbox.received) == 1


def test_the_fallback_process_is_told_no_secret_of_callboard():
    told = clean({"SLACK_BOT_TOKEN": "xoxb-1", "CALLBOARD_MAIL_URL": "m", "DATABASE_URL": "p", "PATH": "/bin"})
    assert told == {"PATH": "/bin"}


async def test_a_fallback_that_may_repeat_itself_says_so(mailbox):
    medium = Fallback(f"mailto://127.0.0.1:{mailbox.port}?from=bot@example.com&to={{to}}")
    with pytest.raises(Unseen):
        await medium.find(delivery("one@example.com"))
    await medium.post(delivery("one@example.com"), Message("x", may_repeat=True), None)
    assert "This may be a repeat" in mailbox.received[0][1].as_string()


@pytest.fixture
def plan(db):
    return apply(db).plan_id


def page(plan, recipient, address, *, priority=Priority.PAGE, key="page:1"):
    return Post(
        key=key, plan_id=plan, workspace="T1", address=address, kind="blocker.page", subject=Subject("blocker", 1),
        priority=priority, recipient=recipient, args={"step": 1},
    )  # fmt: skip


def after(db, happened, *posts):
    """What is in the outbox besides the posts, once `happened` was told of them."""

    def tell(tx):
        outbox.enqueue(tx, posts)
        tx.flush()
        rows = tx.session.exec(select(outbox.Delivery).order_by(col(outbox.Delivery.id))).all()
        handler = notices.tell_parked if happened is DeliveriesParked else notices.page_otherwise
        handler(tx, happened(rows))
        handler(tx, happened(rows))
        tx.flush()
        every = tx.session.exec(select(outbox.Delivery).order_by(col(outbox.Delivery.id))).all()
        own = {post.key for post in posts}
        told = [one for one in every if one.key not in own and one.kind != notices.AWAY.kind]
        return [(one.medium, one.address, one.kind, one.recipient) for one in told]

    return db.transact(tell)


@pytest.mark.parametrize("happened", [DeliveriesParked, PagesUnaccepted])
def test_a_notice_of_teams_sends_a_page_once_by_other_ways_where_slack_takes_it_not(db, plan, happened):
    assert after(db, happened, page(plan, "two", "U0TWO")) == [("apprise", "env:TWO", "blocker.page", "two")]


@pytest.mark.parametrize("happened", [DeliveriesParked, PagesUnaccepted])
def test_a_notice_of_teams_tells_the_coordinator_whom_no_page_can_reach(db, plan, happened):
    assert after(db, happened, page(plan, "one", "U0BE1")) == [("slack", "U0CHIEF", "teams.unreached", "chief")]


def test_a_notice_of_teams_tells_the_coordinator_once_a_day_of_a_channel_without_messages(db, plan):
    cards = [page(plan, None, "#harbor", priority=Priority.UPDATE, key=f"card:{n}") for n in range(3)]
    assert after(db, DeliveriesParked, *cards) == [("slack", "U0CHIEF", "teams.parked", "chief")]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("json://127.0.0.1:1", "CALLBOARD_FALLBACK_SCHEMES"),
        ("form://example.com", "CALLBOARD_FALLBACK_SCHEMES"),
        ("syslog://", "CALLBOARD_FALLBACK_SCHEMES"),
        ("mailto://u:p@127.0.0.1?from=b@example.com&to=a@example.com", "CALLBOARD_HOSTS"),
        ("mailto://u:p@gmail.com?to=a@example.com&smtp=127.0.0.1", "CALLBOARD_HOSTS"),
        ("mailto://u:p@gmail.com?to=a@example.com&pgp=sign&pgpkey=/etc/passwd", "can't set `pgp`"),
        ("mailto://u:p@gmail.com?to=a@example.com&pgpkey=http://127.0.0.1/key", "can't set `pgpkey`"),
        ("mailto://u:p@gmail.com?to=a@example.com&verify=no", "can't set `verify`"),
        ("mailto://u:p@gmail.com?to=a@example.com&redirect=yes", "can't set `redirect`"),
        ("mailto://u:p@gmail.com?to=a@example.com&template=/etc/passwd", "can't set `template`"),
        ("mailto://u:p@gmail.com?to=a@example.com&attach=file:///etc/passwd", "can't set `attach`"),
        ("mailto://u:p@gmail.com?to=a@example.com&%2BX-Header=y", "can't set `x-header`"),
        ("mailto://u:p@gmail.com?to=a@example.com&smtp=127.1:25", "CALLBOARD_HOSTS|cannot be found"),
        ("mailto://u:p@gmail.com?to=a@example.com&SMTP=127.0.0.1", "CALLBOARD_HOSTS"),
        ("mailto://u:p@gmail.com?to=a@example.com&smtp=8.8.8.8&smtp=127.0.0.1", "CALLBOARD_HOSTS"),
        ("mailto://u:p@gmail.com?to=a@example.com;syslog://", "several addresses|CALLBOARD"),
        ("mailto://u:p@gmail.com?to=a@example.com,syslog://", "several addresses"),
        ("mailto://u:p@gmail.com?to=a@example.com,json://8.8.8.8/x", "several addresses"),
        ("mailto://u:p@gmail.com?to=a@example.com,mailto://u:p@gmail.com?mode=insecure", "several addresses"),
    ],
)
async def test_the_fallback_of_a_plan_goes_only_where_the_operator_allows_it(url, why):
    with pytest.raises(Final, match=why):
        await Fallback().post(delivery(url), Message("x"), None)


async def test_the_fallback_of_a_plan_finds_no_other_way_to_an_inner_address():
    """Neither by a redirect of a server that it may reach, nor by a service that takes a host for something else."""
    reached = []

    def answers(to=""):
        class Page(BaseHTTPRequestHandler):
            def do_POST(self):
                reached.append(self.server.server_address)
                self.send_response(307 if to else 200)
                self.send_header("Location", to)
                self.end_headers()

            do_GET = do_POST  # noqa: N815 - as the base class calls it

            def log_message(self, *_):
                pass

        return Page

    with serving("127.0.0.2", answers()) as inner, serving("127.0.0.1", answers(f"http://127.0.0.2:{inner}/")) as outer:
        medium = Fallback(schemes=["json", "zulip"], hosts=Hosts([PUBLIC, "127.0.0.1/32"], look_up))
        with pytest.raises(Passing):
            await medium.post(delivery(f"json://127.0.0.1:{outer}"), Message("x"), None)
        with pytest.raises(Final, match=r"may not connect to 127\.0\.0\.2"):
            await medium.post(delivery(f"zulip://bot@127.0.0.2/{'a' * 32}"), Message("x"), None)
    assert reached == [("127.0.0.1", outer)]


@contextlib.contextmanager
def serving(host, page):
    with ThreadingHTTPServer((host, 0), page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("event", "given"),
    [
        ("socket.connect", (None, ("10.0.0.1", 25))), ("socket.connect", (None, ("::1", 25, 0, 0))),
        ("socket.connect", (None, ("::ffff:169.254.169.254", 80, 0, 0))), ("socket.connect", (None, "/run/some.sock")),
        ("socket.sendto", (None, ("127.0.0.1", 514))), ("subprocess.Popen", ("gpg", ["gpg"], None, None)),
        ("os.system", (b"id",)),
    ],
)  # fmt: skip
def test_the_fallback_starts_nothing_and_connects_to_nothing_that_its_plan_may_not_reach(event, given):
    warden = Warden()
    warden(event, given)  # it looks only while a plan's message is sent
    with warden.watching(Hosts([PUBLIC, "10.1.0.0/16"], look_up), ["127.0.0.9"]):
        with pytest.raises(PermissionError):
            warden(event, given)
        for allowed in ("8.8.8.8", "10.1.0.1", "127.0.0.9"):
            warden("socket.connect", (None, (allowed, 443)))
        warden("socket.sendmsg", (None, None))  # by a connection that stands
    assert warden.refused


def test_the_fallback_does_not_read_the_variables_of_callboard_itself():
    held = {"SLACK_BOT_TOKEN": "xoxb-1", "TOKEN": "a1b2c3", "DATABASE_URL": "postgresql://u:p@h/x"}
    medium = Fallback(MAIL, PHONE, held)
    assert not [*medium.ways("env:SLACK_BOT_TOKEN env:slack_bot_token env:DATABASE_URL env:TOKEN")]


async def test_the_fallback_shows_no_secret_of_an_address(caplog):
    assert not Fallback(environment={"WAY": "unknown://key@secret"}).usable("env:WAY")
    assert "secret" not in caplog.text
    with pytest.raises(Final) as failed:
        await Fallback().post(delivery("pagerduty:// unknown://key@secret"), Message("x"), None)
    assert str(failed.value) == "no usable address among: pagerduty://... unknown://..."


async def test_the_fallback_gives_nothing_up_while_the_process_that_sends_is_starting(tmp_path):
    gate, program = tmp_path / "gate", tmp_path / "slow.py"
    os.mkfifo(gate)
    begins = f"from callboard.core.workshop import serve\nopen({str(gate)!r}).read()\n"
    program.write_text(f"{begins}serve(lambda letter: ['took', 'a test'])\n")
    workshop = Workshop(str(program))
    medium = Fallback("mailto://localhost:1?to={to}", limit=0.1, postroom=workshop)
    with pytest.raises(Later):
        await medium.post(delivery("two@example.com"), Message("x"), None)
    gate.write_text("")
    workshop.ready(60)
    medium.limit = 60.0
    assert (await medium.post(delivery("two@example.com"), Message("x"), None)).channel == "mail"
    workshop.close()
