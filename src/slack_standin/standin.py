"""A workspace of one's own, all parts put together: what people do and see in it, and what can be made to go wrong."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from slack_standin import payloads
from slack_standin.api import WebApi
from slack_standin.clock import AnyClock, GivenClock, SandboxClock
from slack_standin.courier import Courier
from slack_standin.disturbances import Disturbance, DisturbanceKind
from slack_standin.events import reaches
from slack_standin.faults import Fault, FaultKind, Faults
from slack_standin.feed import Feed
from slack_standin.limits import Meter, RateLimits
from slack_standin.record import Record
from slack_standin.replies import Replies
from slack_standin.snapshot import Snapshot, load, resume
from slack_standin.sockets import Sockets
from slack_standin.spec import WorkspaceSpec
from slack_standin.state import Json, Message
from slack_standin.suggestions import Suggested
from slack_standin.triggers import Triggers
from slack_standin.views import Views
from slack_standin.workspace import Workspace

T = TypeVar("T")
RETRIES = (0.0, 60.0, 300.0)


class StandIn(Suggested):
    """Everything but the serving of it."""

    def __init__(
        self,
        spec: WorkspaceSpec,
        clock: SandboxClock | Callable[[], datetime] | None = None,
        *,
        limits: RateLimits | None = None,
        state_file: Path | None = None,
        next_due: Callable[[], Awaitable[datetime | None]] | None = None,
        ack_within: float = 3.0,
        retries: tuple[float, ...] = RETRIES,
        trigger_lifetime: float = 3.0,
    ) -> None:
        """`clock` gives plan time (aware UTC). `ack_within`, `retries` and `trigger_lifetime` are real seconds.

        `next_due` tells the page when the app will do something next; `state_file` keeps the workspace.
        """
        self.spec = spec
        self.clock: AnyClock = _clock(clock)
        self.feed = Feed()
        self.record = Record(self.clock.now)
        kept = load(state_file)
        if kept is not None:
            resume(self.clock, kept)
        workspace = Workspace(spec, self.clock, kept)
        self.sockets = Sockets(spec.app_id)
        self.faults = Faults()
        self.meter = Meter(limits or RateLimits())
        self.next_due = next_due
        # What the gallery page shows: asked of the app's own side, or handed in.
        self.gallery: Callable[[], Awaitable[list[Json]]] | None = None
        self.screens: list[Json] = []
        courier = Courier(spec, self.sockets, self.record, ack_within, list(retries))
        views = Views(workspace)
        triggers = Triggers(trigger_lifetime)
        super().__init__(workspace, courier, Replies(workspace), triggers, views)
        tickets = self.sockets.tickets
        self.api = WebApi(workspace, views, triggers, tickets, self.uploads, self.meter, self.faults, self.record)
        self.snapshot = Snapshot(state_file, workspace.state, self.clock) if state_file else None
        self._listen()

    def _listen(self) -> None:
        self.record.watchers.append(self.feed.stir)
        self.sockets.watchers.append(self.feed.stir)
        self.sockets.troubles.append(lambda deed: self._made("sockets", deed))
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

    async def connected(self, within: float = 20.0) -> None:
        """Wait until the app has opened a socket."""
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
        return [one for one in self.workspace.messages(conversation.id).values() if one.only_for is None]

    def threads(self, channel: str, ts: str) -> list[Message]:
        """The replies to a message, oldest first."""
        return [one for one in self.messages(channel) if one.thread_ts == ts and one.ts != ts]

    def ephemerals(self, user: str, channel: str) -> list[Message]:
        """What only this person sees in a channel (or `dm`), oldest first."""
        person = self.workspace.user(user).id
        conversation = self.workspace.conversation(channel, person)
        return [one for one in self.workspace.messages(conversation.id).values() if one.only_for == person]

    def dm(self, user: str) -> list[Message]:
        """The DM between a person and the bot, oldest first."""
        key = self.workspace.dm_id(self.workspace.user(user).id)
        return [one for one in self.workspace.messages(key).values() if one.only_for is None]

    # What can go wrong

    def fault(
        self, method: str = "*", kind: FaultKind = "ratelimited", *, channel: str | None = None, **how: object
    ) -> Fault:
        """Make requests fail for `seconds` (plan time) or `times` (default 1).

        kind: ratelimited, broken (5xx), slow, lost (accepted, answer never comes), dropped (never accepted), error.
        `channel` is an id, `#name` or a user (their DM). Also: `retry_after`, `status`, `delay` (real s), `code`.
        """
        place = None if channel is None else self._place(channel)
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
        """Take the bot out of a channel."""
        self.remove(self.workspace.bot, channel)

    def add_bot(self, channel: str) -> None:
        """Bring the bot into a channel."""
        self._made("channel", "bot added", channel=channel)
        self.workspace.join(self.workspace.conversation(channel), self.workspace.bot)

    def remove(self, user: str, channel: str) -> None:
        """Take somebody out of a channel."""
        self._made("channel", "member removed", channel=channel, user=user)
        self.workspace.leave(self.workspace.conversation(channel), self.workspace.user(user).id)

    def deactivate(self, user: str) -> None:
        """Somebody leaves the workspace for good."""
        self._made("user", "deactivated", user=user)
        self.workspace.deactivate(self.workspace.user(user))

    def archive(self, channel: str, *, archived: bool = True) -> None:
        """Archive a channel, or open it again."""
        self._made("channel", "archived" if archived else "unarchived", channel=channel)
        self.workspace.archive(self.workspace.conversation(channel), archived=archived)

    def revoke(self, *, revoked: bool = True) -> None:
        """Make the app's tokens void, or valid again."""
        self._made("token", "revoked" if revoked else "restored")
        self.workspace.revoked = revoked
        if revoked:
            tokens = {"oauth": [], "bot": [self.workspace.bot]}
            self.workspace.happen({"type": "tokens_revoked", "tokens": tokens, "event_ts": self.workspace.next_ts()})

    def _made(self, what: str, kind: str, **where: str) -> None:
        """Put on the record what was made to go wrong."""
        self.record.add("fault", what, {"kind": kind, **where})


def _clock(given: SandboxClock | Callable[[], datetime] | None) -> AnyClock:
    if given is None or isinstance(given, SandboxClock):
        return given or SandboxClock()
    return GivenClock(given)
