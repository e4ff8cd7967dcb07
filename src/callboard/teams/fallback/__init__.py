"""Mail, SMS, telephone and whatever else Apprise reaches, for those whom Slack does not.

An answer that does not come makes a message uncertain, not failed: it may have arrived.

postroom: the process that sends, each message in a fork with a time limit
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog

from callboard.core.courier.carrier import Accepted, Final, Later, Lost, Passing, Unseen
from callboard.core.errors import Refused
from callboard.core.hosts import PUBLIC, Hosts
from callboard.core.resolver import look_up
from callboard.core.workshop import Away, Starting, Workshop
from callboard.planfile.types import is_own_variable

if TYPE_CHECKING:
    from callboard.core.outbox import Delivery, Message

log = structlog.get_logger()
PROGRAM = str(Path(__file__).with_name("postroom.py"))
MAIL = ("mailto:", "mailtos:")
NUMBER = re.compile(r"\+?[0-9 ()./-]{3,40}")
MAY_REPEAT = "This may be a repeat: the first try got no answer."
LIMIT, STARTS_WITHIN = 8.0, 4.0
"""Seconds: for sending a message in every way, and of these for the process that sends to begin."""
START_AGAIN = 1.0
"""Seconds until it is looked again whether that process has begun: a busy machine may need longer."""
AT_ONCE, SUBJECT = 40, 120
BY_MAIL, BY_PHONE, BY_OTHERS = "mail", "phone", "another way"


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that are not Callboard's own."""
    return {key: held for key, held in environment.items() if not is_own_variable(key)}


POSTROOM = Workshop(PROGRAM, at_once=AT_ONCE, environment=clean(os.environ))
"""One for all."""


class Fallback:
    """The outbox's medium "apprise". An address lists Apprise URLs, e-mail addresses, telephone numbers and `env:NAME`.

    `mail` and `phone` are Apprise URLs with `{to}` where an address or number goes; without them only URLs can be used.
    URLs in the plan are held to `schemes` and `hosts`; those in a variable are the operator's own.
    """

    def __init__(
        self, mail: str = "", phone: str = "", environment: Mapping[str, str] | None = None, *,
        schemes: Collection[str] = ("mailto", "mailtos"), hosts: Hosts | None = None, limit: float = LIMIT,
        postroom: Workshop = POSTROOM,
    ) -> None:  # fmt: skip
        self._mail = mail
        self._phone = phone
        self._schemes = tuple(schemes)
        self._hosts = hosts or Hosts((PUBLIC,), look_up)
        self._environment = os.environ if environment is None else environment
        self.limit = limit
        self._postroom = postroom

    async def post(self, delivery: Delivery, message: Message, thread: tuple[str, str] | None) -> Accepted:  # noqa: ARG002
        """Send in every way at once; one that works is enough, and `channel` names it.

        Raises Final where no way is usable, Passing where none works, Lost where nobody knows, and Later while the
        process that sends is starting.
        """
        until = time.monotonic() + self.limit
        ways = list(self.ways(delivery.address))
        if ways:
            await self._start()
        outcomes = await asyncio.gather(*(self._notify(url, message, until, is_own=own) for url, own in ways))
        took = list(dict.fromkeys(by for outcome, by in outcomes if outcome == "took"))
        unsure = list(dict.fromkeys(by for outcome, by in outcomes if outcome == "unsure"))
        if took:
            return Accepted(" and ".join(took))
        if unsure:
            raise Lost(f"{' and '.join(unsure)}: no answer in time")
        if any(outcome == "failed" for outcome, _ in outcomes):
            raise Passing("mail, SMS and telephone did not take it")
        refused = [why for outcome, why in outcomes if outcome == "refused"]
        raise Final(refused[-1] if refused else f"no usable address among: {shown(delivery.address)}")

    async def _start(self) -> None:
        try:
            await self._postroom.start(min(STARTS_WITHIN, self.limit / 2))
        except Starting as starting:
            raise Later(START_AGAIN) from starting
        except Away as away:
            raise Passing("the process that sends mail, SMS and telephone does not start") from away

    async def _notify(self, url: str, message: Message, until: float, *, is_own: bool) -> tuple[str, str]:
        """What became of it by one way, and by what way; or why that is refused.

        Mail has the HTML where there is any, with plain text beside it; every other way has plain text. The subject of
        a mail says what it is about: a lock screen shows no more.
        """
        is_mail = url.startswith(MAIL)
        as_html = bool(message.html) and is_mail
        about = message.plain.partition("\n")[0] if is_mail and not message.html else ""
        body, kind = (message.html, "html") if as_html else (message.plain or message.text, "text")
        if message.may_repeat:
            body = f"<p>{MAY_REPEAT}</p>{body}" if as_html else f"{MAY_REPEAT}\n{body}"
        letter = {
            "url": url, "is_own": is_own, "schemes": self._schemes, "hosts": self._hosts.words, "body": body,
            "title": shorten(about or message.title or "Callboard", SUBJECT), "format": kind,
        }  # fmt: skip
        try:
            outcome, said = await self._postroom.ask(letter, max(until - time.monotonic(), 1))
        except TimeoutError:
            return "unsure", self._by(url)
        except Away:
            return "failed", self._by(url)
        if outcome == "refused":
            log.warning("fallback.refused", address=shown(url), why=said)
            return outcome, said
        return outcome, self._by(url, said)

    def _by(self, url: str, service: str = "") -> str:
        """How people call a way."""
        if url.startswith(MAIL):
            return BY_MAIL
        by_phone = self._phone and url.startswith(self._phone.partition("{to}")[0])
        return BY_PHONE if by_phone else service or BY_OTHERS

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        """Send it again: what was sent this way can't be changed."""
        return await self.post(delivery, message, None)

    async def find(self, delivery: Delivery) -> Accepted | None:
        """Nobody can look up what mail or telephone has taken."""
        raise Unseen(delivery.address)

    def usable(self, address: str) -> bool:
        """Whether one of the ways can be used. It looks hosts up."""
        return any(self._is_usable(url, is_own=is_own) for url, is_own in self.ways(address))

    def _is_usable(self, url: str, *, is_own: bool) -> bool:
        from callboard.teams.fallback import postroom

        try:
            made: Any = postroom.sender(url, is_own=is_own, schemes=self._schemes, hosts=self._hosts)
        except Refused:
            return False
        return made is not None

    def ways(self, address: str) -> Iterator[tuple[str, bool]]:
        """The Apprise URLs that an address stands for, and whether the operator wrote them.

        What points to nothing is left out, and logged by its name.
        """
        for way in address.split():
            variable = way.removeprefix("env:")
            is_own = variable != way
            held = self._held(variable).split() if is_own else [way]
            if not held:
                log.warning("fallback.unset", variable=variable)
            if held and not any("://" in word or "@" in word for word in held):
                held = ["".join(held)]
            for one in held:
                if "://" in one:
                    yield one, is_own
                elif url := self._url(one):
                    yield url, True

    def _held(self, variable: str) -> str:
        return "" if is_own_variable(variable) else self._environment.get(variable, "")

    def _url(self, way: str) -> str:
        template = self._mail if "@" in way else self._phone if NUMBER.fullmatch(way) else ""
        return template.replace("{to}", quote(way, safe="+@"))


def shown(address: str) -> str:
    """An address without its secrets."""
    return " ".join(f"{way.partition('://')[0]}://..." if "://" in way else way for way in address.split())
