"""The sandbox, put together: what people see in it, what can be made to go wrong, and the port it listens on."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from slack_standin import payloads
from slack_standin.clock import AnyClock, GivenClock, SandboxClock
from slack_standin.delivery import Courier, Disturbance, DisturbanceKind
from slack_standin.forms import Forms
from slack_standin.methods.canvases import of_channel
from slack_standin.methods.files import Uploads
from slack_standin.methods.views import Triggers
from slack_standin.payloads import reaches
from slack_standin.rate_limits_and_faults import Fault, FaultKind, Faults, Meter, RateLimits
from slack_standin.record import Feed, Record
from slack_standin.response_url import Replies
from slack_standin.server import Server, build
from slack_standin.socket_mode import Sockets
from slack_standin.state import Json, Message, Snapshot, resumed
from slack_standin.web_api import WebApi
from slack_standin.workspace import Workspace
from slack_standin.workspace_spec import WorkspaceSpec

T = TypeVar("T")
RETRIES = (0.0, 60.0, 300.0)


class Sandbox(Forms):
    """A stand-in for Slack. What people do is in the inherited methods; `asgi` is the web application."""

    def __init__(
        self, spec: WorkspaceSpec, clock: SandboxClock | Callable[[], datetime] | None = None, *,
        limits: RateLimits | None = None, state_file: Path | None = None,
        next_due: Callable[[], Awaitable[datetime | None]] | None = None, ack_within: float = 3.0,
        retries: tuple[float, ...] = RETRIES, trigger_lifetime: float = 3.0,
    ) -> None:  # fmt: skip
        """`clock` gives plan time (aware UTC). `ack_within`, `retries` and `trigger_lifetime` are real seconds.

        `next_due` tells the page when the app will do something next; `state_file` keeps the workspace.
        """
        self.spec = spec
        self.clock: AnyClock = GivenClock(clock) if callable(clock) else clock or SandboxClock()
        self.feed = Feed()
        self.record = Record(self.clock.now, self.feed.stir)
        workspace = Workspace(spec, self.clock, resumed(state_file, self.clock))
        self.sockets = Sockets(spec.app_id, self.feed.stir, lambda deed: self._made("sockets", deed))
        self.faults = Faults()
        self.meter = Meter(limits or RateLimits())
        self.next_due = next_due
        # What the gallery page shows: asked of the app's own side, or handed in.
        self.gallery: Callable[[], Awaitable[list[Json]]] | None = None
        self.screens: list[Json] = []
        # What the page offers to newcomers, and after each command: Slack knows neither, whoever serves the page may.
        self.tries: list[Json] = []
        self.hints: Callable[[str], Awaitable[dict[str, list[str]]]] | None = None
        courier = Courier(spec, self.sockets, self.record, ack_within, list(retries))
        super().__init__(workspace, courier, Replies(workspace, self.record), Triggers(trigger_lifetime))
        self.uploads = Uploads(workspace)
        self.api = WebApi(self)
        self.snapshot = Snapshot(state_file, workspace.state, self.clock) if state_file else None
        self.url = ""
        self.asgi = build(self)
        self._server: Server | None = None
        self._listen()

    def _listen(self) -> None:
        self.workspace.changed.append(self.feed.tell)
        self.workspace.happened.append(self._happened)
        if self.snapshot is not None:
            keep = self.snapshot
            self.workspace.changed.append(lambda _change: keep.soon())
        if isinstance(self.clock, SandboxClock):
            self.clock.watchers.append(lambda: self.workspace.announce("clock"))

    def _happened(self, event: Json) -> None:
        if reaches(self.workspace, event):
            self.courier.event(payloads.event(self.workspace, event))

    def share_sockets(self, other: "Sandbox") -> None:
        """Speak by the connections of another workspace: an app has its own, wherever it is installed."""
        self.sockets = self.courier.sockets = other.sockets

    async def connected(self, within: float = 20.0) -> None:
        await self.feed.until(lambda: self.sockets.connections, within)

    async def until(self, condition: Callable[[], T], within: float = 20.0) -> T:
        """Wait until a condition over what people see, or over the record, holds; returns its value.

        Looked at after each change. TimeoutError after `within` real seconds.
        """
        return await self.feed.until(condition, within)

    # What people see

    def messages(self, channel: str) -> list[Message]:
        """What everybody in a channel sees, threads included, oldest first."""
        conversation = self.workspace.conversation(channel)
        return [message for message in self.workspace.messages(conversation.id).values() if message.only_for is None]

    def threads(self, channel: str, ts: str) -> list[Message]:
        """The replies to a message, oldest first."""
        return [message for message in self.messages(channel) if message.thread_ts == ts and message.ts != ts]

    def ephemerals(self, user: str, channel: str) -> list[Message]:
        """What only this person sees in a channel (or `dm`), oldest first."""
        person = self.workspace.user(user).id
        conversation = self.workspace.conversation(channel, person)
        return [message for message in self.workspace.messages(conversation.id).values() if message.only_for == person]

    def canvas(self, channel: str) -> str:
        """The document of a channel, as Markdown; empty where there is none."""
        found = of_channel(self.workspace, self.workspace.conversation(channel).id)
        return found.content.decode() if found else ""

    def dm(self, user: str) -> list[Message]:
        """The DM between a person and the bot, oldest first."""
        key = self.workspace.dm_id(self.workspace.user(user).id)
        return [message for message in self.workspace.messages(key).values() if message.only_for is None]

    # What can go wrong

    def fault(
        self, method: str = "*", kind: FaultKind = "ratelimited", *, channel: str | None = None, **how: object
    ) -> Fault:
        """Make requests fail for `seconds` (plan time) or `times` (default 1).

        kind: ratelimited, broken (5xx), slow, lost (accepted, answer never comes), dropped (never accepted), error,
        foreign (not Slack's answer). `channel` is an id, `#name` or a user (their DM). Also: `retry_after`, `status`,
        `delay` (real s), `code`, `share` (of the requests), `body`, `content_type`, `headers`, `carried`.
        """
        place = channel and self._place(channel)
        seconds = how.pop("seconds", None)
        if seconds is not None and not isinstance(seconds, int | float):
            raise TypeError("seconds is a number")
        return self.faults.add(kind, self.clock.now(), method=method, channel=place, seconds=seconds, **how)

    def _place(self, name: str) -> str:
        user = self.workspace.state.users.get(name) or self.workspace.by_handle(name.removeprefix("@"))
        return self.workspace.dm_id(user.id) if user else self.workspace.conversation(name).id

    def use_limits(self, limits: RateLimits) -> None:
        """Other rate limits from now on; `RateLimits.off()` for none."""
        self.meter.use(limits)

    def disturb(self, kind: DisturbanceKind, times: int = 1, only: str | None = None) -> Disturbance:
        """Disturb the next deliveries: duplicated (sent twice at once), dropped, reordered (events only).

        `only` is events_api, slash_commands or interactive; else whatever comes next.
        """
        return self.courier.disturbances.add(kind, times, only)

    def remove_bot(self, channel: str) -> None:
        self.remove(self.workspace.bot, channel)

    def add_bot(self, channel: str) -> None:
        self._made("channel", "bot added", channel=channel)
        self.workspace.join(self.workspace.conversation(channel), self.workspace.bot)

    def remove(self, user: str, channel: str) -> None:
        self._made("channel", "member removed", channel=channel, user=user)
        self.workspace.leave(self.workspace.conversation(channel), self.workspace.user(user).id)

    def deactivate(self, user: str) -> None:
        self._made("user", "deactivated", user=user)
        self.workspace.deactivate(self.workspace.user(user))

    def reactivate(self, user: str) -> None:
        self._made("user", "reactivated", user=user)
        self.workspace.reactivate(self.workspace.user(user))

    def recreate(self, channel: str) -> None:
        """Delete a channel and make another of its name: it has another id."""
        self._made("channel", "recreated", channel=channel)
        self.workspace.recreate(self.workspace.conversation(channel))

    def share(self, channel: str) -> None:
        """Share a private channel with another workspace: it has another id from then on."""
        self._made("channel", "shared", channel=channel)
        self.workspace.share(self.workspace.conversation(channel))

    def delete(self, channel: str) -> None:
        self._made("channel", "deleted", channel=channel)
        self.workspace.delete_channel(self.workspace.conversation(channel))

    def archive(self, channel: str, *, archived: bool = True) -> None:
        self._made("channel", "archived" if archived else "unarchived", channel=channel)
        self.workspace.archive(self.workspace.conversation(channel), archived=archived)

    def revoke(self, *, revoked: bool = True) -> None:
        """Make the app's tokens void, or valid again."""
        self._made("token", "revoked" if revoked else "restored")
        self.workspace.revoked = revoked
        if revoked:
            tokens = {"oauth": [], "bot": [self.workspace.bot]}
            self.workspace.happen({"type": "tokens_revoked", "tokens": tokens, "event_ts": self.workspace.next_ts()})

    def uninstall(self) -> None:
        """Take the app away: it is told, and its token is void."""
        ts = self.workspace.next_ts()
        self.revoke()
        self.workspace.happen({"type": "app_uninstalled", "event_ts": ts})

    def _made(self, what: str, kind: str, **where: str) -> None:
        """Put on the record what was made to go wrong."""
        self.record.add("fault", what, {"kind": kind, **where})

    # Serving

    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; port 0 takes a free one. Returns the address, also at `url`."""
        self._server = Server(self.asgi)
        self.url = await self._server.start(host, port)
        self.replies.base_url = self.url
        return self.url

    @property
    def api_url(self) -> str:
        """What `SLACK_API_URL` is to be."""
        return f"{self.url}/api/"

    async def close(self) -> None:
        """Stop listening, give up deliveries, write the snapshot."""
        self.feed.close()
        await self.sockets.close()
        if self._server is not None:
            await self._server.stop()
            self._server = None
        await self.courier.close()
        if self.snapshot is not None:
            self.snapshot.write()

    async def __aenter__(self) -> Self:
        await self.serve()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def start(
    spec: WorkspaceSpec, host: str = "127.0.0.1", port: int = 0, state_file: Path | None = None, *,
    fresh: bool = False, clock: SandboxClock | None = None,
    next_due: Callable[[], Awaitable[datetime | None]] | None = None,
) -> Sandbox:  # fmt: skip
    """A sandbox that listens. `fresh` forgets what `state_file` keeps; the caller closes it."""
    if fresh and state_file is not None:
        state_file.unlink(missing_ok=True)  # noqa: ASYNC240 - nothing else runs yet
    sandbox = Sandbox(spec, clock, state_file=state_file, next_due=next_due)
    await sandbox.serve(host, port)
    return sandbox
