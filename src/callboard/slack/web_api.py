"""Slack's Web API, for answers, people and channels: what fails is logged, and nothing is sent twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from callboard.core.resolver import proxy_of
from callboard.slack import refusals

log = structlog.get_logger()

ANSWER_WITHIN = 8.0
CONNECT_WITHIN = 4.0
READ_WITHIN = 8.0
OK = 200
SLACKS = (".slack.com", ".slack-files.com", ".slack-gov.com")
UNKNOWN = {"users_not_found", "user_not_found", "user_not_visible"}
PAGE, TRIES = 200, 3
LONGEST_PAUSE = 30.0


def slack_client(base_url: str, **how: Any) -> AsyncWebClient:
    """A client that tries nothing twice. slack_sdk by itself would take a proxy to this machine's own addresses too."""
    made = AsyncWebClient(base_url=base_url, retry_handlers=[], **how)
    made.proxy = proxy_of(base_url)
    return made


# Slack reads no JSON here.
FORM_ENCODED = {
    "conversations.history", "conversations.info", "conversations.list", "conversations.members",
    "conversations.replies", "files.getUploadURLExternal", "files.info", "users.info", "users.lookupByEmail",
}  # fmt: skip


class WebApi:
    """One client for everything, on one pool of connections. Open it in the event loop that will use it."""

    def __init__(self, token: str, base_url: str) -> None:
        """`base_url` with or without its last slash: `https://slack.com/api/`."""
        self.base_url = base_url.rstrip("/") + "/"
        self.client = slack_client(self.base_url, token=token)
        self.scopes = ""
        """What the token may do, as Slack last said it, with commas."""
        self._session: aiohttp.ClientSession | None = None

    def carried_by(self, session: Any) -> None:
        """Let something else than a connection carry all requests: what `aiohttp.ClientSession` has is called on it."""
        self._session = session

    async def open(self) -> None:
        if self._session is not None:
            return
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN, sock_connect=CONNECT_WITHIN)
        # Found once: aiohttp by itself would read the environment and a file anew for every request.
        self.client.session = self._session = aiohttp.ClientSession(timeout=timeout, proxy=self.client.proxy)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, arguments: dict[str, Any]) -> AsyncSlackResponse:
        """Call any method. Raises `SlackApiError`, `aiohttp.ClientError`, `TimeoutError` or `OSError`.

        An answer that is not Slack's is a `SlackApiError` too, without an `error`. slack_sdk would follow redirects,
        and raise whatever it stumbles over in such an answer.
        """
        if self._session is None:
            raise OSError("not connected")
        sent: dict[str, Any] = {"data": _form(arguments)} if method in FORM_ENCODED else {"json": arguments}
        signed, url = {"Authorization": f"Bearer {self.client.token}"}, f"{self.client.base_url}{method}"
        async with self._session.post(url, headers=signed, allow_redirects=False, **sent) as response:
            answer, headers, status = _object(await response.read()), response.headers, response.status
        self.scopes = headers.get("x-oauth-scopes", self.scopes)
        answered = AsyncSlackResponse(
            client=self.client, http_verb="POST", api_url=url, req_args={}, data=answer, status_code=status,
            headers=headers,  # type: ignore[arg-type]
        )  # fmt: skip
        answered.validate()  # type: ignore[no-untyped-call]
        return answered

    async def show(self, trigger_id: str, view: dict[str, Any], *, on_top: bool = False) -> str:
        """Open a form, or put it on top of the one that is open; its id, or nothing when Slack did not."""
        opened = await self._called("views.push" if on_top else "views.open", trigger_id=trigger_id, view=view)
        return str(opened["view"]["id"]) if opened else ""

    async def change(self, view_id: str, view: dict[str, Any]) -> bool:
        return await self._called("views.update", view_id=view_id, view=view) is not None

    async def post(self, **message: Any) -> bool:
        return await self._called("chat.postMessage", **message) is not None

    async def whisper(self, **message: Any) -> bool:
        """Post what one person alone sees."""
        return await self._called("chat.postEphemeral", **message) is not None

    async def respond(self, response_url: str, body: Mapping[str, Any]) -> bool:
        """Answer over the address that came with a request."""
        session = self._session
        if session is None or not response_url:
            return False
        if not self.is_slacks(response_url):
            log.warning("slack.respond_elsewhere")
            return False
        try:
            async with session.post(response_url, json=body, allow_redirects=False) as response:
                if response.status != OK:
                    log.warning("slack.respond_failed", status=response.status, error=(await response.text())[:200])
                return response.status == OK
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("slack.respond_failed", error=f"{type(error).__name__}: {error}")
            return False

    def is_slacks(self, url: str) -> bool:
        """Whether an address is Slack's, or that of what stands in for it: only these are told anything."""
        try:
            wanted, own = urlsplit(url), urlsplit(self.base_url)
        except ValueError:
            return False
        slack = wanted.scheme == "https" and f".{wanted.hostname}".endswith(SLACKS)
        return slack or (wanted.scheme, wanted.netloc) == (own.scheme, own.netloc)

    async def download(self, url: str, most: int) -> tuple[int, str, bytes]:
        """Status, media type and the first bytes of a file of Slack's. Raises as `call` does."""
        if self._session is None:
            raise OSError("not connected")
        async with self._session.get(url, headers={"Authorization": f"Bearer {self.client.token}"}) as response:
            content = b""
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) >= most:
                    break
            return response.status, response.content_type, content

    async def upload(self, url: str, content: bytes) -> int:
        """Send a file to the address that Slack gave for it; the status of the answer. Raises as `call` does."""
        if self._session is None:
            raise OSError("not connected")
        async with self._session.post(url, data=content, allow_redirects=False) as response:
            await response.read()
            return response.status

    async def _called(self, method: str, **arguments: Any) -> AsyncSlackResponse | None:
        try:
            return await self.call(method, arguments)
        except SlackApiError as error:
            log.warning("slack.refused", method=method, error=error.response.get("error", error.response.status_code))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("slack.unreachable", method=method, error=f"{type(error).__name__}: {error}")
        return None


def _form(arguments: Mapping[str, Any]) -> dict[str, str]:
    """As forms are read: booleans as `true` and `false`, lists and objects as JSON."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object in an answer; an empty one where it is none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


async def pages(
    ask: Callable[..., Awaitable[AsyncSlackResponse]], method: str, **arguments: Any
) -> AsyncIterator[AsyncSlackResponse]:
    """Every page of a list; `ask(method, **arguments)` gets one."""
    cursor = ""
    while True:
        page = await ask(method, **arguments, **({"cursor": cursor} if cursor else {}))
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


async def ranked(api: WebApi, user: str) -> bool | None:
    """Whether somebody is an admin or owner of the workspace; None where Slack does not say so in time."""
    try:
        async with asyncio.timeout(READ_WITHIN):
            found = (await api.call("users.info", {"user": user}))["user"]
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("slack.rank_not_read", error=f"{type(error).__name__}: {error}")
        return None
    return bool(found.get("is_admin") or found.get("is_owner"))


class Errands:
    """Runs what nobody waits for to its end, and logs what it raises."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def run(self, errand: Coroutine[Any, Any, Any]) -> None:
        """Begin now, and continue whatever becomes of the caller."""
        task = asyncio.create_task(errand)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def finish(self, within: float) -> None:
        """Wait for what is running, up to `within` seconds, then cancel the rest."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=within)
            for task in late:
                task.cancel()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("errand.failed", exc_info=task.exception())


class Profile(NamedTuple):
    slack_id: str
    is_bot: bool
    is_confirmed: bool = True
    """Whether the address is known to be theirs."""
    deleted: bool = False
    is_guest: bool = False
    teams: frozenset[str] = frozenset()
    """The workspaces they are of: several in an organisation."""

    def hindrance(self, workspace: str) -> str:
        """Why this account can't take part in a workspace, in Slack's word; empty when it can."""
        if self.deleted:
            return "user_disabled"
        if self.is_bot:
            return "is_bot"
        return "is_stranger" if workspace and self.teams and workspace not in self.teams else ""


class Room(NamedTuple):
    """A channel that the bot can see, and whether it is in it."""

    slack_id: str
    member: bool


@dataclass(frozen=True)
class Lookup:
    """Waits when Slack says so. Raises `SlackApiError`, `aiohttp.ClientError` or `TimeoutError` without an answer."""

    api: WebApi

    async def user_by_email(self, email: str, workspace: str) -> str | None:
        """A person of the workspace whose address it is: no bot, and nobody who has only typed it."""
        found = await self._person("users.lookupByEmail", email=email)
        return found.slack_id if found and found.is_confirmed and not found.hindrance(workspace) else None

    async def user(self, slack_id: str) -> Profile | None:
        return await self._person("users.info", user=slack_id)

    async def account(self, slack_id: str, workspace: str) -> str:
        """Why an account takes nothing, in Slack's word; empty when it does."""
        found = await self.user(slack_id)
        return found.hindrance(workspace) if found else "user_not_found"

    async def doubts(self, slack_ids: Collection[str], workspace: str) -> dict[str, str]:
        """What is wrong with accounts that a plan names, in Slack's words; nothing of those that are right."""
        found = {}
        for slack_id in slack_ids:
            try:
                user = await self.user(slack_id)
                guest = "is_restricted" if user and user.is_guest else ""
                found[slack_id] = (user.hindrance(workspace) or guest) if user else "user_not_found"
            except (SlackApiError, aiohttp.ClientError, OSError) as error:
                log.warning("slack.account_not_read", account=slack_id, error=str(error))
        return {slack_id: doubt for slack_id, doubt in found.items() if doubt}

    async def channels(self, names: Collection[str]) -> dict[str, Room]:
        """The channels with these names (with or without `#`), as far as the bot can see them."""
        wanted = {name.removeprefix("#"): name for name in names}
        found: dict[str, Room] = {}
        kinds = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": PAGE}
        async for page in pages(self._ask, "conversations.list", **kinds):
            if not isinstance(page.get("channels"), list):
                raise OSError("conversations.list: an answer without channels, which is not Slack's")
            for channel in page["channels"]:
                if channel["name"] in wanted:
                    found[wanted[channel["name"]]] = Room(channel["id"], bool(channel.get("is_member")))
            if len(found) == len(wanted):
                break
        return found

    async def _person(self, method: str, **by: str) -> Profile | None:
        try:
            user = (await self._ask(method, **by)).get("user")
        except SlackApiError as error:
            if error.response.get("error") in UNKNOWN:
                return None
            raise
        if not isinstance(user, dict) or not user.get("id"):
            raise OSError(f"{method}: an answer without a user, which is not Slack's")
        teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
        return Profile(
            user["id"],
            bool(user.get("is_bot")),
            bool(user.get("is_email_confirmed", True)),
            bool(user.get("deleted")),
            bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            frozenset(filter(None, teams)),
        )

    async def _ask(self, method: str, **arguments: Any) -> AsyncSlackResponse:
        for _ in range(TRIES):
            try:
                return await self.api.call(method, arguments)
            except SlackApiError as error:
                if error.response.status_code != 429:  # noqa: PLR2004
                    raise
                await asyncio.sleep(min(refusals.wait(error.response.headers), LONGEST_PAUSE))
        return await self.api.call(method, arguments)
